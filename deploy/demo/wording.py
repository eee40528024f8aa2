"""How the demo's terminal says things: notifications that stand out, sales that don't, and where everybody stands."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import urljoin

from rich.table import Table
from rich.text import Text

from deploy.demo.company import ZONE
from deploy.demo.live_sales import Rung
from deploy.demo.push import Push
from domain.alerts.wording import counted
from domain.figures import Figures

SAID = {
    "ahead": ("▲", "ahead", "green"),
    "on_track": ("✓", "on track", "green"),
    "at_risk": ("!", "at risk", "yellow"),
    "off_track": ("✕", "off track", "red"),
    "too_early": ("·", "too early to say", ""),
    "not_started": ("·", "not started", ""),
    "attained": ("★", "attained", "magenta"),
    "attainment_lost": ("▼", "attainment lost", "yellow"),
    "exceeded": ("★", "goal exceeded", "magenta"),
    "met": ("★", "goal met", "magenta"),
    "missed": ("✕", "missed", "red"),
    "cancelled": ("–", "cancelled", ""),
    "planned": ("·", "planned", ""),
    "due_soon": ("!", "due soon", "yellow"),
    "overdue": ("✕", "overdue", "red"),
    "achieved": ("✓", "achieved", "green"),
    "waived": ("–", "waived", ""),
}
"""A status, or a milestone's stage -> sign, words and colour, as on the page: a colour says nothing alone."""
BEGUN = {"target.activated", "target.defined"}
NO_ADVICE = ("POST /v1", "PUT /v1", "See on its page")
BAR = "▌"


class Standing(NamedTuple):
    """Of one target: what stands in its line of the table."""

    name: str
    unit: str
    figures: Figures


def dollars(text: str, *, cents: bool = True) -> str:
    amount = Decimal(text)
    return f"{'-' if amount < 0 else ''}${abs(amount):,.{2 if cents else 0}f}"


def said_status(status: str) -> tuple[str, str, str]:
    """Sign, words and colour, of any status."""
    return SAID.get(status, ("·", status.replace("_", " "), ""))


def said_time(at: datetime) -> str:
    return f"{at.astimezone(ZONE):%H:%M:%S}"


def said_sale(rung: Rung, at: datetime) -> Text:
    """One quiet line."""
    sale, dimensions = rung.sale, rung.sale.get("dimensions", {})
    parts = [dimensions.get("channel"), dimensions.get("rep"), rung.region]
    parts += ["the push" if "campaign" in dimensions else None, rung.note]
    line = f"  {said_time(at)}  {sale['kind']:<10} {dollars(sale['amount']):>9}  {' · '.join(filter(None, parts))}"
    return Text(line, style="dim")


def said_notification(body: dict[str, Any], url: str, at: datetime) -> Text:
    """As a person would read it: when and what, what is new in it, what to do, and where to look; a line below."""
    data = body["data"]
    sign, colour = _sign(data)
    lines = [
        Text.assemble(f"{said_time(at)}  ", (f"{sign} {data['line']}", f"bold {colour}")),
        Text(f"          {_figures(data)}"),
    ]
    lines += [Text(f"          What to do: {one}") for one in _to_do(data)[:1]]
    lines.append(Text.assemble(f"          For {body['recipient']}: ", (urljoin(url, data["link"]), "underline")))
    bar = Text(f"{BAR} ", style=colour)
    return Text("\n").join([*(bar + line for line in lines if line.plain.strip()), Text()])


def said_next_checkpoint(push: Push, at: datetime) -> Text | None:
    """When the push is held against its pace again; None when it is over."""
    coming = push.next_checkpoint(at)
    if coming is None:
        return None
    minutes, seconds = divmod(round((coming - at).total_seconds()), 60)
    wait = f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"
    return Text(f"  The push's next checkpoint is at {said_time(coming)}, in {wait}\n", style="dim")


def _sign(data: dict[str, Any]) -> tuple[str, str]:
    if data["what"] in BEGUN:
        return "▶", "cyan"
    milestone = data.get("milestone")
    sign, _, colour = said_status(str(data.get("status", "")) if milestone is None else milestone["stage"])
    return sign, colour or "cyan"


def _to_do(data: dict[str, Any]) -> list[str]:
    """What people can do without a program, beside looking where the link leads."""
    given: list[str] = data.get("what_to_do") or []
    return [one for one in given if not any(words in one for words in NO_ADVICE)]


def _figures(data: dict[str, Any]) -> str:
    """What the line does not say yet."""
    if data.get("milestone") is not None and data["milestone"]["tasks"]["all"]:
        tasks = data["milestone"]["tasks"]
        return f"{tasks['done']} of {counted(tasks['all'], 'task')} {'is' if tasks['done'] == 1 else 'are'} done"
    if data.get("milestone") is not None:
        return f"{dollars(data['actual'])} of {dollars(data['goal'])} so far"
    if not data["what"].startswith("checkpoint") or "variance" not in data:
        return ""
    variance = Decimal(data["variance"])
    plan = f"{dollars(str(abs(variance)))} {'ahead of' if variance > 0 else 'behind'} the plan"
    return ", ".join([*([plan] if variance else []), *_needed(data)])


def _needed(data: dict[str, Any]) -> list[str]:
    """What each day must bring, where a target has more than the one."""
    a_day = str(data.get("required_rate", {}).get("amount", "none_possible"))
    missing = Decimal(data["goal"]) - Decimal(data["actual"])
    if a_day == "none_possible" or missing <= 0 or Decimal(a_day) == 0:
        return []
    return [f"{dollars(str(missing))} to go" if Decimal(a_day) >= missing else f"{dollars(a_day)} needed a day"]


def table_of(groups: Iterable[tuple[str, Iterable[Standing]]]) -> Table:
    """A group of targets below another; each has a heading."""
    table = Table("Where they stand", box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for name in ("actual", "expected", "goal", "reached"):
        table.add_column(name, justify="right")
    table.add_column("verdict")
    for heading, rows in groups:
        table.add_row()
        table.add_row(Text(heading, style="dim"))
        for name, unit, figures in rows:
            sign, words, colour = said_status(figures.status)
            # What is to stay within bounds has no goal, and nothing that is expected of it by a time.
            expected = None if figures.goal is None else figures.expected
            table.add_row(
                name.partition(",")[0],
                *(said_figure(one, unit) for one in (figures.actual, expected, figures.goal)),
                f"{Decimal(figures.progress or 0) * 100:.0f} %",
                Text(f"{sign} {words}", style=colour),
            )
    return table


def said_figure(text: str | None, unit: str) -> str:
    """As short as a table wants it; nothing where there is none."""
    if text is None:
        return ""
    match unit:
        case "USD":
            return dollars(text, cents=False)
        case "ratio":
            return f"{Decimal(text) * 100:.2f} %"
        case "percent":
            return f"{text} %"
    return f"{Decimal(text):,.0f}"
