"""`back-test`: how often forecasts were right, of targets that are over."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import orjson
import typer

from deploy.commands.checking import progress_bar
from deploy.commands.options import DataOption, JsonOption, opened_store
from deploy.trouble import Trouble
from domain.alerts.wording import counted
from domain.money import decimal_shown

if TYPE_CHECKING:
    from domain.back_test import Bucket, Score
    from projections.back_testing import Trial
    from projections.store import Store

PLACES = 4
WITHIN_A_RANGE = "P10 to P90 are to contain 4 in 5"


def back_test(
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TARGET",
            help="Its id, four characters or more of one's beginning, or its name. Default: every one that is over",
        ),
    ] = None,
    as_json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Say how often forecasts were right: of targets that are over, at each checkpoint, against what came.

    A forecast is made as it would have been at the cut-off: of the sales that had occurred before it, and by the plan
    that was in force then. A sale that was recorded late, and what corrected it, count at their own time, as is known
    now. The closing checkpoint is left out, and so are levels to be kept and ratios, which have no forecast.
    """
    with opened_store(data) as store, progress_bar("Forecasting") as progress:
        ids = chosen(store, targets or [])
        from projections.back_testing import back_test as tested_of

        tested = tested_of(store, ids, progress)
    for line in json_lines(tested) if as_json else lines_of(tested):
        print(line)


def chosen(store: "Store", said: Sequence[str]) -> list[UUID]:
    """The targets that are meant, each once; without any, all that are over. Raises Trouble, or Refused for names."""
    from projections.back_testing import OVER, closed_targets, standing_of
    from projections.target_names import find_target

    if not said:
        if found := closed_targets(store):
            return found
        raise Trouble("no target is over yet: a forecast can be tested once it is known what came")
    ids = list(dict.fromkeys(find_target(store, one) for one in said))
    for one in ids:
        standing = standing_of(store, one)
        if standing is None:
            raise Trouble(f"there is no target {one}")
        name, state = standing
        if state not in OVER:
            raise Trouble(f"{name} is {state}: a forecast can be tested once its target is closed")
    return ids


# For people


def lines_of(tested: "Sequence[Trial]") -> Iterator[str]:
    """What `back-test` prints."""
    from domain.back_test import score

    for one in tested:
        yield _plain(f"{one.name}: {_in_short(score(one.scored))}")
    found = score(scored for one in tested for scored in one.scored)
    if len(tested) > 1:
        yield f"All {len(tested):,} targets: {_in_short(found)}"
    if found.error is None:
        return
    yield ""
    yield f"P50 was off by        {_percent(found.error)} of the way from the baseline to the goal, in the mean"
    if found.contained is None or found.brier is None:
        yield "No forecast had five open days to go by: there is no range and no probability to test"
        return
    yield f"P10..P90 contained    {_percent(found.contained)} of the outcomes: {WITHIN_A_RANGE}"
    yield f"Brier score           {decimal_shown(found.brier, PLACES)}: 0 is the best, always saying 1/2 gives 0.2500"
    yield ""
    yield "Probability    forecasts    said on average    reached the goal"
    yield from map(_bucket, found.calibration)


def _in_short(found: "Score") -> str:
    said = counted(found.forecasts, "forecast")
    if found.insufficient:
        said += f", {found.insufficient:,} of them without a range (under 5 open days)"
    return said if found.contained is None else f"{said}; {_percent(found.contained)} of the outcomes in P10..P90"


def _bucket(one: "Bucket") -> str:
    between = f"{int(one.low * 100)} to {int(one.high * 100)} %"
    return f"{between:<11}  {one.forecasts:>11,}  {_percent(one.said):>17}  {_percent(one.came):>18}"


def _percent(share: Fraction) -> str:
    return f"{decimal_shown(share * 100, 2)} %"


def _plain(text: str) -> str:
    # Names come from outside: what is no printable character must not reach the terminal.
    return "".join(sign if sign.isprintable() else "?" for sign in text)


# For programs


def json_lines(tested: "Sequence[Trial]") -> Iterator[str]:
    """One line for each target, then one for all."""
    from domain.back_test import score

    for one in tested:
        said = {"id": one.id, "name": one.name}
        yield orjson.dumps({"target": said | _members(score(one.scored))}).decode()
    found = score(scored for one in tested for scored in one.scored)
    yield orjson.dumps({"all": {"targets": len(tested)} | _members(found)}).decode()


def _members(found: "Score") -> dict[str, Any]:
    shares = {"error": found.error, "contained": found.contained, "brier": found.brier}
    buckets = [
        {
            "low": _share(one.low),
            "high": _share(one.high),
            "forecasts": one.forecasts,
            "said": _share(one.said),
            "came": _share(one.came),
        }
        for one in found.calibration
    ]
    counts = {"forecasts": found.forecasts, "insufficient": found.insufficient}
    return counts | {name: _share(share) for name, share in shares.items()} | {"calibration": buckets}


def _share(value: Fraction | None) -> str | None:
    return None if value is None else decimal_shown(value, PLACES)
