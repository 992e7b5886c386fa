from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cif_engine.dates import EVERY_DAY_WORKS, Calendar
from cif_engine.errors import (
    AgreedAmountsError,
    ChargeAboveLoanError,
    DueBeforeStartError,
    PrincipalNotPositiveError,
)
from cif_engine.loans.charges import flat_charge, up_front_charge
from cif_engine.loans.due_dates import due_dates, planned_dates
from cif_engine.loans.principal import fit_agreed
from cif_engine.loans.schedule import Instalment, make_schedule, schedule_over
from cif_engine.loans.terms import (
    EqualInstalments,
    FlatAmount,
    FlatPercent,
    LoanTerms,
    NoCharge,
    Whole,
)
from tests.unit.loans.strategies import (
    agreed_plans,
    calendars,
    flat_charges,
    interest_free,
    loan_terms,
    principals,
    start_days,
    up_front_charges,
)

START = date(2021, 1, 31)


def written_terms(repayment: dict[str, object], **parts: object) -> LoanTerms:
    return LoanTerms.model_validate({"repayment": repayment, **parts})


def in_rupees(schedule: tuple[Instalment, ...]) -> list[tuple[str, int, int]]:
    return [(str(row.due_on), row.principal_minor // 100, row.charge_minor // 100) for row in schedule]


# Laws ----------------------------------------------------------------------------------------------------------


@given(loan_terms(), principals, start_days, calendars)
def test_a_schedule_repays_the_principal_exactly(
    terms: LoanTerms, principal_minor: int, starts_on: date, calendar: Calendar
) -> None:
    schedule = make_schedule(terms, principal_minor, starts_on, calendar)
    assert sum(row.principal_minor for row in schedule) == principal_minor


@given(loan_terms(flat_charges), principals, start_days, calendars)
def test_a_flat_charge_falls_due_exactly(
    terms: LoanTerms, principal_minor: int, starts_on: date, calendar: Calendar
) -> None:
    assert isinstance(terms.charge, FlatPercent | FlatAmount)
    unit_minor = terms.rounding_unit_minor if terms.whole is Whole.PRINCIPAL_AND_CHARGE else 1
    schedule = make_schedule(terms, principal_minor, starts_on, calendar)
    assert sum(row.charge_minor for row in schedule) == flat_charge(terms.charge, principal_minor, unit_minor)


@given(loan_terms(), principals, start_days, calendars)
def test_every_instalment_has_an_amount_due(
    terms: LoanTerms, principal_minor: int, starts_on: date, calendar: Calendar
) -> None:
    for row in make_schedule(terms, principal_minor, starts_on, calendar):
        assert row.principal_minor + row.charge_minor > 0
        assert min(row.principal_minor, row.charge_minor) >= 0


@given(loan_terms(interest_free | flat_charges, whole=Whole.PRINCIPAL_AND_CHARGE), principals, start_days, calendars)
def test_the_last_instalment_closes_the_loan(
    terms: LoanTerms, principal_minor: int, starts_on: date, calendar: Calendar
) -> None:
    assert make_schedule(terms, principal_minor, starts_on, calendar)[-1].principal_minor > 0


@given(loan_terms(whole=Whole.PRINCIPAL_AND_CHARGE), principals, start_days, calendars)
def test_every_principal_but_the_last_is_a_multiple_of_the_unit(
    terms: LoanTerms, principal_minor: int, starts_on: date, calendar: Calendar
) -> None:
    amounts = [row.principal_minor for row in make_schedule(terms, principal_minor, starts_on, calendar)]
    *whole, _last = [amount for amount in amounts if amount]
    assert all(amount % terms.rounding_unit_minor == 0 for amount in whole)


@given(loan_terms(interest_free | flat_charges, whole=Whole.PRINCIPAL_AND_CHARGE), principals, start_days, calendars)
def test_every_spread_charge_but_the_last_is_a_multiple_of_the_unit(
    terms: LoanTerms, principal_minor: int, starts_on: date, calendar: Calendar
) -> None:
    amounts = [row.charge_minor for row in make_schedule(terms, principal_minor, starts_on, calendar)]
    *whole, _last = [amount for amount in amounts if amount] or [0]
    assert all(amount % terms.rounding_unit_minor == 0 for amount in whole)


@given(loan_terms(whole=Whole.INSTALMENT, grace=False), principals, start_days, calendars)
def test_where_the_instalment_is_whole_only_the_end_of_the_loan_is_not(
    terms: LoanTerms, principal_minor: int, starts_on: date, calendar: Calendar
) -> None:
    left_minor = principal_minor
    for row in make_schedule(terms, principal_minor, starts_on, calendar):
        left_minor -= row.principal_minor
        assert left_minor == 0 or row.principal_minor == 0 or _is_whole(row, terms)


def _is_whole(row: Instalment, terms: LoanTerms) -> bool:
    return (row.principal_minor + row.charge_minor) % terms.rounding_unit_minor == 0


@given(loan_terms(), principals, start_days, calendars)
def test_instalments_are_numbered_from_1_in_the_order_of_their_days_after_the_start(
    terms: LoanTerms, principal_minor: int, starts_on: date, calendar: Calendar
) -> None:
    schedule = make_schedule(terms, principal_minor, starts_on, calendar)
    days = [row.due_on for row in schedule]
    assert [row.number for row in schedule] == list(range(1, len(schedule) + 1))
    assert days == sorted(days)
    assert days[0] > starts_on


@given(loan_terms(interest_free), principals, start_days, calendars)
def test_an_interest_free_loan_is_never_charged(
    terms: LoanTerms, principal_minor: int, starts_on: date, calendar: Calendar
) -> None:
    assert {row.charge_minor for row in make_schedule(terms, principal_minor, starts_on, calendar)} == {0}


@given(loan_terms(flat_charges), principals)
def test_a_percentage_is_charged_to_the_nearest_unit(terms: LoanTerms, principal_minor: int) -> None:
    charge = terms.charge
    assume(isinstance(charge, FlatPercent))
    assert isinstance(charge, FlatPercent)
    exact = Fraction(principal_minor) * Fraction(charge.percent) / 100
    charge_minor = flat_charge(charge, principal_minor, terms.rounding_unit_minor)
    assert 2 * abs(charge_minor - exact) <= terms.rounding_unit_minor


@given(loan_terms(), start_days, calendars)
def test_due_dates_move_only_off_days_on_which_nobody_collects(
    terms: LoanTerms, starts_on: date, calendar: Calendar
) -> None:
    moved = due_dates(terms, starts_on, calendar)
    for planned, due in zip(planned_dates(terms, starts_on), moved, strict=True):
        assert due == planned or not calendar.is_working_day(planned)


@given(agreed_plans(), start_days)
def test_agreed_payments_are_the_schedule(plan: tuple[list[dict[str, str]], int], starts_on: date) -> None:
    payments, principal_minor = plan
    terms = written_terms({"kind": "agreed", "payments": payments}, holiday_rule="none")
    schedule = make_schedule(terms, principal_minor, starts_on, EVERY_DAY_WORKS)
    assert [(str(row.due_on), row.principal_minor, row.charge_minor) for row in schedule] == [
        (payment["due_on"], int(payment["amount"].replace(".", "")), 0) for payment in payments
    ]


@given(principals, start_days, st.integers(1, 60))
def test_instalments_rounded_to_the_paisa_differ_by_at_most_a_paisa_each(
    principal_minor: int, starts_on: date, count: int
) -> None:
    terms = written_terms({"kind": "equal_instalments", "count": count}, rounding_unit="0.01")
    schedule = make_schedule(terms, principal_minor, starts_on, EVERY_DAY_WORKS)
    exact = Fraction(principal_minor, count)
    assert all(abs(row.principal_minor - exact) < 1 for row in schedule[:-1])


@given(loan_terms(up_front_charges), principals, start_days, calendars)
def test_a_charge_taken_up_front_is_no_part_of_the_schedule(
    terms: LoanTerms, principal_minor: int, starts_on: date, calendar: Calendar
) -> None:
    free = terms.model_copy(update={"charge": NoCharge()})
    schedule = make_schedule(terms, principal_minor, starts_on, calendar)
    assert schedule == make_schedule(free, principal_minor, starts_on, calendar)


@given(loan_terms(up_front_charges), principals)
def test_a_charge_taken_up_front_leaves_something_to_hand_out(terms: LoanTerms, principal_minor: int) -> None:
    assert isinstance(terms.charge, FlatPercent)
    charge_minor = flat_charge(terms.charge, principal_minor, terms.rounding_unit_minor)
    if charge_minor < principal_minor:
        assert up_front_charge(terms, principal_minor) == charge_minor
    else:
        with pytest.raises(ChargeAboveLoanError):
            up_front_charge(terms, principal_minor)


@given(loan_terms(interest_free | flat_charges), principals)
def test_no_other_charge_is_taken_up_front(terms: LoanTerms, principal_minor: int) -> None:
    assert up_front_charge(terms, principal_minor) == 0


@given(loan_terms(), principals, start_days, st.lists(st.integers(1, 200), min_size=1, max_size=40))
def test_over_given_days_the_principal_is_repaid_exactly_too(
    terms: LoanTerms, principal_minor: int, starts_on: date, gaps: list[int]
) -> None:
    days = tuple(starts_on + timedelta(days=sum(gaps[: place + 1])) for place in range(len(gaps)))
    schedule = schedule_over(terms, principal_minor, starts_on, days)
    assert sum(row.principal_minor for row in schedule) == principal_minor
    assert min(min(row.principal_minor, row.charge_minor) for row in schedule) >= 0
    assert {row.due_on for row in schedule} <= set(days)


@given(loan_terms(), principals, start_days, calendars)
def test_over_its_own_days_a_schedule_is_the_same(
    terms: LoanTerms, principal_minor: int, starts_on: date, calendar: Calendar
) -> None:
    days = due_dates(terms, starts_on, calendar)
    made = make_schedule(terms, principal_minor, starts_on, calendar)
    assert schedule_over(terms, principal_minor, starts_on, days) == made


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=12), st.integers(1, 200_000))
def test_agreed_amounts_are_fitted_to_the_principal_from_the_end(amounts: list[int], principal_minor: int) -> None:
    fitted = fit_agreed(tuple(amounts), principal_minor)
    assert sum(fitted) == principal_minor
    assert min(fitted) > 0
    assert fitted[:-1] == tuple(amounts[: len(fitted) - 1])


