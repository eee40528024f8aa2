"""The pace on a chart: the very steps that the figures go by, also where a day has all its checkpoints in an hour."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import uuid4
from xml.etree import ElementTree

import pytest

from api.dashboard.charting import drawing_of
from api.dashboard.charts.burn_up import burn_up
from api.dashboard.charts.drawing import Drawing
from api.dashboard.charts.legend import legend
from api.dashboard.charts.telling import mark_told
from api.dashboard.charts.thinning import stairs
from api.dashboard.glance import Glance
from api.plans import KnownPlan
from api.target_reads import Found
from domain.checkpoint import Reading
from domain.money import half_even
from domain.plan import Plan
from domain.target import State
from projections.checkpoints import Evaluation
from projections.plans import Plans
from projections.progress import Progress
from projections.status import Status
from tests.api.test_drawing import centre, having, points, read, titled, words
from tests.words import plan

NOVEMBER = plan(schedule="FREQ=WEEKLY;BYDAY=FR")
CLOCKS = ("13:58:30", "14:08:00", "14:28:00")
PUSH = plan(
    start=date(2026, 11, 23),
    end=date(2026, 11, 23),
    time_zone="America/New_York",
    goal="6000.00",
    schedule=[f"2026-11-23T{clock}-05:00" for clock in CLOCKS],
)
"""A day with three cut-offs in half an hour of its afternoon, and the closing one at its end."""

SPREAD = plan(
    start=date(2026, 11, 23),
    end=date(2026, 11, 23),
    time_zone="America/New_York",
    goal="6000.00",
    schedule=[f"2026-11-23T{clock}-05:00" for clock in ("06:00:30", "12:00:30", "18:00:30")],
)


def there(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-23T{clock}-05:00").astimezone(UTC)


def drawn(of: Plan, as_of: datetime, total: int = 0, sums: Mapping[datetime, int] | None = None) -> Drawing:
    status = Status(of.name, "revenue", of.goal, State.ACTIVE, 1, total)
    found = Found(KnownPlan(uuid4(), Plans([of])), status, 1, as_of)
    return drawing_of(Glance.of(found), Progress(dict(sums or {})), {}, ())


def height(picture: ElementTree.Element, x: float) -> float:
    """Of the expected line at x; where it steps, of the top of the step."""
    (line,) = having(picture, "expected")
    corners = list(points(line.get("d", "")))
    return min(y for (x1, y1), (x2, y2) in pairwise(corners) if x1 - 0.06 <= x <= x2 + 0.06 for y in (y1, y2))


@pytest.mark.parametrize("wide", [True, False])
@pytest.mark.parametrize("hour", [0, 1, 12, 23])
def test_the_line_at_now_is_what_is_expected_now(hour: int, wide: bool) -> None:
    as_of = datetime.combine(date(2026, 11, 17), time(hour, 30), UTC)
    expected = half_even(NOVEMBER.goal * NOVEMBER.weight(as_of))

    picture = read(burn_up(drawn(NOVEMBER, as_of, expected), wide=wide))

    # Exactly on the pace, the dot lies on the line.
    (dot,) = having(picture, "now-dot")
    assert "on the pace" in words(picture) or not wide
    assert height(picture, float(dot.get("cx", "nan"))) == pytest.approx(float(dot.get("cy", "nan")), abs=0.15)


def test_checkpoints_to_come_stand_on_the_top_of_their_steps() -> None:
    picture = read(burn_up(drawn(NOVEMBER, NOVEMBER.begins + timedelta(days=9)), wide=True))

    for number in (3, 4):
        x, y = centre(titled(picture, f"Checkpoint {number}, "))
        assert height(picture, x) == pytest.approx(y, abs=0.15)
        assert height(picture, x - 2) > y + 5


def test_a_dot_right_after_a_cut_off_stands_on_its_step() -> None:
    drawing = drawn(SPREAD, there("12:00:40"), SPREAD.goal * 2 // 3)

    picture = read(burn_up(drawing, wide=True))

    (dot,) = having(picture, "now-dot")
    assert "on the pace" in words(picture)
    assert height(picture, float(dot.get("cx", "nan"))) == pytest.approx(float(dot.get("cy", "nan")), abs=0.15)


def test_the_steps_of_a_year_of_days_stay_small() -> None:
    year = plan(start=date(2026, 1, 1), end=date(2026, 12, 31))

    for wide in (True, False):
        (line,) = having(read(burn_up(drawn(year, year.begins), wide=wide)), "expected")
        path = line.get("d", "")
        assert re.fullmatch(r"M[-0-9. ]+([hv][-0-9.]+)+", path)
        assert len(path) < 2_500


def test_steps_that_cannot_be_seen_are_drawn_with_the_next() -> None:
    assert stairs([(0, 100), (10, 80), (20, 79.5), (30, 60), (30.5, 40), (50, 40)]) == [
        (0, 100),
        (10, 100),
        (10, 80),
        (30, 80),
        (30, 40),
        (50, 40),
        (50, 40),
    ]


# The hours around the checkpoints


def test_a_day_with_all_its_checkpoints_in_half_an_hour_shows_that_hour_and_says_so() -> None:
    drawing = drawn(PUSH, there("14:10:10"), 2_500_00, {PUSH.begins: 1_000_00, there(CLOCKS[0]): 900_00})

    picture = read(burn_up(drawing, wide=True))

    assert (drawing.begins, drawing.ends) == (there("13:50:00"), there("14:35:00"))
    assert "Only 13:50 to 14:35 of 23 Nov is drawn" in words(picture)
    assert {"13:55", "14:10", "14:30"} <= set(words(picture))
    # How much came before these hours is not known: the line begins at the first checkpoint.
    assert list(drawing.actual) == [
        (there(CLOCKS[0]), 1_000_00),
        (there(CLOCKS[1]), 1_900_00),
        (there("14:10:10"), 2_500_00),
    ]
    assert [mark_told(drawing, mark).partition(":")[0] for mark in drawing.marks] == [
        "Checkpoint 1, 23 Nov, 13",
        "Checkpoint 2, 23 Nov, 14",
        "Checkpoint 3, 23 Nov, 14",
    ]
    assert "23 Nov, 13:58:30: to come" in mark_told(drawing, drawing.marks[0])


@pytest.mark.parametrize(
    ("clock", "hours"),
    [("07:02:00", ("07:00:00", "14:35:00")), ("15:01:00", ("13:50:00", "15:05:00")), ("05:00:00", None)],
    ids=["some hours before", "half an hour after", "long before"],
)
def test_now_is_always_drawn_even_where_that_takes_the_whole_day(clock: str, hours: tuple[str, str] | None) -> None:
    drawing = drawn(PUSH, there(clock))

    shown = (drawing.begins, drawing.ends)
    assert shown == ((PUSH.begins, PUSH.ends) if hours is None else (there(hours[0]), there(hours[1])))
    assert drawing.cut is (hours is not None)


@pytest.mark.parametrize(("later", "cut"), [(0, True), (5_00, False)])
def test_when_it_is_over_hours_are_left_out_only_where_nothing_came(later: int, cut: bool) -> None:
    sums = {PUSH.begins: 1_000_00, there(CLOCKS[2]): later}

    drawing = drawn(PUSH, PUSH.ends + timedelta(hours=1), 1_000_00 + later, sums)

    assert drawing.cut is cut
    assert drawing.actual[-1] == (drawing.ends, 1_000_00 + later)


def test_other_days_are_drawn_whole() -> None:
    assert not drawn(SPREAD, there("07:00:00")).cut
    assert not drawn(NOVEMBER, NOVEMBER.begins + timedelta(hours=7)).cut


def test_the_closing_mark_of_a_target_that_is_over_is_its_outcome() -> None:
    status = Status("November", "revenue", NOVEMBER.goal, State.CLOSED, 1, 99_500_00, outcome="missed")
    found = Found(KnownPlan(uuid4(), Plans([NOVEMBER])), status, 1, NOVEMBER.ends + timedelta(hours=1))
    reading = Reading(99_500_00, NOVEMBER.goal, -500_00, "on_track", True, "0.9950")
    closing = NOVEMBER.checkpoints[-1]
    evaluated = Evaluation(uuid4(), closing.number, closing.cutoff, True, reading, 0, 0, 1, True, closing.cutoff, 1)

    drawing = drawing_of(Glance.of(found), Progress({}), {closing.number: evaluated}, ())

    assert drawing.marks[-1].status == "missed"
    assert "Goal missed" in "".join(read(legend(drawing)).itertext())
    assert "Checkpoint off track" not in "".join(read(legend(drawing)).itertext())
