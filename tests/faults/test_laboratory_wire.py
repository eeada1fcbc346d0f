"""Over a real socket to a real listener: bytes in any portions, cut wires, nonsense, batches, and letters of many kinds."""

from __future__ import annotations

import random
import socket
import struct
import subprocess
import sys
import threading
import time

import pytest
from django.conf import settings
from django.db import connection

from stepwell.clinic.assessment.models import Alert
from stepwell.clinic.drug_tests.models import LabFile, LabMessage, LabReport, PanelResult
from stepwell.clinic.people.models import Patient
from stepwell.edi.hl7 import framed
from tests import postgres
from tests.faults.listener import Listening, answers_from
from tests.faults.test_laboratory import people
from tests.laboratory_messages import DIALECTS, Said, many, message
from tests.making import make_patient
from tests.operate.ground import PATIENCE, surroundings

pytestmark = pytest.mark.processes


def one_about(person: tuple[str, str, str, str, str], control: str = "C1", **changed: object) -> bytes:
    code, family, given, born, placer = person
    facts = {"code": code, "family": family, "given": given, "born": born, "placer": placer}
    facts |= {"results": {"opiates": "negative", "fentanyl": "positive"}, **changed}
    return message(DIALECTS[0], [Said(**facts)], control=control)


def wait_for(count: int) -> None:
    until = time.monotonic() + PATIENCE
    while LabMessage.objects.count() < count and time.monotonic() < until:
        time.sleep(0.01)
    assert LabMessage.objects.count() == count


def cut_off(link: socket.socket) -> None:
    """As a pulled plug: no goodbye, and nothing that is on its way arrives."""
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    link.close()


def test_a_message_in_two_portions_split_at_every_byte_is_one_message(listening):
    frame = framed(one_about(people()[0]))
    with listening.connect() as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for place in range(1, len(frame)):
            link.sendall(frame[:place])
            time.sleep(0.001)
            link.sendall(frame[place:])
            assert b"MSA|AA|C1" in answers_from(link, 1)[0]
        for byte in frame:
            link.sendall(bytes([byte]))
        assert b"MSA|AA|C1" in answers_from(link, 1)[0]
    assert [bytes(f.content) for f in LabFile.objects.all()] == [frame[1:-2]]
    assert (LabMessage.objects.count(), PanelResult.objects.count(), Alert.objects.count()) == (1, 1, 1)


def test_several_messages_in_one_packet_are_each_answered_in_their_order(listening):
    who = people()
    told = [one_about(who[n % 3], f"C{n}", filler=f"F{n}") for n in range(6)]
    with listening.connect() as link:
        # The third ends without its last byte; a 0B follows at once. The fourth ends its lines as a shell does.
        link.sendall(
            b"".join(framed(one) for one in told[:2]) + framed(told[2])[:-1] + framed(told[3])[:-1] + b"\n"
        )
        got = answers_from(link, 4)
        # The end has no last byte and nothing follows: the answer comes all the same.
        link.sendall(framed(told[4])[:-1])
        got += answers_from(link, 1)
        link.sendall(b"\r" + framed(told[5]))
        got += answers_from(link, 1)
    assert [answer.split(b"MSA|")[1].split(b"\r")[0] for answer in got] == [
        f"AA|C{n}|".encode() for n in range(6)
    ]
    assert {bytes(f.content) for f in LabFile.objects.all()} == set(told)


