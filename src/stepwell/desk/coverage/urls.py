from django.urls import path

from stepwell.desk.coverage import good_faith, views

urlpatterns = [
    path("patients/<slug:code>/coverage/", views.coverage, name="coverage"),
    path("patients/<slug:code>/coverage/policy/", views.new_policy, name="new_policy"),
    path(
        "patients/<slug:code>/coverage/policy/<int:policy_id>/benefits/",
        views.new_benefits,
        name="new_benefits",
    ),
    path("patients/<slug:code>/coverage/estimate/", views.new_estimate, name="new_estimate"),
    path("patients/<slug:code>/coverage/estimate/<int:estimate_id>/", views.estimate, name="estimate"),
    path("patients/<slug:code>/coverage/good-faith/", good_faith.estimate_asked, name="estimate_asked"),
    path(
        "inquiries/<slug:code>/good-faith/",
        good_faith.inquiry_estimate_asked,
        name="inquiry_estimate_asked",
    ),
    path("good-faith/", good_faith.good_faith, name="good_faith"),
    path("good-faith/asked/<int:asked_id>/", good_faith.give_good_faith, name="give_good_faith"),
    path(
        "good-faith/asked/<int:asked_id>/not-needed/",
        good_faith.good_faith_not_needed,
        name="good_faith_not_needed",
    ),
    path("good-faith/<int:estimate_id>/", good_faith.good_faith_sheet, name="good_faith_sheet"),
    path("good-faith/program/", good_faith.provider_identity, name="provider_identity"),
    path("rates/", views.rates, name="rates"),
    path("payers/new/", views.new_payer, name="new_payer"),
]
