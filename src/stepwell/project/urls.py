"""Every address of Stepwell. The access matrix in tests/access fails on a route that it does not know."""

from __future__ import annotations

from django.urls import include, path

from stepwell.project import health

handler400 = "stepwell.project.errors.bad_request"
handler403 = "stepwell.project.errors.forbidden"
handler404 = "stepwell.project.errors.not_found"
handler500 = "stepwell.project.errors.broken"

urlpatterns = [
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("accounts/", include("allauth.urls")),
    path("", include("stepwell.pocket.urls")),
    path("", include("stepwell.front.urls")),
    path("", include("stepwell.desk.urls")),
    path("gallery/", include("stepwell.ui.urls")),
]
