"""Every template: its terms, what was made of it last, and why the next target could not be made, if so."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from domain.facts import TEMPLATE_TOPICS
from domain.templates.template import Failure, Template
from domain.templates.terms import Terms
from projections.view import View


@dataclass(frozen=True)
class Made:
    """The target of one period; version: of the terms that it was made of."""

    target: UUID
    start: date
    end: date
    version: int


@dataclass(frozen=True)
class Templated:
    """version: of its terms; made: how many targets; last: of them; failed_since: when the failure was first met."""

    terms: Terms
    created_at: datetime
    created_by: str
    version: int = 1
    made: int = 0
    last: Made | None = None
    failure: Failure | None = None
    failed_since: datetime | None = None
    archived: bool = False


def evolve(row: Templated | None, fact: object) -> Templated | None:
    match row, fact:
        case None, Template.TemplateDefined() as one:
            return Templated(one.terms, one.timestamp, one.by)
        case Templated(), Template.TemplateChanged(terms=terms, terms_version=version):
            return replace(row, terms=terms, version=version, failure=None, failed_since=None)
        case Templated(), Template.TargetMade() as one:
            made = Made(one.target, one.start, one.end, one.template_version)
            return replace(row, made=row.made + 1, last=made, failure=None, failed_since=None)
        case Templated(), Template.TemplateFailed(failure=failure, timestamp=at):
            return replace(row, failure=failure, failed_since=row.failed_since or at)
        case Templated(), Template.TemplateArchived():
            return replace(row, archived=True, failure=None, failed_since=None)
    return row


TEMPLATES = View("templates", Templated, evolve, TEMPLATE_TOPICS, indexes=("(row->>'archived'), id",))
