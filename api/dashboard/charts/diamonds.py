"""Milestones on a row of their own under a chart: diamonds by stage, with names where there is room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.dashboard.charts.drawing import Diamond, Drawing
from api.dashboard.charts.frame import Frame, Sizes
from api.dashboard.charts.room import Box, Room
from api.dashboard.charts.svg import element, number, text_width
from api.dashboard.charts.telling import diamond_told, shortened

SIZE = 8.0
"""From the middle of a diamond to its corner, in pixels."""
TOGETHER = 2 * SIZE + 2
"""Milestones closer than that are one diamond with another behind it."""
LINES = 2
"""Of names under the row."""
GAP = 2.0
"""Pixels between a diamond and its name."""
LEADING = 3.0
"""Pixels between two lines of names."""
APART = 10.0
"""Pixels between two names in a line."""
TOLD_MOST = 3
"""Milestones that one diamond tells of by name."""

TONES = {
    "overdue": "bad",
    "missed": "bad",
    "due_soon": "warn",
    "planned": "plum",
    "achieved": "good",
    "waived": "waived",
}
"""Stage -> class of its colour, the most urgent first: that is what a diamond for several shows."""
URGENCY = list(TONES)

SIGNS = {
    "overdue": "v-3.4m0 3.4m0 3v.1",
    "due_soon": "h.1",
    "missed": "m-2.2-2.2 4.4 4.4m0-4.4-4.4 4.4",
    "achieved": "m-2.9.2 2.1 2.2 3.7-4.3",
}
"""Drawn inside, from the middle."""


@dataclass(frozen=True)
class Group:
    """Milestones drawn as one diamond, the most urgent first."""

    x: float
    diamonds: Sequence[Diamond]

    @property
    def urgency(self) -> int:
        return URGENCY.index(self.diamonds[0].stage)


@dataclass(frozen=True)
class Name:
    """A group's name: its text, the middle of it, and in which line it stands."""

    text: str
    x: float
    line: int


@dataclass(frozen=True)
class Row:
    """All of them, with the names that have room."""

    groups: Sequence[Group]
    names: Mapping[float, Name]
    """By the x of a group."""

    def height(self, sizes: Sizes) -> float:
        lines = 1 + max((name.line for name in self.names.values()), default=-1)
        return SIZE * 2 + GAP + lines * (sizes.text + LEADING) if self.groups else 0


def row_of(drawing: Drawing, frame: Frame, sizes: Sizes) -> Row:
    """Who stands where; names go to the most urgent first, and never lie on another."""
    groups = _groups(drawing, frame)
    room = Room(Box(2, 0, sizes.width - 2, LINES))
    names: dict[float, Name] = {}
    for group in sorted(groups, key=lambda group: group.urgency):
        name = _name(group, room, sizes)
        if name is not None:
            names[group.x] = name
    return Row(groups, names)


def drawn(drawing: Drawing, row: Row, frame: Frame, sizes: Sizes, y: float) -> Markup:
    """The row at this height."""
    rail = element("path", class_="rail", d=f"M{number(frame.left)} {number(y)}H{number(frame.right)}")
    under = [_named(group.x, row.names[group.x], sizes, y) for group in row.groups if group.x in row.names]
    return rail + Markup("").join([*under, *(_drawn(drawing, group, y) for group in row.groups)])


def _groups(drawing: Drawing, frame: Frame) -> list[Group]:
    groups: list[list[Diamond]] = []
    for diamond in sorted(drawing.diamonds, key=lambda one: one.due):
        if groups and frame.x(diamond.due) - frame.x(groups[-1][0].due) < TOGETHER:
            groups[-1].append(diamond)
        else:
            groups.append([diamond])
    return [Group(frame.x(group[0].due), sorted(group, key=lambda one: URGENCY.index(one.stage))) for group in groups]


def _drawn(drawing: Drawing, group: Group, y: float) -> Markup:
    first = group.diamonds[0]
    told = [diamond_told(drawing, diamond) for diamond in group.diamonds[:TOLD_MOST]]
    more = len(group.diamonds) - len(told)
    title = element("title", "; ".join([*told, *([f"and {more} more"] if more else [])]))
    behind = element("path", d=_diamond(group.x + 4, y), class_="behind") if len(group.diamonds) > 1 else Markup("")
    shape = element("path", d=_diamond(group.x, y))
    sign = SIGNS.get(first.stage)
    inside = element("path", d=f"M{number(group.x)} {number(y)}{sign}", class_="sign") if sign else Markup("")
    return element("g", title, behind, shape, inside, class_=f"milestone {TONES[first.stage]}")


def _diamond(x: float, y: float) -> str:
    r = number(SIZE)
    return f"M{number(x)} {number(y - SIZE)}l{r} {r}-{r} {r}-{r}-{r}z"


def _name(group: Group, room: Room, sizes: Sizes) -> Name | None:
    """The name in the first line with room, whole or shortened. In this room a line is 1 high."""
    more = f" +{len(group.diamonds) - 1}" if len(group.diamonds) > 1 else ""
    for most in (2 * sizes.label_letters, sizes.label_letters, sizes.label_letters * 2 // 3):
        text = shortened(group.diamonds[0].name, most) + more
        half = text_width(text, sizes.text) / 2
        if 2 * half > room.whole.right - room.whole.left:
            continue
        for line in range(LINES):
            box = Box(group.x - half, line, group.x + half, line + 1).moved_into(room.whole)
            leader = Box(group.x - 2, 0, group.x + 2, line)
            if room.is_free(box) and room.is_free(leader):
                room.take(Box(box.left - APART, box.top, box.right + APART, box.bottom))
                room.take(leader)
                return Name(text, (box.left + box.right) / 2, line)
    return None


def _named(x: float, name: Name, sizes: Sizes, y: float) -> Markup:
    """A name, under the first line with a thin line that leads to it."""
    top = y + SIZE + GAP + name.line * (sizes.text + LEADING)
    text = element("text", name.text, class_="name", x=name.x, y=top + sizes.text - 1)
    if not name.line:
        return text
    return element("path", class_="rail", d=f"M{number(x)} {number(y + SIZE)}V{number(top)}") + text
