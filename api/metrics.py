"""Metrics over HTTP: what sales are counted in, fixed once."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import orjson
from fastapi import Path, Request, Response

from api.auth import caller_of
from api.bodies import answer, read_as
from api.database import Database
from api.definition_bodies import NAME_RULE
from api.documenting import LIMIT, WRITTEN, AfterName, Limit, answers, takes
from api.paging import page_of
from api.routes import Routes
from api.target_bodies import MetricBody
from api.writes import Writes
from domain.metric import EXPONENT_MAX, Metric
from domain.money import ISO_4217, exponent_of
from domain.refusal import Refused
from domain.sale import name_of
from projections.keys import ROLES

METRIC = {"name": "revenue", "unit": "USD", "exponent": 2}
MetricName = Annotated[str, Path(description=f"The metric's name: {NAME_RULE}", examples=["revenue"])]


class Metrics:
    def __init__(self, writes: Writes, database: Database, clock: Callable[[], datetime]) -> None:
        self._writes = writes
        self._database = database
        self._clock = clock

    def add_to(self, routes: Routes) -> None:
        routes.add(
            "PUT /metrics/{name}",
            self.define,
            "Fix a metric's unit before its first sale",
            roles=("manager", "admin"),
            answers=answers(METRIC, 409, schema="Metric", headers=WRITTEN),
            body=takes(MetricBody, {"unit": "USD", "exponent": 2}),
        )
        routes.add(
            "GET /metrics",
            self.show_all,
            "Every metric, by name",
            roles=ROLES,
            answers=answers({"items": [METRIC], "next": None}, schema="MetricPage"),
        )

    async def define(self, request: Request, name: MetricName) -> Response:
        """`exponent`: decimal places of the minor unit; without it a currency's by ISO 4217, and 0 for what is
        counted in pieces. The same again changes nothing; anything else is refused (metric_fixed)."""
        by = caller_of(request).name
        body = await read_as(MetricBody, request)
        metric = Metric(name_of(name, "/name"), body.unit, _exponent(body))
        position = await self._writes.do(lambda app: app.define_metric(metric, by=by, at=self._clock()))
        return answer({"name": metric.name, "unit": metric.unit, "exponent": metric.exponent}, position)

    async def show_all(self, limit: Limit = LIMIT, after: AfterName = "") -> Response:
        """`after` is the name of the last metric that you have."""
        known = [one for one in (await self._database.metrics()).values() if one.name > after]
        shown = [orjson.dumps({"name": one.name, "unit": one.unit, "exponent": one.exponent}) for one in known[:limit]]
        return answer(page_of(shown, known[limit - 1].name if known[limit:] else None))


def _exponent(body: MetricBody) -> int:
    usual = exponent_of(body.unit)
    if body.exponent is None or body.exponent == usual:
        return usual
    if body.unit in ISO_4217:
        raise Refused("bad_exponent", f"{body.unit} has {usual} decimal places by ISO 4217", "/exponent")
    if not 0 <= body.exponent <= EXPONENT_MAX:
        raise Refused("bad_exponent", f"a unit has 0 to {EXPONENT_MAX} decimal places", "/exponent")
    return body.exponent
