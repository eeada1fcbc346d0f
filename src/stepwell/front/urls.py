"""Addresses of the public's pages: short, and neutral in a browser's history."""

from django.urls import path

from stepwell.front import views

app_name = "front"

urlpatterns = [
    path("", views.home, name="home"),
    path("about/", views.fit, name="fit"),
    path("ask/", views.ask, name="ask"),
    path("ask/sent/", views.sent, name="sent"),
]
