"""A webhook's other side: a real HTTP server on loopback that answers as it is told, and remembers what it got."""

import hashlib
import hmac
import threading
import time
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

HANG_S = 60.0


@dataclass
class Got:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def signed_by(self, secret: str) -> bool:
        """Whether one of the signatures is what the Standard Webhooks say that this secret makes of it."""
        key = b64decode(secret.removeprefix("whsec_"))
        content = f"{self.id}.{self.headers['webhook-timestamp']}.".encode() + self.body
        signature = "v1," + b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
        return signature in self.headers["webhook-signature"].split(" ")

    @property
    def said(self) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(self.body)
        return found


Answer = int | tuple[int, dict[str, str]]


@dataclass
class Sink:
    """answers: what the next requests get, and `otherwise` when there are none left."""

    url: str = ""
    otherwise: Answer = 204
    answers: deque[Answer] = field(default_factory=deque)
    got: list[Got] = field(default_factory=list)
    holding: threading.Event = field(default_factory=threading.Event)
    """Cleared: whoever comes waits for an answer."""
    body: bytes = b""
    pause_s: float = 0.0
    """How long each answer takes."""

    def ids(self) -> list[str]:
        return [one.id for one in self.got]


@contextmanager
def sink(*answers: Answer, otherwise: Answer = 204, held: bool = False) -> Iterator[Sink]:
    side = Sink(otherwise=otherwise, answers=deque(answers))
    if not held:
        side.holding.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            side.got.append(Got(self.path, headers, body))
            side.holding.wait(HANG_S)
            time.sleep(side.pause_s)
            answer = side.answers.popleft() if side.answers else side.otherwise
            status, more = answer if isinstance(answer, tuple) else (answer, {})
            try:
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(side.body)
            except OSError:
                # Who asked has gone: killed, or tired of waiting.
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """The tests say what went wrong."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False
        request_queue_size = 256

    server = Server(("127.0.0.1", 0), Handler)
    side.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield side
    finally:
        side.holding.set()
        server.shutdown()
        thread.join()
        server.server_close()
