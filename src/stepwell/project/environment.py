"""The surroundings Stepwell runs in: every setting, read from the environment in this one place.

`SETTINGS` is the list of record; `docs/operate/settings.md` is checked against it by a test.
"""

import contextlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

LONGEST_SOCKET_PATH = 100
"""Bytes a Unix socket's path may have everywhere (Linux allows 107, macOS 103), less a margin."""


class Unready(Exception):
    """The surroundings are not fit to run in; the text is one plain sentence saying what to do."""


@dataclass(frozen=True)
class Setting:
    """One environment variable: its name, what holds without it, and what it decides."""

    name: str
    default: str
    what: str


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "STEPWELL_HOME",
        ".stepwell in the checkout, else ~/.stepwell",
        "Folder that holds the carried database, the secret key and uploaded files.",
    ),
    Setting("HOST", "127.0.0.1", "Address the pages and the live stream listen on."),
    Setting("PORT", "8000", "Port of the pages."),
    Setting(
        "DATABASE_URL",
        "the carried PostgreSQL",
        "Your own PostgreSQL 16 or newer: postgresql://user:password@host:5432/name.",
    ),
    Setting(
        "STEPWELL_DATABASE_POOL",
        "4",
        "Most database connections that one process keeps; 0 keeps none open between requests.",
    ),
    Setting(
        "STEPWELL_SECRET_KEY",
        "made once and kept in STEPWELL_HOME/secret-key",
        "Signs sessions and links; the same on every machine that serves one clinic.",
    ),
    Setting(
        "STEPWELL_ORIGIN",
        "http://HOST:PORT",
        "What people have in the browser's address bar, such as https://iop.example.org.",
    ),
    Setting(
        "STEPWELL_ALLOWED_HOSTS",
        "the host of STEPWELL_ORIGIN and this machine's own names",
        "Further host names the pages answer to, separated by commas.",
    ),
    Setting(
        "STEPWELL_TRUSTED_PROXIES",
        "127.0.0.1 when STEPWELL_ORIGIN is set; else nobody",
        "Addresses of reverse proxies whose X-Forwarded-For header is believed, separated by commas.",
    ),
    Setting("STEPWELL_LIVE_PORT", "PORT + 1", "Port of the live stream."),
    Setting(
        "STEPWELL_LIVE_URL",
        "the page's host with STEPWELL_LIVE_PORT, path /live",
        "Where browsers find the live stream; behind a proxy usually /live on the same host.",
    ),
    Setting("STEPWELL_WORKERS", "as many as there are cores", "Processes that answer pages."),
    Setting(
        "STEPWELL_SMTP",
        "letters are files in STEPWELL_HOME/outbox",
        "Your mail server: smtp://user:password@host:587, or smtps:// for TLS from the first byte.",
    ),
    Setting(
        "STEPWELL_MAIL_FROM",
        "no-reply@ and the host of STEPWELL_ORIGIN",
        "Sender of letters; choose one that names no program.",
    ),
    Setting(
        "STEPWELL_TURN_URL",
        "browsers reach each other directly",
        "Your coturn for sessions by video, such as turn:turn.example.org:3478; several with commas.",
    ),
    Setting(
        "STEPWELL_TURN_SECRET",
        "no relay is offered",
        "The static-auth-secret of that coturn; browsers get credentials that run out.",
    ),
    Setting(
        "STEPWELL_JANUS",
        "sessions by video hold up to four people",
        "Unix socket of the Janus gateway beside Stepwell, for groups by video (see video.md).",
    ),
    Setting(
        "STEPWELL_CLEARINGHOUSE",
        "payers are asked by phone",
        "Where electronic questions about eligibility go: a folder, SFTP or HTTPS address (see eligibility.md).",
    ),
    Setting(
        "STEPWELL_CLEARINGHOUSE_IDS",
        "ZZ:STEPWELL ZZ:CLEARINGHOUSE",
        "Sender and receiver in the X12 envelope, each with its qualifier, as the clearinghouse gave them.",
    ),
    Setting(
        "STEPWELL_CLEARINGHOUSE_KNOWN_HOSTS",
        "no SFTP; usual certificate authorities for HTTPS",
        "File with the host key of the SFTP server, or with the certificate authority of the HTTPS one.",
    ),
    Setting(
        "STEPWELL_CLEARINGHOUSE_KEY",
        "a password in the address",
        "File with our private key for SFTP, or with our certificate and key for HTTPS.",
    ),
    Setting(
        "STEPWELL_CLEARINGHOUSE_TEST",
        "0",
        "1 marks what is sent as a test, until the clearinghouse has let the site go live.",
    ),
    Setting("STEPWELL_LOG", "json; pretty in the demo", "Form of the log lines: json or pretty."),
    Setting(
        "STEPWELL_DEMO",
        "0; 1 under `stepwell demo`",
        "1 means synthetic data only: demo logins are shown and no second factor is asked for.",
    ),
)


def checkout_root() -> Path | None:
    """The root of the source checkout this code runs from; None when it was installed."""
    root = Path(__file__).resolve().parents[3]
    return root if (root / "pyproject.toml").is_file() and (root / "src" / "stepwell").is_dir() else None


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


