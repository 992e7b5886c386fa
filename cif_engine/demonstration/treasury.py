"""The fund's own money: tranches, bank profit and what it pays for, capital that goes back, money carried about."""

from __future__ import annotations

from datetime import date
from typing import Final

from cif_engine.demonstration.desk import DAY, RSP_FINANCE, Desk
from cif_engine.demonstration.draws import draw_id
from cif_engine.demonstration.founding import FUND
from cif_engine.demonstration.plan import BANK, CASH, RUPEE
from cif_engine.demonstration.profiles import Grant
from cif_engine.ledger.events import Papers
from cif_engine.operations import funding, sub_grant

AGREEMENT: Final = "SUB-GRANT-1"

_HANDED_OVER_EVERY: Final = 14
_BANKED_EVERY: Final = 7
"""Days between the rounds of a custodian, and between visits to the bank."""

_KEPT_IN_HAND: Final = 500 * RUPEE
_PROFIT_PART: Final = 150
"""The bank pays one rupee in so many for half a year."""

_RETURNED_BEFORE_END: Final = 20 * DAY


class Treasury:
    """Does what is to be done with the fund's own money."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._rng = desk.rng

    def plan_ahead(self) -> None:
        """Sign the agreement, and put on the agenda when money comes and goes."""
        desk, profile = self._desk, self._desk.profile
        granted = sum(grant.amount for grant in profile.grants) * RUPEE
        agreement = sub_grant.Agreement(draw_id(self._rng), FUND, AGREEMENT, granted, desk.today)
        desk.on(desk.today, desk.record, sub_grant.sign_agreement, agreement, RSP_FINANCE)
        for number, grant in enumerate(profile.grants, 1):
            desk.on(grant.released_on, self._release, number, grant)
        for year in range(profile.formed_on.year, profile.to_on.year + 1):
            for month in (1, 7):
                desk.while_working(date(year, month, 3), self._take_bank_profit)
        if profile.capital_returned:
            desk.while_working(profile.to_on - _RETURNED_BEFORE_END, self._return_capital)

    def carry_money(self) -> None:
        """Custodians hand over what they carried; cash is banked."""
        day = self._desk.today.toordinal()
        for number in range(1, self._desk.profile.custodians + 1):
            if (day + number) % _HANDED_OVER_EVERY == 0:
                self._move(f"custodian:{number}", self._rng.choice((CASH, BANK, BANK)), keep=0)
        if day % _BANKED_EVERY == 0:
            self._move(CASH, BANK, keep=_KEPT_IN_HAND)

    def _release(self, number: int, grant: Grant) -> None:
        desk, amount = self._desk, grant.amount * RUPEE
        desk.tranche_amounts[number] = amount
        release = sub_grant.TrancheRelease(draw_id(self._rng), FUND, AGREEMENT, number, amount, desk.today)
        desk.record(sub_grant.release_tranche, release, RSP_FINANCE)
        received_on = desk.today + DAY * self._rng.randint(1, 4)
        receipt = sub_grant.TrancheReceipt(draw_id(self._rng), FUND, number, received_on)
        desk.on(received_on + desk.draw_paper_delay(), desk.record, sub_grant.receive_tranche, receipt)

    def _take_bank_profit(self) -> None:
        desk = self._desk
        profit = desk.purse.balance(BANK) // RUPEE // _PROFIT_PART
        if profit:
            source = "profit of the half-year"
            credited_on = desk.today - 2 * DAY
            money = funding.MoneyIn(draw_id(self._rng), FUND, profit * RUPEE, credited_on, source)
            desk.record(funding.receive_bank_profit, money)
            self._pay_expense(profit * self._rng.randint(10, 60) // 100 * RUPEE)

    def _pay_expense(self, amount: int) -> None:
        desk = self._desk
        if 0 < amount <= desk.purse.spendable(BANK, desk.today):
            papers, purpose = Papers(voucher_no=desk.number("EXP")), "registers and travel"
            expense = funding.MoneyOut(draw_id(self._rng), FUND, amount, desk.today, purpose, BANK, papers)
            desk.record(funding.pay_expense, expense)

    def _return_capital(self) -> None:
        desk, amount = self._desk, self._desk.profile.capital_returned * RUPEE
        if amount > desk.purse.spendable(BANK, desk.today):
            desk.while_working(desk.today + DAY, self._return_capital)
            return
        returned = sub_grant.CapitalReturn(draw_id(self._rng), FUND, 1, amount, desk.today)
        desk.record(sub_grant.return_capital, returned)

    def _move(self, paid_from: str, held_in: str, keep: int) -> None:
        desk = self._desk
        amount = desk.purse.spendable(paid_from, desk.today) - keep
        if amount > 0:
            papers = Papers(voucher_no=desk.number("TRF"))
            moved = funding.Transfer(draw_id(self._rng), FUND, amount, desk.today, paid_from, held_in, papers)
            desk.record(funding.move_money, moved)
