"""Targets as chance has people say them. More kinds and pacings are added to the lists here."""

from collections.abc import Callable, Sequence
from datetime import date
from random import Random
from typing import Any

from domain.calendar import calendar_of
from domain.definition import Measure, Pacing, Versus
from domain.metric import Metric
from domain.pace import Weighting
from domain.plan import Plan
from tests.domain.scratch.days import DAY, WEEKDAYS, Words
from tests.plain_figures.dates import months_later
from tests.words import REVENUE, plan

FIRST = date(2026, 10, 28)
ZONES = ("UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")
LISTED = "a list: the first days, and an instant"
SCHEDULES = (
    None,
    "FREQ=WEEKLY;BYDAY=FR",
    "FREQ=WEEKLY;BYDAY=MO;INTERVAL=2",
    "FREQ=WEEKLY;BYDAY=TU,FR;BYHOUR=17;BYMINUTE=30",
    "FREQ=WEEKLY;BYDAY=SU;BYHOUR=2;BYMINUTE=15",
    "FREQ=MONTHLY;BYMONTHDAY=10",
    "FREQ=MONTHLY;BYMONTHDAY=-1",
    "FREQ=DAILY;INTERVAL=3",
    LISTED,
)
LASTS_DAYS = (14, 1, 7, 21, 30, 41)
SCOPES: tuple[dict[str, list[str]], ...] = ({}, {}, {"region": ["emea"]}, {"region": ["us", "emea"], "rep": ["ana"]})
METRICS = ("revenue", "revenue", "revenue", "margin")
GOALS = ("10.00", "0.01", "20.00", "50.00", "100.00")
PACINGS = (None, "equal_steps", "linear")
SALES_PACINGS = (*PACINGS, "business_days", "weighted", "last_year", "explicit")
THRESHOLDS = (None, None, {"ahead": "1.2", "at_risk": "0.5"})
MARGIN = Metric("margin", "USD", 2)
TOLD_OTHERWISE = ("numerator", "denominator", "pacing", "weights", "points", "closed", "half", "comparison")
RATIOS = ("0.5", "1", "0.333333")
MODES = ("gain", "level")
REVISED_GOALS = {
    "cumulative": GOALS,
    "uplift": ("+10 %", "+50%", *GOALS),
    "from_to": ("15.00", "25.00", "-5.00"),
    "ratio": ("0.5", "1", "2"),
}


def cumulative(chance: Random) -> Words:
    words = _common(chance, SALES_PACINGS) | {"kind": "cumulative", "goal": chance.choice(GOALS)}
    if words["start"] == words["end"] and "points" in words:
        words["points"] = [(words["end"], words["goal"])]
    return words


def uplift(chance: Random) -> Words:
    words = _common(chance, SALES_PACINGS[:-1])
    goal = chance.choice(("+10 %", "+50%", *GOALS))
    return words | _compared(chance, words["start"]) | {"kind": "uplift", "goal": goal, "mode": chance.choice(MODES)}


def _compared(chance: Random, start: date) -> Words:
    """With a whole month before, or with a few days, that only their numbers can align."""
    if chance.randrange(2):
        before = (months_later(start, -1), start - DAY)
        return {"comparison": before, "align": chance.choice((None, "same_date", "same_weekday", "day_index"))}
    last = start - DAY * chance.choice((1, 4))
    return {"comparison": (last - DAY * chance.choice((3, 13)), last), "align": "day_index"}


def from_to(chance: Random) -> Words:
    words = _common(chance, PACINGS)
    baseline, goal = chance.choice((("10.00", "20.00"), ("20.00", "5.00"), ("0.00", "-3.00")))
    return words | {"kind": "from_to", "baseline": baseline, "goal": goal}


def keep(chance: Random) -> Words:
    low, high = chance.choice((("5.00", "10.00"), (None, "10.00"), ("-1.00", None)))
    share = chance.choice((None, "0.5", "0.75"))
    bounds = {"bounds_min": low, "bounds_max": high}
    return _common(chance, PACINGS) | bounds | {"kind": "keep", "goal": None, "pass_share": share}


def ratio(chance: Random) -> Words:
    words = _common(chance, PACINGS)
    parts = {
        name: {"metric": chance.choice(METRICS), "scope": chance.choice(SCOPES)}
        for name in ("numerator", "denominator")
    }
    del words["metric"], words["scope"]
    return words | parts | {"kind": "ratio", "goal": chance.choice(RATIOS)}