def test_a_wire_cut_at_any_place_and_the_message_sent_again_is_one_result(listening):
    who = people()
    contents = [one_about(who[n % 3], f"C{n}", filler=f"F{n}") for n in range(8)]
    for n, content in enumerate(contents):
        frame = framed(content)
        # in the header, in the middle, behind the last letter, before 0D, and whole but before the answer
        place = (30, len(frame) // 2, len(frame) - 2, len(frame) - 1, len(frame))[n % 5]
        link = listening.connect()
        link.sendall(frame[:place])
        time.sleep(0.05)
        link.close() if n % 2 else cut_off(link)
    answers = [answer for content in contents for answer in listening.send([content, content])]
    assert [answer.count(b"MSA|AA|") for answer in answers] == [1] * 16
    whole = LabMessage.objects.filter(problem="")
    assert sorted(whole.values_list("control_id", flat=True)) == [f"C{n}" for n in range(8)]
    kept = {m.control_id: bytes(m.file.content)[m.starts : m.ends] for m in whole.select_related("file")}
    assert kept == {f"C{n}": content for n, content in enumerate(contents)}
    assert LabReport.objects.filter(message__problem="", state="filed").count() == 8
    assert PanelResult.objects.filter(corrected_by__isnull=True).count() == 3
    for broken in LabMessage.objects.exclude(problem=""):
        assert broken.problem == "The connection broke off in the middle of it."


def test_a_listener_killed_again_and_again_loses_nothing_and_doubles_nothing(listening):
    contents = many(people(), count=60)
    three_times = contents * 3
    random.Random(3).shuffle(three_times)
    waiting, lock = list(three_times), threading.Lock()

    def talk() -> None:
        while True:
            with lock:
                if not waiting:
                    return
                content = waiting.pop()
            while True:  # a laboratory sends again until it is answered
                try:
                    (answer,) = listening.send([content])
                    break
                except OSError:
                    time.sleep(0.05)
            assert b"AA" in answer

    talking = [threading.Thread(target=talk) for _ in range(3)]
    for one in talking:
        one.start()
    for left in (150, 100, 50):
        while len(waiting) > left:
            time.sleep(0.005)
        listening.kill()
        listening.start()
    for one in talking:
        one.join()
    assert sorted(bytes(f.content) for f in LabFile.objects.all()) == sorted(contents)
    assert LabMessage.objects.count() == 60
    reports = sum(m.reports.count() for m in LabMessage.objects.all())
    assert reports == LabReport.objects.count() >= 60
    standing = PanelResult.objects.filter(corrected_by__isnull=True)
    assert standing.count() == len(set(standing.values_list("order_id", "method")))


def test_nonsense_is_answered_with_no_and_the_next_message_is_taken(listening):
    good = one_about(people()[0])
    sent = [
        b"", b"\0\xff\xfe junk", b"MSH", b"MSH|^~\\&|A|B|C|D|2026||ADT^A01|C9|P|2.5.1\rPID|1\r",
        b"MSH|^~\\&|A|B|C|D|2026||ORU^R01||P|2.5.1\rOBR|1\r", b"{\"not\": \"hl7\"}", b"ISA*00*", good,
    ]  # fmt: skip
    answers = listening.send(sent)
    assert [answer.split(b"MSA|")[1][:2] for answer in answers] == [b"AR"] * 7 + [b"AA"]
    assert {bytes(f.content) for f in LabFile.objects.all()} == set(sent)
    assert LabReport.objects.filter(state="waiting").count() == 7
    assert [answer.split(b"MSA|")[1][:2] for answer in listening.send(sent[1:])] == [b"AR"] * 6 + [b"AA"]
    assert LabMessage.objects.count() == 8


def test_a_batch_in_one_frame_is_answered_message_by_message_and_kept_whole(listening):
    who = people()
    inside = [one_about(who[n], f"C{n}", filler=f"F{n}") for n in range(3)]
    batch = b"FHS|^~\\&|LAB\rBHS|^~\\&|LAB\r" + b"".join(inside) + b"BTS|3\rFTS|1\r"
    with listening.connect() as link:
        link.sendall(framed(batch))
        assert [b"MSA|AA|C%d" % n in one for n, one in enumerate(answers_from(link, 3))] == [True] * 3
        link.sendall(framed(inside[1]))
        assert b"MSA|AA|C1" in answers_from(link, 1)[0]
    assert [bytes(f.content) for f in LabFile.objects.all()] == [batch]
    assert LabMessage.objects.count() == 3


@pytest.mark.parametrize("how", ["mllp", "file"])
def test_letters_beyond_ascii_find_their_patient_and_their_bytes_stay(listening, tmp_path, how):
    (code, *_), _, _ = people()
    site = Patient.objects.get(code=code).site
    told = [
        ("8859/1", "latin-1", "Muñoz", "José"), ("", "latin-1", "Ibáñez", "Íñigo"), ("UNICODE UTF-8", "utf-8", "Łukasik", "Žofia"),
        ("8859/2", "iso8859-2", "Dvořák", "Jiří"), ("8859/5", "iso8859-5", "Жукова", "Анна"), ("", "utf-8-sig", "Ågren", "Åsa"),
        ("", "utf-16", "Nguyễn", "Thị"), ("GB 18030-2000", "gb18030", "王", "小明"), ("ASCII", "utf-8", "Peña", "Ana"),
    ]  # fmt: skip
    contents = []
    for n, (charset, encoding, family, given) in enumerate(told):
        one = make_patient(site, given, family)
        text = (
            f"MSH|^~\\&|LIS|LAB|SW|PEACHTREE|20260318||ORU^R01|É{n}|P|2.5.1||||||{charset}\r"
            f"PID|1||{one.code}||{family}^{given}||{one.birth_date:%Y%m%d}\rOBR|1||F{n}|UDS^Screen^L\r"
            "OBX|1|ST|18282-4^Cannabis^LN||Negative||||||F\r"
        )
        contents.append(
            text.encode(encoding) if encoding != "iso8859-5" else text.replace("É", "E").encode(encoding)
        )
    if how == "mllp":
        for content in contents:
            (answer,) = listening.send([content])
            assert b"AA" in answer.replace(b"\0", b"")
    else:
        taken = take(listening, tmp_path, contents)
        assert taken.count("1 new, 0 already here; 1 in charts, 0 wait") == len(contents)
        taken = take(listening, tmp_path, contents)
        assert taken.count("0 new, 1 already here") == len(contents)
    found = LabReport.objects.filter(state="filed").values_list("patient__family_name", flat=True)
    assert sorted(found) == sorted(family for _, _, family, _ in told)
    assert {bytes(f.content) for f in LabFile.objects.all()} == set(contents)


def test_139_messages_three_times_by_file_and_by_wire_at_once_are_each_kept_once(listening, tmp_path):
    contents = many(people())
    by_wire, by_file = contents * 2, list(contents)
    random.Random(8).shuffle(by_wire)
    random.Random(9).shuffle(by_file)
    talking = threading.Thread(target=lambda: listening.send(by_wire))
    talking.start()
    taken = take(listening, tmp_path, by_file)
    talking.join()
    assert taken.count(" wait for a person.") == 139
    assert sorted(bytes(f.content) for f in LabFile.objects.all()) == sorted(contents)
    assert LabMessage.objects.count() == 139


def take(listening: Listening, folder: object, contents: list[bytes]) -> str:
    """The command that takes in files, as a process of its own."""
    files = []
    for n, content in enumerate(contents):
        file = folder / f"{n}.hl7"
        file.write_bytes(content)
        files.append(str(file))
    done = subprocess.run(
        [sys.executable, "-m", "stepwell", "lab", "take", *files],
        env=surroundings(folder, listening.port)
        | {
            "DATABASE_URL": postgres.url_of(connection.settings_dict),
            "STEPWELL_SECRET_KEY": settings.SECRET_KEY,
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
