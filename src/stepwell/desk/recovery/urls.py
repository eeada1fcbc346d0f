from django.urls import path

from stepwell.desk.recovery import views

_CHART = "patients/<slug:code>/recovery/"

urlpatterns = [
    path(_CHART, views.recovery, name="recovery"),
    path(f"{_CHART}plans/<slug:kind>/", views.plan_text, name="recovery_plan"),
    path(f"{_CHART}homework/new/", views.new_homework, name="new_homework"),
    path(f"{_CHART}homework/<int:homework_id>/review/", views.homework_review, name="homework_review"),
]
