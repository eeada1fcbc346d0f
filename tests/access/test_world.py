"""The world has something of everybody's in every table, or the matrix would prove nothing there."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection

from stepwell.accounts.permissions import Permission
from tests.access.table import KINDS, ROUTES
from tests.access.words import NEEDED, asked_by, read_in
from tests.access.world import P, Q, S

NOT_ABOUT_A_PERSON = {
    "site", "sitehours", "room", "staff", "staffrole", "credential", "reservation", "payer", "payerrule", "servicerate",
    "provideridentity", "fund", "financingpartner",
    "program", "track", "therapygroup", "therapygroup_tracks", "meeting", "occurrence", "randomdraw",
    "sealedseed", "instrumenttext",
    "controlnumber", "verificationrule", "answertime",
    "kiosk", "placementtable", "sitecurriculum", "sitelibrary", "videoroom", "programlisting", "programlisting_insurers",
    "staffavailability", "staffload", "stafftreatment", "staffabsence", "roomout", "closure",
}  # fmt: skip

WITHOUT_WORDS_OF_A_PERSON = {
    # numbers, codes, days and signatures of staff only; the words of a note kept apart stand in its revisions
    "keptapartnote",
    "planhandover",
    "feeapplication", "incometold", "award", "planinstalment", "instalmentpaid", "instalmentreminder",
    "feedetermination", "estimate", "estimateasked", "authorization", "screening", "dimensionalrating", "recommendation", "episode",
    "treatmentorder", "followup", "enrollment", "seat", "attendance", "note", "notesignature", "testorder",
    "panelresult", "intakeappointment", "consentrevocation", "alertacknowledgement", "homeworkreview",
    "followupattempt", "plansignature", "statement",
    # a day with a dose; that somebody was asked; who was told and how; a code and a key nobody keeps; a schedule by name
    "titrationstep", "noknownallergies", "reconciliation", "alerttold", "testnotice", "lobbyturn", "rewardplan",
    # weeks in the making: sessions, seats and what was changed, all by number
    "week", "weekversion", "plannedsession", "plannedseat", "plannedchange", "publication", "weeknotice", "solve",
    # who is in a room by video, and what was said at its door: tests/video/test_attacks.py looks who may see that;
    # guests by number: tests/clinic/sessions/test_joining.py
    "videopresence", "joinstatement", "videosignal", "guest",
    # times of the week, seats held by number, and an address that is a secret
    "patientwindow", "makeupoffer", "calendarfeed",
}  # fmt: skip


def test_every_kind_of_row_is_there_for_all_three(world):
    used = {kind for line in ROUTES.values() for kind in line.kinds.values() if not kind.startswith("=")}
    assert {kind for kind in used | set(KINDS.values()) if set(world.rows.get(kind, ())) < {P, Q, S}} == set()


@pytest.mark.parametrize("who", [P, Q, S])
def test_a_canary_of_everybody_sits_in_every_table_with_words_about_people(world, who):
    silent = set()
    for model in apps.get_app_config("clinic").get_models(include_auto_created=True):
        if model._meta.model_name in NOT_ABOUT_A_PERSON | WITHOUT_WORDS_OF_A_PERSON:
            continue
        with connection.cursor() as cursor:
            counting = f'SELECT count(*) FROM "{model._meta.db_table}" t WHERE t::text LIKE %s'  # noqa: S608 - a table of our own
            cursor.execute(counting, [f"%{who}%"])
            if not cursor.fetchone()[0]:
                silent.add(model._meta.model_name)
    assert silent == set(), (
        "Write something about P, Q and S into these tables in tests/access/world/, or say in "
        "tests/access/test_world.py that no words about a person stand there."
    )


def test_every_word_that_asks_for_a_permission_is_written_somewhere(world):
    """Or the matrix would hold nothing against the roles there."""
    said = set()
    with connection.cursor() as cursor:
        for model in apps.get_app_config("clinic").get_models():
            reading = f'SELECT t::text FROM "{model._meta.db_table}" t WHERE t::text LIKE %s'  # noqa: S608 - a table of our own
            cursor.execute(reading, [f"%{P}-%"])
            said |= {word.partition("-")[2] for row in cursor.fetchall() for word in read_in(row[0])}
    stems = {stem for words in NEEDED.values() for stem in words}
    assert {one for one in stems if not any(word.startswith(one) for word in said)} == set()
    assert [
        asked_by(f"{P}-{word}") for word in ("interview-goals", "dose-note", "kept-apart-note", "given")
    ] == [
        Permission.ASSESSMENT_READ,
        Permission.MEDICATION_READ,
        Permission.NOTE_KEEP_APART,
        None,
    ]
