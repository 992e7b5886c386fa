"""Random lives of loans: simple loans that live nasty lives, and the paper of it that comes late and out of order.

A life is thought of in the order of its days. Each fact gets the day on which the office learns of it; what cannot be
recorded before another paper waits for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final, NamedTuple

from cif_engine.loans.terms import (
    AgreedPayment,
    AgreedPayments,
    BulletPayment,
    EqualInstalments,
    FlatPercent,
    LoanTerms,
    RepaymentPlan,
)
from cif_engine.operations.collecting import Repayment, record_repayment
from cif_engine.operations.credits import Refund, refund_credit
from cif_engine.operations.disbursing import Disbursement, disburse_loan
from cif_engine.operations.dues import Fee, charge_fee
from cif_engine.operations.lending import (
    Application,
    Cancellation,
    CommitteeDecision,
    apply_for_loan,
    cancel_loan,
    decide_on_loan,
)
from cif_engine.operations.replacing import Correction, correct_fact
from cif_engine.operations.restructuring import Pause, Reschedule, WriteOff, reschedule_loan, write_off_loan
from cif_engine.operations.reversals import Reversal
from cif_engine.operations.reversing import reverse_fact
from tests.truth.card import history
from tests.truth.facts import DAY, RUPEE, Agreed, Bullet, Equal, Fact, Plan, Row, What, holding
from tests.truth.office import AUDITOR, CHAIR, CLERK, MANAGER, Act, Office, Operation, Person, new_id

FIRST_DAY, LAST_DAY = date(2022, 1, 10), date(2024, 12, 31)
LAST_PAPER = date(2025, 6, 30)
"""The last day on which anything is recorded; facts end on LAST_DAY."""

CHANNELS: Final = ("cash", "cheque", "bank", "wallet")
PURPOSES: Final = ("livestock", "crop inputs", "enterprise")
STEP = 20 * RUPEE
"""Payments are multiples of this, so that what is unpaid can be shared among 1, 2, 4, 5 or 10 without a rest."""
SECOND_PART = 2520 * RUPEE
"""Can be shared among up to ten instalments without a rest."""
FOR_EVER = 2**62


class Offer(NamedTuple):
    """A product of an office: in the engine's words, and in those of the truth."""

    fund: str
    terms: LoanTerms
    plan: Plan


OFFERS: Final = {
    "MONTHLY": Offer("CIF", LoanTerms(repayment=EqualInstalments(count=12)), Equal(12)),
    "TEN": Offer("CIF", LoanTerms(repayment=EqualInstalments(count=10)), Equal(10)),
    "HARVEST": Offer("CIF", LoanTerms(repayment=BulletPayment(after_months=6)), Bullet(6)),
    "SHOP": Offer("GROW", LoanTerms(repayment=EqualInstalments(count=5)), Equal(5)),
    "CHARGED": Offer(
        "GROW",
        LoanTerms(repayment=EqualInstalments(count=10), charge=FlatPercent(percent=Decimal(10))),
        Equal(10, percent=10),
    ),
}


@dataclass
class Life:
    """One loan while it is thought of."""

    office: Office
    random: Random
    person: Person
    product: str
    start: date
    id: str = ""
    last_paper: date = date.min
    acts: list[Act] = field(default_factory=list)
    lent: int = 0
    first_part: int = 0
    closed_on: date | None = None

    @property
    def offer(self) -> Offer:
        """What is lent, on which terms."""
        return OFFERS[self.product]

    def chance(self, of: float) -> bool:
        """Whether something happens that happens so often."""
        return self.random.random() < of

    def days(self, least: int, most: int) -> timedelta:
        """Return so many days."""
        return timedelta(days=self.random.randint(least, most))

    def lag(self) -> timedelta:
        """Return how late a paper comes: mostly within days, often within weeks, at times after months."""
        return self.days(*self.random.choices(((0, 2), (3, 40), (60, 200)), (60, 30, 10))[0])

    def fact(self, what: What, on: date, minor: int = 0, **others: Any) -> Fact:  # noqa: ANN401 - passed on
        """Return a fact of the loan that is recorded at a moment not known yet."""
        return Fact(new_id(self.random), self.id, what, on, 0, minor, **others)

    def record(self, on: date, actor: str, operation: Operation, command: object, *facts: Fact) -> Act:
        """Record an act on a day, or on the last day on which anything is recorded."""
        act = Act(min(on, LAST_PAPER), actor, operation, command, list(facts))
        self.acts.append(act)
        return act

    def known(self) -> list[Fact]:
        """Return all facts of the loan, whenever they are recorded."""
        return [fact for act in self.acts for fact in act.facts]


