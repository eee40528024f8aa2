"""The chart of each kind of target: what is drawn of it, and what it says to whoever does not see it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from uuid import uuid4
from xml.etree.ElementTree import Element

import pytest

from api.dashboard.charting import drawing_of, lines_of
from api.dashboard.charts.burn_up import burn_up
from api.dashboard.charts.drawing import Drawing
from api.dashboard.charts.legend import legend
from api.dashboard.charts.sparkline import sparkline
from api.dashboard.glance import Glance
from api.plans import KnownPlan
from domain.plan import Plan, Rebased
from projections.plans import Plans, Revision
from projections.progress import Progress
from tests.api.test_drawing import assert_whole, having, points, read, words
from tests.api.test_kinds_told import churn, found, frozen, ratio, stock, uplift
from tests.api.test_page_words import plain
from tests.words import NOW, plan

DAYS = [datetime(2026, 11, day, tzinfo=UTC) for day in range(1, 24)]


def drawn(of: Plan, sums: dict[datetime, int], under: dict[datetime, int] | None = None) -> Drawing:
    one = found(of, sum(sums.values()), levels=len(sums), under=sum((under or {}).values()))
    return drawing_of(Glance.of(one), Progress(sums, under), {}, ())


def picture(drawing: Drawing) -> Element:
    for wide in (True, False):
        assert_whole(burn_up(drawing, wide=wide))
    assert_whole(sparkline(drawing))
    return read(burn_up(drawing, wide=True))


def told(drawing: Drawing) -> str:
    return plain(picture(drawing).findtext("desc") or "")


def entries(drawing: Drawing) -> list[str]:
    return ["".join(entry.itertext()) for entry in read(legend(drawing))]


def test_a_gain_goes_below_nothing_where_it_is_behind_last_year() -> None:
    behind = drawn(uplift(), dict.fromkeys(DAYS, 1_500_00))

    assert behind.actual[1] == (DAYS[1], -500_00)
    assert behind.actual[-1][1] == 23 * 1_500_00 - 22 * 2_000_00
    assert told(behind).startswith(
        "-$9,500.00 against last year, of +$100,000 by 23 Nov, $91,642.86 below the expected pace; it ends on 30 Nov."
    )
    assert "Goal +$100,000" in words(picture(behind))
    [ground], [actual] = having(picture(behind), "ground"), having(picture(behind), "actual")
    assert list(points(actual.get("d", "")))[-1][1] > next(points(ground.get("d", "")))[1]


def test_a_level_over_last_year_is_drawn_beside_it() -> None:
    beside = drawn(uplift(mode="level"), dict.fromkeys(DAYS, 3_000_00))

    assert beside.earlier[-1] == (beside.ends, 60_000_00)
    assert beside.goal == 160_000_00
    assert "Last year" in entries(beside)
    assert len(having(picture(beside), "earlier")) == 1
    assert not drawn(uplift(), {}).earlier


def test_a_falling_level_is_drawn_where_it_is_and_good_below_its_pace() -> None:
    falling = drawn(churn(), {DAYS[0]: -50, DAYS[9]: -1_80})

    image = picture(falling)

    assert (falling.actual[0], falling.actual[-1][1]) == ((DAYS[0], 8_00), 5_70)
    assert falling.expected[0] == (DAYS[0], 8_00)
    assert told(falling).startswith(
        "5.7 %, on the way from 8 % to 5 % by 23 Nov, 0.16 percentage points behind the expected pace; "
        "it ends on 30 Nov."
    )
    assert [plain(one) for one in words(image)][:4] == ["5 %", "6 %", "7 %", "8 %"]
    assert not having(image, "area")
    _, *_, low = [y for _, y in points(having(image, "expected")[0].get("d", ""))]
    assert low > next(points(having(image, "expected")[0].get("d", "")))[1]


def test_a_level_to_be_kept_has_a_band_and_no_pace() -> None:
    kept = drawn(stock(), {DAYS[2]: 45, DAYS[9]: 9})

    image = picture(kept)

    assert kept.actual[0] == (DAYS[3], 45)
    assert told(kept).startswith("5.4 days, to stay between 3 and 5 days by 23 Nov; it ends on 30 Nov.")
    assert [len(having(image, kind)) for kind in ("band", "goal", "expected")] == [1, 2, 0]
    assert {plain(one) for one in words(image)} >= {"At most 5 days", "At least 3 days"}
    assert "Expected pace" not in entries(kept)


@pytest.mark.parametrize(("low", "high"), [("3.0", None), (None, "5.0")])
def test_a_band_that_is_open_to_a_side_goes_to_the_edge(low: str | None, high: str | None) -> None:
    image = picture(drawn(stock(low, high), {DAYS[2]: 45}))

    [band], [goal] = having(image, "band"), having(image, "goal")

    heights = {y for _, y in points(band.get("d", ""))}
    assert {y for _, y in points(goal.get("d", ""))} < heights
    assert len(heights) == 2


def test_a_ratio_is_drawn_from_sums_and_held_against_its_goal() -> None:
    halves = drawn(ratio(), {DAYS[0]: 20, DAYS[1]: 10}, {DAYS[0]: 100, DAYS[1]: 150})

    assert [amount for _, amount in halves.actual[:2]] == [200_000, 120_000]
    assert told(halves).startswith("12 % of 15 % by 23 Nov, 3 percentage points below the goal; it ends on 30 Nov.")
    assert "3 percentage points below goal" in [plain(one) for one in words(picture(halves))]
    assert "Expected pace" not in entries(halves)


@pytest.mark.parametrize(
    ("of", "says"),
    [
        (stock(), "Nothing measured yet, to stay between 3 and 5 days by 23 Nov"),
        (churn(), "Nothing measured yet, on the way from 8 % to 5 % by 23 Nov"),
        (ratio(), "Nothing to divide by yet, of 15 % by 23 Nov"),
    ],
)
def test_what_nothing_is_known_of_has_no_line_and_says_so(of: Plan, says: str) -> None:
    one = found(of)
    nothing = drawing_of(Glance.of(one), Progress({}), {}, ())

    assert told(nothing).startswith(says)
    assert not having(picture(nothing), "actual")


def test_what_can_t_be_compared_expects_nothing() -> None:
    none = drawn(uplift(since=frozen(0, sold=0)), {DAYS[0]: 5_00})

    assert not none.expected
    assert "pace" not in told(none)


AT = datetime(2026, 11, 14, 12, tzinfo=UTC)


def revised(mode: str = "prospective") -> Drawing:
    """$100,000 that became $120,000 at noon of the 14th."""
    first = plan(schedule="FREQ=WEEKLY;BYDAY=FR")
    base = first.expected(AT)
    rebased = (
        None if mode == "retroactive" else Rebased(AT, str(base if mode == "prospective" else Fraction(40_000_00)))
    )
    now = replace(plan(schedule="FREQ=WEEKLY;BYDAY=FR", goal="120000.00"), rebased=rebased)
    made = Revision(2, AT if rebased else now.begins, mode, "The fair was moved.", {}, "jo", AT)
    one = replace(found(now, 52_000_00), known=KnownPlan(uuid4(), Plans([first, now], 2, [made])))
    return drawing_of(Glance.of(one), Progress({DAYS[0]: 52_000_00}), {}, ())


def test_a_revision_bends_the_pace_and_is_marked_and_the_first_goal_stays_faintly() -> None:
    bent = revised()
    image = picture(bent)

    steps = dict(bent.expected)
    assert (steps[DAYS[13]], steps[AT], steps[bent.ends]) == (50_000_00, 50_000_00, 120_000_00)
    assert told(bent).endswith("Revision 2, Sat 14 Nov: The fair was moved. The original goal was $100,000.")
    [turn] = having(image, "turn")
    assert turn.findtext("title") == "Revision 2, Sat 14 Nov: The fair was moved"
    assert len(having(image, "original")) == 1
    assert {"Goal $120,000", "Original goal $100,000"} <= set(words(image))
    assert "Revision" in entries(bent)


def test_a_replan_makes_the_pace_jump_to_what_there_was() -> None:
    steps = dict(revised("replan").expected)

    assert (steps[DAYS[13]], steps[AT]) == (50_000_00, 40_000_00)


def test_what_holds_from_the_beginning_is_marked_where_it_was_made() -> None:
    anew = revised("retroactive")

    assert dict(anew.expected)[DAYS[13]] == 60_000_00
    assert [turn.at for turn in anew.turns] == [AT]


def test_the_lines_in_small_are_those_of_the_figures() -> None:
    one = Glance.of(found(churn(), -2_00, levels=2, as_of=NOW + timedelta(days=30)))

    small = lines_of(one, Progress({DAYS[0]: -2_00}))

    assert small.actual[-1] == (small.ends, 6_00)
    assert date(2026, 11, 30) == one.plan.end
