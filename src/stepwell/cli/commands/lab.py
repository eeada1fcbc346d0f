"""`stepwell lab`: results of laboratories. `listen` takes them in by MLLP, `take` from files, `read` only prints them."""

import argparse
import ipaddress
import signal
import ssl
import sys
import threading
from pathlib import Path
from typing import Any

from stepwell.cli.files import content_of
from stepwell.project.carried_postgres import database_at_hand
from stepwell.project.environment import Environment
from stepwell.project.unready import Unready

HELP = "Results of laboratories (HL7 v2): `lab listen` takes them in by MLLP, `lab take FILE` from a file, `lab read FILE` prints one as JSON."


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, the files, and where to listen."""
    parser.add_argument("what", choices=["listen", "take", "read"], help="what to do")
    parser.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="for take and read; - is standard input"
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen at; this machine alone unless given"
    )
    parser.add_argument("--port", type=int, default=2575, help="port to listen at")
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="NETWORK",
        help="who may connect, such as 10.1.0.0/16; several",
    )
    parser.add_argument(
        "--certificate", type=Path, metavar="FILE", help="speak TLS: certificate and key in one PEM file"
    )
    parser.add_argument(
        "--clients",
        type=Path,
        metavar="FILE",
        help="with TLS: certificates (PEM) that vouch for who connects",
    )


def run(options: argparse.Namespace) -> int:
    """Exit code 0; 2 with one sentence when a file cannot be read or holds no result."""
    if options.what == "read":
        return _read(options.files)
    if options.what == "take":
        return _take(options.files)
    return _listen(options)


def _read(files: list[Path]) -> int:
    import orjson

    from stepwell.clinic.drug_tests.rules import laboratory as lab
    from stepwell.edi.hl7 import cut

    if len(files) != 1:
        raise Unready("Name one file: `stepwell lab read FILE`.")
    pieces = cut(_bytes(files[0]))
    told = [
        {
            "bytes": [one.starts, one.ends],
            "key": one.key,
            "control_id": one.message.control_id,
            "kind": one.message.kind,
            "sender": one.message.sender,
            "sent_at": one.message.sent_at,
            "problem": one.message.problem,
            "reports": [
                lab.plain(report)
                | {
                    "verified": [
                        (code := lab.verified(line)) is not None and code.code for line in report.observations
                    ]
                }
                for report in one.message.reports
            ],
        }
        for one in pieces
    ]
    if not any(one["reports"] for one in told):
        raise Unready(str(told[0]["problem"]) or "The file holds no result.")
    sys.stdout.write(orjson.dumps({"messages": told}, option=orjson.OPT_INDENT_2).decode() + "\n")
    return 0


def _take(files: list[Path]) -> int:
    import django

    if not files:
        raise Unready("Name a file: `stepwell lab take FILE`.")
    contents = [(path.name, _bytes(path)) for path in files]
    with database_at_hand(Environment.read()):
        django.setup()
        from stepwell.edi.laboratory import take_in

        kept = True
        for name, content in contents:
            taken = take_in(content, via="file", name=name)
            kept = kept and taken.kept
            print(
                f"{name}: {taken.new} new, {taken.again} already here; {taken.filed} in charts, {taken.waiting} wait"
                " for a person."
                if taken.kept
                else f"{name}: not kept; try again."
            )
    if not kept:
        raise Unready("Not every file was kept; take it in again.")
    return 0


def _listen(options: argparse.Namespace) -> int:
    import django

    try:
        for network in options.only:
            ipaddress.ip_network(network, strict=False)
    except ValueError as no:
        raise Unready(f"{no}; write a network such as 10.1.0.0/16.") from no
    tls = _tls(options)
    with database_at_hand(Environment.read()):
        django.setup()
        from stepwell.edi.listening import Listener

        try:
            listener: Any = Listener((options.host, options.port), only=options.only, tls=tls)
        except (OSError, OverflowError) as fault:
            raise Unready(f"Cannot listen at {options.host}, port {options.port}: {fault}.") from fault
        with listener:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: threading.Thread(target=listener.shutdown).start())
            host, port = listener.server_address[:2]
            print(
                f"Listening for laboratories at {host}, port {port}{' with TLS' if tls else ''}.", flush=True
            )
            listener.serve_forever(poll_interval=0.2)
    return 0


def _tls(options: argparse.Namespace) -> ssl.SSLContext | None:
    if options.certificate is None:
        if options.clients is not None:
            raise Unready("--clients needs --certificate: without TLS nobody shows a certificate.")
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(options.certificate)
        if options.clients is not None:
            context.load_verify_locations(options.clients)
            context.verify_mode = ssl.CERT_REQUIRED
    except OSError as fault:
        raise Unready(f"The certificate cannot be used: {fault.strerror or fault}.") from fault
    return context


def _bytes(path: Path) -> bytes:
    from stepwell.edi.hl7 import LARGEST

    return content_of(path, LARGEST)