def live(life: Life) -> None:
    """Think of the whole life of a loan."""
    life.id = new_id(life.random)
    fate = life.random.random()
    minor = life.first_part = _principal(life)
    second_part = life.product == "TEN" and life.chance(0.25)
    plan, agreed = _plan(life, minor, fixed=second_part or fate < 0.12)
    applied_on = life.start - life.days(4, 20)
    decided_on = applied_on + life.days(0, 2)
    _apply(life, minor + (SECOND_PART if second_part else 0), agreed, applied_on, decided_on, approved=fate > 0.03)
    if fate < 0.03:
        life.closed_on = life.last_paper
    elif fate < 0.07:
        cancelled = life.last_paper + life.days(0, 30)
        life.closed_on = cancelled
        command = Cancellation(new_id(life.random), life.id, cancelled, "she moved away")
        life.record(cancelled, CLERK, cancel_loan, command)
    elif fate < 0.12:
        _lent_by_mistake(life, minor, plan)
    else:
        _lent(life, minor, plan, second_part=second_part)


# Until the money is handed out ---------------------------------------------------------------------------------


def _principal(life: Life) -> int:
    if life.offer.plan in (Bullet(6), Equal(5), Equal(10), Equal(10, 10)):
        return life.random.randint(5, 30) * 1000 * RUPEE
    return life.random.choice((life.random.randint(5, 25) * 1200, life.random.randint(5, 25) * 1000)) * RUPEE


def _plan(life: Life, minor: int, *, fixed: bool) -> tuple[Plan, RepaymentPlan | None]:
    """Return the plan of a loan: that of its product, or payments agreed one by one."""
    if fixed or life.product not in ("MONTHLY", "SHOP") or life.chance(0.7):
        return life.offer.plan, None
    day, left, rows = life.start, minor, list[Row]()
    while left:
        day += life.days(10, 120)
        part = left if len(rows) == 4 else min(left, life.random.randint(10, 100) * 100 * RUPEE)
        rows.append(Row(day, part))
        left -= part
    payments = tuple(AgreedPayment.of_minor(row.on, row.minor) for row in rows)
    return Agreed(tuple(rows)), AgreedPayments(payments=payments)


def _apply(
    life: Life, minor: int, agreed: RepaymentPlan | None, applied_on: date, decided_on: date, *, approved: bool
) -> None:
    purpose = life.random.choice(PURPOSES)
    application = Application(
        new_id(life.random), life.id, life.person.code, life.product, minor, applied_on, purpose, None, agreed
    )
    applied = life.record(applied_on + life.days(0, 2), CLERK, apply_for_loan, application)
    decision = CommitteeDecision(
        new_id(life.random), life.id, approved, decided_on, "R-1", "VO committee", None, None if approved else "no plan"
    )
    life.last_paper = max(applied.on, decided_on + life.days(0, 2))
    life.record(life.last_paper, MANAGER, decide_on_loan, decision)


def _hand_out(life: Life, fact: Fact, recorded_on: date) -> Act:
    command = Disbursement(fact.id, life.id, fact.on, fact.channel, fact.minor)
    return life.record(recorded_on, CLERK, disburse_loan, command, fact)


