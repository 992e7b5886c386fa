"""The figures of a period over HTTP: three addresses, the fiscal year, and the loans behind each number."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest

from cif_engine.money import parse_amount
from tests.api.test_reports import drop_queries
from tests.api.world import EVERYTHING, World

AUGUST = "from=2021-08-01&to=2021-08-31"
REPORTS = ("collections", "roll-rates")


@pytest.fixture
def lent(world: World) -> str:
    """A loan of 1 June 2021 of which 1,500 were paid in July, 400 in August."""
    loan = world.lends()
    for amount, on in (("1500", "2021-07-10"), ("400", "2021-08-20")):
        world.records("/repayments", {"loan": loan, "amount": amount, "effective_on": on, "channel": "cash"})
    return loan


@pytest.mark.parametrize("report", REPORTS)
def test_a_period_is_asked_at_three_addresses(world: World, lent: str, report: str) -> None:  # noqa: ARG001 - it is there
    said = [
        world.reads(f"/v1/{place}portfolio/{report}?{AUGUST}&fund=CIF&lso=DAS", by=EVERYTHING)
        for place in ("", "rsps/SRSO/", "lsos/DAS/")
    ]
    assert drop_queries(said[0]["total"]) == drop_queries(said[1]["total"]) == drop_queries(said[2]["total"])
    assert (said[0]["from"], said[0]["to"]) == ("2021-08-01", "2021-08-31")


@pytest.mark.parametrize("report", REPORTS)
def test_the_fiscal_year_to_date_is_asked_where_no_days_are_named(world: World, lent: str, report: str) -> None:  # noqa: ARG001 - as above
    said = world.reads(f"/v1/lsos/DAS/portfolio/{report}")
    assert (said["from"], said["to"]) == ("2021-07-01", "2021-11-02")


@pytest.mark.parametrize("report", REPORTS)
def test_a_period_that_ends_before_it_begins_is_refused(world: World, report: str) -> None:
    refused = world.call("GET", f"/v1/lsos/DAS/portfolio/{report}?from=2021-08-02&to=2021-08-01")
    assert (refused.status_code, refused.json()["code"]) == (422, "period_reversed")


@pytest.mark.parametrize("report", REPORTS)
def test_every_query_lists_loans_whose_parts_sum_to_the_number(world: World, lent: str, report: str) -> None:  # noqa: ARG001 - as above
    (row,) = world.reads(f"/v1/lsos/DAS/portfolio/{report}?{AUGUST}&by=fund&fund=CIF")["rows"]
    asked = list(numbers_of(row))
    assert len(asked) >= 8
    for query, amount in asked:
        behind = world.reads(f"/v1/lsos/DAS/portfolio/loans?{query}")
        assert sum(parse_amount(loan["numerator"]) for loan in behind["items"]) == parse_amount(amount), query


def numbers_of(view: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON value
    """Give each query with the number it explains."""
    if isinstance(view, list):
        for part in view:
            yield from numbers_of(part)
    if not isinstance(view, dict):
        return
    for part in view.values():
        yield from numbers_of(part)
    if query := view.get("loans_query"):
        assert dict(parse_qsl(query))["from"] == "2021-08-01"
        yield query, view.get("closing_overdue") or view.get("numerator") or view["amount"]
