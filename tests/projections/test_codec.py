"""Facts as they are stored: what was once written loads for ever, and reads as it was written."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, get_type_hints
from uuid import UUID

import msgspec
import pytest
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import StoredEvent
from eventsourcing.utils import get_topic

from domain.archive import Archive
from domain.calendar import Calendar, OpenDays
from domain.checkpoint import Checkpoint, Reading
from domain.comparison import Frozen
from domain.definition import Pacing, Versus
from domain.facts import TOPICS
from domain.ledger import Entry, Reversal, SalesRecorded
from domain.metric import Metric, define_metric
from domain.pace import Point, Weighting
from domain.plan import Plan, Rebased
from domain.progress import LedgerRef, Level, Measured, SaleRef, Slot, Withdrawal
from domain.proposals.proposal import Asked, Proposal
from domain.revised import Request
from domain.rollup.membership import Membership
from domain.rollup.pinned import MembersPinned
from domain.rollup.rates import Rates, RateTable
from domain.rollup.rolled import Counted, Member, Reached
from domain.target import Target
from domain.templates.template import Template
from projections.codec import FactMapper, OrjsonTranscoder
from tests.domain.beside import beside_a_target
from tests.domain.facts import fact, given, past
from tests.domain.publishing import long_history
from tests.domain.shelf import Shelf, read
from tests.domain.templates.facts import LIFE as TEMPLATE_LIFE
from tests.words import NOW, plan

GOLDEN = Path(__file__).parent.parent / "golden"
MAPPER = FactMapper(OrjsonTranscoder())
STORED = sorted(path.name.removesuffix(".json") for path in GOLDEN.glob("*.json"))

MORNING = datetime(2026, 11, 10, tzinfo=UTC)
NOVEMBER = plan(
    goal="100.00",
    end=date(2026, 11, 3),
    time_zone="America/New_York",
    scope={"region": ["emea", "us"]},
    schedule=["2026-11-02T17:00:00-05:00", "2026-11-01"],
    owner="ana@example.com",
    team=["jo@example.com"],
)
FIRST_CUTOFF = NOVEMBER.checkpoints[0].cutoff
READING = Reading(40_00, 33_33, 6_67, "ahead", complete=False, pace="1.2000")
CHECKPOINT: dict[str, Any] = {"target": UUID(int=9), "number": 1, "cutoff": FIRST_CUTOFF}
VERDICTS = [
    fact(
        Checkpoint.CheckpointEvaluated,
        **CHECKPOINT,
        closing=False,
        position=17,
        revision=1,
        actual=40_00,
        expected=33_33,
        variance=6_67,
        pace="1.2000",
        status="ahead",
        step_actual=40_00,
        step_expected=33_33,
        thresholds={"ahead": "1.0500", "on_track": "0.9500", "at_risk": "0.8000"},
        complete=False,
        announced=True,
    ),
    fact(
        Checkpoint.CheckpointRestated,
        **CHECKPOINT,
        closing=False,
        position=22,
        old=READING,
        new=Reading(0, 0, 0, "too_early", complete=True),
        caused_by=LedgerRef(after=17, upto=22),
        announced=True,
    ),
    fact(Checkpoint.CheckpointSettled, **CHECKPOINT),
]
EMEA = {"region": "emea"}
BATCH = UUID(int=7)
LIFE = [
    fact(Target.TargetDefined, plan=NOVEMBER),
    fact(Target.TargetActivated, fill_upto=10),
    fact(Target.ProgressRecorded, entry=LedgerRef(after=0, upto=10), slots=[Slot(MORNING, 60_00)]),
    fact(Target.TargetFilled, total=60_00),
    fact(
        Target.ProgressRecorded,
        entry=LedgerRef(BATCH),
        slots=[Slot(MORNING, 50_00), Slot(MORNING + timedelta(microseconds=1), -1)],
    ),
    fact(Target.TargetAttained, total=109_99, goal=100_00, lifted_by=SaleRef("webshop", "2", MORNING)),
    fact(Target.AttainmentLost, total=99_99, goal=100_00, lowered_by=SaleRef("webshop", "東京", MORNING)),
    fact(Target.TargetClosed, total=99_99, goal=100_00, outcome="missed"),
    fact(
        Target.OutcomeRestated,
        old="missed",
        new="met",
        total=100_00,
        goal=100_00,
        caused_by=LedgerRef(after=20, upto=22),
    ),
    fact(Target.TargetSealed, total=100_00, goal=100_00, outcome="met"),
    fact(Target.TargetCancelled, reason='"over" \\ and out'),
    fact(
        Target.TargetHandedOver,
        owner="jo@example.com",
        team=["ana@example.com"],
        reason="Ana is on leave",
        before="ana@example.com",
    ),
]

UPLIFT = plan(
    kind="uplift",
    goal="+2.5 %",
    comparison=Versus(date(2025, 11, 1), date(2025, 11, 30)),
    pacing=Pacing("weighted", Weighting("weekday", {"MO": "1", "FR": "2.5"})),
    calendar=Calendar(country="US", days={date(2026, 11, 27): "half"}),
    thresholds={"ahead": "1.1"},
    refunds="clawback",
    schedule="FREQ=WEEKLY;BYDAY=FR",
)
PUT_AWAY = [
    fact(Archive.TargetArchived, target=UUID(int=9), reason="It is over"),
    fact(Archive.TargetUnarchived, target=UUID(int=9)),
]
FROZEN = Frozen(position=10, nets=[0, -5, *[100] * 28], days_with_sales=29, halves_with_sales=36)
LEVEL = Level("gauge", "1", -8, MORNING, filled=True)
OF_UPLIFTS = [
    fact(Target.TargetDefined, plan=UPLIFT),
    fact(Target.ComparisonFrozen, frozen=FROZEN, goal=70),
    fact(
        Target.TargetRevised,
        revision=2,
        effective_at=NOW,
        mode="prospective",
        reason="The shop in Oslo opened",
        changes={"goal": {"from": "+2.5 %", "to": "90.00"}},
        plan=replace(UPLIFT, goal=90_00, percent=None, frozen=FROZEN, rebased=Rebased(NOW, "150000000/7")),
        fill_upto=12,
        attained="attained_by_revision",
        status="at_risk",
        proposed_by="jo@example.com",
        request=Request(UUID(int=3), UUID(int=4)),
    ),
    fact(
        Target.ProgressRecorded,
        entry=LedgerRef(after=0, upto=12),
        slots=[Slot(MORNING, -8, 3)],
        measured=Measured([LEVEL], [Withdrawal("gauge", "0")]),
    ),
]
ASKED = Asked(
    {"goal": "120.00", "pacing": {"kind": "weighted", "by": "week", "weights": ["1", "2"]}, "thresholds": None},
    "The shop in Oslo opened",
    "replan",
    effective_at=MORNING,
)
PROPOSED = [
    fact(
        Proposal.RevisionProposed,
        target=UUID(int=9),
        asked=ASKED,
        revision=1,
        changes={"goal": {"from": "100.00", "to": "120.00"}},
    ),
    fact(Proposal.RevisionApproved, target=UUID(int=9), revision=2, proposed_by="jo@example.com"),
    fact(Proposal.RevisionDeclined, target=UUID(int=9), reason="Wait for it", proposed_by="jo@example.com"),
]

MEMBER = UUID(int=9)
COUNTED = Counted("revenue", {"region": ["emea"]}, MORNING, NOW, clawback=True, under=True, factor=10_842_000_000)
OF_ROLL_UPS = [
    fact(Target.TargetDefined, plan=plan(goal=None, roll_up=True)),
    fact(
        MembersPinned,
        changed=[MEMBER, UUID(int=10)],
        members=[Member(MEMBER, MORNING, NOW, [COUNTED])],
        steps=[Reached(MORNING, "1000/3"), Reached(NOW, "100000")],
        goal=1_000_00,
        fill_upto=12,
        attained="not_attained",
    ),
]
OF_RATES = fact(Rates.RatesUploaded, table=RateTable("october", date(2026, 10, 31), "USD", {"EUR": "1.0842"}))
OF_MEMBERS = [
    fact(Membership.MemberJoined, target=UUID(int=1), member=MEMBER, since=date(2026, 11, 1), until=None),
    fact(Membership.MemberLeft, target=UUID(int=1), member=MEMBER, until=date(2026, 11, 15)),
]


def entry(id: str, kind: str = "sale", **fields: Any) -> Entry:
    said: dict[str, Any] = {"metric": "revenue", "unit": "USD", "amount": 999_999_999_999_999, "dimensions": EMEA}
    return Entry("webshop", id, kind, occurred_at=MORNING, **said | fields)


def recorded(*entries: Entry) -> SalesRecorded:
    return SalesRecorded(BATCH, 1, NOW, "ingest", list(entries))  # type: ignore[call-arg]


ORIGINAL_AT = MORNING - timedelta(days=40, microseconds=1)
SHARES = [{"rep": "ana", "bps": 6_000}, {"rep": "東京", "bps": 1}]
BY_CREDIT = recorded(
    entry("1", counts=10, amount=10, credit=SHARES, credited=SHARES),
    entry("2", "void", corrects="1", reverses=Reversal("revenue", -10, MORNING, EMEA, credit=SHARES)),
)
BY_ORIGINAL = recorded(
    entry(
        "2",
        "refund",
        corrects="1",
        amount=4,
        counts=-4,
        dimensions={},
        inherited=EMEA,
        credited=SHARES,
        original_at=ORIGINAL_AT,
    ),
    entry(
        "3",
        "correction",
        corrects="2",
        amount=3,
        counts=-3,
        original_at=ORIGINAL_AT,
        reverses=Reversal("revenue", 4, MORNING, EMEA, ORIGINAL_AT, SHARES),
    ),
)
BY_LEVEL = recorded(
    entry("1", "measurement", amount=-8, level=-8),
    entry(
        "2",
        "correction",
        corrects="1",
        amount=7,
        level=7,
        reverses=Reversal("revenue", -8, MORNING, EMEA, withdraws="1"),
    ),
    entry("3", "void", corrects="1", reverses=Reversal("revenue", 7, MORNING, EMEA, withdraws="2")),
)
POSTED: dict[str, list[tuple[Any, ...]]] = {
    "ledger.sales_recorded": [
        ("1", 999_999_999_999_999, False, None, None, None),
        ("2", -999_999_999_999_999, False, None, None, None),
        ("3", -5, False, None, None, None),
    ],
    "ledger.sales_recorded.credit": [("1", 10, False, None, None, SHARES), ("2", -10, False, None, None, SHARES)],
    "ledger.sales_recorded.refund": [
        ("2", -4, False, None, ORIGINAL_AT, SHARES),
        ("3", 4, False, None, ORIGINAL_AT, SHARES),
        ("3", -3, False, None, ORIGINAL_AT, None),
    ],
    "ledger.sales_recorded.measurement": [
        ("1", -8, True, None, None, None),
        ("2", -8, True, "1", None, None),
        ("2", 7, True, None, None, None),
        ("3", 7, True, "2", None, None),
    ],
}
"""What each stored batch does: id, amount, whether it is a level, what it withdraws, its original's time, credit."""
SALES = recorded(
    entry("1", counts=999_999_999_999_999, credit=[{"rep": "ana", "bps": 10_000}]),
    entry("2", "refund", corrects="1", counts=-999_999_999_999_999, dimensions={}, inherited=EMEA),
    entry("3", "void", corrects="1", metric="", unit="", amount=0, reverses=Reversal("revenue", -5, MORNING, EMEA)),
    entry("4", "void", corrects="unseen", metric="", unit="", amount=0, dimensions={}, state="waiting"),
    entry("5", "measurement", amount=-1),
)


