from django.urls import path

from stepwell.desk.hours import report, saving

urlpatterns = [
    path("hours/", saving.hours_to_save, name="hours_to_save"),
    path("hours/report/", report.hours_report, name="hours_report"),
    path("hours/report/print/", report.hours_report_print, name="hours_report_print"),
    path("patients/<slug:code>/hours/offers/", saving.offer, name="offer_make_up"),
    path(
        "patients/<slug:code>/hours/offers/<int:offer_id>/withdrawal/",
        saving.withdraw,
        name="withdraw_offer",
    ),
]
