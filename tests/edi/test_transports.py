"""Each way to a clearinghouse, against a small one on loopback: when it is well, down, slow, double, broken or cut off."""

from __future__ import annotations

import os
import socket
import ssl
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from stepwell.edi.transports import Later, Refused, transport_for
from stepwell.edi.transports.core_envelopes import Unreadable, read_mime, read_soap
from stepwell.edi.transports.core_https import CoreHttps
from stepwell.edi.transports.folder import Folder
from stepwell.edi.transports.sftp import Sftp
from stepwell.edi.x12 import Envelope, read_file, write_270
from stepwell.project.outside import Clearinghouse
from stepwell.project.unready import Unready
from tests.edi.servers import SOAP, closed_port, http_clearinghouse, sftp_clearinghouse
from tests.edi.test_x12 import QUESTION

PAYLOAD = write_270(QUESTION, Envelope(test=True))


def https(port: int, envelope: str = "soap", **facts) -> CoreHttps:
    read = Clearinghouse.read(
        {"STEPWELL_CLEARINGHOUSE": f"http://clinic:p%40ss@127.0.0.1:{port}/core?envelope={envelope}"}
    )
    assert read is not None
    return CoreHttps(replace(read, **facts), seconds=2)


# -- CAQH CORE over HTTP --


@pytest.mark.parametrize("envelope", ["soap", "mime"])
def test_the_answer_comes_with_the_question(envelope):
    with http_clearinghouse() as house:
        [came] = https(house.port, envelope).send(PAYLOAD, reference="SW000000042")
    assert house.asked == [PAYLOAD.strip()]
    assert [a.traces for a in read_file(came.content).answers] == [("SW000000042",)]
    sent = house.bodies[0].decode()
    assert all(
        word in sent
        for word in (
            "X12_270_Request_005010X279A1",
            "RealTime",
            "2.2.0",
            "STEPWELL",
            "CLEARINGHOUSE",
            "clinic",
            "p@ss",
        )
    )


@pytest.mark.parametrize("envelope", ["soap", "mime"])
@pytest.mark.parametrize(
    ("trouble", "kind", "sentence"),
    [
        ({"status": 500, "raw": b"<html>oops"}, Later, "trouble of its own (HTTP 500)"),
        ({"status": 503, "raw": b""}, Later, "trouble of its own (HTTP 503)"),
        ({"status": 404, "raw": b"no"}, Refused, "refuses the question (HTTP 404)"),
        ({"status": 401, "raw": b""}, Refused, "user name or password"),
        ({"status": 302, "raw": b""}, Refused, "has moved"),
        ({"raw": b""}, Later, "answer"),
        ({"raw": b"\xff\xfe\x00"}, Later, "answer"),
        ({"cut": 40}, Later, "cut off"),
        ({"error": "UnAuthorized"}, Refused, "user name or password"),
        ({"error": "PayloadTypeIllegal"}, Refused, "does not take questions"),
        ({"error": "VersionMismatch"}, Refused, "another version"),
        ({"error": "Receiver"}, Later, "error Receiver"),
        ({"error": "SomethingElse"}, Refused, "error SomethingElse"),
        ({"answer": lambda _: ""}, Later, "empty"),
    ],
)  # fmt: skip
def test_trouble_is_one_sentence_that_says_whether_to_try_again(envelope, trouble, kind, sentence):
    with http_clearinghouse() as house:
        for name, value in trouble.items():
            setattr(house, name, value)
        with pytest.raises(kind) as told:
            https(house.port, envelope).send(PAYLOAD, reference="x")
    assert sentence in str(told.value)
    assert "p@ss" not in str(told.value)


def test_a_slow_clearinghouse_is_left():
    with http_clearinghouse() as house:
        house.seconds = 3
        way = https(house.port)
        way.seconds = 0.3
        with pytest.raises(Later, match="did not answer within"):
            way.send(PAYLOAD, reference="x")


def test_a_clearinghouse_that_is_down_is_tried_later():
    with pytest.raises(Later, match="cannot be reached"):
        https(closed_port()).send(PAYLOAD, reference="x")


def test_tls_is_checked_against_the_authority_on_file(tmp_path):
    certificate, key = _certificate(tmp_path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    with http_clearinghouse(server) as house:
        way = https(house.port, scheme="https", known_hosts=str(certificate), host="localhost")
        assert way.send(PAYLOAD, reference="x")[0].name == "x.271"
        with pytest.raises(Refused, match="certificate"):
            https(house.port, scheme="https", host="localhost").send(PAYLOAD, reference="x")


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b"<a><b></a>",
        b"",
        b"no xml",
        "<a/>".encode("utf-16"),
        b"<Envelope><Fault><Text>busy</Text></Fault></Envelope>",
        b"<" * 5000,
    ],
)
def test_no_xml_from_outside_is_trusted(body):
    with pytest.raises(Unreadable):
        read_soap(body)


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "multipart/form-data", "multipart/form-data; boundary=\x00"]
)
def test_no_multipart_from_outside_is_trusted(kind):
    with pytest.raises(Unreadable):
        read_mime(kind, b"--b\r\n\r\nx\r\n")


