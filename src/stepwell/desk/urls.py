"""Addresses of the staff's pages; each step keeps its own list."""

from __future__ import annotations

from django.urls import include, path

app_name = "desk"

urlpatterns = [
    path("", include("stepwell.desk.people.urls")),
    path("", include("stepwell.desk.consent.urls")),
    path("", include("stepwell.desk.coverage.urls")),
    path("", include("stepwell.desk.inquiry.handoff_urls")),
]
