"""An Alert: a condition lives in episodes, and remembers who was told what in each."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.alerts.alert import (
    CHECKPOINT,
    CORRECTED,
    FIRING,
    RESOLVED,
    TOLD,
    VERDICT,
    WORSE,
    Alert,
    Said,
    State,
    alert_id,
)
from tests.domain.facts import ANA, ID, Fact, fact, given, recorded
from tests.words import NOW

DONE: dict[str, Any] = {"by": ANA, "at": NOW}
ANAS, JOS, FRIDAY = UUID(int=11), UUID(int=12), UUID(int=21)
KIND = "alert.verdict"
OPENED = fact(Alert.AlertOpened, kind=VERDICT, target=ID, scope="")
AT_RISK = fact(Alert.AlertFired, rests_on=5, episode=1, severity="at_risk")


def told(transition: str, *subscriptions: UUID, episode: int = 1, n: int = 1, about: UUID = FRIDAY) -> Fact:
    says: dict[str, Any] = {"subject": about, "transition": transition, "kind": KIND, "episode": episode, "n": n}
    return fact(Alert.AlertTold, rests_on=5, told=list(subscriptions), **says)


def test_its_id_is_of_what_it_is_about_and_no_two_are_mistaken_for_each_other() -> None:
    assert alert_id(VERDICT, ID, "") == alert_id(VERDICT, ID, "")
    assert alert_id("ab", ID, "c") != alert_id("a", ID, "bc")
    assert alert_id("a", ID, f"{ID}b") != alert_id(f"a{ID}", ID, "b")
    assert len({alert_id(kind, ID, scope) for kind in ("ab", "a", "") for scope in ("c", "bc", "abc")}) == 9


def test_a_bad_verdict_fires() -> None:
    alert = given(Alert, OPENED)

    assert alert.judge("at_risk", 5, **DONE) == FIRING

    assert recorded(alert) == [AT_RISK]
    assert (alert.state, alert.episode, alert.severity) == (State.FIRING, 1, "at_risk")


def test_the_same_again_is_nothing_new() -> None:
    alert = given(Alert, OPENED, AT_RISK)

    assert alert.judge("at_risk", 6, **DONE) is None

    assert recorded(alert) == []


def test_off_track_after_at_risk_is_worse_and_back_again_is_no_news() -> None:
    alert = given(Alert, OPENED, AT_RISK)

    assert alert.judge("off_track", 6, **DONE) == WORSE
    assert alert.judge("at_risk", 7, **DONE) is None
    assert alert.judge("off_track", 8, **DONE) == WORSE

    assert recorded(alert) == [
        fact(Alert.AlertWorsened, rests_on=6, severity="off_track"),
        fact(Alert.AlertEased, rests_on=7, severity="at_risk"),
        fact(Alert.AlertWorsened, rests_on=8, severity="off_track"),
    ]


def test_a_good_verdict_resolves_what_fires_and_nothing_else() -> None:
    firing, quiet = given(Alert, OPENED, AT_RISK), given(Alert, OPENED)

    assert firing.judge(None, 6, reason="on_track", **DONE) == RESOLVED
    assert quiet.judge(None, 6, reason="on_track", **DONE) is None

    assert recorded(firing) == [fact(Alert.AlertResolved, rests_on=6, reason="on_track")]
    assert recorded(quiet) == []


def test_after_a_resolution_it_fires_as_the_next_episode_and_counts_from_1() -> None:
    alert = given(Alert, OPENED, AT_RISK, told(FIRING, ANAS), fact(Alert.AlertResolved, rests_on=6, reason="on_track"))

    alert.judge("off_track", 7, **DONE)

    assert alert.tell(FIRING, KIND, FRIDAY, [ANAS], 7, **DONE) == (2, 1)


def test_messages_are_counted_within_an_episode() -> None:
    alert = given(Alert, OPENED, AT_RISK)

    assert alert.tell(FIRING, KIND, FRIDAY, [ANAS], 5, **DONE) == (1, 1)
    assert alert.tell(WORSE, KIND, FRIDAY, [ANAS, JOS], 6, **DONE) == (1, 2)

    assert alert.heard(FRIDAY) == {ANAS: Said(WORSE, KIND, 1, 2), JOS: Said(WORSE, KIND, 1, 2)}


def test_who_was_told_in_an_episode_knows_of_it_until_it_is_resolved() -> None:
    alert = given(Alert, OPENED, AT_RISK, told(FIRING, JOS, ANAS))
    assert alert.told_in_episode == [JOS, ANAS]

    alert.judge(None, 6, reason="on_track", **DONE)
    alert.tell(RESOLVED, KIND, FRIDAY, [ANAS, JOS], 6, **DONE)
    alert.judge("at_risk", 7, **DONE)

    assert alert.told_in_episode == []


def test_who_heard_of_an_earlier_checkpoint_of_the_episode_still_knows_when_a_later_message_is_recalled() -> None:
    saturday = UUID(int=22)
    alert = given(Alert, OPENED, AT_RISK, told(FIRING, ANAS), told(WORSE, ANAS, JOS, n=2, about=saturday))

    alert.recall(saturday, [ANAS, JOS], 8, **DONE)

    says: dict[str, Any] = {"subject": saturday, "recalled": [ANAS, JOS], "messages": None}
    assert recorded(alert) == [fact(Alert.AlertRecalled, rests_on=8, **says)]
    assert alert.heard(saturday) == {}
    assert alert.told_in_episode == [ANAS]


def test_who_is_not_told_stands_in_a_fact_with_the_reason() -> None:
    alert = given(Alert, OPENED, AT_RISK)

    alert.withhold(FIRING, FRIDAY, "attained", [ANAS], 5, **DONE)
    alert.withhold(FIRING, FRIDAY, "attained", [], 5, **DONE)

    says: dict[str, Any] = {"subject": FRIDAY, "transition": FIRING, "reason": "attained", "kept_from": [ANAS]}
    assert recorded(alert) == [fact(Alert.AlertWithheld, rests_on=5, **says)]
    assert alert.told_in_episode == []


@pytest.mark.parametrize(("anew", "numbers"), [(False, (1, 2)), (True, (2, 1))])
def test_an_announcement_is_counted_on_or_begins_its_next_episode(anew: bool, numbers: tuple[int, int]) -> None:
    opened = fact(Alert.AlertOpened, kind=CHECKPOINT, target=ID, scope=str(FRIDAY))
    alert = given(Alert, opened, told(TOLD, ANAS))

    assert alert.tell(CORRECTED, KIND, FRIDAY, [ANAS], 6, anew=anew, by=ANA, at=NOW + timedelta(hours=1)) == numbers

    assert alert.corrected_at == NOW + timedelta(hours=1)
    assert alert.state is State.NONE
