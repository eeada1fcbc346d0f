"""What somebody would try at assessment, placement, plan, medication and drug tests: rows, keys and devices of others."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.db import connection

from stepwell.accounts.actor import stepwell_itself
from stepwell.clinic.assessment import actions as assessment
from stepwell.clinic.consent import actions as consent
from stepwell.clinic.drug_tests import actions as drug_tests
from stepwell.clinic.drug_tests.models import (
    LabReport,
    PanelResult,
    RandomDraw,
    RewardEntry,
    RewardPlan,
    TestOrder,
)
from stepwell.clinic.drug_tests.rules import laboratory as lab
from stepwell.clinic.medication import actions as medication
from stepwell.clinic.people.models import Patient
from stepwell.clinic.placement.models import Episode
from stepwell.clinic.refusal import Refused
from stepwell.clinic.transition import actions as transition
from stepwell.edi.hl7 import cut
from tests.access.asking import address, browser, of, page_of, staff
from tests.access.routes import routes
from tests.access.table import ROUTES
from tests.access.world import P, Q, S
from tests.clinic.assessment.making import answers
from tests.clinic.consent.making import elements
from tests.laboratory_messages import DIALECTS, Said, message
from tests.making import NOW, TODAY

# -- keys of forms --


def test_the_key_of_one_patients_form_keeps_nothing_back_of_another(world):
    """The same key sent for somebody else is refused in a sentence; it is neither hers nor a broken page."""
    by = staff(world, "counselor")
    told = {
        "by": by,
        "at": NOW,
        "instrument": "gad-7",
        "answers": answers("gad-7", 1),
        "once_key": "one-form",
    }
    assessment.record_screening(patient=of(world, P), **told)
    with pytest.raises(Refused, match="open the page again"):
        assessment.record_screening(patient=of(world, Q), **told)
    with pytest.raises(Refused, match="open the page again"):
        assessment.record_screening(
            patient=of(world, P), **{**told, "instrument": "phq-9", "answers": answers("phq-9", 1)}
        )


def test_a_result_and_a_reward_take_no_key_of_another_test_or_patient(world):
    nurse = staff(world, "nurse")
    tests = {who: TestOrder.objects.get(pk=world.value("collected_test", who)) for who in (P, Q)}
    drug_tests.record_result(
        by=nurse, at=NOW, order=tests[P], results={"opiates": "negative"}, once_key="one-form"
    )
    with pytest.raises(Refused, match="open the page again"):
        drug_tests.record_result(
            by=nurse, at=NOW, order=tests[Q], results={"opiates": "positive"}, once_key="one-form"
        )
    key = RewardEntry.objects.get(patient=of(world, P), kind="handed").once_key
    plan = RewardPlan.objects.get(pk=world.value("reward_plan", Q))
    lines = RewardEntry.objects.count()
    with pytest.raises(Refused, match="open the page again"):
        drug_tests.hand_reward(
            by=nurse,
            at=NOW,
            plan=plan,
            amount=RewardEntry.objects.filter(plan=plan).order_by("-number")[0].waiting or 1,
            what="Voucher",
            once_key=key,
        )
    assert RewardEntry.objects.count() == lines
    assert not PanelResult.objects.filter(order=tests[Q], analytes__opiates="positive").exists()


# -- the packet: only by consent, and never what is kept apart --


def packet_for(world, who="counselor", **facts):
    patient = of(world, P)
    by = staff(world, who)
    given = consent.record_consent(
        by=by, at=NOW - timedelta(minutes=5), patient=patient,
        elements=elements(recipient_key="person:harbor", recipient_name="Harbor Days", purposes=["treatment"],
                          information=["diagnosis", "medication", "plan"], signed_by=f"{P}-signer"),
    )  # fmt: skip
    episode = Episode.objects.get(patient=patient, closed_at=None)
    row = transition.make_packet(
        by=by, at=NOW, episode=episode, once_key="packet-out", recipient_key="person:harbor",
        recipient="Harbor Days", **facts,
    )  # fmt: skip
    return given, row


def test_a_revoked_consent_stops_the_packet(world):
    """What was made for another program is not printed or exported any more once its consent is taken back."""
    given, row = packet_for(world)
    client = browser(world, "counselor")
    page = page_of("desk:packet", code=world.codes[P], number=row.pk)
    outs = [page_of(f"desk:packet_{kind}", code=world.codes[P], number=row.pk) for kind in ("pdf", "bundle")]
    assert [client.get(out).status_code for out in outs] == [200, 200]
    consent.revoke_consent(by=staff(world, "counselor"), at=NOW, consent=given, said_by="Ana")
    for out in outs:
        answer = client.get(out, follow=True)
        assert answer.redirect_chain == [(page, 302)]
        assert "no longer permit" in answer.content.decode()
        assert out not in answer.content.decode()


def test_a_packet_names_no_recipient_of_somebody_else(world):
    """The recipient of Q's and S's consent in P's form is refused."""
    client = browser(world, "counselor")
    page = page_of("desk:make_packet", code=world.codes[P])
    key = re.search(r'name="once_key" value="([^"]+)"', client.get(page).content.decode())[1]
    for who in (Q, S):
        answer = client.post(page, {"recipient": f"person:{who}", "once_key": key, "name": "X"})
        assert answer.status_code == 422
    answer = client.post(page, {"recipient": "", "once_key": f"packet-{of(world, Q).pk}"})
    assert answer.status_code == 422
    assert Q not in answer.content.decode().lower()


