"""What is answered about updates and check-ins, field by field, for the documentation."""

from api.documentation.schemas import Schema, flag, id_of, instant, list_of, one_of, or_null, page, record, text, whole
from domain.updates.check_ins import BAD
from domain.updates.updates import CONFIDENCE_MAX

STATES = ("open", "escalated", "answered", "ended")
CONFIDENCE = whole(f"That the target will be reached: 0 to {CONFIDENCE_MAX}", 6)
_checkpoint = record(
    "The checkpoint.", {"number": whole("As it was then, from 1", 2), "cutoff": instant("Its cut-off; in UTC")}
)

SCHEMAS: dict[str, Schema] = {
    "Update": record(
        "What somebody said of a target; it stands beside the figures and changes none.",
        {
            "id": id_of("The update's id"),
            "target": id_of("The target's id"),
            "on_track": flag("Whether it was on track, as they saw it"),
            "why": text("Why", "Two large orders slipped into December"),
            "improve": or_null(text("What would improve it. Null where nothing was said")),
            "confidence": CONFIDENCE,
            "by": text("Who said it", "ana@example.com"),
            "at": instant("When; in UTC"),
            "checkpoint": or_null(
                _checkpoint | {"description": "Whose check-in it answered. Null where nobody had asked."}
            ),
        },
    ),
    "UpdatePage": page("Update", "the position of the last update here: the next page is older"),
    "CheckIn": record(
        "People were asked why a checkpoint was bad.",
        {
            "checkpoint": _checkpoint,
            "status": one_of(BAD, "What it read when they were asked"),
            "of": list_of(text("One of them", "ana@example.com"), "Who was asked: the owner, then the team"),
            "asked_at": instant("When; in UTC"),
            "due": instant("Until when somebody is to answer, two open days later; in UTC"),
            "state": one_of(
                STATES,
                "`open`; `escalated`: nobody had answered in time, and still somebody may; `answered`; `ended`: nobody"
                " need answer any more",
            ),
            "since": instant("In this state; in UTC"),
            "escalated": or_null(
                record(
                    "That nobody had answered in time. Null where that was not so.",
                    {
                        "at": instant("When; in UTC"),
                        "to": or_null(
                            text("The owner of the target above. Null: there is nobody one level up", "kim@example.com")
                        ),
                    },
                )
            ),
            "update": or_null(id_of("The update that answered it. Null while there is none")),
            "reason": or_null(
                one_of(("recovered", "attained", "closed", "cancelled"), "Why it ended. Null unless it did")
            ),
        },
    ),
    "CheckInPage": page("CheckIn", "the cut-off of the last one here: the next page is older"),
}
