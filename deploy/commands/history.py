"""`history`: a target as it stood at a moment, and the facts that made it so."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
import typer

from deploy.commands.options import DataOption, JsonOption, opened_store
from deploy.trouble import Trouble

if TYPE_CHECKING:
    from deploy.history_words import Words
    from domain.plan import Plan
    from projections.checkpoints import Evaluation
    from projections.counted_then import Added
    from projections.history import History, Moment, Stood, Told
    from projections.store import Store

T_WORDS = "a date (its end where the target is), or a date-time with an offset"
POSITION_DIGITS_MAX = 18
AsOfOption = Annotated[
    str | None,
    typer.Option(metavar="T", help=f"Only what had happened by then: {T_WORDS}. Default: all", show_default=False),
]
KnownAtOption = Annotated[
    str | None,
    typer.Option(
        metavar="T", help=f"Only what was recorded by then: {T_WORDS}, or a position. Default: all", show_default=False
    ),
]
AllOption = Annotated[bool, typer.Option("--all", help="Each commit of sales by itself, not one line a day.")]


def history(
    target: Annotated[
        str, typer.Argument(metavar="TARGET", help="Its id, four characters or more of one's beginning, or its name")
    ],
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    all_of_them: AllOption = False,
    as_json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Show a target as it stood, and the facts that made it so, oldest first.

    --known-at is what was known then, as it was reported; --as-of is what had happened by then, with all that is
    known of it by now: late sales, voids and corrections count at the time of their sale. Both together: what was
    known then of what had happened by then. Commits of sales are one line a day, unless --all is given.
    """
    asked = Asked(as_of, known_at, datetime.now(UTC))
    with opened_store(data) as store:
        for line in lines_of(store, target, asked, all_of_them=all_of_them, as_json=as_json):
            print(line)


@dataclass(frozen=True)
class Asked:
    """The moment as it was typed, and when."""

    as_of: str | None
    known_at: str | None
    now: datetime


def lines_of(store: "Store", target: str, asked: Asked, *, all_of_them: bool, as_json: bool) -> Iterator[str]:
    """What `history` prints. Raises Trouble or Refused for what can't be looked back at."""
    from deploy.history_words import Words
    from projections.history import History
    from projections.target_names import find_target

    target_id = find_target(store, target)
    looked = History(store, target_id, _moment(store, target_id, asked))
    stood = looked.stood()
    if as_json:
        yield from _json(looked, stood)
    else:
        yield from _words(looked, stood, Words(stood.plan), all_of_them)


def _moment(store: "Store", target_id: UUID, asked: Asked) -> "Moment":
    from projections.history import Moment, defined_plan
    from projections.known_times import position_known_at, recorded_at

    top, now = store.app.recorder.max_notification_id() or 0, asked.now
    zone = defined_plan(store, target_id, top).time_zone
    position, as_known = top, now
    if asked.known_at is not None and asked.known_at.isascii() and asked.known_at.isdecimal():
        position = read_position(asked.known_at, top)
        as_known = recorded_at(store, position) or now
    elif asked.known_at is not None:
        as_known = read_past(asked.known_at, zone, "--known-at", now)
        # What was recorded at midnight was recorded on the day that begins then.
        end_of_day = timedelta(microseconds=1) if _is_date(asked.known_at) else timedelta()
        position = position_known_at(store, as_known - end_of_day)
    by = min(now, as_known) if asked.as_of is None else read_past(asked.as_of, zone, "--as-of", now)
    return Moment(position, by, cut=asked.as_of is not None)


def read_position(text: str, top: int) -> int:
    """Of digits. Raises Trouble when it is beyond the log's last, `top`."""
    if len(text) > POSITION_DIGITS_MAX or int(text) > top:
        raise Trouble(f"--known-at {text[:40]} is beyond the log, whose last position is {top:,}")
    return int(text)


def read_past(text: str, time_zone: str, option: str, now: datetime) -> datetime:
    """As read_time; of a day that is not over yet, now. Raises Trouble for what is still to come."""
    at = read_time(text, time_zone, option)
    if at <= now:
        return at
    there = now.astimezone(ZoneInfo(time_zone))
    if _is_date(text) and date.fromisoformat(text) <= there.date():
        return now
    raise Trouble(f"{option} {text} is still to come: it is {there:%Y-%m-%d %H:%M:%S} now in {time_zone}")


