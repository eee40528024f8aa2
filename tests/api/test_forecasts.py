"""The forecast over HTTP: what it says, what it rests on, and the same bits when the same facts are read again."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import httpx
import pytest

from domain.filling import Filler
from domain.forecast import MEANING
from domain.intake import Arrival, Intake
from projections.store import Store, open_store
from tests.api.documented import Documented
from tests.api.living import Living, living, problem, sold
from tests.api.test_targets import defined, shown
from tests.databases import Databases
from tests.words import plan, sale

AMOUNTS = ("931.17", "1204.50", "20.00", "1118.03", "640.99", "2310.00", "75.25", "1002.46")
NOVEMBER_9 = datetime(2026, 11, 9, 15, tzinfo=UTC)
NOWHERE = "nats://127.0.0.1:1"
TARGET = UUID(int=77)


@pytest.fixture(scope="module")
def documented(_api: Living) -> Documented:
    return Documented(httpx.get(f"{_api.url}/openapi.json").json())


def forecast(api: Living, target_id: str) -> dict[str, Any]:
    position = str(api.store.app.recorder.max_notification_id())
    answer = api.subscriber.get(f"/v1/targets/{target_id}/forecast", params={"min_position": position})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def projection_of(said: dict[str, Any]) -> dict[str, Any]:
    return {name: said[name] for name in ("value", "p10", "p50", "p90", "probability", "date", "method")}


def eight_days(api: Living, **changes: Any) -> str:
    target = defined(api, goal="30000.00", **changes)
    shown(api, target["id"])
    days = [
        sold(target["metric"], str(number), amount, occurred_at=f"2017-01-{number:02}T12:00:00-05:00")
        for number, amount in enumerate(AMOUNTS, 1)
    ]
    assert api.publisher.post("/v1/sales", json=days).json()["accepted"] == len(days)
    api.time.now = datetime(2017, 1, 9, 15, tzinfo=UTC)
    return str(target["id"])


def test_a_target_says_where_it_is_heading_and_its_forecast_says_why(api: Living, documented: Documented) -> None:
    target = eight_days(api)

    status, said = shown(api, target), forecast(api, target)

    assert status["projection"] == projection_of(said)
    assert (said["method"], said["insufficient"]) == ("daily-ratio bootstrap, 2,000 paths", False)
    assert said["meaning"] == MEANING[said["method"]]
    assert float(said["p10"]) < float(said["p50"]) < float(said["p90"])
    assert (said["observed_open_days"], said["since"]) == (8, "2017-01-09T05:00:00Z")
    assert said["seed"]["target"] == target
    assert said["seed"]["revision"] == 1
    assert said["rests_on"] == {
        "actual": "7302.40",
        "pace_index": status["pace_index"],
        "weight": "0.2581",
        "elapsed_open_days": "8.0000",
        "open_days": "31.0000",
        "to_come": "22258.06",
    }
    assert not list(documented.wrong({"$ref": "#/components/schemas/Forecast"}, said))


def test_wherever_many_are_answered_the_projection_stands_without_a_range(api: Living) -> None:
    target = eight_days(api)

    whole = shown(api, target)["projection"]
    (listed,) = [
        one for one in api.auditor.get("/v1/targets", params={"limit": "1000"}).json()["items"] if one["id"] == target
    ]

    assert listed["projection"] == {
        "value": whole["value"],
        "p10": None,
        "p50": whole["value"],
        "p90": None,
        "probability": None,
        "date": None,
        "method": "pace shrunk to plan, no range",
    }


def test_a_sale_and_a_midnight_make_another_forecast_and_nothing_else_does(api: Living) -> None:
    target = eight_days(api)
    metric, before = shown(api, target)["metric"], forecast(api, target)

    api.time.now = datetime(2017, 1, 9, 23, tzinfo=UTC)
    later = forecast(api, target)
    api.publisher.post("/v1/sales", json=sold(metric, "today", "400.00", occurred_at="2017-01-09T12:00:00-05:00"))
    after = forecast(api, target)
    api.time.now = datetime(2017, 1, 10, 12, tzinfo=UTC)
    tomorrow = forecast(api, target)

    assert projection_of(later) == projection_of(before)
    assert after["seed"]["position"] > before["seed"]["position"]
    assert after["rests_on"]["actual"] == "7702.40"
    assert after["rests_on"]["pace_index"] == before["rests_on"]["pace_index"]
    assert tomorrow["seed"] == after["seed"]
    assert (tomorrow["observed_open_days"], after["observed_open_days"]) == (9, 8)


def test_where_nothing_is_forecast_the_method_says_why(api: Living, documented: Documented) -> None:
    draft = defined(api, activate=False)["id"]
    early = defined(api, start="2018-01-01", end="2018-01-31")["id"]
    over = defined(api, start="2016-01-01", end="2016-01-31")["id"]

    for target, why in ((draft, "none: not begun"), (early, "none: not begun"), (over, "none: over")):
        shown(api, target, "draft" if target == draft else "active")
        said = forecast(api, target)
        assert (said["method"], said["value"], said["p50"], said["rests_on"]) == (why, None, None, None)
        assert said["meaning"] == MEANING[why]
        assert not list(documented.wrong({"$ref": "#/components/schemas/Forecast"}, said))
    problem(api.auditor.get("/v1/targets/none/forecast"), 404, "unknown_target")


def test_early_on_the_projection_stands_alone(api: Living) -> None:
    target = defined(api, goal="31000.00")
    shown(api, target["id"])
    api.time.now = datetime(2017, 1, 1, 12, tzinfo=UTC)

    said = forecast(api, target["id"])

    assert (said["method"], said["insufficient"], said["p10"]) == ("pace shrunk to plan", True, None)
    assert (said["value"], said["p50"]) == ("31000.00", "31000.00")


def november(store: Store) -> None:
    """The same facts in any database: a target, eight days of sales, and one that is late."""
    days = [
        sale(str(number), amount, occurred_at=f"2026-11-{number:02}T12:00:00Z")
        for number, amount in enumerate([*AMOUNTS, "300.00"], 1)
    ]
    late = sale("late", "50.00", occurred_at="2026-11-03T12:00:00Z")
    store.app.define_target(TARGET, plan(goal="30000.00"), activate=True, by="ana@example.com", at=NOVEMBER_9)
    Filler(store.app).fill_some(NOVEMBER_9)
    intake = Intake(store.app, lambda: uuid5(TARGET, str(store.app.recorder.max_notification_id())))
    for batch in (days[:5], days[5:], [late]):
        intake.record([Arrival(batch)], NOVEMBER_9)


def test_the_same_facts_give_the_same_bits_in_another_database_and_from_rebuilt_read_models(
    databases: Databases,
) -> None:
    told: list[bytes] = []
    for rebuilt in (False, True):
        database = databases.lend()
        with open_store(database) as store:
            november(store)
            for name, view in store.views.views.items():
                if rebuilt:
                    store.views.rebuild(name)
                while store.views.follow(view) is not None:
                    continue
        with living(database, NOWHERE, ingest=False, projections=False) as api:
            api.time.now = NOVEMBER_9
            told += [api.auditor.get(f"/v1/targets/{TARGET}{part}").content for part in ("/forecast", "")]
        databases.take_back(database)

    assert told[:2] == told[2:]
    assert b'"p10":"' in told[0]
