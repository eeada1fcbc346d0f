"""Addresses of the Assessments tab."""

from __future__ import annotations

from django.urls import path

from stepwell.desk.assessment import alerts, diagnoses, due, interview, ratings, tablet, trends, views

_CHART = "patients/<slug:code>/assessment/"

urlpatterns = [
    path("alerts/", alerts.open_alerts_page, name="alerts"),
    path("questionnaires/", due.due_questionnaires, name="due_questionnaires"),
    path("tablet/", tablet.tablet, name="tablet"),
    path("tablet/end/", tablet.tablet_end, name="tablet_end"),
    path(_CHART, views.assessment, name="assessment"),
    path(_CHART + "tablet/", tablet.hand_over, name="hand_over_tablet"),
    path(_CHART + "trends/<slug:slug>/", trends.trend, name="trend"),
    path(_CHART + "screenings/<int:number>/correction/", views.correction, name="correct_screening"),
    path(_CHART + "instruments/<slug:slug>/", views.fill_instrument, name="fill_instrument"),
    path(_CHART + "screenings/<int:number>/", views.screening, name="screening"),
    path(_CHART + "alerts/<int:number>/", views.acknowledge_alert, name="acknowledge_alert"),
    path(_CHART + "interview/", interview.interview, name="interview"),
    path(_CHART + "interview/summary/", interview.interview_summary, name="interview_summary"),
    path(_CHART + "interview/signature/", interview.interview_signature, name="interview_signature"),
    path(_CHART + "interview/change/", interview.interview_change, name="interview_change"),
    path(_CHART + "interview/versions/<int:number>/", interview.interview_version, name="interview_version"),
    path(_CHART + "ratings/", ratings.ratings, name="ratings"),
    path(_CHART + "ratings/fourth/", ratings.ratings_fourth, name="ratings_fourth"),
    path(_CHART + "diagnoses/", diagnoses.diagnoses, name="diagnoses"),
    path(_CHART + "diagnoses/counted/", diagnoses.use_disorder, name="use_disorder"),
    path(_CHART + "diagnoses/<int:number>/primary/", diagnoses.primary_diagnosis, name="primary_diagnosis"),
    path(_CHART + "diagnoses/<int:number>/end/", diagnoses.end_diagnosis, name="end_diagnosis"),
]
