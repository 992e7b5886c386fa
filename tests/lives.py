"""Random life histories of one loan: everything that may happen to it, as facts, lawful once they are all known.

What happens is drawn first, as small plain values, so that a failing life shrinks and is printed as it can be read.
Amounts that depend on where the loan stands (a refund, a settlement) are found by the oracle while the facts are made.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.vendor.pretty import RepresentationPrinter

from cif_engine.dates import FORTNIGHTLY, WEEKLY, Calendar, HolidayRule, MonthDay
from cif_engine.kinds import Kind
from cif_engine.loans.charges import flat_charge
from cif_engine.loans.facts import LoanFact, in_order
from cif_engine.loans.schedule import make_schedule
from cif_engine.loans.terms import (
    Accrual,
    Across,
    AgreedPayment,
    AgreedPayments,
    AllocationOrder,
    Amortisation,
    BulletPayment,
    ChargeDue,
    DecliningBalance,
    DueKind,
    EqualInstalments,
    FlatAmount,
    FlatPercent,
    LoanTerms,
    NoCharge,
    Rebate,
    RepaymentPlan,
    SeasonalInstalments,
    ServiceCharge,
    Whole,
)
from tests.oracle.dues import KINDS
from tests.oracle.fund import shelf_on
from tests.oracle.loan import Card, Told, UnlawfulError

FUND, LOAN = "CIF", "loan"
PLACES = ("CIF.1010", "CIF.1010", "CIF.1020", "CIF.1030.1", "CIF.2010", "CIF.1100")
WEEK = timedelta(days=7)
STARTS = (date(2023, 1, 31), date(2024, 1, 1), date(2023, 11, 30))
HARVESTS = (MonthDay(4, 30), MonthDay(10, 31))
HOLIDAYS = Calendar(frozenset({date(2024, 4, 10), date(2024, 4, 11), date(2023, 6, 30), date(2024, 3, 31)}))
HOLIDAYS_SAID = sorted(day.isoformat() for day in HOLIDAYS.holidays)
MOST_DUE_DAYS = 13
ASKED_FOR: dict[str, Any] = {"member_id": "m", "product_id": "p", "purpose": "livestock", "cycle": 1}
MADE_UNDER: dict[str, Any] = {"household_id": "h", "co_id": "c", "vo_id": "v", "poverty_score": 12, "gender": "female"}


@dataclass(frozen=True)
class Life:
    """A loan and all that happened to it."""

    terms: LoanTerms
    principal_minor: int
    facts: tuple[LoanFact, ...]

    def _repr_pretty_(self, printer: RepresentationPrinter, _: bool) -> None:  # noqa: FBT001 - hypothesis calls it so
        """Print the terms and a line per fact, in canonical order, when a test fails."""
        lines = [f"{self.terms.model_dump_json(exclude_defaults=True)} {self.principal_minor}"]
        lines += [f"{fact.effective_on} {fact.id} {fact.kind} {_said(fact)}" for fact in in_order(self.facts)]
        printer.text("\n    ".join(["Life:", *lines]))

    @property
    def told(self) -> list[Told]:
        """The facts as the oracle reads them."""
        return _told(self.facts)


# What is drawn -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Happening:
    """Something that happens to the loan; what `size` and `option` mean is for the kind to say."""

    what: str
    day: int
    size: int
    option: int


OFTEN = ("repaid",) * 7 + ("fee", "penalty", "waived", "paused", "replanned", "part", "part", "settled", "settled")
SELDOM = ("reversed",) * 4 + ("written_off", "credit_used", "refunded", "refunded")
happenings = st.builds(
    Happening, st.sampled_from(OFTEN + SELDOM), st.integers(0, 60), st.integers(0, 40), st.integers(0, 11)
)
PERIODIC: tuple[RepaymentPlan, ...] = (
    EqualInstalments(count=6),
    EqualInstalments(count=12),
    EqualInstalments(count=1),
    EqualInstalments(count=10, frequency=FORTNIGHTLY),
    EqualInstalments(count=13, frequency=WEEKLY),
    EqualInstalments(count=5, grace_on_principal=2, grace_on_charge=1),
    BulletPayment(after_months=6),
)
HARVEST = SeasonalInstalments(month_days=HARVESTS, count=3)
percents = st.sampled_from([Decimal(10), Decimal("8.5"), Decimal(24)])
flat_dues = st.sampled_from(ChargeDue)
flat_charges: st.SearchStrategy[ServiceCharge] = st.builds(FlatPercent, percent=percents, due=flat_dues) | st.builds(
    lambda amount, due: FlatAmount(amount=amount, due=due), st.sampled_from(["7.00", "3.33"]), flat_dues
)
declining_charges = st.builds(
    DecliningBalance,
    annual_percent=percents,
    accrual=st.sampled_from(Accrual),
    amortisation=st.sampled_from(Amortisation),
)
no_charge = st.just(NoCharge())
all_charges: st.SearchStrategy[ServiceCharge] = no_charge | flat_charges | flat_charges | declining_charges
orders = st.permutations(tuple(DueKind)).map(tuple)
allocations = st.none() | st.builds(
    AllocationOrder, order=orders, in_advance=st.none() | orders, across=st.sampled_from(Across)
)
principals = st.sampled_from([12_000_00, 1_000_00, 5_000_37]) | st.integers(30_00, 20_000_00)


@st.composite
def loan_terms(draw: st.DrawFn, charges: st.SearchStrategy[ServiceCharge], start: date, principal: int) -> LoanTerms:
    """Return terms that fit the principal."""
    charge = draw(charges)
    plans = list(PERIODIC)
    if not (isinstance(charge, DecliningBalance) and charge.accrual is Accrual.BY_PERIOD):
        plans += [HARVEST, _agreed(start, principal)]
    agreed = {
        "repayment": draw(st.sampled_from(plans)),
        "charge": charge,
        "rounding_unit": draw(st.sampled_from(["1.00", "1.00", "0.01", "10.00"])),
        "whole": draw(st.sampled_from(Whole)),
        "holiday_rule": draw(st.sampled_from(HolidayRule)),
        "allocation": draw(allocations) or AllocationOrder(),
    }
    return LoanTerms.model_validate(agreed)


@st.composite
def lives(draw: st.DrawFn, charges: st.SearchStrategy[ServiceCharge] = all_charges) -> Life:
    """Return a loan with all that happened to it; a few are refused or cancelled before they are paid out."""
    start, principal = draw(st.sampled_from(STARTS)), draw(principals)
    terms = draw(loan_terms(charges, start, principal))
    desk = Desk(terms, principal, start)
    desk.begins(
        draw(st.sampled_from(["disbursed"] * 10 + ["refused", "cancelled"] + ["disbursed"] * 10)),
        draw(st.integers(0, 3)),
    )
    for happening in draw(st.lists(happenings, min_size=6, max_size=18)):
        desk.takes(happening)
    life = Life(terms, principal, lawful(desk.facts))
    note(life)
    return life


# How it becomes facts ------------------------------------------------------------------------------------------


@dataclass
class Desk:
    """Writes the facts of one loan."""

    terms: LoanTerms
    principal: int
    start: date
    facts: list[LoanFact] = field(default_factory=list)
    due_days: list[date] = field(default_factory=list)
    instalment: int = 1

    def begins(self, end: str, option: int) -> None:
        """Write the facts that come before any other."""
        self._says(
            Kind.LOAN_APPLIED,
            self.start,
            {"terms": self.terms.model_dump_json(), "amount_minor": self.principal, **ASKED_FOR, **MADE_UNDER},
        )
        if option:
            self._says(Kind.LOAN_APPRAISED, self.start, {"amount_minor": self.principal})
        self._says(Kind.LOAN_DECIDED, self.start, {"approved": end != "refused", "amount_minor": self.principal})
        if end == "cancelled":
            self._says(Kind.LOAN_CANCELLED, self.start + WEEK, {"reason": "moved away"})
        if end == "disbursed":
            more = {"settles": {"loan": "another", "amount_minor": self.principal // 3}} if option == 1 else {}
            if self.terms.allocation != AllocationOrder():
                more["allocation"] = self.terms.allocation.model_dump(mode="json")
            schedule = self._pays_out(self.principal, self.start, more)
            self.due_days = [date.fromisoformat(row[0]) for row in schedule]
            self.instalment = schedule[0][1] + schedule[0][2]

    def takes(self, happening: Happening) -> None:
        """Write what happened, unless it cannot have."""
        if self.due_days:
            getattr(self, f"_{happening.what}")(happening, self._day(happening.day))

    def _repaid(self, told: Happening, day: date) -> None:
        total = self.principal * 6 // 5
        usual = (self.instalment, 2 * self.instalment, total, total // 2 + 1, self.instalment // 3 + 1, 1)
        amount = usual[told.size] if told.size < len(usual) else total * told.size // 120 + 1
        self._repays(amount, day, told.option)

    def _settled(self, told: Happening, day: date) -> None:
        """Write a payment that just settles the loan, or is a little short or over, by what is known so far."""
        policy, unit = tuple(Rebate)[told.option % 3].value, (1, self.terms.rounding_unit_minor)[told.size % 2]
        card = self._card(day)
        quote = card.owed.unpaid(*KINDS) - card.rebate(policy, unit, day)
        amount = quote + (0, 0, 0, -1, 5_00)[told.size % 5]
        if amount > 0:
            self._repays(amount, day, told.size, {"rebate": {"policy": policy, "unit_minor": unit}})

    def _fee(self, told: Happening, day: date) -> None:
        self._charges(Kind.FEE_CHARGED, told, day)

    def _penalty(self, told: Happening, day: date) -> None:
        self._charges(Kind.PENALTY_CHARGED, told, day)

    def _waived(self, told: Happening, day: date) -> None:
        caps = {"penalty_minor": told.size * 1_00, "fee_minor": told.option * 2_00, "charge_minor": told.size * 3_50}
        self._says(Kind.DUES_WAIVED, day, {**caps, **RESOLVED})

    def _paused(self, told: Happening, day: date) -> None:
        pause = {"months": 1 + told.option % 3, "arrears": ("kept", "moved")[told.size % 2]}
        self._says(Kind.LOAN_RESCHEDULED, day, {"pause": pause, "holidays": HOLIDAYS_SAID, **RESOLVED})

    def _replanned(self, told: Happening, day: date) -> None:
        plans: list[RepaymentPlan] = [*PERIODIC, EqualInstalments(count=3, first_due_on=day + 5 * WEEK)]
        plan = plans[told.size % len(plans)].model_dump(mode="json")
        self._says(Kind.LOAN_RESCHEDULED, day, {"plan": plan, "holidays": HOLIDAYS_SAID, **RESOLVED})

    def _part(self, told: Happening, day: date) -> None:
        self._pays_out(self.principal * (told.size + 1) // 60 + 1, day, {})

    def _written_off(self, _: Happening, day: date) -> None:
        self._says(Kind.LOAN_WRITTEN_OFF, day, RESOLVED)

    def _refunded(self, told: Happening, day: date) -> None:
        paid_from = {"channel": "cash", "paid_from": PLACES[told.option % 3]}
        self._says(Kind.CREDIT_REFUNDED, day, {"amount_minor": max(self._card(day).credit, 1), **paid_from})

    def _credit_used(self, _: Happening, day: date) -> None:
        amount = max(self._card(day).credit // 2, 1)
        self._says(Kind.CREDIT_USED, day, {"amount_minor": amount, "for_loan": "another"})

    def _reversed(self, told: Happening, _: date) -> None:
        """Write that a fact after the application did not happen; it may itself be a reversal."""
        target = self.facts[1 + (told.size + told.day) % (len(self.facts) - 1)]
        if target.kind not in FIRM or (target.kind is Kind.LOAN_DISBURSED and told.option == 0):
            says = {"reverses": target.id, "kind": target.kind.value, "reason": "a mistake"}
            self._says(Kind.FACT_REVERSED, target.effective_on, says)

    # Writing ---------------------------------------------------------------------------------------------------

    def _says(self, kind: Kind, day: date, says: dict[str, Any]) -> None:
        # Ids in no order of telling: within a day and a kind they decide which fact comes first.
        self.facts.append(LoanFact(f"{len(self.facts) * 37 % 101:03d}", kind, day, says))

    def _repays(self, amount: int, day: date, option: int, more: dict[str, Any] | None = None) -> None:
        held_in = PLACES[option % len(PLACES)]
        self._says(Kind.REPAYMENT_RECEIVED, day, {"amount_minor": amount, "held_in": held_in, **(more or {})})

    def _charges(self, kind: Kind, told: Happening, day: date) -> None:
        due_on = (day + (told.option - 4) * WEEK).isoformat()
        self._says(kind, day, {"amount_minor": 1 + told.size * 1_37, "name": "a name", "due_on": due_on})

    def _pays_out(self, amount: int, day: date, more: dict[str, Any]) -> list[list[Any]]:
        schedule = self._schedule(amount, day)
        says = {"amount_minor": amount, "channel": "bank", "paid_from": PLACES[2], "schedule": schedule, **more}
        charge = self.terms.charge
        if isinstance(charge, FlatPercent) and charge.due is ChargeDue.UP_FRONT:
            says["charge_up_front_minor"] = flat_charge(charge, amount, self.terms.rounding_unit_minor)
        self._says(Kind.LOAN_DISBURSED, day, {**says, **MADE_UNDER})
        return schedule

    def _schedule(self, amount: int, day: date) -> list[list[Any]]:
        terms = self.terms
        if isinstance(terms.repayment, AgreedPayments) and amount != self.principal:
            last = max(self.due_days[-1], day + 5 * WEEK)
            agreed = AgreedPayments(payments=(AgreedPayment.of_minor(last, amount),))
            terms = terms.model_copy(update={"repayment": agreed})
        rows = make_schedule(terms, amount, day, HOLIDAYS)
        return [[row.due_on.isoformat(), row.principal_minor, row.charge_minor] for row in rows]

    def _day(self, number: int) -> date:
        """Return a due date, so that days meet, or a week's day from the start on."""
        if number < MOST_DUE_DAYS:
            return self.due_days[number % len(self.due_days)]
        return self.start + (number - MOST_DUE_DAYS) * WEEK

    def _card(self, day: date) -> Card:
        shelf = shelf_on(FUND, _told(lawful(self.facts)), day)
        return shelf.cards.get(LOAN) or Card(FUND)


