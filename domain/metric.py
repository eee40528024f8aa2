"""A metric: what sales are counted in. Its unit is fixed by its first use, or by whoever defines it before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from eventsourcing.domain import AggregateEvent

from domain.money import exponent_of
from domain.refusal import Refused

METRICS = UUID("6f3e1f0a-7a0e-5c55-9d8e-3b8a5a1f2c11")
EXPONENT_MAX = 6


@dataclass(frozen=True)
class Metric:
    """A name, its unit, and how many decimal places the minor unit stands for."""

    name: str
    unit: str
    exponent: int


class MetricDefined(AggregateEvent):
    TOPIC = "metric.defined"

    by: str
    name: str
    unit: str
    exponent: int

    @property
    def metric(self) -> Metric:
        return Metric(self.name, self.unit, self.exponent)


def define_metric(metric: Metric, *, by: str, at: datetime) -> MetricDefined:
    """The fact that fixes a metric for ever: stream id from its name, version 1."""
    return MetricDefined(uuid5(METRICS, metric.name), 1, at, by, metric.name, metric.unit, metric.exponent)  # type: ignore[call-arg]


def metric_in(metrics: Mapping[str, Metric], name: str, unit: str) -> Metric:
    """The metric with this name and unit: the known one, or what its first use would make it."""
    known = metrics.get(name)
    if known is None:
        return Metric(name, unit, exponent_of(unit))
    if known.unit != unit:
        raise Refused(
            "wrong_unit", f"{name} is counted in {known.unit}, not in {unit[:64]}; its unit is fixed", "/unit"
        )
    return known
