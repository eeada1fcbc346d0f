"""Addresses of the staff's pages; each step keeps its own list."""

from __future__ import annotations

from django.urls import include, path

app_name = "desk"

urlpatterns = [
    path("", include("stepwell.desk.people.urls")),
    path("", include("stepwell.desk.consent.urls")),
    path("", include("stepwell.desk.coverage.urls")),
    path("", include("stepwell.desk.coverage.eligibility_urls")),
    path("", include("stepwell.desk.coverage.assistance.urls")),
    path("", include("stepwell.desk.inquiry.urls")),
    path("", include("stepwell.desk.inquiry.handoff_urls")),
    path("", include("stepwell.desk.medication.urls")),
    path("", include("stepwell.desk.drug_tests.urls")),
    path("", include("stepwell.desk.recovery.urls")),
    path("", include("stepwell.desk.authorization.urls")),
    path("", include("stepwell.desk.assessment.urls")),
    path("", include("stepwell.desk.placement.urls")),
    path("", include("stepwell.desk.plan.urls")),
    path("", include("stepwell.desk.aftercare.urls")),
    path("", include("stepwell.desk.timetable.urls")),
    path("", include("stepwell.desk.sessions.urls")),
    path("", include("stepwell.desk.arrivals.urls")),
    path("", include("stepwell.desk.video.urls")),
    path("", include("stepwell.desk.hours.urls")),
    path("", include("stepwell.desk.billing.urls")),
    path("", include("stepwell.desk.outcomes.urls")),
]