@dataclass(frozen=True)
class Environment:
    """Everything the surroundings decide, already checked and typed."""

    home: Path
    host: str
    port: int
    database_url: str | None
    database_pool: int
    given_secret_key: str | None
    origin: str
    origin_given: bool
    further_hosts: tuple[str, ...]
    trusted_proxies: tuple[str, ...]
    live_port: int
    given_live_url: str | None
    workers: int
    log: str
    demo: bool
    smtp: MailServer | None = None
    given_mail_from: str | None = None
    turn_url: str | None = None
    turn_secret: str | None = None
    janus: str | None = None
    given_clearinghouse: Clearinghouse | None = None

    @classmethod
    def read(cls, variables: Mapping[str, str] | None = None) -> "Environment":
        """Reads and checks the variables (`os.environ` unless given). Raises `Unready`."""
        given = {name: value.strip() for name, value in (variables or os.environ).items() if value.strip()}
        root = checkout_root()
        home = given.get("STEPWELL_HOME") or (root / ".stepwell" if root else "~/.stepwell")
        host = given.get("HOST", "127.0.0.1")
        port = _number(given, "PORT", 8000, least=1, most=65535)
        demo = given.get("STEPWELL_DEMO", "0") == "1"
        log = given.get("STEPWELL_LOG", "pretty" if demo else "json")
        if log not in ("json", "pretty"):
            raise Unready(f"STEPWELL_LOG is {log!r}; it must be json or pretty.")
        origin = given.get("STEPWELL_ORIGIN", f"http://{_in_url(host)}:{port}").rstrip("/")
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
            raise Unready(
                f"STEPWELL_ORIGIN is {origin!r}; write scheme and host only, such as https://iop.example.org."
            )
        url = given.get("DATABASE_URL")
        if url is not None:
            connection_parameters_of(url)  # a bad address is told now, not at the first query
        return cls(
            home=Path(home).expanduser().absolute(),
            host=host,
            port=port,
            database_url=url,
            database_pool=_number(given, "STEPWELL_DATABASE_POOL", 4, least=0, most=100),
            given_secret_key=given.get("STEPWELL_SECRET_KEY"),
            origin=origin,
            origin_given="STEPWELL_ORIGIN" in given,
            further_hosts=_several(given.get("STEPWELL_ALLOWED_HOSTS", "")),
            trusted_proxies=_several(
                given.get("STEPWELL_TRUSTED_PROXIES", "127.0.0.1" if "STEPWELL_ORIGIN" in given else "")
            ),
            live_port=_number(given, "STEPWELL_LIVE_PORT", min(port + 1, 65535), least=1, most=65535),
            given_live_url=given.get("STEPWELL_LIVE_URL"),
            workers=_number(given, "STEPWELL_WORKERS", os.cpu_count() or 1, least=1, most=512),
            log=log,
            demo=demo,
            smtp=MailServer.read(given.get("STEPWELL_SMTP")),
            given_mail_from=given.get("STEPWELL_MAIL_FROM"),
            turn_url=_relay(given.get("STEPWELL_TURN_URL")),
            turn_secret=given.get("STEPWELL_TURN_SECRET"),
            janus=given.get("STEPWELL_JANUS"),
            given_clearinghouse=Clearinghouse.read(given),
        )

    @property
    def clearinghouse(self) -> Clearinghouse | None:
        """The site's; in the demo a folder whose payer answers by itself. None: payers are asked by phone."""
        if self.given_clearinghouse is None and self.demo:
            return Clearinghouse(kind="demo", path=str(self.home / "clearinghouse"), test=True)
        return self.given_clearinghouse

    @property
    def mail_from(self) -> str:
        """Sender of letters."""
        return self.given_mail_from or f"no-reply@{urlsplit(self.origin).hostname or 'localhost'}"

    @property
    def turn_urls(self) -> tuple[str, ...]:
        """The addresses of the site's relay for video, in the order in which browsers try them."""
        return _several(self.turn_url or "")

    @cached_property
    def secret_key(self) -> str:
        """The given key, or the one kept in the home folder (made on first use). Raises `Unready`."""
        if self.given_secret_key:
            if len(self.given_secret_key) < 32:
                raise Unready("STEPWELL_SECRET_KEY is too short; use at least 32 random characters.")
            return self.given_secret_key
        path = self.home / "secret-key"
        try:
            if not path.exists():
                self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
                # Written aside, then linked: of two processes starting together one wins, and
                # nobody ever reads half a key.
                with tempfile.NamedTemporaryFile("w", dir=self.home, prefix=".secret-key-") as aside:
                    aside.write(secrets.token_urlsafe(48))
                    aside.flush()
                    with contextlib.suppress(FileExistsError):
                        os.link(aside.name, path)
            return path.read_text().strip()
        except OSError as fault:
            raise unwritable(self.home, fault) from fault

    @property
    def allowed_hosts(self) -> list[str]:
        """Host names the pages answer to, without ports."""
        own = [urlsplit(self.origin).hostname or "", "localhost", "127.0.0.1", "[::1]"]
        if self.host not in ("0.0.0.0", "::"):  # noqa: S104 -- recognised, not bound to
            own.append(_in_url(self.host))
        return list(dict.fromkeys(h for h in [*own, *self.further_hosts] if h))

    @property
    def page_origins(self) -> frozenset[str]:
        """The origins whose pages may read the live stream from another port."""
        scheme, port = urlsplit(self.origin).scheme, self.port
        if self.origin_given:
            names = self.further_hosts
            return frozenset({self.origin, *(f"{scheme}://{name}" for name in names if "*" not in name)})
        return frozenset(f"http://{name}:{port}" for name in self.allowed_hosts if "*" not in name)

    @property
    def secure(self) -> bool:
        """Whether people reach the pages by https (cookies are then marked secure)."""
        return self.origin.startswith("https://")

    @property
    def on_this_machine_only(self) -> bool:
        """Whether the pages' own address is one that only this machine reaches, as in tests and the demo."""
        return (urlsplit(self.origin).hostname or "") in ("localhost", "127.0.0.1", "::1")

    def live_url(self, page_host: str) -> str:
        """Where the browser that asked `page_host` (host with or without port) finds the live stream."""
        if self.given_live_url:
            return self.given_live_url
        if self.origin_given:
            return "/live"
        name = urlsplit(f"//{page_host}").hostname or self.host
        return f"http://{_in_url(name)}:{self.live_port}/live"

    @property
    def live_origins(self) -> tuple[str, ...]:
        """Origins that a page's content security policy must allow connecting to, beyond its own."""
        if self.given_live_url:
            parts = urlsplit(self.given_live_url)
            return (f"{parts.scheme}://{parts.netloc}",) if parts.netloc else ()
        if self.origin_given:
            return ()
        # A bare IPv6 address is no valid source in a content security policy.
        names = (name for name in self.allowed_hosts if "*" not in name and not name.startswith("["))
        return tuple(f"http://{name}:{self.live_port}" for name in names)

    @property
    def socket_folder(self) -> Path:
        """Where the carried PostgreSQL's socket is: always the same for one home folder, so that any
        process finds it without asking. A home whose path is too long for a socket gets a short
        folder in the temporary directory, named after the home."""
        near = self.home / "postgres" / "socket"
        if len(os.fsencode(near / ".s.PGSQL.5432")) <= LONGEST_SOCKET_PATH:
            return near
        return Path("/tmp") / f"stepwell-{sha256(os.fsencode(self.home)).hexdigest()[:16]}"  # noqa: S108 -- owner and mode are checked before use

    @property
    def connection_parameters(self) -> dict[str, Any]:
        """What psycopg needs to connect: host, port, dbname, user, perhaps password and more."""
        if self.database_url:
            return connection_parameters_of(self.database_url)
        return {"host": str(self.socket_folder), "port": 5432, "dbname": "stepwell", "user": "stepwell"}


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