def examples() -> list[DomainEventProtocol[UUID]]:
    metric: Any = define_metric(Metric("revenue", "USD", 2), by="ana@example.com", at=NOW)
    lived: list[Any] = [*past(Target, *LIFE), *past(Checkpoint, *VERDICTS), *past(Target, *OF_UPLIFTS)[1:]]
    lived += [*past(Template, *TEMPLATE_LIFE), *past(Archive, *PUT_AWAY)]
    lived += [*past(Target, *OF_ROLL_UPS)[1:], *past(Membership, *OF_MEMBERS), *past(Rates, OF_RATES)]
    lived += past(Proposal, *PROPOSED)
    lived += beside_a_target()
    return [metric, SALES, BY_CREDIT, BY_ORIGINAL, BY_LEVEL, *lived, Target.Snapshot.take(given(Target, *LIFE))]


def golden(name: str) -> StoredEvent:
    kept = json.loads((GOLDEN / f"{name}.json").read_text())
    state = OrjsonTranscoder().encode(kept["state"])
    return StoredEvent(UUID(kept["originator_id"]), kept["originator_version"], kept["topic"], state)


def without(state: bytes, *fields: str) -> bytes:
    said = json.loads(state)
    inner = said
    for field in fields[:-1]:
        inner = inner[int(field) if field.isdigit() else field]
    del inner[fields[-1]]
    return json.dumps(said).encode()


