from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.assessment import actions, queries
from stepwell.clinic.assessment.models import IntakeInterview, SubstanceUse
from stepwell.clinic.assessment.rules import Offered, Use, intake_fields
from stepwell.clinic.refusal import Denied, Refused
from tests.making import NOW, actor, make_patient, make_site, make_staff

WHOLE = {f.key: next(iter(f.choices), "Said.") for f in intake_fields().values() if f.required}
BEER = Use("alcohol", route="oral", amount="six beers", frequency="daily", last_used_on=date(2026, 3, 10), first_age=15)  # fmt: skip


def saved(by, patient, at=NOW, **facts):
    return actions.save_interview(by=by, at=at, patient=patient, **{"sections": WHOLE, **facts})


def test_a_draft_is_one_row_that_saves_itself_again_and_again(by, patient):
    first = saved(by, patient, sections={"reason": "Court."}, substances=[BEER])
    later = saved(
        by, patient, NOW + timedelta(minutes=1), sections={"reason": "Court and family."},
        gates={"needs_24h_supervision": False}, revision=first.revision,
    )  # fmt: skip
    assert (later.pk, later.number, later.revision) == (first.pk, 1, 2)
    assert later.answers == {"reason": "Court and family."}
    assert queries.uses_of(later) == (BEER,)
    assert (later.gates["needs_24h_supervision"], later.gates["severe_withdrawal_risk"]) == (False, None)


def test_saving_what_is_there_writes_nothing(by, patient):
    saved(by, patient, substances=[BEER])
    entries = Entry.objects.count()
    again = saved(by, patient, NOW + timedelta(minutes=1), substances=[BEER])
    assert (again.revision, again.at, Entry.objects.count()) == (1, NOW, entries)


def test_an_answer_left_as_offered_keeps_its_source_and_a_changed_one_does_not(by, patient):
    offered = {"reason": Offered("Help.", "told when asking"), "health": Offered("Asthma.", "the hand-off")}
    row = saved(by, patient, sections={"reason": "Help.", "health": "Asthma, mild."}, offered=offered)
    assert row.sources == {"reason": "told when asking"}
    row = saved(by, patient, sections={"reason": "Help me."}, offered=offered)
    assert row.sources == {}


def test_a_second_page_does_not_write_over_the_first(by, patient, site):
    other = actor(make_staff(site, Role.COUNSELOR, name="Tom Ito"))
    row = saved(by, patient, sections={"reason": "Mine."}, page="a", revision=0)
    with pytest.raises(Refused, match="Nia Okafor saved this interview since"):
        saved(other, patient, sections={"reason": "Theirs."}, page="b", revision=0)
    assert saved(by, patient, sections={"reason": "Mine too."}, page="a", revision=0).revision == 2
    assert IntakeInterview.objects.get(pk=row.pk).answers == {"reason": "Mine too."}


def test_signing_names_what_is_blank_and_seals_what_is_whole(by, patient):
    with pytest.raises(Refused, match="no interview yet"):
        actions.sign_interview(by=by, at=NOW, patient=patient, revision=0)
    row = saved(by, patient, sections=WHOLE | {"housing": " ", "strengths": ""})
    with pytest.raises(Refused, match="still blank in Housing, Strengths"):
        actions.sign_interview(by=by, at=NOW, patient=patient, revision=row.revision)
    row = saved(by, patient)
    with pytest.raises(Refused, match="saved by somebody since"):
        actions.sign_interview(by=by, at=NOW, patient=patient, revision=row.revision - 1)
    signed = actions.sign_interview(by=by, at=NOW, patient=patient, revision=row.revision)
    assert (signed.signed_at, signed.signed_name, signed.signed_credential, len(signed.seal)) == (
        NOW, "Nia Okafor", by.credential, 64,
    )  # fmt: skip
    with pytest.raises(Refused, match="signed already"):
        actions.sign_interview(by=by, at=NOW, patient=patient, revision=row.revision)
    with pytest.raises(Refused, match="begin a new version"):
        saved(by, patient, sections={"reason": "More."})


def test_a_change_after_signing_is_a_new_version_that_begins_as_a_copy(by, patient):
    row = saved(by, patient, substances=[BEER], gates={"needs_24h_supervision": False})
    with pytest.raises(Refused, match="open already"):
        actions.revise_interview(by=by, at=NOW, patient=patient, because="x")
    actions.sign_interview(by=by, at=NOW, patient=patient, revision=row.revision)
    with pytest.raises(Refused, match="Say why"):
        actions.revise_interview(by=by, at=NOW, patient=patient, because=" ")
    second = actions.revise_interview(by=by, at=NOW, patient=patient, because="Remembered a stay.")
    assert (second.number, second.answers, second.gates) == (2, row.answers, row.gates)
    assert queries.uses_of(second) == (BEER,)
    assert second.sources["reason"] == "version 1, 18 Mar 2026"
    changed = saved(by, patient, sections={"reason": "Other."}, substances=[])
    assert (changed.number, "reason" in changed.sources) == (2, False)
    first = queries.interview_version(by, patient, 1)
    assert (first.answers["reason"], queries.uses_of(first)) == (WHOLE["reason"], (BEER,))
    assert queries.interview_of(by, patient) == second


def test_a_signed_version_is_never_changed_by_any_way_of_writing(by, patient):
    row = saved(by, patient, substances=[BEER])
    actions.sign_interview(by=by, at=NOW, patient=patient, revision=row.revision)
    tries = [
        lambda: IntakeInterview.objects.filter(pk=row.pk).update(answers={}),
        lambda: IntakeInterview.objects.filter(pk=row.pk).delete(),
        lambda: SubstanceUse.objects.filter(interview=row).update(amount="none"),
        lambda: SubstanceUse.objects.filter(interview=row).delete(),
        lambda: SubstanceUse.objects.create(interview=row, position=9, substance="alcohol"),
    ]
    for one in tries:
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            one()


def test_the_summary_is_drafted_once_and_never_over_what_is_there(by, patient):
    saved(by, patient, sections={"goals": "Work."})
    drafted = actions.draft_interview_summary(by=by, at=NOW, patient=patient)
    assert drafted.answers["summary"] == f"{patient.called} was interviewed.\nGoals: “Work.”"
    with pytest.raises(Refused, match="a summary already"):
        actions.draft_interview_summary(by=by, at=NOW, patient=patient)


def test_nobody_else_writes_or_reads_an_interview(by, patient, site):
    saved(by, patient)
    biller = actor(make_staff(site, Role.BILLER))
    stranger = actor(make_staff(make_site(), Role.COUNSELOR))
    for one in (biller, stranger):
        with pytest.raises(Denied):
            saved(one, patient)
        with pytest.raises(Denied):
            actions.sign_interview(by=one, at=NOW, patient=patient, revision=1)
    assert queries.interview_of(stranger, patient) is None
    assert queries.interview_of(by, make_patient(site, "Ben", "Ito")) is None
