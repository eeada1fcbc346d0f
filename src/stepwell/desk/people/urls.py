from django.urls import path

from stepwell.desk.chart import views as chart
from stepwell.desk.people import views

urlpatterns = [
    path("patients/", views.patients, name="patients"),
    path("patients/new/", views.new_patient, name="new_patient"),
    path("patients/<slug:code>/", chart.overview, name="chart"),
    path("patients/<slug:code>/seen/", chart.who_saw, name="who_saw"),
]
