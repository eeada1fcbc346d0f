from django.urls import path

from stepwell.desk.coverage.assistance import fees, funds, plans, views

_OF = "patients/<slug:code>/assistance/"

urlpatterns = [
    path("patients/<slug:code>/coverage/sliding-fee/", fees.sliding_fee, name="sliding_fee"),
    path(_OF, views.assistance_of, name="assistance_of"),
    path(f"{_OF}fee/<int:application_id>/", fees.fee_application, name="fee_application"),
    path(f"{_OF}fee/<int:application_id>/proof/", fees.fee_proof, name="fee_proof"),
    path(f"{_OF}request/", funds.fund_request, name="fund_request"),
    path(f"{_OF}request/<int:request_id>/", funds.decide_request, name="decide_request"),
    path(f"{_OF}award/<int:award_id>/", funds.award, name="award"),
    path(f"{_OF}award/<int:award_id>/release/", funds.release_award, name="release_award"),
    path(f"{_OF}eap/", views.eap_referral, name="eap_referral"),
    path(f"{_OF}plan/", plans.agree_on_plan, name="agree_on_plan"),
    path(f"{_OF}plan/<int:agreement_id>/", plans.payment_agreement, name="payment_agreement"),
    path(f"{_OF}plan/<int:agreement_id>/review/", plans.review_agreement, name="review_agreement"),
    path("assistance/", views.assistance, name="assistance"),
    path("assistance/remind/<int:instalment_id>/", views.remind_instalment, name="remind_instalment"),
    path("assistance/funds/", funds.funds, name="funds"),
    path("assistance/funds/<int:fund_id>/", funds.fund, name="fund"),
    path("assistance/funds/<int:fund_id>/close/", funds.close_fund, name="close_fund"),
    path("assistance/lenders/", funds.lenders, name="lenders"),
    path("assistance/lenders/<int:lender_id>/end/", funds.end_lender, name="end_lender"),
]