def test_nothing_that_is_kept_apart_or_a_group_mates_leaves_in_a_packet_or_a_plan(world):
    _, row = packet_for(world)
    inside = transition.make_packet(
        by=staff(world, "counselor"), at=NOW, episode=row.episode, once_key="packet-in"
    )
    for said in (json.dumps(row.content), json.dumps(inside.content)):
        assert "kept-apart" not in said
        assert "note-part" not in said
        assert Q not in said.lower()
    assert {*row.content["parts"]} & {"test", "rating", "reason", "authorization"} == set()
    client = browser(world, "counselor")
    body = client.get(page_of("desk:packet_bundle", code=world.codes[P], number=inside.pk)).content.decode()
    assert "kept-apart" not in body


@pytest.mark.parametrize("name", ["packet_pdf", "packet_bundle", "plan_pdf"])
def test_a_file_that_goes_out_is_named_without_a_name_and_kept_nowhere(world, name):
    numbers = {"plan_pdf": "plan_version"}
    client = browser(world, "counselor")
    for who in (P, Q):
        answer = client.get(
            page_of(
                f"desk:{name}", code=world.codes[who], number=world.value(numbers.get(name, "packet"), who)
            )
        )
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "no-store"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert re.fullmatch(r'(attachment|inline); filename="[\w.-]+"', answer["Content-Disposition"])
        assert "quokka" not in answer["Content-Disposition"]


# -- rows of somebody else in forms --

IN_FORMS = [
    ("counselor", "desk:step_up", {}, {"to": "2.5", "because": "X", "leave": "enrollment", "out_of_team": "care_team_member"}),
    ("counselor", "desk:plan_library", {}, {"diagnosis": "diagnosis", "text": "0"}),
    ("nurse", "desk:new_side_effect", {}, {"order": "order", "effect": "nausea", "severity": "mild"}),
    ("nurse", "desk:reward_test", {"test_id": "test"}, {}),
    ("nurse", "desk:lab_to_patient", {}, {"patient": "patient_id", "test": "collected_test"}),
    ("prescriber", "desk:random_tests", {}, {"patients": "patient_id", "panel": "opioid", "tests": "1", "chosen": "1", "first_on": "2026-03-18", "last_on": "2026-03-20", "weekdays": "3"}),
]  # fmt: skip