# Examples ------------------------------------------------------------------------------------------------------


def test_equal_instalments_are_whole_rupees_and_the_last_takes_the_remainder() -> None:
    terms = written_terms({"kind": "equal_instalments", "count": 12})
    schedule = make_schedule(terms, 1_000_000, START, EVERY_DAY_WORKS)
    assert [row.principal_minor for row in schedule] == [83_300] * 11 + [83_700]
    assert schedule[0] == Instalment(1, date(2021, 2, 28), 83_300, 0)


def test_a_flat_charge_is_spread_like_the_principal() -> None:
    terms = written_terms({"kind": "equal_instalments", "count": 3}, charge={"kind": "flat_percent", "percent": "8.5"})
    assert in_rupees(make_schedule(terms, 1_234_500, START, EVERY_DAY_WORKS)) == [
        ("2021-02-28", 4115, 350),
        ("2021-03-31", 4115, 350),
        ("2021-04-30", 4115, 349),
    ]


def test_later_instalments_are_counted_from_an_agreed_first_day() -> None:
    terms = written_terms({"kind": "equal_instalments", "count": 3, "first_due_on": "2021-03-05"})
    assert [day for day, _, _ in in_rupees(make_schedule(terms, 30_000, START, EVERY_DAY_WORKS))] == [
        "2021-03-05",
        "2021-04-05",
        "2021-05-05",
    ]


