"""The configuration with which coturn relays for sessions by video, written by a command.

It relays to the outside and to the addresses named here, and to nothing else of the network it stands in.
"""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path

from stepwell.project.unready import Unready

FILE = "turnserver.conf"
_OWN_NETWORKS = (
    "0.0.0.0-0.255.255.255", "10.0.0.0-10.255.255.255", "100.64.0.0-100.127.255.255",
    "127.0.0.0-127.255.255.255", "169.254.0.0-169.254.255.255", "172.16.0.0-172.31.255.255",
    "192.0.0.0-192.0.0.255", "192.168.0.0-192.168.255.255", "198.18.0.0-198.19.255.255", "::1",
    "fc00::-fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe80::-febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
)  # fmt: skip


def write_turn_config(
    folder: Path,
    *,
    secret: str | None,
    realm: str,
    address: str = "",
    to: tuple[str, ...] = (),
    certificate: str = "",
    key: str = "",
    port: int = 3478,
    ports: str = "49152-65535",
) -> Path:
    """Writes `turnserver.conf` into `folder` (made for its owner alone) and returns its path.

    `secret`: STEPWELL_TURN_SECRET. `address`: the public address, where the machine itself has another (1:1 NAT).
    `to`: addresses of the own network that may be reached through it, such as the gateway's. `certificate`, `key`:
    files for TLS on port 5349. `ports`: UDP ports of what is relayed. Raises `Unready`.
    """
    if not secret or len(secret) < 24:
        raise Unready(
            "STEPWELL_TURN_SECRET is not set or too short; make one with: openssl rand -hex 32, and keep it for both."
        )
    first, _, last = ports.partition("-")
    if not (first.isdigit() and last.isdigit() and 1024 <= int(first) < int(last) <= 65535):
        raise Unready(f"The ports {ports!r} are no range; write it as 49152-65535.")
    for one in (*to, *([address] if address else [])):
        try:
            ipaddress.ip_address(one)
        except ValueError:
            raise Unready(f"{one!r} is no IP address.") from None
    if any(c.isspace() for c in f"{secret}{realm}{certificate}{key}") or not realm:
        raise Unready("Secret, realm and files are written without blanks.")
    if bool(certificate) != bool(key):
        raise Unready("TLS needs both files: --certificate and --key.")
    lines = [
        "use-auth-secret", f"static-auth-secret={secret}", f"realm={realm}", f"listening-port={port}", "fingerprint",
        "no-cli", "no-multicast-peers", "no-tcp-relay", "stale-nonce=600", "user-quota=24", "total-quota=600",
        f"min-port={first}", f"max-port={last}", "syslog",
        *(f"denied-peer-ip={one}" for one in _OWN_NETWORKS),
        *(f"allowed-peer-ip={one}" for one in to),
    ]  # fmt: skip
    if address:
        lines.append(f"external-ip={address}")
    if certificate:
        lines += [f"cert={certificate}", f"pkey={key}", "tls-listening-port=5349", "no-tlsv1", "no-tlsv1_1"]
    else:
        lines += ["no-tls", "no-dtls"]
    path = folder.expanduser().absolute() / FILE
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_text("\n".join(lines) + "\n")
    except OSError as fault:
        raise Unready(
            f"The folder {path.parent} cannot be written ({os.strerror(fault.errno or 0)})."
        ) from fault
    return path
