"""A manager hears from the running product: at risk, corrected by late sales, attained; by webhook and inbox."""

import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from tests.sink import Sink, sink
from tests.system.product import Product, eventually

KINDS = ["alert.verdict", "checkpoint.evaluated", "target.attained"]


@pytest.fixture(scope="module")
def telling() -> Iterator[Product]:
    """A product of these tests' own that sends to this machine."""
    parent = Path(mkdtemp(prefix="mm-up-"))
    product = Product(parent / "data")
    product.environment |= {"MILEMARKER_CHECKPOINT_GRACE": "1", "MILEMARKER_WEBHOOK_ALLOW_LOOPBACK": "true"}
    yield product.start()
    code, said = product.stop(), product.output()
    shutil.rmtree(parent, ignore_errors=True)
    assert code == 0, said


def target(product: Product, metric: str, cutoff: datetime) -> str:
    """It expects half of $1,000 by the cut-off."""
    return product.define(
        {
            "name": "This week's revenue",
            "metric": metric,
            "unit": "USD",
            "goal": "1000.00",
            "start": str(cutoff.date() - timedelta(days=1)),
            "end": str(cutoff.date() + timedelta(days=2)),
            "time_zone": "UTC",
            "checkpoints": [cutoff.isoformat(), (cutoff + timedelta(days=1)).isoformat()],
            "activate": True,
        }
    )


def subscribe(product: Product, target_id: str, channel: dict[str, str], recipient: str) -> dict[str, Any]:
    body = {"recipient": recipient, "target": target_id, "kinds": KINDS, "channel": channel}
    answer = product.api.post("/v1/subscriptions", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def sell(product: Product, metric: str, amount: str, at: datetime) -> httpx.Response:
    sale = {"source": "webshop", "id": f"{uuid4()}", "metric": metric, "amount": amount, "unit": "USD"}
    answer = product.api.post("/v1/sales", json=sale | {"occurred_at": at.isoformat()})
    assert answer.status_code == 200, answer.text
    return answer


def no_late_sale_came_for_long(product: Product, target_id: str) -> None:
    """Late sales are looked at when none has come for 30 seconds; here these are over at once.

    `tests/projections/test_evaluating.py` holds how long they are.
    """

    def ended() -> int:
        with psycopg.connect(product.endpoints["database"]) as connection:
            over = "UPDATE agenda SET due = now() WHERE errand = 'restate' AND target = %s AND due > now() + %s"
            return connection.execute(over, (UUID(target_id), timedelta(seconds=20))).rowcount

    assert eventually(ended, bool) == 1


def said(side: Sink) -> list[tuple[str, str]]:
    return [(one.said["type"], one.said["transition"]) for one in side.got]


def test_a_manager_hears_of_the_verdict_of_its_correction_and_of_the_goal(telling: Product) -> None:
    metric, recipient = f"m{uuid4().hex[:8]}", f"{uuid4()}@example.com"
    cutoff = datetime.now(UTC) + timedelta(seconds=4)
    one = target(telling, metric, cutoff)

    with sink() as side:
        hook = subscribe(telling, one, {"kind": "webhook", "url": f"{side.url}/in"}, recipient)
        subscribe(telling, one, {"kind": "inbox"}, recipient)
        sell(telling, metric, "410.00", cutoff - timedelta(seconds=3))
        eventually(lambda: said(side), lambda got: got == [("alert.verdict", "firing")])
        sell(telling, metric, "100.00", cutoff - timedelta(seconds=2))
        corrected = [("alert.verdict", "firing"), ("alert.verdict", "corrected")]
        no_late_sale_came_for_long(telling, one)
        eventually(lambda: said(side), lambda got: got == corrected)
        sell(telling, metric, "500.00", cutoff + timedelta(seconds=1))
        eventually(lambda: said(side), lambda got: got == [*corrected, ("target.attained", "told")])

    first, second, third = (got.said["data"] for got in side.got)
    assert first["line"].startswith("This week's revenue is at risk: $410.00 of $500.00 expected by ")
    assert second["line"].startswith("Correction: This week's revenue was on track, not at risk: $510.00 of $500.00")
    assert second["condition"] == "resolved"
    assert third["line"] == "This week's revenue is attained: $1,010.00 of $1,000.00"
    assert all(got.signed_by(hook["secret"]) for got in side.got)
    assert len({got.id for got in side.got}) == 3
    inbox = telling.api.get("/v1/inbox", params={"recipient": recipient}).json()["items"]
    assert [found["message"]["line"] for found in reversed(inbox)] == [one["line"] for one in (first, second, third)]


def test_why_it_came_is_told_from_the_fact_to_the_attempt(telling: Product) -> None:
    metric, cutoff = f"m{uuid4().hex[:8]}", datetime.now(UTC) + timedelta(seconds=3)
    one = target(telling, metric, cutoff)

    with sink() as side:
        subscribe(telling, one, {"kind": "webhook", "url": f"{side.url}/in"}, "ana@example.com")
        eventually(lambda: said(side), lambda got: got == [("alert.verdict", "firing")])
    (verdict,) = telling.api.get("/v1/alerts", params={"target": one, "kind": "verdict"}).json()["items"]

    def attempts() -> list[dict[str, Any]]:
        why = telling.api.get(f"/v1/alerts/{verdict['id']}/why").json()["items"]
        assert [item["fact"]["type"] for item in why] == ["alert.opened", "alert.fired", "alert.told"]
        assert why[2]["rests_on"]["type"] == "checkpoint.evaluated"
        found: list[dict[str, Any]] = [tried for told in why[2]["notifications"] for tried in told["attempts"]]
        return found

    assert (verdict["state"], verdict["severity"]) == ("firing", "off_track")
    (attempt,) = eventually(attempts, lambda found: len(found) == 1 and found[0]["outcome"] is not None)
    assert (attempt["attempt"], attempt["outcome"], attempt["answer"]) == (1, "delivered", "204")


def test_nothing_of_the_past_is_told_after_a_restart_or_a_rebuild(telling: Product) -> None:
    metric, cutoff = f"m{uuid4().hex[:8]}", datetime.now(UTC) + timedelta(seconds=3)
    one = target(telling, metric, cutoff)

    with sink() as side:
        subscribe(telling, one, {"kind": "webhook", "url": f"{side.url}/in"}, "ana@example.com")
        eventually(lambda: said(side), lambda got: got == [("alert.verdict", "firing")])
        telling.command("rebuild")
        for process in telling.processes("worker", "alerts"):
            process.kill()
        eventually(lambda: telling.processes("worker", "alerts"), bool)
        time.sleep(5)

        assert said(side) == [("alert.verdict", "firing")]