@pytest.mark.parametrize(
    ("plan", "due_on"),
    [
        ({"kind": "bullet", "after_months": 1}, "2021-02-28"),
        ({"kind": "bullet", "after_months": 12}, "2022-01-31"),
        ({"kind": "bullet", "due_on": "2021-10-15"}, "2021-10-15"),
    ],
)
def test_a_bullet_loan_is_one_payment(plan: dict[str, object], due_on: str) -> None:
    terms = written_terms(plan, charge={"kind": "flat_amount", "amount": "500.50"})
    assert make_schedule(terms, 1_500_050, START, EVERY_DAY_WORKS) == (
        Instalment(1, date.fromisoformat(due_on), 1_500_050, 50_050),
    )


@pytest.mark.parametrize(
    ("due", "charges"), [("spread", [34, 34, 32]), ("with_first", [100, 0, 0]), ("with_last", [0, 0, 100])]
)
def test_a_flat_charge_falls_due_when_it_was_agreed(due: str, charges: list[int]) -> None:
    charge = {"kind": "flat_amount", "amount": "100", "due": due}
    terms = written_terms({"kind": "equal_instalments", "count": 3}, charge=charge, rounding_unit="2")
    rows = in_rupees(make_schedule(terms, 600_000, START, EVERY_DAY_WORKS))
    assert [charge for _, _, charge in rows] == charges
    assert [principal for _, principal, _ in rows] == [2000, 2000, 2000]


