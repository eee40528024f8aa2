"""What is answered about notifications and inboxes, field by field, for the documentation."""

from api.documentation.schemas import (
    Schema,
    amount,
    anything,
    day,
    flag,
    id_of,
    instant,
    list_of,
    mapping,
    named,
    one_of,
    or_null,
    page,
    record,
    share,
    text,
    whole,
)
from api.documentation.target_answers import STATUSES
from domain.alerts.alert import CORRECTED, FIRING, REMINDER, RESOLVED, RETRACTED, TEST, TOLD, WORSE
from domain.alerts.subscription import CHANNELS
from domain.delivery.notification import State
from domain.forecast import NO_RANGE
from domain.milestones.milestone import Stage
from domain.target import State as TargetState

TRANSITIONS = (FIRING, WORSE, REMINDER, RESOLVED, TOLD, CORRECTED, RETRACTED, TEST)
_TRANSITION = (
    "`firing`, `worse` and `resolved` of a condition; `told`: it happened; `corrected`, `retracted`: what was told"
    " before is otherwise now; `test`"
)

_notification: dict[str, Schema] = {
    "id": id_of("The notification's id: the same at every attempt (`webhook-id`, `Nats-Msg-Id`)"),
    "position": whole("Where in the log it was queued", 1240),
    "state": one_of(
        State,
        "`queued`; `sending`: an attempt is under way; `waiting` for the next one; `delivered`; `dead`: nobody tries"
        " any more; `cancelled`",
    ),
    "kind": text("What the subscription had asked for", "alert.verdict", "checkpoint.evaluated", "test"),
    "target": id_of("The target that it is about; all zeros when it is about none"),
    "recipient": text("Who is told", "ana@example.com"),
    "channel": one_of(CHANNELS, "Where"),
    "subscription": id_of("By which subscription"),
    "alert": id_of("The alert that it is about"),
    "episode": whole("Of the alert", 1),
    "transition": one_of(TRANSITIONS, _TRANSITION),
    "n": whole("Which message it is of the episode", 1),
    "about": whole("The position of the fact that it rests on", 1238),
    "queued_at": instant("When; in UTC"),
    "since": instant("In this state; in UTC"),
    "next_at": or_null(instant("When it is tried next; in UTC. Null when it is not")),
    "expires_at": or_null(instant("It is worth telling until then; in UTC. Null for always")),
    "attempts_made": whole("How many tries there were; an inbox needs none", 1),
    "reason": or_null(text("Why it waits, is dead or was cancelled")),
    "answer": or_null(text("What the other side said", "204", "inbox")),
}
_message: dict[str, Schema] = {
    "line": text("One line for people", "November revenue is at risk: $46,000.00 of $50,000.00 expected"),
    "what": text("The type of the fact that it tells of", "checkpoint.evaluated"),
    "transition": one_of(TRANSITIONS, _TRANSITION),
    "link": text("Where to look: an address on this server", "/targets/0b8f6f9e-51d4-4d2a-9f0a-0d7c8c1f6a55"),
    "kind": text("What had been asked for", "alert.verdict"),
    "condition": text("What the same fact did to the condition beside it", "worse"),
    "target": record(
        "The target.",
        {"id": id_of("Its id"), "name": text("Its name"), "state": one_of(TargetState, "Its state then")},
    ),
    "unit": text("Of the amounts", "USD"),
    "goal": amount("What is to be reached", "100000.00"),
    "owner": or_null(text("Who is accountable", "ana@example.com")),
    "team": list_of(text("One of them", "jo@example.com"), "Who works on it"),
    "checkpoint": record(
        "The checkpoint.",
        {
            "id": id_of("Its id"),
            "number": whole("From 1", 2),
            "cutoff": instant("Its cut-off; in UTC"),
            "closing": flag("Whether it is the last one"),
        },
    ),
    "status": one_of(STATUSES, "Now"),
    "previous": or_null(one_of(STATUSES, "Before")),
    "actual": amount("What was sold", "46000.00"),
    "expected": amount("What the pace expects", "50000.00"),
    "variance": amount("`actual` less `expected`", "-4000.00"),
    "pace_index": or_null(share("`actual` by `expected`", "0.9200")),
    "complete": flag("Whether every sale published before the evaluation was in it"),
    "required_rate": record(
        "What each remaining day must bring.",
        {
            "per": one_of(["open_day"], "Every day of the period is an open one"),
            "amount": text("Decimal text, or `none_possible`", "3200.00"),
        },
    ),
    "projection": record(
        "Where it was heading at the cut-off. Left out where nothing is forecast.",
        {
            "value": amount("What the pace so far, drawn towards the plan, comes to at the end", "98983.33"),
            "method": one_of([NO_RANGE], "How it was made: GET /v1/targets/{id}/forecast says more"),
        },
    ),
    "milestone": record(
        "The milestone.",
        {
            "id": id_of("Its id"),
            "name": text("Its name"),
            "due": instant("When it is due; in UTC"),
            "stage": one_of(Stage, "Its state then"),
            "tasks": record("Its tasks.", {"all": whole("How many", 3), "done": whole("How many are done", 2)}),
        },
    ),
    "revision": record(
        "What was revised.",
        {
            "number": whole("Of the plan in force now", 2),
            "mode": text("How it goes on", "prospective"),
            "effective_at": instant("From then on"),
            "reason": text("Why", "The shop in Oslo opened"),
            "changes": mapping(
                anything("`from` and `to`: the field before and after, as a target has it"),
                "By field of the target",
            ),
            "attained": or_null(text("What it makes of the attainment. Null where that stays", "attained_by_revision")),
            "by": text("Who revised it", "ana@example.com"),
            "proposed_by": or_null(text("Who asked for it, where somebody else approved it", "jo@example.com")),
        },
    ),
    "update": record(
        "What somebody says of the target.",
        {
            "id": id_of("The update's id"),
            "by": text("Who says it", "ana@example.com"),
            "checkpoint": or_null(whole("Of the check-in that it answers. Null where nobody had asked", 2)),
            "on_track": flag("Whether it is, as they see it"),
            "why": text("Why", "Two large orders slipped into December"),
            "improve": or_null(text("What would improve it", "A second visit to the ten largest customers")),
            "confidence": whole("That it will be reached, 0 to 10", 6),
        },
    ),
    "check_in": record(
        "What people are asked about.",
        {
            "checkpoint": whole("The number of the bad checkpoint", 2),
            "cutoff": instant("Its cut-off"),
            "of": list_of(text("One of them", "ana@example.com"), "Who is asked"),
            "due": instant("Until when"),
            "status": one_of(STATUSES, "Of the checkpoint"),
            "escalated_to": or_null(text("Who is told one level up. Null for nobody", "kim@example.com")),
            "reason": text("Why nobody need answer any more", "recovered"),
        },
        optional=("of", "due", "status", "escalated_to", "reason"),
    ),
    "trend": record(
        "The last open days.",
        {
            "day": day("The last of them"),
            "days": whole("How many", 5),
            "expected": amount("What the plan adds on them", "15000.00"),
            "actual": amount("What they brought", "12000.00"),
            "burn": share("The shortfall by a fifth of the plan: 1 at four fifths of it, 5 for nothing", "1.0000"),
            "last_burn": share("The same of the last day", "1.5000"),
        },
    ),
    "data": record(
        "The data that has not come.",
        {
            "due": instant("There should have been some by then"),
            "expect_data_every": whole("Hours between data, at most", 24),
        },
    ),
    "subscription": id_of("The subscription whose webhook was disabled or enabled"),
    "what_to_do": list_of(text("A sentence"), "What people can do about it"),
    "rests_on": record(
        "The fact.",
        {
            "type": text("What happened", "checkpoint.evaluated"),
            "position": whole("Its place in the log", 1238),
            "revision": whole("Of the target's plan", 1),
            "evaluation": id_of("The checkpoint's id"),
        },
        optional=("evaluation",),
    ),
}
_message["before"] = record(
    "What was reported, where that is corrected.",
    {name: _message[name] for name in ("status", "actual", "expected", "variance", "pace_index", "complete")},
)
_always = ("line", "what", "link")

SCHEMAS: dict[str, Schema] = {
    "Message": record(
        "What people get; which of the fields are there depends on what it tells of.",
        _message,
        optional=[name for name in _message if name not in _always],
    ),
    "Notification": record("One message for one recipient, and how far it is.", _notification),
    "NotificationPage": page("Notification", "the position of the last notification here"),
    "NotificationWhole": record(
        "A notification, what it says, and each try to deliver it.",
        _notification
        | {
            "message": named("Message"),
            "attempts": list_of(named("Attempt"), "Each try, in order; an inbox needs none"),
        },
    ),
    "InboxMessage": record("A notification in an inbox.", _notification | {"message": named("Message")}),
    "Inbox": page("InboxMessage", "the position of the last message here: the next page is older"),
}
