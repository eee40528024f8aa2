"""The forecast of a target over HTTP: where it is heading, and how that was worked out."""

from fractions import Fraction

from fastapi import Request, Response

from api.bodies import answer
from api.database import Database
from api.documentation.forecast_answers import FORECAST
from api.documenting import MinPosition, TargetId, answers
from api.known_forecasts import KnownForecasts, projection_shown
from api.routes import Routes
from api.target_reads import STATUS_VIEWS, Found, TargetReads
from api.targets import READERS, parsed_id, unknown_target
from domain.figures import SHOWN_PLACES
from domain.forecast import MEANING, NONE, Forecast
from domain.forecasting import outlook, since
from domain.money import decimal_shown, half_even


class Forecasts:
    def __init__(self, reads: TargetReads, known: KnownForecasts, database: Database) -> None:
        self._reads = reads
        self._known = known
        self._database = database

    def add_to(self, routes: Routes) -> None:
        routes.add(
            "GET /targets/{target_id}/forecast",
            self.show,
            "Where a target is heading, and how that was worked out",
            roles=READERS,
            answers=answers(FORECAST, 404, schema="Forecast"),
        )

    async def show(self, request: Request, target_id: TargetId, min_position: MinPosition = None) -> Response:
        """`method` says how it was made, and `meaning` what that does; where there is no forecast, both say why. The
        paths are drawn from `seed` alone: the same facts give the same figures, whenever and wherever they are read
        again. With the same sales it stays as it is until the next midnight, cut-off or revision."""
        await self._database.wait_for(STATUS_VIEWS, min_position)
        found = await self._reads.one(parsed_id(target_id))
        if found is None:
            raise unknown_target()
        return answer(_shown(found, await self._known.of(found)))


def _shown(found: Found, made: Forecast) -> dict[str, object]:
    course, seen = found.known.course, found.seen
    return projection_shown(made, found.known.plan) | {
        "meaning": MEANING[made.method],
        "insufficient": made.insufficient,
        "observed_open_days": made.observed,
        "rests_on": None if made.method in NONE else _base(found),
        "seed": {"target": found.id, "revision": len(course.plans), "position": seen.position},
        "since": since(course, found.as_of),
        "as_of": found.as_of,
        "position": found.position,
    }


def _base(found: Found) -> dict[str, object]:
    """What F was worked out from."""
    known, now = found.known, outlook(found.known.course, found.seen, found.as_of)
    return {
        "actual": known.amount(now.run.actual),
        "pace_index": None if now.pace is None else _share(now.pace),
        "weight": _share(now.weight),
        "elapsed_open_days": _share(now.elapsed),
        "open_days": _share(now.open_days),
        "to_come": known.amount(half_even(known.plan.span * (1 - now.weight))),
    }


def _share(value: Fraction) -> str:
    return decimal_shown(value, SHOWN_PLACES)