def test_instalments_within_the_grace_repay_no_principal_and_their_charge_comes_after_it() -> None:
    plan = {"kind": "equal_instalments", "count": 5, "grace_on_principal": 2, "grace_on_charge": 1}
    terms = written_terms(plan, charge={"kind": "flat_amount", "amount": "500"})
    assert in_rupees(make_schedule(terms, 1_000_000, START, EVERY_DAY_WORKS)) == [
        ("2021-03-31", 0, 200),
        ("2021-04-30", 3333, 100),
        ("2021-05-31", 3333, 100),
        ("2021-06-30", 3334, 100),
    ]


def test_a_grace_longer_than_the_loan_turns_out_leaves_the_charge_to_its_end() -> None:
    plan = {"kind": "equal_instalments", "count": 12, "grace_on_charge": 11}
    terms = written_terms(plan, charge={"kind": "flat_amount", "amount": "100"}, rounding_unit="500")
    rows = in_rupees(make_schedule(terms, 100_000, date(2021, 1, 1), EVERY_DAY_WORKS))
    assert rows == [("2022-01-01", 1000, 100)]


def test_agreed_payments_stay_as_agreed_beside_a_charge_that_is_not_whole() -> None:
    payments = [{"due_on": "2021-05-01", "amount": "400.50"}, {"due_on": "2021-06-01", "amount": "600"}]
    charge = {"kind": "flat_amount", "amount": "100.50"}
    terms = written_terms({"kind": "agreed", "payments": payments}, charge=charge, whole="instalment")
    schedule = make_schedule(terms, 100_050, START, EVERY_DAY_WORKS)
    assert [(row.principal_minor, row.charge_minor) for row in schedule] == [(40_050, 5_000), (60_000, 5_050)]


def test_seasonal_instalments_fall_on_the_next_days_of_the_harvest_calendar() -> None:
    terms = written_terms({"kind": "seasonal", "month_days": ["10-31", "04-30"], "count": 3})
    assert in_rupees(make_schedule(terms, 1_000_000, date(2021, 4, 30), EVERY_DAY_WORKS)) == [
        ("2021-10-31", 3333, 0),
        ("2022-04-30", 3333, 0),
        ("2022-10-31", 3334, 0),
    ]


def test_only_instalments_with_an_amount_due_count() -> None:
    terms = written_terms({"kind": "equal_instalments", "count": 12})
    assert in_rupees(make_schedule(terms, 300, START, EVERY_DAY_WORKS)) == [("2022-01-31", 3, 0)]


