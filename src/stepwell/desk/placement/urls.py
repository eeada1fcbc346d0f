"""Addresses of the Level of care tab."""

from __future__ import annotations

from django.urls import path

from stepwell.desk.placement import handing_over, moving, outside, reviewing, views

_CHART = "patients/<slug:code>/placement/"

urlpatterns = [
    path("level-reviews/", reviewing.level_reviews, name="level_reviews"),
    path(_CHART + "review/", reviewing.level_review, name="level_review"),
    path(_CHART + "hand-over/", handing_over.hand_over, name="make_packet"),
    path(_CHART + "hand-over/<int:number>/", handing_over.packet, name="packet"),
    path(_CHART + "hand-over/<int:number>/pdf/", handing_over.packet_pdf, name="packet_pdf"),
    path(_CHART + "hand-over/<int:number>/bundle/", handing_over.packet_bundle, name="packet_bundle"),
    path(_CHART + "outside/", outside.outside_placement, name="outside_placement"),
    path(_CHART + "outside/<int:number>/strike/", outside.outside_strike, name="outside_strike"),
    path(_CHART, views.placement, name="placement"),
    path(_CHART + "recommendation/", views.recommendation, name="recommendation"),
    path(_CHART + "admission/", views.admission, name="admission"),
    path(_CHART + "step-up/", moving.step_up, name="step_up"),
    path(_CHART + "step-down/", moving.step_down, name="step_down"),
    path(_CHART + "transfer/", views.transfer, name="transfer"),
    path(_CHART + "discharge/", views.discharge, name="discharge"),
]
