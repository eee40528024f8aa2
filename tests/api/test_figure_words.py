"""What the page says of figures, rows and milestones, without a server: exactly, and so that nothing misleads."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from api.dashboard.charting import lines_of
from api.dashboard.charts.grid import range_of
from api.dashboard.checkpoint_rows import table_of
from api.dashboard.fact_lines import sold_lately, told_of
from api.dashboard.glance import Glance, counts_said
from api.dashboard.milestone_cards import milestones_said
from api.dashboard.overview_lines import line_of
from api.dashboard.pages import prefers_html
from api.milestone_reads import FoundMilestone
from api.target_days import days_of
from domain.calendar import Calendar
from domain.course import Course
from domain.definition import Pacing
from domain.figures import Verdict
from domain.metric import Metric
from domain.milestones.criterion import VALUE, Criterion
from domain.milestones.due_rule import due_of, due_rule_of
from domain.milestones.milestone import Milestone
from domain.target import State
from projections.milestones import MILESTONES
from projections.progress import Progress
from tests.api.test_page_words import NOVEMBER, SALE, cards_said, evaluation, found, plain, said
from tests.domain.facts import ID
from tests.words import NOW, plan


def test_who_is_better_now_than_the_badge_says_reads_that() -> None:
    last = Verdict(3, "off_track", NOVEMBER.checkpoints[2].cutoff)
    better, same = found(143_300_00, last=last, evaluated=3), found(1_00, last=last, evaluated=3)

    assert plain(line_of(better, Progress({})).pace) == "174.45 % of the expected pace, now ahead"
    assert plain(cards_said(better)[1].beside) == "of the expected pace, now ahead"
    assert plain(line_of(same, Progress({})).pace) == "0 % of the expected pace"


CUSTOMERS = Metric("customers", "customers", 0)
HIRED = plan(metric=CUSTOMERS, goal="40", pacing=Pacing("business_days"), calendar=Calendar(closed=["SA", "SU"]))
CHURN = plan(metric=Metric("churn", "percent", 2), kind="from_to", baseline="8.00", goal="5.00")


def test_a_count_names_what_is_counted_and_of_one_that_it_is_one() -> None:
    one = found(28, of=HIRED)
    cards = cards_said(one)
    days = days_of(one.known, Progress({HIRED.midnights[22]: 1}), NOW)

    assert counts_said(HIRED) == "All customers"
    assert counts_said(replace(HIRED, metric="people")) == "People, all that is counted"
    assert plain(cards[1].below) == "1 customer behind the expected 29 customers"
    assert plain(cards[2].below).startswith("1.9 customers an open day so far, over 15 open days")
    assert plain(cards[2].value) == "2 customers"
    assert [plain(one) for one in sold_lately(days, HIRED, NOW)] == [
        "Counted on Mon 23 Nov so far: +1 customer",
        "Counted on Sun 22 Nov: 0 customers",
    ]


def test_what_a_day_must_bring_of_a_level_is_never_rounded_to_nothing() -> None:
    # 5.01 % are there: a hundredth of a point is left for eight days.
    nearly, there = (found(total, of=CHURN, levels=1) for total in (-2_99, -3_00))

    assert plain(cards_said(nearly)[2].value) == "-0.0012 percentage points"
    assert (plain(cards_said(there)[2].value), cards_said(there)[2].below) == (
        "0 percentage points",
        "The goal is reached",
    )


def test_an_axis_of_shares_ends_at_the_whole_unless_its_data_does_not() -> None:
    lines = lines_of(Glance.of(found(-2_99, of=CHURN, levels=1)), Progress({}))
    high, over = (replace(lines, actual=[(NOW, level)], expected=[], band=None, goal=None) for level in (99_90, 100_50))

    assert range_of(high)[1] == 100_00
    assert range_of(over)[1] > 100_50


def test_a_name_leaves_its_month_to_the_period_beside_it() -> None:
    named = replace(NOVEMBER, name="EMEA revenue, November 2026")
    other = replace(NOVEMBER, name="EMEA revenue, October 2026")

    lines = [line_of(found(of=one), Progress({})) for one in (named, other)]

    assert [(one.name, plain(one.period)) for one in lines] == [
        ("EMEA revenue", "Nov 2026"),
        ("EMEA revenue, October 2026", "1 Nov – 30 Nov"),
    ]


SUMS = {NOVEMBER.midnights[day]: 1_000_00 for day in range(22)} | {NOVEMBER.midnights[22]: 500_00}
"""$1,000 on each day until the 22nd, $500 on the 23rd."""


@pytest.mark.parametrize(
    ("as_of", "left", "so_far"),
    [
        (NOW, "on each of the 8 days left, with today", "$1,022.73 a day so far, over 22 days: it needs 9.47 × that"),
        (NOVEMBER.begins - timedelta(hours=1), "on each of 30 days", "The first day has not begun"),
        (NOVEMBER.begins + timedelta(hours=9), "on each of the 30 days left, with today", "No whole day is over yet"),
        (
            NOVEMBER.begins + timedelta(hours=25),
            "on each of the 29 days left, with today",
            "$22,500 on the first day: it needs 0.12 × that",
        ),
        (
            NOVEMBER.ends - timedelta(hours=1),
            "today, on the last day",
            "$775.86 a day so far, over 29 days: it needs 99.89 × that",
        ),
    ],
    ids=["under way", "not begun", "first day", "second day", "last day"],
)
def test_what_a_day_must_bring_stands_beside_what_whole_days_have_brought(
    as_of: datetime, left: str, so_far: str
) -> None:
    card = cards_said(found(22_500_00, as_of=as_of), SUMS)[2]

    assert (card.beside, card.below) == (left, so_far)


@pytest.mark.parametrize(
    ("total", "goal", "actual", "share"),
    [
        (820_830_28, 1_000_000_00, "$820,830", "82.1 %"),
        (999_50, 2_000_00, "$999.50", "50 %"),
        (99_999_60, 100_000_00, "$99,999.60", "99.9 %"),
        (100_000_40, 100_000_00, "$100,000", "100 %"),
        (2_500_50, 1_000_00, "$2,500", "250 %"),
        (2_501_50, 1_000_00, "$2,502", "250.2 %"),
        (-5_000_70, 1_000_00, "-$5,001", "-500.1 %"),
    ],
)
def test_an_overview_rounds_but_never_up_to_the_goal(total: int, goal: int, actual: str, share: str) -> None:
    line = line_of(found(total, of=plan(goal=f"{goal // 100}.00")), Progress({}))

    assert (line.actual, plain(line.share)) == (actual, share)


PUSH = plan(
    start=date(2026, 11, 23),
    end=date(2026, 11, 23),
    time_zone="America/New_York",
    schedule=[f"2026-11-23T{clock}-05:00" for clock in ("13:58:30", "14:08:00", "14:28:00")],
)
"""A day with three cut-offs in half an hour of its afternoon, and the closing one at its end."""


def test_cut_offs_within_a_day_are_told_with_their_time() -> None:
    before = found(as_of=PUSH.checkpoints[0].cutoff - timedelta(minutes=1), of=PUSH)
    last = Verdict(1, "off_track", PUSH.checkpoints[0].cutoff)
    after = found(10_00, as_of=PUSH.checkpoints[0].cutoff, of=PUSH, last=last, evaluated=1)

    rows = table_of(before, {}).rows
    assert [row.day for row in rows] == [
        "Mon 23 Nov, 13:58:30",
        "Mon 23 Nov, 14:08",
        "Mon 23 Nov, 14:28",
        "Mon 23 Nov",
    ]
    assert plain(line_of(before, Progress({})).coming) == "Mon 23 Nov, 13:58:30 expects $33,333"
    assert cards_said(before)[3].value == "Mon 23 Nov"
    assert plain(cards_said(before)[3].beside) == "at 13:58:30, expects $33,333.33"
    assert said(after).startswith("off_track: Checkpoint 1 (Mon 23 Nov, 13:58:30) read off track")


def test_the_closing_row_of_a_target_that_is_over_says_the_outcome_and_what_it_read() -> None:
    over: dict[str, Any] = {"as_of": NOVEMBER.ends + timedelta(days=1), "outcome": "missed"}
    closing = {5: evaluation(5, "on_track", "0.9946"), 4: evaluation(4, "on_track", "1.0000")}

    *_, fourth, last = table_of(found(99_460_00, State.CLOSED, **over), closing).rows

    assert (last.closing, last.outcome, last.status) == (True, "missed", "on_track")
    assert (fourth.outcome, fourth.status) == ("", "on_track")


@pytest.mark.parametrize(
    ("accept", "html"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("text/html;q=0.5, application/json;q=0.4", True),
        ("application/json, text/html", False),
        ("text/html;q=0", False),
        ("*/*", False),
        ("", False),
        ("text/html;q=x;q=0.1", True),
    ],
)
def test_browsers_are_known_by_what_they_accept(accept: str, html: bool) -> None:
    assert prefers_html(accept) is html


@pytest.mark.parametrize(
    ("late", "noted"),
    [(False, ""), (True, ", late")],
)
def test_what_a_sale_reached_was_reached_when_it_was_made(late: bool, noted: str) -> None:
    sold_on = replace(SALE, occurred_at=datetime(2026, 11, 13, 11, 2, tzinfo=UTC))
    done: dict[str, Any] = {"by": "milemarker", "at": NOW}
    rule = due_rule_of("date", day=date(2026, 11, 20))
    half = Milestone.plan(
        ID, ID, "Half", rule, due_of(rule, Course([NOVEMBER])), Criterion(VALUE, 50_000_00), tasks=[], **done
    )
    half.trigger_event(
        Milestone.MilestoneAchieved,
        target=ID,
        by="milemarker",
        timestamp=NOW,
        late=late,
        out_of_order=False,
        total=50_000_00,
        lifted_by=sold_on,
        evidence=None,
    )
    facts = half.collect_events()
    row = None
    for one in facts:
        row = MILESTONES.evolve(row, one)
    assert row is not None

    (card,) = milestones_said(found(), [FoundMilestone(ID, 1, row)], whole=True).cards
    (told,) = told_of(facts[1:], NOVEMBER, {ID: row}, 2026)

    assert card.notes == [f"Reached by sale ord-1 of webshop on Fri 13 Nov, 11:02{noted}"]
    assert told.line == f"Half: reached by sale ord-1 of webshop on Fri 13 Nov, 11:02{noted}"
