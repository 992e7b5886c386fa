"""Rule sets over HTTP: who may read and record them, and what is refused."""

from copy import deepcopy
from typing import Any

import pytest

from api.models.rule_sets import RuleSetSaid, RuleSetShown
from tests.api.world import ACCOUNTANT, AUDITOR, EVERYTHING, FINANCE, World

SAID = {**RuleSetSaid.example, "code": "refused", "number": 1, "effective_from": "2021-07-01"}


def changed(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of a request
    return {**deepcopy(SAID), **fields}


def with_band(place: int, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    said = changed()
    said["bands"][place] |= fields
    return said


def test_the_shipped_sets_are_listed_for_every_role(world: World) -> None:
    listed = world.reads("/v1/rule-sets", by=ACCOUNTANT)
    assert {"community", "ifrs9", "sbp"} <= {item["code"] for item in listed["items"]}
    assert world.reads("/v1/rule-sets/sbp", by=AUDITOR) in listed["items"]
    first = world.reads("/v1/rule-sets?limit=1")
    second = world.reads(f"/v1/rule-sets?limit=1&after={first['next']}")
    assert first["items"] + second["items"] == listed["items"][:2]


def test_a_version_is_recorded_once_and_shown(world: World) -> None:
    said = changed(code="once")
    made = world.call("POST", "/v1/rule-sets", said, by=EVERYTHING)
    assert made.status_code == 201, made.text
    RuleSetShown.model_validate(made.json())
    assert world.reads("/v1/rule-sets/once") == made.json()
    (version,) = made.json()["versions"]
    assert {**version, "code": "once"}.items() >= said.items()
    assert (version["recorded_by"], made.json()["in_force"]) == (EVERYTHING, 1)
    again = world.call("POST", "/v1/rule-sets", said, by=EVERYTHING)
    assert (again.status_code, again.json()["code"], again.json()["existing"]) == (409, "duplicate_code", "once 1")
    gap = world.call("POST", "/v1/rule-sets", {**said, "number": 3}, by=EVERYTHING)
    assert (gap.status_code, gap.json()["code"], gap.json()["following"]) == (409, "rule_set_number", 2)
    assert gap.json()["errors"][0]["pointer"] == "/number"


def test_a_set_is_read_as_it_was_known(world: World) -> None:
    said = changed(code="known")
    first = world.call("POST", "/v1/rule-sets", said, by=EVERYTHING).json()
    world.call("POST", "/v1/rule-sets", {**said, "number": 2}, by=EVERYTHING)
    then = first["versions"][0]["recorded_at"]
    assert world.reads(f"/v1/rule-sets/known?known_at={then}") == first
    now = world.reads("/v1/rule-sets/known?as_of=2021-06-30")
    assert (now["in_force"], len(now["versions"]), now["as_of"]) == (None, 2, "2021-06-30")
    assert world.reads("/v1/rule-sets/known")["in_force"] == 2


@pytest.mark.parametrize(("by", "code"), [(ACCOUNTANT, "binding_too_narrow"), (FINANCE, "scope_missing")])
def test_what_all_share_is_recorded_with_a_key_bound_to_everything(world: World, by: str, code: str) -> None:
    refused = world.call("POST", "/v1/rule-sets", SAID, by=by)
    assert (refused.status_code, refused.json()["code"]) == (403, code)
    assert world.call("GET", "/v1/rule-sets/refused").status_code == 404


@pytest.mark.parametrize(
    ("said", "pointer", "code"),
    [
        pytest.param(changed(code="Board"), "/code", "text_malformed", id="capital letters"),
        pytest.param(changed(number=0), "/number", "number_out_of_range", id="no number"),
        pytest.param(changed(name=" "), "/name", "text_too_short", id="no name"),
        pytest.param(changed(comparator=">>"), "/comparator", "value_unknown", id="another comparator"),
        pytest.param(changed(effective_from="1989-12-31"), "/effective_from", "date_out_of_range", id="long ago"),
        pytest.param(changed(bands=[]), "/bands", "list_too_short", id="no bands"),
        pytest.param(
            changed(bands=[{"name": "All", "days_from": 1}]),
            "/bands/0/days_from",
            "rule_set_unsound",
            id="does not begin at 0",
        ),
        pytest.param(with_band(1, days_from=2), "/bands/1/days_from", "rule_set_unsound", id="a gap"),
        pytest.param(with_band(3, days_to=999), "/bands/3/days_to", "rule_set_unsound", id="not open"),
        pytest.param(with_band(2, name="Late"), "/bands/2/name", "rule_set_unsound", id="one name twice"),
        pytest.param(with_band(2, rate=None), "/bands/2/rate", "rule_set_unsound", id="a rate missing"),
        pytest.param(with_band(2, rate="1.5"), "/bands/2/rate", "rate_unreadable", id="a rate above 1"),
        pytest.param(with_band(2, rate="50%"), "/bands/2/rate", "rate_unreadable", id="per cent"),
        pytest.param(with_band(2, rate=0.5), "/bands/2/rate", "rate_unreadable", id="float"),
        pytest.param(with_band(2, rate="0.1234567"), "/bands/2/rate", "rate_unreadable", id="seven decimals"),
        pytest.param(with_band(2, days_from=-1), "/bands/2/days_from", "number_out_of_range", id="days below zero"),
        pytest.param(with_band(2, days_from=91.0), "/bands/2/days_from", "type_mismatch", id="days as a float"),
        pytest.param(with_band(2, note="x"), "/bands/2/note", "field_unknown", id="unknown field"),
    ],
)
def test_an_unsound_rule_set_is_refused_and_nothing_is_recorded(
    world: World, said: dict[str, Any], pointer: str, code: str
) -> None:
    refused = world.call("POST", "/v1/rule-sets", said, by=EVERYTHING)
    assert refused.status_code == 422
    assert [(error["pointer"], error["code"]) for error in refused.json()["errors"]] == [(pointer, code)]
    assert world.call("GET", "/v1/rule-sets/refused").status_code == 404


def test_everything_that_is_wrong_is_told_at_once(world: World) -> None:
    said = with_band(1, days_from=5, rate=None)
    refused = world.call("POST", "/v1/rule-sets", said, by=EVERYTHING).json()
    assert [error["pointer"] for error in refused["errors"]] == ["/bands/1/days_from", "/bands/1/rate"]
    assert refused["detail"] == "2 things are wrong."


@pytest.mark.parametrize("code", ["nobody", "SBP", "a%00b", "x" * 50])
def test_what_is_not_there_answers_404(world: World, code: str) -> None:
    assert world.call("GET", f"/v1/rule-sets/{code}").status_code == 404


def test_a_forged_cursor_is_refused(world: World) -> None:
    for cursor in ("x", "WzFd", "e30"):
        refused = world.call("GET", f"/v1/rule-sets?after={cursor}")
        assert (refused.status_code, refused.json()["code"]) == (422, "cursor_malformed")
