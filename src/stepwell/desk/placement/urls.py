"""Addresses of the Level of care tab."""

from __future__ import annotations

from django.urls import path

from stepwell.desk.placement import views

_CHART = "patients/<slug:code>/placement/"

urlpatterns = [
    path(_CHART, views.placement, name="placement"),
    path(_CHART + "recommendation/", views.recommendation, name="recommendation"),
    path(_CHART + "admission/", views.admission, name="admission"),
    path(_CHART + "step-up/", views.step_up, name="step_up"),
    path(_CHART + "step-down/", views.step_down, name="step_down"),
    path(_CHART + "transfer/", views.transfer, name="transfer"),
    path(_CHART + "discharge/", views.discharge, name="discharge"),
]