def test_every_topic_has_an_example_that_was_stored_once() -> None:
    assert {*STORED} >= {*TOPICS, get_topic(Target.Snapshot)}


@pytest.mark.parametrize("name", STORED)
def test_a_fact_that_was_stored_once_loads_and_is_stored_as_the_same(name: str) -> None:
    stored = golden(name)

    again = MAPPER.to_stored_event(MAPPER.to_domain_event(stored))

    assert (again.originator_id, again.originator_version, again.topic) == (
        stored.originator_id,
        stored.originator_version,
        stored.topic,
    )
    # An earlier version lacks what came later, and what it says stays as it is.
    before, after = json.loads(stored.state), json.loads(again.state)
    assert after == (grown(before, after) if name.rpartition(".")[2].isdigit() else before)


def grown(before: Any, after: Any) -> Any:
    """What was said before, with whatever fields have come since."""
    if isinstance(before, dict) and isinstance(after, dict):
        return {name: grown(before.get(name, after[name]), after[name]) for name in after} | {
            name: before[name] for name in before if name not in after
        }
    return before


@pytest.mark.parametrize("event", examples(), ids=lambda event: f"{get_topic(type(event))} {event.originator_version}")
def test_a_fact_comes_back_as_it_was_recorded(event: DomainEventProtocol[UUID]) -> None:
    loaded = MAPPER.to_domain_event(MAPPER.to_stored_event(event))

    assert loaded == event
    assert vars(loaded) == vars(event)