def test_a_loan_used_up_early_ends_early_and_so_does_its_charge() -> None:
    terms = written_terms(
        {"kind": "equal_instalments", "count": 12},
        charge={"kind": "flat_amount", "amount": "800"},
        rounding_unit="500",
    )
    schedule = make_schedule(terms, 1_000_000, START, EVERY_DAY_WORKS)
    assert [(row.principal_minor, row.charge_minor) for row in schedule] == [(100_000, 0)] * 9 + [(100_000, 80_000)]


def test_a_due_date_that_would_go_back_to_the_start_goes_forward() -> None:
    holidays = frozenset(START + timedelta(days=number) for number in range(1, 10))
    terms = written_terms(
        {"kind": "equal_instalments", "count": 2, "frequency": "weekly"}, holiday_rule="previous_working_day"
    )
    schedule = make_schedule(terms, 20_000, START, Calendar(holidays))
    assert [row.due_on for row in schedule] == [date(2021, 2, 10), date(2021, 2, 14)]


def test_without_a_holiday_rule_a_due_date_stays_on_the_holiday() -> None:
    terms = written_terms({"kind": "bullet", "due_on": "2021-03-23"}, holiday_rule="none")
    calendar = Calendar(holidays=frozenset({date(2021, 3, 23)}))
    assert make_schedule(terms, 100, START, calendar)[0].due_on == date(2021, 3, 23)


@pytest.mark.parametrize(
    ("plan", "pointer"),
    [
        ({"kind": "bullet", "due_on": "2021-01-31"}, "/repayment/due_on"),
        ({"kind": "equal_instalments", "count": 2, "first_due_on": "2021-01-31"}, "/repayment/first_due_on"),
        ({"kind": "agreed", "payments": [{"due_on": "2021-01-30", "amount": "1"}]}, "/repayment/payments/0/due_on"),
    ],
)
def test_a_payment_due_by_the_start_is_refused(plan: dict[str, object], pointer: str) -> None:
    with pytest.raises(DueBeforeStartError, match="not after the start of the loan on 2021-01-31") as refused:
        make_schedule(written_terms(plan), 100, START, EVERY_DAY_WORKS)
    assert refused.value.pointer == pointer


def test_terms_that_do_not_fit_the_principal_make_no_schedule() -> None:
    agreed = written_terms({"kind": "agreed", "payments": [{"due_on": "2021-05-01", "amount": "2"}]})
    with pytest.raises(AgreedAmountsError):
        make_schedule(agreed, 100, START, EVERY_DAY_WORKS)
    with pytest.raises(PrincipalNotPositiveError):
        make_schedule(LoanTerms(repayment=EqualInstalments(count=1)), 0, START, EVERY_DAY_WORKS)


# Taken up front ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("charge", "principal_minor", "up_front_minor"),
    [
        ({"kind": "flat_percent", "percent": "8.5"}, 12_345_00, 1_049_00),
        ({"kind": "flat_amount", "amount": "500.00"}, 12_345_00, 500_00),
        ({"kind": "flat_amount", "amount": "500.00"}, 500_01, 500_00),
    ],
)
def test_an_up_front_charge_is_in_whole_rupees(
    charge: dict[str, object], principal_minor: int, up_front_minor: int
) -> None:
    terms = written_terms({"kind": "bullet", "after_months": 12}, charge={**charge, "due": "up_front"})
    assert up_front_charge(terms, principal_minor) == up_front_minor
    (row,) = make_schedule(terms, principal_minor, START, EVERY_DAY_WORKS)
    assert (row.principal_minor, row.charge_minor) == (principal_minor, 0)


def test_an_up_front_charge_as_large_as_the_loan_is_refused() -> None:
    charge = {"kind": "flat_amount", "amount": "500.00", "due": "up_front"}
    terms = written_terms({"kind": "bullet", "after_months": 12}, charge=charge)
    with pytest.raises(ChargeAboveLoanError, match=r"500\.00 would leave nothing of 500\.00") as refused:
        up_front_charge(terms, 500_00)
    assert refused.value.pointer == "/charge"


