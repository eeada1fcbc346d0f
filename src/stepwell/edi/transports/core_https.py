"""HTTPS as the CAQH CORE connectivity rule describes it: the answer comes with the question, within 20 seconds as a rule."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from .adapter import Came, Later, Refused
from .core_envelopes import Answered, Sent, Unreadable, as_mime, as_soap, read_mime, read_soap

_LARGEST = 8 * 1024 * 1024
_OURS = {
    "UnAuthorized": "The clearinghouse refuses our user name or password.",
    "VersionMismatch": "The clearinghouse speaks another version of the CAQH CORE rule.",
    "PayloadTypeIllegal": "The clearinghouse does not take questions about eligibility.",
    "SenderIDIllegal": "The clearinghouse does not know our sender number.",
    "ReceiverIDIllegal": "The clearinghouse does not know the receiver number.",
}


class CoreHttps:
    """One request for each question, by the standard library's client: nothing is followed, cached or retried unseen."""

    name = "https"
    at_once = True

    def __init__(self, settings: Any, *, seconds: float = 60) -> None:
        self.settings, self.seconds = settings, seconds

    def send(self, payload: str, *, reference: str) -> list[Came]:
        """The answer of the payer, or a refusal in words."""
        s = self.settings
        sent = Sent(
            payload_id=str(uuid4()),
            at=datetime.now(UTC),
            sender=s.sender,
            receiver=s.receiver,
            user=s.user,
            password=s.password,
        )
        content_type, body = (as_mime if s.envelope == "mime" else as_soap)(payload, sent)
        status, told_type, raw = self._exchange(content_type, body)
        if status in (401, 403):
            raise Refused("The clearinghouse refuses our user name or password.")
        if 300 <= status < 400:
            raise Refused("The clearinghouse's address has moved; ask them for the new one.")
        try:
            answered = read_mime(told_type, raw) if s.envelope == "mime" else read_soap(raw, told_type)
        except Unreadable as fault:
            if 400 <= status < 500:
                raise Refused(f"The clearinghouse refuses the question (HTTP {status}).") from fault
            if status >= 500:
                raise Later(f"The clearinghouse has trouble of its own (HTTP {status}).") from fault
            raise Later(str(fault)) from fault
        return self._judged(answered, status, reference)

    @contextmanager
    def collect(self) -> Iterator[Iterator[Came]]:
        """Nothing lies anywhere: every answer comes with its question."""
        yield iter(())

    def _exchange(self, content_type: str, body: bytes) -> tuple[int, str, bytes]:
        s = self.settings
        connection: http.client.HTTPConnection
        if s.scheme == "https":
            context = ssl.create_default_context(cafile=s.known_hosts or None)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            if s.key:
                context.load_cert_chain(s.key)
            connection = http.client.HTTPSConnection(s.host, s.port, timeout=self.seconds, context=context)
        else:
            connection = http.client.HTTPConnection(s.host, s.port, timeout=self.seconds)
        try:
            connection.request(
                "POST", s.path or "/", body, {"Content-Type": content_type, "Connection": "close"}
            )
            answer = connection.getresponse()
            raw = answer.read(_LARGEST + 1)
            return answer.status, answer.headers.get("Content-Type", ""), raw
        except http.client.IncompleteRead as fault:
            raise Later("The clearinghouse's answer was cut off.") from fault
        except TimeoutError as fault:
            raise Later(f"The clearinghouse did not answer within {self.seconds:.0f} seconds.") from fault
        except ssl.SSLCertVerificationError as fault:
            raise Refused("The clearinghouse's certificate is not one that is trusted here.") from fault
        except (OSError, http.client.HTTPException) as fault:
            raise Later("The clearinghouse cannot be reached.") from fault
        finally:
            connection.close()

    def _judged(self, answered: Answered, status: int, reference: str) -> list[Came]:
        if answered.error.casefold() != "success":
            if answered.error in _OURS:
                raise Refused(_OURS[answered.error])
            sentence = f"The clearinghouse answers with the error {answered.error[:60]}."
            if answered.error in ("Sender", "Receiver") or status >= 500:
                raise Later(sentence)
            raise Refused(sentence)
        if status >= 500:
            raise Later(f"The clearinghouse has trouble of its own (HTTP {status}).")
        if not answered.payload:
            raise Later("The clearinghouse's answer is empty.")
        return [Came(answered.payload, f"{reference}.271")]