@pytest.mark.parametrize("inside", [True, False])
def test_a_soap_answer_of_several_parts_is_read(inside):
    payload = "<![CDATA[ISA~]]>" if inside else '<x:Include xmlns:x="http://www.w3.org/2004/08/xop/include" href="cid:one%40house"/>'  # fmt: skip
    soap = SOAP.replace("<![CDATA[{payload}]]>", payload).format(type="X12_271", error="Success")
    body = (
        f"--b\r\nContent-Type: application/xop+xml\r\nContent-ID: <root>\r\n\r\n{soap}\r\n"
        "--b\r\nContent-Type: application/EDI-X12\r\nContent-ID: <one@house>\r\n\r\nISA~\r\n--b--\r\n"
    ).encode()
    kind = 'multipart/related; type="application/xop+xml"; start="<root>"; boundary=b'
    assert (read_soap(body, kind).payload, read_soap(body, kind).error) == (b"ISA~", "Success")
    with pytest.raises(Unreadable, match="cut off"):
        read_soap(body[:-12], kind)
    with pytest.raises(Unreadable):
        read_soap(b"--b--", kind)


# -- a folder --


def test_a_folder_takes_questions_and_gives_answers_once(tmp_path):
    way = Folder(tmp_path, still=0)
    assert way.send(PAYLOAD, reference="SW000000042") == []
    way.send(PAYLOAD, reference="SW000000042")
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["SW000000042.270"]
    assert (tmp_path / "out" / "SW000000042.270").read_text() == PAYLOAD
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.271").write_bytes(b"one")
    (tmp_path / "in" / ".b.part").write_bytes(b"half")
    with way.collect() as files:
        found = list(files)
    assert [(c.name, c.content) for c in found] == [("a.271", b"one")]
    found[0].settle()
    with way.collect() as files:
        assert list(files) == []
    assert (tmp_path / "in" / "taken" / "a.271").read_bytes() == b"one"


def test_a_file_that_is_still_written_is_left_for_the_next_time(tmp_path):
    (tmp_path / "in").mkdir()
    growing = tmp_path / "in" / "a.271"
    growing.write_bytes(b"half")
    way = Folder(tmp_path)
    with way.collect() as files:
        assert list(files) == []
    old = (datetime.now(UTC) - timedelta(minutes=1)).timestamp()
    os.utime(growing, (old, old))
    with way.collect() as files:
        assert [c.content for c in files] == [b"half"]


def test_a_folder_that_cannot_be_written_is_tried_later(tmp_path):
    (tmp_path / "out").write_text("a file where the folder should be")
    (tmp_path / "in").write_text("here too")
    way = Folder(tmp_path)
    with pytest.raises(Later, match="cannot be written"):
        way.send(PAYLOAD, reference="x")
    with pytest.raises(Later, match="cannot be read"), way.collect() as files:
        list(files)


# -- SFTP --


@pytest.fixture
def served(tmp_path):
    folder = tmp_path / "served"
    for name in ("out", "in"):
        (folder / name).mkdir(parents=True)
    with sftp_clearinghouse(folder) as (port, known):
        yield folder, port, known


def sftp(port: int, known: Path | str, word: str = "right") -> Sftp:
    read = Clearinghouse.read(
        {
            "STEPWELL_CLEARINGHOUSE": f"sftp://clinic:{word}@127.0.0.1:{port}/",
            "STEPWELL_CLEARINGHOUSE_KNOWN_HOSTS": str(known),
        }
    )
    way = transport_for(read)
    assert isinstance(way, Sftp)
    way.still = 0.2
    return way


def test_sftp_takes_questions_and_gives_answers_once(served):
    folder, port, known = served
    way = sftp(port, known)
    for _ in range(2):
        assert way.send(PAYLOAD, reference="SW000000042") == []
    assert [(p.name, p.read_text()) for p in (folder / "out").iterdir()] == [("SW000000042.270", PAYLOAD)]
    (folder / "in" / "a.271").write_bytes(b"one")
    (folder / "in" / ".half").write_bytes(b"half")
    with way.collect() as files:
        found = list(files)
        assert [(c.name, c.content) for c in found] == [("a.271", b"one")]
        found[0].settle()
    assert (folder / "in" / "taken" / "a.271").read_bytes() == b"one"
    with way.collect() as files:
        assert list(files) == []


