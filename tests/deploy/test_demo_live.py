"""What the demo shows while one looks: a push of an hour, live sales, and notifications as people read them."""

import random
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest

from deploy.demo.company import HEAD, REPS, ZONE
from deploy.demo.live_sales import Till
from deploy.demo.memory import Memory, recall, remember
from deploy.demo.push import GOAL as GOAL_OF_PUSH
from deploy.demo.push import push_at
from deploy.demo.setting_up import end_earlier_push, sales_recorded
from deploy.demo.sink import Inbox
from deploy.demo.subscriptions import OF_A_PUSH, Sink, Subscriptions
from deploy.demo.wording import BAR, said_notification
from domain.alerts.subscription import INBOX, WEBHOOK, Subscription
from domain.delivery.endpoint import Endpoint, secret_of
from domain.evaluating import Evaluator
from domain.intake import Arrival, Intake
from domain.standing import classify
from domain.target import State
from projections.store import Store
from tests.deploy.test_demo import NOW, postings, read
from workers.channels.webhook import signed_headers

SECRET = secret_of(bytes(range(32)))


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 11, 23, 18, 4, 5, 999, tzinfo=ZONE),
        datetime(2026, 11, 30, 23, 30, tzinfo=ZONE),
        datetime(2026, 11, 30, 23, 0, tzinfo=ZONE),
        datetime(2026, 11, 1, 1, 30, tzinfo=ZONE),
        datetime(2028, 2, 29, 23, 59, 30, tzinfo=ZONE),
    ],
    ids=str,
)
def test_a_push_is_off_track_after_a_minute_and_attained_within_the_hour(now: datetime) -> None:
    push = push_at(now)
    cutoffs = [one for one in push.plan.cutoffs if one <= push.ends]

    standings, before = [], None
    for cutoff in cutoffs:
        before = classify(
            before, round(push.sold_by(cutoff) * 100), push.plan.goal * push.plan.weight(cutoff), push.plan.goal
        )
        standings.append(before)

    assert [cutoff - push.begins for cutoff in cutoffs[:3]] == [timedelta(minutes=minutes) for minutes in (1, 3, 6)]
    assert standings[0] == "off_track"
    assert "on_track" in standings
    assert push.sold_by(push.ends) > GOAL_OF_PUSH
    assert push.next_checkpoint(push.ends) is None


def test_live_sales_are_good_and_keep_the_push_to_its_script() -> None:
    push = push_at(NOW)
    till, at, rung = Till(push, random.Random(push.campaign)), push.begins, []

    while at < push.ends:
        rung.append(till.ring(at))
        at += timedelta(seconds=till.pause_s(at))

    kinds = Counter(one.sale["kind"] for one in rung)
    assert set(kinds) == {"sale", "refund", "correction"}
    assert kinds["refund"] in range(20, 100)
    posted = postings([read(one.sale, at) for one in rung])
    regions = {rep.name: rep.region for rep in REPS}
    assert all(regions[dimensions["rep"]] == dimensions["region"] for _, _, dimensions in posted)
    assert {dimensions["rep"] for _, _, dimensions in posted} == set(regions)
    of_push = sum(one for _, one, dimensions in posted if dimensions.get("campaign") == push.campaign)
    assert of_push == till.of_push
    assert 0.98 * GOAL_OF_PUSH < of_push / 100 < 1.04 * GOAL_OF_PUSH
    assert till.pause_s(push.ends) > 10
    beside = [read(sale, at) for one in rung for sale in one.beside]
    assert {one.metric for one in beside} == {"orders", "visits"}
    assert len({one.key for one in beside}) > len(rung)


def test_the_push_of_an_earlier_start_is_cancelled_unless_it_is_over(store: Store) -> None:
    push, sink = push_at(NOW), Sink("http://127.0.0.1:9/", SECRET, anew=False)
    memory = Memory(SECRET, 9, push=str(push.id))
    store.app.define_target(push.id, push.plan, activate=True, by="demo", at=NOW)
    Subscriptions(store.app, sink, NOW).keep(push.id, HEAD, webhook=OF_A_PUSH, inbox=OF_A_PUSH)

    end_earlier_push(store.app, memory, sink, push.ends)
    states = [state_of(store, push.id)]
    end_earlier_push(store.app, memory, sink, NOW + timedelta(minutes=5))
    states.append(state_of(store, push.id))

    assert states == [State.FILLING, State.CANCELLED]
    assert [ended(store, uuid5(push.id, channel)) for channel in (WEBHOOK, INBOX)] == [True, True]
    assert Evaluator(store.app, timedelta(0)).evaluate_some(push.ends, push.ends, complete=True) == 0


