"""Recurring: templates are defined, changed and archived; their targets are made ahead, and started at their start.

What falls due stands on the agenda: a template's next target, and each draft's start. Whatever fell due while
everything was down is made at the next start, in order, each once: a period's target has an id of its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from domain.agenda import Appointment, Errand
from domain.application import Milemarker, Writing, define_in, is_archived
from domain.calendar import Holidays
from domain.defining import Resolving
from domain.metric import Metric
from domain.plan import Plan
from domain.refusal import Refused
from domain.starting import AT_START, start_at_its_start
from domain.target import State
from domain.templates.template import Failure, Template, next_number_of
from domain.templates.terms import Terms, check_terms, plan_for

BY = "templates"
ERRANDS_MAX = 100
TRIED_AGAIN_AFTER = timedelta(hours=1)
"""A target that could not be made."""


class Templates:
    """The use cases of people. Each answers with the template and the log's position.

    by: who does it, at: when, known: what plans are resolved with.
    """

    def __init__(self, app: Milemarker, known: Resolving, *, by: str, at: datetime) -> None:
        self._app = app
        self._known = known
        self._by = by
        self._at = at

    def define(self, template_id: UUID, terms: Terms) -> tuple[Template, int]:
        """The same id with the same terms again changes nothing."""
        terms = check_terms(terms, self._known, self._at)
        with self._app.writing() as log:
            known = log.aggregates(Template, [template_id]).get(template_id)
            if known is not None:
                self._refuse_another(known, terms)
                return known, log.position
            return self._saved(log, Template.define(template_id, terms, by=self._by, at=self._at))

    def change(
        self,
        template_id: UUID,
        change: Callable[[Terms], Terms],
        reason: str | None = None,
        expected_version: int | None = None,
    ) -> tuple[Template, int]:
        """change: the terms now -> those from now on. What was made stays."""
        with self._app.writing() as log:
            template = template_in(log, template_id, expected_version)
            terms = change(template.terms)
            terms.recurrence.check()
            known = replace(self._known, metrics=log.metrics())
            terms = check_terms(terms, known, self._at, first=next_number_of(terms, template.made_to))
            template.change(terms, reason, by=self._by, at=self._at)
            return self._saved(log, template)

    def archive(self, template_id: UUID, reason: str) -> tuple[Template, int]:
        with self._app.writing() as log:
            template = template_in(log, template_id)
            template.archive(reason, by=self._by, at=self._at)
            return self._saved(log, template)

    def _saved(self, log: Writing, template: Template) -> tuple[Template, int]:
        log.save(list(template.collect_events()))
        keep_next(log, template)
        return template, log.position

    def _refuse_another(self, known: Template, terms: Terms) -> None:
        (first, *_) = self._app.events.get(known.id)
        if not isinstance(first, Template.TemplateDefined) or first.terms != terms:
            raise Refused("key_reused", "this Idempotency-Key has defined another template before")


class Recurrer:
    """Does what has fallen due of templates and drafts. Any number may: each finds only what none has done."""

    def __init__(self, app: Milemarker, grace: timedelta, tz_version: Callable[[str], str], holidays: Holidays) -> None:
        """grace: how long after its start a draft is activated, for sales that are on their way."""
        self._app = app
        self._grace = grace
        self._tz_version = tz_version
        self._holidays = holidays

    def due(self, due_at: datetime, errand: Errand) -> list[UUID]:
        """The templates (RECUR) or drafts (START) of which something has fallen due; up to 100."""
        with self._app.writing() as log:
            return [one.target for one in log.agenda.due(due_at, self._grace, [errand], ERRANDS_MAX)]

    def make(self, template_id: UUID, due_at: datetime, at: datetime) -> bool:
        """Make the next target of a template, if it is due; whether one was made, and another may be due."""
        at = max(at, due_at)
        template = self._app.store.aggregates(self._app.mapper, Template, [template_id]).get(template_id)
        number = None if template is None else template.next_number
        if template is None or number is None:
            with self._app.writing() as log:
                log.agenda.drop(subject=template_id)
            return False
        if template.terms.drafted(number) > due_at:
            return False
        try:
            # Outside the lock: sales go on coming in while a country's holidays are looked up.
            plan = plan_for(template.terms, number, self._resolving())
            return self._save(template, number, plan, at)
        except Refused as refused:
            self._fail(template, number, refused, at)
            return False

    def _resolving(self) -> Resolving:
        with self._app.writing() as log:
            metrics: Mapping[str, Metric] = log.metrics()
        return Resolving(metrics, self._tz_version, self._holidays)

    def _save(self, seen: Template, number: int, plan: Plan, at: datetime) -> bool:
        with self._app.writing() as log:
            template = template_in(log, seen.id)
            if template.version != seen.version:
                return True  # somebody else has made it, or changed the template: what is due now is looked for anew
            target_id = template.make(number, by=BY, at=at)
            if log.targets([target_id]).get(target_id) is None:
                define_in(log, target_id, plan, activate=AT_START, by=BY, at=at)
            log.save(list(template.collect_events()))
            keep_next(log, template)
        return True

    def _fail(self, seen: Template, number: int, refused: Refused, at: datetime) -> None:
        """Said once, in a fact and by `doctor`; tried again every hour."""
        start, _ = seen.terms.recurrence.period(number)
        with self._app.writing() as log:
            template = template_in(log, seen.id)
            if template.version == seen.version:
                template.fail(Failure(start, refused.code, refused.detail, refused.field), by=BY, at=at)
                log.save(list(template.collect_events()))
                log.agenda.plan([_recur(template, at + TRIED_AGAIN_AFTER)])

    def start(self, target_id: UUID, due_at: datetime, at: datetime) -> None:
        """Activate a draft whose start has come; one that has been moved is started at its start, one that is archived
        not at all."""
        with self._app.writing() as log:
            target = log.targets([target_id]).get(target_id)
            waits = target is not None and target.state is State.DRAFT and not is_archived(log, target_id)
            if target is not None and waits and target.plan.begins > due_at:
                start_at_its_start(log.agenda, target)
                return
        if waits:
            self._app.activate_target(target_id, by=BY, at=max(at, due_at))
        with self._app.writing() as log:
            log.agenda.drop(subject=target_id, errand=Errand.START)

    def put_off(self, one: UUID, until: datetime) -> None:
        """What can't be done is left alone until then: the others must not wait for it."""
        with self._app.writing() as log:
            log.agenda.put_off(one, until)


def keep_next(log: Writing, template: Template) -> None:
    """Plan when the next target of a template is to be made; nothing where there is no next one."""
    number = template.next_number
    if number is None:
        log.agenda.drop(subject=template.id)
    else:
        log.agenda.plan([_recur(template, template.terms.drafted(number))])


def template_in(log: Writing, template_id: UUID, expected_version: int | None = None) -> Template:
    """This template; Refused: unknown_template, or changed_meanwhile when its terms are not those that were seen."""
    template = log.aggregates(Template, [template_id]).get(template_id)
    if template is None:
        raise Refused("unknown_template", f"there is no template {template_id}")
    if expected_version not in (None, template.terms_version):
        detail = f"the template is at version {template.terms_version} now: read it again, then decide"
        raise Refused("changed_meanwhile", detail)
    return template


def _recur(template: Template, due: datetime) -> Appointment:
    return Appointment(due, template.id, template.id, Errand.RECUR)
