from django.urls import path

from stepwell.desk.coverage import eligibility, eligibility_inquiry, eligibility_work

urlpatterns = [
    path("eligibility/", eligibility_work.eligibility, name="eligibility"),
    path("eligibility/rule/", eligibility_work.verification_rule, name="verification_rule"),
    path(
        "eligibility/answers/<int:answer_id>/", eligibility_work.eligibility_answer, name="eligibility_answer"
    ),
    path(
        "eligibility/answers/<int:answer_id>/questions/<int:question_id>/",
        eligibility_work.eligibility_match,
        name="eligibility_match",
    ),
    path(
        "eligibility/answers/<int:answer_id>/file/",
        eligibility_work.eligibility_file,
        name="eligibility_file",
    ),
    path(
        "eligibility/answers/<int:answer_id>/aside/",
        eligibility_work.eligibility_aside,
        name="eligibility_aside",
    ),
    path("payers/<int:payer_id>/", eligibility_work.payer_number, name="payer_number"),
    path(
        "patients/<slug:code>/coverage/policy/<int:policy_id>/eligibility/",
        eligibility.ask_eligibility,
        name="ask_eligibility",
    ),
    path(
        "patients/<slug:code>/coverage/policy/<int:policy_id>/take-over/",
        eligibility.adopt_answer,
        name="adopt_answer",
    ),
    path(
        "patients/<slug:code>/coverage/questions/<int:question_id>/",
        eligibility.eligibility_question,
        name="eligibility_question",
    ),
    path(
        "patients/<slug:code>/coverage/questions/<int:question_id>/news/",
        eligibility.eligibility_news,
        name="eligibility_news",
    ),
    path(
        "inquiries/<slug:code>/eligibility/",
        eligibility_inquiry.inquiry_eligibility,
        name="inquiry_eligibility",
    ),
    path(
        "inquiries/<slug:code>/eligibility/<int:question_id>/",
        eligibility_inquiry.inquiry_question,
        name="inquiry_question",
    ),
    path(
        "inquiries/<slug:code>/eligibility/<int:question_id>/news/",
        eligibility_inquiry.inquiry_question_news,
        name="inquiry_question_news",
    ),
]
