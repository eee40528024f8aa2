"""What is answered about members, field by field, for the documentation."""

from api.documentation.schemas import (
    Schema,
    amount,
    day,
    flag,
    id_of,
    instant,
    one_of,
    or_null,
    page,
    record,
    share,
    text,
    whole,
)
from domain.target import State

_since = or_null(day("Its first day as a member, in its own time zone. Null: its own first day"))
_until = or_null(day("Its last day as a member, inclusive. Null: its own last day"))
_parts = {
    "actual": or_null(amount("What it has brought")),
    "expected": or_null(amount("What was expected of it by now")),
    "goal": or_null(amount("What is expected of it in all")),
    "numerator": amount("Of a ratio: its numerator"),
    "denominator": amount("Of a ratio: its denominator"),
    "ratio": or_null(amount("Of ratios: all numerators by all denominators. Null while there is nothing to divide by")),
}
_share = record(
    "In the unit of the parent, while it is a member. Null where the parent's period cuts one of its days in two.",
    {name: what for name, what in _parts.items() if name != "ratio"},
    optional=("actual", "expected", "goal", "numerator", "denominator"),
)
_sum = record(
    "What all members that count bring while they are members. Null where that of one can't be told.",
    _parts,
    optional=tuple(_parts),
)
_unallocated = record(
    "What the members leave of it; below zero where they have more. Null of a ratio.",
    {"goal": or_null(amount("Its goal less theirs")), "actual": or_null(amount("Its actual less what they bring"))},
)

SCHEMAS: dict[str, Schema] = {
    "Membership": record(
        "That one target belongs to another, and when.",
        {
            "membership": id_of("Of the membership itself"),
            "parent": id_of("The target that it belongs to"),
            "target": id_of("The member"),
            "since": _since,
            "until": _until,
        },
    ),
    "Child": record(
        "A target while it is a member; its figures are its own.",
        {
            "membership": id_of("Of the membership: one that left and came back has two"),
            "target": id_of("The member"),
            "name": text("What people call it"),
            "since": _since,
            "until": _until,
            "counts": flag("Whether it counts: not while it is a draft, nor once it is cancelled"),
            "state": one_of(State, "As of the target itself"),
            "status": text("Its official status", "on_track"),
            "live_status": text("What an evaluation at this moment would say", "on_track"),
            "unit": text("What its own figures are in", "USD"),
            "goal": or_null(amount("Of its own")),
            "actual": or_null(amount("Of its own")),
            "expected": or_null(amount("Of its own")),
            "pace_index": or_null(share("Of its own")),
            "progress": or_null(share("Of its own")),
            "share": or_null(_share),
        },
    ),
    "ChildPage": page("Child", "the membership of the last one here"),
    "MembershipPage": page("Membership", "there is one page"),
    "RollUp": record(
        "What a target says of itself, and what its members come to.",
        {
            "roll_up": flag("Whether it counts what its members count, and nothing else"),
            "members": whole("How many targets belong to it and count", 3),
            "goal": or_null(amount("Its own; of a roll-up the sum of theirs. Null where there is none")),
            "actual": or_null(amount("Its own")),
            "expected": or_null(amount("Its own")),
            "sum": or_null(_sum),
            "unallocated": or_null(_unallocated),
            "overlap": or_null(
                amount(
                    "What `sum.actual` has more because two members count the same sales. Null where that takes"
                    " counting (ask with `count_overlap=true`), and of ratios"
                )
            ),
            "as_of": instant("What the figures are for; in UTC"),
            "position": whole("Everything in the log up to there is in it", 1234),
        },
    ),
    "Place": record(
        "A member on a leaderboard.",
        {
            "rank": or_null(whole("1 for the one that is ahead; equal ones share it. Null without a value", 1)),
            "target": id_of("The member"),
            "name": text("What people call it"),
            "owner": or_null(text("Who is accountable for it", "ana@example.com")),
            "value": or_null(text("What it is ranked by: a share with four places, or an amount", "0.5167")),
        },
    ),
    "LeaderboardPage": page("Place", "how many came before"),
}
