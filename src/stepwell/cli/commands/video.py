"""`stepwell video`: what a site needs for groups by video."""

import argparse
from pathlib import Path
from urllib.parse import urlsplit

HELP = (
    "Prepare sessions by video: write the files of a Janus gateway, or of a coturn relay. Needs no database."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to prepare, and where."""
    of = parser.add_subparsers(dest="of", metavar="WHAT", required=True)
    one = of.add_parser("janus-config", help="write the configuration of the gateway into a folder")
    one.add_argument("folder", type=Path, metavar="DIR")
    one.add_argument(
        "--address", default="", help="public address of this machine, when its own is another one"
    )
    one.add_argument("--ports", default="20000-29999", help="UDP ports of pictures and voices")
    two = of.add_parser("turn-config", help="write the configuration of the relay into a folder")
    two.add_argument("folder", type=Path, metavar="DIR")
    two.add_argument(
        "--address", default="", help="public address of this machine, when its own is another one"
    )
    two.add_argument(
        "--to", action="append", default=[], metavar="IP", help="an address of the own network to relay to"
    )
    two.add_argument("--certificate", default="", help="file of the certificate, for TLS on port 5349")
    two.add_argument("--key", default="", help="file of its key")
    two.add_argument("--ports", default="49152-65535", help="UDP ports of what is relayed")


def run(options: argparse.Namespace) -> int:
    """Writes the files and says how both start. Raises `Unready`."""
    if options.of == "turn-config":
        return _turn(options)
    from stepwell.project.janus_config import write_config

    socket = write_config(options.folder, address=options.address, ports=options.ports)
    folder = socket.parent
    print(f"Start the gateway with:  janus --configs-folder={folder} --config={folder}/janus.jcfg")
    print(f"Start Stepwell with:     STEPWELL_JANUS={socket} stepwell serve")
    return 0


def _turn(options: argparse.Namespace) -> int:
    from stepwell.project.environment import Environment
    from stepwell.project.turn_config import write_turn_config

    environment = Environment.read()
    path = write_turn_config(
        options.folder,
        secret=environment.turn_secret,
        realm=urlsplit(environment.origin).hostname or "stepwell",
        address=options.address,
        to=tuple(options.to),
        certificate=options.certificate,
        key=options.key,
        ports=options.ports,
    )
    print(f"Start the relay with:    turnserver -c {path}")
    print("Start Stepwell with:     STEPWELL_TURN_URL=turn:HOST:3478 and the same STEPWELL_TURN_SECRET")
    return 0