def database_config(environment: Environment) -> dict[str, Any]:
    """Django's `DATABASES["default"]` for these surroundings; importable without a running server."""
    rest = environment.connection_parameters
    options: dict[str, Any] = {
        k: v for k, v in rest.items() if k not in ("dbname", "user", "password", "host", "port")
    }
    if environment.database_pool:
        # One request at a time per page process: it rarely holds more than one; the rest are spare.
        options["pool"] = {"min_size": 1, "max_size": environment.database_pool, "timeout": 10}
        # Statements of `clinic.prepared` are planned once for each connection that is kept, for any
        # parameters: each looks rows up by patient, person or site, where one plan fits all.
        options["prepare_threshold"] = 0
        # Everything looked up lies in memory or on a disk without a head to move, so an index costs little.
        options.setdefault("options", "-c plan_cache_mode=force_generic_plan -c random_page_cost=1.1")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": rest["dbname"],
        "USER": rest.get("user", ""),
        "PASSWORD": rest.get("password", ""),
        "HOST": rest.get("host", ""),
        "PORT": str(rest.get("port", "")),
        "CONN_MAX_AGE": 0,
        # A pooled connection is tried (one empty statement) before use: a restarted database then
        # costs nobody an error page.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def unwritable(folder: Path, fault: OSError) -> Unready:
    """The one sentence for a folder that cannot be written."""
    return Unready(
        f"The folder {folder} cannot be written ({fault.strerror or 'no permission'}). "
        "Make it writable, or choose another with STEPWELL_HOME=."
    )


def _number(given: Mapping[str, str], name: str, default: int, *, least: int, most: int) -> int:
    text = given.get(name, str(default))
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise Unready(f"{name} is {text!r}; it must be a whole number from {least} to {most}.")
    return int(text)


def _relay(url: str | None) -> str | None:
    if url is not None and not all(one.startswith(("turn:", "turns:")) for one in _several(url) or ("",)):
        raise Unready("STEPWELL_TURN_URL is not a relay; write turn:host:3478 or turns:host:5349.")
    return url


def _several(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
