"""A village and its office over a spring, a flood and an autumn, told to the API as its paper came in.

Amounts are worked out by hand: the fund ENT lends for six months with a flat charge of 12 per cent, and forgives the
charge that is not yet due when a loan is settled early.
"""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from api.problems import PROBLEM_JSON, REPLAYED
from cif_engine.operations.keys import ROLES
from cif_engine.operations.verifying import verify
from tests.api.world import ACCOUNTANT, AUDITOR, FINANCE, MANAGER, World, add_key

BOOK = "/v1/lsos/DAS"
ACTING = "acting-manager"
"""Sits in for the accountant and for the manager, and may still not check what she made."""

Told = dict[str, Any]
ZERO = "0.00"


@dataclass
class Office:
    """The desk at which the story is told, and what was read at it on the way."""

    world: World
    kept: dict[str, bytes] = field(default_factory=dict)

    def records(self, path: str, *, by: str = ACCOUNTANT, **said: Any) -> Told:  # noqa: ANN401 - a JSON value
        return self.world.records(path, said, by=by)

    def foresees(self, path: str, *, by: str = ACCOUNTANT, **said: Any) -> Told:  # noqa: ANN401 - a JSON value
        before = self.world.everything_stored()
        response = self.world.call("POST", f"{BOOK}{path}?preview=true", said, by=by, key="")
        assert response.status_code == 200, response.text
        assert self.world.everything_stored() == before
        answer: Told = response.json()
        return answer

    def refused(self, path: str, status: int, code: str, *, by: str = ACCOUNTANT, **said: Any) -> Told:  # noqa: ANN401 - a JSON value
        """Ask for what is refused, twice under one key: nothing changes, and the refusal is remembered."""
        before, key = self.world.everything_stored(), str(uuid4())
        first, again = (self.world.call("POST", BOOK + path, said, by=by, key=key) for _ in range(2))
        told, told_again = first.json(), again.json()
        assert told.pop("request_id") != told_again.pop("request_id")
        assert (first.status_code, told["code"], first.headers["Content-Type"]) == (status, code, PROBLEM_JSON), told
        assert (again.status_code, told_again) == (status, told)
        assert (REPLAYED in again.headers) == (status != 403), "a key without the scope does not get as far"
        assert self.world.everything_stored() == before
        answer: Told = told
        return answer

    def reads(self, path: str) -> Told:
        return self.world.reads(BOOK + path)

    def keeps(self, path: str, known: Told) -> None:
        """Read a report as it is known with an event that was just recorded, to be read again at the end."""
        joined = "&" if "?" in path else "?"
        asked = f"{BOOK}{path}{joined}known_at={known['event']['recorded_at']}"
        self.kept[asked] = self.world.call("GET", asked, by=AUDITOR).content

    def finds_all_as_it_was(self) -> None:
        assert len(self.kept) > 5
        for asked, was in self.kept.items():
            response = self.world.call("GET", asked, by=AUDITOR)
            assert response.status_code == 200
            assert response.content == was, asked


def posted(answer: Told) -> list[tuple[str, str, str, str]]:
    """Return what an answer posted, in order of day, debit, credit, amount."""
    return sorted(tuple(posting.values()) for posting in answer["postings"])


def owes(standing: Told) -> tuple[str, str, str, str]:
    """Return what a loan owes: penalties, fees, charge, principal."""
    return tuple(standing[f"outstanding_{kind}"] for kind in ("penalties", "fees", "charge", "principal"))


def test_a_loan_lives_through_everything_and_the_books_agree(world: World) -> None:
    add_key(world.databases, ACTING, ROLES["lso_accountant"] | ROLES["lso_manager"], lso="DAS")
    office = Office(world)
    shop = a_loan_is_handed_out_in_two_parts(office)
    a_mistyped_receipt_is_corrected(office, shop)
    a_penalty_is_charged_and_waived(office, shop)
    goat, stall = office.world.lends_with_charge(), office.world.lends_with_charge("3000.00", "M-3", "2021-04-01")
    a_flood_comes(office, shop, goat)
    the_shop_is_paid_off_before_its_time(office, shop)
    the_goat_is_topped_up(office, goat)
    the_stall_is_given_up_and_then_not(office, stall)
    a_loan_is_cancelled(office)
    office.finds_all_as_it_was()
    assert verify(world.databases, world.lso_ids["DAS"]) == []


