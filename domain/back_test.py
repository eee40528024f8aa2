"""The back-test: how often forecasts were right, once what they spoke of had come."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from domain.forecast import Forecast

BUCKETS = 10


@dataclass(frozen=True)
class Scored:
    """A forecast as it would have been then, beside what its target came to; minor units."""

    forecast: Forecast
    baseline: int
    goal: int
    outcome: int

    @property
    def reached(self) -> bool:
        """Whether the outcome is at the goal or past it."""
        return self.outcome >= self.goal if self.goal > self.baseline else self.outcome <= self.goal

    @property
    def contained(self) -> bool | None:
        """Whether the outcome lay in P10..P90, both inclusive."""
        p10, p90 = self.forecast.p10, self.forecast.p90
        return None if p10 is None or p90 is None else p10 <= self.outcome <= p90

    @property
    def error(self) -> Fraction:
        """How far P50 was off, as a share of |D|."""
        assert self.forecast.p50 is not None, "no forecast has no error"
        return Fraction(abs(self.forecast.p50 - self.outcome), abs(self.goal - self.baseline))


@dataclass(frozen=True)
class Bucket:
    """Forecasts that gave a probability from `low` to under `high` (in the last one: to 1).

    said: the mean probability that they gave; came: the share whose goal was reached. In good forecasts the two
    agree.
    """

    low: Fraction
    high: Fraction
    forecasts: int
    said: Fraction
    came: Fraction


@dataclass(frozen=True)
class Score:
    """How right forecasts were: exact shares, None without a forecast to take them of.

    error: the mean of all; the others are of those that were not insufficient. contained: four in five, if P10..P90
    are what they say. brier: the mean squared distance of the probability from what came, 0 the best; always saying
    1/2 gives 1/4. calibration: the buckets that have forecasts, the lowest first.
    """

    forecasts: int
    insufficient: int
    error: Fraction | None
    contained: Fraction | None
    brier: Fraction | None
    calibration: tuple[Bucket, ...]


def score(forecasts: Iterable[Scored]) -> Score:
    """The score of forecasts, of one target or of many."""
    scored = list(forecasts)
    said = [(one.forecast.probability, one.reached) for one in scored if one.forecast.probability is not None]
    return Score(
        forecasts=len(scored),
        insufficient=sum(one.forecast.insufficient for one in scored),
        error=_mean([one.error for one in scored]),
        contained=_mean([Fraction(one.contained) for one in scored if one.contained is not None]),
        brier=_mean([(probability - reached) ** 2 for probability, reached in said]),
        calibration=_calibration(said),
    )


def _calibration(said: Iterable[tuple[Fraction, bool]]) -> tuple[Bucket, ...]:
    by_bucket = groupby(sorted(said), key=lambda one: _bucket_of(one[0]))
    return tuple(_bucket(number, list(those)) for number, those in by_bucket)


def _bucket_of(probability: Fraction) -> int:
    return min(int(probability * BUCKETS), BUCKETS - 1)


def _bucket(number: int, said: Sequence[tuple[Fraction, bool]]) -> Bucket:
    return Bucket(
        low=Fraction(number, BUCKETS),
        high=Fraction(number + 1, BUCKETS),
        forecasts=len(said),
        said=sum((probability for probability, _ in said), Fraction()) / len(said),
        came=Fraction(sum(reached for _, reached in said), len(said)),
    )


def _mean(values: Sequence[Fraction]) -> Fraction | None:
    return sum(values, Fraction()) / len(values) if values else None