def test_what_is_recorded_is_counted_once_however_often_it_came(store: Store) -> None:
    push, intake = push_at(NOW), Intake(store.app, uuid4)
    till = Till(push, random.Random(4))
    rung = [till.ring(NOW + timedelta(seconds=number)).sale for number in range(20)]

    for _ in range(2):
        intake.record([Arrival(rung)], NOW + timedelta(minutes=1))

    assert sales_recorded(store) == len({one["id"] for one in rung})


OF_CHECKPOINT = {
    "what": "checkpoint.evaluated",
    "line": "The push is off track: $100.00 of $857.14 expected by Mon 23 Nov (checkpoint 1)",
    "status": "off_track",
    "actual": "100.00",
    "goal": "6000.00",
    "variance": "-757.14",
    "required_rate": {"amount": "200.00"},
    "what_to_do": ["See on its page what each day brought", "Plan what is to be done: POST /v1/targets/1/milestones"],
    "link": "/targets/1",
}
OF_MILESTONE = {
    "what": "milestone.due_soon",
    "line": "Hire two reps is due tomorrow",
    "milestone": {"stage": "due_soon", "tasks": {"all": 3, "done": 1}},
    "what_to_do": ["Do its tasks", "Or waive it, with a reason: POST /v1/milestones/1/waive"],
    "link": "http://127.0.0.1:8080/targets/1#milestone-1",
}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (
            OF_CHECKPOINT,
            [
                f"12:00:00  ✕ {OF_CHECKPOINT['line']}",
                "          $757.14 behind the plan, $200.00 needed a day",
                "          For ana@example.com: http://127.0.0.1:8080/targets/1",
            ],
        ),
        (
            OF_CHECKPOINT | {"what": "target.attained", "status": "attained", "line": "Attained", "what_to_do": []},
            ["12:00:00  ★ Attained", "          For ana@example.com: http://127.0.0.1:8080/targets/1"],
        ),
        (
            OF_MILESTONE,
            [
                "12:00:00  ! Hire two reps is due tomorrow",
                "          1 of 3 tasks is done",
                "          What to do: Do its tasks",
                "          For ana@example.com: http://127.0.0.1:8080/targets/1#milestone-1",
            ],
        ),
    ],
    ids=["a checkpoint", "attained", "a milestone"],
)
def test_a_notification_says_what_is_new_and_what_people_can_do(data: dict[str, Any], told: list[str]) -> None:
    said = said_notification({"recipient": HEAD, "data": data}, "http://127.0.0.1:8080", NOW)

    assert said.plain.splitlines() == [f"{BAR} {line}" for line in told]


def test_the_sink_takes_what_is_signed_once() -> None:
    inbox, body = Inbox(SECRET), b'{"data": {}}'
    endpoint = Endpoint(uuid4(), "http://127.0.0.1:1", SECRET)
    headers = signed_headers(endpoint, endpoint.subscription, NOW, body)

    answers = [inbox.take(headers, body, NOW.timestamp()) for _ in range(2)]
    refused = [
        inbox.take(headers | {"webhook-id": "another"}, body, NOW.timestamp()),
        inbox.take(headers, body + b" ", NOW.timestamp()),
        inbox.take(headers, body, NOW.timestamp() + 600),
        inbox.take({}, body, NOW.timestamp()),
    ]

    assert (answers, refused) == ([204, 204], [401] * 4)
    assert inbox.waiting.qsize() == 1


def test_what_one_start_leaves_is_read_by_the_next_and_by_nobody_else(tmp_path: Path) -> None:
    memory = Memory(SECRET, 21_000, "7c1f0a52", "push", "2026-11-01")

    remember(tmp_path, memory)

    assert recall(tmp_path) == memory
    assert (tmp_path / "demo.json").stat().st_mode & 0o077 == 0


def ended(store: Store, subscription: UUID) -> bool:
    with store.app.writing() as log:
        return log.aggregates(Subscription, [subscription])[subscription].ended


def state_of(store: Store, target: Any) -> State:
    with store.app.writing() as log:
        return log.targets([target])[target].state
