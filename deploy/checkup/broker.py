"""NATS: whether it is there, has the streams, and whether ingest keeps up with what is published."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import nats.errors
import orjson
from nats.aio.client import Client

from deploy.checkup.database import skew
from deploy.checkup.finding import Finding, Group, Server, ok, sentence, warning, wrong
from deploy.nats_client import connect_once
from deploy.settings import masked_nats_url
from domain.alerts.wording import counted
from workers.subjects import REFUSED_STREAM, SALES_CONSUMER, SALES_STREAM

CONNECT_S = 1.5
ANSWER_S = 0.8
VERSION_MIN = (2, 12)
NOT_FOUND = 404
PENDING_MANY = 1_000
FULL_PERCENT = 80


class BrokerCheckup:
    """Asked at once, on one connection; what the checks say is read from the answers."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._failed = ""
        self._took_ms = 0
        self._version: tuple[int, int] = (0, 0)
        self._jetstream = False
        self._asked: dict[str, tuple[datetime, datetime]] = {}
        self._answers: dict[str, dict[str, Any]] = {}

    def group(self) -> Group:
        return Group(
            [
                ("NATS", self._reachable),
                ("streams", self._streams),
                ("clock", self._clock),
                ("sales", self._room),
                ("ingest", self._ingest),
                ("refused", self._refused),
            ],
            decides=True,
        )

    def _reachable(self) -> Iterator[Finding]:
        asyncio.run(self._ask())
        if self._failed:
            yield wrong("NATS", self._failed, self._server.revive)
            return
        said = f"NATS {'.'.join(map(str, self._version))} answers within {self._took_ms} ms"
        if self._version < VERSION_MIN:
            yield wrong("NATS", said, f"Milemarker needs version {'.'.join(map(str, VERSION_MIN))} or newer")
        elif not self._jetstream:
            yield wrong("NATS", f"{said}, without JetStream", "turn JetStream on: sales are kept in it")
        else:
            yield ok("NATS", said)

    async def _ask(self) -> None:
        from workers.streams import CONSUMERS, STREAMS

        began, where = time.monotonic(), masked_nats_url(self._server.url)
        try:
            client = await connect_once(self._server.url, "milemarker doctor", CONNECT_S)
        except ConnectionError as error:
            self._failed = f"{where} does not answer: {sentence(error)}"
            return
        except ValueError:
            self._failed = "NATS_URL can't be read"
            return
        try:
            self._took_ms = round((time.monotonic() - began) * 1000)
            found = client.connected_server_version
            self._version = found.major, found.minor
            wanted = [f"STREAM.INFO.{one.name}" for one in STREAMS]
            wanted += [f"CONSUMER.INFO.{stream}.{one.durable_name}" for stream, one in CONSUMERS]
            await asyncio.gather(*(self._request(client, one) for one in ("INFO", *wanted)))
            self._jetstream = "error" not in self._answers.get("INFO", {"error": None})
        finally:
            await client.close()

    async def _request(self, client: Client, what: str) -> None:
        """An answer that does not come is none: whoever wants to read it says so."""
        before = datetime.now(UTC)
        try:
            message = await client.request(f"$JS.API.{what}", b"", timeout=ANSWER_S)
        except (nats.errors.Error, TimeoutError):
            return
        self._asked[what] = before, datetime.now(UTC)
        self._answers[what] = orjson.loads(message.data)

    def _streams(self) -> Iterator[Finding]:
        missing = [what.rpartition(".")[2] for what, answer in self._answers.items() if _is_missing(answer)]
        if missing:
            yield wrong("streams", f"missing: {', '.join(missing)}", "run `milemarker migrate`")
        else:
            there = sum(1 for what in self._answers if what != "INFO")
            yield ok("streams", f"all {there} streams and consumers are there")

    def _clock(self) -> Iterator[Finding]:
        what = f"STREAM.INFO.{SALES_STREAM}"
        if (said := self._answers.get(what, {}).get("ts")) is not None:
            yield skew("NATS", datetime.fromisoformat(said[:26].rstrip("Z") + "+00:00"), *self._asked[what])

    def _room(self) -> Iterator[Finding]:
        stream = self._read(f"STREAM.INFO.{SALES_STREAM}")
        used, most = stream["state"]["bytes"], stream["config"]["max_bytes"]
        percent = 100 * used // most if most > 0 else 0
        said = f"the stream of sales is {percent} % full: {counted(stream['state']['messages'], 'message')}"
        if percent >= FULL_PERCENT:
            yield wrong("sales", said, "a full stream refuses publishers: see that ingest runs, then add more of it")
        else:
            yield ok("sales", said)

    def _ingest(self) -> Iterator[Finding]:
        one = self._read(f"CONSUMER.INFO.{SALES_STREAM}.{SALES_CONSUMER}")
        pending, unacknowledged, again = one["num_pending"], one["num_ack_pending"], one["num_redelivered"]
        waits = f"{counted(pending, 'message')} {'waits' if pending == 1 else 'wait'}"
        said = f"{waits}, {unacknowledged:,} being committed, {again:,} came again"
        if not one["num_waiting"] and not unacknowledged:
            level = wrong if pending else warning
            yield level("ingest", f"nobody asks for sales: {said}", "start `milemarker worker ingest`")
        elif pending > PENDING_MANY:
            yield warning("ingest", f"behind: {said}", "wait, or start more of `milemarker worker ingest`")
        else:
            yield ok("ingest", said)

    def _refused(self) -> Iterator[Finding]:
        count = self._read(f"STREAM.INFO.{REFUSED_STREAM}")["state"]["messages"]
        if count:
            were = f"{counted(count, 'sale')} {'was' if count == 1 else 'were'}"
            yield ok("refused", f"{were} refused in the last 30 days: `milemarker refused` says why")
        else:
            yield ok("refused", "nothing was refused in the last 30 days")

    def _read(self, what: str) -> dict[str, Any]:
        answer = self._answers.get(what)
        if answer is None or "error" in answer:
            raise TimeoutError("JetStream does not say")
        return answer


def _is_missing(answer: dict[str, Any]) -> bool:
    return bool(answer.get("error", {}).get("code") == NOT_FOUND)
