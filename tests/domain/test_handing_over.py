"""A target is handed over to somebody else, is put away when it is over, and got out again."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.agenda import Errand
from domain.application import Milemarker
from domain.archive import Archive
from domain.archiving import archive_target
from domain.filling import Filler
from domain.refusal import Refused
from domain.starting import AT_START
from domain.target import State, Target
from domain.templates.recurring import Recurrer
from tests.domain.facts import fact, given, recorded
from tests.memory import memory_app
from tests.words import NOW, plan

ANA, JO = "ana@example.com", "jo@example.com"
GRACE = timedelta(seconds=10)


def defined(app: Milemarker, activate: bool | str = False) -> UUID:
    target_id = uuid4()
    app.define_target(target_id, plan(owner=ANA, team=["li@example.com"]), activate=activate, by=ANA, at=NOW)
    Filler(app).fill_some(NOW)
    return target_id


def state(app: Milemarker, target_id: UUID) -> State:
    with app.writing() as log:
        return log.targets([target_id])[target_id].state


def test_a_target_has_another_owner_from_now_on() -> None:
    target = given(Target, fact(Target.TargetDefined, plan=plan(owner=ANA, team=["li@example.com"])))

    target.hand_over(JO, None, "Ana is on leave", by=ANA, at=NOW)

    said: dict[str, Any] = {"owner": JO, "team": ["li@example.com"], "before": ANA, "reason": "Ana is on leave"}
    assert recorded(target) == [fact(Target.TargetHandedOver, **said)]
    assert (target.plan.owner, target.plan.team) == (JO, ["li@example.com"])
    assert (target.edition, target.plan_version, len(target.plans)) == (2, 2, 1)


def test_a_team_may_go_with_it_and_the_same_again_is_no_news() -> None:
    app = memory_app()
    target_id = defined(app)

    first, position = app.hand_over_target(target_id, JO, [ANA], "Ana leads the shop now", by=ANA, at=NOW)
    _, again = app.hand_over_target(target_id, JO, [ANA], "Ana leads the shop now", by=ANA, at=NOW)

    assert (first.plan.owner, first.plan.team) == (JO, [ANA])
    assert again == position


def test_what_was_defined_is_the_same_definition_whoever_has_it_now() -> None:
    app = memory_app()
    target_id = defined(app)
    app.hand_over_target(target_id, JO, None, "Ana is on leave", by=ANA, at=NOW)

    again, _ = app.define_target(target_id, plan(owner=ANA, team=["li@example.com"]), activate=False, by=ANA, at=NOW)

    assert again.plan.owner == JO


def test_a_reason_is_asked_for_and_a_cancelled_target_stays_with_its_owner() -> None:
    app = memory_app()
    target_id = defined(app)

    with pytest.raises(Refused) as nameless:
        app.hand_over_target(target_id, JO, None, " ", by=ANA, at=NOW)
    with pytest.raises(Refused) as nobody:
        app.hand_over_target(target_id, "", None, "Ana is on leave", by=ANA, at=NOW)
    app.cancel_target(target_id, "The shop closed", by=ANA, at=NOW)
    with pytest.raises(Refused) as cancelled:
        app.hand_over_target(target_id, JO, None, "Ana is on leave", by=ANA, at=NOW)

    assert [one.value.code for one in (nameless, nobody, cancelled)] == ["reason_missing", "bad_text", "cancelled"]
    assert nobody.value.field == "/owner"


# Archiving


def archived(app: Milemarker, target_id: UUID) -> list[type[object]]:
    return [type(one) for one in app.events.get(Archive.id_of(target_id))]


def test_what_never_began_is_put_away_and_got_out_again() -> None:
    app = memory_app()
    target_id = defined(app)

    for put_away in (True, True, False, False, True):
        archive_target(app, target_id, put_away, by=ANA, at=NOW)

    assert archived(app, target_id) == [Archive.TargetArchived, Archive.TargetUnarchived, Archive.TargetArchived]


def test_what_sales_count_toward_is_not_put_away() -> None:
    app = memory_app()
    target_id = defined(app, activate=True)

    with pytest.raises(Refused) as refused:
        archive_target(app, target_id, True, by=ANA, at=NOW)
    app.cancel_target(target_id, "The shop closed", by=ANA, at=NOW)
    archive_target(app, target_id, True, "It never had a chance", by=ANA, at=NOW)

    assert refused.value.code == "still_counting"
    assert archived(app, target_id) == [Archive.TargetArchived]


def test_an_archived_draft_is_not_started_until_it_is_got_out() -> None:
    app = memory_app()
    target_id = defined(app)
    archive_target(app, target_id, True, by=ANA, at=NOW)

    with pytest.raises(Refused) as refused:
        app.activate_target(target_id, by=ANA, at=NOW)
    archive_target(app, target_id, False, by=ANA, at=NOW)
    app.activate_target(target_id, by=ANA, at=NOW)

    assert refused.value.code == "archived"
    assert state(app, target_id) is State.FILLING


# Starting at the start


def started(app: Milemarker, at: datetime) -> None:
    recurrer = Recurrer(app, GRACE, lambda zone: "2026a", lambda *_: {})
    for one in recurrer.due(at, Errand.START):
        recurrer.start(one, at, at)


def test_a_target_that_is_to_start_at_its_start_does() -> None:
    app, start = memory_app(), datetime(2026, 11, 1, tzinfo=UTC)
    target_id = defined(app, activate=AT_START)

    started(app, start)
    assert state(app, target_id) is State.DRAFT
    started(app, start + GRACE)
    assert state(app, target_id) is State.FILLING


def test_an_archived_draft_does_not_start_by_itself() -> None:
    app = memory_app()
    target_id = defined(app, activate=AT_START)
    archive_target(app, target_id, True, by=ANA, at=NOW)

    started(app, NOW)

    assert state(app, target_id) is State.DRAFT
