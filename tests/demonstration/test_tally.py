"""The tally itself, on histories that fit on paper: 6,000 rupees in six monthly instalments of 1,000 from 1 April."""

from datetime import date, timedelta
from fractions import Fraction

from cif_engine.demonstration.tally import Tally, When
from tests.demonstration.making import noon, one_loan

ON_TIME = (date(2018, 4, 1), 1_000, date(2018, 4, 1))
LATE_PAPER = (date(2018, 5, 1), 1_000, date(2018, 6, 20))


def test_a_loan_without_payments_is_overdue_from_the_day_after_the_first_due_date() -> None:
    tally = Tally(one_loan())
    on_the_day, a_day_later = (tally.portfolio(When(date(2018, 4, 1) + timedelta(days=days))) for days in (0, 1))
    assert (on_the_day.gross, on_the_day.overdue, on_the_day.par[0]) == (600_000, 0, (0, 0))
    assert (a_day_later.gross, a_day_later.overdue, a_day_later.par[0]) == (600_000, 100_000, (600_000, 1))
    assert a_day_later.par[1] == (0, 0)
    assert a_day_later.arrears_rate == Fraction(1, 6)
    assert a_day_later.par_rate(0) == 1


def test_ageing_follows_the_oldest_unpaid_due_date() -> None:
    """1 May is Labour Day, so the second instalment is due on 2 May: 61 days before 2 July."""
    tally = Tally(one_loan(ON_TIME))
    sixty_days, a_day_later = tally.portfolio(When(date(2018, 7, 1))), tally.portfolio(When(date(2018, 7, 2)))
    assert (sixty_days.ageing["31-60"], sixty_days.overdue) == ((500_000, 1), 200_000)
    assert (a_day_later.ageing["61-90"], a_day_later.overdue) == ((500_000, 1), 300_000)
    assert sum(amount for amount, _ in a_day_later.ageing.values()) == a_day_later.gross


def test_late_paper_counts_from_the_day_of_the_payment_once_it_is_known() -> None:
    tally = Tally(one_loan(ON_TIME, LATE_PAPER))
    day = date(2018, 5, 31)
    assert tally.portfolio(When(day)).par[0] == (0, 0)
    assert tally.portfolio(When(day, noon(date(2018, 6, 19)))).ageing["1-30"] == (500_000, 1)
    assert tally.portfolio(When(day, noon(date(2018, 6, 20)))).ageing["current"] == (400_000, 1)


def test_money_is_where_it_was_put() -> None:
    money = Tally(one_loan(ON_TIME, LATE_PAPER)).money(When(date(2018, 5, 31)))
    assert (money.capital, money.bank, money.cash, money.in_transit) == (9_000_000, 8_400_000, 200_000, 0)
    assert (money.disbursed, money.repaid, money.outstanding, money.credits) == (600_000, 200_000, 400_000, 0)


def test_what_is_paid_too_much_is_owed_to_the_borrower() -> None:
    tally = Tally(one_loan((date(2018, 4, 1), 6_050, date(2018, 4, 1))))
    when = When(date(2018, 4, 1))
    assert tally.portfolio(when).loans == 0
    assert tally.money(when).credits == 5_000
    assert tally.loans(when)[0].is_open is False


def test_nothing_is_a_share_of_no_portfolio() -> None:
    portfolio = Tally(one_loan()).portfolio(When(date(2018, 2, 28)))
    assert portfolio.par_rate(30) is None
    assert portfolio.arrears_rate is None
