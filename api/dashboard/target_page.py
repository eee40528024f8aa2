"""The page of one target: everything that is known of it, region by region."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from api.dashboard import wording
from api.dashboard.cards.figure_cards import cards_of
from api.dashboard.charting import drawing_of
from api.dashboard.charts.burn_up import burn_up
from api.dashboard.charts.legend import legend
from api.dashboard.checkpoint_rows import table_of
from api.dashboard.day_rows import day_table
from api.dashboard.fact_lines import sold_lately, told_of
from api.dashboard.glance import Glance
from api.dashboard.latest import Latest
from api.dashboard.meanings import meanings_of
from api.dashboard.member_lines import members_said
from api.dashboard.milestone_cards import milestones_said
from api.dashboard.proposal_lines import proposals_said, waiting_proposals
from api.dashboard.rendering import Pages
from api.dashboard.revision_lines import revisions_said
from api.dashboard.statements import badge_of, standing_said
from api.dashboard.update_lines import voice_said, voices_of
from api.database import Database
from api.known_forecasts import KnownForecasts
from api.live import Regions
from api.member_reads import MemberReads
from api.milestone_reads import MilestoneReads
from api.plans import KnownPlan
from api.target_days import Day, days_of
from api.target_reads import Found, TargetReads
from api.targets import WRITERS, unknown_target
from domain.routing import COUNTING
from projections.checkpoints import CHECKPOINTS, Evaluation
from projections.keys import ApiKey
from projections.milestones import Planned

FACTS_MAX = 12
LEVELS_MAX = 10
"""Over a target that its page names."""
TOLD_FIRST = 5
"""Facts and notifications that are seen at once; the others are unfolded."""


@dataclass(frozen=True)
class Sight:
    """What somebody may see and do. recipient: whose notifications, None for everyone's; whole: all milestones."""

    writes: bool
    facts: bool
    recipient: str | None
    whole: bool

    @classmethod
    def of(cls, visitor: ApiKey, whole: bool) -> "Sight":
        subscribed = visitor.role == "subscriber"
        return cls(visitor.role in WRITERS, not subscribed, visitor.name if subscribed else None, whole)


class TargetPage:
    def __init__(self, pages: Pages, reads: TargetReads, forecasts: KnownForecasts, database: Database) -> None:
        self._pages = pages
        self._reads = reads
        self._forecasts = forecasts
        self._database = database
        self._milestones = MilestoneReads(database)
        self._members = MemberReads(reads, database)
        self._latest = Latest(database)

    async def found(self, target_id: UUID) -> Found:
        """The target, or a Problem (404)."""
        found = await self._reads.one(target_id)
        if found is None:
            raise unknown_target()
        return found

    async def regions(self, target_id: UUID, sight: Sight) -> Regions:
        """What moves on the page, which is all but what the target is; a Problem (404) when there is no such one."""
        _, regions = await self.look(target_id, sight)
        return regions

    async def look(self, target_id: UUID, sight: Sight) -> tuple[Found, Regions]:
        """The target, too."""
        found = await self.found(target_id)
        progress = await self._reads.progress(target_id)
        evaluations = await self._evaluations(found.known)
        milestones = await self._milestones.of_target(target_id)
        forecast = await self._forecasts.of(found)
        glance, part = Glance.of(found), self._pages.part
        drawing = drawing_of(glance, progress, evaluations, milestones, forecast)
        days = days_of(found.known, progress, found.as_of)
        statuses = wording.STATUSES
        return found, {
            "standing": part(
                "target_standing.html",
                status=badge_of(glance),
                sentence=standing_said(glance, evaluations),
                statuses=statuses,
                voice=voice_said(found.status.said, glance.plan, glance.year),
            ),
            "proposals": part(
                "target_proposals.html",
                proposals=proposals_said(found, await waiting_proposals(self._database, target_id)),
                writes=sight.writes,
            ),
            "figures": part("target_figures.html", cards=cards_of(glance, progress, forecast)),
            "meaning": part("target_meaning.html", meanings=meanings_of(glance.plan)),
            "chart": part(
                "target_chart.html",
                wide=burn_up(drawing, wide=True),
                narrow=burn_up(drawing, wide=False),
                legend=legend(drawing),
            ),
            "above": part("target_above.html", above=await self._above(found)),
            "members": part(
                "target_members.html",
                members=members_said(found, await self._members.of(found)),
                statuses=statuses,
                target=target_id,
            ),
            "checkpoints": part(
                "target_checkpoints.html", table=table_of(found, evaluations), statuses=statuses, target=target_id
            ),
            "revisions": part("target_revisions.html", revisions=revisions_said(found)),
            "milestones": part(
                "target_milestones.html",
                listed=milestones_said(found, milestones, sight.whole),
                stages=wording.STAGES,
                writes=sight.writes,
                target=target_id,
            ),
            "updates": part("target_updates.html", voices=await voices_of(self._database, found)),
            "days": part("target_days.html", table=day_table(glance.plan, days), target=target_id),
            **await self._happened(found, sight, {one.id: one.row for one in milestones}, days),
        }

    async def _happened(
        self, found: Found, sight: Sight, milestones: Mapping[UUID, Planned], days: Sequence[Day]
    ) -> Regions:
        """What was sold last, and the latest facts and notifications, of those that this one may see."""
        plan, part = found.known.plan, self._pages.part
        when = partial(wording.moment, zone=plan.time_zone, year=found.as_of.year)
        sent = await self._latest.sent(found.id, sight.recipient)
        notifications = part(
            "target_notifications.html",
            sent=sent,
            first=TOLD_FIRST,
            when=when,
            states=wording.SENDINGS,
            own=sight.recipient is not None,
        )
        if not sight.facts:
            return {"notifications": notifications}
        past = found.known.checkpoint_ids[: bisect_right(plan.cutoffs, found.as_of)]
        facts = (await self._latest.facts(found.id, past))[:FACTS_MAX]
        told = told_of(facts, plan, milestones, found.as_of.year)
        sold = sold_lately(days, plan, found.as_of) if found.status.state in COUNTING else []
        return {
            "facts": part("target_facts.html", sold=sold, facts=told, first=TOLD_FIRST, when=when, target=found.id),
            "notifications": notifications,
        }

    async def _above(self, found: Found) -> list[Found]:
        """The targets that it belongs to by its last membership, the highest first."""
        above: list[Found] = []
        while len(above) < LEVELS_MAX and (parents := await self._members.parents_of((above or [found])[-1].id)):
            one = await self._reads.one(parents[-1][1].target)
            if one is None:
                break
            above.append(one)
        return above[::-1]

    async def _evaluations(self, known: KnownPlan) -> dict[int, Evaluation]:
        rows = await self._database.rows(
            "SELECT row::text FROM checkpoints WHERE id = ANY(%b)", (known.checkpoint_ids,)
        )
        return {one.number: one for one in (CHECKPOINTS.decoder.decode(row[0]) for row in rows)}
