"""The list of record of every setting; `docs/operate/settings.md` is checked against it by a test."""

from dataclasses import dataclass


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
