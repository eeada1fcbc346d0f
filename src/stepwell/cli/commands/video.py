"""`stepwell video`: what a site needs for groups by video."""

import argparse
from pathlib import Path

HELP = "Prepare groups by video: `stepwell video janus-config DIR` writes a Janus gateway's files. Needs no database."


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to prepare, and where."""
    of = parser.add_subparsers(dest="of", metavar="WHAT", required=True)
    one = of.add_parser("janus-config", help="write the configuration of the gateway into a folder")
    one.add_argument("folder", type=Path, metavar="DIR")
    one.add_argument(
        "--address", default="", help="public address of this machine, when its own is another one"
    )
    one.add_argument("--ports", default="20000-29999", help="UDP ports of pictures and voices")


def run(options: argparse.Namespace) -> int:
    """Writes the files and says how both start. Raises `Unready`."""
    from stepwell.project.janus_config import write_config

    socket = write_config(options.folder, address=options.address, ports=options.ports)
    folder = socket.parent
    print(f"Start the gateway with:  janus --configs-folder={folder} --config={folder}/janus.jcfg")
    print(f"Start Stepwell with:     STEPWELL_JANUS={socket} stepwell serve")
    return 0
