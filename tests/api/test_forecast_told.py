"""The forecast on a target's page: a card, and a fan on the chart that begins where the line ends."""

from datetime import date
from fractions import Fraction

import pytest

from api.dashboard.cards.forecast_card import forecast_card
from api.dashboard.charting import drawing_of
from api.dashboard.glance import Glance
from domain.forecast import BOOTSTRAP, NO_BASELINE, NONE, NONE_OF_KEPT, NONE_OF_RATIO, Forecast, none_because
from projections.progress import Progress
from tests.api.test_drawing import having
from tests.api.test_kinds_drawn import entries, picture, told
from tests.api.test_kinds_told import churn, found, glance, uplift, words
from tests.api.test_page_words import NOVEMBER
from tests.words import NOW, plan


def forecast(p10: int | None, p50: int, p90: int | None, chance: str | None, on: date | None = None) -> Forecast:
    probability = None if chance is None else Fraction(chance)
    return Forecast(BOOTSTRAP, p50, p10, p50, p90, probability, on, insufficient=p10 is None)


def said(of: Glance, made: Forecast) -> str:
    card = forecast_card(of, made)
    assert card is not None
    return words(card)


def test_a_forecast_says_how_likely_the_goal_is_and_within_what() -> None:
    made = forecast(102_875_80, 110_252_20, 117_628_60, "71/100", date(2026, 11, 27))

    assert said(glance(NOVEMBER, 80_000_00), made) == (
        "$110,252 | 71 % likely to reach $100,000 | $102,876 to $117,629 with a chance of four in five | "
        "There on Fri 27 Nov"
    )
    assert said(glance(uplift(), 150_000_00), forecast(1_00, 2_00, 3_00, "0")).startswith(
        "+$2 | under 1 % likely to reach +$100,000 | +$1 to +$3"
    )
    there = forecast(102_875_80, 110_252_20, 117_628_60, "1", date(2026, 11, 20))
    assert "There since Fri 20 Nov" in said(glance(NOVEMBER, 100_000_00), there)


@pytest.mark.parametrize(
    ("chance", "tone", "likely"), [("1", "good", "over 99 %"), ("1/2", "", "50 %"), ("1/10", "bad", "10 %")]
)
def test_nothing_is_ever_sure(chance: str, tone: str, likely: str) -> None:
    card = forecast_card(glance(NOVEMBER), forecast(1, 2, 3, chance))

    assert card is not None
    assert card.tone == tone
    assert words(card).split(" | ")[1].startswith(f"{likely} likely")


def test_a_forecast_without_a_range_says_why_it_has_none() -> None:
    assert said(glance(churn(), -1_00, levels=1), forecast(None, 5_40, None, None)) == (
        "5.4 % | by the end | By the pace so far"
    )


@pytest.mark.parametrize("method", NONE)
def test_no_forecast_has_its_reason_and_what_has_none_ever_no_card(method: str) -> None:
    card = forecast_card(glance(NOVEMBER), none_because(method))

    if method in (NONE_OF_KEPT, NONE_OF_RATIO):
        assert card is None
    else:
        assert card is not None
        assert card.value == "–"
        assert card.below
        assert len(card.below) < 100


def test_a_fan_begins_where_the_line_ends_and_is_told() -> None:
    one = Glance.of(found(NOVEMBER, 70_000_00))
    made = forecast(88_000_00, 95_000_00, 130_000_00, "1/2")

    fanned = drawing_of(one, Progress({NOVEMBER.begins: 70_000_00}), {}, (), made)
    image = picture(fanned)

    assert (fanned.fan[0].at, fanned.fan[0].p50) == fanned.actual[-1]
    assert fanned.fan[-1].at == NOVEMBER.ends
    assert [len(having(image, kind)) for kind in ("fan", "forecast")] == [1, 1]
    assert told(fanned).endswith("It is on the way to $95,000, with four in five chances of $88,000 to $130,000.")
    assert "Forecast, four in five" in entries(fanned)


def test_without_a_range_there_is_a_line_and_over_nothing() -> None:
    alone = forecast(None, 95_000_00, None, None)
    drawn = drawing_of(Glance.of(found(NOVEMBER, 70_000_00)), Progress({}), {}, (), alone)
    over = drawing_of(Glance.of(found(plan(), as_of=NOVEMBER.ends)), Progress({}), {}, (), alone)

    assert [len(having(picture(drawn), kind)) for kind in ("fan", "forecast")] == [0, 1]
    assert told(drawn).endswith("It is on the way to $95,000.")
    assert "Forecast" in entries(drawn)
    assert not over.fan
    assert not drawing_of(Glance.of(found(NOVEMBER, as_of=NOW)), Progress({}), {}, (), none_because(NO_BASELINE)).fan
