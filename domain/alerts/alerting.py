"""The alerts follow the facts: each is decided on once, in the order of the log, under its lock.

What was decided, the notifications queued and the position reached stand in one commit. The position never goes
back, so replaying history sends nothing, and any number of these may run side by side.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from eventsourcing.utils import get_topic

from domain.alerts.alert_rules import keep
from domain.alerts.kinds import FACT_KINDS
from domain.alerts.known_alerts import known_alerts
from domain.alerts.scopes import OF_ENDPOINTS
from domain.alerts.telling import Round
from domain.application import Milemarker, News, Writing

FOLLOWER = "alerts"
TOPICS = (*FACT_KINDS, *(get_topic(fact) for fact in OF_ENDPOINTS))
FACTS_MAX = 100
"""Facts in one commit: sales wait while it is made;"""
QUEUED_MAX = 250
"""fewer when so many notifications have come of them."""
IDLE_MAX = 20_000
"""After so many facts that mean nothing here the position is noted, for whoever starts next."""


@dataclass(frozen=True)
class Decided:
    """What one commit came to. more: there may be more to decide on at once."""

    facts: int
    queued: int
    more: bool


NOTHING = Decided(0, 0, more=False)


class Alerts:
    """Decides who hears what."""

    def __init__(self, app: Milemarker) -> None:
        self._app = app
        self._seen = 0
        """Up to here there is nothing to decide on; only what this process remembers."""
        self._at_once = FACTS_MAX

    def decide_some(self, at: datetime) -> Decided:
        """Decide on up to 100 facts in one commit; without any, the log's lock is left alone."""
        position, top, page = self._look()
        if position is None:
            self._begin()
            return Decided(0, 0, more=True)
        if not page:
            self._seen = top
            if top - position > IDLE_MAX:
                self._note(position, top)
            return NOTHING
        known = known_alerts(self._app, (fact for _, fact in page))
        with self._app.writing() as log:
            if log.followed(FOLLOWER) != position:
                return Decided(0, 0, more=True)  # another process has decided on these, and changed the alerts
            return self._decide(Round(log, page, known, at), log, page, top)

    def _look(self) -> News:
        return self._app.store.news(self._app.mapper, FOLLOWER, TOPICS, self._at_once, seen=self._seen)

    def _decide(self, round_: Round, log: Writing, page: Sequence[tuple[int, Any]], top: int) -> Decided:
        reached, decided = top, 0
        for position, fact in page:
            keep(round_, position, fact)
            round_.collect()
            decided += 1
            if round_.queued >= QUEUED_MAX or decided == self._at_once:
                reached = position
                break
        round_.save()
        log.keep_followed(FOLLOWER, reached)
        # Where each fact goes to many, fewer are looked at together.
        self._at_once = min(FACTS_MAX, 2 * decided) if decided < len(page) else FACTS_MAX
        return Decided(decided, round_.queued, more=reached < top)

    def _begin(self) -> None:
        """Nobody is told of what was before the first start."""
        with self._app.writing() as log:
            begin_alerts(log)

    def _note(self, position: int, top: int) -> None:
        with self._app.writing() as log:
            if log.followed(FOLLOWER) == position:
                log.keep_followed(FOLLOWER, top)


def begin_alerts(log: Writing) -> None:
    """From the first start, or the first subscription, on facts are decided on: whichever comes first."""
    if log.followed(FOLLOWER) is None:
        log.keep_followed(FOLLOWER, log.position)
