from django.urls import path

from bench.floor import views

urlpatterns = [
    path("empty/", views.empty),
    path("five/<str:code>/", views.five_queries),
    path("twelve/<int:occurrence_id>/", views.twelve_notes),
    path("one-row/<int:seat_id>/", views.one_row),
]