def _lent_by_mistake(life: Life, minor: int, plan: Plan) -> None:
    """Record a disbursement that is reversed; often the money is handed out later, else the loan is cancelled."""
    wrong = life.fact(What.LENT, life.start, minor, plan=plan, channel=life.random.choice(CHANNELS))
    recorded = _hand_out(life, wrong, max(life.last_paper, life.start + life.lag())).on
    undone = _undo(life, wrong, recorded + life.days(1, 90)).on
    later = life.start + life.days(5, 30)
    if life.chance(0.6):
        right = life.fact(What.LENT, later, minor, plan=plan, channel=life.random.choice(CHANNELS))
        life.last_paper = _hand_out(life, right, max(undone, later + life.lag())).on
        life.lent, life.start = minor, later
        _pay_off(life, plan.rows(minor, later))
    else:
        life.closed_on = undone + life.days(0, 20)
        command = Cancellation(new_id(life.random), life.id, max(later, life.start), "not hers")
        life.closed_on = max(life.closed_on, later)
        life.record(life.closed_on, CLERK, cancel_loan, command)


def _lent(life: Life, minor: int, plan: Plan, *, second_part: bool) -> None:
    life.lent = minor
    mistaken = not second_part and life.chance(0.1)
    if mistaken:
        _lent_and_corrected(life, minor, plan)
    else:
        lent = life.fact(What.LENT, life.start, minor, plan=plan, channel=life.random.choice(CHANNELS))
        life.last_paper = _hand_out(life, lent, max(life.last_paper, life.start + life.lag())).on
    if second_part:
        day = life.start + life.days(5, 120)
        if life.chance(0.3):
            _receive(life, life.start + life.days(1, 4), minor + 40 * STEP)  # what is too much meets the part
        part = life.fact(What.LENT, day, SECOND_PART, plan=plan, channel=life.random.choice(CHANNELS))
        life.last_paper = _hand_out(life, part, max(life.last_paper, day + life.lag())).on
        life.lent += SECOND_PART
    rows = plan.rows(minor, life.start)
    turn = life.random.random()
    if mistaken or life.offer.plan == Equal(10, 10) or turn < 0.65:
        _pay_off(life, rows)
    else:
        _renegotiate(life, rows)


def _lent_and_corrected(life: Life, minor: int, plan: Plan) -> None:
    """Record a disbursement with a wrong amount, day or channel, and what is right of it some time later."""
    wrong_minor, wrong_on, channel = minor, life.start, life.random.choice(CHANNELS)
    right_channel = channel
    match life.random.choice(("amount", "day", "channel", "all")):
        case "amount" if not isinstance(plan, Agreed):
            wrong_minor -= 1000 * RUPEE
        case "day":
            wrong_on -= DAY
        case "all" if not isinstance(plan, Agreed):
            wrong_minor -= 2000 * RUPEE
            wrong_on -= DAY
            right_channel = "cash" if channel != "cash" else "bank"
        case _:
            right_channel = "cash" if channel != "cash" else "bank"
    wrong = life.fact(What.LENT, wrong_on, wrong_minor, plan=plan, channel=channel)
    life.last_paper = _hand_out(life, wrong, max(life.last_paper, life.start + life.lag())).on
    right = life.fact(What.LENT, life.start, minor, plan=plan, channel=right_channel)
    _correct(life, wrong, right, life.last_paper + life.days(1, 150))


# Mistakes ------------------------------------------------------------------------------------------------------


def _undo(life: Life, wrong: Fact, on: date, actor: str = CHAIR) -> Act:
    undone = life.fact(What.UNDONE, wrong.on, undoes=wrong.id)
    return life.record(on, actor, reverse_fact, Reversal(undone.id, wrong.id, "typed wrong"), undone)


def _correct(life: Life, wrong: Fact, right: Fact, on: date) -> Act:
    undone = life.fact(What.UNDONE, wrong.on, undoes=wrong.id)
    correction = Correction(
        undone.id, right.id, wrong.id, "typed wrong", None, right.minor, right.on, right.channel or None
    )
    return life.record(on, CHAIR, correct_fact, correction, undone, right)


# Repaying ------------------------------------------------------------------------------------------------------


def _pay_off(life: Life, rows: tuple[Row, ...]) -> None:
    """Pay row by row, in the manner of the borrower; some stop, some pay too much."""
    stops = life.random.randint(0, len(rows)) if life.chance(0.22) else len(rows)
    day = life.start
    for on, minor in _receipts(life, rows[:stops]):
        day = max(day, _receive(life, on, minor))
    if life.offer.fund == "GROW" and life.chance(0.3):
        _charge_fee(life, min(life.start + life.days(20, 200), rows[-1].on))
    if stops < len(rows):
        if life.chance(0.6):
            _give_up(life, max(day, rows[-1].on))
    elif life.chance(0.12):
        _overpay(life, day)


