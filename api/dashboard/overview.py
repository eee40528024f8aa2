"""The first page: how things stand in a sentence, then every target, the worst first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from markupsafe import Markup

from api.dashboard import wording
from api.dashboard.charting import lines_of
from api.dashboard.charts.sparkline import sparkline
from api.dashboard.figure_cards import share_of
from api.dashboard.rendering import Pages
from api.dashboard.statements import badge_of, now_said, over_the_goal
from api.database import Database
from api.live import Regions
from api.target_reads import NOTHING, Found, TargetReads
from domain.figures import Figures, figures

SHOWN_MAX = 40
"""Targets on a page: with their sparklines they stay below 60 KB, style and script included."""
PAGE_MAX = 100_000
SEARCH_LENGTH_MAX = 100

ENDED = ("exceeded", "met", "missed", "cancelled")
WAITING = ("draft", "not_started")
GROUPS = {
    "attention": ("attainment_lost", "off_track", "at_risk"),
    "closed": ENDED,
}
"""Filters that stand for several statuses."""
FILTERS = {
    "": "all",
    "attention": "needs attention",
    **{name: words for name, words in wording.STATUSES.items() if name not in ENDED},
    "closed": "closed or cancelled",
}

# A status as the badge says it: `statements.badge_of` and `domain.figures`, in the words of SQL. Statuses have no index
# but their key (see projections/status.py), so all are looked at: ten thousand in some 40 ms.
LISTED = """
WITH told AS MATERIALIZED (
    SELECT s.id, r.name, r.ends, CASE
        WHEN r.state IN ('cancelled', 'draft', 'filling') THEN r.state
        WHEN r.state IN ('closed', 'sealed') THEN r.outcome
        WHEN r.attained THEN 'attained'
        WHEN r.lost THEN 'attainment_lost'
        WHEN r.last IS NOT NULL THEN r.last->>'status'
        WHEN r.begins > %(now)b THEN 'not_started'
        ELSE 'too_early'
    END AS status
    FROM statuses AS s CROSS JOIN LATERAL json_to_record(s.row) AS r (
        name text, state text, attained boolean, lost boolean, outcome text, last json,
        begins text COLLATE "C", ends text COLLATE "C"
    )
), sought AS MATERIALIZED (
    SELECT * FROM told
    WHERE (%(search)b = '' OR strpos(lower(name), lower(%(search)b)) > 0)
        AND (%(statuses)b::text[] IS NULL OR status = ANY(%(statuses)b::text[]))
), found AS (
    SELECT count(*) AS all_found, greatest(0, least(%(first)b, (count(*) - 1) / %(limit)b * %(limit)b)) AS first
    FROM sought
)
SELECT
    (SELECT json_object_agg(status, n) FROM (SELECT status, count(*) AS n FROM told GROUP BY status) AS c)::text,
    (SELECT all_found FROM found), (SELECT first FROM found),
    ARRAY(
        SELECT id FROM sought
        ORDER BY array_position(%(ranked)b::text[], status), CASE WHEN status = ANY(%(ended)b) THEN ends END DESC,
            lower(name), id
        OFFSET (SELECT first FROM found) LIMIT %(limit)b
    )
