"""One target, told a second time: what its checkpoints must read, what it has, and what came of it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tests.domain.scratch.classes import Read
from tests.domain.scratch.course import Edition, edition_at
from tests.domain.scratch.days import Days, Words, instant_of_day
from tests.domain.scratch.kinds import Kind
from tests.domain.scratch.sales import Sales
from tests.domain.scratch.terms import Terms

SEALED_AFTER = timedelta(days=30)
TRIED_AGAIN_AFTER = timedelta(seconds=30)
"""Nothing is sealed while ingest is behind."""
COUNTED_BY = ("end", "scope", "refunds", "baseline")
"""What makes other sales count: it is filled again."""
SUMMED_BY = ("scope", "refunds")
"""What makes the actual another one."""
OVER = ("cancelled", "closed", "sealed")


@dataclass
class Promise:
    """A milestone that hangs on a value."""

    name: str
    value: int


class ScratchTarget:
    def __init__(self, words: Words) -> None:
        self.editions = [Edition(Terms.of(words))]
        self.state = "draft"
        self.evaluated: list[int] = []
        """Of each evaluated checkpoint, by how many editions it is read."""
        self.reported: dict[int, Read] = {}
        """What was said of each checkpoint when it was evaluated."""
        self.seals_at: datetime | None = None
        self.to_freeze: Sales | None = None
        self.at_seal: Sales | None = None
        self.promises: list[Promise] = []

    # The edition in force

    @property
    def terms(self) -> Terms:
        return self.editions[-1].terms

    @property
    def words(self) -> Words:
        return self.terms.words

    @property
    def days(self) -> Days:
        return self.terms.days

    @property
    def kind(self) -> Kind:
        return self.editions[-1].kind

    @property
    def moments(self) -> list[datetime]:
        """At which something begins, is evaluated or ends."""
        zone, compared = self.words["time_zone"], self.words.get("comparison") or ()
        return [self.days.begins, *self.days.cutoffs, *(instant_of_day(one, zone) for one in compared)]

    # What people do

    def activate(self, sales: Sales) -> str | None:
        if self.state == "cancelled":
            return "cancelled"
        if self.state == "draft":
            self.state, self.to_freeze = "filling", sales
        return None

    def fill(self) -> None:
        if self.state == "filling":
            if self.to_freeze is not None:
                self.terms.freeze(self.to_freeze)
            self.state = "active"

    def cancel(self) -> str | None:
        if self.state in ("closed", "sealed"):
            return "closed"
        self.state = "cancelled"
        return None

    def promise(self, name: str, value: str) -> str | None:
        if not self.kind.lies_on_the_way(self.kind.value_of(value)):
            return "bad_criterion"
        if self.state in OVER:
            return self.state
        self.promises.append(Promise(name, self.kind.value_of(value)))
        return None

    def revise(self, changes: Words, mode: str, now: datetime, sales: Sales) -> str | None:
        """Go on by other words, from where it stands now or, retroactively, from the beginning."""
        if self.state in OVER:
            return self.state
        if changes.items() <= self.words.items():
            return "nothing_revised"
        before = self.editions[-1]
        terms = self._revised(changes)
        if mode == "replan" and self.state != "draft" and goes_on(terms.words) and self._sums_anew(terms, changes):
            return "actual_unknown"
        edition = Edition(terms)
        at = min(max(now, terms.days.begins), terms.days.ends)
        if mode != "retroactive" and self.state != "draft" and at > terms.days.begins and goes_on(terms.words):
            if mode == "replan":
                edition = Edition(terms, at, before.kind.stands(sales, at))
            elif terms.paced_by == before.terms.paced_by:
                edition = Edition(terms, before.since, before.base)
            else:
                edition = Edition(terms, at, edition_at(self.editions, at).expected(at))
        if self.state == "active" and self._counts_anew(terms, changes):
            self.state = "filling"
            self.to_freeze = sales if terms.compared is None else None
        self.editions.append(edition)
        if mode == "retroactive":
            self.evaluated = [len(self.editions)] * len(self.evaluated)
        return None

    def _revised(self, changes: Words) -> Terms:
        """With the checkpoints that were evaluated as they were, and with what it is compared with while that holds."""
        before = self.terms
        terms = Terms.of(before.words | {"pacing": before.pacing} | changes)
        evaluated = before.days.cutoffs[: len(self.evaluated)]
        coming = [one for one in terms.days.cutoffs if not evaluated or one > evaluated[-1]]
        terms.days = replace(terms.days, cutoffs=(*evaluated, *coming))
        if before.compared is not None and terms.compared_by == before.compared_by:
            terms.compared = replace(before.compared, target_end=terms.words["end"])
            terms.sold_on = before.sold_on
        return terms

    def _sums_anew(self, terms: Terms, changes: Words) -> bool:
        """Whether other sales count than before, or others are compared with."""
        compared_anew = terms.has_comparison and terms.compared is None
        return compared_anew or any(name in SUMMED_BY for name in changes)

    def _counts_anew(self, terms: Terms, changes: Words) -> bool:
        """Whether other sales count than before, or the same ones by a finer measure of time."""
        return (
            self._sums_anew(terms, changes)
            or any(name in COUNTED_BY for name in changes)
            or not terms.grain <= self.terms.grain
        )

    # What falls due

    def look(self, now: datetime, grace: timedelta, sales: Sales, complete: bool) -> None:
        """Whatever is due by now."""
        while self.state == "active" and self.days.cutoffs[len(self.evaluated)] + grace <= now:
            self.evaluated.append(len(self.editions))
            number = len(self.evaluated)
            self.reported[number] = self._read(sales, number)
            if number == len(self.days.cutoffs):
                self.state, self.seals_at = "closed", max(now, self.days.ends) + SEALED_AFTER
        if self.seals_at is not None and self.state == "closed" and self.seals_at <= now:
            if complete:
                self.state, self.at_seal = "sealed", sales
            else:
                self.seals_at = now + TRIED_AGAIN_AFTER

    # What it comes to

    def attained(self, sales: Sales) -> bool:
        return self.kind.attained(self.judged_by(sales))

    def outcome(self, sales: Sales) -> str | None:
        if self.state not in ("closed", "sealed"):
            return None
        statuses = [f"{one.status}" for one in self.readings(sales).values()]
        return self.kind.outcome(self.judged_by(sales), statuses)

    def kept(self, sales: Sales) -> dict[str, bool]:
        """Whether each milestone's value is reached."""
        return {one.name: self.kind.reaches(self.judged_by(sales), one.value) for one in self.promises}

    def readings(self, sales: Sales) -> dict[int, Read]:
        """What each evaluated checkpoint reads as restated, by its number."""
        sales, found, before = self.judged_by(sales), dict[int, Read](), None
        for number in range(1, len(self.evaluated) + 1):
            at, edition = self._at(number)
            actual, due = edition.kind.actual_of(self.kind, sales, at), edition.expected(at)
            before = edition.kind.status(actual, due, edition.share(at), number, before)
            found[number] = replace(edition.kind.read(actual, due), status=before)
        return found

    def _read(self, sales: Sales, number: int) -> Read:
        at, edition = self._at(number)
        return edition.kind.read(edition.kind.actual_of(self.kind, sales, at), edition.expected(at))

    def _at(self, number: int) -> tuple[datetime, Edition]:
        """The cut-off of a checkpoint, and the edition that says what was expected there."""
        at = self.days.cutoffs[number - 1]
        return at, edition_at(self.editions[: self.evaluated[number - 1]], at)

    def judged_by(self, sales: Sales) -> Sales:
        """What was known when it was sealed: what comes later leaves the verdicts alone."""
        return sales if self.at_seal is None else self.at_seal


def goes_on(words: Words) -> bool:
    """Whether a revision goes on from where it stands: what is kept, or divided, is the same at every checkpoint."""
    return words["kind"] not in ("keep", "ratio")
