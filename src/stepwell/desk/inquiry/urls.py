from django.urls import path

from stepwell.desk.inquiry import papers, reporting, steps, views

urlpatterns = [
    path("inquiries/", views.inquiries, name="inquiries"),
    path("inquiries/new/", views.new_inquiry, name="new_inquiry"),
    path("inquiries/report/", reporting.inquiry_report, name="inquiry_report"),
    path("inquiries/answer-times/", reporting.answer_times, name="answer_times"),
    path("inquiries/<slug:code>/", views.inquiry, name="inquiry"),
    path("inquiries/<slug:code>/danger/", steps.inquiry_danger, name="inquiry_danger"),
    path("inquiries/<slug:code>/price/", steps.inquiry_price, name="inquiry_price"),
    path("inquiries/<slug:code>/follow-ups/<int:number>/", steps.inquiry_follow_up, name="inquiry_follow_up"),
    path("inquiries/<slug:code>/papers/", papers.new_papers, name="new_papers"),
    path("inquiries/<slug:code>/papers/<int:number>/", papers.papers, name="papers"),
    path("inquiries/<slug:code>/papers/<int:number>/sent/", papers.papers_sent, name="papers_sent"),
    path(
        "inquiries/<slug:code>/papers/<int:number>/acceptance/",
        papers.papers_acceptance,
        name="papers_acceptance",
    ),
    path("inquiries/<slug:code>/papers/<int:number>/end/", papers.papers_end, name="papers_end"),
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
