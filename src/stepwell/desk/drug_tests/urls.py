from django.urls import path

from stepwell.desk.drug_tests import views

_CHART = "patients/<slug:code>/tests/"

urlpatterns = [
    path("drug-tests/", views.drug_tests, name="drug_tests"),
    path("drug-tests/random/", views.random_tests, name="random_tests"),
    path(_CHART, views.chart_tests, name="chart_tests"),
    path(f"{_CHART}new/", views.new_test, name="new_test"),
    path(f"{_CHART}<int:test_id>/collection/", views.collection, name="test_collection"),
    path(f"{_CHART}<int:test_id>/result/", views.result, name="test_result"),
    path(f"{_CHART}results/<int:result_id>/review/", views.review, name="test_review"),
]
