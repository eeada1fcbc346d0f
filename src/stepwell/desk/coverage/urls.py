from django.urls import path

from stepwell.desk.coverage import views

urlpatterns = [
    path("patients/<slug:code>/coverage/", views.coverage, name="coverage"),
    path("patients/<slug:code>/coverage/policy/", views.new_policy, name="new_policy"),
    path(
        "patients/<slug:code>/coverage/policy/<int:policy_id>/benefits/",
        views.new_benefits,
        name="new_benefits",
    ),
    path("patients/<slug:code>/coverage/sliding-fee/", views.sliding_fee, name="sliding_fee"),
    path("patients/<slug:code>/coverage/estimate/", views.new_estimate, name="new_estimate"),
    path("patients/<slug:code>/coverage/estimate/<int:estimate_id>/", views.estimate, name="estimate"),
    path("rates/", views.rates, name="rates"),
    path("payers/new/", views.new_payer, name="new_payer"),
]
