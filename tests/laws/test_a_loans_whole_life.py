"""A loan's life is a function of its facts: a second, simpler bookkeeper agrees, and no order of telling matters."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cif_engine.bookings import book_change, book_life
from cif_engine.kinds import Kind
from cif_engine.ledger.postings import Posting
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.life import live, live_on
from cif_engine.loans.standing import Standing
from cif_engine.loans.terms import NoCharge
from tests.laws.settings import some_histories
from tests.lives import FUND, LOAN, Life, lives, no_charge
from tests.oracle.dues import PRINCIPAL
from tests.oracle.fund import Evening, replay, shelf_on
from tests.oracle.loan import Picture

ALLOWANCE, WRITE_OFF_EXPENSE = f"{FUND}.1190", f"{FUND}.5020"
interest_free = lives(no_charge)


@some_histories(1_000)
@given(lives())
def test_the_engine_and_a_replay_day_by_day_agree_on_every_evening(history: Life) -> None:
    life = live(history.facts)
    evenings = list(replay(FUND, history.told))

    for evening in evenings:
        assert pictured(life.standing_on(evening.day)) == evening.loans.get(LOAN), evening.day
    assert pictured(life.standing) == evenings[-1].loans[LOAN]
    assert _with_losses_at_once(_by_day(book_life(LOAN, FUND, life.steps))) == _moved(evenings)


@some_histories(200)
@given(lives(), st.randoms(use_true_random=False))
def test_facts_told_in_any_order_make_the_same_life(history: Life, order: random.Random) -> None:
    life = live(history.facts)
    told = as_told(history, order)
    assert live(order.sample(told, len(told))) == life
    *known, new = told
    assert live_on(tuple(known), new) == (live(known), life)


@some_histories(200)
@given(lives(), st.randoms(use_true_random=False))
def test_what_is_posted_by_difference_sums_to_what_the_facts_call_for(history: Life, order: random.Random) -> None:
    told = as_told(history, order)
    known = [live(told[:count]) for count in range(1, len(told) + 1)]
    changes = [posting for before, after in pairwise(known) for posting in book_change(LOAN, FUND, before, after)]
    assert _by_day(changes) == _by_day(book_life(LOAN, FUND, known[-1].steps))


@some_histories(200)
@given(lives())
def test_every_rupee_lent_is_outstanding_paid_or_written_off(history: Life) -> None:
    lent = 0
    for step in live(history.facts).steps:
        at = step.standing
        lent += step.fact.says["amount_minor"] if step.fact.kind is Kind.LOAN_DISBURSED else 0
        assert lent == at.outstanding_minor + at.principal_paid_minor + at.written_off_minor
        assert 0 <= at.recovered_minor <= at.written_off_minor
        assert min(amount for name, amount in at._asdict().items() if name.endswith("_minor")) >= 0


@some_histories(200)
@given(lives())
def test_what_is_paid_fills_the_schedule_in_order_and_the_rest_is_what_is_owed(history: Life) -> None:
    life = live(history.facts)
    lent = sum(step.fact.says["amount_minor"] for step in life.steps if step.fact.kind is Kind.LOAN_DISBURSED)
    assert sum(row.principal_minor for row in life.schedule) == lent
    assert len(life.schedules) == life.standing.schedule_no
    for schedule in life.schedules:
        assert [row.number for row in schedule] == list(range(1, len(schedule) + 1))

    owed = shelf_on(FUND, history.told, date.max).cards[LOAN].owed.dues
    paid, ahead = life.standing.principal_paid_minor + life.standing.written_off_minor, Counter[date]()
    for row in life.schedule:
        filled = min(paid, row.principal_minor)
        paid -= filled
        ahead[row.due_on] += row.principal_minor - filled
    unpaid = Counter[date]()
    for due in owed:
        unpaid[due.due_on] += due.unpaid if due.kind == PRINCIPAL else 0
    assert +ahead == +unpaid


@some_histories(200)
@given(interest_free)
def test_an_interest_free_loan_never_owes_or_pays_a_charge(history: Life) -> None:
    assert isinstance(history.terms.charge, NoCharge)
    life = live(history.facts)
    for step in life.steps:
        assert (step.standing.charge_outstanding_minor, step.standing.charge_paid_minor) == (0, 0)
        assert step.settled is None or step.settled.charge_minor == 0
    assert not any(row.charge_minor for schedule in life.schedules for row in schedule)
    assert f"{FUND}.4010" not in {
        code for moved in _by_day(book_life(LOAN, FUND, life.steps)).values() for code in moved
    }


def as_told(history: Life, order: random.Random) -> list[LoanFact]:
    """Return the facts as the office may learn of them: the application first, a reversal after what it takes back."""
    application, *others = history.facts
    order.shuffle(others)
    told = [application]
    while others:
        ready = {fact.id for fact in told}
        told.append(next(fact for fact in others if fact.says.get("reverses", application.id) in ready))
        others.remove(told[-1])
    return told


def pictured(standing: Standing | None) -> Picture | None:
    """Return a standing in the words of the replay."""
    if standing is None:
        return None
    return Picture(
        standing.status.value,
        standing.outstanding_minor,
        standing.charge_outstanding_minor,
        standing.fee_outstanding_minor,
        standing.penalty_outstanding_minor,
        standing.principal_paid_minor,
        standing.charge_paid_minor,
        standing.fee_paid_minor,
        standing.penalty_paid_minor,
        standing.credit_minor,
        standing.written_off_minor,
        standing.recovered_minor,
        standing.oldest_due_on,
        standing.renegotiated,
    )


def _by_day(postings: Iterable[Posting]) -> dict[date, dict[str, int]]:
    """Return what each account moved by on each day (debits positive), without what moved by nothing."""
    moved: defaultdict[date, Counter[str]] = defaultdict(Counter)
    for posting in postings:
        moved[posting.effective_on][posting.debit] += posting.amount_minor
        moved[posting.effective_on][posting.credit] -= posting.amount_minor
    return _without_nothing(moved)


def _with_losses_at_once(moved: Mapping[date, Mapping[str, int]]) -> dict[date, dict[str, int]]:
    """Return it as a fund without an allowance has it: what a write-off takes from there is an expense of the day."""
    renamed = {ALLOWANCE: WRITE_OFF_EXPENSE}
    return {day: {renamed.get(code, code): amount for code, amount in of_day.items()} for day, of_day in moved.items()}


def _moved(evenings: list[Evening]) -> dict[date, dict[str, int]]:
    """Return the same of the replay."""
    moved: dict[date, dict[str, int]] = {}
    held: dict[str, int] = {}
    for evening in evenings:
        codes = held.keys() | evening.accounts.keys()
        moved[evening.day] = {code: evening.accounts.get(code, 0) - held.get(code, 0) for code in codes}
        held = evening.accounts
    return _without_nothing(moved)


def _without_nothing(moved: Mapping[date, Mapping[str, int]]) -> dict[date, dict[str, int]]:
    by_day = {day: {code: amount for code, amount in of_day.items() if amount} for day, of_day in moved.items()}
    return {day: of_day for day, of_day in by_day.items() if of_day}
