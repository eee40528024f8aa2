"""What stands where others have a rate: what a ratio is made of, how often a level was where it is to stay."""

from fractions import Fraction

from api.dashboard import wording
from api.dashboard.cards.card import NONE, Card, share_of
from api.dashboard.charts.amounts import exact
from api.dashboard.glance import Glance
from domain.plan import Part
from projections.progress import Progress


def ratio_card(glance: Glance, progress: Progress) -> Card:
    """Its numerator and denominator, each as the sum that it is."""
    plan = glance.plan
    assert plan.numerator is not None
    assert plan.denominator is not None
    over, under = sum(progress.sums.values()), sum((progress.under or {}).values())
    return Card(
        "Made of",
        exact(over, plan.numerator.unit, plan.numerator.exponent),
        f"{_counted(plan.numerator)}by {_sum(plan.denominator, under)}".strip(),
        "One sum by the other, never an average of shares",
    )


def inside_card(glance: Glance) -> Card:
    """At how many checkpoints the level was where it is to stay."""
    standing, share = glance.found.status.standing, glance.plan.pass_share
    needed = (
        "at every one" if share is None or Fraction(share) == 1 else f"at {wording.percent(Fraction(share))} of them"
    )
    below = f"It is to be inside {needed}, and at the end"
    if not standing.evaluated:
        return Card("Checkpoints inside", NONE, below=f"None was evaluated yet. {below}")
    inside = Fraction(standing.inside, standing.evaluated)
    wanted = Fraction(share) if share is not None else Fraction(1)
    return Card(
        "Checkpoints inside",
        f"{standing.inside:,} of {standing.evaluated:,}",
        "evaluated so far",
        below,
        share_of(inside),
        share_of(wanted) if wanted < 1 else None,
        tone="" if inside >= wanted else "bad",
    )


def _sum(part: Part, minor: int) -> str:
    return f"{exact(minor, part.unit, part.exponent)} {_counted(part)}".rstrip(" ,")


def _counted(part: Part) -> str:
    """Which sales: "of revenue, ", "where channel is web, "; nothing where the unit says it."""
    said = wording.counts_said(part.metric, part.scope)
    name, where, scope = said.partition(" where ")
    named = "" if part.unit == part.metric else f"of {name[:1].lower()}{name[1:]}"
    return f"{named}{where if named else where.lstrip()}{scope}, " if named or scope else ""
