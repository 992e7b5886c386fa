"""The tally itself, on histories that fit on paper: 6,000 rupees in six monthly instalments of 1,000 from 1 April."""

from datetime import date, timedelta
from fractions import Fraction

from cif_engine.demonstration.tally import Tally
from cif_engine.demonstration.truths import When
from cif_engine.ledger.events import Papers
from cif_engine.loans.terms import EqualInstalments
from cif_engine.operations.allowance import AllowanceChange, change_allowance
from cif_engine.operations.collecting import Repayment, record_repayment
from cif_engine.operations.credits import Refund, refund_credit
from cif_engine.operations.moratorium import Moratorium, grant_moratorium
from cif_engine.operations.restructuring import Pause, Reschedule, WriteOff, reschedule_loan, write_off_loan
from cif_engine.operations.reversals import Reversal
from cif_engine.operations.reversing import reverse_fact
from tests.demonstration.making import noon, one_loan, then

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


def test_a_wrong_receipt_counts_until_it_is_known_to_be_wrong() -> None:
    paid_on, found_on = date(2018, 4, 1), date(2018, 4, 6)
    wrong = one_loan((paid_on, 5_000, paid_on))
    struck = then(wrong, reverse_fact, Reversal("x", "r0", "a zero too many"), found_on, undoes="r0")
    right = Repayment("r0-again", "loan", 50_000, paid_on, papers=Papers(receipt_no="R-0", replaces="r0"))
    tally = Tally(then(struck, record_repayment, right, found_on + timedelta(days=1)))
    outstanding = [
        tally.money(When(paid_on, known_at)).outstanding
        for known_at in (noon(paid_on), noon(found_on), noon(found_on) - 1, None)
    ]
    assert outstanding == [100_000, 600_000, 100_000, 550_000]
    assert tally.lowest_balances()["cash"] == 0
    assert tally.money(When(paid_on)).cash == 50_000


def test_a_flood_moves_what_is_to_come() -> None:
    """May's instalment is due on the 2nd, June's on the 1st: two months later, 2 July and 1 August."""
    plan = one_loan(ON_TIME)
    vo = plan.people.vo_of_co[plan.people.borrowers()[0][0].co]
    moratorium = Moratorium("m", "CIF", date(2018, 4, 10), Pause(2), "RES-1", "flood", vo)
    tally = Tally(then(plan, grant_moratorium, moratorium, date(2018, 4, 10)))
    late = [tally.portfolio(When(day)).overdue for day in (date(2018, 7, 2), date(2018, 7, 3), date(2018, 8, 2))]
    assert late == [0, 100_000, 200_000]
    assert tally.portfolio(When(date(2018, 7, 3), noon(date(2018, 4, 9)))).overdue == 300_000
    assert tally.events() == len(plan.facts) + 1


def test_a_loan_agreed_anew_is_late_by_its_new_instalments() -> None:
    day = date(2018, 5, 31)
    anew = Reschedule("n", "loan", day, "RES-1", "income lost", EqualInstalments(count=5))
    tally = Tally(then(one_loan(ON_TIME), reschedule_loan, anew, day))
    ageing = [tally.portfolio(When(on)).ageing["1-30"] for on in (date(2018, 5, 30), day, date(2018, 7, 1))]
    assert ageing == [(500_000, 1), (0, 0), (500_000, 1)]
    assert tally.portfolio(When(date(2018, 7, 1))).overdue == 100_000


def test_what_was_given_up_is_no_portfolio_and_what_is_collected_of_it_an_income() -> None:
    """4,000 are set aside and 5,000 given up: 1,000 more are lost. Of the 5,000, 5,200 come in after all."""
    given_up_on, recovered_on = date(2019, 12, 20), date(2020, 3, 1)
    plan = one_loan(ON_TIME, (recovered_on, 5_200, recovered_on))
    provision = AllowanceChange("p", "CIF", 400_000, date(2019, 6, 30), "RES-1", "80 %")
    plan = then(plan, change_allowance, provision, provision.effective_on)
    tally = Tally(then(plan, write_off_loan, WriteOff("w", "loan", given_up_on, "RES-2", "gone"), given_up_on))
    before, after, at_last = (
        tally.money(When(day)) for day in (given_up_on - timedelta(days=1), given_up_on, recovered_on)
    )
    assert (before.outstanding, before.losses, before.allowance) == (500_000, 400_000, 400_000)
    assert (after.outstanding, after.losses, after.allowance) == (0, 500_000, 0)
    assert (at_last.recovered, at_last.credits, at_last.charge_income) == (500_000, 20_000, 0)
    assert tally.loans(When(given_up_on))[0].status == "written_off"
    assert tally.portfolio(When(given_up_on)).loans == 0


def test_what_is_given_back_is_owed_no_more() -> None:
    paid_on, refunded_on = date(2018, 4, 1), date(2018, 4, 25)
    plan = one_loan((paid_on, 6_050, paid_on))
    tally = Tally(then(plan, refund_credit, Refund("b", "loan", refunded_on, "cash", 5_000), refunded_on))
    money = tally.money(When(refunded_on))
    assert (money.credits, money.cash, money.repaid, money.charge_income) == (0, 600_000, 605_000, 0)
