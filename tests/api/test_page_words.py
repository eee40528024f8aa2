"""What pages say, without a server: amounts, times, standings, facts and headlines in plain English."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import uuid4

import pytest

from api.dashboard import wording
from api.dashboard.cards.card import Card, share_of
from api.dashboard.cards.figure_cards import cards_of
from api.dashboard.fact_lines import sold_lately, told_of
from api.dashboard.glance import Glance
from api.dashboard.overview import Query, headline_of
from api.dashboard.overview_lines import line_of
from api.dashboard.rendering import Pages
from api.dashboard.statements import badge_of, standing_said
from api.plans import KnownPlan
from api.target_days import days_of
from api.target_reads import Found
from domain.checkpoint import Reading
from domain.figures import Verdict
from domain.forecast import NONE_OF_RATIO, none_because
from domain.plan import Plan
from domain.progress import SaleRef
from domain.target import State, Target
from projections.checkpoints import Evaluation
from projections.plans import Plans
from projections.progress import Progress
from projections.status import Status
from tests.domain.facts import fact, past
from tests.words import NOW, plan

NOVEMBER = plan(schedule="FREQ=WEEKLY;BYDAY=FR")
"""$100,000 with Fridays on the 6th, 13th, 20th and 27th, $25,000 each, and the closing one on Monday 30."""
NOTHING_FORECAST = none_because(NONE_OF_RATIO)
SALE = SaleRef("webshop", "ord-1", NOW)


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def found(
    total: int = 0, state: State = State.ACTIVE, as_of: datetime = NOW, of: Plan = NOVEMBER, **says: Any
) -> Found:
    """The November at noon of Monday the 23rd."""
    return Found(
        KnownPlan(uuid4(), Plans([of])), Status(of.name, "revenue", of.goal, state, 1, total, **says), 1, as_of
    )


def said(one: Found, evaluations: Mapping[int, Evaluation] | None = None) -> str:
    glance = Glance.of(one)
    return plain(f"{badge_of(glance)}: {standing_said(glance, evaluations or {})}")


def cards_said(one: Found, sums: Mapping[datetime, int] | None = None) -> list[Card]:
    return cards_of(Glance.of(one), Progress(dict(sums or {})), NOTHING_FORECAST)


def evaluation(number: int, status: str, pace: str) -> Evaluation:
    reading = Reading(0, 0, 0, status, True, pace)
    cutoff = NOVEMBER.checkpoints[number - 1].cutoff
    return Evaluation(uuid4(), number, cutoff, False, reading, 0, 0, 1, True, NOW, 1)


@pytest.mark.parametrize(
    ("minor", "unit", "exponent", "exactly"),
    [
        (52_000_00, "USD", 2, "$52,000.00"),
        (799_999_99, "USD", 2, "$799,999.99"),
        (-5_50, "EUR", 2, "-€5.50"),
        (1_234, "CHF", 2, "CHF 12.34"),
        (1_234, "pieces", 0, "1,234 pieces"),
        (1_234_567, "JPY", 0, "¥1,234,567"),
    ],
)
def test_amounts_stand_in_full(minor: int, unit: str, exponent: int, exactly: str) -> None:
    assert plain(wording.amount(minor, unit, exponent)) == exactly


def test_shares_days_and_moments_are_said_shortly() -> None:
    assert plain(wording.percent(Fraction(26, 25))) == "104 %"
    assert plain(wording.percent(Fraction(9_559, 10_000))) == "95.59 %"
    assert plain(wording.percent(Fraction(1_234))) == "123,400 %"
    assert plain(wording.percent(Fraction(-1, 200))) == "-0.5 %"
    assert wording.day(date(2026, 11, 27), 2026) == "Fri 27 Nov"
    assert wording.day(date(2026, 11, 27), 2027) == "Fri 27 Nov 2026"
    assert wording.days(date(2026, 10, 1), date(2026, 12, 31), 2026) == "1 Oct – 31 Dec"
    assert wording.days(date(2026, 12, 1), date(2027, 1, 31), 2026) == "1 Dec 2026 – 31 Jan 2027"
    assert wording.days(date(2026, 12, 1), date(2026, 12, 1)) == "1 Dec 2026"
    assert wording.moment(datetime(2026, 11, 27, 23, 5, tzinfo=UTC), "Europe/Berlin", 2026) == "Sat 28 Nov, 00:05"
    assert wording.counts_said("new_sales", {}) == "New sales"
    scope = {"channel": ["web"], "region": ["a", "b", "c", "d", "e", "f"]}
    assert wording.counts_said("revenue", scope) == "Revenue where channel is web and region is a, b, c or 3 more"


@pytest.mark.parametrize(
    ("one", "says"),
    [
        (found(state=State.DRAFT), "draft: This is a draft: nothing is counted until somebody starts it."),
        (found(state=State.CANCELLED), "cancelled: This target was cancelled: it counts no more"),
        (found(state=State.FILLING), "filling: It counts the sales of before it was started"),
        (found(as_of=NOW - timedelta(days=30)), "not_started: It begins on Sun 1 Nov."),
        (found(100_000_00, attained=True), "attained: The goal is reached, with 8 days left."),
        (found(99_000_00, lost=True), "attainment_lost: It had reached its goal, and is below it again"),
        (
            found(99_000_00, State.CLOSED, outcome="missed"),
            "missed: The period is over, and the goal was missed by $1,000. Late sales still count until it is sealed.",
        ),
        (
            found(100_020_00, State.SEALED, outcome="met", sealed=100_000_00),
            "met: The period is over, and the goal was met exactly. It is sealed: that stays so. "
            "After the seal +$20 came in: that is an adjustment",
        ),
        (found(100_001_50, State.SEALED, outcome="exceeded", sealed=100_001_50), "exceeded: The period is over"),
        (
            found(110_000_00, State.CLOSED, outcome="missed"),
            "missed: The period is over. Late sales have come in, and its outcome is being corrected.",
        ),
    ],
    ids=["draft", "cancelled", "filling", "not begun", "attained", "lost", "closed", "adjusted", "sealed", "late"],
)
def test_every_state_has_its_sentence(one: Found, says: str) -> None:
    assert said(one).startswith(says)


def test_a_verdict_is_told_with_its_pace_and_with_what_it_would_be_now() -> None:
    last = Verdict(3, "at_risk", NOVEMBER.checkpoints[2].cutoff)
    one = found(78_000_00, last=last, evaluated=3)

    told = said(one, {3: evaluation(3, "at_risk", "0.9100")})

    assert told == (
        "at_risk: Checkpoint 3 (Fri 20 Nov) read at risk: 91 % of the expected pace. "
        "At this moment it is at 94.96 %, and would still read at risk."
    )


@pytest.mark.parametrize(
    ("total", "pace"),
    [
        (90_000_00, "+$7,857.14 ahead of the expected $82,142.86"),
        (80_000_00, "$2,142.86 behind the expected $82,142.86"),
    ],
    ids=["ahead", "behind"],
)
def test_the_pace_is_told_against_what_is_expected(total: int, pace: str) -> None:
    one = found(total)

    cards = cards_said(one)

    assert [card.name for card in cards] == ["Actual", "Pace", "Needed per day", "Next checkpoint"]
    assert cards[1].below == pace
    assert (cards[3].value, plain(cards[3].beside)) == ("Fri 27 Nov", "expects $100,000")


def test_a_bar_is_never_longer_than_whole_nor_shorter_than_nothing() -> None:
    assert [share_of(Fraction(one, 100)) for one in (-5, 0, 57, 250)] == ["0", "0", "57", "100"]


def test_a_bar_that_is_nearly_whole_does_not_look_it_and_keeps_its_order() -> None:
    shares = [float(share_of(Fraction(one, 10_000))) for one in (9_400, 9_500, 9_700, 9_946, 9_999)]

    assert shares == sorted(set(shares))
    assert shares[-1] <= 97


@pytest.mark.parametrize(
    ("one", "pace"),
    [
        (found(90_000_00, State.CLOSED, outcome="missed"), "$10,000 short of the goal"),
        (found(105_000_00, State.SEALED, outcome="missed", sealed=90_000_00), "$10,000 short of the goal"),
        (found(110_000_00, State.CLOSED, outcome="missed"), "late sales came in: the outcome is being corrected"),
    ],
    ids=["closed", "adjusted after the seal", "late"],
)
def test_a_line_never_contradicts_the_outcome_beside_it(one: Found, pace: str) -> None:
    assert plain(line_of(one, Progress({})).pace) == pace


@pytest.mark.parametrize(
    ("state", "says"),
    [(State.DRAFT, "Nothing is counted until somebody starts it"), (State.CANCELLED, "It was cancelled")],
)
def test_what_does_not_count_has_no_pace(state: State, says: str) -> None:
    pace = cards_said(found(5_000_00, state))[1]

    assert (pace.value, pace.below) == ("–", says)


def test_a_target_over_its_period_needs_nothing_more() -> None:
    one = found(99_000_00, State.CLOSED, NOW + timedelta(days=30), outcome="missed")

    cards = cards_said(one)

    assert [card.below for card in cards[2:]] == ["No day is left", "There is none left"]
    assert plain(cards[0].below) == "99 %, $1,000 short of the goal"
    assert line_of(one, Progress({})).pace == "$1,000 short of the goal"


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        ({}, "There are no targets yet"),
        ({"missed": 3, "draft": 1}, "No target is under way"),
        (
            {"off_track": 2, "at_risk": 1, "ahead": 4, "on_track": 5, "attained": 1},
            "2 targets are off track, 1 at risk, 10 on track or better",
        ),
        ({"off_track": 1, "attainment_lost": 1}, "1 target is below a goal that was reached, 1 off track"),
        ({"ahead": 1_200, "too_early": 3, "filling": 1}, "1,200 targets are on track or better, 4 too early to say"),
    ],
    ids=["none", "none under way", "mixed", "lost", "many"],
)
def test_the_headline_says_how_things_stand(counts: dict[str, int], says: str) -> None:
    assert headline_of(counts) == says


def test_whoever_has_no_target_yet_reads_how_to_make_one() -> None:
    counts: dict[str, int] = {}

    said = Pages().part("overview_headline.html", headline=headline_of(counts), counts=counts)

    assert "<h1>There are no targets yet</h1>" in said
    assert 'href="/docs#/targets"' in said
    assert "POST /v1/targets" in said


def test_a_query_keeps_what_makes_sense_and_is_an_address_again() -> None:
    query = Query.of({"q": "  a&b\x00 ", "status": "attention", "page": "3"})

    assert query == Query("a&b", "attention", 3)
    assert query.address(4) == "/?q=a%26b&status=attention&page=4"
    assert query.address(1, "/live") == "/live?q=a%26b&status=attention"
    assert Query().address() == "/"
    assert Query.of({"page": "9" * 40, "status": "x", "q": "y" * 200}) == Query("y" * 100)


def test_facts_are_told_in_their_order() -> None:
    facts = past(
        Target,
        fact(Target.TargetDefined, plan=NOVEMBER),
        fact(Target.TargetAttained, total=100_000_00, goal=100_000_00, lifted_by=SALE),
        fact(Target.AttainmentLost, total=99_995_00, goal=100_000_00, lowered_by=SALE),
        fact(Target.TargetSealed, total=99_995_00, goal=100_000_00, outcome="missed"),
    )

    told = told_of(list(reversed(facts)), NOVEMBER, {}, 2026)

    assert [one.line for one in told] == [
        "Sealed, goal missed: $99,995 of $100,000",
        "Not attained any more, by sale ord-1 of webshop: $99,995 of $100,000",
        "Attained by sale ord-1 of webshop: $100,000 of $100,000",
        "Defined: $100,000 by Mon 30 Nov",
    ]


@pytest.mark.parametrize(
    ("as_of", "said"),
    [
        (NOW, ["Sales of Mon 23 Nov so far: +$7", "Sales of Sun 22 Nov: -$5"]),
        (NOVEMBER.begins + timedelta(hours=1), ["Sales of Sun 1 Nov so far: $0"]),
        (NOVEMBER.ends + timedelta(hours=1), ["Sales of Mon 30 Nov: +$9"]),
        (NOVEMBER.ends + timedelta(days=1), []),
    ],
    ids=["under way", "first day", "just over", "over"],
)
def test_what_was_sold_today_and_yesterday_is_told_from_the_sums(as_of: datetime, said: list[str]) -> None:
    one = found(as_of=as_of)
    sums = {NOVEMBER.midnights[day - 1]: cents for day, cents in ((20, 1_00), (22, -5_00), (23, 7_00), (30, 9_00))}

    assert sold_lately(days_of(one.known, Progress(sums), as_of), NOVEMBER, as_of) == said
