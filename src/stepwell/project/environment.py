"""The surroundings Stepwell runs in: every setting, read from the environment in this one place."""

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
from urllib.parse import urlsplit

from stepwell.project.outside import Clearinghouse, MailServer, connection_parameters_of, relay_of
from stepwell.project.unready import Unready, unwritable
from stepwell.project.variables import in_url, number, several

LONGEST_SOCKET_PATH = 100
"""Bytes a Unix socket's path may have everywhere (Linux allows 107, macOS 103), less a margin."""


def checkout_root() -> Path | None:
    """The root of the source checkout this code runs from; None when it was installed."""
    root = Path(__file__).resolve().parents[3]
    return root if (root / "pyproject.toml").is_file() and (root / "src" / "stepwell").is_dir() else None


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
        port = number(given, "PORT", 8000, least=1, most=65535)
        demo = given.get("STEPWELL_DEMO", "0") == "1"
        log = given.get("STEPWELL_LOG", "pretty" if demo else "json")
        if log not in ("json", "pretty"):
            raise Unready(f"STEPWELL_LOG is {log!r}; it must be json or pretty.")
        origin = given.get("STEPWELL_ORIGIN", f"http://{in_url(host)}:{port}").rstrip("/")
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
            database_pool=number(given, "STEPWELL_DATABASE_POOL", 4, least=0, most=100),
            given_secret_key=given.get("STEPWELL_SECRET_KEY"),
            origin=origin,
            origin_given="STEPWELL_ORIGIN" in given,
            further_hosts=several(given.get("STEPWELL_ALLOWED_HOSTS", "")),
            trusted_proxies=several(
                given.get("STEPWELL_TRUSTED_PROXIES", "127.0.0.1" if "STEPWELL_ORIGIN" in given else "")
            ),
            live_port=number(given, "STEPWELL_LIVE_PORT", min(port + 1, 65535), least=1, most=65535),
            given_live_url=given.get("STEPWELL_LIVE_URL"),
            workers=number(given, "STEPWELL_WORKERS", os.cpu_count() or 1, least=1, most=512),
            log=log,
            demo=demo,
            smtp=MailServer.read(given.get("STEPWELL_SMTP")),
            given_mail_from=given.get("STEPWELL_MAIL_FROM"),
            turn_url=relay_of(given.get("STEPWELL_TURN_URL")),
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
        return several(self.turn_url or "")

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
            own.append(in_url(self.host))
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
        return f"http://{in_url(name)}:{self.live_port}/live"

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
