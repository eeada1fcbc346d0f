"""The addresses outside that Stepwell is given: mail server, clearinghouse, relay for video, your own PostgreSQL."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from stepwell.project.unready import Unready
from stepwell.project.variables import several


@dataclass(frozen=True)
class MailServer:
    """Where letters are handed over. `starttls` upgrades a plain connection, `tls_at_once` begins with TLS."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    starttls: bool = True
    tls_at_once: bool = False

    @classmethod
    def read(cls, url: str | None) -> "MailServer | None":
        """From smtp:// or smtps://. Raises `Unready`. A server on this machine is spoken to plainly."""
        if url is None:
            return None
        parts = urlsplit(url)
        try:
            port = parts.port or (465 if parts.scheme == "smtps" else 587)
        except ValueError:
            port = 0
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname or not port:
            raise Unready("STEPWELL_SMTP is not a mail server; write smtp://user:password@host:587.")
        return cls(
            host=parts.hostname,
            port=port,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            starttls=parts.scheme == "smtp" and parts.hostname not in ("localhost", "127.0.0.1", "::1"),
            tls_at_once=parts.scheme == "smtps",
        )


@dataclass(frozen=True)
class Clearinghouse:
    """Where questions to payers go and how. `kind`: folder, sftp, https, or demo, whose payer answers by itself."""

    kind: str
    path: str
    scheme: str = ""
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    envelope: str = "soap"
    sender_kind: str = "ZZ"
    sender: str = "STEPWELL"
    receiver_kind: str = "ZZ"
    receiver: str = "CLEARINGHOUSE"
    known_hosts: str = ""
    key: str = ""
    test: bool = False

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Clearinghouse | None":
        """From the five variables; None without an address. Raises `Unready`."""
        url = given.get("STEPWELL_CLEARINGHOUSE")
        if url is None:
            return None
        parts = urlsplit(url)
        wrong = Unready(
            "STEPWELL_CLEARINGHOUSE is no address of a clearinghouse; write folder:///path, sftp://user@host/path"
            " or https://user:password@host/path."
        )
        try:
            port = parts.port or {"sftp": 22, "https": 443, "http": 80}.get(parts.scheme, 0)
        except ValueError:
            raise wrong from None
        local = parts.hostname in ("localhost", "127.0.0.1", "::1")
        kind = {"folder": "folder", "sftp": "sftp", "https": "https", "http": "https"}.get(parts.scheme, "")
        if (
            not kind
            or (kind == "folder") != (not parts.hostname)
            or (kind == "folder" and len(parts.path) < 2)
        ):
            raise wrong
        if parts.scheme == "http" and not local:
            raise Unready(
                "STEPWELL_CLEARINGHOUSE begins with http://; what patients are insured by is sent by https only."
            )
        ids = given.get("STEPWELL_CLEARINGHOUSE_IDS", "ZZ:STEPWELL ZZ:CLEARINGHOUSE").split()
        named = [tuple(one.split(":")) for one in ids]
        if [len(one) for one in named] != [2, 2] or not all(
            len(kind_of) == 2 and kind_of.isalnum() and 2 <= len(number) <= 15 for kind_of, number in named
        ):
            raise Unready(
                "STEPWELL_CLEARINGHOUSE_IDS is not a sender and a receiver; write two of them like ZZ:123456789."
            )
        envelope = dict(parse_qsl(parts.query)).get("envelope", "soap")
        if envelope not in ("soap", "mime"):
            raise Unready("STEPWELL_CLEARINGHOUSE names an envelope that is neither soap nor mime.")
        return cls(
            kind=kind,
            path=unquote(parts.path),
            scheme=parts.scheme,
            host=parts.hostname or "",
            port=port,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            envelope=envelope,
            sender_kind=named[0][0],
            sender=named[0][1],
            receiver_kind=named[1][0],
            receiver=named[1][1],
            known_hosts=given.get("STEPWELL_CLEARINGHOUSE_KNOWN_HOSTS", ""),
            key=given.get("STEPWELL_CLEARINGHOUSE_KEY", ""),
            test=given.get("STEPWELL_CLEARINGHOUSE_TEST", "0") == "1",
        )


def relay_of(url: str | None) -> str | None:
    """The given addresses of a coturn, as they are. Raises `Unready` for anything else."""
    if url is not None and not all(one.startswith(("turn:", "turns:")) for one in several(url) or ("",)):
        raise Unready("STEPWELL_TURN_URL is not a relay; write turn:host:3478 or turns:host:5349.")
    return url


def connection_parameters_of(url: str) -> dict[str, Any]:
    """The parts of a postgresql:// address as psycopg's keywords. Raises `Unready`."""
    parts = urlsplit(url)
    try:
        port = parts.port or 5432
    except ValueError:
        port = 0
    name = unquote(parts.path.removeprefix("/"))
    query = dict(parse_qsl(parts.query))
    if parts.scheme not in ("postgresql", "postgres") or not name or not port:
        raise Unready(
            "DATABASE_URL is not a PostgreSQL address; write postgresql://user:password@host:5432/name."
        )
    found: dict[str, Any] = {"dbname": name, "port": port, **query}
    if parts.hostname:
        found["host"] = unquote(parts.hostname)
    if parts.username:
        found["user"] = unquote(parts.username)
    if parts.password:
        found["password"] = unquote(parts.password)
    return found
