from django.urls import path

from stepwell.desk.aftercare import views

_TAB = "patients/<slug:code>/aftercare/"

urlpatterns = [
    path("aftercare/", views.aftercare, name="aftercare"),
    path("aftercare/calls/<int:number>/", views.follow_up, name="follow_up"),
    path("aftercare/calls/<int:number>/attempts/", views.log_attempt, name="log_attempt"),
    path(_TAB, views.chart_aftercare, name="chart_aftercare"),
    path(f"{_TAB}<int:episode_id>/summary/", views.discharge_summary, name="discharge_summary"),
    path(f"{_TAB}<int:episode_id>/plan/", views.continuing_care, name="continuing_care"),
    path(f"{_TAB}<int:episode_id>/print/", views.aftercare_print, name="aftercare_print"),
]