def a_loan_is_handed_out_in_two_parts(office: Office) -> str:
    """12,000 in parts of 6,000; the second makes the schedule anew: six times 2,000 and 240 of charge."""
    shop = office.world.approves_with_charge("12000.00", "M-2", "2021-03-05")
    handed_out = f"/loans/{shop}/disbursement"
    first = office.records(handed_out, amount="6000.00", effective_on="2021-03-10", channel="bank")
    assert {row["principal"] + " " + row["charge"] for row in first["schedule"]} == {"1000.00 120.00"}
    office.refused(handed_out, 422, "over_limit", amount="6000.01", effective_on="2021-03-20", channel="bank")
    second = office.records(handed_out, by=ACTING, effective_on="2021-03-20", channel="cheque", reference="CHQ-7")
    assert (second["amount"], second["paid_off"]) == ("6000.00", None)
    assert [(row["due_on"], row["principal"], row["charge"]) for row in second["schedule"]] == [
        (f"2021-{month:02}-10", "2000.00", "240.00") for month in range(4, 10)
    ]
    shown = office.reads(f"/loans/{shop}")
    assert (shown["disbursed"], shown["disbursed_on"], shown["channel"]) == ("12000.00", "2021-03-10", "bank")
    assert [(part["amount"], part["channel"], part["reference"]) for part in shown["parts"]] == [
        ("6000.00", "bank", None),
        ("6000.00", "cheque", "CHQ-7"),
    ]
    schedule = office.reads(f"/loans/{shop}/schedule")
    assert schedule["earlier_schedules"] == [first["schedule"]]
    return shop


def a_mistyped_receipt_is_corrected(office: Office, shop: str) -> None:
    """R-11 is 500, and was typed as 5,000; the manager reverses it, and the right one bears the same number."""
    late = office.records("/repayments", loan=shop, amount="2240.00", effective_on="2021-04-25", receipt_no="R-10")
    assert (late["settled"]["charge"], late["settled"]["principal"]) == ("240.00", "2000.00")

    r_11: Told = {"loan": shop, "effective_on": "2021-05-10", "receipt_no": "R-11"}
    wrong = office.records("/repayments", by=ACTING, amount="5000.00", **r_11)
    assert (wrong["settled"]["charge"], wrong["settled"]["principal"]) == ("720.00", "4280.00")
    for report in ("statement", "schedule"):
        office.keeps(f"/loans/{shop}/{report}", wrong)
    office.keeps("/funds/ENT/position?as_of=2021-05-31", wrong)
    office.keeps("/portfolio?as_of=2021-05-31", wrong)

    fact = wrong["event"]["id"]
    taken = office.refused("/repayments", 409, "duplicate_paper", amount="500.00", **r_11)
    assert taken["existing_event"] == fact
    office.refused("/repayments", 422, "not_reversed", amount="500.00", replaces=fact, **{**r_11, "receipt_no": "R-12"})
    reversal = f"/events/{fact}/reversal"
    office.refused(reversal, 403, "scope_missing", reason="5,000 for 500")
    office.refused(reversal, 422, "maker_is_checker", by=ACTING, reason="5,000 for 500")
    undone = office.records(reversal, by=MANAGER, reason="5,000 for 500", resolution_no="RES-11")
    assert posted(undone) == [
        ("2021-05-10", "ENT.1100", "ENT.1010", "4280.00"),
        ("2021-05-10", "ENT.4010", "ENT.1010", "720.00"),
    ]
    office.refused(reversal, 409, "already_reversed", by=MANAGER, reason="5,000 for 500")

    right = office.records("/repayments", amount="500.00", replaces=fact, **r_11)
    assert (right["event"]["replaces"], right["event"]["receipt_no"]) == (fact, "R-11")
    assert (right["settled"]["charge"], right["settled"]["principal"]) == ("240.00", "260.00")
    office.keeps(f"/loans/{shop}/statement", right)

    found = office.records("/repayments", loan=shop, amount="1000.00", effective_on="2021-05-05", receipt_no="R-9")
    assert posted(found) == [
        ("2021-05-05", "ENT.1010", "ENT.1100", "760.00"),
        ("2021-05-05", "ENT.1010", "ENT.4010", "240.00"),
        ("2021-05-10", "ENT.4010", "ENT.1100", "240.00"),
    ]
    office.keeps("/trial-balance?as_of=2021-05-10", found)
    lines = {line["event"]: line for line in office.reads(f"/loans/{shop}/statement")["lines"]}
    crossed_out, reversing, corrected = (lines[told["event"]["id"]] for told in (wrong, undone, right))
    assert (crossed_out["reversed_by"], crossed_out["paid"], crossed_out["balance"]) == (
        undone["event"]["id"],
        "5000.00",
        None,
    )
    assert (reversing["reverses"], reversing["reason"], reversing["balance"]) == (fact, "5,000 for 500", None)
    assert (corrected["replaces"], corrected["settled"]["principal"], corrected["balance"]["principal"]) == (
        fact,
        "500.00",
        "8740.00",
    )
    assert office.reads(f"/events/{fact}")["replaced_by"][0]["id"] == right["event"]["id"]
    repaid = office.reads(f"/repayments?loan={shop}&receipt_no=R-11")["items"]
    assert [(item["paid"], item["reversed_by"] is None) for item in repaid] == [("5000.00", False), ("500.00", True)]


