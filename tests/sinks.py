"""Where alarms arrive in the tests: a real SMTP server, a web server, programs that write down what they get."""

from __future__ import annotations

import base64
import json
import os
import socketserver
import ssl
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass
class Postbox:
    """An SMTP server on this machine: the mails it took, the logins it saw, and what it answers to some commands."""

    port: int = 0
    mails: list[bytes] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    """By the first word of a command, `.` for the end of a mail: the answer instead of the usual one."""
    certificate: ssl.SSLContext | None = None


class _Session(socketserver.StreamRequestHandler):
    box: Postbox

    def handle(self) -> None:
        self._say("220 postbox ESMTP")
        while line := self.rfile.readline():
            verb, _space, rest = line.decode().strip().partition(" ")
            verb = verb.upper()
            if verb in self.box.answers:
                self._say(self.box.answers[verb])
            elif verb == "EHLO":
                offers = ["postbox", "AUTH PLAIN", *(["STARTTLS"] if self.box.certificate else [])]
                for offer in offers[:-1]:
                    self._say(f"250-{offer}")
                self._say(f"250 {offers[-1]}")
            elif verb == "STARTTLS" and self.box.certificate:
                self._say("220 go ahead")
                self.connection = self.box.certificate.wrap_socket(self.connection, server_side=True)
                self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
            elif verb == "AUTH":
                self.box.logins.append(base64.b64decode(rest.split()[1]).decode())
                self._say("235 welcome")
            elif verb == "DATA":
                self._take()
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _take(self) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        if "." not in self.box.answers:
            self.box.mails.append(b"".join(lines))
        self._say(self.box.answers.get(".", "250 taken"))

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


@contextmanager
def postbox(certificate: ssl.SSLContext | None = None, at_once: bool = False) -> Iterator[Postbox]:
    """A running SMTP server; with `at_once` every connection is private from its first byte."""
    box = Postbox(certificate=None if at_once else certificate)
    handler = type("Session", (_Session,), {"box": box})

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def get_request(self) -> tuple[Any, Any]:
            connection, address = super().get_request()
            if at_once and certificate:
                connection = certificate.wrap_socket(connection, server_side=True)
            return connection, address

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that goes away is no news."""

    with Server(("127.0.0.1", 0), handler) as server:
        box.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield box
        server.shutdown()


@dataclass
class Webhook:
    """A web server on this machine: the documents posted to it, their paths, and the status it answers."""

    port: int = 0
    status: int = 200
    posted: list[Any] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


@contextmanager
def webhook() -> Iterator[Webhook]:
    """A running web server."""
    hook = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.posted.append(json.loads(body))
            hook.paths.append(self.path)
            self.send_response(hook.status)
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            """Nobody reads its log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        hook.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield hook
        server.shutdown()


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate of its own for `localhost`, made now: the file a client must trust, and the server's context."""
    key, crt = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", crt],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(crt, key)
    return crt, context


def program(path: Path, body: str) -> Path:
    """A Python program at `path` that can be run; `sys`, `os`, `json` and `time` are imported for it."""
    path.write_text(f"#!{sys.executable}\nimport json, os, signal, sys, time\n{body}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def recorder(folder: Path, name: str = "hook", then: str = "") -> tuple[Path, Path]:
    """A hook that appends what it is given to a file, one run a piece, then runs `then`; the hook, and the file."""
    kept = folder / f"{name}.jsonl"
    write = (
        "given = sys.stdin.buffer.read()\n"
        f"kept = os.open({str(kept)!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)\n"
        "os.write(kept, given)\n"
    )
    return program(folder / name, write + then), kept


def lines(kept: Path) -> list[Any]:
    """What a recorder was given so far, each line a JSON document."""
    return [json.loads(line) for line in kept.read_bytes().splitlines()] if kept.exists() else []


def write_settings(folder: Path, text: str) -> Path:
    """A private notify.toml in a config folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "notify.toml"
    path.write_text(text, encoding="utf-8")
    os.chmod(path, 0o600)  # noqa: PTH101
    return path