def read_time(text: str, time_zone: str, option: str) -> datetime:
    """In UTC: the end of a local day, or the instant that a date-time with an offset says. Raises Trouble."""
    from domain.period import Period

    if _is_date(text):
        day = date.fromisoformat(text)
        return Period(day, day, time_zone).midnights()[-1]
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass  # said below
    raise Trouble(f"{option} is {T_WORDS}, such as 2026-11-06 or 2026-11-06T17:00:00-05:00, not {text[:40]!r}")


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


# For people


def _words(looked: "History", stood: "Stood", words: "Words", all_of_them: bool) -> Iterator[str]:
    yield from map(_plain, words.lines(stood, looked.moment))
    yield "Facts"
    for run in _runs(looked.facts(), words, all_of_them):
        last = run.last
        said = words.fact(last.fact, last.added, stood.milestones)
        if run.commits > 1:
            said = f"{run.commits:,} commits of {words.sold}: {words.counted(run.added)}"
        yield _plain(f"{last.stored.position:>10,}  {words.time(last.fact.timestamp)}  {last.fact.by}  {said}")


@dataclass
class _Run:
    """Commits of sales on one day with nothing between them; any other fact alone. day: None when it is no such."""

    last: "Told"
    day: date | None
    commits: int
    added: "Added"


def _runs(facts: "Iterable[Told]", words: "Words", all_of_them: bool) -> Iterator[_Run]:
    from projections.counted_then import Added

    run: _Run | None = None
    for told in facts:
        day = None if all_of_them else _day_of_sales(told, words)
        if run is not None and day is not None and day == run.day:
            both = Added(run.added.net + told.added.net, run.added.under + told.added.under)
            run = _Run(told, day, run.commits + 1, both)
            continue
        if run is not None:
            yield run
        run = _Run(told, day, 1, told.added)
    if run is not None:
        yield run


def _day_of_sales(told: "Told", words: "Words") -> date | None:
    if told.stored.topic != "target.progress_recorded" or told.fact.entry.batch is None:
        return None
    at: datetime = told.fact.timestamp
    return at.astimezone(words.zone).date()


def _plain(text: str) -> str:
    # Names, reasons and evidence come from outside: what is no printable character must not reach the terminal.
    return "".join(sign if sign.isprintable() else "?" for sign in text)


# For programs


def _json(looked: "History", stood: "Stood") -> Iterator[str]:
    """One line for the target, then one for each checkpoint, milestone and fact."""
    from projections.facts import tell

    moment, plan = looked.moment, stood.plan
    target = {"id": looked.target_id, "name": plan.name, "unit": plan.unit, "state": stood.status.state}
    at = {"as_of": stood.as_of, "position": moment.position}
    yield _line_of({"target": target | _members(stood.figures) | at})
    for one in stood.evaluations:
        yield _line_of({"checkpoint": _checkpoint(one, plan)})
    for milestone_id, planned in stood.milestones.items():
        of = {"name": planned.name, "due": planned.due, "stage": planned.stage, "achieved": planned.achieved}
        tasks = [{"id": task.id, "name": task.name, "done": task.id in planned.done} for task in planned.tasks]
        yield _line_of({"milestone": {"id": milestone_id} | of | {"tasks": tasks}})
    for told in looked.facts():
        yield f'{{"fact":{tell(told.stored).body.decode()}}}'


def _checkpoint(one: "Evaluation", plan: "Plan") -> dict[str, Any]:
    from domain.figures import reading_shown

    said: dict[str, Any] = {"number": one.number, "cutoff": one.cutoff, "closing": one.closing}
    said |= {"state": "settled" if one.settled else "provisional", "evaluated_at": one.evaluated_at}
    reported = reading_shown(one.reported, plan)
    now = reported if one.restated is None else reading_shown(one.restated.new, plan)
    return said | now | {"reported": reported}


def _members(what: Any) -> dict[str, Any]:
    return {name: getattr(what, name) for name in what.__dataclass_fields__}


def _line_of(said: dict[str, Any]) -> str:
    return orjson.dumps(said, option=orjson.OPT_UTC_Z).decode()
