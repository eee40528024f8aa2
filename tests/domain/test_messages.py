"""What a message says: a line for people, figures for machines, and what it rests on."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from eventsourcing.utils import get_topic

from domain.alerts.alert import CORRECTED, FIRING, RESOLVED, TOLD, WORSE
from domain.alerts.lines import line_of
from domain.alerts.messages import message_of, trial_of
from domain.alerts.story import Story
from domain.alerts.wording import said_amount, said_day
from domain.archive import Archive
from domain.checkpoint import Checkpoint, Reading, checkpoint_id
from domain.course import Course
from domain.milestones.criterion import BY_HAND, TASKS, Criterion
from domain.milestones.due_rule import due_of, due_rule_of
from domain.milestones.milestone import Milestone
from domain.milestones.task import Task
from domain.progress import LedgerRef, SaleRef
from domain.target import Target
from tests.domain.facts import ID, fact, given, past
from tests.words import NOW, plan

NOVEMBER = plan(schedule="FREQ=WEEKLY;BYDAY=FR", goal="100000.00", owner="ana@example.com", team=["jo@example.com"])
TARGET = given(
    Target,
    fact(Target.TargetDefined, plan=NOVEMBER),
    fact(Target.TargetActivated, fill_upto=0),
    fact(Target.TargetFilled, total=40_000_00),
)
SECOND = NOVEMBER.checkpoints[1]
BAD = Reading(40_000_00, 50_000_00, -10_000_00, "at_risk", True, "0.8000")
EVALUATED: dict[str, Any] = {"position": 1_230, "by": "checkpoints", "at": NOW}
TASK = Task(UUID(int=5), "Write the announcement")


def evaluated(reading: Reading = BAD, number: int = 2, **says: Any) -> Story:
    planned = NOVEMBER.checkpoints[number - 1]
    one = Checkpoint.evaluate(ID, planned, reading, Course([NOVEMBER]), step=(0, 0), announced=True, **EVALUATED)
    return story(one.collect_events()[0], **says)


def restated(old: Reading, new: Reading) -> Story:
    one = Checkpoint.evaluate(ID, SECOND, old, Course([NOVEMBER]), step=(0, 0), announced=True, **EVALUATED)
    one.restate(new, 1_300, NOVEMBER.goal, by="checkpoints", at=NOW)
    return story(one.collect_events()[-1])


def of_target(cls: type[Any], **says: Any) -> Story:
    return story(past(Target, fact(cls, **says))[0])


def of_milestone(cls: type[Any], criterion: str = BY_HAND, **says: Any) -> Story:
    rule = due_rule_of("date", day=date(2026, 11, 20))
    due = due_of(rule, Course([NOVEMBER]))
    said: dict[str, Any] = {"by": "ana@example.com", "at": NOW}
    one = Milestone.plan(UUID(int=9), ID, "Launch", rule, due, Criterion(criterion), tasks=[TASK], **said)
    if cls is not Milestone.MilestonePlanned:
        one.trigger_event(cls, target=ID, by="ana@example.com", timestamp=NOW, **says)
    return replace(story(one.collect_events()[-1]), milestone=one)


def put_away(cls: type[Any], **says: Any) -> Story:
    (archived,) = past(Archive, fact(cls, target=ID, **says))
    return story(archived)


def story(event: Any, **says: Any) -> Story:
    return Story(1_238, get_topic(type(event)), event, TARGET, **says)


@pytest.mark.parametrize(
    ("transition", "status", "line"),
    [
        (
            FIRING,
            "at_risk",
            "November revenue is at risk: $40,000.00 of $50,000.00 expected by Fri 13 Nov (checkpoint 2)",
        ),
        (
            TOLD,
            "on_track",
            "November revenue is on track: $40,000.00 of $50,000.00 expected by Fri 13 Nov (checkpoint 2)",
        ),
        (
            WORSE,
            "off_track",
            "November revenue is off track now: $40,000.00 of $50,000.00 expected by Fri 13 Nov (checkpoint 2)",
        ),
        (
            RESOLVED,
            "ahead",
            "November revenue is ahead again: $40,000.00 of $50,000.00 expected by Fri 13 Nov (checkpoint 2)",
        ),
    ],
    ids=["firing", "told", "worse", "resolved"],
)
def test_a_verdict_in_a_sentence(transition: str, status: str, line: str) -> None:
    assert line_of(evaluated(replace(BAD, status=status)), transition) == line


def test_the_closing_verdict_says_that_it_is() -> None:
    assert line_of(evaluated(number=5), TOLD).endswith("expected by Mon 30 Nov (the closing one)")


@pytest.mark.parametrize(
    ("cutoff", "said"),
    [
        ("2026-11-23T13:58:00-05:00", "Mon 23 Nov, 13:58"),
        ("2026-11-23T13:58:30-05:00", "Mon 23 Nov, 13:58:30"),
        ("2026-11-24T00:00:00-05:00", "Mon 23 Nov"),
    ],
)
def test_a_cut_off_within_a_day_is_said_with_its_time(cutoff: str, said: str) -> None:
    push = plan(schedule=[cutoff], time_zone="America/New_York")
    reading = Checkpoint.evaluate(
        ID,
        push.checkpoints[0],
        BAD,
        Course([push]),
        step=(0, 0),
        position=1_230,
        announced=True,
        by="checkpoints",
        at=NOW,
    )
    one = replace(
        story(reading.collect_events()[0]),
        target=given(Target, fact(Target.TargetDefined, plan=push), fact(Target.TargetActivated, fill_upto=0)),
    )

    assert line_of(one, FIRING).endswith(f"$50,000.00 expected by {said} (checkpoint 1)")


def test_a_verdict_without_all_sales_says_so() -> None:
    assert line_of(evaluated(replace(BAD, complete=False)), FIRING).endswith(
        "(checkpoint 2); not all sales were in yet"
    )


def test_a_message_holds_all_that_it_is_made_of() -> None:
    said = message_of(evaluated(previous="on_track"), FIRING, "alert.verdict")

    assert said == {
        "line": "November revenue is at risk: $40,000.00 of $50,000.00 expected by Fri 13 Nov (checkpoint 2)",
        "what": "checkpoint.evaluated",
        "kind": "alert.verdict",
        "transition": "firing",
        "target": {"id": str(ID), "name": "November revenue", "state": "active"},
        "unit": "USD",
        "goal": "100000.00",
        "owner": "ana@example.com",
        "team": ["jo@example.com"],
        "checkpoint": {
            "id": str(checkpoint_id(ID, SECOND.cutoff)),
            "number": 2,
            "cutoff": "2026-11-14T00:00:00+00:00",
            "closing": False,
        },
        "status": "at_risk",
        "previous": "on_track",
        "actual": "40000.00",
        "expected": "50000.00",
        "variance": "-10000.00",
        "pace_index": "0.8000",
        "complete": True,
        # $60,000 in the 17 days from the 14th to the 30th.
        "required_rate": {"per": "open_day", "amount": "3529.41"},
        # $40,000 and, of the plan's $56,666.67 to come, (13 x 0.80 + 3) / 16.
        "projection": {"value": "87458.33", "method": "pace shrunk to plan, no range"},
        "what_to_do": [
            "See on its page what each day brought",
            f"Say how it stands, why, and what would improve it: POST /v1/targets/{ID}/updates",
            f"Plan what is to be done until when: POST /v1/targets/{ID}/milestones",
        ],
        "link": f"/targets/{ID}",
        "rests_on": {
            "type": "checkpoint.evaluated",
            "position": 1_238,
            "revision": 1,
            "evaluation": str(checkpoint_id(ID, SECOND.cutoff)),
        },
    }


def test_a_correction_says_what_was_said_and_what_is_so() -> None:
    better = Reading(49_000_00, 50_000_00, -1_000_00, "on_track", True, "0.9800")

    said = message_of(restated(BAD, better), CORRECTED, "alert.verdict", also="resolved")

    line = "Correction: November revenue was on track, not at risk: $49,000.00 of $50,000.00 expected by Fri 13 Nov"
    assert said["line"] == f"{line} (checkpoint 2)"
    assert (said["status"], said["previous"], said["actual"], said["condition"]) == (
        "on_track",
        "at_risk",
        "49000.00",
        "resolved",
    )
    assert said["before"] == {
        "status": "at_risk",
        "actual": "40000.00",
        "expected": "50000.00",
        "variance": "-10000.00",
        "pace_index": "0.8000",
        "complete": True,
    }


def test_a_correction_of_the_amount_alone_says_that_the_class_stays() -> None:
    more = replace(BAD, actual=42_000_00)

    line = line_of(restated(BAD, more), CORRECTED)

    assert line == (
        "Correction: November revenue is at risk as before, and has $42,000.00 of $50,000.00"
        " expected by Fri 13 Nov (checkpoint 2), not $40,000.00"
    )


SALE = SaleRef("webshop", "1", NOW)
REACHED = {"total": 101_000_00, "goal": 100_000_00}


@pytest.mark.parametrize(
    ("told", "line"),
    [
        (
            of_target(Target.TargetAttained, lifted_by=SALE, **REACHED),
            "November revenue is attained: $101,000.00 of $100,000.00",
        ),
        (
            of_target(Target.AttainmentLost, lowered_by=SALE, total=99_000_00, goal=100_000_00),
            "November revenue is not attained any more: $99,000.00 of $100,000.00",
        ),
        (
            of_target(Target.TargetClosed, outcome="exceeded", **REACHED),
            "November revenue has closed: exceeded its goal with $101,000.00 of $100,000.00",
        ),
        (
            of_target(Target.OutcomeRestated, old="missed", new="exceeded", caused_by=LedgerRef(), **REACHED),
            "Correction: November revenue has exceeded its goal, not missed its goal: $101,000.00 of $100,000.00",
        ),
        (
            of_target(Target.TargetActivated, fill_upto=0),
            "November revenue has started: $100,000.00 by Mon 30 Nov",
        ),
        (
            of_target(
                Target.TargetHandedOver, owner="jo@example.com", team=[], before=None, reason="Nobody had it until now"
            ),
            "November revenue has another owner: jo@example.com. Nobody had it until now",
        ),
        (put_away(Archive.TargetArchived, reason="It is over"), "November revenue was archived: It is over"),
        (
            put_away(Archive.TargetUnarchived),
            "November revenue is among the others again, and not archived any more",
        ),
        (of_target(Target.TargetFilled, total=-1_00), "November revenue has counted what was sold before: -$1.00"),
        (of_milestone(Milestone.MilestonePlanned), "Launch (November revenue) is planned for Fri 20 Nov"),
        (of_milestone(Milestone.MilestoneDueSoon, days=7), "Launch (November revenue) is due in 7 days, Fri 20 Nov"),
        (of_milestone(Milestone.MilestoneDueSoon, days=1), "Launch (November revenue) is due tomorrow, Fri 20 Nov"),
        (of_milestone(Milestone.MilestoneDueSoon, days=0), "Launch (November revenue) is due today, Fri 20 Nov"),
        (of_milestone(Milestone.MilestoneOverdue), "Launch (November revenue) is overdue: it was due on Fri 20 Nov"),
        (of_milestone(Milestone.MilestoneMissed), "Launch (November revenue) was missed: it was due on Fri 20 Nov"),
        (
            of_milestone(Milestone.MilestoneWaived, reason="no budget"),
            "Launch (November revenue) was waived: no budget",
        ),
        (
            of_milestone(Milestone.TaskCompleted, task=TASK.id),
            "Launch (November revenue): task done, Write the announcement",
        ),
        (
            of_milestone(Milestone.MilestoneReopened, task=TASK.id),
            "Launch (November revenue) is open again",
        ),
    ],
    ids=lambda one: one.type if isinstance(one, Story) else "",
)
def test_a_fact_in_a_sentence(told: Story, line: str) -> None:
    assert line_of(told, TOLD) == line
    said = message_of(told, TOLD, told.type)
    assert said["line"] == line
    assert said["rests_on"] == {"type": told.type, "position": 1_238, "revision": 1}


def test_who_is_to_do_something_about_a_milestone_reads_how() -> None:
    by_hand = message_of(of_milestone(Milestone.MilestoneDueSoon, days=1), FIRING, "alert.milestone_due")
    by_tasks = message_of(of_milestone(Milestone.MilestoneDueSoon, TASKS, days=1), FIRING, "alert.milestone_due")

    waive = f"Or waive it, with a reason: POST /v1/milestones/{UUID(int=9)}/waive"
    assert by_hand["what_to_do"] == ["Achieve it on its target's page, with evidence", waive]
    assert by_tasks["what_to_do"] == ["Do its tasks, and tick them off on its target's page", waive]
    assert by_hand["link"] == f"/targets/{ID}#milestone-{UUID(int=9)}"
    assert by_hand["milestone"] == {
        "id": str(UUID(int=9)),
        "name": "Launch",
        "due": "2026-11-21T00:00:00+00:00",
        "stage": "due_soon",
        "tasks": {"all": 1, "done": 0},
    }


def test_a_total_after_the_period_is_held_against_its_end() -> None:
    later = of_target(Target.TargetAttained, lifted_by=SALE, **REACHED)
    later.fact.__dict__["timestamp"] = datetime.fromisoformat("2026-12-24T00:00:00+00:00")

    said = message_of(later, TOLD, "target.attained")

    assert (said["expected"], said["variance"], said["pace_index"]) == ("100000.00", "1000.00", "1.0100")
    assert said["required_rate"] == {"per": "open_day", "amount": "0.00"}


@pytest.mark.parametrize(
    ("minor", "unit", "exponent", "said"),
    [
        (4_000_000, "USD", 2, "$40,000.00"),
        (-5, "USD", 2, "-$0.05"),
        (1_234, "JPY", 0, "¥1,234"),
        (1_234_567, "KWD", 3, "1,234.567 KWD"),
        (12, "pieces", 0, "12 pieces"),
        (-1, "customers", 0, "-1 customer"),
        (1_00, "hours", 2, "1.00 hours"),
        (1, "entries", 0, "1 entry"),
        (1, "glass", 0, "1 glass"),
        (10**20, "USD", 2, "$1,000,000,000,000,000,000.00"),
    ],
)
def test_an_amount_for_people(minor: int, unit: str, exponent: int, said: str) -> None:
    assert said_amount(minor, unit, exponent) == said


def test_a_day_for_people() -> None:
    assert [said_day(date(2026, 1, 1) + timedelta(days=one)) for one in (0, 3, 32)] == [
        "Thu 1 Jan",
        "Sun 4 Jan",
        "Mon 2 Feb",
    ]


def test_a_trial_says_that_nothing_has_happened() -> None:
    line = "This is a test of the subscription of ana@example.com to every target by webhook: nothing has happened"

    assert trial_of("ana@example.com", None, "webhook")["line"] == line
    assert trial_of("ana@example.com", ID, "inbox")["link"] == f"/targets/{ID}"
