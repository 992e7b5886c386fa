"""A small LSO whose book tests write in, in the words of its accountant. Amounts are rupees.

`book = a_funded_book(databases, 60_000)`, `loan = book.lends(12_000, on=APRIL)`, `book.repays(loan, 1_000, on=MAY)`.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import count
from typing import Any
from uuid import uuid4

import orjson
import sqlalchemy as sa

from cif_engine.errors import CifError, RefusedBeforeError
from cif_engine.ledger.accounts import LINE_OF, Role
from cif_engine.ledger.events import Papers
from cif_engine.loans.terms import BulletPayment, EqualInstalments, LoanTerms, RepaymentPlan
from cif_engine.money import format_amount, parse_amount
from cif_engine.network.funds import ChargePolicy, Fund, Product
from cif_engine.network.people import Gender, Household, Institution, InstitutionKind, Member
from cif_engine.network.places import Holiday
from cif_engine.operations.allowance import AllowanceChange, change_allowance
from cif_engine.operations.collecting import Repayment, record_repayment
from cif_engine.operations.credits import CreditUse, Refund, refund_credit, use_credit
from cif_engine.operations.disbursing import Disbursement, disburse_loan
from cif_engine.operations.dues import Fee, Waiver, charge_fee, waive_dues
from cif_engine.operations.funding import (
    MoneyIn,
    MoneyOut,
    Transfer,
    move_money,
    pay_expense,
    receive_bank_profit,
    receive_contribution,
)
from cif_engine.operations.lending import (
    Application,
    Appraisal,
    Cancellation,
    CommitteeDecision,
    apply_for_loan,
    appraise_loan,
    cancel_loan,
    decide_on_loan,
)
from cif_engine.operations.moratorium import Moratorium, grant_moratorium
from cif_engine.operations.network_funds import create_custodian, create_fund, create_product
from cif_engine.operations.network_people import create_people
from cif_engine.operations.network_places import create_holiday
from cif_engine.operations.recording import Outcome, Request
from cif_engine.operations.replacing import Correction, correct_fact
from cif_engine.operations.restructuring import (
    Pause,
    Reschedule,
    WriteOff,
    reschedule_loan,
    write_off_loan,
)
from cif_engine.operations.reversals import Reversal
from cif_engine.operations.reversing import reverse_fact
from cif_engine.operations.sub_grant import (
    Agreement,
    CapitalReturn,
    TrancheReceipt,
    TrancheRelease,
    receive_tranche,
    release_tranche,
    return_capital,
    sign_agreement,
)
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.tables import TABLES
from tests.support.databases import found_lso

Rupees = int | str
"""Whole rupees, or text with paisas: `"958.50"`."""

TODAY = date(2026, 6, 30)
FUND = "CIF"
CUSTODIANS = ("Hajra", "Sughra")
MEMBERS = ("Zainab", "Amna", "زرینہ", "Marvi")
INELIGIBLE, TOO_WELL_OFF, NOT_SCORED = "M-UNLISTED", "M-SCORE-40", "M-NO-SCORE"
PRODUCTS: Mapping[str, LoanTerms] = {
    "MONTHLY": LoanTerms(repayment=EqualInstalments(count=12)),
    "HARVEST": LoanTerms(repayment=BulletPayment(after_months=6)),
}
Answer = dict[str, Any]
Rows = list[Mapping[str, Any]]
FIRST_MOMENT = 1_700_000_000_000_000
_seconds = count(1)


@dataclass(frozen=True)
class FundRules:
    """What a test may want of its fund; amounts in rupees."""

    amount_min: Rupees = "0.01"
    amount_max: Rupees | None = None
    cycle_max: int | None = None
    score_to: int = 23
    reserve_floor: Rupees = 0


def minor(amount: Rupees) -> int:
    return parse_amount(amount)


def new_id() -> str:
    return str(uuid4())


@dataclass(frozen=True)
class How:
    """How a fact is recorded, where that matters: by whom, from which paper, as which fact, in which request."""

    actor: str = "accountant"
    receipt: str | None = None
    voucher: str | None = None
    external: str | None = None
    replaces: str | None = None
    fact_id: str | None = None
    request: Request | None = None

    @property
    def fact(self) -> str:
        return self.fact_id or new_id()

    @property
    def papers(self) -> Papers:
        return Papers(self.receipt, self.voucher, self.external, self.replaces)


Operation = Callable[[Databases, Request, Any], Outcome]


@dataclass(frozen=True)
class Sent:
    """A request as it was sent, and the JSON that was answered to it."""

    operation: Operation
    request: Request
    command: Any
    answer: bytes
    refusal: CifError | None = None

    def again(self, databases: Databases) -> "Sent":
        return send(databases, self.operation, self.request, self.command)


def send(databases: Databases, operation: Operation, request: Request, command: object) -> Sent:
    """Send a request. A refusal is an answer as well; what the engine did not expect is raised."""
    try:
        return Sent(operation, request, command, operation(databases, request, command).body)
    except RefusedBeforeError as refusal:
        return Sent(operation, request, command, refusal.answer.encode(), refusal)
    except CifError as refusal:
        return Sent(operation, request, command, orjson.dumps(refusal.as_answer()), refusal)


USUAL = How()
MANAGER = How(actor="manager")
CHAIR = How(actor="chair")


@dataclass
class Book:
    """One LSO with the fund CIF, four members who may borrow, three who may not, and two custodians."""

    databases: Databases
    lso_id: str
    fund_id: str
    today: date = TODAY
    sent: list[Sent] = field(default_factory=list)

    # What happens in a fund -----------------------------------------------------------------------------------

    def signs(self, amount: Rupees, *, on: date, number: str = "A-1", how: How = USUAL) -> Answer:
        agreement = Agreement(how.fact, FUND, number, minor(amount), on, papers=how.papers)
        return self._does(sign_agreement, agreement, how)

    def is_released(
        self, amount: Rupees, *, on: date, number: int = 1, agreement: str = "A-1", how: How = USUAL
    ) -> Answer:
        release = TrancheRelease(how.fact, FUND, agreement, number, minor(amount), on, papers=how.papers)
        return self._does(release_tranche, release, how)

    def receives(self, number: int = 1, *, on: date, held_in: str = "bank", how: How = USUAL) -> Answer:
        return self._does(receive_tranche, TrancheReceipt(how.fact, FUND, number, on, held_in, papers=how.papers), how)

    def gets_tranche(self, amount: Rupees, *, on: date, held_in: str = "bank") -> int:
        """Sign, release and receive on one day; return the number of the tranche."""
        number = len(self.rows("tranche")) + 1
        self.signs(amount, on=on, number=f"A-{number}")
        self.is_released(amount, on=on, number=number, agreement=f"A-{number}")
        self.receives(number, on=on, held_in=held_in)
        return number

    def is_given(self, amount: Rupees, *, on: date, held_in: str = "bank", how: How = USUAL) -> Answer:
        gift = MoneyIn(how.fact, FUND, minor(amount), on, "a well-wisher", held_in, papers=how.papers)
        return self._does(receive_contribution, gift, how)

    def earns_profit(self, amount: Rupees, *, on: date, held_in: str = "bank", how: How = USUAL) -> Answer:
        profit = MoneyIn(how.fact, FUND, minor(amount), on, "the bank", held_in, papers=how.papers)
        return self._does(receive_bank_profit, profit, how)

    def spends(
        self, amount: Rupees, *, on: date, paid_from: str = "bank", purpose: str = "rent", how: How = USUAL
    ) -> Answer:
        expense = MoneyOut(how.fact, FUND, minor(amount), on, purpose, paid_from, papers=how.papers)
        return self._does(pay_expense, expense, how)

    def returns(
        self, amount: Rupees, *, on: date, tranche: int = 1, paid_from: str = "bank", how: How = USUAL
    ) -> Answer:
        returned = CapitalReturn(how.fact, FUND, tranche, minor(amount), on, paid_from, papers=how.papers)
        return self._does(return_capital, returned, how)

    def moves(self, amount: Rupees, *, on: date, paid_from: str, held_in: str, how: How = USUAL) -> Answer:
        transfer = Transfer(how.fact, FUND, minor(amount), on, paid_from, held_in, papers=how.papers)
        return self._does(move_money, transfer, how)

    # What happens with a loan ---------------------------------------------------------------------------------

    def applies(
        self,
        amount: Rupees,
        *,
        on: date,
        member: str = MEMBERS[0],
        product: str = "MONTHLY",
        plan: RepaymentPlan | None = None,
        loan_id: str | None = None,
        how: How = USUAL,
    ) -> str:
        """Record an application and return the loan's number."""
        application = Application(
            how.fact, loan_id or new_id(), _code(member), product, minor(amount), on, "a goat", None, plan,
            papers=how.papers,
        )  # fmt: skip
        number: str = self._does(apply_for_loan, application, how)["loan"]
        return number

    def appraises(self, loan: str, amount: Rupees, *, on: date, how: How = USUAL) -> Answer:
        appraisal = Appraisal(how.fact, loan, minor(amount), on, "CRP Rashida", papers=how.papers)
        return self._does(appraise_loan, appraisal, how)

    def resolves(
        self, loan: str, *, on: date, approved: bool = True, amount: Rupees | None = None, how: How = MANAGER
    ) -> Answer:
        """Record the decision of the committee; by the manager, because the accountant took the application."""
        reason = None if approved else "no plan"
        resolved = None if amount is None else minor(amount)
        decision = CommitteeDecision(
            how.fact, loan, approved, on, "R-12", "VO committee", resolved, reason, papers=how.papers
        )
        return self._does(decide_on_loan, decision, how)

    def cancels(self, loan: str, *, on: date, how: How = USUAL) -> Answer:
        return self._does(cancel_loan, Cancellation(how.fact, loan, on, "she moved away", how.papers), how)

    def disburses(
        self,
        loan: str,
        *,
        on: date,
        channel: str = "bank",
        amount: Rupees | None = None,
        settles: str | None = None,
        settled: Rupees | None = None,
        how: How = USUAL,
    ) -> Answer:
        disbursement = Disbursement(
            how.fact,
            loan,
            on,
            channel,
            _minor_or_none(amount),
            papers=how.papers,
            settles=settles,
            settled_minor=_minor_or_none(settled),
            settlement_id=new_id(),
        )
        return self._does(disburse_loan, disbursement, how)

    def lends(
        self,
        amount: Rupees,
        *,
        on: date,
        member: str = MEMBERS[0],
        product: str = "MONTHLY",
        plan: RepaymentPlan | None = None,
        channel: str = "bank",
        loan_id: str | None = None,
    ) -> str:
        """Take a loan from application to disbursement on one day; return its number."""
        loan = self.applies(amount, on=on, member=member, product=product, plan=plan, loan_id=loan_id)
        self.resolves(loan, on=on)
        self.disburses(loan, on=on, channel=channel)
        return loan

    def repays(
        self,
        loan: str,
        amount: Rupees,
        *,
        on: date,
        channel: str = "cash",
        custodian: int | None = None,
        settles: bool = False,
        how: How = USUAL,
    ) -> Answer:
        repayment = Repayment(how.fact, loan, minor(amount), on, channel, custodian, how.papers, settles=settles)
        return self._does(record_repayment, repayment, how)

    def charges(
        self,
        loan: str,
        amount: Rupees,
        *,
        on: date,
        due_on: date | None = None,
        penalty: bool = False,
        how: How = USUAL,
    ) -> Answer:
        """Charge a fee, or a penalty."""
        name = "late payment" if penalty else "passbook"
        return self._does(charge_fee, Fee(how.fact, loan, name, minor(amount), on, due_on, penalty, how.papers), how)

    def waives(
        self,
        loan: str,
        *,
        on: date,
        penalty: Rupees = 0,
        fee: Rupees = 0,
        charge: Rupees = 0,
        how: How = MANAGER,
    ) -> Answer:
        forgiven = (minor(penalty), minor(fee), minor(charge))
        return self._does(waive_dues, Waiver(how.fact, loan, on, "R-20", "hardship", *forgiven, how.papers), how)

    def refunds(
        self, loan: str, amount: Rupees | None = None, *, on: date, channel: str = "cash", how: How = USUAL
    ) -> Answer:
        refund = Refund(how.fact, loan, on, channel, _minor_or_none(amount), papers=how.papers)
        return self._does(refund_credit, refund, how)

    def uses_credit(self, loan: str, amount: Rupees | None = None, *, on: date, pays: str, how: How = USUAL) -> Answer:
        use = CreditUse(how.fact, new_id(), loan, pays, on, _minor_or_none(amount), how.papers)
        return self._does(use_credit, use, how)

    def reschedules(
        self,
        loan: str,
        *,
        on: date,
        plan: RepaymentPlan | None = None,
        pause: Pause | None = None,
        how: How = MANAGER,
    ) -> Answer:
        reschedule = Reschedule(how.fact, loan, on, "R-30", "flood", plan, pause, how.papers)
        return self._does(reschedule_loan, reschedule, how)

    def grants_moratorium(
        self,
        months: int,
        *,
        on: date,
        vo: str | None = None,
        co: str | None = None,
        loans: int | None = None,
        how: How = MANAGER,
    ) -> Answer:
        moratorium = Moratorium(how.fact, FUND, on, Pause(months), "R-31", "flood", vo, co, loans, papers=how.papers)
        return self._does(grant_moratorium, moratorium, how)

    def writes_off(self, loan: str, *, on: date, how: How = MANAGER) -> Answer:
        return self._does(write_off_loan, WriteOff(how.fact, loan, on, "R-40", "she died", how.papers), how)

    def changes_allowance(self, amount: Rupees, *, on: date, release: bool = False, how: How = MANAGER) -> Answer:
        change = AllowanceChange(how.fact, FUND, minor(amount), on, "R-50", "as assessed", release, how.papers)
        return self._does(change_allowance, change, how)

    def corrects(
        self,
        event: str | int,
        *,
        amount: Rupees | None = None,
        on: date | None = None,
        channel: str | None = None,
        how: How = CHAIR,
    ) -> Answer:
        """Say what is right of a fact, named by its id or seq."""
        correction = Correction(
            how.fact, new_id(), str(event), "typed wrong", None, _minor_or_none(amount), on, channel, how.papers
        )
        return self._does(correct_fact, correction, how)

    def reverses(self, event: str | int, *, whole_moratorium: bool = False, how: How = CHAIR) -> Answer:
        """Reverse a fact by its id or seq."""
        reversal = Reversal(how.fact, str(event), "typed wrong", papers=how.papers, whole_moratorium=whole_moratorium)
        return self._does(reverse_fact, reversal, how)

    # What the book says ---------------------------------------------------------------------------------------

    def balance(self, role: Role, *, on: date = date.max) -> str:
        """Return what the accounts of a role hold at the end of a day, in rupees, each on the side it grows on."""
        codes = {row["code"] for row in self.rows("account") if row["role"] == role}
        sums = self.balances(on)
        total = sum(amount for code, amount in sums.items() if code in codes)
        debit_side = LINE_OF[role].account_class.grows_by_debit
        return format_amount(total if debit_side else -total)

    def balances(self, on: date = date.max, postings: Rows | None = None) -> dict[str, int]:
        """Return each account's balance at the end of a day, in paisa, debits positive, zeros left out."""
        sums: defaultdict[str, int] = defaultdict(int)
        for row in self.rows("posting") if postings is None else postings:
            if row["effective_on"] <= on:
                sums[row["debit"]] += row["amount_minor"]
                sums[row["credit"]] -= row["amount_minor"]
        return {code: amount for code, amount in sums.items() if amount}

    def position(self, loan: str) -> Mapping[str, Any]:
        """Return the stored position of a loan."""
        (loan_id,) = (row["id"] for row in self.rows("loan") if row["number"] == loan)
        (found,) = (row for row in self.rows("loan_position") if row["loan_id"] == loan_id)
        return found

    def schedule(self, loan: str) -> list[tuple[date, str, str]]:
        """Return the due dates with principal and charge in rupees, of the schedule it is repaid by."""
        position = self.position(loan)
        rows = [
            row
            for row in self.rows("instalment")
            if (row["loan_id"], row["schedule_no"]) == (position["loan_id"], position["schedule_no"])
            and row["known_to"] is None
        ]
        return [
            (row["due_on"], format_amount(row["principal_minor"]), format_amount(row["charge_minor"])) for row in rows
        ]

    def rows(self, table: str) -> Rows:
        """Return the rows of this LSO in a table, by its key."""
        with self.databases.reading() as connection:
            return self._rows(connection, TABLES[table])

    def snapshot(self) -> dict[str, Rows]:
        """Return every row of this LSO."""
        of_lsos = {name: table for name, table in TABLES.items() if name != "api_key" and "lso_id" in table.c}
        with self.databases.reading() as connection:
            return {name: self._rows(connection, table) for name, table in of_lsos.items()}

    def _rows(self, connection: sa.Connection, table: sa.Table) -> Rows:
        wanted = sa.select(table).where(table.c.lso_id == self.lso_id).order_by(*table.primary_key)
        return [dict(row) for row in connection.execute(wanted).mappings()]

    # How ------------------------------------------------------------------------------------------------------

    def request(self, *, actor: str = "accountant", key: str | None = None, body: bytes = b"") -> Request:
        """Return a request of this moment; without a key it is one that was never made before."""
        at = FIRST_MOMENT + next(_seconds) * 1_000_000
        return Request(self.lso_id, actor, at, self.today, key or new_id(), body)

    def by(self, databases: Databases) -> "Book":
        """Return the same book seen through another pool, as another process would."""
        return replace(self, databases=databases)

    def _does(self, operation: Operation, command: object, how: How) -> Answer:
        sent = send(self.databases, operation, how.request or self.request(actor=how.actor), command)
        self.sent.append(sent)
        if sent.refusal:
            raise sent.refusal
        answer: Answer = orjson.loads(sent.answer)
        return answer