def _receipts(life: Life, rows: tuple[Row, ...]) -> Iterator[tuple[date, int]]:
    """Return what is paid when."""
    manner = life.random.choices(("good", "sloppy", "bad", "eager"), (60, 20, 8, 12))[0]
    how = {
        "good": ("due", "due", "due", "due", "early", "late"),
        "sloppy": ("due", "due", "late", "late", "halves", "early"),
        "bad": ("late", "very late", "halves", "never"),
        "eager": ("early", "very early", "due", "double"),
    }[manner]
    for row in rows:
        yield from _receipts_for(life, row, life.random.choice(how))


_DAYS_AFTER: Final = {
    "due": (0, 0),
    "early": (-20, -1),
    "very early": (-100, -40),
    "late": (1, 35),
    "very late": (40, 250),
}


def _receipts_for(life: Life, row: Row, how: str) -> Iterator[tuple[date, int]]:
    minor = row.minor + row.charge
    if how in _DAYS_AFTER:
        yield row.on + life.days(*_DAYS_AFTER[how]), minor
    elif how != "never":
        half = minor // 2 // STEP * STEP or minor
        first = row.on if how == "double" else row.on + life.days(-3, 20)
        yield first, half
        if minor > half:
            yield (first if how == "double" else row.on + life.days(0, 120)), minor - half


def _receive(life: Life, on: date, minor: int) -> date:
    """Record a payment, perhaps wrong at first; return the day it counts."""
    on = max(on, life.start + DAY)
    if on > LAST_DAY:
        return on
    recorded_on = max(life.last_paper, on + life.lag())
    paid = life.fact(What.PAID, on, minor, channel=life.random.choice(CHANNELS))
    mistake = life.random.random()
    if mistake > 0.1:
        _record_payment(life, paid, recorded_on)
    elif mistake > 0.06:
        wrong = paid._replace(id=new_id(life.random), minor=minor + STEP * life.random.choice((1, 2, 5)))
        _record_payment(life, wrong, recorded_on)
        _correct(life, wrong, paid, recorded_on + life.days(0, 120))
    elif mistake > 0.03:
        wrong = paid._replace(id=new_id(life.random), on=max(on - life.days(0, 30), life.start + DAY))
        _record_payment(life, wrong, recorded_on)
        undone = _undo(life, wrong, recorded_on + life.days(0, 60))
        _record_payment(life, paid, undone.on + life.days(0, 10))
    else:
        _record_payment(life, paid, recorded_on)
        undone = _undo(life, paid, recorded_on + life.days(1, 60))
        if life.chance(0.5):
            _undo(life, undone.facts[0], undone.on + life.days(1, 60), AUDITOR)
    return on


def _record_payment(life: Life, paid: Fact, recorded_on: date) -> Act:
    command = Repayment(paid.id, life.id, paid.minor, paid.on, paid.channel)
    return life.record(recorded_on, CLERK, record_repayment, command, paid)


def _charge_fee(life: Life, on: date) -> None:
    if on <= LAST_DAY:
        fee = life.fact(What.FEE, on, 100 * RUPEE)
        command = Fee(fee.id, life.id, "passbook", fee.minor, on)
        life.record(max(life.last_paper, on + life.lag()), CLERK, charge_fee, command, fee)


