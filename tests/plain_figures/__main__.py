"""What an uplift over an earlier period must come to, in each mode, alignment and pacing, as tables and as JSON.

    python -m tests.plain_figures SALES.ndjson.gz --zone Etc/GMT+5 --period 2017-02-01..2017-02-28 \\
        --comparison 2017-01-01..2017-01-31 --goal "+2 %" --weights MO=1,TU=1,WE=1,TH=1,FR=2,SA=3,SU=3 \\
        --closed SA,SU,2017-02-20 --points 2017-02-10=20,2017-02-20=60 --json feb2017.json

Without --comparison the target is cumulative, and --goal is in minor units. --points are in percent of the goal.
"""

import argparse
import json
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.plain_figures import pacings
from tests.plain_figures.comparison import Comparison, gains, levels, uplift
from tests.plain_figures.dates import checkpoints, step_days
from tests.plain_figures.figures import Reading, Verdict, four_places, outcome, readings, verdicts
from tests.plain_figures.sales import net_by_day, read_lines, standing_sales

ALIGNMENTS = ("same_date", "same_weekday", "day_index")
Targets = Iterator[tuple[dict[str, Any], Mapping[date, int], int, Comparison | None]]


def main() -> None:
    asked = arguments()
    net = net_by_day(standing_sales(chain.from_iterable(map(read_lines, asked.files))), ZoneInfo(asked.zone))
    worked_out = [
        worked(named | {"pacing": pacing}, asked, actuals, goal, comparison)
        for named, actuals, goal, comparison in targets(asked, net)
        for pacing in paced(asked, comparison)
    ]
    for target in worked_out:
        print_table(target)
    if asked.json:
        asked.json.write_text(json.dumps(worked_out, indent=1) + "\n")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="plain_figures", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--zone", default="UTC")
    parser.add_argument("--period", type=period, required=True, metavar="START..END")
    parser.add_argument("--comparison", type=period, metavar="START..END")
    parser.add_argument("--goal", required=True, help='"+2 %%", or minor units')
    parser.add_argument("--checkpoints", default="FREQ=WEEKLY;BYDAY=FR")
    parser.add_argument("--weights", type=pairs, metavar="MO=1,...")
    parser.add_argument("--closed", type=names, default=["SA", "SU"], metavar="SA,SU,DATE,...")
    parser.add_argument("--half", type=names, default=[], metavar="DATE,...")
    parser.add_argument("--points", type=pairs, metavar="DATE=PERCENT,...")
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser.parse_args()


def period(said: str) -> tuple[date, date]:
    first, last = map(date.fromisoformat, said.split(".."))
    return first, last


def names(said: str) -> list[str]:
    return said.split(",")


def pairs(said: str) -> dict[str, Fraction]:
    return {name: Fraction(value) for name, value in (pair.split("=") for pair in said.split(","))}


def targets(asked: argparse.Namespace, net: Mapping[date, int]) -> Targets:
    """Each target's names, A by day, goal and comparison."""
    reached = levels(net, *asked.period)
    if asked.comparison is None:
        yield {"kind": "cumulative"}, reached, int(asked.goal), None
        return
    for align in ALIGNMENTS:
        first, last = asked.comparison
        start, end = asked.period
        comparison = Comparison(first, last, net, align, start, end)
        delta = uplift(comparison.total, asked.goal)
        known = {"comparison_total": comparison.total, "delta": delta}
        for mode, actuals, goal in (
            ("gain", gains(net, comparison), delta),
            ("level", reached, comparison.total + delta),
        ):
            yield {"kind": "uplift", "mode": mode, "align": align, **known}, actuals, goal, comparison


def paced(asked: argparse.Namespace, comparison: Comparison | None) -> list[str]:
    """The pacings whose arguments were given."""
    return [
        "equal_steps",
        "linear",
        "business_days",
        *(["weighted"] if asked.weights else []),
        *(["last_year"] if comparison else []),
        *(["explicit"] if asked.points else []),
    ]


def weights_of(
    pacing: str,
    asked: argparse.Namespace,
    comparison: Comparison | None,
    points: list[tuple[date, int]],
    goal: int,
) -> pacings.Weights:
    start, end = asked.period
    match pacing:
        case "equal_steps":
            return pacings.equal_steps(start, end, step_days(asked.checkpoints, start, end))
        case "linear":
            return pacings.linear(start, end)
        case "business_days":
            return pacings.business_days(start, end, asked.closed, asked.half)
        case "weighted":
            return pacings.weighted(start, end, asked.weights)
        case "explicit":
            return pacings.explicit(start, end, points, goal)
    assert comparison is not None
    return pacings.last_year(comparison)


def worked(
    named: dict[str, Any],
    asked: argparse.Namespace,
    actuals: Mapping[date, int],
    goal: int,
    comparison: Comparison | None,
) -> dict[str, Any]:
    """One target's object in the JSON; every amount in minor units."""
    start, end = asked.period
    points = [(date.fromisoformat(day), round(goal * part / 100)) for day, part in (asked.points or {}).items()]
    weights = weights_of(named["pacing"], asked, comparison, points, goal)
    by_day = readings(weights, actuals, goal)
    judged = verdicts(by_day, checkpoints(asked.checkpoints, start, end, named["pacing"]))
    return {
        **named,
        "goal": goal,
        **({"points": {day.isoformat(): value for day, value in points}} if named["pacing"] == "explicit" else {}),
        "checkpoints": [checkpoint_shown(verdict) for verdict in judged],
        "outcome": outcome(by_day[end]),
        "days": [shown(reading) for reading in by_day.values()],
    }


def shown(reading: Reading) -> dict[str, Any]:
    return {
        "day": reading.day.isoformat(),
        "weight": str(reading.weight),
        "expected": round(reading.expected),
        "expected_exact": str(reading.expected),
        "actual": reading.actual,
        "variance": round(reading.variance),
        "pace_index": four_places(reading.pace),
    }


def checkpoint_shown(verdict: Verdict) -> dict[str, Any]:
    return {
        "number": verdict.number,
        "closing": verdict.closing,
        **shown(verdict.reading),
        "status": verdict.status,
        "step": {"expected": verdict.step_expected, "actual": verdict.step_actual},
    }


def print_table(target: dict[str, Any]) -> None:
    named = " ".join(str(target[name]) for name in ("kind", "mode", "align", "pacing") if name in target)
    print(f"{named}: goal {target['goal']}, {target['outcome']}")
    for row in target["checkpoints"]:
        print(
            f"  {row['number']} {row['day']} E {row['expected']:>10} A {row['actual']:>10} V {row['variance']:>10}"
            f" PI {row['pace_index'] or '-':>8} step E {row['step']['expected']:>9} A {row['step']['actual']:>9}"
            f" {row['status']}{', closing' if row['closing'] else ''}"
        )


if __name__ == "__main__":
    main()
