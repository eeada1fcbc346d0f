from django.urls import path

from stepwell.desk.medication import views

_CHART = "patients/<slug:code>/medication/"

urlpatterns = [
    path("medication/", views.the_round, name="medication"),
    path(_CHART, views.chart_medication, name="chart_medication"),
    path(f"{_CHART}orders/new/", views.new_order, name="new_order"),
    path(f"{_CHART}orders/<int:order_id>/stop/", views.order_stop, name="order_stop"),
    path(f"{_CHART}orders/<int:order_id>/doses/new/", views.new_dose, name="new_dose"),
    path(f"{_CHART}list/new/", views.new_medication, name="new_medication"),
    path(f"{_CHART}list/<int:medication_id>/end/", views.medication_end, name="medication_end"),
    path(f"{_CHART}allergies/new/", views.new_allergy, name="new_allergy"),
    path(f"{_CHART}allergies/<int:allergy_id>/end/", views.allergy_end, name="allergy_end"),
    path(f"{_CHART}side-effects/new/", views.new_side_effect, name="new_side_effect"),
    path(
        f"{_CHART}side-effects/<int:side_effect_id>/closing/",
        views.side_effect_closing,
        name="side_effect_closing",
    ),
]