FIRM = (Kind.LOAN_APPRAISED, Kind.LOAN_DECIDED, Kind.LOAN_DISBURSED)
"""What is seldom or never taken back here: without the money, little else of a loan can have happened."""
RESOLVED = {"resolution_no": "R-9", "reason": "the flood"}


def lawful(facts: Iterable[LoanFact]) -> tuple[LoanFact, ...]:
    """Return the facts without those that no office could have recorded beside the others; refunds are cut to fit."""
    told = {fact.id: fact for fact in facts}
    while True:
        try:
            shelf_on(FUND, _told(told.values()), date.max)
        except UnlawfulError as unlawful:
            fact = told[unlawful.fact_id]
            if unlawful.most:
                told[fact.id] = fact._replace(says={**fact.says, "amount_minor": unlawful.most})
            else:
                _forget(told, fact.id)
        else:
            return tuple(told.values())


def _forget(told: dict[str, LoanFact], fact_id: str) -> None:
    del told[fact_id]
    for fact in list(told.values()):
        if fact.says.get("reverses") == fact_id:
            _forget(told, fact.id)


def _told(facts: Iterable[LoanFact]) -> list[Told]:
    return [Told(fact.id, fact.kind.value, fact.effective_on, fact.says, LOAN) for fact in facts]


def _said(fact: LoanFact) -> dict[str, Any]:
    return {name: value for name, value in fact.says.items() if name not in {"terms", "holidays", *RESOLVED}}


def _agreed(start: date, principal: int) -> AgreedPayments:
    first = principal // 3
    amounts = (first, first, principal - 2 * first)
    days = (start + number * 9 * WEEK for number in (1, 2, 3))
    return AgreedPayments(payments=tuple(map(AgreedPayment.of_minor, days, amounts)))
