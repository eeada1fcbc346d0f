from django.urls import path

from stepwell.desk.inquiry import steps, views

urlpatterns = [
    path("inquiries/", views.inquiries, name="inquiries"),
    path("inquiries/new/", views.new_inquiry, name="new_inquiry"),
    path("inquiries/<slug:code>/", views.inquiry, name="inquiry"),
    path("inquiries/<slug:code>/answer/", steps.inquiry_answer, name="inquiry_answer"),
    path("inquiries/<slug:code>/attempt/", steps.inquiry_attempt, name="inquiry_attempt"),
    path("inquiries/<slug:code>/referral/", steps.inquiry_referral, name="inquiry_referral"),
    path("inquiries/<slug:code>/intake/", steps.inquiry_intake, name="inquiry_intake"),
    path(
        "inquiries/<slug:code>/intake/cancellation/", steps.inquiry_cancellation, name="inquiry_cancellation"
    ),
    path("inquiries/<slug:code>/intake/arrival/", steps.inquiry_arrival, name="inquiry_arrival"),
    path("inquiries/<slug:code>/patient/", steps.inquiry_patient, name="inquiry_patient"),
    path("inquiries/<slug:code>/closing/", steps.inquiry_closing, name="inquiry_closing"),
    path("inquiries/<slug:code>/reopening/", steps.inquiry_reopening, name="inquiry_reopening"),
]
