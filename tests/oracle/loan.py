"""One loan, as a careful bookkeeper would keep it on a card: each fact is written down on its day."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Any

from cif_engine.dates import Calendar, add_months
from cif_engine.loans.schedule import make_schedule
from cif_engine.loans.terms import DecliningBalance, FlatAmount, LoanTerms
from tests.oracle.agreed import less, order_said, part_over, read_terms, with_plan
from tests.oracle.dues import CHARGE, FEE, KINDS, PENALTY, PRINCIPAL, Due, Order, Owed, refill, rows_of

INCOME = {PENALTY: 4040, FEE: 4030, CHARGE: 4010}
LOANS, ALLOWANCE, CREDIT, RECOVERIES = 1100, 1190, 2010, 4050


class UnlawfulError(Exception):
    """The facts say what no office could have recorded; `most` is what it could have been at most."""

    def __init__(self, fact_id: str, most: int = 0) -> None:
        super().__init__(fact_id)
        self.fact_id, self.most = fact_id, most


@dataclass(frozen=True)
class Told:
    """A fact of a book. `loan` is None where it is of the fund."""

    id: str
    kind: str
    on: date
    says: dict[str, Any]
    loan: str | None = None


@dataclass(frozen=True)
class Picture:
    """Where a loan stands at the end of a day; amounts in minor units."""

    status: str
    outstanding: int = 0
    charge_outstanding: int = 0
    fee_outstanding: int = 0
    penalty_outstanding: int = 0
    principal_paid: int = 0
    charge_paid: int = 0
    fee_paid: int = 0
    penalty_paid: int = 0
    credit: int = 0
    written_off: int = 0
    recovered: int = 0
    oldest_due_on: date | None = None
    renegotiated: bool = False


@dataclass
class Card:
    """The card of one loan of a fund, and in `accounts` what the loan did to each account (debits positive)."""

    fund: str
    accounts: Counter[str] = field(default_factory=Counter)
    stage: str = ""
    terms: LoanTerms | None = None
    owed: Owed = field(default_factory=Owed)
    order: Order = field(default_factory=Order)
    disbursed_on: date | None = None
    paid: Counter[str] = field(default_factory=Counter)
    credit: int = 0
    written_off: int = 0
    recovered: int = 0
    lost: bool = False
    renegotiated: bool = False
    rows_written: int = 0
    made_anew_on: date = date.min
    carried: int = 0

    def write(self, fact: Told) -> None:
        """Write one fact down. Raises UnlawfulError."""
        getattr(self, f"_{fact.kind}", lambda _: None)(fact)

    def picture(self) -> Picture:
        return Picture(
            self._status(),
            self.owed.unpaid(PRINCIPAL),
            self.owed.unpaid(CHARGE),
            self.owed.unpaid(FEE),
            self.owed.unpaid(PENALTY),
            self.paid[PRINCIPAL],
            self.paid[CHARGE],
            self.paid[FEE],
            self.paid[PENALTY],
            self.credit,
            self.written_off,
            self.recovered,
            self.owed.oldest_unpaid_instalment(),
            self.renegotiated,
        )

    def rebate(self, policy: str, unit: int, day: date) -> int:
        """Return the charge that is forgiven when the loan is settled on a day."""
        if policy == "none":
            return 0
        ahead = [due for due in self.owed.dues if due.kind == CHARGE and due.due_on > day]
        earned = self._earned(day, unit if policy == "pro_rata" else None)
        return sum(due.unpaid for due in ahead) - max(0, earned - sum(due.settled for due in ahead))

    # Until the money is paid out ------------------------------------------------------------------------------

    def _loan_applied(self, fact: Told) -> None:
        self.stage = "applied"
        if "terms" in fact.says:
            self.terms = read_terms(fact.says["terms"])

    def _loan_appraised(self, _: Told) -> None:
        self.stage = "appraised"

    def _loan_decided(self, fact: Told) -> None:
        self.stage = "approved" if fact.says["approved"] else "refused"

    def _loan_cancelled(self, _: Told) -> None:
        self.stage = "cancelled"

    def _loan_disbursed(self, fact: Told) -> None:
        if self.lost:
            raise UnlawfulError(fact.id)
        says, amount = fact.says, fact.says["amount_minor"]
        up_front = says.get("charge_up_front_minor", 0)
        settles = says.get("settles", {}).get("amount_minor", 0)
        self._post(LOANS, says["paid_from"], amount - up_front - settles)
        self._post(LOANS, INCOME[CHARGE], up_front)
        self.paid[CHARGE] += up_front
        schedule = [(date.fromisoformat(day), principal, charge) for day, principal, charge in says["schedule"]]
        if self.disbursed_on is None:
            self.disbursed_on, self.order = fact.on, order_said(says.get("allocation"))
            self._add_rows(schedule)
        else:
            self._take_part(amount, fact.on, schedule)
        self._use_credit(fact.on)

    # What is owed besides -------------------------------------------------------------------------------------

    def _fee_charged(self, fact: Told) -> None:
        self._charge_extra(fact, FEE)

    def _penalty_charged(self, fact: Told) -> None:
        self._charge_extra(fact, PENALTY)

    def _dues_waived(self, fact: Told) -> None:
        for kind in (PENALTY, FEE, CHARGE):
            self.owed.waive(kind, fact.says[f"{kind}_minor"])

    # Money that comes and goes --------------------------------------------------------------------------------

    def _repayment_received(self, fact: Told) -> None:
        amount, held_in = fact.says["amount_minor"], fact.says["held_in"]
        if self.lost:
            recovered = min(amount, self.written_off - self.recovered)
            self.recovered += recovered
            self.credit += amount - recovered
            self._post(held_in, RECOVERIES, recovered)
            self._post(held_in, CREDIT, amount - recovered)
            return
        wanted = fact.says.get("rebate")
        if wanted:
            rebate = self.rebate(wanted["policy"], wanted["unit_minor"], fact.on)
            if amount >= self.owed.unpaid(*KINDS) - rebate:
                self._forgive_last(rebate)
        self._take_money(amount, held_in, fact.on)

    def _credit_used(self, fact: Told) -> None:
        if fact.says["amount_minor"] > self.credit:
            raise UnlawfulError(fact.id, self.credit)
        self.credit -= fact.says["amount_minor"]

    def _credit_refunded(self, fact: Told) -> None:
        self._credit_used(fact)
        self._post(CREDIT, fact.says["paid_from"], fact.says["amount_minor"])

    # What is decided on the rest ------------------------------------------------------------------------------

    def _loan_rescheduled(self, fact: Told) -> None:
        if self.lost or self.disbursed_on is None:
            raise UnlawfulError(fact.id)
        principal, charge = self.owed.unpaid(PRINCIPAL), self.owed.unpaid(CHARGE)
        if not principal and charge and "plan" in fact.says:
            raise UnlawfulError(fact.id)  # a plan repays principal
        if not principal and not charge:
            return
        self.renegotiated = self.renegotiated or principal > 0
        announced = frozenset(date.fromisoformat(day) for day in fact.says["holidays"])
        holidays = Calendar(announced, frozenset(fact.says.get("rest_days", ())))
        accrued = self._accrued(fact.on)
        if "pause" in fact.says:
            self._pause(fact.says["pause"], fact.on, holidays)
        else:
            self._plan_anew(fact.says["plan"], fact.on, holidays, accrued)
        still_late = sum(due.unpaid for due in self.owed.dues if due.kind == CHARGE and due.due_on <= fact.on)
        self.made_anew_on, self.carried = fact.on, max(0, accrued - still_late)

    def _loan_written_off(self, fact: Told) -> None:
        if self.lost:
            raise UnlawfulError(fact.id)
        if not self.owed.unpaid(PRINCIPAL):
            return
        self.written_off, self.lost = self.owed.unpaid(PRINCIPAL), True
        self._post(ALLOWANCE, LOANS, self.written_off)
        self.owed.dues = []

    # How ------------------------------------------------------------------------------------------------------

    def _status(self) -> str:
        if self.lost:
            return "written_off"
        if self.disbursed_on is None:
            return self.stage
        return "open" if self.owed.unpaid(*KINDS) else "repaid"

    def _post(self, debit: int | str, credit: int | str, amount: int) -> None:
        self.accounts[self._code(debit)] += amount
        self.accounts[self._code(credit)] -= amount

    def _code(self, account: int | str) -> str:
        return account if isinstance(account, str) else f"{self.fund}.{account}"

    def _add_rows(self, schedule: list[tuple[date, int, int]]) -> None:
        self.owed.dues += rows_of(schedule, self.rows_written)
        self.rows_written += len(schedule)

    def _charge_extra(self, fact: Told, kind: str) -> None:
        if self.lost or self.disbursed_on is None:
            raise UnlawfulError(fact.id)
        self.owed.dues.append(Due(date.fromisoformat(fact.says["due_on"]), kind, fact.says["amount_minor"]))
        self._use_credit(fact.on)

    def _use_credit(self, day: date) -> None:
        held, self.credit = self.credit, 0
        if held:
            self._take_money(held, CREDIT, day)

    def _take_money(self, amount: int, held_in: int | str, day: date) -> None:
        settled = self.owed.settle(amount, day, self.order)
        left = settled.pop("left")
        self.credit += left
        self._post(held_in, CREDIT, left)
        for kind, part in settled.items():
            self.paid[kind] += part
            self._post(held_in, INCOME.get(kind, LOANS), part)

    def _forgive_last(self, amount: int) -> None:
        """Forgive charge, the latest first: what a rebate leaves to pay is the part that was earned."""
        for due in sorted(self.owed.dues, key=lambda due: due.due_on, reverse=True):
            if due.kind == CHARGE:
                forgiven = min(due.unpaid, amount)
                due.waived += forgiven
                amount -= forgiven

    def _earned(self, day: date, unit: int | None) -> int:
        """Return what is earned of the charge that falls due after a day: what was carried over, and by days.

        The running instalment earns by days, in whole units; without a unit only what was carried over counts.
        """
        charges = [due for due in self.owed.dues if due.kind == CHARGE and due.due_on > self.made_anew_on]
        left, earned, running = self.carried, 0, True
        for due in sorted(charges, key=lambda due: (due.due_on, due.row)):
            carried = min(due.amount, left)
            left -= carried
            if due.due_on > day:
                by_days = self._earned_by_days(due, due.amount - carried, day, unit) if running and unit else 0
                earned += carried + by_days
                running = False
        return earned

    def _earned_by_days(self, running: Due, amount: int, day: date, unit: int) -> int:
        behind = [due.due_on for due in self.owed.dues if due.row is not None and due.due_on <= day]
        assert self.disbursed_on is not None
        start = max([self.made_anew_on, *(behind or [self.disbursed_on])])
        share = Fraction(amount * (day - start).days, (running.due_on - start).days)
        return min(round(share / unit) * unit, amount)

    def _set_apart_settled(self, day: date) -> list[Due]:
        """Make what is settled of the instalments rows of their own, due no later than the day; return the others."""
        rows: defaultdict[int, list[Due]] = defaultdict(list)
        for due in self.owed.dues:
            if due.row is not None:
                rows[due.row].append(due)
        self.owed.dues = [due for due in self.owed.dues if due.row is None]
        unsettled = []
        for dues in rows.values():
            done = [replace(due, due_on=min(due.due_on, day), amount=due.settled) for due in dues]
            if any(due.amount for due in done):
                self.owed.dues += done
            if any(due.unpaid for due in dues):
                unsettled += [Due(due.due_on, due.kind, due.unpaid, self.rows_written) for due in dues]
                self.rows_written += 1
        self.owed.dues += unsettled
        return unsettled

    def _pause(self, pause: dict[str, Any], day: date, holidays: Calendar) -> None:
        assert self.terms is not None
        for due in self._set_apart_settled(day):
            if due.due_on >= day or pause["arrears"] == "moved":
                moved = add_months(max(due.due_on, day), pause["months"])
                due.due_on = holidays.adjust(moved, self.terms.holiday_rule)

    def _plan_anew(self, plan: object, day: date, holidays: Calendar, accrued: int) -> None:
        assert self.terms is not None
        principal, charge = self.owed.unpaid(PRINCIPAL), self.owed.unpaid(CHARGE)
        rows = make_schedule(with_plan(self.terms, plan, charge), principal, day, holidays)
        charges = [row.charge_minor for row in rows]
        if isinstance(self.terms.charge, DecliningBalance):
            charges = less(charges, -accrued)
        for due in self._set_apart_settled(day):
            self.owed.dues.remove(due)
        self._add_rows([(row.due_on, row.principal_minor, share) for row, share in zip(rows, charges, strict=True)])

    def _accrued(self, day: date) -> int:
        """Return the charge that is earned by a day and unpaid; below zero, what is paid of later days."""
        assert self.terms is not None
        charges = [due for due in self.owed.dues if due.kind == CHARGE]
        fallen_due = sum(due.unpaid for due in charges if due.due_on <= day)
        in_advance = sum(due.settled for due in charges if due.due_on > day)
        return fallen_due + self._earned(day, self.terms.rounding_unit_minor) - in_advance

    def _take_part(self, amount: int, day: date, schedule: list[tuple[date, int, int]]) -> None:
        """Write down a further part of the loan: its own schedule is added to what falls due after it, row by row."""
        assert self.terms is not None
        rows = {due.row for due in self.owed.dues if due.row is not None and due.due_on <= day}
        ahead = [due for due in self.owed.dues if due.row is not None and due.due_on > day]
        ahead.sort(key=lambda due: (due.due_on, due.row))
        principals, charges = ([due for due in ahead if due.kind == kind] for kind in (PRINCIPAL, CHARGE))
        days = tuple(due.due_on for due in principals)
        if not days:
            free = isinstance(self.terms.charge, FlatAmount)
            self._add_rows([(due_on, part, 0 if free else charge) for due_on, part, charge in schedule])
            return
        own = part_over(self.terms, amount, day, days, len(rows) + 1)
        refill(principals, [due.amount + part for due, (part, _) in zip(principals, own, strict=True)])
        refill(charges, [due.amount + charge for due, (_, charge) in zip(charges, own, strict=True)])
