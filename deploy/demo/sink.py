"""What a webhook leads to: a server on loopback that takes signed notifications, each once, and passes them on."""

import hmac
import queue
import threading
import time
from base64 import b64encode
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

from deploy.directory import LOOPBACK
from domain.delivery.endpoint import key_of

BODY_BYTES_MAX = 256 * 1024
WAITING_MAX = 1_000
"""Notifications that nobody has taken yet; whoever sends more is asked to come again."""
SEEN_MAX = 10_000
SKEW_S = 300
POLL_S = 0.1


class Inbox:
    """What came in, signed with this secret and not seen before."""

    def __init__(self, secret: str) -> None:
        self._key = key_of(secret)
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()
        self.waiting: queue.Queue[dict[str, Any]] = queue.Queue(WAITING_MAX)

    def take(self, headers: Mapping[str, str], body: bytes, now: float) -> HTTPStatus:
        """The answer to one request. headers: by names in small letters; now: seconds since 1970."""
        if not is_signed(headers, body, self._key, now):
            return HTTPStatus.UNAUTHORIZED
        with self._lock:
            if headers["webhook-id"] in self._seen:
                return HTTPStatus.NO_CONTENT
            try:
                self.waiting.put_nowait(orjson.loads(body))
            except queue.Full:
                return HTTPStatus.SERVICE_UNAVAILABLE
            self._seen[headers["webhook-id"]] = None
            if len(self._seen) > SEEN_MAX:
                self._seen.popitem(last=False)
        return HTTPStatus.NO_CONTENT


def is_signed(headers: Mapping[str, str], body: bytes, key: bytes, now: float) -> bool:
    """As the Standard Webhooks want it: HMAC-SHA256 of id.timestamp.body, and not of long ago."""
    name, timestamp = headers.get("webhook-id"), headers.get("webhook-timestamp", "")
    if not name or not timestamp.isascii() or not timestamp.isdecimal() or abs(now - int(timestamp)) > SKEW_S:
        return False
    content = f"{name}.{timestamp}.".encode() + body
    signature = "v1," + b64encode(hmac.digest(key, content, "sha256")).decode()
    given = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(signature.encode(), one.encode()) for one in given)


@contextmanager
def listening(inbox: Inbox, port: int) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_POST(self) -> None:
            length = self.headers.get("content-length", "")
            if not length.isdecimal() or int(length) > BODY_BYTES_MAX:
                return self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = inbox.take(headers, self.rfile.read(int(length)), time.time())
            self.send_response(status)
            self.end_headers()
            return None

        def log_message(self, *_: object) -> None:
            """What comes in is shown as people read it."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

    server = Server((LOOPBACK, port), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(POLL_S,), name="sink", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
