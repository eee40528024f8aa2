"""A Template: targets that recur, each made of its terms as they are then."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from eventsourcing.domain import AggregateCreated, AggregateEvent, BaseAggregate, event

from domain.prose import prose
from domain.refusal import Refused
from domain.templates.terms import Terms


@dataclass(frozen=True)
class Failure:
    """Why the target of a period could not be made; field: of the template."""

    start: date
    code: str
    detail: str
    field: str


class Template(BaseAggregate[UUID]):
    TOPIC = "template"

    terms: Terms
    terms_version: int
    made_to: date | None
    """The last day of the last target that was made."""
    failure: Failure | None
    archived: bool

    # Facts: stored for ever. A TOPIC never changes; a new field always has a default.

    class Event(AggregateEvent):
        by: str

    class TemplateDefined(Event, AggregateCreated):
        TOPIC = "template.defined"
        terms: Terms

    class TemplateChanged(Event):
        TOPIC = "template.changed"
        terms_version: int
        terms: Terms
        changes: dict[str, dict[str, Any]]
        """By field: {"from", "to"}, as it was said."""
        reason: str | None = None

    class TargetMade(Event):
        TOPIC = "template.target_made"
        target: UUID
        start: date
        end: date
        template_version: int

    class TemplateFailed(Event):
        TOPIC = "template.failed"
        failure: Failure

    class TemplateArchived(Event):
        TOPIC = "template.archived"
        reason: str

    # Decisions: read the state, then refuse, ignore or record. The only place for rules.

    @classmethod
    def define(cls, template_id: UUID, terms: Terms, *, by: str, at: datetime) -> "Template":
        return cls._create(cls.TemplateDefined, id=template_id, terms=terms, by=by, timestamp=at)

    def change(self, terms: Terms, reason: str | None, *, by: str, at: datetime) -> None:
        """What is made from now on; targets that were made stay as they are."""
        self._refuse_archived()
        changes = changes_between(self.terms, terms)
        if not changes:
            raise Refused("nothing_changed", "the template is so already: say what is to change")
        self.trigger_event(
            self.TemplateChanged,
            terms_version=self.terms_version + 1,
            terms=terms,
            changes=changes,
            reason=None if reason is None else prose(reason, "reason"),
            by=by,
            timestamp=at,
        )

    def make(self, number: int, *, by: str, at: datetime) -> UUID:
        """The target of the next period is made; its id."""
        assert number == self.next_number, "one after another"
        start, end = self.terms.recurrence.period(number)
        target = target_id_of(self.id, start)
        says = {"target": target, "start": start, "end": end, "template_version": self.terms_version}
        self.trigger_event(self.TargetMade, by=by, timestamp=at, **says)
        return target

    def fail(self, failure: Failure, *, by: str, at: datetime) -> None:
        """The next target could not be made. For the same reason again it is no news."""
        if failure != self.failure and not self.archived:
            self.trigger_event(self.TemplateFailed, failure=failure, by=by, timestamp=at)

    def archive(self, reason: str, *, by: str, at: datetime) -> None:
        """No more targets are made."""
        reason = prose(reason, "reason")
        if not self.archived:
            self.trigger_event(self.TemplateArchived, reason=reason, by=by, timestamp=at)

    def _refuse_archived(self) -> None:
        if self.archived:
            raise Refused("template_archived", "an archived template stays as it is: define a new one")

    # What it comes to

    @property
    def next_number(self) -> int | None:
        """Of the next period whose target is to be made; None when there is none."""
        number = next_number_of(self.terms, self.made_to)
        return None if self.archived or not self.terms.recurrence.has(number) else number

    # Evolution: a fact becomes state. Assignments only: history must always replay.

    @event(TemplateDefined)
    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.terms_version = 1
        self.made_to = None
        self.failure = None
        self.archived = False

    @event(TemplateChanged)
    def _changed(self, terms: Terms, terms_version: int) -> None:
        self.terms = terms
        self.terms_version = terms_version
        self.failure = None

    @event(TargetMade)
    def _target_made(self, end: date) -> None:
        self.made_to = end
        self.failure = None

    @event(TemplateFailed)
    def _failed(self, failure: Failure) -> None:
        self.failure = failure

    @event(TemplateArchived)
    def _archived(self) -> None:
        self.archived = True


def target_id_of(template_id: UUID, start: date) -> UUID:
    """The target of the period that begins so: however often it is made, it is one."""
    return uuid5(template_id, start.isoformat())


def next_number_of(terms: Terms, made_to: date | None) -> int:
    """Of the first period after what was made, whether the template goes on so long or not."""
    return 0 if made_to is None else terms.recurrence.first_after(made_to)


CALLED = {"start": "from"}
"""What a field is called outside, where that is another name."""


def terms_said(terms: Terms) -> dict[str, Any]:
    """The members of a template's JSON that its terms gave."""
    # Not vars: terms that were read from the log have what is left out in their class alone.
    said = {CALLED.get(one.name, one.name): getattr(terms, one.name) for one in fields(terms)}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in said.items()}


def changes_between(before: Terms, after: Terms) -> dict[str, dict[str, Any]]:
    """{"from", "to"} of each field in which they differ, those of the target as target.goal."""
    was, now = _flat(before), _flat(after)
    return {
        name: {"from": was.get(name), "to": now.get(name)}
        for name in (*was, *(one for one in now if one not in was))
        if was.get(name) != now.get(name)
    }


def _flat(terms: Terms) -> dict[str, Any]:
    said = terms_said(terms)
    target: dict[str, Any] = said.pop("target")
    return said | {f"target.{name}": what for name, what in target.items()}
