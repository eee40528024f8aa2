"""A finding in plain words, and how checks are made: side by side, each on its own, none for long."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from deploy.logs import PASSWORD


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """about: what was looked at, in a word or two; says: a sentence; do: what to do about it, "" when nothing."""

    level: Level
    about: str
    says: str
    do: str = ""


def ok(about: str, says: str) -> Finding:
    return Finding(Level.OK, about, says)


def warning(about: str, says: str, do: str) -> Finding:
    return Finding(Level.WARNING, about, says, do)


def wrong(about: str, says: str, do: str) -> Finding:
    return Finding(Level.WRONG, about, says, do)


@dataclass(frozen=True)
class Server:
    """Where the database or NATS is, and what to do when it does not answer, which depends on whose it is."""

    url: str
    revive: str


Check = Callable[[], Iterable[Finding]]


@dataclass
class Group:
    """Checks of one thing, one after the other. decides: when the first finds something wrong, the others are left."""

    checks: Sequence[tuple[str, Check]]
    decides: bool = False
    end: Callable[[], None] = lambda: None
    found: list[Finding] = field(default_factory=list)
    under_way: str | None = None

    def run(self) -> None:
        try:
            for number, (about, check) in enumerate(self.checks):
                self.under_way = about
                made = _made(about, check)
                self.found.extend(made)
                if self.decides and number == 0 and any(one.level is Level.WRONG for one in made):
                    break
        finally:
            self.under_way = None
            self.end()


def _made(about: str, check: Check) -> list[Finding]:
    try:
        return list(check())
    except Exception as error:  # noqa: BLE001 - a check that fails is a finding, and the others go on
        return [wrong(about, f"this could not be looked at: {sentence(error)}", "see what the other lines say")]


def sentence(error: Exception) -> str:
    """What an error says, in one line, as far as no password can be in it."""
    library = type(error).__module__.partition(".")[0]
    if library not in ("psycopg", "builtins", "nats") or isinstance(error, ValueError | KeyError | TypeError):
        return type(error).__name__
    said = " ".join(str(error).split()) or (
        "no answer in time" if isinstance(error, TimeoutError) else type(error).__name__
    )
    return PASSWORD.sub(r"\1\2***", said)[:200]


def examine(groups: Sequence[Group], within_s: float) -> list[Finding]:
    """All findings, in the order of the groups; what was not done by then is said to be so."""
    deadline = time.monotonic() + within_s
    # A check that hangs holds nothing: its thread ends with the process.
    threads = [threading.Thread(target=group.run, daemon=True) for group in groups]
    for thread in threads:
        thread.start()
    found: list[Finding] = []
    for group, thread in zip(groups, threads, strict=True):
        thread.join(max(0.0, deadline - time.monotonic()))
        under_way, made = group.under_way, list(group.found)
        found += made
        if under_way is not None:
            found.append(wrong(under_way, f"no answer within {within_s:g} s", "look at it first: others may wait too"))
    return found
