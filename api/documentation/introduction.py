"""What /docs says first: how to begin, what holds everywhere, and what each group of routes is for."""

from typing import Any

DESCRIPTION = """
Targets, sales and what they come to, for programs. [The page](/) shows the same to people.

**While you are signed in on the page in this browser, "Try it out" acts as you, on real data:** what you define,
cancel or send here is defined, cancelled or sent, and people may be told of it. Signed out, every request under `/v1`
needs a key.

### How to begin

1. **A key.** `milemarker keys create --role admin --name ana@example.com` shows one; programs send it as
   `Authorization: Bearer mm_...`, and here the button *Authorize* takes it. For a service that only sends sales, make
   one with the role `publisher`.
2. **A target.** `POST /v1/targets` with the example there, its `goal`, `start` and `end` made your own, and
   `"activate": true`. Keep the `id` of the answer.
3. **A sale.** `POST /v1/sales` with the target's `metric` and `unit`, an `id` of your own, and dimensions that match
   its `scope`. Sending the same again counts once.
4. **The status.** `GET /v1/targets/{id}?min_position=` with the `position` of the answer before: it waits until that
   sale is in it.
5. **To hear of it.** `POST /v1/subscriptions` with `"channel": {"kind": "inbox"}`, then `GET /v1/inbox`; or by a
   webhook, or on NATS.

### What holds everywhere

- Amounts are decimal strings such as `"19.99"`; times carry an offset, and are answered in UTC.
- Every list is `{"items": [...], "next": cursor or null}`, with `?limit=` (1 to 1,000; 100 if left out) and `?after=`.
- Every write answers with `Milemarker-Position`; a read with `?min_position=` waits for it.
- What makes something new takes an `Idempotency-Key`: the same again makes nothing more. What changes a target or a
  milestone takes `If-Match`: it is refused when somebody else has changed the thing first.
- Unknown fields and parameters are refused. A body has up to 1 MiB, one of sales 10 MiB.
- Errors are problem+json (RFC 9457): `code` names the rule, `detail` says it in a sentence, `errors` say where.
"""

UNFOLDED = {"defaultModelExpandDepth": 3, "defaultModelsExpandDepth": 0}
"""Of Swagger UI: a schema shows its fields with what is said of them; the list of all schemas begins folded."""

TAGS = {
    "targets": "What is to be reached, in which period, by which sales; and where each stands.",
    "revisions": "What a target is to be from some moment on, and why; what it was first stays shown beside it.",
    "proposals": "Revisions that wait until somebody else has approved them, where the operator wants that.",
    "templates": "Targets that recur: what they look like, and which come next.",
    "sales": "What was sold: sent once or a hundred times, each counts once. Voids and corrections mend it.",
    "checkpoints": "When a target's actual is held against its pace, and what each evaluation said.",
    "milestones": "Points on a target's way, with their tasks: due by a rule, achieved by tasks, a value or by hand.",
    "subscriptions": "Who hears of what about which target, and where.",
    "alerts": "What is at risk, due or news, and the whole chain of why somebody was told.",
    "notifications": "Each message: how far it has got, and every attempt to deliver it.",
    "inbox": "What came in for the name of your key, newest first.",
    "live": "Where a target stands, as it changes: server-sent events.",
    "events": "Every fact in order, for auditors and other systems.",
    "rates": "What one currency is in another, as of a day: for targets that add up several.",
    "metrics": "What sales are counted in; a metric's unit is fixed once.",
    "health": "For machines, without a key: does this process live, can it do its work.",
}
"""In the order in which somebody new reads them."""


def tag_of(path: str) -> str:
    """The group that a route belongs to: the last part of its path that names one."""
    return next(part for part in reversed(path.split("/")) if part in TAGS)


def told_tags() -> list[dict[str, Any]]:
    return [{"name": name, "description": about} for name, about in TAGS.items()]
