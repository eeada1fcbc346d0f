from django.urls import path

from stepwell.desk.outcomes import views

urlpatterns = [
    path("outcomes/", views.outcomes, name="outcomes"),
    path("outcomes/<slug:measure>/", views.names, name="outcomes_names"),
]
