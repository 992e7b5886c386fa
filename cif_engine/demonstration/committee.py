"""What the committee of the LSO resolves about loans that go wrong: it waits, agrees anew, sets aside, gives up."""

from __future__ import annotations

from datetime import date
from typing import Final

from cif_engine.demonstration import founding
from cif_engine.demonstration.cash_desk import CashDesk
from cif_engine.demonstration.desk import DAY, MANAGER, Desk
from cif_engine.demonstration.draws import draw_id
from cif_engine.demonstration.dues import repaid_anew
from cif_engine.demonstration.loan import Loan
from cif_engine.demonstration.people import People
from cif_engine.demonstration.plan import RUPEE
from cif_engine.demonstration.profiles import Flood
from cif_engine.loans.terms import EqualInstalments
from cif_engine.operations import allowance, moratorium, restructuring

_REVIEW: Final = (6, 30)
_LAST_MEETING: Final = (12, 20)
"""When the year's accounts are made, and when the committee meets about what is not paid any more."""

_RESCHEDULED_LATE: Final = (61, 240)
"""From how many days late to how many a loan that is not paid any more is agreed anew; a paper is there by then."""

_RESCHEDULED_AT_A_REVIEW: Final = 1
_GIVEN_UP_AT_A_MEETING: Final = 3
_INSTALMENTS: Final = 6
_SET_ASIDE: Final = 60
"""Of a hundred rupees of loans that may be lost, how many are set aside."""

_RECOVERED: Final = 25
"""Of a hundred rupees given up of the first loan of a meeting, how many are collected after all."""

_RECOVERED_AFTER: Final = (60, 150)


class Committee:
    """Resolves about the loans that were made."""

    def __init__(self, desk: Desk, people: People, loans: list[Loan], cash_desk: CashDesk) -> None:
        self._desk = desk
        self._troubles = desk.profile.troubles
        self._loans = loans
        self._cash_desk = cash_desk
        self._vos = people.vos
        self._holidays = frozenset(holiday.on for holiday in founding.holidays_of(desk.profile))
        self._set_aside = 0

    def plan_ahead(self) -> None:
        """Put the meetings on the agenda, and that of the flood."""
        desk, profile = self._desk, self._desk.profile
        for year in range(profile.formed_on.year, profile.to_on.year + 1):
            desk.while_working(date(year, *_REVIEW), self._review)
            desk.while_working(date(year, *_LAST_MEETING), self._give_up)
        if self._troubles.flood:
            desk.while_working(self._troubles.flood.on, self._pause, self._troubles.flood)

    def _review(self) -> None:
        """Agree anew with borrowers who stopped paying not long ago, and set money aside for loans that may be lost."""
        first, last = _RESCHEDULED_LATE
        for loan in self._not_paid(first, last)[:_RESCHEDULED_AT_A_REVIEW]:
            self._reschedule(loan)
        doubtful = sum(loan.outstanding for loan in self._not_paid(self._troubles.set_aside_after_days))
        lacking = doubtful * _SET_ASIDE // 100 - self._set_aside
        if lacking > 0:
            self._set_aside += lacking
            self._desk.record(allowance.change_allowance, self._provision(lacking), MANAGER)

    def _give_up(self) -> None:
        """Write off loans for which money was set aside long ago; of one, something is collected later."""
        hopeless = self._not_paid(self._troubles.written_off_after_days)[:_GIVEN_UP_AT_A_MEETING]
        for loan in hopeless if self._set_aside else ():
            lost = loan.outstanding
            self._set_aside = max(self._set_aside - lost, 0)
            loan.given_up = True
            self._desk.record(restructuring.write_off_loan, self._write_off(loan), MANAGER)
            if loan is hopeless[0]:
                on = self._desk.today + DAY * self._desk.misfortune.randint(*_RECOVERED_AFTER)
                self._desk.while_working(on, self._cash_desk.collect, loan, on, lost * _RECOVERED // 100)

    def _pause(self, flood: Flood) -> None:
        """Give the villages that were flooded some months."""
        desk = self._desk
        for vo in sorted(desk.misfortune.sample(self._vos, flood.village_organisations)):
            affected = [loan for loan in self._loans if loan.vo == vo and not loan.held_back]
            if not any(loan.is_open for loan in affected):
                continue
            for loan in affected:
                loan.paused_on = desk.today
            granted = moratorium.Moratorium(
                draw_id(desk.misfortune),
                founding.FUND,
                desk.today,
                restructuring.Pause(flood.months),
                desk.number("RES"),
                "The flood took crops and animals.",
                vo,
            )
            desk.record(moratorium.grant_moratorium, granted, MANAGER)

    def _reschedule(self, loan: Loan) -> None:
        desk = self._desk
        agreed = restructuring.Reschedule(
            draw_id(desk.misfortune),
            loan.loan_id,
            desk.today,
            desk.number("RES"),
            "The household lost its income; it pays by the month.",
            EqualInstalments(count=_INSTALMENTS),
        )
        desk.record(restructuring.reschedule_loan, agreed, MANAGER)
        loan.dues = repaid_anew(loan.dues, loan.paid, desk.today, _INSTALMENTS, self._holidays)
        self._cash_desk.expect_by_new_plan(loan, tuple(loan.unpaid))

    def _provision(self, rupees: int) -> allowance.AllowanceChange:
        return allowance.AllowanceChange(
            draw_id(self._desk.misfortune),
            founding.FUND,
            rupees * RUPEE,
            self._desk.today,
            self._desk.number("RES"),
            f"{_SET_ASIDE} % of the loans more than {self._troubles.set_aside_after_days} days late.",
        )

    def _write_off(self, loan: Loan) -> restructuring.WriteOff:
        resolution_no, reason = self._desk.number("RES"), "The household moved away and cannot be found."
        return restructuring.WriteOff(
            draw_id(self._desk.misfortune), loan.loan_id, self._desk.today, resolution_no, reason
        )

    def _not_paid(self, more_than_days: int, to_days: int | None = None) -> list[Loan]:
        """Return the loans that are not paid any more and that late today, the latest first."""
        today = self._desk.today
        late = [
            (days, loan.loan_id, loan)
            for loan in self._loans
            if loan.stopped and loan.is_open
            for days in [loan.days_late(today)]
            if more_than_days < days <= (to_days or days)
        ]
        return [loan for *_, loan in sorted(late, key=lambda found: (-found[0], found[1]))]
