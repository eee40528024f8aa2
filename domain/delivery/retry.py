"""When a failed try is followed by another: the ladder of waits, its jitter, and which failures end it at once."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from domain.refusal import Refused

HOUR_S = 3_600.0
RETRY_AFTER_MAX = timedelta(hours=24)
RUNGS_MAX = 50
RUNG_S_MAX = 30 * 24 * HOUR_S
JITTER = 0.2


class Severity(StrEnum):
    """What a failure means for the next try."""

    PASSING = "passing"
    """May go well later: the ladder's next rung."""
    REFUSED = "refused"
    """The message itself is not taken: dead after the third such answer."""
    FINAL = "final"
    """Will never go well: dead at once."""


@dataclass(frozen=True)
class Accepted:
    """The other side has it; `answer` says so in its own words, such as "204"."""

    answer: str


@dataclass(frozen=True)
class Failure:
    """The other side may not have it. `gone`: the endpoint itself says that it is no more."""

    reason: str
    severity: Severity = Severity.PASSING
    retry_after: timedelta | None = None
    gone: bool = False


Outcome = Accepted | Failure


@dataclass(frozen=True)
class Ladder:
    """Seconds before each try, counted from the failure before it; the first try is at once."""

    waits_s: tuple[float, ...]
    repeats_last: bool = False

    def wait_s(self, failed: int) -> float | None:
        """Before the next try after so many failed ones; None when there is none."""
        if failed < len(self.waits_s):
            return self.waits_s[failed]
        return self.waits_s[-1] if self.repeats_last else None


WEBHOOK_LADDER = Ladder(
    (
        *(0.0, 5.0, 300.0, 1_800.0),
        *(2 * HOUR_S, 5 * HOUR_S, 10 * HOUR_S, 14 * HOUR_S, 20 * HOUR_S, 24 * HOUR_S),
    )
)
NATS_LADDER = Ladder((0.0, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0), repeats_last=True)


def read_ladder(text: str) -> Ladder:
    """A ladder as people write it: seconds with commas between. The first try is at once, with or without a 0."""
    try:
        waits = tuple(float(one) for one in text.split(","))
    except ValueError:
        raise Refused("bad_ladder", f"seconds with commas between, such as 0,5,300: not {text[:64]!r}") from None
    if len(waits) > RUNGS_MAX or not all(0 <= one <= RUNG_S_MAX for one in waits):
        raise Refused("bad_ladder", f"at most {RUNGS_MAX} waits, each from 0 to {RUNG_S_MAX:.0f} seconds")
    return Ladder(waits if waits[0] == 0 else (0.0, *waits))


def jittered(wait_s: float, notification: UUID, attempt: int) -> timedelta:
    """The wait up to a fifth shorter or longer: not all that failed together come again together.

    The same notification and attempt always give the same, so that a decision can be replayed.
    """
    drawn = int.from_bytes(sha256(notification.bytes + attempt.to_bytes(8)).digest()[:8]) / 2**64
    return timedelta(seconds=wait_s * (1 - JITTER + 2 * JITTER * drawn))