def test_a_target_replayed_from_what_is_stored_is_the_one_that_lived() -> None:
    replayed = None
    for event in past(Target, *LIFE):
        loaded: Any = MAPPER.to_domain_event(MAPPER.to_stored_event(event))
        replayed = loaded.mutate(replayed)

    assert vars(replayed) == vars(given(Target, *LIFE))


def test_a_target_loaded_from_its_stored_snapshot_is_the_one_that_lived() -> None:
    target = given(Target, *LIFE)

    snapshot: Any = MAPPER.to_domain_event(MAPPER.to_stored_event(Target.Snapshot.take(target)))

    assert vars(snapshot.mutate(None)) == vars(target)


@pytest.mark.parametrize("seed", range(20))
def test_no_entry_takes_more_bytes_than_its_size_says(seed: int) -> None:
    ledger, chance = Shelf(), Random(seed)
    for one in long_history(chance, 100, "abcdefgh"):
        if ledger.record(one)[0] in ("accepted", "waiting") and (last := ledger.entries[-1]).plain:
            assert len(OrjsonTranscoder().encode(last)) < read(one).size or last.id != one["id"]

    for entry in (*ledger.entries, *BY_CREDIT.entries, *BY_ORIGINAL.entries, *BY_LEVEL.entries, *SALES.entries):
        assert len(OrjsonTranscoder().encode(entry)) < entry.size


def test_amounts_are_readable_whole_numbers_in_the_log() -> None:
    (first, *_) = json.loads(MAPPER.to_stored_event(SALES).state)["entries"]

    assert (first["amount"], first["counts"]) == (999_999_999_999_999, 999_999_999_999_999)
    assert type(first["amount"]) is int


BEYOND_64_BITS = 10**20
"""Twenty thousand of the largest sales come to this."""


