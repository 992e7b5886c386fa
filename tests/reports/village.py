"""One small LSO whose history a test writes fact by fact, through the operations that offices use."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import uuid4

import orjson

from cif_engine.ledger.events import NO_PAPERS, Papers
from cif_engine.loans.terms import EqualInstalments, FlatAmount, LoanTerms, NoCharge, RepaymentPlan
from cif_engine.network.funds import ChargePolicy, Fund, Product
from cif_engine.network.people import Gender, Household, Institution, InstitutionKind, Member
from cif_engine.operations import collecting, disbursing, funding, lending, sub_grant
from cif_engine.operations.network_funds import create_custodian, create_fund, create_product
from cif_engine.operations.network_people import create_people
from cif_engine.operations.recording import Outcome, Request
from cif_engine.persistence.engines import Databases
from tests.support.databases import found_lso

TODAY = date(2026, 1, 1)
FIRST_MOMENT = 1_700_000_000_000_000
MONTHLY = EqualInstalments(count=10)


def new_id() -> str:
    return str(uuid4())


@dataclass
class Village:
    """An LSO with two VOs of two COs each, eight members (two to a household), two funds, a custodian.

    The fund CIF is interest-free with the product GOAT; the fund SHOP has the product STALL with a flat charge.
    """

    databases: Databases
    lso_id: str
    now: int = FIRST_MOMENT
    moments: list[int] = field(default_factory=list)
    tranches: dict[str, int] = field(default_factory=dict)

    @classmethod
    def founded(cls, databases: Databases) -> Village:
        village = cls(databases, found_lso(databases))
        village._settle()
        return village

    def give(self, amount_minor: int, on: date = date(2020, 1, 1), fund: str = "CIF", held_in: str = "bank") -> None:
        """Receive a tranche under an agreement of its own."""
        number = self.tranches.get(fund, 0) + 1
        self.tranches[fund] = number
        request, release = self.request, sub_grant.TrancheRelease
        agreement = sub_grant.Agreement(new_id(), fund, f"A-{number}", amount_minor, on)
        sub_grant.sign_agreement(self.databases, request(), agreement)
        sub_grant.release_tranche(
            self.databases, request(), release(new_id(), fund, f"A-{number}", number, amount_minor, on)
        )
        receipt = sub_grant.TrancheReceipt(new_id(), fund, number, on, held_in)
        self._told(sub_grant.receive_tranche(self.databases, request(), receipt))

    def apply(
        self, amount_minor: int, on: date, member: int = 1, product: str = "GOAT", plan: RepaymentPlan | None = None
    ) -> str:
        """Apply for a loan; return its number."""
        application = lending.Application(
            new_id(), new_id(), f"M{member}", product, amount_minor, on, "livestock", repayment=plan
        )
        number = self._told(lending.apply_for_loan(self.databases, self.request(), application))["loan"]
        assert isinstance(number, str)
        return number

    def approve(self, loan: str, on: date, amount_minor: int | None = None) -> None:
        decision = lending.CommitteeDecision(
            new_id(),
            loan,
            approved=True,
            effective_on=on,
            resolution_no="R-1",
            committee="VO",
            amount_minor=amount_minor,
        )
        self._told(lending.decide_on_loan(self.databases, self.request("manager"), decision))

    def lend(
        self, amount_minor: int, on: date, member: int = 1, product: str = "GOAT", plan: RepaymentPlan | None = None
    ) -> str:
        """Apply, approve and disburse on one day; return the loan's number."""
        loan = self.apply(amount_minor, on, member, product, plan)
        self.approve(loan, on)
        self._told(
            disbursing.disburse_loan(
                self.databases, self.request(), disbursing.Disbursement(new_id(), loan, on, "bank")
            )
        )
        return loan

    def repay(
        self, loan: str, amount_minor: int, on: date, custodian: int | None = None, papers: Papers = NO_PAPERS
    ) -> dict[str, Any]:
        repayment = collecting.Repayment(new_id(), loan, amount_minor, on, custodian=custodian, papers=papers)
        return self._told(collecting.record_repayment(self.databases, self.request(), repayment))

    def spend(self, amount_minor: int, on: date, paid_from: str = "bank", fund: str = "CIF") -> None:
        expense = funding.MoneyOut(new_id(), fund, amount_minor, on, "stationery", paid_from)
        self._told(funding.pay_expense(self.databases, self.request(), expense))

    def contribute(self, amount_minor: int, on: date, fund: str = "CIF") -> None:
        money = funding.MoneyIn(new_id(), fund, amount_minor, on, "members")
        self._told(funding.receive_contribution(self.databases, self.request(), money))

    def earn(self, amount_minor: int, on: date, fund: str = "CIF") -> None:
        profit = funding.MoneyIn(new_id(), fund, amount_minor, on, "the bank")
        self._told(funding.receive_bank_profit(self.databases, self.request(), profit))

    def give_back(self, amount_minor: int, on: date, tranche: int = 1, fund: str = "CIF") -> None:
        returned = sub_grant.CapitalReturn(new_id(), fund, tranche, amount_minor, on)
        self._told(sub_grant.return_capital(self.databases, self.request(), returned))

    def move(self, amount_minor: int, on: date, paid_from: str, held_in: str, fund: str = "CIF") -> None:
        transfer = funding.Transfer(new_id(), fund, amount_minor, on, paid_from, held_in)
        self._told(funding.move_money(self.databases, self.request(), transfer))

    def request(self, actor: str = "accountant") -> Request:
        self.now += 1_000_000
        return Request(self.lso_id, actor, self.now, TODAY)

    def _told(self, outcome: Outcome) -> dict[str, Any]:
        self.moments.append(self.now)
        answer: dict[str, Any] = orjson.loads(outcome.body)
        return answer

    def _settle(self) -> None:
        databases, lso_id = self.databases, self.lso_id
        free = Fund(new_id(), "CIF", "Community Investment Fund", "SUCCESS", "EU", "the LSO")
        charging = Fund(
            new_id(), "SHOP", "Shop fund", "Growth", "NRSP", "the LSO", charge_policy=ChargePolicy.FLAT_CHARGE
        )
        for fund in (free, charging):
            create_fund(databases, lso_id, fund)
        goat = LoanTerms(repayment=MONTHLY, charge=NoCharge())
        stall = LoanTerms(repayment=MONTHLY, charge=FlatAmount.of_minor(50_000))
        create_product(databases, lso_id, Product(new_id(), "CIF", "GOAT", "Goats", goat))
        create_product(databases, lso_id, Product(new_id(), "SHOP", "STALL", "A stall", stall))
        create_custodian(databases, lso_id, new_id(), "Hajra Bibi")
        vos = [Institution(new_id(), InstitutionKind.VO, f"V{number}", f"Village {number}") for number in (1, 2)]
        cos = [
            Institution(new_id(), InstitutionKind.CO, f"C{number}", "Community", vo=f"V{(number + 1) // 2}")
            for number in (1, 2, 3, 4)
        ]
        households = [Household(new_id(), f"H{number}", "Head", poverty_score=12) for number in (1, 2, 3, 4)]
        members = [
            Member(new_id(), f"M{number}", f"H{(number + 1) // 2}", f"C{(number + 1) // 2}", "Zainab", Gender.FEMALE)
            for number in range(1, 9)
        ]
        with databases.writing(lso_id) as connection:
            create_people(connection, lso_id, [*vos, *cos], households, members)
