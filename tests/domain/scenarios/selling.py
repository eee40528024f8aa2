"""Sales as chance makes them: of every kind, around every cut-off, and aimed at the lines that a status hangs on."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from random import Random

from tests.domain.publishing import CREDITS
from tests.domain.reference import Published
from tests.domain.scenarios.targets import METRICS
from tests.domain.scratch.books import Books
from tests.domain.scratch.days import Words, instant_of_day
from tests.domain.scratch.kinds import Aim
from tests.domain.scratch.targets import ScratchTarget

KINDS = (*["sale"] * 4, "refund", "refund", "void", "void", "correction", "measurement")
DIMENSIONS: tuple[dict[str, str], ...] = ({}, {"region": "emea"}, {"region": "us", "rep": "ana"}, {"rep": "ana"})
AMOUNTS = ("10.00", "0.01", "0.06", "5.00", "9.99", "49.50", "100.00")
SOURCES = ("webshop", "till")
BATCH_MAX = 4

MICROSECOND, HOUR, DAY = timedelta(microseconds=1), timedelta(hours=1), timedelta(days=1)
AROUND = (0 * HOUR, -MICROSECOND, -5 * HOUR, 9 * HOUR, -3 * DAY)
LINES = [Fraction(one) for one in ("1", "1.05", "0.95", "0.80", "1.07", "0.97", "0.82", "0")]
"""Of what is expected; an improvement needs two hundredths more."""
NEAR_CENTS = (0, -1, 1)


@dataclass
class Drawn:
    """What a history has come to so far; the books say what that means."""

    chance: Random
    books: Books
    published: list[Published] = field(default_factory=list)
    milestones: int = 0
    managed: int = 0

    def by(self, chance: Random) -> "Drawn":
        """The same, going on by another chance."""
        self.chance = chance
        return self

    def one_in(self, many: int) -> bool:
        return self.chance.randrange(many) == many - 1

    @property
    def moments(self) -> list[datetime]:
        """What sales are made around: where periods and what they are compared with begin, cut-offs and ends."""
        return [one for target in self.books.targets for one in target.moments]


def sales(drawn: Drawn) -> list[Published]:
    """One batch."""
    return [_sale(drawn) for _ in range(drawn.chance.randint(1, BATCH_MAX))]


def _sale(drawn: Drawn) -> Published:
    """One of any kind, or one that was published before."""
    chance = drawn.chance
    if drawn.published and drawn.one_in(10):
        return chance.choice(drawn.published)
    sale = _begun(drawn, chance.choice(KINDS), _moment(drawn))
    sale["dimensions"] = chance.choice(DIMENSIONS)
    if sale["kind"] in ("void", "correction") or (sale["kind"] == "refund" and drawn.one_in(2)):
        sale["corrects"] = _named(drawn, sale)
    if sale["kind"] != "void":
        sale |= {"metric": chance.choice(METRICS), "unit": "USD", "amount": chance.choice(AMOUNTS)}
    if sale["kind"] == "measurement" and drawn.one_in(4):
        sale["amount"] = f"-{sale['amount']}"
    if drawn.one_in(4):
        sale["credit"] = chance.choice(CREDITS)
    drawn.published.append(sale)
    return sale


def aimed(drawn: Drawn) -> list[Published]:
    """What takes a target's actual to a line, or a cent beside it, at one to three cut-offs in a row."""
    target: ScratchTarget = drawn.chance.choice(drawn.books.targets)
    first = drawn.chance.randrange(len(target.days.cutoffs))
    found: list[Published] = []
    added = 0
    for cutoff in target.days.cutoffs[first : first + drawn.chance.randint(1, 3)]:
        line, near = drawn.chance.choice(LINES), drawn.chance.choice(NEAR_CENTS)
        aim = target.kind.aim(drawn.books.sales, cutoff, line, near)
        if aim is None:
            return sales(drawn)
        at = max(min(cutoff, drawn.books.now) - MICROSECOND, target.days.begins)
        found.append(_aimed_at(drawn, aim, at, added))
        added += 0 if aim.level else aim.cents - added
    return found


def _aimed_at(drawn: Drawn, aim: Aim, at: datetime, added: int) -> Published:
    """added: what those before it bring."""
    amount = aim.cents if aim.level else aim.cents - added
    kind = "measurement" if aim.level else "sale" if amount >= 0 else "refund"
    sale = _begun(drawn, kind, at)
    sale["dimensions"] = {name: values[0] for name, values in aim.words["scope"].items()}
    sign = "-" if aim.level and amount < 0 else ""
    sale |= {"metric": aim.words["metric"], "unit": "USD", "amount": sign + _text(abs(amount))}
    drawn.published.append(sale)
    return sale


def sales_before(drawn: Drawn, words: Words) -> list[Published]:
    """Some in the period that a target is compared with, last year's where it names none."""
    first, last = words.get("comparison") or (words["start"] - 365 * DAY, words["start"] - 365 * DAY)
    found: list[Published] = []
    for _ in range(drawn.chance.randint(1, 5)):
        day = first + DAY * drawn.chance.randrange((last - first).days + 1)
        sale = _begun(
            drawn, drawn.chance.choice(("sale", "sale", "sale", "refund")), instant_of_day(day, "UTC") + 15 * HOUR
        )
        sale["dimensions"] = {name: values[0] for name, values in words["scope"].items()}
        sale |= {"metric": words["metric"], "unit": "USD", "amount": drawn.chance.choice(AMOUNTS)}
        drawn.published.append(sale)
        found.append(sale)
    return found


def _text(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def _begun(drawn: Drawn, kind: str, at: datetime) -> Published:
    """With a name of its own; now and then with one that stands for another sale already."""
    name = f"{len(drawn.published) + 1}"
    if drawn.published and drawn.one_in(12):
        name = drawn.chance.choice(drawn.published)["id"]
    return {"source": drawn.chance.choice(SOURCES), "id": name, "kind": kind, "occurred_at": at.isoformat()}


def _named(drawn: Drawn, sale: Published) -> str:
    """What a void, correction or refund is for: known already, or still to come."""
    published = [one for one in drawn.published if one["source"] == sale["source"] and one["id"] != sale["id"]]
    if published and not drawn.one_in(4):
        return str(drawn.chance.choice(published)["id"])
    return f"{int(sale['id']) + drawn.chance.randint(1, 4)}"


def _moment(drawn: Drawn) -> datetime:
    """Around now, or around any moment that has passed."""
    now = drawn.books.now
    passed = [one for one in drawn.moments if one <= now]
    moment = drawn.chance.choice(passed) if passed and not drawn.one_in(3) else now
    return moment + drawn.chance.choice(AROUND)
