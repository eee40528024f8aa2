"""What is answered about revisions and proposals, field by field, for the documentation."""

from api.documentation.schemas import (
    Schema,
    amount,
    flag,
    id_of,
    instant,
    mapping,
    one_of,
    or_null,
    page,
    record,
    text,
    whole,
)
from api.proposal_answers import OUTDATED
from domain.outcome import ATTAINED_BY_REVISION, NOT_ATTAINED
from domain.proposals.proposal import Stage
from domain.revision import MODES

_anything: Schema = {
    "description": "As JSON says it in a definition; null where nothing is said",
    "anyOf": [
        {"type": "string"},
        {"type": "integer"},
        {"type": "boolean"},
        {"type": "object", "additionalProperties": True},
        {"type": "array", "items": {"type": "string"}},
        {"type": "null"},
    ],
}
_changes = mapping(
    record("One field.", {"from": _anything, "to": _anything}), "What changes, by field of the definition"
)
_mode = one_of(MODES, "How it goes on from there, or whether it holds from the beginning")
_reason = text("Why", "A second shop opened")

SCHEMAS: dict[str, Schema] = {
    "Revision": record(
        "One revision of a target.",
        {
            "number": whole("What was defined is 1, so the first revision is 2", 2),
            "effective_at": instant("From when on it holds; in UTC"),
            "mode": _mode,
            "reason": _reason,
            "by": text("Who revised it; where somebody else proposed it, who approved it", "ana@example.com"),
            "at": instant("When it was recorded; in UTC"),
            "changes": _changes,
            "goal": or_null(amount("What was to be reached from then on", "120000.00")),
            "attained": or_null(
                one_of(
                    ["attained", ATTAINED_BY_REVISION, NOT_ATTAINED],
                    "What it made of the attainment. Null: nothing",
                )
            ),
            "proposed_by": or_null(text("Who asked for it, where somebody else approved it", "jo@example.com")),
        },
    ),
    "RevisionPage": page("Revision", "the number of the last revision here"),
    "Proposal": record(
        "A revision that waits for another person, or did.",
        {
            "id": id_of("The proposal's id"),
            "target": id_of("The target that it would revise"),
            "state": one_of(
                [*Stage, OUTDATED],
                "`open`: it waits. `outdated`: the target was revised since, so that it can't be approved any more",
            ),
            "mode": _mode,
            "reason": _reason,
            "effective_at": or_null(instant("From when on it is to hold; in UTC. Null: from its approval on")),
            "freeze_anew": flag("Whether what the target is compared with is to be read again"),
            "changes": _changes,
            "revision": whole("The target's when it was proposed", 1),
            "proposed_by": text("Who asks for it", "jo@example.com"),
            "proposed_at": instant("When; in UTC"),
            "decision": or_null(
                record(
                    "What was decided. Null while it waits.",
                    {
                        "by": text("Who decided", "ana@example.com"),
                        "at": instant("When; in UTC"),
                        "reason": or_null(text("Why it was declined. Null where it was not")),
                        "revision": or_null(whole("What came of it. Null where it was declined", 2)),
                    },
                )
            ),
        },
    ),
    "ProposalPage": page("Proposal", "the id of the last proposal here"),
}
