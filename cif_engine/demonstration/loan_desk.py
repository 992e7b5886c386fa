"""Loans from application to the last payment, in the order in which their papers reach the office.

The committee approves only what the bank account can bear by what is recorded, and what is approved is set aside, so
that no disbursement of the plan is refused.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from cif_engine.demonstration import founding
from cif_engine.demonstration.behaviour import draw_payments
from cif_engine.demonstration.borrowers import Borrower, Borrowers
from cif_engine.demonstration.desk import ACCOUNTANT, DAY, MANAGER, Desk
from cif_engine.demonstration.draws import chance, draw_id, weighted
from cif_engine.demonstration.dues import dues_of
from cif_engine.demonstration.people import People
from cif_engine.demonstration.plan import BANK, CASH, RUPEE
from cif_engine.demonstration.profiles import Offer, ProfileDoesNotFitError
from cif_engine.ledger.events import Papers
from cif_engine.network.people import Member
from cif_engine.operations import collecting, funding, lending

_FIRST_APPLICATION: Final = 7 * DAY
_LAST_APPLICATION: Final = 75 * DAY
_LAST_DECISION: Final = 10 * DAY
"""From the first tranche to the first application; from the last application, and the last decision, to the end."""

_PATIENCE: Final = 30 * DAY
"""How long the committee waits for money before it approves less than was asked."""

_NOBODY_READY: Final = 5 * DAY
"""How much later an application comes for which nobody was ready."""

_NEXT_LOAN_EARLY: Final = 12
"""Of a hundred borrowers, how many may have the next loan once two thirds of this one are repaid."""

_BUSY_MONTHS: Final = (4, 5, 10, 11)
"""When fields are sown and animals bought; twice as many women apply."""

_ROUND: Final = 500
"""Amounts asked for and approved are multiples of so many rupees."""

_DISBURSED_BY: Final = ("cheque", "bank", "cash", "wallet")
_DISBURSED_BY_SHARES: Final = (50, 25, 20, 5)
_COLLECTED: Final = (("cash", True), ("cash", False), ("bank", False), ("wallet", False))
"""By which channel, and whether a custodian carries it."""

_COLLECTED_SHARES: Final = (70, 20, 7, 3)


@dataclass
class _Application:
    """A loan on its way to its borrower; amounts in rupees."""

    borrower: Borrower
    offer: Offer
    loan_id: str
    asked: int
    applied_on: date
    late_paper: bool
    refused: bool
    owes: int = 0
    """By what is recorded."""

    comes_again_at: int = 0
    """She may ask for another loan once she owes so much or less."""

    held_back: list[tuple[Callable[..., Any], Any, str]] = field(default_factory=list)
    """Steps that are recorded later, when their paper reaches the office."""


class LoanDesk:
    """Makes the loans of a profile."""

    def __init__(self, desk: Desk, people: People) -> None:
        self._desk = desk
        self._rng = desk.rng
        self._profile = desk.profile
        self._vo_of_co = people.vo_of_co
        self._vos = sorted(set(people.vo_of_co.values()))
        self._holidays = frozenset(holiday.on for holiday in founding.holidays_of(desk.profile))
        self._borrowers = Borrowers(people.borrowers(), desk.profile.borrowing_households, desk.rng)
        self._waiting: deque[_Application] = deque()
        self._to_come = desk.profile.loans

    @property
    def unmade(self) -> int:
        """How many loans of the profile were not made."""
        return self._to_come + sum(1 for application in self._waiting if not application.refused)

    def plan_ahead(self) -> None:
        """Put the applications on the agenda; raises `ProfileDoesNotFitError` when there are no days for them."""
        profile = self._profile
        first = profile.grants[0].released_on + _FIRST_APPLICATION
        last = profile.to_on - _LAST_APPLICATION
        days = [first + DAY * number for number in range((last - first).days)]
        if not days:
            raise ProfileDoesNotFitError("The profile is too short for any loan.")
        weights = [2 if day.month in _BUSY_MONTHS else 1 for day in days]
        for _ in range(profile.loans):
            self._desk.on(weighted(self._rng, days, weights), self._apply)
        for _ in range(profile.loans * profile.refused_applications // 100):
            self._desk.on(weighted(self._rng, days, weights), self._apply_in_vain)

    def decide(self) -> None:
        """Decide on those who wait, first come first served, as far as the money reaches."""
        while self._waiting and self._desk.today <= self._profile.to_on - _LAST_DECISION:
            application = self._waiting[0]
            approved = 0 if application.refused else self._affordable(application)
            if not approved and not application.refused:
                return
            self._waiting.popleft()
            self._resolve(application, approved)

    # From application to disbursement ----------------------------------------------------------------------------

    def _apply(self) -> None:
        borrower = self._borrowers.choose(self._to_come)
        if borrower is not None:
            self._to_come -= 1
            self._take_application(borrower, refused=False)
        elif self._desk.today <= self._profile.to_on - _LAST_APPLICATION:
            self._desk.on(self._desk.today + _NOBODY_READY, self._apply)

    def _apply_in_vain(self) -> None:
        borrower = self._borrowers.choose_in_vain()
        if borrower is not None:
            self._take_application(borrower, refused=True)

    def _take_application(self, borrower: Borrower, *, refused: bool) -> None:
        rng, today, offers = self._rng, self._desk.today, self._profile.offers
        offer = weighted(rng, offers, [offer.share for offer in offers])
        asked = self._draw_amount(offer, borrower.cycle)
        late_paper = chance(rng, self._profile.paper.late // 2)
        borrower.cycle += 1
        application = _Application(borrower, offer, draw_id(rng), asked, today, late_paper, refused)
        command = lending.Application(
            draw_id(rng),
            application.loan_id,
            borrower.member.code,
            offer.code,
            asked * RUPEE,
            today,
            rng.choice(offer.purposes),
            self._desk.number("MIP"),
        )
        self._step(application, lending.apply_for_loan, command)
        self._desk.on(today + DAY * rng.randint(1, 6), self._appraise, application)

    def _draw_amount(self, offer: Offer, loans_before: int) -> int:
        """Return what she asks for: the first loan reaches half of what is offered, the third all of it."""
        most = offer.least + (offer.most - offer.least) * min(loans_before + 2, 4) // 4
        return max(self._rng.randint(offer.least, most) // _ROUND * _ROUND, offer.least)

    def _appraise(self, application: _Application) -> None:
        asked, today = application.asked * RUPEE, self._desk.today
        appraisal = lending.Appraisal(draw_id(self._rng), application.loan_id, asked, today, "CRP of the VO")
        self._step(application, lending.appraise_loan, appraisal)
        self._desk.on(today + DAY * self._rng.randint(2, 9), self._waiting.append, application)

    def _affordable(self, application: _Application) -> int:
        """Return what can be approved, in rupees; nothing as long as it pays to wait."""
        today = self._desk.today
        spendable = self._desk.purse.spendable(BANK, today) // RUPEE
        if spendable >= application.asked:
            return application.asked
        if today - application.applied_on < _PATIENCE or spendable < application.offer.least:
            return 0
        return max(spendable // _ROUND * _ROUND, application.offer.least)

    def _resolve(self, application: _Application, approved: int) -> None:
        desk, vo = self._desk, self._vo_of_co[application.borrower.member.co]
        decision = lending.CommitteeDecision(
            draw_id(self._rng),
            application.loan_id,
            approved > 0,
            desk.today,
            f"{vo}/{desk.today:%Y-%m}",
            "VO committee",
            approved * RUPEE if approved else None,
            None if approved else "The household was served by another programme.",
        )
        self._step(application, lending.decide_on_loan, decision, MANAGER)
        if approved:
            desk.purse.promise(BANK, approved * RUPEE)
            desk.on(desk.today + DAY * self._rng.randint(1, 7), self._disburse, application, approved)
        else:
            desk.on(desk.today + DAY + desk.draw_paper_delay(), self._record_held_back, application)

    def _disburse(self, application: _Application, approved: int) -> None:
        rng, desk, amount = self._rng, self._desk, approved * RUPEE
        channel = weighted(rng, _DISBURSED_BY, _DISBURSED_BY_SHARES)
        if channel == "cash":
            papers = Papers(voucher_no=desk.number("TRF"))
            drawn = funding.Transfer(draw_id(rng), founding.FUND, amount, desk.today, BANK, CASH, papers)
            self._step(application, funding.move_money, drawn)
        reference, papers = f"{channel} {rng.randrange(10**6):06}", Papers(voucher_no=desk.number("DIS"))
        disbursement = lending.Disbursement(
            draw_id(rng), application.loan_id, desk.today, channel, amount, reference, papers
        )
        self._step(application, lending.disburse_loan, disbursement)
        recorded_on = desk.today + desk.draw_field_delay() if application.late_paper else desk.today
        desk.on(recorded_on, self._record_held_back, application)
        desk.on(recorded_on, desk.purse.promise, BANK, -amount)
        self._expect_payments(application, approved, recorded_on)

    def _step(
        self,
        application: _Application,
        operation: Callable[..., Any],
        command: Any,  # noqa: ANN401 - the command of any step
        actor: str = ACCOUNTANT,
    ) -> None:
        if application.late_paper:
            application.held_back.append((operation, command, actor))
        else:
            self._desk.record(operation, command, actor)

    def _record_held_back(self, application: _Application) -> None:
        for operation, command, actor in application.held_back:
            self._desk.record(operation, command, actor)
        application.held_back.clear()

    # Collecting --------------------------------------------------------------------------------------------------

    def _expect_payments(self, application: _Application, principal: int, recorded_on: date) -> None:
        desk, profile = self._desk, self._profile
        dues = dues_of(application.offer.plan, principal, desk.today, profile.charge_percent, self._holidays)
        application.owes = sum(due.principal + due.charge for due in dues)
        application.comes_again_at = application.owes // 3 if chance(self._rng, _NEXT_LOAN_EARLY) else 0
        for paid_on, amount in draw_payments(dues, desk.today, profile.payers, self._rng):
            if paid_on <= profile.to_on:
                paper_on = max(paid_on + desk.draw_paper_delay(), recorded_on)
                desk.on(paper_on, self._collect, application, paid_on, amount)

    def _collect(self, application: _Application, paid_on: date, amount: int) -> None:
        rng, borrower = self._rng, application.borrower
        channel, carried = weighted(rng, _COLLECTED, _COLLECTED_SHARES)
        repayment = collecting.Repayment(
            draw_id(rng),
            application.loan_id,
            amount * RUPEE,
            paid_on,
            channel,
            self._custodian_of(borrower.member) if carried else None,
            Papers(receipt_no=self._desk.number("R")),
        )
        self._desk.record(collecting.record_repayment, repayment)
        application.owes -= amount
        reached = application.owes <= application.comes_again_at < application.owes + amount
        if reached and borrower.cycle < self._profile.most_cycles:
            self._borrowers.may_come_again(borrower, in_need=application.owes > 0)

    def _custodian_of(self, member: Member) -> int | None:
        if not self._profile.custodians:
            return None
        return self._vos.index(self._vo_of_co[member.co]) % self._profile.custodians + 1
