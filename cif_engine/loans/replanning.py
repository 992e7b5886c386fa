"""How a schedule is made anew: the loan is rescheduled, paused, or handed out in a further part.

Each schedule sums to all that was disbursed by then. Its first rows are what was met before, its last rows what is
still to be paid, so that what is paid fills the rows of every schedule in order. All of it follows from the facts:
what was agreed is in the fact, how much it applies to is what the earlier facts left (law 3).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from cif_engine.dates import Calendar, add_months
from cif_engine.loans.charges import after_grace, share_charge
from cif_engine.loans.due_dates import due_dates
from cif_engine.loans.principal import principal_parts
from cif_engine.loans.schedule import Instalment, schedule_over
from cif_engine.loans.terms import (
    AgreedPayments,
    BulletPayment,
    DecliningBalance,
    FlatAmount,
    Instalments,
    LoanTerms,
    NoCharge,
)
from cif_engine.loans.unearned import Accrual, charges_of

Row = tuple[date, int, int]
"""A due day with principal and charge in minor units, before it has its number."""


class Planned(NamedTuple):
    """A schedule, how its charge accrues, and how much of its principal and its charge is met: paid or waived."""

    schedule: tuple[Instalment, ...]
    accrual: Accrual
    principal_met_minor: int
    charge_met_minor: int


class Split(NamedTuple):
    """A schedule in two: what was met of it, and what was not."""

    met: list[Row]
    unmet: list[Row]

    @property
    def principal_minor(self) -> int:
        """The principal not met."""
        return sum(principal for _, principal, _ in self.unmet)

    @property
    def charge_minor(self) -> int:
        """The charge not met."""
        return sum(charge for _, _, charge in self.unmet)


def rescheduled(
    terms: LoanTerms, planned: Planned, says: Mapping[str, Any], day: date
) -> tuple[tuple[Instalment, ...], Accrual]:
    """Return the schedule after a reschedule on a day, by what its fact says, and how its charge accrues.

    Charge that was earned by the day and not met is carried into the first new rows, and is not earned twice.
    """
    calendar = calendar_said(says)
    split = split_at(planned, day)
    accrued = _accrued(planned, split, day, terms.rounding_unit_minor)
    if "pause" in says:
        rows = _paused(split.unmet, says["pause"], day, terms, calendar)
    else:
        rows = _anew(with_plan(terms, says["plan"]), split, accrued, day, calendar)
    kept_late = sum(charge for due_on, _, charge in rows if due_on <= day)
    return numbered([*split.met, *rows]), Accrual(day, max(accrued - kept_late, 0))


def further_part(
    terms: LoanTerms, schedule: tuple[Instalment, ...], part_minor: int, own: tuple[Instalment, ...], day: date
) -> tuple[Instalment, ...]:
    """Return the schedule after a further part was handed out: it is repaid with what falls due after the day.

    What falls due stays as it is, and the part is added: shared over the same days as the terms say, charged for from
    its own day. Agreed payments stay too, and the part is repaid with the last of them. Where nothing falls due any
    more, the part is repaid by its `own` schedule. A charge that is one amount for the whole loan is not charged again.
    """
    once = isinstance(terms.charge, FlatAmount)
    ahead = [row for row in schedule if row.due_on > day]
    if not ahead:
        last = [_row(row._replace(charge_minor=0) if once else row) for row in own]
        return numbered([*map(_row, schedule), *last])
    of_part = terms.model_copy(update={"charge": NoCharge()}) if once else terms
    if isinstance(terms.repayment, AgreedPayments):
        of_part = of_part.model_copy(update={"repayment": BulletPayment(due_on=ahead[-1].due_on)})
        ahead = ahead[-1:]
    days = tuple(row.due_on for row in ahead)
    added = deque(schedule_over(of_part, part_minor, day, days, ahead[0].number))
    rows: list[Row] = []
    for due_on, principal, charge in map(_row, schedule):
        _, more, more_charge = _row(added.popleft()) if added and added[0].due_on == due_on else (due_on, 0, 0)
        rows.append((due_on, principal + more, charge + more_charge))
    return numbered(rows)


def split_at(planned: Planned, day: date) -> Split:
    """Return what was met of a schedule, due no later than the day, and what was not, due when it was."""
    principal_met, charge_met = planned.principal_met_minor, planned.charge_met_minor
    split = Split([], [])
    for due_on, principal, charge in map(_row, planned.schedule):
        to_principal, to_charge = min(principal, principal_met), min(charge, charge_met)
        principal_met -= to_principal
        charge_met -= to_charge
        if to_principal or to_charge:
            split.met.append((min(due_on, day), to_principal, to_charge))
        if to_principal < principal or to_charge < charge:
            split.unmet.append((due_on, principal - to_principal, charge - to_charge))
    return split


def with_plan(terms: LoanTerms, plan: Mapping[str, Any]) -> LoanTerms:
    """Return the terms with another repayment plan, given as JSON values."""
    return LoanTerms.model_validate({**terms.model_dump(mode="json"), "repayment": plan})


def calendar_said(says: Mapping[str, Any]) -> Calendar:
    """Return the calendar that was read when a fact was recorded: later announcements do not move what was agreed."""
    holidays = frozenset(date.fromisoformat(day) for day in says.get("holidays", ()))
    return Calendar(holidays, frozenset(says.get("rest_days", ())))


def numbered(rows: Iterable[Row]) -> tuple[Instalment, ...]:
    """Return the rows as a schedule, numbered from 1."""
    return tuple(Instalment(number, *row) for number, row in enumerate(rows, 1))


def _row(instalment: Instalment) -> Row:
    return instalment.due_on, instalment.principal_minor, instalment.charge_minor


# A pause -------------------------------------------------------------------------------------------------------


def _paused(unmet: list[Row], pause: Mapping[str, Any], day: date, terms: LoanTerms, calendar: Calendar) -> list[Row]:
    """Return what is unpaid, moved by the months of the pause; a pause adds no charge."""

    def moved(due_on: date) -> date:
        if due_on < day and pause["arrears"] == "kept":
            return due_on
        return calendar.adjust(add_months(max(due_on, day), pause["months"]), terms.holiday_rule)

    return sorted((moved(due_on), principal, charge) for due_on, principal, charge in unmet)


# A new plan ----------------------------------------------------------------------------------------------------


def _anew(terms: LoanTerms, split: Split, accrued_minor: int, day: date, calendar: Calendar) -> list[Row]:
    """Return the new rows: the unpaid principal by the new plan, with the charge that goes with it."""
    charge = terms.charge
    if split.principal_minor == 0:
        # Only charge is left: no plan shares nothing out, so it falls due on the day.
        return [(day, 0, split.charge_minor)]
    days = due_dates(terms, day, calendar)
    if isinstance(charge, DecliningBalance):
        rows = [_row(row) for row in schedule_over(terms, split.principal_minor, day, days)]
        return _with_charge(rows, accrued_minor)
    principals = principal_parts(terms, split.principal_minor, len(days))
    charges = (0,) * len(principals)
    if not isinstance(charge, NoCharge):
        charges = share_charge(split.charge_minor, charge.due, len(principals), terms.rounding_unit_minor)
        if isinstance(terms.repayment, Instalments):
            charges = after_grace(charges, terms.repayment.grace_on_charge)
    return [row for row in zip(days, principals, charges, strict=False) if row[1] or row[2]]


def _accrued(planned: Planned, split: Split, day: date, unit_minor: int) -> int:
    """Return the charge earned by a day and not met, less what was met of the charge of days to come.

    Earned are the charges that fell due, and the current instalment's by its days. Below zero: paid in advance.
    """
    rows = charges_of(planned.schedule, planned.accrual, planned.charge_met_minor)
    ahead = [row for row in rows if row.due_on > day]
    fallen_due = sum(charge for due_on, _, charge in split.unmet if due_on <= day)
    met = sum(row.charge_minor - row.left_minor for row in ahead)
    return fallen_due + sum(row.earned_by(day, unit_minor) for row in ahead) - met


def _with_charge(rows: list[Row], charge_minor: int) -> list[Row]:
    """Return the rows with a charge added to the first, or taken off the first ones where it is below zero."""
    left_minor = charge_minor
    charged: list[Row] = []
    for due_on, principal, charge in rows:
        charged.append((due_on, principal, max(charge + left_minor, 0)))
        left_minor = min(charge + left_minor, 0)
    return charged
