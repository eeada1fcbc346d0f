"""Addresses of the Plan tab."""

from __future__ import annotations

from django.urls import path

from stepwell.desk.plan import drafting, views

_CHART = "patients/<slug:code>/plan/"

urlpatterns = [
    path(_CHART, views.plan, name="plan"),
    path(_CHART + "print/", views.plan_sheet, name="plan_sheet"),
    path(_CHART + "versions/<int:number>/", views.plan_version, name="plan_version"),
    path(_CHART + "versions/<int:number>/co-signature/", views.plan_cosignature, name="plan_cosignature"),
    path(_CHART + "signature/", views.plan_signature, name="plan_signature"),
    path(_CHART + "patient-signature/", views.plan_patient_signature, name="plan_patient_signature"),
    path(_CHART + "review/", views.plan_review, name="plan_review"),
    path(_CHART + "order/", views.plan_order, name="plan_order"),
    path(_CHART + "care-team/", views.care_team, name="care_team"),
    path(_CHART + "care-team/<int:number>/end/", views.end_in_care_team, name="end_in_care_team"),
    path(_CHART + "draft/", drafting.plan_draft, name="plan_draft"),
    path(_CHART + "draft/strengths/", drafting.plan_strengths, name="plan_strengths"),
    path(_CHART + "draft/problems/new/", drafting.new_problem, name="new_problem"),
    path(_CHART + "draft/<slug:kind>/in/<int:inside>/", drafting.new_part, name="new_part"),
    path(_CHART + "draft/<slug:kind>/<int:number>/", drafting.plan_part, name="plan_part"),
    path(_CHART + "draft/<slug:kind>/<int:number>/remove/", drafting.remove_part, name="remove_part"),
]