KINDS: list[Callable[[Random], Words]] = [*[cumulative] * 4, uplift, uplift, from_to, keep, ratio]


def _common(chance: Random, pacings: tuple[str | None, ...]) -> Words:
    start = FIRST + DAY * chance.randrange(9)
    days = chance.choice(LASTS_DAYS)
    schedule, pacing = chance.choice(SCHEDULES), chance.choice(pacings)
    words = {
        "metric": chance.choice(METRICS),
        "start": start,
        "end": start + DAY * (days - 1),
        "time_zone": chance.choice(ZONES),
        "schedule": _listed(start, days) if schedule == LISTED else schedule,
        "pacing": pacing,
        "scope": chance.choice(SCOPES),
        "refunds": chance.choice(("own_date", "clawback")),
        "thresholds": chance.choice(THRESHOLDS),
    }
    return words | _paced(chance, words, days)


def _listed(start: date, days: int) -> list[str]:
    return [f"{start + DAY * number}" for number in range(min(4, days))] + [f"{start + DAY}T14:00:00Z"][: days - 1]


def _paced(chance: Random, words: Words, days: int) -> Words:
    """What a pacing is said with."""
    start: date = words["start"]
    weekday = WEEKDAYS[start.weekday()]
    match words["pacing"]:
        case "business_days":
            closed = [name for name in ("SA", "SU", "WE") if name != weekday]
            return {"closed": closed, "half": [f"{start + DAY * 2}"]}
        case "weighted":
            return {"weights": {name: chance.choice(("0", "1", "2.5")) for name in WEEKDAYS} | {weekday: "1"}}
        case "explicit":
            return {"points": [(start + DAY * (days // 3), "0.01")]}
        case "last_year" if chance.randrange(6):
            return _compared(chance, start)
    return {}


def revision(chance: Random, words: Words, pacing: str) -> Words:
    """What is to change, by its words; pacing: the one in force."""
    choices: list[Callable[[], Words]] = [lambda: {"thresholds": {"ahead": f"1.{chance.randint(10, 99)}"}}]
    if pacing != "explicit":
        choices.append(lambda: {"end": words["end"] + DAY * chance.choice((1, 3, 10))})
        choices.append(lambda: {"schedule": _other(chance, SCHEDULES[1:-1], words["schedule"])})
        if words["kind"] != "keep":
            choices += [lambda: {"goal": _other(chance, REVISED_GOALS[words["kind"]], words["goal"])}] * 4
    if pacing in ("equal_steps", "linear"):
        choices.append(lambda: {"pacing": "linear" if pacing == "equal_steps" else "equal_steps"})
    if words["kind"] == "keep":
        choices.append(lambda: {"bounds_max": _other(chance, ("12.00", "20.00", "30.00"), words["bounds_max"])})
    if words["kind"] == "from_to":
        choices.append(lambda: {"baseline": _other(chance, ("1.00", "12.00", "19.99"), words["baseline"])})
    if words["kind"] in ("cumulative", "from_to") and pacing != "last_year":
        choices.append(lambda: {"scope": _other(chance, SCOPES[1:], words["scope"])})
        choices.append(lambda: {"refunds": _other(chance, ("own_date", "clawback"), words["refunds"])})
    return chance.choice(choices)()


def _other(chance: Random, choices: Sequence[Any], than: Any) -> Any:
    return chance.choice([one for one in choices if one != than])


# As the product takes them


def changes_said(changes: Words) -> dict[str, Any]:
    """What a revision changes, by field of a definition."""
    said = {"checkpoints" if name == "schedule" else name: what for name, what in changes.items()}
    if "pacing" in said:
        said["pacing"] = Pacing(said["pacing"])
    return said


def plan_said(words: Words) -> Plan:
    said: dict[str, Any] = {name: what for name, what in words.items() if name not in TOLD_OTHERWISE}
    if words["kind"] == "ratio":
        said["metric"] = None
        said |= {name: Measure(**words[name], unit="USD") for name in ("numerator", "denominator")}
    else:
        said["metric"] = REVENUE if words["metric"] == "revenue" else MARGIN
    if words["pacing"] is not None:
        weighting = Weighting("weekday", words["weights"]) if "weights" in words else None
        said["pacing"] = Pacing(words["pacing"], weighting, words.get("points"))
    if "closed" in words:
        said["calendar"] = calendar_of(closed=words["closed"], days=dict.fromkeys(words["half"], "half"))
    if "comparison" in words:
        said["comparison"] = Versus(*words["comparison"])
    return plan(**said)
