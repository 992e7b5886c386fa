from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cif_engine.kinds import Kind
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.life import LoanLife, live
from cif_engine.loans.statement import Due, schedule_on, statement_lines

START = date(2021, 1, 1)
instalments = st.lists(
    st.tuples(st.integers(1, 60), st.integers(0, 2_000), st.integers(0, 200)).filter(lambda row: row[1] or row[2]),
    min_size=1,
    max_size=6,
)
payments = st.lists(st.tuples(st.integers(0, 400), st.integers(1, 3_000)), max_size=6)


def life_of(rows: list[tuple[int, int, int]], paid: list[tuple[int, int]], day: date) -> LoanLife:
    """Return the life of a loan by a day: gaps between due dates, principal, charge; payments by day and amount."""
    due_on, schedule = START, []
    for gap, principal, charge in rows:
        due_on += timedelta(days=gap)
        schedule.append([due_on.isoformat(), principal, charge])
    says = {"amount_minor": sum(row[1] for row in rows), "schedule": schedule, "paid_from": "CIF.1020"}
    facts = [LoanFact("0", Kind.LOAN_DISBURSED, START, says)]
    for number, (after, amount) in enumerate(paid, start=1):
        on = START + timedelta(days=after)
        facts.append(LoanFact(str(number), Kind.REPAYMENT_RECEIVED, on, {"amount_minor": amount, "held_in": "x"}))
    return live(fact for fact in facts if fact.effective_on <= day)


days = st.integers(0, 500).map(lambda after: START + timedelta(days=after))


@given(instalments, payments, days)
def test_what_is_paid_of_the_instalments_is_what_was_paid(
    rows: list[tuple[int, int, int]], paid: list[tuple[int, int]], day: date
) -> None:
    life = life_of(rows, paid, day)
    shown = schedule_on(life, day)
    assert sum(row.principal_paid_minor for row in shown) == life.standing.principal_paid_minor
    assert sum(row.charge_paid_minor for row in shown) == life.standing.charge_paid_minor
    owed = life.standing.outstanding_minor + life.standing.charge_outstanding_minor
    assert sum(row.unpaid_minor for row in shown) == owed


@given(instalments, payments, days)
def test_the_oldest_late_instalment_is_what_makes_the_loan_late(
    rows: list[tuple[int, int, int]], paid: list[tuple[int, int]], day: date
) -> None:
    life = life_of(rows, paid, day)
    shown = schedule_on(life, day)
    assert max(row.days_late for row in shown) == life.standing.days_late(day)
    for row in shown:
        assert (row.due is Due.PAID) == (row.unpaid_minor == 0) == (row.paid_on is not None)
        assert (row.due is Due.LATE) == (row.unpaid_minor > 0 and row.instalment.due_on < day)
        assert (row.due is Due.DUE_TODAY) == (row.unpaid_minor > 0 and row.instalment.due_on == day)


@given(instalments, payments)
def test_an_instalment_is_paid_on_the_day_after_which_nothing_of_it_was_owed(
    rows: list[tuple[int, int, int]], paid: list[tuple[int, int]]
) -> None:
    end = START + timedelta(days=500)
    for number, row in enumerate(schedule_on(life_of(rows, paid, end), end)):
        if row.paid_on is not None:
            before = row.paid_on - timedelta(days=1)
            assert schedule_on(life_of(rows, paid, row.paid_on), row.paid_on)[number].unpaid_minor == 0
            if before >= START:
                assert schedule_on(life_of(rows, paid, before), before)[number].unpaid_minor > 0


@given(instalments, payments, days)
def test_the_lines_of_a_statement_add_up_to_the_balance_after_each(
    rows: list[tuple[int, int, int]], paid: list[tuple[int, int]], day: date
) -> None:
    disbursed = received = 0
    charge = sum(row[2] for row in rows)
    for line in statement_lines(life_of(rows, paid, day)):
        disbursed += line.disbursed_minor
        received += line.paid_minor
        standing = line.standing
        assert standing is not None, "nothing here is reversed"
        owed = standing.outstanding_minor + standing.charge_outstanding_minor
        assert owed - standing.credit_minor == disbursed + charge - received
        if line.settled:
            settled = line.settled
            assert settled.charge_minor + settled.principal_minor + settled.credit_minor == line.paid_minor