@pytest.mark.parametrize("other", [Q, S])
@pytest.mark.parametrize(("who", "name", "below", "told"), IN_FORMS, ids=[row[1] for row in IN_FORMS])
def test_a_clinical_form_takes_no_row_of_another(world, who, name, below, told, other):
    if name in ("desk:random_tests", "desk:lab_to_patient") and other == Q:
        pytest.skip("a neighbor of the same site may be drawn, and a report may be hers")
    client = browser(world, who)
    kinds = {**world.rows, "patient_id": {one: of(world, one).pk for one in (P, Q, S)}}
    url = address(world, routes()[name], ROUTES[name], P)
    for kind in below.values():
        url = url.replace(f"/{world.value(kind, P)}/", f"/{world.value(kind, other)}/")
    before = _rows()
    answer = client.post(
        url, {key: kinds[kind][other] if kind in kinds else kind for key, kind in told.items()}
    )
    assert answer.status_code in (302, 404, 422)
    assert other not in answer.content.decode().lower()
    assert _rows() == before


def _rows():
    """How much there is of what these forms write."""
    tables = (
        "placement",
        "problem",
        "sideeffect",
        "rewardentry",
        "testorder",
        "randomdraw",
        "enrollment",
        "careteammember",
    )
    with connection.cursor() as cursor:
        found = {}
        for table in tables:
            cursor.execute(f"SELECT count(*), md5(string_agg(t::text, '' ORDER BY id)) FROM clinic_{table} t")  # noqa: S608 - names of our own
            found[table] = cursor.fetchone()
    return found | {"filed": sorted(LabReport.objects.values_list("pk", "state", "patient_id", "order_id"))}


# -- random days --


def test_a_day_still_to_come_is_on_no_page_of_the_patient_and_of_nobody_who_collects(world):
    """A random test of next Monday: its address is missing, no list holds it, its draw tells no day and no seed."""
    by = staff(world, "nurse")
    draw = drug_tests.order_random_tests(
        by=by, at=NOW, site=of(world, P).site, patients=[of(world, P)], panel="standard",
        days=[TODAY + timedelta(days=n) for n in (5, 6, 7)], tests=1,
    )  # fmt: skip
    order = TestOrder.objects.get(draw=draw)
    day = order.due_on
    said = (f"{day:%b} {day.day}", f"{day:%B} {day.day}", day.isoformat(), f"{day.month}/{day.day}")
    for who, pages in {
        "nurse": ["/drug-tests/", f"/drug-tests/draws/{draw.pk}/", f"/patients/{world.codes[P]}/tests/",
                  f"/patients/{world.codes[P]}/tests/rewards/"],
        "patient P": [page_of("pocket:tests"), page_of("pocket:today")],
    }.items():  # fmt: skip
        client = browser(world, who)
        for page in pages:
            answer = client.get(page)
            assert answer.status_code == 200, page
            body = answer.content.decode()
            assert RandomDraw.objects.get(pk=draw.pk).sealed.seed not in body
            if "draws" not in page and page != page_of("pocket:today"):
                assert [one for one in said if one in body] == [], page
    nurse = browser(world, "nurse")
    assert nurse.get(page_of("desk:draw_paper", draw_id=draw.pk)).status_code == 404
    for name in ("test_collection", "test_custody", "test_result"):
        assert nurse.get(page_of(f"desk:{name}", code=world.codes[P], test_id=order.pk)).status_code == 404
    for name in ("test_notice", "test_excuse"):
        answer = nurse.post(
            page_of(f"desk:{name}", code=world.codes[P], test_id=order.pk),
            {"because": "x", "channel": "in person", "reached": "on"},
        )
        assert answer.status_code == 404


# -- laboratories --


