"""The truth about a plan: every figure the engine must report, worked out apart from the engine.

The engine folds the facts of a loan one after the other and keeps what it found. Here nothing is kept: for every
question the money paid by then is added up once, and poured over the dues from the oldest on. Amounts are minor units.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from itertools import accumulate

from cif_engine.demonstration.dues import Due, dues_of
from cif_engine.demonstration.loan_facts import LoanFacts
from cif_engine.demonstration.plan import BANK, CASH, RUPEE, Plan, Planned, moves_of
from cif_engine.demonstration.truths import LoanTruth, Money, Portfolio, When, holding, portfolio_of
from cif_engine.operations import funding, sub_grant
from cif_engine.operations.allowance import AllowanceChange
from cif_engine.operations.collecting import Repayment
from cif_engine.operations.credits import refund_credit
from cif_engine.operations.disbursing import Disbursement
from cif_engine.operations.lending import Application, Cancellation, CommitteeDecision
from cif_engine.operations.moratorium import Moratorium
from cif_engine.operations.reversals import Reversal


class Tally:
    """Answers from the facts of a plan alone."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._loans: dict[str, LoanFacts] = {}
        self._households = {member.code: member.household for member in plan.people.members}
        self._cos = {member.code: member.co for member in plan.people.members}
        self._holidays = frozenset(holiday.on for holiday in plan.places.holidays)
        self._tranches = {
            fact.command.number: fact.command.amount_minor
            for fact in plan.facts
            if isinstance(fact.command, sub_grant.TrancheRelease)
        }
        self._struck: dict[str, int] = {}
        self._paused = 0
        for fact in plan.facts:
            self._sort_in(fact)

    def events(self) -> int:
        """Return how many facts the book holds: a moratorium is one of each loan."""
        moratoria = sum(1 for fact in self._plan.facts if isinstance(fact.command, Moratorium))
        return len(self._plan.facts) - moratoria + self._paused

    def portfolio(self, when: When) -> Portfolio:
        """Return the figures of all open loans."""
        return portfolio_of(self._open_loans(when))

    def portfolio_by(self, cut: str, when: When) -> dict[str, Portfolio]:
        """Return the figures by VO, CO, product or fund: codes of those with open loans only."""
        parts: dict[str, list[LoanTruth]] = defaultdict(list)
        for loan in self._open_loans(when):
            parts[loan.cuts[cut]].append(loan)
        return {code: portfolio_of(loans) for code, loans in parts.items()}

    def loans(self, when: When) -> list[LoanTruth]:
        """Return what is true of each disbursed loan, in the order of application."""
        return [truth for loan in self._loans.values() if (truth := loan.truth(when))]

    def money(self, when: When) -> Money:
        """Return where the money is."""
        places: dict[str, int] = defaultdict(int)
        sums: dict[object, int] = defaultdict(int)
        for fact in holding(self._plan.facts, when, self._struck):
            moves = moves_of(fact.command, self._tranches)
            for place, amount in moves:
                places[place] += amount
            sums[fact.operation] += sum(amount for _, amount in moves)
        disbursed = self._sum(Disbursement, when)
        repaid = self._sum(Repayment, when)
        loans = self.loans(when)
        outstanding = sum(loan.principal for loan in loans)
        too_much = sum(loan.credit for loan in loans) - sums[refund_credit]
        written_off, recovered = sum(loan.written_off for loan in loans), sum(loan.recovered for loan in loans)
        losses = self._losses(loans, when)
        return Money(
            cash=places[CASH],
            bank=places[BANK],
            in_transit=sum(amount for place, amount in places.items() if place not in (CASH, BANK)),
            capital=sums[sub_grant.receive_tranche]
            + sums[funding.receive_contribution]
            + sums[sub_grant.return_capital],
            bank_profit=sums[funding.receive_bank_profit],
            # What came back and is neither principal, nor of a loan given up, nor too much.
            charge_income=repaid - too_much - recovered - (disbursed - outstanding - written_off),
            recovered=recovered,
            expenses=-sums[funding.pay_expense],
            losses=losses,
            allowance=losses - written_off,
            committed=self._committed(when),
            disbursed=disbursed,
            repaid=repaid,
            outstanding=outstanding,
            credits=sum(loan.credit for loan in loans),
        )

    def lowest_balances(self) -> dict[str, int]:
        """Return the lowest balance at the end of a day that each place ever had, all facts known."""
        by_day: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
        for fact in holding(self._plan.facts, When(date.max), self._struck):
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
        return sum(1 for loan in self._loans.values() if loan.facts[Disbursement])

    def households_served(self) -> int:
        return len({loan.household for loan in self._loans.values() if loan.facts[Disbursement]})

    # Facts by loan -----------------------------------------------------------------------------------------------

    def _sort_in(self, fact: Planned) -> None:
        match fact.command:
            case Application():
                self._loans[fact.command.loan_id] = self._new_loan(fact, fact.command)
            case Moratorium():
                self._sort_in_moratorium(fact, fact.command)
            case Reversal():
                self._struck[fact.command.event] = fact.recorded_at
            case _ if loan := self._loans.get(getattr(fact.command, "loan", "")):
                loan.facts[type(fact.command)].append(fact)
                if isinstance(fact.command, Disbursement):
                    loan.dues = self._dues_of(loan, fact.command)

    def _sort_in_moratorium(self, fact: Planned, moratorium: Moratorium) -> None:
        """It is of all loans that owe principal by what is recorded so far, one moment after the other."""
        when = When(moratorium.effective_on)
        in_order = sorted(self._loans.values(), key=lambda loan: loan.application.effective_on.year)
        of_area = [loan for loan in in_order if loan.cuts["vo"] == moratorium.vo]
        owing = [loan for loan in of_area if (truth := loan.truth(when)) and truth.principal]
        for place, loan in enumerate(owing):
            loan.facts[Moratorium].append(replace(fact, recorded_at=fact.recorded_at + place))
        self._paused += len(owing)

    def _new_loan(self, fact: Planned, application: Application) -> LoanFacts:
        co = self._cos[application.member]
        vo = self._plan.people.vo_of_co[co]
        cuts = {"vo": vo, "co": co, "product": application.product, "fund": self._plan.fund.code}
        return LoanFacts(fact, cuts, self._households[application.member], self._struck, self._holidays)

    def _dues_of(self, loan: LoanFacts, disbursement: Disbursement) -> tuple[Due, ...]:
        profile = self._plan.profile
        offer = next(offer for offer in profile.offers if offer.code == loan.cuts["product"])
        principal = (disbursement.amount_minor or 0) // RUPEE
        return dues_of(offer.plan, principal, disbursement.effective_on, profile.charge_percent, self._holidays)

    def _open_loans(self, when: When) -> list[LoanTruth]:
        return [loan for loan in self.loans(when) if loan.is_open]

    # Sums --------------------------------------------------------------------------------------------------------

    def _sum(self, command: type, when: When) -> int:
        return sum(_amount(fact) for loan in self._loans.values() for fact in loan.holding(command, when))

    def _committed(self, when: When) -> int:
        ends = (Disbursement, Cancellation)
        waiting = [loan for loan in self._loans.values() if not any(loan.has(end, when) for end in ends)]
        return sum(_amount(fact) for loan in waiting for fact in loan.holding(CommitteeDecision, when))

    def _losses(self, loans: list[LoanTruth], when: When) -> int:
        """Return what was set aside, and the most by which what was given up ever went beyond what was set aside."""
        beyond: dict[date, int] = defaultdict(int)
        set_aside = 0
        for fact in holding(self._plan.facts, when, self._struck):
            if isinstance(fact.command, AllowanceChange):
                set_aside += fact.command.amount_minor
                beyond[fact.effective_on] -= fact.command.amount_minor
        for loan in loans:
            if loan.written_off_on:
                beyond[loan.written_off_on] += loan.written_off
        return set_aside + max((0, *accumulate(beyond[day] for day in sorted(beyond))))


def _amount(fact: Planned) -> int:
    return fact.command.amount_minor or 0
