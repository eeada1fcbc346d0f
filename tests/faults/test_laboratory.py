"""A real listener, real connections: every message is kept once and answered, whoever is killed in between."""

from __future__ import annotations

import random
import threading
import time

import pytest
from django.db import connection

from stepwell.accounts.roles import Role
from stepwell.audit import trail
from stepwell.audit.models import Entry
from stepwell.clinic.drug_tests import actions
from stepwell.clinic.drug_tests.models import LabFile, LabMessage, LabReport, PanelResult
from stepwell.clinic.drug_tests.rules.laboratory import order_number
from stepwell.edi.hl7 import framed
from tests.clinic.drug_tests.making import make_test
from tests.faults.test_signing import AUDIT_CHAIN, wait_until_a_writer_waits
from tests.laboratory_messages import many
from tests.making import NOW, actor, make_patient, make_site, make_staff
from tests.operate.ground import PATIENCE

pytestmark = pytest.mark.processes


def people() -> list[tuple[str, str, str, str, str]]:
    """Patients with a specimen each, as `many` wants them."""
    site = make_site("Peachtree")
    by = actor(make_staff(site, Role.COUNSELOR))
    found = []
    for number, name in enumerate(("Reyes", "Tran", "Okoye")):
        one = make_patient(site, f"Ana{number}", name)
        order = make_test(one, by)
        actions.collect(by=by, at=NOW, order=order, specimen=f"S-{number}")
        found.append((one.code, name, f"Ana{number}", f"{one.birth_date:%Y%m%d}", order_number(order.pk)))
    return found


def test_139_messages_three_times_over_four_connections_are_each_kept_once(listening):
    messages = many(people())
    three_times = messages * 3
    random.Random(5).shuffle(three_times)
    answers: list[list[bytes]] = [[] for _ in range(4)]

    def talk(place: int) -> None:
        answers[place] = listening.send(three_times[place::4])

    threads = [threading.Thread(target=talk, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for place in range(4):
        sent = three_times[place::4]
        assert len(answers[place]) == len(sent)
        for content, answer in zip(sent, answers[place], strict=True):
            bar = content.lstrip()[3:4]
            control = content.split(bar)[9]
            assert bar.join([b"MSA", b"AA", control]) in answer
    assert LabMessage.objects.count() == len(messages) == 139
    kept = {bytes(f.content) for f in LabFile.objects.all()}
    assert kept == set(messages)
    assert (
        Entry.objects.filter(action="drug_tests.receive_results", subject__startswith="LabFile").count()
        == 139
    )
    assert PanelResult.objects.filter(corrected_by__isnull=True, source="laboratory").exists()
    assert trail.verify().ok


def test_a_listener_killed_before_its_commit_has_kept_nothing_and_a_replay_keeps_it_once(listening):
    (content,) = many(people(), count=1)

    def talk() -> None:
        with pytest.raises(ConnectionError):
            listening.send([content])

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [AUDIT_CHAIN])
        talking = threading.Thread(target=talk)
        talking.start()
        wait_until_a_writer_waits(cursor)  # all is written now but the entry and the commit
        listening.kill()
        talking.join()
        cursor.execute("SELECT pg_advisory_unlock(%s)", [AUDIT_CHAIN])
    assert standing() == (0, 0, 0)
    listening.start()
    assert all(b"|AA|" in answer or b"#AA#" in answer for answer in listening.send([content] * 3))
    assert standing()[:2] == (1, 1)


def test_a_listener_killed_after_its_commit_has_kept_it_and_a_replay_makes_no_double(listening):
    (content,) = many(people(), count=1)
    with listening.connect() as link:
        link.sendall(framed(content))
        until = time.monotonic() + PATIENCE
        while not LabMessage.objects.exists() and time.monotonic() < until:
            time.sleep(0.005)
        listening.kill()  # whether the answer got out is chance; that it is kept is not
    before = standing()
    assert before[:2] == (1, 1)
    listening.start()
    listening.send([content])
    assert standing() == before


def test_bytes_that_are_no_frame_hold_up_nobody_and_a_broken_message_is_shown_to_a_person(listening):
    good, other = many(people(), count=2)
    with listening.connect() as link:
        link.sendall(b"GET / HTTP/1.1\r\n\r\n")
    with listening.connect() as link:
        link.sendall(b"\x0b" + good[:90])
    with listening.connect() as link:
        link.sendall(other)  # no frame at all
    assert listening.send([b"\0\xff junk", good])[1].count(b"MSA") == 1
    until = time.monotonic() + PATIENCE
    while LabMessage.objects.count() < 4 and time.monotonic() < until:
        time.sleep(0.02)
    assert sorted(LabMessage.objects.exclude(problem="").values_list("problem", flat=True)) == [
        "It came without the frame of MLLP.",
        "The connection broke off in the middle of it.",
        "This part does not begin with MSH, so it is not an HL7 message.",
    ]
    assert listening.stop() == 0


def standing() -> tuple[int, int, int]:
    return LabFile.objects.count(), LabMessage.objects.count(), LabReport.objects.count()