def settled(**amounts: Rupees) -> dict[str, str]:
    """Return how an answer shows a split: what is not named is nothing."""
    names = ("penalty", "fee", "charge", "principal", "recovered", "credit_balance")
    return {name: format_amount(minor(amounts.get(name, 0))) for name in names}


def _minor_or_none(amount: Rupees | None) -> int | None:
    return None if amount is None else minor(amount)


def a_book(databases: Databases, rules: FundRules = FundRules(), products: Mapping[str, LoanTerms] = PRODUCTS) -> Book:
    """Found an LSO with its fund, products and people; no money has arrived yet."""
    lso_id, fund = found_lso(databases), _fund(rules)
    create_fund(databases, lso_id, fund)
    for name in CUSTODIANS:
        create_custodian(databases, lso_id, new_id(), name)
    for code, terms in products.items():
        create_product(databases, lso_id, Product(new_id(), FUND, code, code, terms))
    vo = Institution(new_id(), InstitutionKind.VO, "VO-1", "VO")
    co = Institution(new_id(), InstitutionKind.CO, "CO-1", "CO", vo.code)
    names = {_code(name): name for name in MEMBERS} | {INELIGIBLE: "Naz", TOO_WELL_OFF: "Rani", NOT_SCORED: "Shah Bibi"}
    households = [_household(code, name) for code, name in names.items()]
    members = [Member(new_id(), code, f"H-{code}", co.code, name, Gender.FEMALE) for code, name in names.items()]
    with databases.writing(lso_id) as connection:
        create_people(connection, lso_id, [vo, co], households, members)
    return Book(databases, lso_id, fund.id)