def received(content):
    before = set(LabReport.objects.values_list("pk", flat=True))
    drug_tests.receive_results(
        by=stepwell_itself(), at=NOW, content=content, via="mllp", pieces=cut(content),
        explained=lambda patient, on: ((), ()),
    )  # fmt: skip
    return LabReport.objects.exclude(pk__in=before).get()


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda one: getattr(one, "name", str(one))[:20])
def test_a_report_with_the_number_of_one_and_the_name_of_another_waits(world, dialect):
    """The code of S of another site with P's name, and the other way round: in nobody's chart."""
    born = {who: f"{of(world, who).birth_date:%Y%m%d}" for who in (P, S)}
    for number, (coded, named) in enumerate([(S, P), (P, S)]):
        said = Said(world.codes[coded], of(world, named).family_name + "x", of(world, named).given_name + "y",
                    born[named], filler=f"mixed-{number}", results={"thc": "positive"})  # fmt: skip
        row = received(message(dialect, [said], control=f"mixed-{dialect}-{number}"))
        assert (row.state, row.patient_id, row.order_id) == ("waiting", None, None)


def test_a_report_for_a_test_without_a_specimen_waits_or_says_so_and_breaks_nothing(world):
    """A laboratory names a test of a day still to come, which only a guesser could know."""
    by = staff(world, "nurse")
    draw = drug_tests.order_random_tests(
        by=by, at=NOW, site=of(world, P).site, patients=[of(world, P)], panel="standard",
        days=[TODAY + timedelta(days=n) for n in (5, 6, 7)], tests=1,
    )  # fmt: skip
    order, patient = TestOrder.objects.get(draw=draw), of(world, P)
    said = Said(patient.code, patient.family_name, patient.given_name, f"{patient.birth_date:%Y%m%d}",
                placer=lab.order_number(order.pk), filler="early", results={"thc": "positive"})  # fmt: skip
    row = received(message(DIALECTS[0], [said], control="early"))
    assert row.order_id is None
    assert not PanelResult.objects.filter(order=order).exists()


def test_whoever_is_shown_a_waiting_report_may_see_its_patient(world):
    """A report addressed to nobody known is a director's; one of site B is on no page of site A."""
    row = LabReport.objects.get(pk=world.value("lab_report", S))
    for who in ("nurse", "director", "counselor"):
        client = browser(world, who)
        for name in ("lab_report", "lab_message"):
            assert client.get(page_of(f"desk:{name}", report_id=row.pk)).status_code == 404


HOSTILE_WORDS = "#panic() $x$ ]] \x1b[31m \x07 \x7f \x85 \u2028 \u202e 🦘 漢 \\u{0} " + "x" * 60


def test_no_words_of_a_record_break_the_paper_or_are_taken_for_markup(world):
    """Letters that no font has, signs of the typesetter's own language, characters that steer a terminal."""
    patient, by = of(world, P), staff(world, "prescriber")
    medication.record_medication(by=by, at=NOW, patient=patient, name=HOSTILE_WORDS, dose=HOSTILE_WORDS[:100])
    episode = Episode.objects.get(patient=patient, closed_at=None)
    row = transition.make_packet(
        by=by, at=NOW, episode=episode, once_key="hostile", contact=f"{HOSTILE_WORDS} <b>"
    )
    client = browser(world, "prescriber")
    Patient.objects.filter(pk=patient.pk).update(preferred_name="漢 🦘", family_name="مريم")
    plan = page_of("desk:plan_pdf", code=world.codes[P], number=world.value("plan_version", P))
    for page in (plan, page_of("pocket:plan_document")):
        answer = (client if page == plan else browser(world, "patient P")).get(page)
        assert (answer.status_code, answer.content[:5]) == (200, b"%PDF-")
    for kind in ("pdf", "bundle"):
        answer = client.get(page_of(f"desk:packet_{kind}", code=world.codes[P], number=row.pk))
        assert answer.status_code == 200
    html = json.loads(answer.content)["entry"][0]["resource"]["section"]
    assert "<b>" not in json.dumps([one.get("text") for one in html])
