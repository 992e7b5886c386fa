"""What figures count, over HTTP: any key may read it."""

import pytest

from api.models.definitions import DefinitionShown
from cif_engine.operations.keys import Scope
from cif_engine.portfolio.definitions import DEFINITIONS
from tests.api.world import World, add_key

NARROW = "narrow"
"""A key that may do one thing, in one LSO."""


@pytest.fixture(scope="module", autouse=True)
def _narrow_key(world: World) -> None:
    add_key(world.databases, NARROW, frozenset({Scope.REPAYMENTS_WRITE}), lso="DAS")


def test_every_figure_is_told_to_whoever_has_a_key(world: World) -> None:
    told = world.reads("/v1/definitions", by=NARROW)["items"]
    assert [item["id"] for item in told] == list(DEFINITIONS)
    for item in told:
        DefinitionShown.model_validate(item)
        assert world.reads(f"/v1/definitions/{item['id']}", by=NARROW) == item


def test_a_rate_is_told_with_what_it_is_of(world: World) -> None:
    told = world.reads("/v1/definitions/par_n", by=NARROW)
    assert told["denominator"] == "gross_portfolio"
    assert told["worked_example"] == {
        "words": "Of a portfolio of 5,000,000, late loans have a balance of 200,000, of which 50,000 is overdue.",
        "parts": [{"name": "late loans", "value": "200000.00"}, {"name": "gross portfolio", "value": "5000000.00"}],
        "result": "0.040000",
    }


def test_nobody_reads_it_without_a_key(world: World) -> None:
    for path in ("/v1/definitions", "/v1/definitions/par_n"):
        refused = world.call("GET", path, by=None)
        assert (refused.status_code, refused.json()["code"]) == (401, "key_missing")


@pytest.mark.parametrize("figure", ["par_30", "PAR_N", "%00", "x" * 300])
def test_a_figure_that_is_not_defined_is_not_found(world: World, figure: str) -> None:
    assert world.call("GET", f"/v1/definitions/{figure}", by=NARROW).status_code == 404


def test_the_figures_of_the_portfolio_are_defined(world: World) -> None:
    """Every `definition` that a report names is in the catalogue."""
    world.lends()
    named: set[str] = set()

    def look(part: object) -> None:
        if isinstance(part, dict):
            if isinstance(part.get("definition"), str):
                named.add(part["definition"])
            for inner in part.values():
                look(inner)
        elif isinstance(part, list):
            for inner in part:
                look(inner)

    look(world.reads("/v1/portfolio?by=vo"))
    look(world.reads("/v1/lsos/DAS/funds/CIF/position"))
    assert {"par_n", "gross_portfolio", "capital"} <= named <= set(DEFINITIONS)