@pytest.mark.parametrize(
    "event",
    [
        *past(Target, fact(Target.TargetFilled, total=BEYOND_64_BITS)),
        *past(
            Target,
            fact(Target.ProgressRecorded, entry=LedgerRef(BATCH), slots=[Slot(MORNING, -BEYOND_64_BITS)]),
        ),
        Target.Snapshot.take(
            given(
                Target,
                *LIFE[:2],
                fact(Target.ProgressRecorded, entry=LedgerRef(BATCH), slots=[Slot(MORNING, BEYOND_64_BITS)]),
            )
        ),
    ],
    ids=lambda event: get_topic(type(event)),
)
def test_a_total_beyond_64_bits_is_stored_and_comes_back(event: DomainEventProtocol[UUID]) -> None:
    stored = MAPPER.to_stored_event(event)

    assert vars(MAPPER.to_domain_event(stored)) == vars(event)
    assert str(BEYOND_64_BITS).encode() in stored.state


def test_a_large_fact_reads_like_a_small_one() -> None:
    (small,) = past(Target, fact(Target.TargetDefined, plan=NOVEMBER))
    (large,) = past(Target, fact(Target.TargetDefined, plan=replace(NOVEMBER, goal=BEYOND_64_BITS)))

    stored = [MAPPER.to_stored_event(one).state for one in (small, large)]

    assert stored[1] == stored[0].replace(b'"goal":10000,', b'"goal":%d,' % BEYOND_64_BITS)


def test_what_an_entry_does_not_say_is_not_stored() -> None:
    (*_, last) = json.loads(MAPPER.to_stored_event(SALES).state)["entries"]

    assert last.keys() == {"source", "id", "kind", "metric", "unit", "amount", "occurred_at", "dimensions"}


@pytest.mark.parametrize("sales", [SALES, BY_CREDIT, BY_ORIGINAL, BY_LEVEL])
def test_a_stored_entry_has_the_content_that_was_published(sales: SalesRecorded) -> None:
    loaded: Any = MAPPER.to_domain_event(MAPPER.to_stored_event(sales))

    assert [one.content for one in loaded.entries] == [one.content for one in sales.entries]


@pytest.mark.parametrize("name", [name for name in STORED if name.startswith("ledger.")])
def test_a_stored_entry_posts_what_it_did_when_it_was_recorded(name: str) -> None:
    loaded: Any = MAPPER.to_domain_event(golden(name))
    posted = [posting for one in loaded.entries for posting in one.postings()]

    assert [(one.id, one.amount, one.level, one.withdraws, one.original_at, one.credit) for one in posted] == POSTED[
        name
    ]


@pytest.mark.parametrize("field", ["schedule", "owner", "team", "parent"])
def test_a_plan_that_lacks_an_optional_field_loads_with_its_default(field: str) -> None:
    stored = golden("target.defined")
    said = json.loads(stored.state)
    said["plan"].pop(field, None)

    loaded: Any = MAPPER.to_domain_event(StoredEvent(stored.originator_id, 1, stored.topic, json.dumps(said).encode()))

    assert isinstance(loaded.plan, Plan)
    assert getattr(loaded.plan, field) is None


def test_a_field_of_later_days_does_not_keep_a_fact_from_loading() -> None:
    stored = golden("target.attained")
    said = json.loads(stored.state) | {"mood": "good"}

    loaded: Any = MAPPER.to_domain_event(StoredEvent(stored.originator_id, 6, stored.topic, json.dumps(said).encode()))

    assert loaded.total == 109_99


def test_a_fact_that_lacks_what_it_must_say_does_not_load() -> None:
    stored = golden("target.attained")

    with pytest.raises(msgspec.ValidationError, match="total"):
        MAPPER.to_domain_event(StoredEvent(stored.originator_id, 6, stored.topic, without(stored.state, "total")))


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_every_fact_says_who_did_it(topic: str) -> None:
    assert get_type_hints(TOPICS[topic])["by"] is str


@pytest.mark.parametrize(
    "said",
    [
        Weighting("weekday", {"MO": "1", "TU": "0.5"}),
        Weighting("week", ["1", "2", "1"]),
        Point(date(2026, 11, 10), 50_00),
        Calendar(),
        Calendar(["SU"], "US", "NY", {date(2026, 12, 24): "half"}),
        OpenDays([2, 1, 0], {date(2026, 12, 25): "Christmas Day"}),
    ],
    ids=lambda said: type(said).__name__,
)
def test_what_people_say_of_days_and_weights_is_read_as_it_was_written(said: object) -> None:
    written = OrjsonTranscoder().encode(said)

    assert msgspec.json.decode(written, type=type(said)) == said
