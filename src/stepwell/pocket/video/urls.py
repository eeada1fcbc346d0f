from django.urls import path

from stepwell.pocket.video import pages

urlpatterns = [
    path("my/sessions/<int:seat_id>/video/", pages.video, name="video"),
    path("family/<int:member_id>/video/<int:session_id>/", pages.family_video, name="family_video"),
]
