"""What there is to hear of: facts of a target, its checkpoints and its milestones, and conditions."""

from domain.refusal import Refused

FACT_KINDS = (
    "target.defined",
    "target.activated",
    "target.filled",
    "target.comparison_frozen",
    "target.attained",
    "target.attainment_lost",
    "target.revised",
    "target.revision_proposed",
    "target.revision_approved",
    "target.revision_declined",
    "target.handed_over",
    "target.members_pinned",
    "target.member_joined",
    "target.member_left",
    "target.closed",
    "target.outcome_restated",
    "target.sealed",
    "target.cancelled",
    "target.archived",
    "target.unarchived",
    "target.update_posted",
    "target.check_in_requested",
    "target.check_in_escalated",
    "target.check_in_ended",
    "target.slipping",
    "target.stalled",
    "target.recovered",
    "target.data_stale",
    "target.data_resumed",
    "checkpoint.evaluated",
    "checkpoint.restated",
    "checkpoint.settled",
    "milestone.planned",
    "milestone.rescheduled",
    "milestone.task_added",
    "milestone.task_completed",
    "milestone.task_reopened",
    "milestone.task_rescheduled",
    "milestone.achieved",
    "milestone.reopened",
    "milestone.missed",
    "milestone.waived",
    "milestone.due_soon",
    "milestone.overdue",
)
"""Each is the topic of a fact; a subscription hears of every one that is announced."""

VERDICT = "alert.verdict"
"""A target at risk or off track, until it is neither."""
MILESTONE_DUE = "alert.milestone_due"
"""A milestone due soon or overdue, until it is neither."""
SLIPPING, STALLED = "alert.slipping", "alert.stalled"
"""A target whose last open days bring too little, or next to nothing, until a better one."""
STALE = "alert.stale"
"""A target that has had no data for longer than it allows, until there is some."""
CHECK_IN = "alert.check_in"
"""People are asked why a checkpoint is bad, until one answers or it is good again; unanswered in time is worse."""
CONDITION_KINDS = (VERDICT, SLIPPING, STALLED, STALE, CHECK_IN, MILESTONE_DUE)
KIND_OF = {kind.removeprefix("alert."): kind for kind in CONDITION_KINDS}
"""What people call the condition that an alert of this kind is."""

KINDS = (*FACT_KINDS, *CONDITION_KINDS)

TOO_MANY = "target.progress_recorded"
"""Thousands a second: whoever wants each of them reads the stream of facts."""


def check_kinds(kinds: list[str]) -> list[str]:
    """The kinds in their order here, each once; Refused says which is none, and which there are."""
    if not kinds:
        raise Refused("no_kinds", f"say what it is to hear of; there are: {', '.join(KINDS)}", "/kinds")
    for number, kind in enumerate(kinds):
        if kind == TOO_MANY:
            raise Refused(
                "too_many_of_kind",
                f"{TOO_MANY} comes thousands of times a second: read facts.{TOO_MANY}.> on the stream EVENTS",
                f"/kinds/{number}",
            )
        if kind not in KINDS:
            raise Refused(
                "unknown_kind", f"there is no kind {kind[:64]!r}; there are: {', '.join(KINDS)}", f"/kinds/{number}"
            )
    wanted = set(kinds)
    return [kind for kind in KINDS if kind in wanted]
