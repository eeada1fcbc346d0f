"""The gallery's address."""

from django.urls import path

from stepwell.ui import views

app_name = "ui"
urlpatterns = [
    path("", views.gallery, name="gallery"),
    path("<slug:part>/", views.gallery_page, name="gallery-page"),
]
