"""The configuration with which a Janus gateway runs beside Stepwell: a folder of small files, written by a command.

Only one way in stays open: a Unix socket in the folder, which Stepwell's relay speaks to. No port of the gateway's
own interface listens anywhere; every plugin but VideoRoom, every other transport and the admin interface are off.
"""

from __future__ import annotations

import os
from pathlib import Path

from stepwell.project.environment import LONGEST_SOCKET_PATH
from stepwell.project.unready import Unready

_OFF_PLUGINS = (
    "audiobridge", "duktape", "echotest", "lua", "nosip", "recordplay", "sip", "streaming", "textroom",
    "videocall", "voicemail",
)  # fmt: skip
_OFF_TRANSPORTS = ("http", "mqtt", "nanomsg", "pfunix", "rabbitmq")
_OFF_EVENTS = ("gelfevh", "mqttevh", "nanomsgevh", "rabbitmqevh", "sampleevh", "wsevh")

SOCKET = "janus.sock"


def write_config(folder: Path, *, address: str = "", ports: str = "20000-29999") -> Path:
    """Writes the files into `folder` (made for its owner alone) and returns the socket's path.

    `address`: the public address that browsers reach, where the machine itself has another (1:1 NAT). `ports`: UDP
    ports of pictures and voices. Raises `Unready`.
    """
    folder = folder.expanduser().absolute()
    socket = folder / SOCKET
    if len(os.fsencode(socket)) > LONGEST_SOCKET_PATH:
        raise Unready(f"The path {folder} is too long for a socket; choose a shorter one.")
    first, _, last = ports.partition("-")
    if not (first.isdigit() and last.isdigit() and 1024 <= int(first) < int(last) <= 65535):
        raise Unready(f"The ports {ports!r} are no range; write it as 20000-29999.")
    if any(letter in f"{folder}{address}" for letter in '"\\\n'):
        raise Unready("A folder or address with quotes cannot be written into the gateway's files.")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        for name, text in _files(folder, socket, address, f"{first}-{last}").items():
            (folder / name).write_text(text)
    except OSError as fault:
        raise Unready(f"The folder {folder} cannot be written ({fault.strerror}).") from fault
    return socket


def _files(folder: Path, socket: Path, address: str, ports: str) -> dict[str, str]:
    mapping = f'\tnat_1_1_mapping = "{address}"\n' if address else ""
    return {
        "janus.jcfg": (
            f'general: {{\n\tconfigs_folder = "{folder}"\n\tdebug_level = 2\n\tsession_timeout = 60\n'
            "\thide_dependencies = true\n}\n"
            "certificates: {\n}\n"
            f'media: {{\n\trtp_port_range = "{ports}"\n}}\n'
            f'nat: {{\n\tice_ignore_list = "vmnet"\n{mapping}}}\n'
            f'plugins: {{\n\tdisable = "{_named(_OFF_PLUGINS)}"\n}}\n'
            f'transports: {{\n\tdisable = "{_named(_OFF_TRANSPORTS)}"\n}}\n'
            'loggers: {\n\tdisable = "libjanus_jsonlog.so"\n}\n'
            f'events: {{\n\tbroadcast = false\n\tdisable = "{_named(_OFF_EVENTS)}"\n}}\n'
        ),
        "janus.transport.websockets.jcfg": (
            f'general: {{\n\tjson = "compact"\n\tws = true\n\tws_unix = "{socket}"\n\twss = false\n}}\n'
            "admin: {\n\tadmin_ws = false\n\tadmin_wss = false\n}\n"
            "cors: {\n}\ncertificates: {\n}\n"
        ),
        "janus.plugin.videoroom.jcfg": "general: {\n\tevents = false\n}\n",
    }


def _named(names: tuple[str, ...]) -> str:
    return ",".join(f"libjanus_{name}.so" for name in names)
