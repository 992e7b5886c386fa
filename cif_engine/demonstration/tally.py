"""The truth about a plan: every figure the engine must report, worked out apart from the engine.

The engine folds the facts of a loan one after the other and keeps what it found. Here nothing is kept: for every
question the money paid by then is added up once, and poured over the dues from the oldest on. Amounts are minor units.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from cif_engine.demonstration.dues import Due, dues_of
from cif_engine.demonstration.plan import BANK, CASH, RUPEE, Plan, Planned, moves_of
from cif_engine.operations import funding
from cif_engine.operations.collecting import Repayment
from cif_engine.operations.lending import Application, CommitteeDecision, Disbursement

PAR_DAYS: Final = (0, 1, 30, 60, 90, 180, 365)
BANDS: Final = (
    ("current", 0, 0),
    ("1-30", 1, 30),
    ("31-60", 31, 60),
    ("61-90", 61, 90),
    ("91-180", 91, 180),
    ("181-365", 181, 365),
    ("> 365", 366, 10**6),
)
"""Each ageing band with the first and the last number of days late that belong to it."""

CUTS: Final = ("vo", "co", "product", "fund")


@dataclass(frozen=True, slots=True)
class When:
    """A day, and the moment up to which what was recorded counts; None: all of it."""

    as_of: date
    known_at: int | None = None

    def sees(self, fact: Planned) -> bool:
        return fact.effective_on <= self.as_of and (self.known_at is None or fact.recorded_at <= self.known_at)


@dataclass(frozen=True, slots=True)
class LoanTruth:
    """What is true of a disbursed loan on a day."""

    loan_id: str
    member: str
    household: str
    cuts: dict[str, str]
    principal: int
    charge: int
    """Principal and charge not paid."""

    overdue: int
    """Principal that fell due before the day and is not paid."""

    days_late: int
    credit: int

    @property
    def is_open(self) -> bool:
        return self.principal + self.charge > 0


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The figures of some open loans."""

    gross: int
    overdue: int
    loans: int
    borrowers: int
    households: int
    par: dict[int, tuple[int, int]]
    """By n of PAR > n: the amount at risk and the number of loans."""

    ageing: dict[str, tuple[int, int]]

    def par_rate(self, days: int) -> Fraction | None:
        return Fraction(self.par[days][0], self.gross) if self.gross else None

    @property
    def arrears_rate(self) -> Fraction | None:
        return Fraction(self.overdue, self.gross) if self.gross else None


@dataclass(frozen=True, slots=True)
class Money:
    """Where the fund's money is and what became of it. `committed` is approved and not disbursed."""

    cash: int
    bank: int
    in_transit: int
    capital: int
    bank_profit: int
    charge_income: int
    expenses: int
    committed: int
    disbursed: int
    repaid: int
    outstanding: int
    credits: int


@dataclass(slots=True)
class _Loan:
    """The facts of one loan."""

    application: Planned
    cuts: dict[str, str]
    household: str
    decisions: list[Planned] = field(default_factory=list)
    disbursements: list[Planned] = field(default_factory=list)
    repayments: list[Planned] = field(default_factory=list)
    dues: tuple[Due, ...] = ()


