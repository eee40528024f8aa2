"""Rate tables over HTTP, and the roll-ups that convert by them."""

from typing import Any
from uuid import uuid4

import pytest

from tests.api.living import Living, definition, problem, sold
from tests.api.test_members import read, rolled, sell, settled
from tests.api.test_targets import defined, shown


def table(**changes: Any) -> dict[str, Any]:
    return {"name": f"t{uuid4().hex[:12]}", "as_of": "2016-12-31", "base": "USD", "rates": {"EUR": "1.0842"}} | changes


def uploaded(api: Living, **changes: Any) -> dict[str, Any]:
    answer = api.manager.post("/v1/rates", json=table(**changes))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_table_is_uploaded_once_and_stays_as_it_is(api: Living) -> None:
    made = uploaded(api)

    assert api.manager.post("/v1/rates", json=made).json() == made
    problem(api.manager.post("/v1/rates", json=made | {"rates": {"EUR": "2"}}), 409, "rates_fixed")
    listed = api.subscriber.get("/v1/rates", params={"limit": "1000"}).json()["items"]
    assert made in listed
    assert [one["name"] for one in listed] == sorted(one["name"] for one in listed)


def test_a_table_may_be_csv(api: Living) -> None:
    name = table()["name"]
    said = f"name,as_of,base,unit,rate\n{name},2016-12-31,USD,EUR,1.0842\n{name},2016-12-31,USD,JPY,0.00657\n"

    answer = api.manager.post("/v1/rates", content=said, headers={"Content-Type": "text/csv; charset=utf-8"})

    assert answer.json() == table(name=name, rates={"EUR": "1.0842", "JPY": "0.00657"})


@pytest.mark.parametrize(
    "said",
    [
        "",
        "name,rate\n",
        "name,as_of,base,unit,rate\n",
        "name,as_of,base,unit,rate\nx,2016-12-31,USD,EUR\n",
        "name,as_of,base,unit,rate\nx,2016-12-31,USD,EUR,1\ny,2016-12-31,USD,JPY,1\n",
        "name,as_of,base,unit,rate\nx,2016-12-31,USD,EUR,1\nx,2016-12-31,USD,EUR,2\n",
    ],
)
def test_csv_that_is_no_table_is_refused(api: Living, said: str) -> None:
    problem(api.manager.post("/v1/rates", content=said, headers={"Content-Type": "text/csv"}), 422, "bad_rates_csv")


def test_a_wrong_rate_is_refused_by_field(api: Living) -> None:
    told = problem(api.manager.post("/v1/rates", json=table(rates={"EUR": "-1"})), 422, "bad_rate")

    assert [one["pointer"] for one in told["errors"]] == ["/rates/EUR"]


def test_a_roll_up_shows_what_each_brings_in_its_own_currency(api: Living) -> None:
    rates = uploaded(api)["name"]
    whole = rolled(api, rate_table=rates)
    euros = defined(api, unit="EUR", goal="100.00", parent=whole["id"])
    sell(api, sold(euros["metric"], "1", "10.01", unit="EUR"))
    settled(api)

    target = shown(api, whole["id"])
    (child,) = read(api, whole["id"], "children")["items"]
    told = read(api, whole["id"], "roll-up", count_overlap="true")
    days = read(api, whole["id"], "series")["items"]
    counted = api.auditor.get(f"/v1/sales/webshop/{euros['metric']}-1").json()["counts_toward"]

    assert (target["actual"], target["goal"], target["rate_table"]) == ("10.85", "108.42", rates)
    assert (child["unit"], child["actual"], child["share"]["actual"]) == ("EUR", "10.01", "10.85")
    assert (told["sum"]["actual"], told["unallocated"]["actual"], told["overlap"]) == ("10.85", "0.00", "0.00")
    assert {one["net"] for one in days} == {"0.00", "10.85"}
    assert {(one["target"], one["amount"]) for one in counted} == {(whole["id"], "10.85"), (euros["id"], "10.01")}


def test_a_table_that_there_is_not_is_refused(api: Living) -> None:
    body = definition(roll_up=True, goal=None, rate_table="unheard-of")

    told = problem(api.manager.post("/v1/targets", json=body), 422, "unknown_rate_table")

    assert [one["pointer"] for one in told["errors"]] == ["/rate_table"]
