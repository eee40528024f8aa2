"""What is sent about subscriptions, field by field; the rules themselves are the domain's."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, WithJsonSchema

from api.definition_bodies import PERSON, Strict
from domain.alerts.kinds import CONDITION_KINDS, FACT_KINDS, KINDS
from domain.alerts.subscribing import Wanted
from domain.alerts.subscription import CHANNELS
from domain.delivery.endpoint import URL_LENGTH_MAX
from domain.refusal import Refused

EVERY = "*"


KIND = Annotated[str, WithJsonSchema({"type": "string", "enum": list(KINDS)})]
"""In the documentation alone: the domain says which there are, and refuses others in its own words."""
_FACTS, _CONDITIONS = (", ".join(f"`{kind}`" for kind in kinds) for kinds in (FACT_KINDS, CONDITION_KINDS))
WHAT = (
    "What to hear of, at least one. **Conditions**, from when they come up until they are over: the target is at risk"
    f" or off track, a milestone is due soon or overdue ({_CONDITIONS}). **Facts**, each time they happen, such as"
    f" `checkpoint.evaluated` for each verdict, good ones too ({_FACTS})"
)


class ChannelBody(Strict):
    """Where messages go."""

    kind: str = Field(
        description="`webhook`: a POST to `url`, signed as Standard Webhooks say. `nats`: the subject"
        " `notifications.<recipient>`. `inbox`: GET /v1/inbox",
        examples=["webhook"],
        json_schema_extra={"enum": list(CHANNELS)},
    )
    url: str | None = Field(
        default=None,
        description=f"Of a webhook, and needed there: http or https, up to {URL_LENGTH_MAX:,} characters, without a"
        " user name; its host must not lead to an address inside your network. Never shown again",
        examples=["https://hooks.example.com/milemarker"],
    )


class SubscriptionBody(Strict):
    """Who hears of what about which target, and where."""

    recipient: str = Field(
        description=f"Who hears of it: {PERSON}. An inbox is read with a key of this name; a subscriber subscribes"
        " itself. On NATS it is the end of a subject: no spaces, `*` or `>`",
        examples=["ana@example.com"],
    )
    target: str = Field(
        description=f"The id of a target, or `{EVERY}` for every one, later ones too",
        examples=["0b8f6f9e-51d4-4d2a-9f0a-0d7c8c1f6a55", EVERY],
    )
    kinds: list[KIND] = Field(description=WHAT, examples=[["checkpoint.evaluated", "alert.verdict", "target.attained"]])
    channel: ChannelBody = Field(
        description="Where it hears: one place; subscribe again for another", examples=[{"kind": "inbox"}]
    )

    @property
    def wanted(self) -> Wanted:
        return Wanted(self.recipient, target_of(self.target), self.kinds, self.channel.kind, self.channel.url)


class SubscriptionChange(Strict):
    """What is to be otherwise; what is left out stays as it is."""

    kinds: list[KIND] | None = Field(
        default=None, description=f"Instead of those before. {WHAT}", examples=[["alert.verdict"]]
    )
    channel: ChannelBody | None = Field(
        default=None,
        description="Of a webhook alone: its `kind` and another `url`. The same URL enables one that was disabled",
        examples=[{"kind": "webhook", "url": "https://hooks.example.com/milemarker"}],
    )
    rotate_secret: bool = Field(
        default=False,
        description="Of a webhook alone: make a new `secret`, which is answered once. The one before it signs too",
        examples=[True],
    )


BODIES = (SubscriptionBody, SubscriptionChange)
"""For the documentation."""


def target_of(text: str) -> UUID | None:
    """The target that a subscription names; None for every one."""
    if text == EVERY:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise Refused(
            "unknown_target", f'target is the id of a target, or "{EVERY}" for every one', "/target"
        ) from None
