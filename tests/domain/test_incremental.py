"""Whatever happens, in whatever order: every figure that is kept up sale by sale is what all sales come to from
scratch."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as given_any

from tests.domain import reference, scratch
from tests.domain.scenarios.company import GRACE, Company
from tests.domain.scenarios.drawing import History, histories
from tests.domain.scenarios.minutes import TargetMinutes
from tests.domain.scenarios.steps import Calm
from tests.domain.scratch.books import Books
from tests.domain.scratch.sales import Sales
from tests.domain.scratch.targets import ScratchTarget
from tests.memory import memory_app

COUNTED = ("active", "closed", "sealed")


def test_every_figure_is_what_all_sales_come_to_from_scratch(pytestconfig: pytest.Config) -> None:
    """As many histories as `--runs` says."""

    @settings(max_examples=pytestconfig.getoption("--runs"), deadline=None, suppress_health_check=list(HealthCheck))
    @given_any(histories())
    def holds(history: History) -> None:
        now = history.begins
        company, books = Company(memory_app(), now), Books(now, GRACE)
        for step in history.steps:
            assert step.do(company) == step.tell(books), step
            company.minutes.catch_up()
            for target_id, target in zip(company.targets, books.targets, strict=True):
                said = company.minutes.targets[target_id]
                assert said.state == target.state
                if target.state in COUNTED:
                    assert_now(said, target, books.sales)
                    if isinstance(step, Calm):
                        assert_restated(said, target, books.sales)

    holds()


def assert_now(said: TargetMinutes, target: ScratchTarget, sales: Sales) -> None:
    """What holds at every moment."""
    assert said.total == target.kind.net(sales)
    assert said.attained == target.attained(sales)
    assert said.kept == target.kept(sales)
    assert {number: replace(one, status=None) for number, one in said.reported.items()} == target.reported


def assert_restated(said: TargetMinutes, target: ScratchTarget, sales: Sales) -> None:
    """What holds once everything that was late has been looked at."""
    assert said.restated == target.readings(sales)
    assert said.outcome == target.outcome(sales)
    for number, heard in said.heard.items() if not said.revised else ():
        now = said.restated[number]
        assert heard.status == now.status, "people hear of another class"
        span = abs(target.kind.goal - target.kind.baseline)
        assert not span or abs(heard.actual - now.actual) * 100 < span or heard == now


def test_the_scratch_books_share_no_code_with_the_product() -> None:
    sources = [*Path(scratch.__path__[0]).glob("*.py"), Path(reference.__file__)]

    imported = {name for source in sources for name in re.findall(r"^from (\w+)", source.read_text(), re.MULTILINE)}

    assert imported & {"domain", "projections", "workers", "api", "deploy"} == set()
