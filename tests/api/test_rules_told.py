"""What a target's page says of its rules, and of its revisions: by example, for every pacing."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest

from api.dashboard.meanings import meanings_of
from api.dashboard.revision_lines import revisions_said
from api.plans import KnownPlan
from api.target_reads import Found
from domain.calendar import Calendar
from domain.definition import Pacing, Versus
from domain.pace import Weighting
from domain.plan import Plan
from projections.plans import Plans, Revision
from tests.api.test_kinds_told import churn, found, frozen, ratio, stock, uplift
from tests.api.test_page_words import plain
from tests.words import NOW, plan

NEW_YORK = Calendar(country="US", subdivision="NY", days={date(2026, 11, 27): "half"})


def meaning(of: Plan, term: str) -> str:
    return plain(dict(meanings_of(of))[term])


@pytest.mark.parametrize(
    ("of", "grows"),
    [
        (plan(schedule="FREQ=WEEKLY;BYDAY=FR"), "from checkpoint to checkpoint in equal steps, day by day"),
        (plan(), "by the same amount each day"),
        (plan(pacing="business_days"), "by the same amount each open day, by half of it on a half day"),
        (
            plan(pacing=Pacing("weighted", Weighting("weekday", {"MO": "1"}))),
            "day by day, by the weights of its weekdays",
        ),
        (plan(pacing=Pacing("weighted", Weighting("month", ["1"]))), "day by day, by the weights of its months"),
        (plan(pacing="last_year"), "day by day, as the sales of last year did"),
        (
            plan(pacing="last_year", comparison=Versus(date(2026, 10, 1), date(2026, 10, 30)), align="day_index"),
            "day by day, as the sales of 1 Oct – 30 Oct 2026 did",
        ),
        (
            plan(pacing=Pacing("explicit", points=[(date(2026, 11, 10), "100.00")])),
            "day by day, straight from each value that was set to the next",
        ),
    ],
)
def test_every_pacing_says_how_what_is_expected_grows(of: Plan, grows: str) -> None:
    assert meaning(of, "Pace").endswith(f"expected grows {grows}.")


def test_open_days_are_said_with_their_holidays_by_name() -> None:
    of = plan(calendar=NEW_YORK, pacing="business_days")

    assert meaning(of, "Open days") == (
        "Closed on Sat and Sun. Closed on the holidays of US (NY): Election Day (Tue 3 Nov), "
        "Veterans Day (Wed 11 Nov) and Thanksgiving Day (Thu 26 Nov). Half a day on Fri 27 Nov. 17.5 open days in all."
    )
    assert "Needed per open day" in dict(meanings_of(of))
    assert "Open days" not in dict(meanings_of(plan()))


def test_lines_between_statuses_are_those_of_the_target() -> None:
    strict = plan(thresholds={"ahead": "1.1", "on_track": "0.97", "at_risk": "0.85"})

    assert "ahead from 105 % of the expected pace, on track from 95 %, at risk from 80 %" in meaning(plan(), "Status")
    assert "ahead from 110 % of the expected pace, on track from 97 %, at risk from 85 %" in meaning(strict, "Status")
    assert "of the goal" in meaning(ratio(), "Status")
    assert "inside its bounds" in meaning(stock(), "Status")


def test_refunds_and_data_have_their_rules() -> None:
    assert meaning(plan(), "Refunds") == "A refund is taken off the day that it was made on."
    assert meaning(plan(refunds="clawback"), "Refunds") == "A refund is taken off the day that its sale was made on."
    assert "Refunds" not in dict(meanings_of(churn()))
    assert meaning(plan(expect_data_every=24), "Data").startswith("New data is expected every day.")
    assert meaning(plan(expect_data_every=48), "Data").startswith("New data is expected every 2 days.")
    assert meaning(plan(expect_data_every=36), "Data").startswith("New data is expected every 36 hours.")


def test_a_comparison_is_said_with_its_dates_and_its_holes() -> None:
    assert meaning(uplift(), "Comparison") == (
        "Last year is 1 Nov – 30 Nov 2025, each day with the same date. It was read when the target was started."
    )
    assert meaning(uplift(since=frozen(5, sold=3)), "Comparison").endswith(
        "Partial: last year has sales on only 3 of 30 days."
    )
    assert "the same day of the week" in meaning(uplift(align="same_weekday"), "Comparison")


def revision(changes: dict[str, Any], **says: Any) -> Revision:
    at = datetime(2026, 11, 14, 12, tzinfo=UTC)
    told: dict[str, Any] = {
        "number": 2,
        "effective_at": at,
        "mode": "prospective",
        "reason": "The fair was moved",
        "by": "jo",
        "at": at,
    }
    return Revision(**(told | {"changes": changes} | says))


def revised(of: Plan, *revisions: Revision) -> Found:
    known = KnownPlan(uuid4(), Plans([of], 1 + len(revisions), list(revisions)))
    return replace(found(of), known=known)


def changed(name: str, was: Any, now: Any) -> str:
    (line,) = revisions_said(revised(plan(), revision({name: {"from": was, "to": now}})))
    (change,) = line.changes
    return plain(f"{change.field}: {change.was} → {change.now}")


@pytest.mark.parametrize(
    ("name", "was", "now", "says"),
    [
        ("goal", "100000.00", "120000.00", "Goal: $100,000 → $120,000"),
        ("goal", "+10 %", "+12 %", "Goal: +10 % → +12 %"),
        ("end", "2026-11-30", "2026-12-04", "Last day: Mon 30 Nov → Fri 4 Dec"),
        (
            "thresholds",
            None,
            {"ahead": "1.1000", "on_track": "0.9500", "at_risk": "0.8000"},
            "Lines between statuses: ahead from 105 %, on track from 95 %, at risk from 80 % → "
            "ahead from 110 %, on track from 95 %, at risk from 80 %",
        ),
        (
            "pacing",
            {"kind": "equal_steps"},
            {"kind": "business_days"},
            "Pacing: kind: equal steps → kind: business days",
        ),
        ("scope", {}, {"region": ["emea", "us"]}, "What counts: all sales → region: emea, us"),
        (
            "calendar",
            None,
            {"closed": ["SA", "SU"], "country": "US"},
            "Open days: every day → closed: SA, SU; country: US",
        ),
        ("refunds", "own_date", "clawback", "Refunds: own date → clawback"),
        ("checkpoints", "FREQ=WEEKLY;BYDAY=FR", None, "Checkpoints: FREQ=WEEKLY;BYDAY=FR → none"),
        (
            "comparison",
            {"start": "2025-11-01", "end": "2025-11-30"},
            {"start": "2026-10-01", "end": "2026-10-31"},
            "Compared with: 1 Nov – 30 Nov 2025 → 1 Oct – 31 Oct 2026",
        ),
    ],
)
def test_a_revision_says_what_it_changed(name: str, was: Any, now: Any, says: str) -> None:
    assert changed(name, was, now) == says


def test_revisions_say_who_and_when_and_how_the_newest_first() -> None:
    second = revision({}, number=3, mode="replan", proposed_by="ana", by="jo", reason="Again")

    newest, oldest = revisions_said(revised(plan(), revision({}, mode="retroactive"), second))

    assert (newest.number, newest.by, newest.reason) == (3, "ana, approved by jo", "Again")
    assert newest.effect == "planned anew from what there was (Sat 14 Nov, 12:00)"
    assert (oldest.effect, oldest.when) == ("from the beginning", "Sat 14 Nov, 12:00")
    assert revisions_said(found(plan(), as_of=NOW)) == []