def test_by_sftp_a_file_that_is_still_written_is_left_for_the_next_time(served):
    folder, port, known = served
    growing, whole = folder / "in" / "a.271", folder / "in" / "b.271"
    growing.write_bytes(b"half")
    whole.write_bytes(b"whole")
    done = threading.Event()

    def write_on() -> None:
        while not done.wait(0.02):
            with growing.open("ab") as file:
                file.write(b".")

    writer = threading.Thread(target=write_on)
    writer.start()
    with sftp(port, known).collect() as files:
        found = list(files)
        for one in found:
            one.settle()
    done.set()
    writer.join()
    assert [one.name for one in found] == ["b.271"]
    with sftp(port, known).collect() as files:
        assert [(one.name, one.content) for one in files] == [("a.271", growing.read_bytes())]


def test_sftp_that_is_not_settled_is_found_again(served):
    folder, port, known = served
    (folder / "in" / "a.271").write_bytes(b"one")
    for _ in range(2):
        with sftp(port, known).collect() as files:
            assert len(list(files)) == 1


def test_a_server_with_another_key_is_not_spoken_to(served, tmp_path):
    _, port, known = served
    import asyncssh

    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    wrong = tmp_path / "wrong"
    wrong.write_text(f"[127.0.0.1]:{port} {other}\n")
    with pytest.raises(Refused, match="another key"):
        sftp(port, wrong).send(PAYLOAD, reference="x")
    with pytest.raises(Refused, match="user name, password or key"):
        sftp(port, known, word="wrong").send(PAYLOAD, reference="x")


def test_sftp_without_its_folders_is_refused_and_one_that_is_down_tried_later(served):
    folder, port, known = served
    (folder / "out").rmdir()
    with pytest.raises(Refused, match="folders"):
        sftp(port, known).send(PAYLOAD, reference="x")
    with pytest.raises(Later, match="cannot be reached"):
        sftp(closed_port(), known).send(PAYLOAD, reference="x")


def test_an_sftp_server_that_says_nothing_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr("stepwell.edi.transports.sftp._SECONDS", 0.3)
    known = tmp_path / "known"
    known.write_text("")
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(Later, match="cannot be reached"):
            sftp(silent.getsockname()[1], known).send(PAYLOAD, reference="x")


def test_without_the_servers_key_nothing_is_sent():
    with pytest.raises(Refused, match="KNOWN_HOSTS"):
        sftp(22, "")


# -- settings --


@pytest.mark.parametrize(
    "given",
    [
        {"STEPWELL_CLEARINGHOUSE": "somewhere"},
        {"STEPWELL_CLEARINGHOUSE": "ftp://host/path"},
        {"STEPWELL_CLEARINGHOUSE": "folder://host/path"},
        {"STEPWELL_CLEARINGHOUSE": "https:///path"},
        {"STEPWELL_CLEARINGHOUSE": "https://host:99999/"},
        {"STEPWELL_CLEARINGHOUSE": "http://clearinghouse.example.org/"},
        {"STEPWELL_CLEARINGHOUSE": "https://host/?envelope=pigeon"},
        {"STEPWELL_CLEARINGHOUSE": "https://host/", "STEPWELL_CLEARINGHOUSE_IDS": "ZZ:ONE"},
        {"STEPWELL_CLEARINGHOUSE": "https://host/", "STEPWELL_CLEARINGHOUSE_IDS": "ZZ:ONE ZZZ:TWO"},
        {"STEPWELL_CLEARINGHOUSE": "https://host/", "STEPWELL_CLEARINGHOUSE_IDS": "ZZ:ONE ZZ:MORETHANFIFTEENSIGNS"},
    ],
)  # fmt: skip
def test_a_wrong_setting_is_refused_at_the_start(given):
    with pytest.raises(Unready, match="STEPWELL_CLEARINGHOUSE"):
        Clearinghouse.read(given)


def test_right_settings():
    read = Clearinghouse.read(
        {
            "STEPWELL_CLEARINGHOUSE": "https://clinic:p%40ss@edi.example.org/core?envelope=mime",
            "STEPWELL_CLEARINGHOUSE_IDS": "30:123456789 01:987654321",
            "STEPWELL_CLEARINGHOUSE_TEST": "1",
        }
    )
    assert read is not None
    assert (read.kind, read.host, read.port, read.path, read.user, read.password, read.envelope) == (
        "https", "edi.example.org", 443, "/core", "clinic", "p@ss", "mime",
    )  # fmt: skip
    assert (read.sender_kind, read.sender, read.receiver_kind, read.receiver, read.test) == (
        "30", "123456789", "01", "987654321", True,
    )  # fmt: skip
    assert Clearinghouse.read({}) is None


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost that is its own authority, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return paths
