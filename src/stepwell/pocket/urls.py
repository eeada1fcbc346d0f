"""Addresses of the pocket: `/my/` for patients, `/family/` for families, `/help-now/` for everybody."""

from __future__ import annotations

from django.urls import include, path

from stepwell.pocket import (
    calendar,
    check_in,
    consents,
    drug_tests,
    family,
    handouts,
    help,
    homework,
    medicines,
    offers,
    plan,
    questionnaires,
    statements,
    today,
)
from stepwell.pocket.arrivals import views as arrivals

app_name = "pocket"

urlpatterns = [
    path("my/", today.today, name="today"),
    path("my/here/", arrivals.here, name="here"),
    path("my/week/", today.week, name="week"),
    path("my/week/notices/<int:notice_id>/seen/", today.week_notice_seen, name="week_notice_seen"),
    path("my/times/", calendar.when, name="when"),
    path("my/calendar/", calendar.calendar, name="calendar"),
    path("my/calendar/address/", calendar.calendar_address, name="calendar_address"),
    path("my/calendar/end/", calendar.calendar_end, name="calendar_end"),
    path("my/calendar/words/", calendar.calendar_words, name="calendar_words"),
    path("calendar/<int:number>/<slug:secret>.ics", calendar.calendar_feed, name="calendar_feed"),
    path("my/sessions/<int:seat_id>/absence/", today.cannot_come, name="cannot_come"),
    path("my/offers/<int:offer_id>/acceptance/", offers.accept_offer, name="accept_offer"),
    path("my/offers/<int:offer_id>/refusal/", offers.decline_offer, name="decline_offer"),
    path("", include("stepwell.pocket.video.urls")),
    path("my/check-in/", check_in.check_in, name="check_in"),
    path("my/plan/", plan.plan, name="plan"),
    path("my/plan/signature/", plan.signature, name="plan_signature"),
    path("my/plan/plan.pdf", plan.plan_document, name="plan_document"),
    path("my/plan/<slug:kind>/", plan.own_plan, name="own_plan"),
    path("my/tests/", drug_tests.tests, name="tests"),
    path("my/medicines/", medicines.medicines, name="medicines"),
    path("my/questionnaires/<slug:slug>/", questionnaires.questionnaire, name="questionnaire"),
    path("my/homework/", homework.homework, name="homework"),
    path("my/homework/<int:homework_id>/", homework.one_homework, name="one_homework"),
    path("my/hand-outs/", handouts.handouts, name="handouts"),
    path("my/hand-outs/<slug:key>/<slug:topic>/", handouts.handout, name="handout"),
    path("my/hand-outs/<slug:key>/<slug:topic>/print/", handouts.handout_print, name="handout_print"),
    path("my/consents/", consents.consents, name="consents"),
    path("my/consents/<int:consent_id>/taking-back/", consents.taking_back, name="taking_back"),
    path("my/statements/", statements.statements, name="statements"),
    path("my/help/", help.help_now, name="help"),
    path("my/worker.js", help.worker, name="worker"),
    path("help-now/", help.crisis, name="crisis"),
    path("family/", family.family, name="family"),
    path("family/reading/", family.family_reading, name="family_reading"),
    path("family/help/", family.family_help, name="family_help"),
    path(
        "family/<int:member_id>/homework/<int:homework_id>/", family.family_homework, name="family_homework"
    ),
]
