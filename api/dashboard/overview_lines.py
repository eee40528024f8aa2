"""A target as one line of the overview, in words and in small."""

from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from markupsafe import Markup

from api.dashboard import wording
from api.dashboard.cards.actual_card import beyond
from api.dashboard.cards.card import NONE, share_of
from api.dashboard.charting import lines_of
from api.dashboard.charts.sparkline import sparkline
from api.dashboard.comparing import earlier_said
from api.dashboard.glance import OVER, Glance, aim_of, said_apart, said_shortly
from api.dashboard.statements import badge_of, now_said, over_the_goal
from api.target_reads import Found
from domain.plan import GAIN, KEEP, RATIO, UPLIFT, Plan
from projections.progress import Progress

ENDED = ("exceeded", "met", "missed", "cancelled")
WAITING = ("draft", "not_started")


@dataclass(frozen=True)
class Line:
    """A target in the list, in words."""

    id: UUID
    name: str
    status: str
    owner: str | None
    period: str
    actual: str
    goal: str
    share: str
    bar: str
    expected: str | None
    pace: str
    coming: str
    spark: Markup
    section: str = "running"
    depth: int = 0


def line_of(found: Found, progress: Progress) -> Line:
    glance = Glance.of(found)
    plan, status = glance.plan, badge_of(glance)
    paced = status not in (*ENDED, *WAITING) and plan.kind not in (KEEP, RATIO) and not plan.no_baseline
    return Line(
        id=found.id,
        name=name_said(plan),
        status=status,
        owner=plan.owner,
        period=_period(glance),
        actual=actual_said(glance),
        goal=goal_said(glance),
        share=share_said(glance),
        bar=share_of(glance.progress or Fraction(0)),
        expected=share_of(glance.course.weight(found.as_of)) if paced else None,
        pace=_pace(glance, status),
        coming=_coming(glance, status),
        spark=sparkline(lines_of(glance, progress)),
        section=_section(glance, status),
    )


def name_said(plan: Plan) -> str:
    """Without its month, where that is its period: "EMEA revenue, November 2026" stands over "Nov 2026"."""
    month = wording.month(plan.start, plan.end)
    return (plan.name.removesuffix(f", {month}") if month else plan.name) or plan.name


def _period(glance: Glance) -> str:
    plan = glance.plan
    if name_said(plan) != plan.name:
        return wording.short_month(plan.start)
    return wording.days(plan.start, plan.end, glance.year)


def _section(glance: Glance, status: str) -> str:
    """running, waiting or ended: what had nothing to be compared with is over, too."""
    if status in WAITING:
        return "waiting"
    return "ended" if glance.found.status.state in OVER else "running"


def actual_said(glance: Glance) -> str:
    if glance.actual is None or not glance.measured:
        return NONE
    plan, goal = glance.plan, glance.goal
    return said_shortly(plan, glance.actual, goal if plan.sign > 0 else None)


def goal_said(glance: Glance) -> str:
    """What follows on the actual: "of $100,000", "on the way from 8 % to 5 %"."""
    plan = glance.plan
    if plan.kind == KEEP:
        return f"to stay {aim_of(plan)}"
    if plan.measured:
        return f"on the way {aim_of(plan)}"
    if glance.goal is None:
        return f"of {plan.percent} more than {earlier_said(plan)}" if plan.percent is not None else "so far"
    if plan.kind == UPLIFT and plan.mode == GAIN:
        return f"of +{said_shortly(plan, glance.goal).removeprefix('+')} more than {earlier_said(plan)}"
    return f"of {said_shortly(plan, glance.goal)}"


def share_said(glance: Glance) -> str:
    """How much of it is done; of a level to be kept, at how many checkpoints it was."""
    standing = glance.found.status.standing
    if glance.plan.kind == KEEP:
        passed = f"{standing.inside:,} of {wording.counted(standing.evaluated, 'checkpoint')} inside"
        return passed if standing.evaluated else ""
    return "" if glance.progress is None or not glance.measured else wording.tenths(glance.progress)


def _pace(glance: Glance, status: str) -> str:
    plan, now = glance.plan, glance.now
    match status:
        case "draft":
            return "not started by anyone yet"
        case "not_started":
            return f"begins on {wording.day(plan.start, glance.year)}"
        case "cancelled":
            return "counts no more"
        case "exceeded" | "met" | "missed":
            return _outcome(glance)
    if plan.no_baseline:
        return f"nothing of {earlier_said(plan)} to compare with"
    if plan.kind == KEEP:
        where = "nothing measured yet" if glance.actual is None else "outside now" if glance.variance else "inside now"
        return f"no fresh data, {where}" if now.live_status == "stale" else where
    if now.pace_index is None:
        return "nothing is expected yet" if glance.actual is not None else "nothing to divide by yet"
    of = "goal" if plan.kind == RATIO else "expected pace"
    partial = ", by a partial comparison" if now.partial else ""
    return f"{wording.percent(Fraction(now.pace_index))} of the {of}{now_said(now, status)}{partial}"


def _outcome(glance: Glance) -> str:
    if glance.plan.kind == KEEP:
        return f"goal {glance.found.status.outcome}"
    over = over_the_goal(glance)
    if over is None:
        undecided = not glance.measured or glance.actual is None
        return "nothing was counted" if undecided else "late sales came in: the outcome is being corrected"
    if not over:
        return "exactly the goal"
    beside = said_apart(glance.plan, abs(over)) if glance.plan.kind == RATIO else ""
    beside = beside or wording.rounded(abs(over), glance.plan.unit, glance.plan.exponent)
    return f"{beside} {beyond(glance) if over > 0 else 'short of'} the goal"


def _coming(glance: Glance, status: str) -> str:
    """The next checkpoint, such as "Fri 27 Nov expects $75,000"."""
    plan = glance.plan
    if status in ENDED or status == "draft" or plan.no_baseline or plan.awaits_comparison:
        return ""
    coming = next((one for one in plan.checkpoints if one.cutoff > glance.found.as_of), None)
    if coming is None:
        return ""
    when = wording.cutoff(coming, plan, glance.year)
    if plan.kind == KEEP:
        return f"{when} is the next checkpoint"
    return f"{when} expects {said_shortly(plan, glance.found.known.expected(coming.cutoff))}"
