"""Small clearinghouses on loopback: one that speaks HTTP as CAQH CORE wants it, one that speaks SFTP."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from stepwell.edi.demo_payer import answer_to
from stepwell.edi.transports.core_envelopes import read_mime, read_soap
from tests.x12_samples import NOW

SOAP = (
    '<?xml version="1.0" encoding="UTF-8"?><S:Envelope xmlns:S="http://www.w3.org/2003/05/soap-envelope"><S:Body>'
    '<c:COREEnvelopeRealTimeResponse xmlns:c="http://www.caqh.org/SOAP/WSDL/CORERule2.2.0.xsd">'
    "<PayloadType>{type}</PayloadType><ProcessingMode>RealTime</ProcessingMode><PayloadID>1</PayloadID>"
    "<TimeStamp>2026-03-18T14:00:00Z</TimeStamp><SenderID>C</SenderID><ReceiverID>S</ReceiverID>"
    "<CORERuleVersion>2.2.0</CORERuleVersion><Payload><![CDATA[{payload}]]></Payload>"
    "<ErrorCode>{error}</ErrorCode><ErrorMessage>None</ErrorMessage>"
    "</c:COREEnvelopeRealTimeResponse></S:Body></S:Envelope>"
)


@dataclass
class Clearinghouse:
    """What it does with the next question, and what it was asked."""

    answer: Callable[[str], str] = lambda question: answer_to(question, at=NOW)
    status: int = 200
    error: str = "Success"
    seconds: float = 0
    cut: int = 0
    raw: bytes | None = None
    port: int = 0
    asked: list[str] = field(default_factory=list)
    heads: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)


@contextmanager
def http_clearinghouse(tls: Any = None) -> Iterator[Clearinghouse]:
    """Answers in the envelope in which it was asked."""
    state = Clearinghouse()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kind = self.headers["Content-Type"]
            mime = kind.startswith("multipart/")
            question = (read_mime(kind, body) if mime else read_soap(body)).payload.decode()
            state.asked.append(question)
            state.heads.append(dict(self.headers.items()))
            state.bodies.append(body)
            time.sleep(state.seconds)
            payload = state.answer(question) if state.error == "Success" else ""
            if mime:
                parts = {
                    "PayloadType": "X12_271_Response_005010X279A1",
                    "ErrorCode": state.error,
                    "Payload": payload,
                }
                text = "".join(
                    f'--b\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'
                    for k, v in parts.items()
                )
                sent, told = f"{text}--b--\r\n".encode(), "multipart/form-data; boundary=b"
            else:
                sent = SOAP.format(
                    type="X12_271_Response_005010X279A1", payload=payload, error=state.error
                ).encode()
                told = "application/soap+xml"
            sent = state.raw if state.raw is not None else sent
            self.send_response(state.status)
            self.send_header("Content-Type", told)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent[: len(sent) - state.cut] if state.cut else sent)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign] # a client that has left is part of the test
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    state.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def sftp_clearinghouse(folder: Path, word: str = "right") -> Iterator[tuple[int, Path]]:
    """Its port, and a file with its host key; `folder` is what it shows."""
    import asyncssh

    key = asyncssh.generate_private_key("ssh-ed25519")
    loop = asyncio.new_event_loop()

    class Login(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return True

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, given: str) -> bool:
            return (username, given) == ("clinic", word)

    class Files(asyncssh.SFTPServer):
        def __init__(self, channel: Any) -> None:
            super().__init__(channel, chroot=str(folder).encode())

    async def start() -> Any:
        return await asyncssh.create_server(Login, "127.0.0.1", 0, server_host_keys=[key], sftp_factory=Files)

    server = loop.run_until_complete(start())
    port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    known = folder.parent / "known_hosts"
    known.write_text(f"[127.0.0.1]:{port} {key.export_public_key().decode().strip()}\n")
    try:
        yield port, known
    finally:

        async def stop() -> None:
            server.close()
            await server.wait_closed()

        asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
