"""The worked check of the definitions: portfolio at risk is 4.00 %, the arrears rate 1.00 %, and they are two figures.

The portfolio is 5,000,000; the loans with something overdue have a balance of 200,000, of which 50,000 is overdue.

A rupee is 100 minor units. The loans behind the figures, on 30 June 2021:

    Zainab   owes 150,000; 40,000 of it was due on 1 June, 29 days before
    Amna     owes  50,000; 10,000 of it was due on 25 March, 97 days before
    others   owe 4,800,000; nothing of it was due before that day
"""

from datetime import date

from cif_engine.portfolio.par import PAR_DAYS, Position, ageing, arrears_rate, portfolio_at_risk, tally

ON_30_JUNE = date(2021, 6, 30)
RUPEE = 100


def loan(member: str, balance: int, overdue: int, since: date) -> Position:
    days_late = max((ON_30_JUNE - since).days, 0)
    return Position(member, f"household of {member}", balance * RUPEE, overdue * RUPEE, days_late)


PORTFOLIO = tally(
    [
        loan("Zainab", 150_000, 40_000, since=date(2021, 6, 1)),
        loan("Amna", 50_000, 10_000, since=date(2021, 3, 25)),
        loan("Marvi", 2_400_000, 0, since=ON_30_JUNE),
        loan("Sughra", 2_400_000, 0, since=date(2021, 9, 30)),
    ]
)


def test_portfolio_at_risk_takes_the_whole_balance_of_late_loans() -> None:
    rate = portfolio_at_risk(PORTFOLIO, days=0)
    assert rate.numerator_minor == 200_000 * RUPEE
    assert rate.denominator_minor == 5_000_000 * RUPEE
    assert rate.in_decimals() == "0.040000"  # 4.00 %


def test_the_arrears_rate_takes_the_overdue_amount_alone() -> None:
    rate = arrears_rate(PORTFOLIO)
    assert rate.numerator_minor == 50_000 * RUPEE
    assert rate.in_decimals() == "0.010000"  # 1.00 %


def test_portfolio_at_risk_falls_as_loans_must_be_later_to_count() -> None:
    rates = {days: portfolio_at_risk(PORTFOLIO, days).in_decimals() for days in PAR_DAYS}
    four, one, nothing = "0.040000", "0.010000", "0.000000"
    assert rates == {0: four, 1: four, 30: one, 60: one, 90: one, 180: nothing, 365: nothing}


def test_ageing_shares_out_the_whole_portfolio() -> None:
    bands = {band.name: band.part.outstanding_minor // RUPEE for band in ageing(PORTFOLIO)}
    assert bands == {
        "current": 4_800_000,
        "1-30": 150_000,
        "31-60": 0,
        "61-90": 0,
        "91-180": 50_000,
        "181-365": 0,
        "> 365": 0,
    }
    assert sum(bands.values()) == 5_000_000