def a_funded_book(
    databases: Databases,
    amount: Rupees = 100_000,
    *,
    on: date = date(2024, 1, 1),
    rules: FundRules = FundRules(),
    products: Mapping[str, LoanTerms] = PRODUCTS,
) -> Book:
    """Found an LSO whose fund has received its first tranche, and holds it in the bank."""
    book = a_book(databases, rules, products)
    book.gets_tranche(amount, on=on)
    return book


def announce_holiday(databases: Databases, on: date) -> None:
    create_holiday(databases, Holiday(on, "Holiday"))


def _code(member: str) -> str:
    return f"M-{MEMBERS.index(member) + 1}" if member in MEMBERS else member


def _fund(rules: FundRules) -> Fund:
    return Fund(
        new_id(),
        FUND,
        "Community Investment Fund",
        "SUCCESS",
        "EU",
        "LSO",
        poverty_score_to=rules.score_to,
        amount_min_minor=minor(rules.amount_min),
        amount_max_minor=None if rules.amount_max is None else minor(rules.amount_max),
        cycle_max=rules.cycle_max,
        charge_policy=ChargePolicy.ANY_CHARGE,
        reserve_floor_minor=minor(rules.reserve_floor),
    )


def _household(member: str, head: str) -> Household:
    score = {TOO_WELL_OFF: 40, NOT_SCORED: None}.get(member, 10)
    return Household(new_id(), f"H-{member}", head, poverty_score=score, eligible=member != INELIGIBLE)
