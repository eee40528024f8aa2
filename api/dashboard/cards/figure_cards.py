"""The cards of a target, in their order."""

from api.dashboard.cards.actual_card import actual_card
from api.dashboard.cards.card import Card
from api.dashboard.cards.coming_card import coming_card
from api.dashboard.cards.forecast_card import forecast_card
from api.dashboard.cards.made_of import inside_card, ratio_card
from api.dashboard.cards.pace_card import pace_card
from api.dashboard.cards.rate_card import rate_card
from api.dashboard.glance import Glance
from domain.forecast import Forecast
from domain.plan import KEEP, RATIO
from projections.progress import Progress


def cards_of(glance: Glance, progress: Progress, forecast: Forecast) -> list[Card]:
    """Actual, pace, forecast, what each day must bring or what it is made of, next checkpoint."""
    match glance.plan.kind:
        case kind if kind == KEEP:
            third = inside_card(glance)
        case kind if kind == RATIO:
            third = ratio_card(glance, progress)
        case _:
            third = rate_card(glance)
    heading = forecast_card(glance, forecast)
    return [
        actual_card(glance),
        pace_card(glance),
        *([] if heading is None else [heading]),
        third,
        coming_card(glance),
    ]
