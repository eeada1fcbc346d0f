"""The two envelopes of the CAQH CORE connectivity rule (vC2.2.0) for a question in real time: SOAP and MIME multipart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import unquote
from xml.etree import ElementTree
from xml.sax.saxutils import escape

VERSION = "2.2.0"
ASKED = "X12_270_Request_005010X279A1"
_SCHEMA = "http://www.caqh.org/SOAP/WSDL/CORERule2.2.0.xsd"
_SOAP = "http://www.w3.org/2003/05/soap-envelope"
_SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
_TEXT = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText"
_BOUNDARY = "stepwell-7f3c1b0a9d"


class Unreadable(Exception):
    """The answer's envelope is damaged; the text says in one sentence what is wrong."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What stands in the envelope beside the question. `payload_id` is a UUID of this sending."""

    payload_id: str
    at: datetime
    sender: str
    receiver: str
    user: str
    password: str


@dataclass(frozen=True)
class Answered:
    """What stood in the envelope of the answer."""

    payload: bytes
    payload_type: str
    error: str
    message: str


def as_soap(payload: str, sent: Sent) -> tuple[str, bytes]:
    """Content type and body."""
    fields = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in _fields(sent))
    login = (
        f'<soapenv:Header><wsse:Security soapenv:mustUnderstand="true" xmlns:wsse="{_SECURITY}">'
        f"<wsse:UsernameToken><wsse:Username>{escape(sent.user)}</wsse:Username>"
        f'<wsse:Password Type="{_TEXT}">{escape(sent.password)}</wsse:Password>'
        "</wsse:UsernameToken></wsse:Security></soapenv:Header>"
        if sent.user
        else "<soapenv:Header/>"
    )
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<soapenv:Envelope xmlns:soapenv="{_SOAP}">{login}<soapenv:Body>'
        f'<core:COREEnvelopeRealTimeRequest xmlns:core="{_SCHEMA}">{fields}'
        f"<Payload><![CDATA[{payload}]]></Payload>"
        "</core:COREEnvelopeRealTimeRequest></soapenv:Body></soapenv:Envelope>"
    )
    return 'application/soap+xml; charset=UTF-8; action="RealTimeTransaction"', body.encode()


def as_mime(payload: str, sent: Sent) -> tuple[str, bytes]:
    """Content type and body."""
    login = [("UserName", sent.user), ("Password", sent.password)] if sent.user else []
    parts = [*_fields(sent)[:4], *login, *_fields(sent)[4:], ("Payload", payload)]
    body = "".join(
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in parts
    )
    return f"multipart/form-data; boundary={_BOUNDARY}", f"{body}--{_BOUNDARY}--\r\n".encode()


def read_soap(body: bytes, content_type: str = "") -> Answered:
    """What a SOAP answer holds, also as the first part of several (MTOM) with the payload beside it.

    Raises `Unreadable`; declarations of types and entities are refused unread.
    """
    beside: dict[str, bytes] = {}
    if content_type.strip().lower().startswith("multipart/"):
        parts = _parts(content_type, body)
        if not parts:
            raise Unreadable("The clearinghouse's answer is damaged or cut off.")
        (_, body), *others = parts
        beside = {
            part["Content-ID"].strip().strip("<>"): content for part, content in others if part["Content-ID"]
        }
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise Unreadable("The clearinghouse's answer is no UTF-8 text.") from fault
    if re.search(r"<!(?!\[CDATA\[|--)", text):
        raise Unreadable("The clearinghouse's answer declares entities, which are never read.")
    whole = re.sub(r"^<\?xml[^>]*\?>", "", text.strip())
    try:
        root = ElementTree.fromstring(whole)  # noqa: S314 -- without declarations, checked above
    except ElementTree.ParseError as fault:
        raise Unreadable("The clearinghouse's answer is damaged or cut off.") from fault
    found = {element.tag.rpartition("}")[2]: (element.text or "") for element in root.iter()}
    if "Fault" in found:
        reason = next((v.strip() for k, v in found.items() if k in ("Text", "faultstring") and v.strip()), "")
        raise Unreadable(f"The clearinghouse answers with a fault: {reason[:120] or 'no reason told'}.")
    for element in root.iter():
        if element.tag.endswith("}Include") and (href := element.get("href", "")).startswith("cid:"):
            found["Payload"] = beside.get(unquote(href[4:]), b"").decode("utf-8", "replace")
    return _answered(found)


def read_mime(content_type: str, body: bytes) -> Answered:
    """What a multipart answer holds. Raises `Unreadable`."""
    if not re.match(r"multipart/", content_type.strip(), re.IGNORECASE):
        raise Unreadable("The clearinghouse's answer is not multipart, as it should be.")
    found: dict[str, str] = {}
    for part, content in _parts(content_type, body):
        name = part.get_param("name", header="content-disposition")
        if isinstance(name, str):
            found[name] = content.decode("utf-8", "replace")
    return _answered(found)


def _parts(content_type: str, body: bytes) -> list[tuple[EmailMessage, bytes]]:
    """Each part with its content. Raises `Unreadable` for what has no end."""
    parsed = BytesParser(EmailMessage, policy=HTTP).parsebytes(
        b"Content-Type: " + content_type.encode("latin-1", "replace") + b"\r\n\r\n" + body
    )
    boundary = parsed.get_boundary()
    if not parsed.is_multipart() or not boundary or f"--{boundary}--".encode() not in body:
        raise Unreadable("The clearinghouse's answer is damaged or cut off.")
    return [
        (part, content)
        for part in parsed.iter_parts()
        if isinstance(part, EmailMessage) and isinstance(content := part.get_payload(decode=True), bytes)
    ]


def _fields(sent: Sent) -> list[tuple[str, str]]:
    return [
        ("PayloadType", ASKED),
        ("ProcessingMode", "RealTime"),
        ("PayloadID", sent.payload_id),
        ("TimeStamp", f"{sent.at:%Y-%m-%dT%H:%M:%SZ}"),
        ("SenderID", sent.sender),
        ("ReceiverID", sent.receiver),
        ("CORERuleVersion", VERSION),
    ]


def _answered(found: dict[str, str]) -> Answered:
    if "PayloadType" not in found and "ErrorCode" not in found:
        raise Unreadable("The clearinghouse's answer is not in the CAQH CORE envelope.")
    return Answered(
        payload=found.get("Payload", "").strip().encode(),
        payload_type=found.get("PayloadType", "").strip(),
        error=found.get("ErrorCode", "Success").strip() or "Success",
        message=found.get("ErrorMessage", "").strip(),
    )
