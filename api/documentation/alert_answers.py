"""What is answered about subscriptions and alerts, field by field, for the documentation."""

from api.documentation.schemas import (
    Schema,
    id_of,
    instant,
    list_of,
    named,
    one_of,
    or_null,
    page,
    record,
    text,
    whole,
)
from domain.alerts.alert import (
    ACHIEVEMENT,
    ATTAINMENT,
    CHECKPOINT,
    CONDITIONS,
    NEWS,
    OUTCOME,
    TRIAL,
    WORSENING,
    State,
)
from domain.alerts.kinds import KINDS
from domain.alerts.subscription import CHANNELS
from domain.delivery.notification import State as DeliveryState

ALERT_KINDS = (*CONDITIONS, CHECKPOINT, ATTAINMENT, OUTCOME, ACHIEVEMENT, NEWS, TRIAL)
ATTEMPT_OUTCOMES = ("delivered", "failed")
EVERY = "*"

_subscription: dict[str, Schema] = {
    "id": id_of("The subscription's id"),
    "recipient": text("Who hears of it", "ana@example.com"),
    "target": text(f"The target's id, or `{EVERY}` for every one", EVERY),
    "kinds": list_of(one_of(KINDS, "A kind"), "What it hears of, in the order of the list of kinds"),
    "channel": record(
        "Where it hears.",
        {
            "kind": one_of(CHANNELS, "The way"),
            "host": text(
                "Of a webhook alone. The rest of its URL is not shown: it may hold secrets", "hooks.example.com"
            ),
        },
        optional=("host",),
    ),
    "created_at": instant("When; in UTC"),
    "created_by": text("The name of the key that created it", "ana@example.com"),
}
_endpoint: dict[str, Schema] = {
    "failing_since": or_null(instant("Since when its webhook only fails; in UTC. Null while it works")),
    "disabled": or_null(
        text("Why nothing is sent any more: send its URL again to enable it. Null while it is sent to")
    ),
}
_secret: dict[str, Schema] = {
    "secret": text(
        "What a webhook's messages are signed with (Standard Webhooks). Shown this once", "whsec_MfKQ9r8G..."
    )
}

SCHEMAS: dict[str, Schema] = {
    "Subscription": record("Who hears of what, and where.", _subscription | _endpoint),
    "SubscriptionPage": page("Subscription", "the id of the last subscription here"),
    "SubscriptionCreated": record(
        "The subscription; with `secret` when it is a webhook and new.",
        _subscription | _endpoint | _secret,
        optional=_secret,
    ),
    "SubscriptionChanged": record(
        "The subscription; with `secret` when a new one was asked for.", _subscription | _secret, optional=_secret
    ),
    "Trial": record(
        "What was queued.", {"notification": id_of("Its id: GET /v1/notifications/{id} tells how far it is")}
    ),
    "Alert": record(
        "One thing about one target that people hear of.",
        {
            "id": id_of("The alert's id"),
            "kind": one_of(
                ALERT_KINDS,
                "`verdict`: a target at risk or off track. `slipping`, `stalled`: its last open days bring too little,"
                " or next to nothing. `stale`: no data comes. `check_in`: people are asked why a checkpoint is bad, and"
                " nobody has answered. `milestone_due`: a milestone due soon or overdue."
                " `endpoint_failing`: a webhook that was disabled. These fire until they are over; the others are told:"
                " `checkpoint`, `attainment`, `outcome`, `achievement`, `news`; `trial`: a subscription was tried out",
            ),
            "target": id_of("The target that it is about; all zeros when it is about none"),
            "scope": text("The part of the target: the id of a checkpoint or milestone, a subscription; often empty"),
            "state": one_of(State, "`firing` or `resolved`; `none` for what is only told"),
            "episode": whole("How often it has fired, or has been told anew; 0 before the first", 1),
            "severity": or_null(one_of(WORSENING, "How bad, while it fires. Null otherwise")),
            "since": instant("In this state; in UTC"),
            "opened_at": instant("When it came up; in UTC"),
            "reason": or_null(text("Why it was resolved: the status that is good again, or what ended it", "on_track")),
            "told": whole("Messages that were queued, in all episodes", 1),
            "told_at": or_null(instant("When the last of them was; in UTC")),
            "withheld": or_null(text("Why the last ones were not told", "cancelled")),
            "position": whole("Where in the log it came up", 1239),
        },
    ),
    "AlertPage": page("Alert", "the position of the last alert here"),
    "Attempt": record(
        "One try to deliver a notification.",
        {
            "attempt": whole("From 1", 1),
            "began_at": instant("When; in UTC"),
            "ended_at": or_null(instant("When it was known what came of it; in UTC")),
            "outcome": or_null(one_of(ATTEMPT_OUTCOMES, "What came of it. Null while nobody knows")),
            "answer": or_null(text("What the other side said, when it was delivered", "204")),
            "reason": or_null(text("Why it failed")),
            "next_at": or_null(instant("When it is tried again; in UTC. Null when it is not")),
        },
    ),
    "ToldNotification": record(
        "A notification that came of a fact.",
        {
            "id": id_of("The notification's id"),
            "recipient": text("Who was told", "ana@example.com"),
            "subscription": id_of("By which subscription"),
            "channel": one_of(CHANNELS, "Where"),
            "state": one_of(DeliveryState, "How far it is"),
            "reason": or_null(text("Why it waits, is dead or was cancelled")),
            "answer": or_null(text("What the other side said", "204")),
            "queued_at": instant("When; in UTC"),
            "attempts": list_of(named("Attempt"), "Each try; an inbox needs none"),
        },
    ),
    "Reason": record(
        "A fact of the alert, and what it hangs together with.",
        {
            "fact": named("Fact", "What happened to the alert"),
            "rests_on": or_null(named("Fact", "What made it so, such as a checkpoint's evaluation")),
            "notifications": list_of(named("ToldNotification"), "What came of it"),
        },
    ),
}
SCHEMAS["Why"] = page("Reason", "the version of the last fact here", {"alert": named("Alert")})
