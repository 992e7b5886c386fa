"""How much of a loan's charge is not earned yet on a day, and may be forgiven when the loan is settled early."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from cif_engine.loans.schedule import Instalment
from cif_engine.loans.terms import Rebate
from cif_engine.money import round_ratio


class ChargeOfRow(NamedTuple):
    """The charge of one instalment: in all, what is not met yet, and the day on which its period began."""

    due_on: date
    began_on: date
    charge_minor: int
    left_minor: int

    def earned_by(self, day: date, unit_minor: int) -> int:
        """Return what of it was earned by a day: by its days, rounded half even to the unit."""
        if self.due_on <= day:
            return self.charge_minor
        if self.began_on >= day:
            return 0
        days, in_period = (day - self.began_on).days, (self.due_on - self.began_on).days
        return round_ratio(self.charge_minor * days, in_period, unit_minor)


def charges_of(schedule: Iterable[Instalment], disbursed_on: date, met_minor: int) -> list[ChargeOfRow]:
    """Return the charge of each instalment, of which `met_minor` in all is paid or waived, oldest first."""
    rows: list[ChargeOfRow] = []
    began_on = disbursed_on
    for row in schedule:
        met = min(met_minor, row.charge_minor)
        met_minor -= met
        rows.append(ChargeOfRow(row.due_on, began_on, row.charge_minor, row.charge_minor - met))
        began_on = row.due_on
    return rows


def unearned_charge(rows: Iterable[ChargeOfRow], day: date, policy: Rebate, unit_minor: int) -> int:
    """Return the unpaid charge that a settlement on a day forgives.

    `not_yet_due`: of all instalments due after the day. `pro_rata`: the same less what the current one, the first of
    them, has earned by the day. 600 of charge for June, nothing of it paid, settled on the 10th: 400 are forgiven.
    """
    if policy is Rebate.NONE:
        return 0
    ahead = [row for row in rows if row.due_on > day]
    forgiven = sum(row.left_minor for row in ahead)
    if policy is Rebate.NOT_YET_DUE or not ahead:
        return forgiven
    return forgiven - still_earned(ahead[0], day, unit_minor)


def still_earned(row: ChargeOfRow, day: date, unit_minor: int) -> int:
    """Return what an instalment has earned by a day and is not met yet, at most what is left of it."""
    met_minor = row.charge_minor - row.left_minor
    return min(max(row.earned_by(day, unit_minor) - met_minor, 0), row.left_minor)