class Tally:
    """Answers from the facts of a plan alone."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._loans: dict[str, _Loan] = {}
        self._households = {member.code: member.household for member in plan.people.members}
        self._cos = {member.code: member.co for member in plan.people.members}
        self._holidays = frozenset(holiday.on for holiday in plan.places.holidays)
        self._tranches = {
            fact.command.number: fact.command.amount_minor
            for fact in plan.facts
            if isinstance(fact.command, funding.TrancheRelease)
        }
        for fact in plan.facts:
            self._sort_in(fact)

    def portfolio(self, when: When) -> Portfolio:
        """Return the figures of all open loans."""
        return _portfolio(self._open_loans(when))

    def portfolio_by(self, cut: str, when: When) -> dict[str, Portfolio]:
        """Return the figures by VO, CO, product or fund: codes of those with open loans only."""
        parts: dict[str, list[LoanTruth]] = defaultdict(list)
        for loan in self._open_loans(when):
            parts[loan.cuts[cut]].append(loan)
        return {code: _portfolio(loans) for code, loans in parts.items()}

    def loans(self, when: When) -> list[LoanTruth]:
        """Return what is true of each disbursed loan, in the order of application."""
        return [truth for loan in self._loans.values() if (truth := self._truth_of(loan, when))]

    def money(self, when: When) -> Money:
        """Return where the money is."""
        places: dict[str, int] = defaultdict(int)
        sums: dict[object, int] = defaultdict(int)
        for fact in filter(when.sees, self._plan.facts):
            moves = moves_of(fact.command, self._tranches)
            for place, amount in moves:
                places[place] += amount
            sums[fact.operation] += sum(amount for _, amount in moves)
        disbursed, repaid = self._disbursed(when), self._repaid(when)
        loans = self.loans(when)
        outstanding = sum(loan.principal for loan in loans)
        too_much = sum(loan.credit for loan in loans)
        return Money(
            cash=places[CASH],
            bank=places[BANK],
            in_transit=sum(amount for place, amount in places.items() if place not in (CASH, BANK)),
            capital=sums[funding.receive_tranche] + sums[funding.receive_contribution] + sums[funding.return_capital],
            bank_profit=sums[funding.receive_bank_profit],
            # What came back and is neither principal nor too much.
            charge_income=repaid - too_much - (disbursed - outstanding),
            expenses=-sums[funding.pay_expense],
            committed=self._committed(when),
            disbursed=disbursed,
            repaid=repaid,
            outstanding=outstanding,
            credits=too_much,
        )

    def lowest_balances(self) -> dict[str, int]:
        """Return the lowest balance at the end of a day that each place ever had, all facts known."""
        by_day: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
        for fact in self._plan.facts:
            for place, amount in moves_of(fact.command, self._tranches):
                by_day[place][fact.effective_on] += amount
        lowest: dict[str, int] = {}
        for place, days in by_day.items():
            balance, lowest[place] = 0, 0
            for day in sorted(days):
                balance += days[day]
                lowest[place] = min(lowest[place], balance)
        return lowest

    def loans_made(self) -> int:
        return sum(1 for loan in self._loans.values() if loan.disbursements)

    def households_served(self) -> int:
        return len({loan.household for loan in self._loans.values() if loan.disbursements})

    # Facts by loan -----------------------------------------------------------------------------------------------

    def _sort_in(self, fact: Planned) -> None:
        match fact.command:
            case Application():
                self._loans[fact.command.loan_id] = self._new_loan(fact, fact.command)
            case CommitteeDecision():
                self._loans[fact.command.loan].decisions.append(fact)
            case Disbursement():
                loan = self._loans[fact.command.loan]
                loan.disbursements.append(fact)
                loan.dues = self._dues_of(loan, fact.command)
            case Repayment():
                self._loans[fact.command.loan].repayments.append(fact)

    def _new_loan(self, fact: Planned, application: Application) -> _Loan:
        co = self._cos[application.member]
        vo = self._plan.people.vo_of_co[co]
        cuts = {"vo": vo, "co": co, "product": application.product, "fund": self._plan.fund.code}
        return _Loan(fact, cuts, self._households[application.member])

    def _dues_of(self, loan: _Loan, disbursement: Disbursement) -> tuple[Due, ...]:
        profile = self._plan.profile
        offer = next(offer for offer in profile.offers if offer.code == loan.cuts["product"])
        principal = (disbursement.amount_minor or 0) // RUPEE
        return dues_of(offer.plan, principal, disbursement.effective_on, profile.charge_percent, self._holidays)

    # One loan on a day -------------------------------------------------------------------------------------------

    def _open_loans(self, when: When) -> list[LoanTruth]:
        return [loan for loan in self.loans(when) if loan.is_open]

    def _truth_of(self, loan: _Loan, when: When) -> LoanTruth | None:
        if not any(map(when.sees, loan.disbursements)):
            return None
        left = _sum(loan.repayments, when)
        principal = charge = overdue = 0
        late_since: date | None = None
        for due in loan.dues:
            unpaid_charge = max(due.charge * RUPEE - left, 0)
            left = max(left - due.charge * RUPEE, 0)
            unpaid_principal = max(due.principal * RUPEE - left, 0)
            left = max(left - due.principal * RUPEE, 0)
            principal += unpaid_principal
            charge += unpaid_charge
            if due.on < when.as_of:
                overdue += unpaid_principal
                if unpaid_principal or unpaid_charge:
                    late_since = late_since or due.on
        days_late = (when.as_of - late_since) // timedelta(days=1) if late_since else 0
        application: Application = loan.application.command
        return LoanTruth(
            loan_id=application.loan_id,
            member=application.member,
            household=loan.household,
            cuts=loan.cuts,
            principal=principal,
            charge=charge,
            overdue=overdue,
            days_late=days_late,
            credit=left,
        )

    # Sums --------------------------------------------------------------------------------------------------------

    def _disbursed(self, when: When) -> int:
        return sum(_sum(loan.disbursements, when) for loan in self._loans.values())

    def _repaid(self, when: When) -> int:
        return sum(_sum(loan.repayments, when) for loan in self._loans.values())

    def _committed(self, when: When) -> int:
        waiting = (loan for loan in self._loans.values() if not any(map(when.sees, loan.disbursements)))
        return sum(_sum(loan.decisions, when) for loan in waiting)


def _sum(facts: Iterable[Planned], when: When) -> int:
    return sum(fact.command.amount_minor or 0 for fact in facts if when.sees(fact))


def _portfolio(loans: list[LoanTruth]) -> Portfolio:
    def part(first: int, last: int) -> tuple[int, int]:
        inside = [loan.principal for loan in loans if first <= loan.days_late <= last]
        return sum(inside), len(inside)

    return Portfolio(
        gross=sum(loan.principal for loan in loans),
        overdue=sum(loan.overdue for loan in loans),
        loans=len(loans),
        borrowers=len({loan.member for loan in loans}),
        households=len({loan.household for loan in loans}),
        par={days: part(days + 1, 10**6) for days in PAR_DAYS},
        ageing={name: part(first, last) for name, first, last in BANDS},
    )
