"""Rules of tranches over HTTP: recorded, kept to when money is handed out, and reported on by funder."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter

from api.models.compliance import ComplianceReport
from api.models.funding import ExpenseRecorded
from api.models.loans import DecisionRecorded, DisbursementRecorded
from api.models.loans_read import LoanShown
from api.models.tranche_rules import TrancheRules, TrancheRuleShown
from tests.api.world import ACCOUNTANT, AUDITOR, FINANCE, MANAGER, OTHER_RSP, World

RULES = "/funds/CIF/tranches/{}/rules"
SAID = {"number": 1, "valid_from": "2021-06-01", "poverty_score_to": 18}
ADDRESSES = ("/v1/portfolio", "/v1/rsps/SRSO/portfolio", "/v1/lsos/DAS/portfolio")


def changed(**said: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of a rule
    return {**SAID, **said}


def ruled(world: World, tranche: int = 1, **said: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    """Record the next version of the rule of a tranche."""
    number = len(world.reads("/v1/lsos/DAS" + RULES.format(tranche))["versions"]) + 1
    return world.records(RULES.format(tranche), changed(**said, number=number), by=FINANCE)


def approved(world: World, amount: str, member: str = "M-1", on: str = "2021-06-01") -> tuple[str, dict[str, Any]]:
    said = {"member": member, "product": "MONTHLY", "amount": amount, "effective_on": on, "purpose": "A goat"}
    loan: str = world.records("/loans", said)["loan"]
    decided = {"approved": True, "resolution_no": "R-1", "committee": "VO", "effective_on": on}
    return loan, world.records(f"/loans/{loan}/decision", decided, by=MANAGER)


# Recording and reading -----------------------------------------------------------------------------------------


def test_a_rule_is_recorded_and_read(world: World) -> None:
    said = changed(
        turns="first",
        women_share_min="0.60",
        areas=[{"kind": "vo", "code": "VO-1"}],
        amount_max="20000",
        cycle_max=2,
        remark="Annex 2",
    )
    made = world.records(RULES.format(7), said, by=FINANCE)
    TypeAdapter(TrancheRuleShown).validate_python(made)
    (version,) = made["versions"]
    assert (made["tranche"], made["in_force"], version["recorded_by"]) == (7, 1, FINANCE)
    assert (version["poverty_score_from"], version["amount_max"]) == (0, "20000.00")
    assert world.reads("/v1/lsos/DAS" + RULES.format(7)) == made
    listed = world.reads("/v1/lsos/DAS/funds/CIF/tranche-rules")
    TypeAdapter(TrancheRules).validate_python(listed)
    assert [item for item in listed["items"] if item["tranche"] == 7] == [
        {name: made[name] for name in ("tranche", "in_force", "versions")}
    ]


def test_versions_follow_each_other_and_the_past_of_a_rule_stays(world: World) -> None:
    first = ruled(world, tranche=8)
    again = world.call("POST", "/v1/lsos/DAS" + RULES.format(8), SAID, by=FINANCE)
    assert (again.status_code, again.json()["code"], again.json()["existing"]) == (409, "duplicate_code", "8 1")
    gap = world.call("POST", "/v1/lsos/DAS" + RULES.format(8), changed(number=3), by=FINANCE)
    assert (gap.status_code, gap.json()["code"], gap.json()["following"]) == (409, "tranche_rule_number", 2)
    ruled(world, tranche=8, valid_from="2021-01-01")
    then = first["versions"][0]["recorded_at"]
    assert world.reads("/v1/lsos/DAS" + RULES.format(8) + f"?known_at={then}") == first
    now = world.reads("/v1/lsos/DAS" + RULES.format(8) + "?as_of=2021-05-31")
    assert (now["in_force"], len(now["versions"])) == (2, 2)


@pytest.mark.parametrize(
    ("by", "status"), [(ACCOUNTANT, 403), (MANAGER, 403), (AUDITOR, 403), (OTHER_RSP, 404), (FINANCE, 201)]
)
def test_who_releases_tranches_rules_them(world: World, by: str, status: int) -> None:
    assert world.call("POST", "/v1/lsos/DAS" + RULES.format(9), SAID, by=by).status_code == status


@pytest.mark.parametrize(
    ("said", "pointer", "code"),
    [
        pytest.param(changed(number=0), "/number", "number_out_of_range", id="no number"),
        pytest.param(changed(valid_from="1989-12-31"), "/valid_from", "date_out_of_range", id="long ago"),
        pytest.param(changed(turns="second"), "/turns", "value_unknown", id="another turn"),
        pytest.param(changed(poverty_score_to=101), "/poverty_score_to", "number_out_of_range", id="a score above 100"),
        pytest.param(
            changed(poverty_score_from=19), "/poverty_score_from", "limits_reversed", id="the wrong way round"
        ),
        pytest.param(changed(women_share_min="0"), "/women_share_min", "rate_unreadable", id="a share of none"),
        pytest.param(changed(women_share_min="0.0"), "/women_share_min", "number_out_of_range", id="of nothing"),
        pytest.param(changed(women_share_min="60%"), "/women_share_min", "rate_unreadable", id="per cent"),
        pytest.param(changed(women_share_min=0.6), "/women_share_min", "rate_unreadable", id="a float"),
        pytest.param(changed(women_share_min="1.1"), "/women_share_min", "rate_unreadable", id="more than all"),
        pytest.param(changed(areas=[{"kind": "lso", "code": "DAS"}]), "/areas/0/kind", "value_unknown", id="an LSO"),
        pytest.param(changed(areas=[{"kind": "vo"}]), "/areas/0/code", "field_missing", id="an area without a code"),
        pytest.param(changed(amount_max="0"), "/amount_max", "amount_zero", id="no loan at all"),
        pytest.param(changed(cycle_max=0), "/cycle_max", "number_out_of_range", id="no cycle at all"),
        pytest.param(changed(cap=5), "/cap", "field_unknown", id="an unknown field"),
    ],
)
def test_an_impossible_rule_is_refused(world: World, said: dict[str, Any], pointer: str, code: str) -> None:
    refused = world.call("POST", "/v1/lsos/DAS" + RULES.format(10), said, by=FINANCE)
    assert refused.status_code == 422, refused.text
    assert [(error["pointer"], error["code"]) for error in refused.json()["errors"]] == [(pointer, code)]
    assert world.reads("/v1/lsos/DAS" + RULES.format(10))["versions"] == []


def test_an_area_that_is_not_there_is_not_found(world: World) -> None:
    said = changed(areas=[{"kind": "union_council", "code": "UC-9"}])
    refused = world.call("POST", "/v1/lsos/DAS" + RULES.format(10), said, by=FINANCE)
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    assert refused.json()["errors"][0]["pointer"] == "/areas"


# Lending -------------------------------------------------------------------------------------------------------


def test_a_loan_says_which_tranches_pay_and_is_refused_with_every_rule_it_breaks(world: World) -> None:
    ruled(world, poverty_score_to=17)
    loan, _ = approved(world, "3000.00")
    handed_out = world.records(f"/loans/{loan}/disbursement", {"channel": "bank", "effective_on": "2021-06-01"})
    TypeAdapter(DisbursementRecorded).validate_python(handed_out)
    (drawn,) = handed_out["tranches"]
    assert (drawn["tranche"], drawn["amount"], drawn["criteria"][0]["found"]) == (1, "3000.00", "17")
    shown = world.reads(f"/v1/lsos/DAS/loans/{loan}")
    TypeAdapter(LoanShown).validate_python(shown)
    assert shown["parts"][0]["tranches"] == [drawn]

    ruled(world, poverty_score_to=16, amount_max="1000")
    loan, _ = approved(world, "2000.00", "M-2")
    path = f"/v1/lsos/DAS/loans/{loan}/disbursement"
    refused = world.call("POST", path, {"channel": "bank", "effective_on": "2021-06-01"})
    told = refused.json()
    assert (refused.status_code, told["code"], told["detail"]) == (
        422,
        "tranche_not_eligible",
        "2 rules are broken.",
    )
    assert [error["detail"] for error in told["errors"]] == [
        "Tranche 1: the poverty score is to be 0-16; it is 17.",
        "Tranche 1: the loan is to be at most 1000.00; it is 2000.00.",
    ]
    ruled(world, poverty_score_to=None)


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_compliance_report_is_read_at_three_addresses(world: World, address: str) -> None:
    ruled(world, poverty_score_to=None)
    world.lends("1000.00")
    report = world.reads(address + "/compliance", by=FINANCE)
    TypeAdapter(ComplianceReport).validate_python(report)
    (funder,) = (one for one in report["funders"] if one["funder"] == "European Union")
    assert [(fund["lso"], fund["fund"]) for fund in funder["funds"]] == [("DAS", "CIF")]
    assert funder["funds"][0]["tranches"][0]["tranche"] == 1
    only = world.reads(address + '/compliance?funder="European Union"', by=FINANCE)
    assert only["funders"] == [funder]
    known_at = report["known_at"]
    assert world.reads(address + f"/compliance?known_at={known_at}&as_of={report['as_of']}", by=FINANCE) == report


def test_the_compliance_report_comes_as_a_file(world: World) -> None:
    ruled(world, poverty_score_to=17)
    world.lends("1000.00")
    ruled(world, poverty_score_to=16)
    path = "/v1/lsos/DAS/portfolio/compliance"
    (tranche,) = world.reads(path)["funders"][0]["funds"][0]["tranches"][:1]
    lines = world.call("GET", f"{path}?format=csv").text.splitlines()
    assert lines[0].startswith("funder,lso,fund,tranche,disbursed,outside_rules,")
    assert lines[1].startswith(f"European Union,DAS,CIF,1,{tranche['disbursed']},{tranche['outside_rules']},")
    exceptions = world.call("GET", f"{path}?format=csv&table=Exceptions").text.splitlines()
    assert len(exceptions) == 1 + tranche["exceptions_in_all"] > 1
    workbook = world.call("GET", f"{path}?format=xlsx")
    assert (workbook.status_code, workbook.content[:2]) == (200, b"PK")
    ruled(world, poverty_score_to=None)


@pytest.mark.parametrize("query", ["by=funder", "vo=VO-1", "gender=female"])
def test_the_compliance_report_is_not_cut(world: World, query: str) -> None:
    refused = world.call("GET", f"/v1/lsos/DAS/portfolio/compliance?{query}")
    told = refused.json()
    assert (refused.status_code, told["code"]) == (422, "report_not_cut")
    assert told["errors"][0]["parameter"] == query.partition("=")[0]


# Commitments ---------------------------------------------------------------------------------------------------


def test_an_approval_says_what_may_still_be_lent(world: World) -> None:
    _, first = approved(world, "4000.00")
    loan, second = approved(world, "1000.00", "M-3")
    TypeAdapter(DecisionRecorded).validate_python(second)
    before, after = (Decimal(decision["available"]["amount"]) for decision in (first, second))
    assert before - after == Decimal(1000)
    position = world.reads("/v1/lsos/DAS/funds/CIF/position")
    assert position["available"] == second["available"]
    world.records(f"/loans/{loan}/cancellation", {"reason": "She moved", "effective_on": "2021-06-02"}, by=MANAGER)


def test_cash_that_is_kept_is_not_handed_out_nor_returned_and_an_expense_warns(world: World) -> None:
    available = world.reads("/v1/lsos/DAS/funds/CIF/position")["available"]["amount"]
    kept, _ = approved(world, available, on="2021-06-01")
    later, _ = approved(world, "1000.00", "M-2", on="2021-06-02")
    said = {"channel": "bank", "effective_on": "2021-11-02"}
    refused = world.call("POST", f"/v1/lsos/DAS/loans/{later}/disbursement", said)
    assert (refused.status_code, refused.json()["code"], refused.json()["short"]) == (
        422,
        "cash_committed",
        "1000.00",
    )
    back = {"tranche": 1, "amount": "1.00", "effective_on": "2021-11-02"}
    assert world.call("POST", "/v1/lsos/DAS/funds/CIF/returns", back).json()["code"] == "cash_committed"
    fee = {"purpose": "Bank charge", "amount": "5.00", "effective_on": "2021-11-02", "paid_from": "bank"}
    paid = world.records("/funds/CIF/expenses", fee)
    TypeAdapter(ExpenseRecorded).validate_python(paid)
    assert paid["warning"].startswith("Cash and bank of the fund CIF are 1005.00 short")
    for loan in (kept, later):
        world.records(f"/loans/{loan}/cancellation", {"reason": "She moved", "effective_on": "2021-06-03"}, by=MANAGER)
    assert world.records("/funds/CIF/expenses", fee)["warning"] is None
