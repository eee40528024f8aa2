"""W, told a second time: the share that is due by an instant. One function for each pacing; more are added here."""

from collections.abc import Callable
from datetime import date, datetime
from fractions import Fraction

from tests.domain.scratch.days import WEEKDAYS
from tests.domain.scratch.terms import Terms, cents
from tests.plain_figures import pacings
from tests.plain_figures.dates import days_between

Pace = Callable[[Terms, datetime], Fraction]


def equal_steps(terms: Terms, at: datetime) -> Fraction:
    """The k-th of n steps is k/n; between two, equal parts at each midnight after the one and not after the other."""
    days = terms.days
    n, before = len(days.steps), days.begins
    for k, step in enumerate(days.steps):
        if at < step:
            midnights = [one for one in days.midnights if before < one <= step]
            passed = sum(one <= at for one in midnights)
            return Fraction(k, n) + (Fraction(passed, len(midnights) * n) if midnights else 0)
        before = step
    return Fraction(1)


def by_day(shares: Callable[[Terms], dict[date, Fraction]]) -> Pace:
    """A pace that is said by the end of each day."""

    def pace(terms: Terms, at: datetime) -> Fraction:
        elapsed = terms.elapsed(at)
        return shares(terms)[terms.day(elapsed)] if elapsed else Fraction(0)

    return pace


def _linear(terms: Terms) -> dict[date, Fraction]:
    return pacings.linear(terms.words["start"], terms.words["end"])


def _business_days(terms: Terms) -> dict[date, Fraction]:
    """A day of its own wins over its weekday."""
    words = terms.words

    def opened(day: date) -> Fraction:
        own = Fraction(1, 2) if f"{day}" in words["half"] else None
        return own or Fraction(WEEKDAYS[day.weekday()] not in words["closed"])

    return pacings.shares({day: opened(day) for day in days_between(words["start"], words["end"])})


def _weighted(terms: Terms) -> dict[date, Fraction]:
    words = terms.words
    return pacings.weighted(
        words["start"], words["end"], {name: Fraction(one) for name, one in words["weights"].items()}
    )


def _last_year(terms: Terms) -> dict[date, Fraction]:
    assert terms.compared is not None
    return pacings.last_year(terms.compared)


def _explicit(terms: Terms) -> dict[date, Fraction]:
    words = terms.words
    points = [(day, cents(value)) for day, value in words["points"]]
    return pacings.explicit(words["start"], words["end"], points, cents(words["goal"]))


PACES: dict[str, Pace] = {
    "linear": by_day(_linear),
    "equal_steps": equal_steps,
    "business_days": by_day(_business_days),
    "weighted": by_day(_weighted),
    "last_year": by_day(_last_year),
    "explicit": by_day(_explicit),
}


def weight(terms: Terms, at: datetime) -> Fraction:
    return PACES[terms.pacing](terms, at)


def has_profile(terms: Terms) -> bool:
    """Whether there is anything of last year to take a pace from."""
    if terms.pacing != "last_year":
        return True
    return terms.compared is not None and any(net > 0 for net in terms.compared.beside(terms.compared.target_end))
