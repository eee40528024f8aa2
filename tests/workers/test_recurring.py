"""Templates on real NATS and PostgreSQL: what is due is made and started, what fails is put off, and no other waits."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import nats
import pytest

from deploy.embedded import EmbeddedNats
from domain.defining import Resolving
from domain.target import State
from domain.templates.recurring import Templates
from domain.templates.template import Template, target_id_of
from domain.templates.terms import Terms
from projections.store import Store
from tests.domain.templates.words import ANA, terms
from tests.workers.test_checkpoints import PROMPT, run
from tests.workers.test_ingest import until
from workers.checkpoints import run_checkpoints
from workers.streams import provision

TODAY = datetime.now(UTC).date()
FIRST = TODAY.replace(day=1)


def holidays(country: str, subdivision: str | None, first: date, last: date) -> Mapping[date, str]:
    if country == "XX":
        raise RuntimeError("this is a bug")
    return {}


@pytest.fixture
def nats_url(nats_server: EmbeddedNats) -> str:
    return nats_server.url


def defined(store: Store, said: Terms) -> UUID:
    template, known = uuid4(), Resolving({}, lambda _: "2026a", holidays)
    Templates(store.app, known, by=ANA, at=datetime.now(UTC)).define(template, said)
    return template


def state(store: Store, target: UUID) -> State | None:
    with store.app.writing() as log:
        found = log.targets([target]).get(target)
    return None if found is None else found.state


async def worked(nats_url: str, store: Store, seconds: float = 0.0, *started: UUID) -> None:
    """The worker runs until these targets are started, and so long after."""
    await provision(nats_url)
    client = await nats.connect(nats_url)
    for stream in ("SALES", "TIMERS"):
        await client.jetstream().purge_stream(stream)
    await client.close()
    stop = asyncio.Event()
    worker = asyncio.create_task(run_checkpoints(nats_url, store, stop, PROMPT, holidays=holidays))
    for target in started:
        await until(lambda target=target: state(store, target), State.FILLING)  # type: ignore[misc]
    await asyncio.sleep(seconds)
    stop.set()
    await worker


def test_the_target_of_this_month_is_made_and_started_and_the_next_one_waits(nats_url: str, store: Store) -> None:
    template = defined(store, terms(start=FIRST, draft_days=0))
    this, after = (target_id_of(template, one) for one in (FIRST, (FIRST + timedelta(days=32)).replace(day=1)))

    run(worked(nats_url, store, 0.0, this))

    assert state(store, after) is None


def test_a_template_that_fails_for_no_reason_of_its_own_keeps_no_other_waiting(nats_url: str, store: Store) -> None:
    calendar = {"calendar": {"country": "US"}}
    broken, sound = (defined(store, terms(calendar, start=FIRST, draft_days=0)) for _ in range(2))
    with store.app.writing() as log:
        other = {"calendar": {"country": "XX", "closed": []}}
        template = log.aggregates(Template, [broken])[broken]
        template.change(terms(other, start=FIRST, draft_days=0), None, by=ANA, at=datetime.now(UTC))
        log.save(list(template.collect_events()))

    run(worked(nats_url, store, 0.0, target_id_of(sound, FIRST)))

    assert state(store, target_id_of(broken, FIRST)) is None