def a_penalty_is_charged_and_waived(office: Office, shop: str) -> None:
    """A penalty of 120 is forgiven, a fee of 50 stays; nothing of either is posted before it is paid."""
    penalty: Told = {"name": "Instalment of May", "amount": "120.00", "effective_on": "2021-06-01"}
    charged = office.records(f"/loans/{shop}/penalties", **penalty)
    fee = office.records(f"/loans/{shop}/fees", name="Passbook", amount="50.00", effective_on="2021-06-01")
    assert (posted(charged), posted(fee)) == ([], [])
    assert owes(fee["standing"]) == ("120.00", "50.00", "960.00", "8740.00")
    interest_free = office.world.lends()
    office.refused(f"/loans/{interest_free}/penalties", 422, "charge_not_allowed", **penalty)

    waiver: Told = {"resolution_no": "RES-12", "reason": "The road was closed", "effective_on": "2021-06-05"}
    path = f"/loans/{shop}/waiver"
    office.refused(path, 403, "scope_missing", penalty="all", **waiver)
    office.refused(path, 422, "maker_is_checker", by=ACTING, penalty="all", **waiver)
    waived = office.records(path, by=MANAGER, penalty="all", **waiver)
    assert (waived["waived"], posted(waived)) == ({"penalty": "120.00", "fee": ZERO, "charge": ZERO}, [])
    assert owes(waived["standing"]) == (ZERO, "50.00", "960.00", "8740.00")
    office.refused(path, 422, "nothing_outstanding", by=MANAGER, penalty="all", **waiver)


def a_flood_comes(office: Office, shop: str, goat: str) -> None:
    """The open loans of VO-1, two of them, are paused for three months, those that are late as well."""
    path = "/funds/ENT/moratorium"
    flood: Told = {
        "months": 3,
        "arrears": "moved",
        "vo": "VO-1",
        "resolution_no": "RES-13",
        "reason": "Flood of June",
        "effective_on": "2021-06-08",
        "id": str(uuid4()),
    }
    foreseen = office.foresees(path, by=MANAGER, **flood)
    assert (foreseen["loans"], foreseen["outstanding_principal"]) == (2, "14740.00")
    office.refused(path, 422, "maker_is_checker", by=ACTING, **flood)
    assert office.refused(path, 409, "moratorium_changed", by=MANAGER, **flood, loans=3)["loans"] == 2
    office.refused(path, 404, "not_found", by=MANAGER, **{**flood, "vo": "VO-9"})
    granted = office.records(path, by=MANAGER, **flood, loans=2)
    assert {item["loan"]: item["oldest_unpaid_due_on"] for item in granted["items"]} == {
        shop: {"before": "2021-05-10", "after": "2021-09-08"},
        goat: {"before": "2021-06-01", "after": "2021-09-08"},
    }
    for told, in_truth in zip(foreseen["items"], granted["items"], strict=True):
        assert {**told, "seq": None} == {**in_truth, "seq": None}
    renegotiated = office.reads("/loans?renegotiated=true")["items"]
    assert [item["loan"] for item in renegotiated] == [shop, goat]
    assert len(office.reads(f"/loans/{shop}/schedule")["earlier_schedules"]) == 2
    office.keeps("/loans?renegotiated=true&as_of=2021-10-31", granted)


