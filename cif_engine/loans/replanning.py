"""How a schedule is made anew: the loan is rescheduled, paused, or handed out in a further part.

Each schedule sums to all that was disbursed by then. Its first rows are what was met before, its last rows what is
still to be paid, so that what is paid fills the rows of every schedule in order. All of it follows from the facts:
what was agreed is in the fact, how much it applies to is what the earlier facts left (law 3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from cif_engine.dates import Calendar, add_months
from cif_engine.loans.charges import share_charge
from cif_engine.loans.due_dates import due_dates
from cif_engine.loans.schedule import Instalment, schedule_over
from cif_engine.loans.terms import AgreedPayments, DecliningBalance, FlatPercent, LoanTerms, NoCharge, Whole
from cif_engine.loans.unearned import charges_of
from cif_engine.money import round_ratio, share_out

Row = tuple[date, int, int]
"""A due day with principal and charge in minor units, before it has its number."""


class Planned(NamedTuple):
    """A schedule, when its loan began, and how much of its principal and its charge is met: paid or waived."""

    schedule: tuple[Instalment, ...]
    began_on: date
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


def rescheduled(terms: LoanTerms, planned: Planned, says: Mapping[str, Any], day: date) -> tuple[Instalment, ...]:
    """Return the schedule after a reschedule on a day, by what its fact says."""
    calendar = calendar_said(says)
    split = split_at(planned, day)
    if "pause" in says:
        rows = _paused(split.unmet, says["pause"], day, terms, calendar)
    else:
        rows = _anew(with_plan(terms, says["plan"]), planned, split, day, calendar)
    return numbered([*split.met, *rows])


def further_part(
    terms: LoanTerms, planned: Planned, part_minor: int, own: tuple[Instalment, ...], day: date
) -> tuple[Instalment, ...]:
    """Return the schedule after a further part was handed out: what falls due after the day is made anew with it.

    Where nothing falls due any more, the part is repaid by its `own` schedule. A charge counts for the part from its
    own day: of the period it comes into, it bears only the days that are left.
    """
    fallen_due = [row for row in planned.schedule if row.due_on <= day]
    ahead = planned.schedule[len(fallen_due) :]
    if not ahead:
        return numbered(_row(row) for row in (*fallen_due, *own))
    began_on = fallen_due[-1].due_on if fallen_due else planned.began_on
    rows = _with_part(terms, ahead, part_minor, own, began_on, day)
    return numbered([*(_row(row) for row in fallen_due), *rows])


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


def _anew(terms: LoanTerms, planned: Planned, split: Split, day: date, calendar: Calendar) -> list[Row]:
    """Return the new rows: the unpaid principal by the new plan, with the charge that goes with it."""
    charge = terms.charge
    if split.principal_minor == 0:
        # Only charge is left: it falls due with what would be the first instalment, whatever was to be repaid.
        return [(day, 0, split.charge_minor)]
    if isinstance(charge, DecliningBalance):
        rows = _rows(terms, split.principal_minor, day, calendar)
        return _with_charge(rows, _accrued(planned, split, day, terms))
    free = terms.model_copy(update={"charge": NoCharge()})
    rows = _rows(free, split.principal_minor, day, calendar)
    if isinstance(charge, NoCharge):
        return rows
    charges = share_charge(split.charge_minor, charge.due, len(rows), terms.rounding_unit_minor)
    return [(due_on, principal, part) for (due_on, principal, _), part in zip(rows, charges, strict=True)]


def _rows(terms: LoanTerms, principal_minor: int, day: date, calendar: Calendar) -> list[Row]:
    """Return the rows of the plan from a day; agreed amounts are fitted to the principal, whatever came late."""
    return [_row(row) for row in schedule_over(terms, principal_minor, day, due_dates(terms, day, calendar))]


def _accrued(planned: Planned, split: Split, day: date, terms: LoanTerms) -> int:
    """Return the charge earned by a day and not met, less what was met of the charge of days to come.

    Earned are the charges that fell due, and the current instalment's by its days. Below zero: paid in advance.
    """
    ahead = [
        row for row in charges_of(planned.schedule, planned.began_on, planned.charge_met_minor) if row.due_on > day
    ]
    earned = [row.earned_by(day, terms.rounding_unit_minor) for row in ahead]
    met = [row.charge_minor - row.left_minor for row in ahead]
    fallen_due = sum(charge for due_on, _, charge in split.unmet if due_on <= day)
    return fallen_due + sum(earned) - sum(met)


def _with_charge(rows: list[Row], charge_minor: int) -> list[Row]:
    """Return the rows with a charge added to the first, or taken off the first ones where it is below zero."""
    left_minor = charge_minor
    charged: list[Row] = []
    for due_on, principal, charge in rows:
        charged.append((due_on, principal, max(charge + left_minor, 0)))
        left_minor = min(charge + left_minor, 0)
    return charged


# A further part ------------------------------------------------------------------------------------------------


def _with_part(
    terms: LoanTerms,
    ahead: tuple[Instalment, ...],
    part_minor: int,
    own: tuple[Instalment, ...],
    began_on: date,
    day: date,
) -> list[Row]:
    principal_minor = sum(row.principal_minor for row in ahead) + part_minor
    days, first_number = tuple(row.due_on for row in ahead), ahead[0].number
    charge = terms.charge
    if isinstance(charge, DecliningBalance) and not isinstance(terms.repayment, AgreedPayments):
        rows = [_row(row) for row in schedule_over(terms, principal_minor, began_on, days, first_number)]
        due_on, principal, first_charge = rows[0]
        elapsed, in_period = (day - began_on).days, (due_on - began_on).days
        not_borne = round_ratio(first_charge * part_minor * elapsed, principal_minor * in_period, _charge_unit(terms))
        return [(due_on, principal, first_charge - not_borne), *rows[1:]]
    principals = _principals_with_part(terms, ahead, part_minor)
    charges = _charges_with_part(terms, ahead, own)
    return [row for row in zip(days, principals, charges, strict=True) if row[1] or row[2]]


def _principals_with_part(terms: LoanTerms, ahead: tuple[Instalment, ...], part_minor: int) -> tuple[int, ...]:
    """Return whole equal parts over the instalments that repay principal; agreed ones stay, the last takes the part."""
    principals = [row.principal_minor for row in ahead]
    if isinstance(terms.repayment, AgreedPayments):
        return (*principals[:-1], principals[-1] + part_minor)
    repaying = [at for at, principal in enumerate(principals) if principal] or [len(principals) - 1]
    shares = share_out(sum(principals) + part_minor, len(repaying), terms.rounding_unit_minor)
    for at, share in zip(repaying, shares, strict=True):
        principals[at] = share
    return tuple(principals)


def _charges_with_part(terms: LoanTerms, ahead: tuple[Instalment, ...], own: tuple[Instalment, ...]) -> tuple[int, ...]:
    """Return the charges with that of the part's own schedule, shared anew; an agreed amount stays as it is."""
    charges = tuple(row.charge_minor for row in ahead)
    added_minor = sum(row.charge_minor for row in own)
    if not isinstance(terms.charge, FlatPercent) or not added_minor:
        return charges
    return share_charge(sum(charges) + added_minor, terms.charge.due, len(ahead), terms.rounding_unit_minor)


def _charge_unit(terms: LoanTerms) -> int:
    return terms.rounding_unit_minor if terms.whole is Whole.PRINCIPAL_AND_CHARGE else 1
