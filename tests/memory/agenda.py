"""The agenda in memory, by the rules of `projections.agenda`; no timers ring here."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from domain.agenda import GRACED, QUIET_SPELL, SPELL_MAX, Appointment, Errand
from tests.memory.tables import AgendaRow, Tables

ORDER = list(Errand)


class MemoryAgenda:
    def __init__(self, tables: Tables) -> None:
        self._agenda = tables.agenda
        self._evaluated = tables.evaluated
        self._routes = tables.routes

    def plan(self, appointments: Iterable[Appointment]) -> None:
        planned = {(one.subject, one.errand, one.number): one for one in appointments}
        for one in planned.values():
            self._enter(one)

    def _enter(self, one: Appointment) -> None:
        key = one.subject, one.errand, one.number
        known = self._agenda.get(key)
        if known is None:
            self._agenda[key] = AgendaRow(one.target, one.due, one.since)
            return
        due = one.due
        if one.errand is Errand.RESTATE and known.since is not None:
            due = min(due, known.since + SPELL_MAX)
        self._agenda[key] = AgendaRow(known.target, due, known.since or one.since)

    def due(
        self, now: datetime, grace: timedelta, errands: Sequence[Errand], limit: int, target: UUID | None = None
    ) -> list[Appointment]:
        found = [
            Appointment(row.due, row.target, subject, errand, number, row.since)
            for (subject, errand, number), row in self._agenda.items()
            if row.due <= (now - grace if errand in GRACED else now)
            and errand in errands
            and target in (None, row.target)
        ]
        found.sort(key=lambda one: (one.due, one.target, ORDER.index(one.errand), one.number, one.subject))
        return found[:limit]

    def done(self, appointments: Iterable[Appointment]) -> None:
        for one in appointments:
            self._agenda.pop((one.subject, one.errand, one.number), None)

    def put_off(self, target: UUID, until: datetime) -> None:
        for key, row in list(self._agenda.items()):
            if row.target == target and row.due < until:
                self._agenda[key] = row._replace(due=until)

    def drop(self, *, target: UUID | None = None, subject: UUID | None = None, errand: Errand | None = None) -> None:
        for key, row in list(self._agenda.items()):
            if (row.target == target or key[0] == subject) and errand in (None, key[1]):
                del self._agenda[key]

    def evaluated(self, cutoffs: Iterable[tuple[UUID, datetime]]) -> None:
        said = list(cutoffs)
        assert len(dict(said)) == len(said), "one statement can't change a row twice"
        for target, cutoff in said:
            before = self._evaluated.get(target)
            self._evaluated[target] = cutoff if before is None else max(before, cutoff)

    def evaluated_to(self, targets: Iterable[UUID]) -> dict[UUID, datetime]:
        found = {target: self._evaluated.get(target) for target in targets}
        return {target: cutoff for target, cutoff in found.items() if cutoff is not None}

    def last_evaluated(self) -> datetime | None:
        return max((cutoff for cutoff in self._evaluated.values() if cutoff is not None), default=None)

    def end(self, target: UUID) -> None:
        self.drop(target=target)
        self._evaluated[target] = None

    def unplanned(self, limit: int) -> list[UUID]:
        on_it = {row.target for row in self._agenda.values()} | self._evaluated.keys()
        return [one for one, route in self._routes.items() if not route.filling and one not in on_it][:limit]

    def unwatched(self, after: UUID, limit: int) -> list[UUID]:
        entered = self._agenda.items()
        watched = {row.target for (_, errand, _), row in entered if errand is Errand.TREND}
        coming = {row.target for (_, errand, _), row in entered if errand is Errand.CHECKPOINT}
        return sorted(one for one in coming - watched if one > after)[:limit]

    def late(self, earliest: Sequence[tuple[UUID, datetime]], at: datetime) -> None:
        assert len(dict(earliest)) == len(earliest), "one statement can't change a row twice"
        for target, instant in earliest:
            cutoff = self._evaluated.get(target)
            if cutoff is not None and instant < cutoff:
                self._enter(Appointment(at + QUIET_SPELL, target, target, Errand.RESTATE, since=at))
