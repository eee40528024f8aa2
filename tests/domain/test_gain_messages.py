"""What is said of a gain: it is decided over all of its comparison, and paced by what is due of it."""

from dataclasses import replace
from datetime import date

from domain.alerts.alert import TOLD
from domain.alerts.messages import message_of
from domain.comparison import Frozen
from domain.definition import Versus
from domain.target import Target
from tests.domain.facts import fact, given
from tests.domain.test_messages import SALE, of_target
from tests.words import plan


def test_a_gain_that_is_not_attained_any_more_is_told_over_all_of_its_comparison() -> None:
    last_year = Versus(date(2025, 11, 1), date(2025, 11, 30))
    gain = plan(kind="uplift", goal="3000.00", comparison=last_year).with_comparison(
        Frozen(1, [1_000_00] * 30, 30), 3_000_00
    )
    lost = of_target(Target.AttainmentLost, lowered_by=SALE, total=2_000_00, goal=3_000_00)
    target = given(Target, fact(Target.TargetDefined, plan=gain), fact(Target.TargetActivated, fill_upto=0))

    message = message_of(replace(lost, target=target), TOLD, "target.attainment_lost")

    assert message["line"] == (
        "November revenue is not attained any more: +$2,000.00 of +$3,000.00 more than last year's whole period"
    )
    assert message["actual"] == "2000.00"
    assert {"expected", "variance", "pace_index"}.isdisjoint(message)
