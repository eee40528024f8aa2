"""The first page: how things stand in a sentence, then every target, the worst first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from api.dashboard import wording
from api.dashboard.overview_lines import ENDED, WAITING, Line, line_of
from api.dashboard.rendering import Pages
from api.database import Database
from api.live import Regions
from api.target_reads import NOTHING, TargetReads

SHOWN_MAX = 40
"""Targets on a page: with their sparklines they stay below 60 KB, style and script included."""
PAGE_MAX = 100_000
DEPTH_MAX = 5
"""Levels that are told apart in the list: deeper ones stand with these."""
SECTIONS = ("running", "waiting", "ended")
SEARCH_LENGTH_MAX = 100

ARCHIVED = "archived"
"""Targets that are over and were put away: they stand in no other list, nor in the headline."""
GROUPS = {
    "attention": ("attainment_lost", "off_track", "at_risk", "stale"),
    "closed": ENDED,
}
"""Filters that stand for several statuses."""
FILTERS = {
    "": "all",
    "attention": "needs attention",
    **{name: words for name, words in wording.STATUSES.items() if name not in ENDED},
    "closed": "closed or cancelled",
    ARCHIVED: "archived",
}

# A status as the badge says it: `statements.badge_of` and `domain.figures`, in the words of SQL. Statuses have no index
# but their key (see projections/status.py), so all are looked at: ten thousand in some 40 ms.
# Members stand under what they belong to; a tree stands where the worst of it would.
LISTED = """
WITH RECURSIVE told AS MATERIALIZED (
    SELECT s.id, r.name, r.ends, coalesce(r.archived, false) AS archived, CASE
        WHEN r.state IN ('cancelled', 'draft', 'filling') THEN r.state
        WHEN r.state IN ('closed', 'sealed') THEN r.outcome
        WHEN r.attained AND r.by_revision THEN 'attained_by_revision'
        WHEN r.attained THEN 'attained'
        WHEN r.lost THEN 'attainment_lost'
        WHEN r.revised IS NOT NULL THEN r.revised
        WHEN r.last IS NOT NULL THEN r.last->>'status'
        WHEN r.begins > %(now)b THEN 'not_started'
        WHEN r.no_baseline THEN 'no_baseline'
        ELSE 'too_early'
    END AS status
    FROM statuses AS s CROSS JOIN LATERAL json_to_record(s.row) AS r (
        name text, state text, attained boolean, lost boolean, by_revision boolean, outcome text, revised text,
        last json, no_baseline boolean, archived boolean, begins text COLLATE "C", ends text COLLATE "C"
    )
), sought AS MATERIALIZED (
    SELECT * FROM told
    WHERE (%(search)b = '' OR strpos(lower(name), lower(%(search)b)) > 0)
        AND archived = %(archived)b AND (%(statuses)b::text[] IS NULL OR status = ANY(%(statuses)b::text[]))
), found AS (
    SELECT count(*) AS all_found, greatest(0, least(%(first)b, (count(*) - 1) / %(limit)b * %(limit)b)) AS first
    FROM sought
), belonging AS (
    SELECT DISTINCT ON (row->>'member') (row->>'member')::uuid AS member, (row->>'target')::uuid AS parent
    FROM belongings WHERE row->>'ended' IS DISTINCT FROM 'true'
    ORDER BY row->>'member', (row->>'place')::bigint DESC
), placed AS MATERIALIZED (
    SELECT id, parent,
        CASE WHEN status = ANY(%(ended)b) THEN 2 WHEN status = ANY(%(waiting)b) THEN 1 ELSE 0 END AS section,
        row_number() OVER (
            ORDER BY array_position(%(ranked)b::text[], status), CASE WHEN status = ANY(%(ended)b) THEN ends END DESC,
                lower(name), id
        ) AS turn
    FROM sought LEFT JOIN belonging ON member = id
), tree AS (
    SELECT id, parent, section, turn AS root, turn, ARRAY[turn] AS path FROM placed
    WHERE NOT EXISTS (
        SELECT FROM placed AS above WHERE above.id = placed.parent AND above.section = placed.section
    )
    UNION ALL
    SELECT placed.id, placed.parent, placed.section, tree.root, placed.turn, tree.path || placed.turn
    FROM tree JOIN placed ON placed.parent = tree.id AND placed.section = tree.section
), page AS (
    SELECT id, parent, row_number() OVER (ORDER BY worst, path) AS place
    FROM (SELECT *, min(turn) OVER (PARTITION BY root) AS worst FROM tree) AS trees
    ORDER BY place OFFSET (SELECT first FROM found) LIMIT %(limit)b
)
SELECT
    (SELECT json_object_agg(status, n) FROM (
        SELECT status, count(*) AS n FROM told WHERE NOT archived GROUP BY status
    ) AS c)::text,
    (SELECT all_found FROM found), (SELECT first FROM found),
    ARRAY(SELECT id FROM page ORDER BY place), ARRAY(SELECT parent FROM page ORDER BY place)
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
        return None if self.status in ("", ARCHIVED) else list(GROUPS.get(self.status, (self.status,)))

    def address(self, page: int | None = None, path: str = "/") -> str:
        said = {"q": self.search, "status": self.status, "page": str(page or self.page)}
        given = {name: what for name, what in said.items() if what and (name, what) != ("page", "1")}
        return f"{path}?{urlencode(given)}" if given else path


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
        regions = {
            name: part(
                "overview_list.html",
                section=name,
                lines=[one for one in listing.lines if one.section == name],
                statuses=wording.STATUSES,
            )
            for name in SECTIONS
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
            "archived": query.status == ARCHIVED,
            "ranked": RANKED,
            "ended": list(ENDED),
            "waiting": list(WAITING),
            "first": (query.page - 1) * SHOWN_MAX,
            "limit": SHOWN_MAX,
        }
        ((counts, found, first, ids, parents),) = await self._database.rows(LISTED, sought)
        shown = await self._reads.some(ids)
        progress = await self._reads.progress_of(ids)
        depths = depths_of(ids, parents)
        lines = [
            replace(line_of(shown[one], progress.get(one, NOTHING)), depth=depth)
            for one, depth in zip(ids, depths, strict=True)
            if one in shown
        ]
        return Listing(msgspec.json.decode(counts or "{}", type=dict[str, int]), found, first, lines)


def depths_of(ids: Sequence[UUID], parents: Sequence[UUID | None]) -> list[int]:
    """How many levels each stands below the first one over it on this page."""
    depths: dict[UUID, int] = {}
    for one, parent in zip(ids, parents, strict=True):
        depths[one] = 0 if parent is None or parent not in depths else min(depths[parent] + 1, DEPTH_MAX)
    return list(depths.values())


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
            (("stale",), "without fresh data"),
            (("on_track", "ahead", "attained", "attained_by_revision"), "on track or better"),
            (("too_early", "filling", "no_baseline"), "too early to say"),
        )
    ]
    told = [(n, words) for n, words in said if n]
    if not told:
        return "No target is under way"
    (first, words), *others = told
    parts = [f"{wording.counted(first, 'target')} {'is' if first == 1 else 'are'} {words}"]
    return ", ".join(parts + [f"{n:,} {words}" for n, words in others])
