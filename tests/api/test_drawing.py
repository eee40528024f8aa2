"""Charts: what stands where, and that it is always a whole picture, whatever the figures are."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import api.dashboard
from api.dashboard.charts.amounts import exact, short
from api.dashboard.charts.axis import amount_ticks, time_ticks
from api.dashboard.charts.burn_up import burn_up
from api.dashboard.charts.drawing import Diamond, Drawing, Mark
from api.dashboard.charts.legend import legend
from api.dashboard.charts.sparkline import sparkline
from api.dashboard.charts.svg import text_width
from api.dashboard.charts.thinning import thinned

BERLIN = ZoneInfo("Europe/Berlin")
STATUSES = [None, "ahead", "on_track", "at_risk", "off_track", "too_early", "met", "missed", "attained"]
STAGES = ["planned", "due_soon", "overdue", "achieved", "missed", "waived"]


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BERLIN).astimezone(UTC)


def drawing_of(
    *,
    start: date = date(2026, 10, 1),
    days: int = 31,
    goal: int = 100_000_00,
    day_totals: tuple[int, ...] = (),
    checkpoints: dict[int, str | None] | None = None,
    diamonds: tuple[Diamond, ...] = (),
    unit: str = "USD",
    exponent: int = 2,
) -> Drawing:
    """A target whose total at the end of each of its first days is given; now is then."""
    instants = [midnight(start + timedelta(days=day)) for day in range(days + 1)]
    actual = [(instants[0], 0), *((instants[day], total) for day, total in enumerate(day_totals, 1))]
    marks = [
        Mark(number, instants[day], goal * day // days, None if status is None else actual[day][1], status, day == days)
        for number, (day, status) in enumerate((checkpoints or {}).items(), 1)
    ]
    return Drawing(
        begins=instants[0],
        ends=instants[-1],
        time_zone="Europe/Berlin",
        goal=goal,
        actual=actual,
        expected=[(instant, goal * day // days) for day, instant in enumerate(instants)],
        marks=marks,
        diamonds=diamonds,
        now=actual[-1][0] if day_totals else None,
        unit=unit,
        exponent=exponent,
    )


def rising(days: int, a_day: int) -> tuple[int, ...]:
    return tuple(a_day * day for day in range(1, days + 1))


MONTH = drawing_of(
    day_totals=(*rising(14, 3_300_00), 46_000_00, 49_000_00, 52_000_00),
    checkpoints={7: "on_track", 14: "at_risk", 21: None, 31: None},
    diamonds=(Diamond("Price list", midnight(date(2026, 10, 9)), "achieved"),),
)


# Reading a picture


def read(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def having(picture: ElementTree.Element, kind: str) -> list[ElementTree.Element]:
    return [part for part in picture.iter() if kind in part.get("class", "").split()]


def words(picture: ElementTree.Element) -> list[str]:
    return [part.text or "" for part in picture.iter("text")]


def titled(picture: ElementTree.Element, beginning: str) -> ElementTree.Element:
    [found] = [
        part
        for part in picture.iter()
        if (title := part.find("title")) is not None and (title.text or "").startswith(beginning)
    ]
    return found


def points(d: str) -> Iterator[tuple[float, float]]:
    """Every corner that a path of ours goes through; of an arc its end."""
    x = y = 0.0
    for letter, said in re.findall(r"([MLHVlhvmaz])([^MLHVlhvmaz]*)", d):
        numbers = [float(one) for one in re.findall(r"-?(?:\d+(?:\.\d+)?|\.\d+)", said)]
        step = {"H": 1, "h": 1, "V": 1, "v": 1, "a": 7}.get(letter, 2)
        for first in range(0, len(numbers), step):
            group = numbers[first : first + step]
            match letter:
                case "M" | "L":
                    x, y = group
                case "H":
                    x = group[0]
                case "V":
                    y = group[0]
                case "h":
                    x += group[0]
                case "v":
                    y += group[0]
                case _:
                    x, y = x + group[-2], y + group[-1]
            yield x, y


def assert_whole(svg: str) -> None:
    """Everything lies in the picture, is a number, and takes no id."""
    picture = read(svg)
    width, height = (float(one) for one in picture.get("viewBox", "").split()[2:])
    amounts = [text for group in having(picture, "amounts") for text in group]
    for part in picture.iter():
        assert part.get("id") is None
        assert part.get("style") is None
        corners = list(points(part.get("d", "")))
        if part.tag == "circle":
            x, y, r = (float(part.get(name, "nan")) for name in ("cx", "cy", "r"))
            corners = [(x - r, y - r), (x + r, y + r)]
        if part.tag == "text":
            corners = text_corners(part, 14 if width > 500 else 13, ends=part in amounts)
        for x, y in corners:
            assert -0.2 <= x <= width + 0.2
            assert -0.2 <= y <= height + 0.2


def text_corners(text: ElementTree.Element, size: int, *, ends: bool) -> list[tuple[float, float]]:
    x, y = (float(text.get(name, "nan")) for name in ("x", "y"))
    wide, kinds = text_width(text.text or "", size), text.get("class", "").split()
    left = x - wide if ends or "end" in kinds else x if "start" in kinds else x - wide / 2
    return [(left, y - size * 0.8), (left + wide, y)]


# Sentences


def test_a_chart_says_in_words_how_the_target_stands() -> None:
    picture = read(burn_up(MONTH, wide=True))

    said = picture.findtext("desc")

    assert said == (
        "$52,000 of $100,000 by 18 Oct, $2,838.70 below the expected pace; it ends on 31 Oct. "
        "Checkpoints: 1 on track, 1 at risk, 2 to come. Milestones: 1 achieved."
    )
    assert picture.findtext("title") == "Burn-up: $52,000 of $100,000"
    assert picture.get("role") == "img"


def test_what_the_figures_say_is_expected_now_is_what_a_chart_compares_with() -> None:
    picture = read(burn_up(replace(MONTH, expected_now=50_000_00), wide=True))

    assert "$2,000 above pace" in words(picture)
    assert "$2,000 above the expected pace" in (picture.findtext("desc") or "")


def test_before_its_period_a_target_has_a_pace_but_no_total() -> None:
    picture = read(burn_up(drawing_of(), wide=True))

    assert picture.findtext("desc") == "$0 of $100,000; it begins on 1 Oct and ends on 31 Oct."
    assert having(picture, "expected")
    assert not having(picture, "now-dot")
    assert not having(picture, "today")


def test_after_its_period_a_target_has_a_total_but_no_today() -> None:
    over = replace(drawing_of(day_totals=rising(31, 4_000_00)), now=None)

    picture = read(burn_up(over, wide=False))

    assert picture.findtext("desc") == "$124,000 of $100,000 when it ended on 31 Oct."
    assert "$124,000" in words(picture)
    assert "Today" not in words(picture)


def test_a_target_that_was_stopped_before_its_end_says_so() -> None:
    stopped = replace(MONTH, now=None, marks=(), diamonds=())

    picture = read(burn_up(stopped, wide=True))

    assert picture.findtext("desc") == "$52,000 of $100,000; it is no longer under way."


def test_in_a_month_a_chart_stays_the_same_for_a_minute_and_in_a_day_it_tells_the_time() -> None:
    later = replace(MONTH, now=MONTH.actual[-1][0] + timedelta(minutes=1))
    day = drawing_of(days=1)
    noon = day.begins + timedelta(hours=12)

    assert burn_up(later, wide=True) == burn_up(MONTH, wide=True)
    assert " by 1 Oct, 12:00" in burn_up(replace(day, actual=[*day.actual, (noon, 5)], now=noon), wide=True)


# Where things stand


def test_a_checkpoint_stands_on_the_actual_line_once_it_was_read_and_on_the_pace_until_then() -> None:
    picture = read(burn_up(MONTH, wide=True))
    read_one, to_come = titled(picture, "Checkpoint 2, 14 Oct"), titled(picture, "Checkpoint 3, 21 Oct")

    [actual], [expected] = having(picture, "actual"), having(picture, "expected")

    assert centre(read_one) in [pytest.approx(point, abs=0.11) for point in points(actual.get("d", ""))]
    begin, *_, end = points(expected.get("d", ""))
    share = (centre(to_come)[0] - begin[0]) / (end[0] - begin[0])
    assert share == pytest.approx((21 * 24 + 0) / (31 * 24 + 1), abs=0.001)  # October has the hour of winter time
    assert centre(to_come)[1] == pytest.approx(begin[1] + (end[1] - begin[1]) * 21 / 31, abs=0.2)


def centre(mark: ElementTree.Element) -> tuple[float, float]:
    circle = next(mark.iter("circle"))
    return float(circle.get("cx", "nan")), float(circle.get("cy", "nan"))


def test_a_verdict_is_told_by_a_sign_and_not_by_colour_alone() -> None:
    judged = drawing_of(day_totals=rising(28, 3_000_00), checkpoints={7: "ahead", 14: "at_risk", 21: "off_track"})

    marks = having(read(burn_up(judged, wide=True)), "mark")

    signs = {mark.get("class"): [part.get("d", "").partition("m")[2] for part in mark.iter("path")] for mark in marks}
    assert [kind.split()[1] for kind in signs if kind] == ["good", "warn", "bad"]
    assert len({tuple(sign) for sign in signs.values()}) == 3


def test_more_than_the_goal_makes_the_scale_grow_and_refunds_take_it_below_nothing() -> None:
    above = read(burn_up(drawing_of(day_totals=(20_000_00, 130_000_00)), wide=True))
    below = read(burn_up(drawing_of(day_totals=(20_000_00, -30_000_00)), wide=True))

    assert "$120k" in words(above)
    assert "-$20k" in words(below)
    [ground], [actual] = having(below, "ground"), having(below, "actual")
    assert list(points(actual.get("d", "")))[-1][1] > next(points(ground.get("d", "")))[1]


def test_fifty_two_checkpoints_shrink_to_small_shapes_that_still_tell() -> None:
    year = drawing_of(
        start=date(2026, 1, 1),
        days=365,
        day_totals=rising(200, 200_00),
        checkpoints={7 * week: ("at_risk", "on_track")[week % 2] if week < 28 else None for week in range(1, 53)},
    )

    wide, narrow = burn_up(year, wide=True), burn_up(year, wide=False)

    assert len(having(read(wide), "dot")) == 52
    assert not having(read(wide), "mark")
    # On a phone one path for each verdict says how many it is.
    assert [part.findtext("title") for part in having(read(narrow), "dot")] == [
        "25 checkpoints to come",
        "14 checkpoints on track",
        "13 checkpoints at risk",
    ]
    assert len(wide) + len(narrow) < 20_000


def test_two_checkpoints_on_one_day_make_no_crowd() -> None:
    cutoff = MONTH.marks[0].cutoff
    twice = replace(MONTH, marks=[replace(MONTH.marks[0], number=9, cutoff=cutoff - timedelta(hours=6)), *MONTH.marks])

    marks = having(read(burn_up(twice, wide=True)), "mark")

    assert len(marks) == 5


def test_milestones_at_one_instant_are_one_diamond_that_names_them_the_most_urgent_first() -> None:
    due = midnight(date(2026, 10, 16))
    together = (Diamond("Calls", due, "planned"), Diamond("Launch", due, "overdue"), Diamond("Fair", due, "achieved"))

    picture = read(burn_up(replace(MONTH, diamonds=together), wide=True))

    [diamond] = having(picture, "milestone")
    assert diamond.get("class") == "milestone bad"
    assert diamond.findtext("title") == (
        "Launch, due 15 Oct: overdue; Calls, due 15 Oct: planned; Fair, due 15 Oct: achieved"
    )
    assert "Launch +2" in words(picture)


@pytest.mark.parametrize("wide", [True, False])
def test_names_of_milestones_never_lie_on_each_other(wide: bool) -> None:
    many = tuple(
        Diamond(f"Milestone number {day}", midnight(date(2026, 10, day)), STAGES[day % 6]) for day in range(1, 32)
    )

    names = having(read(burn_up(replace(MONTH, diamonds=many), wide=wide)), "name")

    size = 14 if wide else 13
    boxes = sorted((name.get("y"), float(name.get("x", "nan")), text_width(name.text or "", size)) for name in names)
    assert len(boxes) > 2
    for (line, x, width), (next_line, next_x, next_width) in pairwise(boxes):
        assert line != next_line or x + width / 2 < next_x - next_width / 2


# Axes


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 100, [0, 20, 40, 60, 80, 100]),
        (0, 1, [0, 1]),
        (0, 120_000_000, [0, 20_000_000, 40_000_000, 60_000_000, 80_000_000, 100_000_000, 120_000_000]),
        (-30, 100, [-20, 0, 20, 40, 60, 80, 100]),
    ],
)
def test_amounts_have_round_ticks_in_order_with_nothing_among_them(low: int, high: int, ticks: list[int]) -> None:
    assert amount_ticks(low, high, 7) == ticks


@pytest.mark.parametrize(
    ("days", "most", "labels"),
    [
        (1, 5, ["1 Oct", "06:00", "12:00", "18:00"]),
        (7, 12, ["1 Oct", "2 Oct", "3 Oct", "4 Oct", "5 Oct", "6 Oct", "7 Oct"]),
        (31, 5, ["1 Oct", "8 Oct", "15 Oct", "22 Oct", "29 Oct"]),
        (92, 12, ["1 Oct", "15 Oct", "1 Nov", "15 Nov", "1 Dec", "15 Dec"]),
        (92, 4, ["Oct", "Nov", "Dec"]),
        (365, 12, ["Oct", "Nov", "Dec", "2027", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep"]),
        (365, 5, ["Oct", "2027", "Apr", "Jul"]),
        (3650, 5, ["2028", "2030", "2032", "2034", "2036"]),
    ],
)
def test_dates_are_the_finest_for_which_there_is_room(days: int, most: int, labels: list[str]) -> None:
    begins = date(2026, 10, 1)

    ticks = time_ticks(midnight(begins), midnight(begins + timedelta(days=days)), BERLIN, most)

    assert [tick.label for tick in ticks] == labels


def test_a_date_stands_at_local_midnight_on_both_sides_of_the_change_of_the_clock() -> None:
    ticks = time_ticks(midnight(date(2026, 10, 24)), midnight(date(2026, 10, 27)), BERLIN, 3)

    assert [tick.at.hour for tick in ticks] == [22, 22, 23]


@pytest.mark.parametrize(
    ("amount", "unit", "exponent", "shortly", "exactly"),
    [
        (0, "USD", 2, "$0", "$0"),
        (25_000_00, "USD", 2, "$25k", "$25,000"),
        (-1_250_000_00, "USD", 2, "-$1.25M", "-$1,250,000"),
        (19_99, "EUR", 2, "€19.99", "€19.99"),
        (500_000, "JPY", 0, "¥500k", "¥500,000"),
        (1_200_000, "CHF", 2, "CHF 12k", "CHF 12,000"),
        (1_200, "pieces", 0, "1.2k", "1,200 pieces"),
        (999_999_999_999_999, "USD", 2, "$9.99999999999999T", "$9,999,999,999,999.99"),
    ],
)
def test_amounts_are_short_on_an_axis_and_exact_beside_a_point(
    amount: int, unit: str, exponent: int, shortly: str, exactly: str
) -> None:
    assert short(amount, unit, exponent).replace("\N{NO-BREAK SPACE}", " ") == shortly
    assert exact(amount, unit, exponent).replace("\N{NO-BREAK SPACE}", " ") == exactly


# Always a whole picture


def test_a_month_is_small() -> None:
    assert len(burn_up(MONTH, wide=True)) < 9_000
    assert len(sparkline(drawing_of(day_totals=rising(20, 3_000_00)))) < 1_000


def test_a_thinned_line_looks_as_it_did() -> None:
    line = [(x / 10, 50.0 if x < 5_000 else 80.0) for x in range(10_000)]

    fewer = thinned(line)

    assert len(fewer) <= 6
    assert (fewer[0], fewer[-1]) == (line[0], line[-1])
    assert {y for _, y in fewer} == {50.0, 80.0}


def test_text_is_escaped() -> None:
    hostile = Diamond('</svg><script>alert("x")</script>', midnight(date(2026, 10, 9)), "planned")

    svg = burn_up(replace(MONTH, diamonds=(hostile,)), wide=True)

    assert "<script" not in svg
    assert hostile.name in words(read(svg))


def test_a_legend_names_only_what_is_in_the_picture() -> None:
    entries = ["".join(entry.itertext()) for entry in read(legend(MONTH))]

    assert entries == [
        "Actual",
        "Expected pace",
        "Checkpoint on track",
        "Checkpoint at risk",
        "Checkpoint to come",
        "Milestone",
    ]


def test_colours_come_from_the_page_alone() -> None:
    css = (Path(api.dashboard.__file__).parent / "static" / "charts.css").read_text()

    assert not re.findall(r"#[0-9a-f]{3,8}\b|rgb|hsl", css)


@st.composite
def drawings(draw: st.DrawFn) -> Drawing:
    begins = draw(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1))).replace(tzinfo=UTC)
    span = timedelta(hours=draw(st.sampled_from([1, 23, 24, 25, 48, 168, 744, 2208, 8760, 88_800])))
    goal = draw(st.one_of(st.just(1), st.integers(1, 10**15 - 1)))
    inside = st.integers(0, 1_000).map(lambda share: begins + span * share / 1_000)
    amount = st.integers(-(10**17), 10**17) | st.integers(-2 * goal, 2 * goal)
    state = draw(st.sampled_from(["ahead of us", "under way", "over"]))
    past = [] if state == "ahead of us" else sorted(draw(st.lists(st.tuples(inside, amount), min_size=1, max_size=8)))
    mark = st.builds(
        Mark,
        number=st.integers(1, 4_000),
        cutoff=inside,
        expected=st.integers(0, goal),
        actual=st.none() | amount,
        status=st.sampled_from(STATUSES),
        closing=st.booleans(),
    )
    name = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=60)
    # A milestone may be due before its target begins, or after its end.
    due = inside | st.just(begins - span) | st.just(begins + 2 * span)
    marks = draw(st.lists(mark, max_size=4)) * draw(st.sampled_from([1, 1, 20]))
    return Drawing(
        begins=begins,
        ends=begins + span,
        time_zone=draw(st.sampled_from(["UTC", "Pacific/Apia", "America/New_York", "Asia/Kathmandu"])),
        goal=goal,
        actual=[(begins, 0), *past],
        expected=[(begins, 0), (begins + span, goal)],
        marks=marks,
        diamonds=draw(st.lists(st.builds(Diamond, name, due, st.sampled_from(STAGES)), max_size=5)),
        now=past[-1][0] if state == "under way" else None,
        unit=draw(
            st.sampled_from(["USD", "JPY", "KWD", "CHF", "pieces", "a-rather-long-name-of-what-is-counted-" * 2])
        ),
        exponent=draw(st.sampled_from([0, 2, 3, 6])),
    )


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(drawings())
def test_every_drawing_is_a_whole_picture(drawing: Drawing) -> None:
    for svg in (burn_up(drawing, wide=True), burn_up(drawing, wide=False), sparkline(drawing)):
        assert_whole(svg)
        assert len(svg) < 30_000


def test_the_largest_target_there_can_be_is_still_a_page() -> None:
    largest = drawing_of(
        days=3_700,
        goal=10**15 - 1,
        day_totals=tuple(10**12 * day // 5 + (day % 7) * 10**11 for day in range(1, 3_000)),
        checkpoints={day: STATUSES[day % 6] if day < 3_000 else None for day in range(1, 3_701)},
        diamonds=tuple(
            Diamond(f"Milestone {day} " + "x" * 180, midnight(date(2026, 10, 1) + timedelta(days=day)), "planned")
            for day in range(0, 3_600, 18)
        ),
    )

    for wide in (True, False):
        svg = burn_up(largest, wide=wide)
        assert_whole(svg)
        assert len(svg) < 40_000
