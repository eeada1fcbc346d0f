from django.urls import path

from stepwell.desk.medication import giving, lists, ordering, views, watching, withdrawal

_CHART = "patients/<slug:code>/medication/"

urlpatterns = [
    path("medication/", giving.the_round, name="medication"),
    path("medication/withdrawal/", withdrawal.watched, name="medication_withdrawal"),
    path("medication/side-effects/", watching.side_effects, name="medication_side_effects"),
    path("medication/refills/", watching.refills, name="medication_refills"),
    path("medication/to-ask/", watching.to_ask, name="medication_to_ask"),
    path(_CHART, views.chart_medication, name="chart_medication"),
    path(f"{_CHART}orders/new/", ordering.new_order, name="new_order"),
    path(f"{_CHART}orders/<int:order_id>/stop/", ordering.order_stop, name="order_stop"),
    path(f"{_CHART}orders/<int:order_id>/doses/new/", giving.new_dose, name="new_dose"),
    path(f"{_CHART}orders/<int:order_id>/take-home/", giving.take_home, name="take_home"),
    path(f"{_CHART}orders/<int:order_id>/supply/", ordering.new_supply, name="new_supply"),
    path(f"{_CHART}facts/<slug:kind>/new/", ordering.new_fact, name="new_fact"),
    path(f"{_CHART}list/new/", lists.new_medication, name="new_medication"),
    path(f"{_CHART}list/<int:medication_id>/end/", lists.medication_end, name="medication_end"),
    path(f"{_CHART}list/reconciliation/", lists.reconciliation, name="reconciliation"),
    path(f"{_CHART}allergies/new/", lists.new_allergy, name="new_allergy"),
    path(f"{_CHART}allergies/none/", lists.no_known_allergies, name="no_known_allergies"),
    path(f"{_CHART}allergies/<int:allergy_id>/end/", lists.allergy_end, name="allergy_end"),
    path(f"{_CHART}side-effects/new/", watching.new_side_effect, name="new_side_effect"),
    path(
        f"{_CHART}side-effects/<int:side_effect_id>/follow-up/",
        watching.side_effect_follow_up,
        name="side_effect_follow_up",
    ),
    path(f"{_CHART}naloxone/new/", watching.naloxone, name="naloxone"),
    path(f"{_CHART}withdrawal/", withdrawal.sheet, name="chart_withdrawal"),
    path(f"{_CHART}withdrawal/<slug:instrument>/new/", withdrawal.new_reading, name="new_reading"),
    path(f"{_CHART}withdrawal/<int:watch_id>/end/", withdrawal.watch_end, name="watch_end"),
]
