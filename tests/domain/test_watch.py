"""What only time brings, as rules: which looks are made when, and until when people are to answer."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.actuals import Actuals
from domain.alerts.alert import WORSENING
from domain.calendar import Calendar
from domain.course import Course
from domain.definition import Versus
from domain.updates.check_ins import accountable, answer_by
from domain.updates.updates import Said, Updates
from domain.watch.seeing import ATTAINED, Pace, Seen, next_look, see
from domain.watch.watch import Watch
from tests.domain.facts import recorded
from tests.words import NOW, plan

FIRST = datetime(2026, 11, 1, tzinfo=UTC)
TARGET = UUID(int=9)
DONE: dict[str, Any] = {"by": "checkpoints", "at": NOW}
SLOW = Pace(5, 15_000_00, 12_000_00, "1.0000", "2.5000")
DAY = date(2026, 11, 6)


def november(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return FIRST + timedelta(days=day - 1, hours=hour, minutes=minute)


def daily(**changes: Any) -> Course:
    return Course([plan(**{"goal": "90000.00", "pacing": "linear"} | changes)])


def seen_after(percent: Sequence[int], course: Course | None = None, since: datetime = FIRST) -> Seen | None:
    """What days that bring so many per cent of $3,000 come to."""
    known = course or daily()
    midnights = known.plan.midnights
    sums = {midnights[number]: share * 30_00 for number, share in enumerate(percent)}
    return see(known, Actuals(known.plan, sums), midnights[len(percent)], since)


def looks(course: Course, after: datetime, many: int) -> list[int]:
    """The days of the month on which the next looks are made, at their beginning."""
    found: list[int] = []
    at: datetime | None = after
    while at is not None and len(found) < many:
        at = next_look(course, at)
        found += [] if at is None else [(at - FIRST).days + 1]
    return found


# Seeing


def test_before_an_open_day_is_over_nothing_is_seen() -> None:
    assert seen_after([]) is None


def test_six_open_days_are_looked_at_and_what_was_before_them_is_not() -> None:
    slow = seen_after([1_000, 80, 80, 80, 80, 80, 80])

    assert slow is not None
    assert (slow.day, slow.slipping_holds) == (date(2026, 11, 7), True)
    assert slow.slipping == Pace(5, 15_000_00, 12_000_00, "1.0000", "1.0000")


def test_what_slips_for_the_first_time_does_not_hold_yet() -> None:
    once, twice = seen_after([100, 80, 80, 80, 80, 80]), seen_after([100, 80, 80, 80, 80, 80, 80])

    assert once is not None
    assert twice is not None
    assert (once.slipping is not None, once.slipping_holds) == (True, False)
    assert twice.slipping_holds


def test_an_evaluation_that_was_never_made_is_none_to_hold_from() -> None:
    days = [80] * 8

    before, since = seen_after(days, since=november(8)), seen_after(days, since=november(8) - timedelta(seconds=1))

    assert before is not None
    assert since is not None
    assert (before.slipping_holds, since.slipping_holds) == (False, True)


def test_a_level_that_should_fall_slips_when_it_does_not() -> None:
    falling = Course([plan(kind="from_to", baseline="900.00", goal="0.00", pacing="linear")])
    stuck = see(falling, Actuals(falling.plan, {}), november(8), FIRST)

    assert stuck is not None
    assert stuck.slipping is not None
    assert (stuck.slipping.expected, stuck.slipping.actual, stuck.slipping.burn) == (-150_00, 0, "5.0000")


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "keep", "goal": None, "bounds_min": "90.00"},
        {
            "kind": "uplift",
            "goal": "10.00",
            "comparison": Versus(date(2025, 11, 1), date(2025, 11, 30)),
        },
    ],
    ids=["a level that is kept", "an uplift before it is known over what"],
)
def test_where_there_is_no_pace_no_look_is_made(changes: dict[str, Any]) -> None:
    assert looks(Course([plan(**changes)]), FIRST, 3) == []


# When looks are made


def test_a_look_is_made_at_each_midnight_that_ends_an_open_day_and_none_at_the_end() -> None:
    assert looks(daily(end=date(2026, 11, 5)), FIRST, 9) == [2, 3, 4, 5]
    assert looks(daily(calendar=Calendar()), november(5, 12), 4) == [6, 7, 10, 11]
    assert looks(daily(pacing="business_days", calendar=Calendar()), november(5, 12), 4) == [6, 7, 10, 11]


def test_looks_are_made_at_local_midnights_also_where_the_clocks_change() -> None:
    # New York's clocks go back on 1 November 2026.
    course = daily(time_zone="America/New_York")

    first = next_look(course, course.plan.begins)
    assert first is not None
    assert (first, first - course.plan.begins) == (datetime(2026, 11, 2, 5, tzinfo=UTC), timedelta(hours=25))
    assert next_look(course, first) == datetime(2026, 11, 3, 5, tzinfo=UTC)


# What is said of it


def test_a_watch_says_what_changes_and_nothing_else() -> None:
    watch, slipping = Watch.of(TARGET, NOW), Seen(DAY, slipping=SLOW, slipping_holds=True)

    for seen in (Seen(DAY), slipping, slipping, Seen(DAY, reason=ATTAINED), Seen(DAY)):
        watch.see(seen, **DONE)

    assert [(fact.TOPIC, says.get("reason")) for fact, says in recorded(watch)] == [
        ("target.slipping", None),
        ("target.recovered", "attained"),
    ]


def test_slipping_stays_while_it_slips_whether_or_not_it_held_before() -> None:
    watch = Watch.of(TARGET, NOW)
    watch.see(Seen(DAY, slipping=SLOW, slipping_holds=True), **DONE)
    recorded(watch)

    watch.see(Seen(DAY, slipping=SLOW, slipping_holds=False), **DONE)

    assert recorded(watch) == []


def test_data_is_missed_once_and_resumes_once() -> None:
    watch = Watch.of(TARGET, NOW)

    for _ in range(2):
        watch.miss_data(NOW, 24, **DONE)
    for _ in range(2):
        watch.resume_data(NOW, **DONE)

    assert [fact.TOPIC for fact, _ in recorded(watch)] == ["target.data_stale", "target.data_resumed"]


# Until when people are to answer, and who


@pytest.mark.parametrize(
    ("asked", "due", "why"),
    [
        (november(7, 0, 0), november(9), "a checkpoint at midnight: the day that begins, and the next"),
        (november(7, 0, 59), november(9), "it was evaluated a little later"),
        (november(7, 1, 1), november(10), "the day has begun long ago"),
        (november(6, 17), november(9), "a checkpoint in the afternoon: the two days after it"),
        (november(29, 12), november(31), "no later than the end of the target"),
    ],
)
def test_people_have_two_whole_days_to_answer(asked: datetime, due: datetime, why: str) -> None:
    assert answer_by(plan(), asked) == due, why


@pytest.mark.parametrize(
    ("calendar", "due"),
    [
        (Calendar(), november(11)),
        (Calendar(days={date(2026, 11, 9): "half"}), november(12)),
        (Calendar(days={date(2026, 11, 9): "closed", date(2026, 11, 7): "open"}), november(11)),
    ],
    ids=["a weekend", "half a Monday", "an open Saturday"],
)
def test_days_to_answer_are_open_ones(calendar: Calendar, due: datetime) -> None:
    assert answer_by(plan(calendar=calendar), november(7)) == due


def test_the_owner_is_asked_first_then_the_team_and_each_once() -> None:
    assert accountable(plan(owner="ana", team=["jo", "ana", "kim"])) == ["ana", "jo", "kim"]
    assert accountable(plan()) == []


def test_a_checkpoint_is_asked_about_once_and_no_other_while_an_answer_is_awaited() -> None:
    updates = Updates.of(TARGET, NOW)

    first = updates.ask(1, november(7), "at_risk", [], november(9), **DONE)
    meanwhile = updates.ask(2, november(8), "at_risk", [], november(10), **DONE)
    updates.escalate(None, None, **DONE)
    again = updates.ask(1, november(7), "at_risk", [], november(9), **DONE)
    later = updates.ask(3, november(14), "at_risk", [], november(16), **DONE)

    assert (first, meanwhile, again, later) == (True, False, False, True)


def test_an_update_answers_what_is_open_and_then_nothing_is() -> None:
    updates = Updates.of(TARGET, NOW)
    updates.ask(1, november(7), "at_risk", [], november(9), **DONE)

    for number in (1, 2):
        updates.post(UUID(int=number), Said(True, "All is well", 10), **DONE)
    updates.escalate("kim", None, **DONE)
    updates.end("recovered", **DONE)

    said = [(fact.TOPIC, says.get("number")) for fact, says in recorded(updates)]
    assert said == [("target.check_in_requested", 1), ("target.update_posted", 1), ("target.update_posted", None)]


def test_unanswered_is_worse_than_asked() -> None:
    assert WORSENING.index("unanswered") > WORSENING.index("asked")
