"""Addresses of the Plan tab, and of the plan on a device that was handed over."""

from __future__ import annotations

from django.urls import path

from stepwell.desk.plan import device, drafting, library, ordering, pdf, reviewing, signing, views

_CHART = "patients/<slug:code>/plan/"
_VERSION = _CHART + "versions/<int:number>/"
_DRAFT = _CHART + "draft/"

urlpatterns = [
    path(_CHART, views.plan, name="plan"),
    path(_CHART + "print/", views.plan_sheet, name="plan_sheet"),
    path(_CHART + "objectives/<int:number>/", views.plan_thread, name="plan_thread"),
    path(_VERSION, views.plan_version, name="plan_version"),
    path(_VERSION + "plan.pdf", pdf.plan_pdf, name="plan_pdf"),
    path(_VERSION + "changes/", views.plan_changes, name="plan_changes"),
    path(_VERSION + "changes/print/", views.plan_changes_sheet, name="plan_changes_sheet"),
    path(_VERSION + "co-signature/", signing.plan_cosignature, name="plan_cosignature"),
    path(_CHART + "signature/", signing.plan_signature, name="plan_signature"),
    path(_CHART + "patient-signature/", signing.plan_patient_signature, name="plan_patient_signature"),
    path(_CHART + "hand-over/", signing.plan_hand_over, name="plan_hand_over"),
    path("plan-in-hand/", device.hand_over, name="plan_in_hand"),
    path(_CHART + "review/", reviewing.plan_review, name="plan_review"),
    path(_CHART + "order/", ordering.plan_order, name="plan_order"),
    path(_CHART + "care-team/", ordering.care_team, name="care_team"),
    path(_CHART + "care-team/<int:number>/end/", ordering.end_in_care_team, name="end_in_care_team"),
    path(_DRAFT, drafting.plan_draft, name="plan_draft"),
    path(_DRAFT + "strengths/", drafting.plan_strengths, name="plan_strengths"),
    path(_DRAFT + "library/", library.plan_library, name="plan_library"),
    path(_DRAFT + "library/in/<int:inside>/", library.insert_objective, name="insert_objective"),
    path(_DRAFT + "diagnoses/<int:number>/", library.plan_deferral, name="plan_deferral"),
    path(_DRAFT + "diagnoses/<int:number>/end/", library.end_deferral, name="end_deferral"),
    path(_DRAFT + "problems/new/", drafting.new_problem, name="new_problem"),
    path(_DRAFT + "<slug:kind>/in/<int:inside>/", drafting.new_part, name="new_part"),
    path(_DRAFT + "<slug:kind>/<int:number>/", drafting.plan_part, name="plan_part"),
    path(_DRAFT + "<slug:kind>/<int:number>/remove/", drafting.remove_part, name="remove_part"),
]