def the_shop_is_paid_off_before_its_time(office: Office, shop: str) -> None:
    """On 1 October the charge of the three instalments after it, 720, is forgiven; 100 too much was paid."""
    quote = office.reads(f"/loans/{shop}/settlement-quote?on=2021-10-01")
    assert {name: quote[name] for name in ("penalties", "fees", "charge", "rebate", "principal", "total")} == {
        "penalties": ZERO,
        "fees": "50.00",
        "charge": "960.00",
        "rebate": "720.00",
        "principal": "8740.00",
        "total": "9030.00",
    }
    path, paid = f"/loans/{shop}/settlement", {"effective_on": "2021-10-01", "channel": "bank"}
    short = office.refused(path, 422, "settlement_short", amount="9029.99", **paid)
    assert short["needed"] == "9030.00"
    settled = office.records(path, amount="9130.00", receipt_no="R-40", **paid)
    assert settled["settled"] == {
        "penalty": ZERO,
        "fee": "50.00",
        "charge": "240.00",
        "principal": "8740.00",
        "recovered": ZERO,
        "credit_balance": "100.00",
    }
    assert settled["waived"] == {"penalty": ZERO, "fee": ZERO, "charge": "720.00"}
    assert (settled["standing"]["status"], owes(settled["standing"])) == ("repaid", (ZERO,) * 4)
    office.refused(path, 422, "nothing_outstanding", amount="1.00", **paid)
    office.keeps(f"/loans/{shop}", settled)

    refund = f"/loans/{shop}/refund"
    too_much = office.refused(refund, 422, "credit_too_small", amount="100.01", effective_on="2021-10-02")
    assert too_much["available"] == "100.00"
    given_back = office.records(refund, effective_on="2021-10-02", channel="cash", voucher_no="CPV-9")
    assert posted(given_back) == [("2021-10-02", "ENT.2010", "ENT.1010", "100.00")]
    office.refused(f"/events/{settled['event']['id']}/reversal", 422, "reverse_first", by=MANAGER, reason="Why not")


def the_goat_is_topped_up(office: Office, goat: str) -> None:
    """A loan of 10,000 pays off the goat with 6,240 and hands out the rest; then it is put on another plan."""
    again = office.world.approves_with_charge("10000.00", "M-1", "2021-10-04")
    path, said = f"/loans/{again}/disbursement", {"effective_on": "2021-10-05", "channel": "bank"}
    assert office.reads(f"/loans/{goat}/settlement-quote?on=2021-10-05")["total"] == "6240.00"
    short = office.refused(path, 422, "settlement_short", settles=goat, settled_amount="6239.00", **said)
    assert short["needed"] == "6240.00"
    office.refused(path, 422, "other_borrower", settles=again, **said)
    office.refused(path, 404, "not_found", settles="DAS-1999-00001", **said)
    lent = office.records(path, settles=goat, **said)
    assert posted(lent) == [("2021-10-05", "ENT.1100", "ENT.1020", "3760.00")]
    assert posted(lent["paid_off"]) == [("2021-10-05", "ENT.1100", "ENT.4010", "240.00")]
    assert lent["paid_off"]["waived"]["charge"] == "480.00"
    assert lent["paid_off"]["standing"]["status"] == "repaid"
    (part,) = office.reads(f"/loans/{again}")["parts"]
    assert (part["settles"], part["settled_amount"]) == (goat, "6240.00")

    undone = office.foresees(f"/events/{lent['event']['id']}/reversal", by=MANAGER, reason="Not hers")
    (other,) = undone["together"]
    assert (undone["standing"]["status"], other["loan"], other["standing"]["status"]) == ("approved", goat, "open")
    other_plan: Told = {"effective_on": "2021-10-20", "resolution_no": "RES-20", "reason": "The harvest is later"}
    anew = f"/loans/{again}/reschedule"
    office.refused(anew, 422, "field_missing", by=MANAGER, **other_plan)
    planned = office.records(anew, by=MANAGER, plan={"kind": "bullet", "due_on": "2022-05-31"}, **other_plan)
    assert [(row["due_on"], row["principal"], row["charge"]) for row in planned["schedule"]] == [
        ("2022-05-31", "10000.00", "1200.00")
    ]
    office.refused(
        f"/events/{lent['event']['id']}/reversal", 422, "reverse_first", by=MANAGER, reason="It is rescheduled"
    )