def _overpay(life: Life, after: date) -> None:
    """Pay what is left and more, and take some of it back."""
    day = after + life.days(1, 40)
    last = max(act.on for act in life.acts)
    left = history(holding(life.known(), FOR_EVER)).on(LAST_DAY).outstanding
    if day > LAST_DAY - 30 * DAY or last > LAST_PAPER - 40 * DAY:
        return
    paid = life.fact(What.PAID, day, left // STEP * STEP + 5 * STEP, channel="bank")
    recorded_on = max(day, last + life.days(1, 10))
    _record_payment(life, paid, recorded_on)
    if left % STEP == 0 and life.offer.fund == "CIF" and life.chance(0.5):
        taken = life.fact(What.CREDIT_TAKEN, day + life.days(0, 20), 2 * STEP)
        command = Refund(taken.id, life.id, taken.on, "bank", taken.minor)
        life.record(max(taken.on, recorded_on + DAY), CLERK, refund_credit, command, taken)


# What the committee decides on the rest ------------------------------------------------------------------------


def _renegotiate(life: Life, rows: tuple[Row, ...]) -> None:
    """Pay for a while, agree on the rest anew, at times again, and pay on as it comes."""
    turns = life.random.randint(0, max(len(rows) // 2 - 1, 0))
    day = life.start + life.days(10, 40)
    for on, minor in _receipts(life, rows[:turns]):
        day = max(day, _receive(life, on, minor // STEP * STEP or STEP))
    learnt = life.last_paper
    for _ in range(life.random.choice((1, 1, 1, 2, 2, 3))):
        day += life.days(1, 60)
        if day > LAST_DAY or not _owed(life, day) * 3 > life.lent:
            break
        learnt = _decide_on_rest(life, day, learnt)
        for _ in range(life.random.randint(0, 3)):
            day += life.days(5, 45)
            minor = life.random.randint(1, max(life.lent // 12 // STEP, 1)) * STEP
            day = max(day, _receive(life, day, minor))
    if life.chance(0.2):
        _give_up(life, max(day, learnt) + 60 * DAY)
    elif life.chance(0.7):
        rest = _owed(life, LAST_DAY) // STEP * STEP
        if rest > 0 and day + 60 * DAY <= LAST_DAY:
            _receive(life, day + life.days(10, 60), rest)


def _decide_on_rest(life: Life, day: date, learnt: date) -> date:
    """Record a pause or a new plan, at times a mistaken one; return when it was recorded."""
    plans = ((Equal(4), EqualInstalments(count=4)), (Equal(10), EqualInstalments(count=10)))
    bullet = (Bullet(4), BulletPayment(after_months=4))
    recorded_on = max(life.last_paper, learnt, day + life.lag())
    if life.chance(0.55):
        months, moved = life.random.randint(1, 4), life.chance(0.3)
        decided = life.fact(What.PAUSED, day, months=months, arrears_moved=moved)
        pause = Pause(months, "moved" if moved else "kept")
        command = Reschedule(decided.id, life.id, day, "R-3", "flood", None, pause)
    else:
        plan, told = life.random.choice((*plans, bullet))
        decided = life.fact(What.PLANNED_ANEW, day, plan=plan)
        command = Reschedule(decided.id, life.id, day, "R-3", "flood", told)
    learnt = life.record(recorded_on, MANAGER, reschedule_loan, command, decided).on
    if life.chance(0.12):
        learnt = _undo(life, decided, learnt + life.days(1, 60)).on
    return learnt


def _owed(life: Life, day: date) -> int:
    """Return the least that the office can think is owed on a day, whatever it knows of by then."""
    return life.first_part - sum(fact.minor for fact in life.known() if fact.what is What.PAID and fact.on <= day)


def _give_up(life: Life, after: date) -> None:
    """Give the rest up; at times she pays on, at times it was a mistake."""
    day = after + life.days(30, 200)
    settled = max(act.on for act in life.acts)
    if day > LAST_DAY or _owed(life, LAST_DAY) <= 0:
        return
    lost = life.fact(What.GIVEN_UP, day)
    recorded_on = max(settled, day + life.lag())
    command = WriteOff(lost.id, life.id, day, "R-4", "she died")
    recorded_on = life.record(recorded_on, MANAGER, write_off_loan, command, lost).on
    for _ in range(life.random.randint(0, 3)):
        _receive(life, day + life.days(-20, 150), life.random.randint(1, 20) * STEP)
    if life.chance(0.3):
        _receive(life, day + life.days(1, 90), life.lent // STEP * STEP)  # more than was lost
    if life.chance(0.2):
        _undo(life, lost, recorded_on + life.days(5, 100))
