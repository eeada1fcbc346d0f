from django.urls import path

from stepwell.desk.video import pages

urlpatterns = [
    path("sessions/<int:session_id>/video/", pages.video, name="video"),
    path("sessions/<int:session_id>/video/second/", pages.video_second, name="video_second"),
    path("sessions/<int:session_id>/video/attendance/", pages.video_attendance, name="video_attendance"),
]
