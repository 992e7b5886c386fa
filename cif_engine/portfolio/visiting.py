"""What a borrower owes now and next: what whoever visits her asks for.

Payments fill the instalments of the schedule in force in order, principal and charge each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from cif_engine.loans.schedule import Instalment


class Due(NamedTuple):
    """What is still unpaid of one instalment, or of several; amounts in minor units."""

    due_on: date | None = None
    principal_minor: int = 0
    charge_minor: int = 0

    @property
    def amount_minor(self) -> int:
        """Principal and charge."""
        return self.principal_minor + self.charge_minor


class ToPay(NamedTuple):
    """What is overdue on a day, by the oldest due date of it, and the instalments to come that are not paid, in order.

    An instalment due on the day itself is the first to come: it is not late.
    """

    overdue: Due
    to_come: tuple[Due, ...]

    @property
    def next_due(self) -> Due:
        """The next instalment; nothing where there is none."""
        return self.to_come[0] if self.to_come else NOTHING

    def due_by(self, day: date) -> tuple[Due, ...]:
        """Return the instalments to come that fall due by a day."""
        return tuple(due for due in self.to_come if due.due_on is not None and due.due_on <= day)


NOTHING = Due()


def to_pay(schedule: Sequence[Instalment], paid_minor: int, charge_outstanding_minor: int, day: date) -> ToPay:
    """Return what an open loan is to pay as of a day, by the schedule in force; `paid_minor` of its principal was paid.

    Two instalments of 1,000, the first due on the 1st, 400 paid: on the 10th 600 are overdue and 1,000 are to come.
    """
    charge_met_minor = sum(row.charge_minor for row in schedule) - charge_outstanding_minor
    unpaid = list(_unpaid(schedule, paid_minor, charge_met_minor))
    late = [due for due in unpaid if due.due_on is not None and due.due_on < day]
    overdue = Due(
        late[0].due_on if late else None,
        sum(due.principal_minor for due in late),
        sum(due.charge_minor for due in late),
    )
    return ToPay(overdue, tuple(due for due in unpaid if due.due_on is not None and due.due_on >= day))


def _unpaid(schedule: Iterable[Instalment], principal_minor: int, charge_minor: int) -> Iterable[Due]:
    """Give what is left of each instalment after what was met; those that are met are left out."""
    for row in schedule:
        to_principal = min(principal_minor, row.principal_minor)
        to_charge = min(charge_minor, row.charge_minor)
        principal_minor -= to_principal
        charge_minor -= to_charge
        due = Due(row.due_on, row.principal_minor - to_principal, row.charge_minor - to_charge)
        if due.amount_minor:
            yield due