def the_stall_is_given_up_and_then_not(office: Office, stall: str) -> None:
    """2,500 is lost, 1,000 of it provided for; 300 comes back; then the write-off was a mistake."""
    office.records("/repayments", loan=stall, amount="560.00", effective_on="2021-05-01")
    provided: Told = {"amount": "1000.00", "resolution_no": "RES-14", "reason": "Flood of June"}
    office.records("/funds/ENT/allowance", by=FINANCE, effective_on="2021-06-30", **provided)
    path, lost = f"/loans/{stall}/write-off", {"resolution_no": "RES-15", "reason": "She died in the flood"}
    office.refused(path, 403, "scope_missing", effective_on="2021-09-30", **lost)
    written_off = office.records(path, by=MANAGER, effective_on="2021-09-30", **lost)
    assert posted(written_off) == [
        ("2021-09-30", "ENT.1190", "ENT.1100", "2500.00"),
        ("2021-09-30", "ENT.5020", "ENT.1190", "1500.00"),
    ]
    late = {"name": "Late", "amount": "10.00", "effective_on": "2021-10-01"}
    office.refused(f"/loans/{stall}/penalties", 422, "loan_not_open", **late)
    recovered = office.records("/repayments", loan=stall, amount="300.00", effective_on="2021-10-10")
    assert recovered["settled"]["recovered"] == "300.00"
    assert posted(recovered) == [("2021-10-10", "ENT.1010", "ENT.4050", "300.00")]
    (listed,) = office.reads("/loans?status=written_off")["items"]
    assert (listed["loan"], listed["written_off"], listed["recovered"]) == (stall, "2500.00", "300.00")
    for report in (f"/loans/{stall}/statement", "/loans?status=written_off", "/trial-balance"):
        office.keeps(report, recovered)

    reversal = f"/events/{written_off['event']['id']}/reversal"
    office.refused(reversal, 422, "maker_is_checker", by=MANAGER, reason="She lives")
    undone = office.records(reversal, by=FINANCE, reason="She lives")
    assert (undone["standing"]["status"], owes(undone["standing"])) == ("open", (ZERO, ZERO, "240.00", "2260.00"))
    assert posted(undone) == [
        ("2021-09-30", "ENT.1100", "ENT.1190", "2500.00"),
        ("2021-09-30", "ENT.1190", "ENT.5020", "1500.00"),
        ("2021-10-10", "ENT.4050", "ENT.1100", "240.00"),
        ("2021-10-10", "ENT.4050", "ENT.4010", "60.00"),
    ]
    assert office.reads("/loans?status=written_off")["items"] == []


def a_loan_is_cancelled(office: Office) -> None:
    never = office.world.approves_with_charge("5000.00", "M-3", "2021-10-20")
    path, why = f"/loans/{never}/cancellation", {"reason": "She moved away", "effective_on": "2021-10-25"}
    office.refused(path, 403, "scope_missing", **why)
    cancelled = office.records(path, by=MANAGER, **why)
    assert cancelled["standing"]["status"] == "cancelled"
    office.refused(path, 422, "loan_step", by=MANAGER, **why)
    handed_out = f"/loans/{never}/disbursement"
    office.refused(handed_out, 422, "loan_step", effective_on="2021-10-26", channel="bank")
    shown = office.reads(f"/loans/{never}")
    assert (shown["standing"]["status"], shown["reason"], shown["parts"]) == ("cancelled", "She moved away", [])
    office.refused(f"/loans/{never}/refund", 422, "credit_too_small", effective_on="2021-10-26")
