"""Reads as fast as it is answered: `python -m tests.bench.reading_client PORT PATH KEY CONNECTIONS SECONDS`.

Raw sockets and one selector, because a client shares the machine with the server that is measured: it sends bytes made
once, and reads no more of an answer than its status and its length. Each connection asks again once it is answered.
It tells one JSON line: answers a second, all answers (the first are not timed), and how long half and 99 % of them
took, in ms.
"""

import selectors
import socket
import sys
import time

import orjson

WARM_S = 0.3
END = b"\r\n\r\n"


class Asking:
    """One connection."""

    def __init__(self, port: int, request: bytes) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._request = request
        self._buffer = b""
        self.asked = 0.0

    def ask(self) -> None:
        self.asked = time.perf_counter()
        self.socket.sendall(self._request)

    def answered(self) -> bool:
        """Whether what is there now completes an answer."""
        self._buffer += self.socket.recv(65_536)
        assert self._buffer, "the server has closed the connection"
        end = self._buffer.find(END)
        if end < 0:
            return False
        assert self._buffer.startswith(b"HTTP/1.1 200"), self._buffer[:300]
        at = self._buffer.lower().index(b"content-length:") + 15
        length = int(self._buffer[at : self._buffer.index(b"\r\n", at)])
        if len(self._buffer) < end + len(END) + length:
            return False
        self._buffer = b""
        return True


def main(port: int, path: str, key: str, connections: int, seconds: float) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n\r\n".encode()
    selector = selectors.DefaultSelector()
    for _ in range(connections):
        one = Asking(port, request)
        selector.register(one.socket, selectors.EVENT_READ, one)
        one.ask()
    warm = len(_ask_for(selector, WARM_S))
    began = time.perf_counter()
    took = sorted(_ask_for(selector, seconds))
    rate = len(took) / (time.perf_counter() - began)
    shares = {name: took[int(share * len(took))] * 1000 for name, share in (("p50_ms", 0.5), ("p99_ms", 0.99))}
    print(orjson.dumps({"per_s": rate, "answers": len(took) + warm} | shares).decode())


def _ask_for(selector: selectors.BaseSelector, seconds: float) -> list[float]:
    """How long each answer took, in seconds."""
    took: list[float] = []
    until = time.perf_counter() + seconds
    while (now := time.perf_counter()) < until:
        for key, _ in selector.select(1):
            one: Asking = key.data
            if one.answered():
                took.append(time.perf_counter() - one.asked)
                one.ask()
    assert took, f"no answer by {now}"
    return took


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]), float(sys.argv[5]))