# Over given days -----------------------------------------------------------------------------------------------

DAYS = tuple(date(2021, month, 10) for month in (3, 4, 5))


def test_over_given_days_the_plan_shares_the_principal_and_the_charge() -> None:
    terms = written_terms(
        {"kind": "equal_instalments", "count": 12}, charge={"kind": "flat_amount", "amount": "100.00"}
    )
    assert in_rupees(schedule_over(terms, 1_000_00, START, DAYS)) == [
        ("2021-03-10", 333, 33),
        ("2021-04-10", 333, 33),
        ("2021-05-10", 334, 34),
    ]


@pytest.mark.parametrize(
    ("first_number", "principals"),
    [(1, [0, 0, 900]), (2, [0, 450, 450]), (3, [300, 300, 300]), (7, [300, 300, 300])],
)
def test_over_given_days_the_grace_that_is_used_up_is_not_given_again(first_number: int, principals: list[int]) -> None:
    plan = {"kind": "equal_instalments", "count": 12, "grace_on_principal": 2}
    charge = {"kind": "flat_amount", "amount": "30.00"}
    rows = schedule_over(written_terms(plan, charge=charge), 900_00, START, DAYS, first_number)
    assert [row.principal_minor // 100 for row in rows] == principals
    assert [row.number for row in rows] == [first_number, first_number + 1, first_number + 2]


def test_over_given_days_the_grace_on_charge_is_used_up_too() -> None:
    plan = {"kind": "equal_instalments", "count": 12, "grace_on_charge": 2}
    terms = written_terms(plan, charge={"kind": "flat_amount", "amount": "30.00"})
    assert [row.charge_minor for row in schedule_over(terms, 900_00, START, DAYS)] == [0, 0, 3_000]
    assert [row.charge_minor for row in schedule_over(terms, 900_00, START, DAYS, 2)] == [0, 2_000, 1_000]


def test_a_plan_without_grace_is_the_same_wherever_it_goes_on() -> None:
    terms = written_terms({"kind": "seasonal", "month_days": ["04-30"], "count": 2})
    bullet = written_terms({"kind": "bullet", "after_months": 12})
    for each in (terms, bullet):
        assert [row[1:] for row in schedule_over(each, 900_00, START, DAYS, 5)] == [
            row[1:] for row in schedule_over(each, 900_00, START, DAYS)
        ]


def test_grace_leaves_at_least_the_last_of_fewer_days() -> None:
    plan = {"kind": "equal_instalments", "count": 12, "grace_on_principal": 6}
    for charge in ({"kind": "none"}, {"kind": "declining_balance", "annual_percent": "12"}):
        rows = schedule_over(written_terms(plan, charge=charge), 900_00, START, DAYS)
        assert sum(row.principal_minor for row in rows) == rows[-1].principal_minor == 900_00


@pytest.mark.parametrize(
    ("principal", "amounts"),
    [
        pytest.param(900_000, [400_000, 500_000], id="as agreed"),
        pytest.param(350_000, [350_000], id="less: cut from the end"),
        pytest.param(400_000, [400_000], id="just the first"),
        pytest.param(1_000_000, [400_000, 600_000], id="more: the last takes it"),
    ],
)
def test_agreed_payments_over_given_days_are_fitted(principal: int, amounts: list[int]) -> None:
    payments = [{"due_on": "2021-05-01", "amount": "4000"}, {"due_on": "2021-11-01", "amount": "5000"}]
    terms = written_terms({"kind": "agreed", "payments": payments})
    rows = schedule_over(terms, principal, START, (date(2021, 5, 1), date(2021, 11, 1)))
    assert [row.principal_minor for row in rows] == amounts


def test_where_nothing_is_left_to_repay_nothing_falls_due() -> None:
    terms = written_terms({"kind": "equal_instalments", "count": 3}, charge={"kind": "flat_amount", "amount": "30"})
    assert schedule_over(terms, 0, START, DAYS) == ()
