"""How much of a loan's charge is not earned yet on a day, and may be forgiven when the loan is settled early."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from cif_engine.loans.schedule import Instalment
from cif_engine.loans.terms import Rebate
from cif_engine.money import round_ratio


class Accrual(NamedTuple):
    """From when the charge of a schedule accrues, and what was earned by then and carried into its first rows.

    It begins with the disbursement, and anew when the schedule is made anew; what was earned before stays earned.
    """

    began_on: date
    carried_minor: int = 0


class ChargeOfRow(NamedTuple):
    """The charge of one instalment: in all, not met yet, carried into it; and the day on which its period began."""

    due_on: date
    began_on: date
    charge_minor: int
    left_minor: int
    carried_minor: int

    def earned_by(self, day: date, unit_minor: int) -> int:
        """Return what of it was earned by a day: what was carried, and the rest by its days, rounded to the unit."""
        if self.due_on <= day:
            return self.charge_minor
        days, in_period = (day - self.began_on).days, (self.due_on - self.began_on).days
        if days <= 0:
            return self.carried_minor
        accruing_minor = self.charge_minor - self.carried_minor
        return self.carried_minor + min(round_ratio(accruing_minor * days, in_period, unit_minor), accruing_minor)


def charges_of(schedule: Iterable[Instalment], accrual: Accrual, met_minor: int) -> list[ChargeOfRow]:
    """Return the charge of each instalment, of which `met_minor` in all is paid or waived, oldest first."""
    rows: list[ChargeOfRow] = []
    began_on, carried_minor = accrual
    for row in schedule:
        met = min(met_minor, row.charge_minor)
        met_minor -= met
        carried = min(carried_minor, row.charge_minor) if row.due_on > accrual.began_on else 0
        carried_minor -= carried
        rows.append(ChargeOfRow(row.due_on, began_on, row.charge_minor, row.charge_minor - met, carried))
        began_on = max(began_on, row.due_on)
    return rows


def unearned_charge(rows: Iterable[ChargeOfRow], day: date, policy: Rebate, unit_minor: int) -> int:
    """Return the unpaid charge that a settlement on a day forgives; never what was earned before a reschedule.

    `not_yet_due`: of all instalments due after the day. `pro_rata`: the same less what the current one, the first of
    them, has earned by the day. 600 of charge for June, nothing of it paid, settled on the 10th: 400 are forgiven.
    """
    if policy is Rebate.NONE:
        return 0
    ahead = [row for row in rows if row.due_on > day]
    earned = [row.carried_minor for row in ahead]
    if policy is Rebate.PRO_RATA and ahead:
        earned[0] = ahead[0].earned_by(day, unit_minor)
    return sum(min(row.left_minor, row.charge_minor - kept) for row, kept in zip(ahead, earned, strict=True))
