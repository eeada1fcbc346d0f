from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.assessment.models import Alert
from stepwell.clinic.billing.models import Statement
from stepwell.clinic.consent.models import ConsentRevocation
from stepwell.clinic.medication.models import SideEffect
from stepwell.clinic.placement.models import Episode
from stepwell.clinic.plan.models import PlanSignature
from stepwell.clinic.recovery.models import CheckIn, HomeworkAnswer, RecoveryPlan
from stepwell.clinic.timetable import actions as timetable
from stepwell.clinic.timetable.models import Occurrence, Seat
from tests.clinic.consent.making import give_consent
from tests.clinic.medication.making import make_order
from tests.clinic.plan.making import make_plan
from tests.clinic.recovery.making import make_check_in, make_homework
from tests.clinic.timetable.making import MONDAY, admitted, make_group
from tests.making import NOW, TODAY, actor, make_login, make_patient, make_staff

PAGES = [
    "/my/",
    "/my/week/",
    "/my/check-in/",
    "/my/plan/",
    "/my/plan/safety/",
    "/my/plan/relapse-prevention/",
    "/my/medicines/",
    "/my/homework/",
    "/my/hand-outs/",
    "/my/consents/",
    "/my/statements/",
    "/my/help/",
]


def text(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def seat(site, patient) -> Seat:
    """Tonight at 6 pm, and on Friday."""
    leads = make_staff(site, Role.FACILITATOR, name="Maja Lindqvist")
    group = make_group(site, leads, name="CBT for cravings")
    director = actor(make_staff(site, Role.DIRECTOR))
    timetable.enroll(by=director, at=NOW, patient=patient, group=group, starts_on=MONDAY)
    return Seat.objects.filter(patient=patient).order_by("occurrence__starts")[0]


# who may ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", PAGES)
def test_a_patient_opens_the_own_pages_and_nobody_else_does(
    site, patient, phone, mothers_phone, phone_of, address
):
    assert phone.get(address).status_code == 200
    assert Client().get(address)["Location"].startswith("/accounts/login/")
    assert mothers_phone.get(address).status_code == 404
    assert phone_of(make_staff(site, Role.DIRECTOR).user).get(address).status_code == 404


@pytest.mark.parametrize("address", PAGES)
def test_titles_are_neutral_and_nothing_is_stored(patient, phone, address):
    answer = phone.get(address)
    title = re.search(r"<title>(.*?)</title>", text(answer))[1]
    assert title in {
        "Today", "My week", "Check-in", "My plan", "My medicines", "Homework", "Hand-outs", "What I agreed to", "Statements", "Help",
    }  # fmt: skip
    assert answer["Cache-Control"] == "no-store"


def test_each_look_is_in_the_trail(patient, phone):
    phone.get("/my/plan/")
    entry = Entry.objects.get(kind="access")
    assert (entry.patient_id, entry.subject, entry.why) == (patient.pk, "Pocket plan", "own record")


def test_nothing_of_another_patient_shows_on_any_page(site, patient, phone, by, seat):
    canary = admitted(site, "Zebulon", "Quartermaine")
    make_login(canary)
    director = actor(make_staff(site, Role.DIRECTOR))
    timetable.book_seat(by=director, at=NOW, patient=canary, occurrence=seat.occurrence)
    make_homework(canary, by=by, title="Zebulon homework")
    make_check_in(canary, note="Zebulon was here")
    make_order(canary)
    give_consent(canary, recipient_name="Zebulon recipient")
    other = Seat.objects.get(patient=canary)
    homework = canary.homework.get()
    consent = canary.consents.get()
    for address in (
        f"/my/sessions/{other.pk}/absence/",
        f"/my/homework/{homework.pk}/",
        f"/my/consents/{consent.pk}/taking-back/",
    ):
        assert phone.get(address).status_code == 404
        assert phone.post(address, {"reason": "Work", "text": "x"}).status_code == 404
    for address in PAGES:
        page = text(phone.get(address))
        for canary_word in ("Zebulon", "Quartermaine", canary.code):
            assert canary_word not in page, address


# today ------------------------------------------------------------------------------------------------------


def test_today_says_when_where_and_with_whom_first(patient, phone, seat):
    page = text(phone.get("/my/"))
    assert "Hello, Ana" in page
    assert "Wednesday morning" in page
    assert "Today, 6:00 – 7:30 pm · in 8 h" in page
    assert seat.occurrence.room.name in page
    assert "with Maja Lindqvist" in page
    assert "Two sessions to go, and 6 hours to make up." in page
    assert "0 of 9 hours." in page


def test_today_has_four_big_answers_that_lead_to_the_check_in(patient, phone):
    page = text(phone.get("/my/"))
    for word in ("steady", "restless", "low", "craving"):
        assert f'href="/my/check-in/?feeling={word}"' in page
    answer = text(phone.get("/my/check-in/?feeling=low"))
    assert re.search(r'name="feeling" value="low" checked', answer)


def test_without_a_booking_today_says_so(patient, phone):
    assert "No session booked" in text(phone.get("/my/"))


def test_who_cannot_come_gives_the_seat_back_and_the_team_is_told(patient, phone, seat):
    address = f"/my/sessions/{seat.pk}/absence/"
    blank = phone.post(address, {})
    assert blank.status_code == 422
    assert Alert.objects.count() == 0
    done = phone.post(address, {"reason": "I am ill", "words": "fever 🤒"}, follow=True)
    assert "Your team has been told" in text(done)
    seat.refresh_from_db()
    assert (seat.released_at, seat.released_because) == (NOW, "I am ill. fever 🤒")
    alert = Alert.objects.get()
    assert (alert.kind, alert.severity, alert.patient_id) == ("cannot_come", "soon", patient.pk)
    assert alert.sentence == (
        "Cannot come to CBT for cravings on Wed 18 Mar, 6:00 pm: I am ill. fever 🤒. Offer a session instead."
    )
    assert phone.post(address, {"reason": "Work"}).status_code == 404


def test_a_session_that_has_begun_cannot_be_given_back(patient, phone, seat):
    Occurrence.objects.filter(pk=seat.occurrence_id).update(starts=NOW - timedelta(minutes=5))
    answer = phone.post(f"/my/sessions/{seat.pk}/absence/", {"reason": "Work"})
    assert answer.status_code == 422
    assert "has begun. Call the program instead" in text(answer)


def test_the_week_lists_this_week_and_the_next_with_the_well(patient, phone, seat):
    page = text(phone.get("/my/week/"))
    assert page.count("CBT for cravings") >= 4
    assert "This week" in page
    assert "Next week" in page
    assert 'class="bar"' in page


# check-in ---------------------------------------------------------------------------------------------------


def key_of(client) -> str:
    return re.search(r'name="once_key" value="(\w+)"', text(client.get("/my/check-in/")))[1]


def test_a_check_in_is_sent_once_however_often_it_is_tapped(patient, phone):
    sent = {"once_key": key_of(phone), "feeling": "steady", "craving": "2", "sleep_hours": "7", "used": "no"}
    for _ in range(2):
        assert phone.post("/my/check-in/", sent)["Location"] == "/my/"
    row = CheckIn.objects.get()
    assert (row.feeling, row.craving, row.sleep_hours, row.used, row.mood) == ("steady", 2, 7, False, None)


@pytest.mark.parametrize("said", [{"used": "yes"}, {"note": "I want to die"}])
def test_what_alarms_leads_to_the_crisis_card_at_once(patient, phone, said):
    answer = phone.post("/my/check-in/", {"once_key": key_of(phone), **said}, follow=True)
    assert answer.redirect_chain == [("/my/help/", 302)]
    assert "Call 988" in text(answer)
    assert Alert.objects.count() == 1


@pytest.mark.parametrize(
    "said",
    [{}, {"mood": "eleven"}, {"mood": "99"}, {"feeling": "grand"}, {"note": "x\x00"}, {"sleep_hours": "-1"}],
)
def test_a_check_in_that_says_nothing_or_nonsense_gets_a_sentence(patient, phone, said):
    answer = phone.post("/my/check-in/", {"once_key": "k", **said})
    assert answer.status_code == 422
    assert CheckIn.objects.count() == 0


# help -------------------------------------------------------------------------------------------------------


def test_help_shows_the_lines_the_programs_own_and_the_own_plan(patient, phone):
    phone.post("/my/plan/safety/", {"based_on": "0", "section_people": "My sister Rosa"})
    page = text(phone.get("/my/help/"))
    for word in ("tel:988", "tel:911", "tel:555-0100", "My sister Rosa"):
        assert word in page
    dock = [text(phone.get(address)).count("I need help now") for address in PAGES]
    assert all(count >= 1 for count in dock)


def test_the_page_kept_for_no_network_is_the_same_for_everybody_and_reads_no_record(patient, phone):
    phone.post("/my/plan/safety/", {"based_on": "0", "section_people": "My sister Rosa"})
    mine, anybodys = text(phone.get("/help-now/")), text(Client().get("/help-now/"))
    assert mine == anybodys
    assert "tel:988" in mine
    assert "Rosa" not in mine
    assert "Ana" not in mine


def test_the_worker_keeps_the_help_page_and_static_files_and_nothing_else(patient, phone):
    answer = phone.get("/my/worker.js")
    assert answer["Content-Type"].startswith("text/javascript")
    kept = re.search(r"const KEPT = (\[.*?\]);", text(answer), re.S)[1]
    addresses = re.findall(r'"([^"]+)"', kept)
    assert [a for a in addresses if not a.startswith("/static/")] == ["/help-now/"]
    from django.contrib.staticfiles import finders

    assert [
        a for a in addresses if a.startswith("/static/") and not finders.find(a.removeprefix("/static/"))
    ] == []
    assert "cache.put" not in text(answer)
    assert '<sw-offline src="/my/worker.js">' in text(phone.get("/my/"))


# plan, medicines, homework, consents --------------------------------------------------------------------------


def test_the_plan_is_read_in_plain_words_and_signed_once(by, patient, phone):
    make_plan(by, Episode.objects.get(patient=patient))
    page = text(phone.get("/my/plan/"))
    for word in (
        "I want to be home for dinner, sober.",
        "28 of 30",
        "6 hours a week",
        "waits for your signature",
    ):
        assert word in page
    assert phone.post("/my/plan/signature/")["Location"] == "/my/plan/"
    assert list(PlanSignature.objects.filter(role="patient").values_list("name", flat=True)) == ["Ana Reyes"]
    phone.post("/my/plan/signature/")
    assert PlanSignature.objects.filter(role="patient").count() == 1
    assert "waits for your signature" not in text(phone.get("/my/plan/"))


def test_without_a_plan_there_is_nothing_to_sign(patient, phone):
    assert "Your plan is being written" in text(phone.get("/my/plan/"))
    assert phone.post("/my/plan/signature/").status_code == 404
    assert phone.get("/my/plan/signature/").status_code == 405
    assert phone.get("/my/plan/nonsense/").status_code == 404


def test_a_plan_of_ones_own_is_written_and_an_empty_one_is_not(patient, phone):
    empty = phone.post("/my/plan/relapse-prevention/", {"based_on": "0"})
    assert empty.status_code == 422
    assert "still empty" in text(empty)
    phone.post("/my/plan/relapse-prevention/", {"based_on": "0", "section_reasons": "Zoë 李"})
    assert RecoveryPlan.objects.get().sections == {"reasons": "Zoë 李"}
    assert "Zoë 李" in text(phone.get("/my/plan/"))


def test_a_severe_side_effect_leads_to_help_and_alerts(patient, phone):
    make_order(patient)
    assert "Naloxone nasal spray" in text(phone.get("/my/medicines/"))
    answer = phone.post("/my/medicines/", {"effect": "rash", "severity": "severe"})
    assert answer["Location"] == "/my/help/"
    assert (SideEffect.objects.get().by_id, Alert.objects.get().kind) == (None, "side_effect")
    assert phone.post("/my/medicines/", {"effect": "rash"}).status_code == 422


def test_homework_is_answered_and_the_review_comes_back(by, patient, phone):
    row = make_homework(patient, by=by)
    assert "Riding out an urge" in text(phone.get("/my/"))
    address = f"/my/homework/{row.pk}/"
    blank = phone.post(address, {"text": "  "})
    assert blank.status_code == 422
    assert "write a few words" in text(blank)
    assert phone.post(address, {"text": "I called Sam."})["Location"] == "/my/homework/"
    assert HomeworkAnswer.objects.get().text == "I called Sam."
    again = phone.post(address, {"text": "again"})
    assert again.status_code == 422


def test_a_consent_is_taken_back_at_once(patient, phone):
    paper = give_consent(patient)
    assert "Maria Reyes" in text(phone.get("/my/consents/"))
    address = f"/my/consents/{paper.pk}/taking-back/"
    assert "From now on Maria Reyes is told nothing more" in text(phone.get(address))
    done = phone.post(address, follow=True)
    assert "Maria Reyes may be told nothing from now on" in text(done)
    assert ConsentRevocation.objects.count() == 1
    assert "There is nothing to take back" in text(phone.post(address, follow=True))


@pytest.mark.parametrize("rows", [1, 30])
def test_pages_take_a_fixed_number_of_queries(by, patient, phone, seat, rows, django_assert_max_num_queries):
    for number in range(rows):
        make_homework(patient, by=by, title=f"No. {number}", due_on=TODAY)
        give_consent(patient)
        make_order(patient)
    phone.get("/my/")
    limits = {
        "/my/": 14,
        "/my/week/": 12,
        "/my/homework/": 8,
        "/my/consents/": 11,
        "/my/medicines/": 18,
        "/my/help/": 8,
    }
    for address, most in limits.items():
        with django_assert_max_num_queries(most):
            assert phone.get(address).status_code == 200


@pytest.mark.parametrize("address", PAGES)
def test_before_admission_and_after_discharge_the_pages_still_open(site, phone_of, address):
    ben = make_patient(site, "Ben", "Tran")
    assert phone_of(make_login(ben)).get(address).status_code == 200


def test_statements_are_the_own_ones_as_they_were_printed(site, patient, phone):
    assert "No statement yet" in text(phone.get("/my/statements/"))
    biller = make_staff(site, Role.BILLER)
    other = make_patient(site, "Zebulon", "Quartermaine")
    for number, whose in ((1, patient), (2, other)):
        Statement.objects.create(
            patient=whose,
            number=f"S-{number}",
            from_day=TODAY,
            to_day=TODAY,
            lines=[
                {
                    "on": "2026-03-17",
                    "kind": "charge",
                    "label": "Your share",
                    "amount": "40.00",
                    "balance": "40.00",
                },
                {
                    "on": "2026-03-18",
                    "kind": "patient",
                    "label": "Paid",
                    "amount": "15.00",
                    "balance": "25.00",
                },
            ],
            balance=Decimal("25.00"),
            at=NOW,
            by=biller,
        )
    page = text(phone.get("/my/statements/"))
    for word in ("You owe $25.00", "Your share", "$40.00", "−$15.00", "Statement S-1"):
        assert word in page
    assert "S-2" not in page


def test_a_changed_week_is_told_on_today_until_the_patient_has_seen_it(site):
    from django.test import Client

    from stepwell.clinic.timetable.actions import planning
    from stepwell.clinic.timetable.models import WeekNotice
    from tests.clinic.timetable.week_making import Clinic as Planned
    from tests.making import make_login

    clinic = Planned(site, patients=2)
    draft = planning.copy_version(by=clinic.by, at=NOW, version=clinic.opened())
    draft.sessions.get(group=clinic.skills).seats.filter(patient=clinic.patients[0]).delete()
    planning.publish_week(by=clinic.by, at=NOW, version=draft)
    phone = Client()
    phone.force_login(
        make_login(clinic.patients[0]), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    assert "Your week of 23 March has changed" in text(phone.get("/my/"))
    notice = WeekNotice.objects.get(patient=clinic.patients[0])
    phone.post(f"/my/week/notices/{notice.pk}/seen/")
    assert "has changed" not in text(phone.get("/my/"))
