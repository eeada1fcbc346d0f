"""Addresses of the public's pages: short, and neutral in a browser's history. Each in both languages."""

from django.urls import include, path

from stepwell.front import screen, views
from stepwell.front.languages import public_path

app_name = "front"

PAGES = [
    public_path("", views.home, "home"),
    public_path("about/", views.about, "about"),
    public_path("questions/", screen.screen, "fit"),
    public_path("ask/", views.ask, "ask"),
    public_path("ask/sent/", views.sent, "sent"),
]

urlpatterns = [*PAGES, path("es/", include((PAGES, "es")))]