"""
RANKED = [name for name in wording.STATUSES if name not in ENDED]
"""Ended ones share the last rank: they stand by their ends."""


@dataclass(frozen=True)
class Query:
    """What is looked for. status: a status or group, empty for all; page: from 1."""

    search: str = ""
    status: str = ""
    page: int = 1

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> "Query":
        """What a form sends. What makes no sense is left out: a page is never an error."""
        search = "".join(one for one in parameters.get("q", "") if one.isprintable()).strip()[:SEARCH_LENGTH_MAX]
        status, page = parameters.get("status", ""), parameters.get("page", "1")
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1
        return cls(search, status if status in FILTERS else "", max(1, min(number, PAGE_MAX)))

    @property
    def statuses(self) -> list[str] | None:
        return list(GROUPS.get(self.status, (self.status,))) if self.status else None

    def address(self, page: int | None = None, path: str = "/") -> str:
        said = {"q": self.search, "status": self.status, "page": str(page or self.page)}
        given = {name: what for name, what in said.items() if what and (name, what) != ("page", "1")}
        return f"{path}?{urlencode(given)}" if given else path


@dataclass(frozen=True)
class Line:
    """A target in the list, in words."""

    id: UUID
    name: str
    status: str
    owner: str | None
    period: str
    actual: str
    goal: str
    share: str
    bar: str
    expected: str | None
    pace: str
    coming: str
    spark: Markup


@dataclass(frozen=True)
class Listing:
    """One page of the targets. counts: of every target there is, by status; found: how many match the query."""

    counts: Mapping[str, int]
    found: int
    first: int
    lines: Sequence[Line]

    @property
    def page(self) -> int:
        return self.first // SHOWN_MAX + 1


class Overview:
    def __init__(self, pages: Pages, reads: TargetReads, database: Database, clock: Callable[[], datetime]) -> None:
        self._pages = pages
        self._reads = reads
        self._database = database
        self._clock = clock

    async def regions(self, query: Query) -> Regions:
        """What moves on the page: the headline, and the targets in their three sections."""
        listing = await self._listing(query)
        part = self._pages.part
        sections = {
            "running": [one for one in listing.lines if one.status not in (*ENDED, *WAITING)],
            "waiting": [one for one in listing.lines if one.status in WAITING],
            "ended": [one for one in listing.lines if one.status in ENDED],
        }
        regions = {
            name: part("overview_list.html", section=name, lines=lines, statuses=wording.STATUSES)
            for name, lines in sections.items()
        }
        headline = headline_of(listing.counts)
        return {
            "headline": part("overview_headline.html", headline=headline, counts=listing.counts),
            **regions,
            "more": part("overview_more.html", listing=listing, query=query, most=SHOWN_MAX),
        }

    async def _listing(self, query: Query) -> Listing:
        sought = {
            "now": self._clock().isoformat(timespec="seconds"),
            "search": query.search,
            "statuses": query.statuses,
            "ranked": RANKED,
            "ended": list(ENDED),
            "first": (query.page - 1) * SHOWN_MAX,
            "limit": SHOWN_MAX,
        }
        ((counts, found, first, ids),) = await self._database.rows(LISTED, sought)
        shown = await self._reads.some(ids)
        progress = await self._reads.progress_of(ids)
        lines = [line_of(shown[one], progress.get(one, NOTHING).sums) for one in ids if one in shown]
        return Listing(msgspec.json.decode(counts or "{}", type=dict[str, int]), found, first, lines)


def headline_of(counts: Mapping[str, int]) -> str:
    """How things stand, such as "2 targets are off track, 1 at risk, 10 on track or better"."""
    number = sum(counts.values())
    if not number:
        return "There are no targets yet"
    said = [
        (sum(counts.get(name, 0) for name in names), words)
        for names, words in (
            (("attainment_lost",), "below a goal that was reached"),
            (("off_track",), "off track"),
            (("at_risk",), "at risk"),
            (("on_track", "ahead", "attained"), "on track or better"),
            (("too_early", "filling"), "too early to say"),
        )
    ]
    told = [(n, words) for n, words in said if n]
    if not told:
        return "No target is under way"
    (first, words), *others = told
    parts = [f"{wording.counted(first, 'target')} {'is' if first == 1 else 'are'} {words}"]
    return ", ".join(parts + [f"{n:,} {words}" for n, words in others])


def line_of(found: Found, sums: Mapping[datetime, int]) -> Line:
    known, plan, total = found.known, found.known.plan, found.status.total
    now = figures(known.course, found.status.standing, found.as_of)
    status = badge_of(found, now)
    expected = known.course.weight(found.as_of) if status not in (*ENDED, *WAITING) else None
    return Line(
        id=found.id,
        name=plan.name,
        status=status,
        owner=plan.owner,
        period=wording.days(plan.start, plan.end, found.as_of.year),
        actual=wording.rounded(total, plan.unit, plan.exponent, below=plan.goal),
        goal=wording.rounded(plan.goal, plan.unit, plan.exponent),
        share=wording.tenths(Fraction(total, plan.goal)),
        bar=share_of(Fraction(total, plan.goal)),
        expected=None if expected is None else share_of(expected),
        pace=_pace(found, now, status),
        coming=_coming(found, status),
        spark=sparkline(lines_of(found, sums)),
    )


def _pace(found: Found, now: Figures, status: str) -> str:
    plan = found.known.plan
    match status:
        case "draft":
            return "not started by anyone yet"
        case "not_started":
            return f"begins on {wording.day(plan.start, found.as_of.year)}"
        case "cancelled":
            return "counts no more"
        case "exceeded" | "met" | "missed":
            over = over_the_goal(found)
            if over is None:
                return "late sales came in: the outcome is being corrected"
            if not over:
                return "exactly the goal"
            beside = wording.rounded(abs(over), plan.unit, plan.exponent)
            return f"{beside} {'over' if over > 0 else 'short of'} the goal"
    if now.pace_index is None:
        return "nothing is expected yet"
    return f"{wording.percent(Fraction(now.pace_index))} of the expected pace{now_said(now, status)}"


def _coming(found: Found, status: str) -> str:
    """The next checkpoint, such as "Fri 27 Nov expects $75,000"."""
    if status in ENDED or status == "draft":
        return ""
    plan = found.known.plan
    coming = next((one for one in plan.checkpoints if one.cutoff > found.as_of), None)
    if coming is None:
        return ""
    expected = found.known.expected(coming.cutoff)
    when = wording.cutoff(coming, plan, found.as_of.year)
    return f"{when} expects {wording.rounded(expected, plan.unit, plan.exponent)}"
