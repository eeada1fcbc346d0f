from django.urls import path

from stepwell.desk.drug_tests import draws, laboratory, rewards, specimens, views

_CHART = "patients/<slug:code>/tests/"
_TEST = f"{_CHART}<int:test_id>/"

urlpatterns = [
    path("drug-tests/", views.drug_tests, name="drug_tests"),
    path("drug-tests/random/", draws.random_tests, name="random_tests"),
    path("drug-tests/random/seed/", draws.seal, name="seal_seed"),
    path("drug-tests/draws/", draws.draws, name="draws"),
    path("drug-tests/draws/<int:draw_id>/", draws.draw, name="draw"),
    path("drug-tests/draws/<int:draw_id>/paper/", draws.paper, name="draw_paper"),
    path("drug-tests/laboratory/", laboratory.waiting, name="lab_waiting"),
    path("drug-tests/laboratory/<int:report_id>/", laboratory.report, name="lab_report"),
    path("drug-tests/laboratory/<int:report_id>/message/", laboratory.message, name="lab_message"),
    path("drug-tests/laboratory/<int:report_id>/patient/", laboratory.to_patient, name="lab_to_patient"),
    path("drug-tests/laboratory/<int:report_id>/aside/", laboratory.aside, name="lab_aside"),
    path("drug-tests/laboratory/<int:report_id>/out/", laboratory.out, name="lab_out"),
    path(_CHART, views.chart_tests, name="chart_tests"),
    path(f"{_CHART}print/", views.chart_tests_print, name="chart_tests_print"),
    path(f"{_CHART}rewards/", rewards.chart_rewards, name="chart_rewards"),
    path(f"{_CHART}rewards/new/", rewards.rewards_begin, name="rewards_begin"),
    path(f"{_CHART}rewards/<int:plan_id>/end/", rewards.rewards_end, name="rewards_end"),
    path(f"{_CHART}rewards/<int:plan_id>/hand/", rewards.hand, name="reward_hand"),
    path(f"{_CHART}rewards/<int:plan_id>/tests/<int:test_id>/", rewards.reward, name="reward_test"),
    path(f"{_CHART}rewards/receipts/<int:number>/", rewards.receipt, name="reward_receipt"),
    path(f"{_CHART}new/", views.new_test, name="new_test"),
    path(f"{_TEST}collection/", specimens.collection, name="test_collection"),
    path(f"{_TEST}custody/", specimens.custody, name="test_custody"),
    path(f"{_TEST}notice/", specimens.notice, name="test_notice"),
    path(f"{_TEST}excuse/", specimens.excuse, name="test_excuse"),
    path(f"{_TEST}result/", views.result, name="test_result"),
    path(f"{_CHART}results/<int:result_id>/review/", views.review, name="test_review"),
]
