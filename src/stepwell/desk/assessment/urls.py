"""Addresses of the Assessments tab."""

from __future__ import annotations

from django.urls import path

from stepwell.desk.assessment import alerts, views

_CHART = "patients/<slug:code>/assessment/"

urlpatterns = [
    path("alerts/", alerts.open_alerts_page, name="alerts"),
    path(_CHART, views.assessment, name="assessment"),
    path(_CHART + "instruments/<slug:slug>/", views.fill_instrument, name="fill_instrument"),
    path(_CHART + "screenings/<int:number>/", views.screening, name="screening"),
    path(_CHART + "alerts/<int:number>/", views.acknowledge_alert, name="acknowledge_alert"),
    path(_CHART + "interview/", views.interview, name="interview"),
    path(_CHART + "ratings/", views.ratings, name="ratings"),
    path(_CHART + "diagnoses/", views.diagnoses, name="diagnoses"),
    path(_CHART + "diagnoses/<int:number>/end/", views.end_diagnosis, name="end_diagnosis"),
]
