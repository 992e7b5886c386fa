"""The figures of a revolving fund, worked out on paper; amounts in rupees."""

from datetime import date
from fractions import Fraction

import pytest

from cif_engine.fund.figures import (
    Available,
    FundFigures,
    Ratio,
    SetApart,
    Span,
    Sums,
    add_up,
    available,
    decimals_of,
    dormant_days,
    growths,
    served_by,
    served_since,
    sums,
    year_to,
)
from cif_engine.fund.flows import Entry, Flows, FundDay, LoanDay

JUNE = date(2021, 6, 30)


def of_fund(on: date, entry: Entry, rupees: int, tranche: int | None = None) -> FundDay:
    return FundDay(on, entry, tranche, rupees * 100)


def of_loan(
    on: date, loan: str, *, out: int = 0, back: int = 0, lost: int = 0, income: int = 0, credit: int = 0
) -> LoanDay:
    return LoanDay(on, loan, out * 100, back * 100, lost * 100, income * 100, credit * 100)


A_YEAR = Flows(
    (
        of_fund(date(2020, 7, 1), Entry.TRANCHE, 10_000, 1),
        of_fund(date(2021, 1, 1), Entry.CONTRIBUTION, 2_000),
        of_fund(date(2021, 3, 31), Entry.ALLOWANCE, 500),
        of_fund(date(2021, 4, 30), Entry.INCOME, 100),
        of_fund(date(2021, 5, 31), Entry.EXPENSE, 300),
        of_fund(date(2021, 6, 30), Entry.RETURN, 1_000, 1),
    ),
    (
        of_loan(date(2020, 8, 1), "a", out=6_000),
        of_loan(date(2020, 12, 31), "a", back=4_000, income=200),
        of_loan(date(2021, 2, 1), "b", out=5_000),
        of_loan(date(2021, 6, 1), "a", lost=1_500),
        of_loan(date(2021, 6, 30), "b", back=5_000, credit=50),
    ),
)
"""| day         | what                          | cash   | outstanding | value  |
   |-------------|-------------------------------|--------|-------------|--------|
   | 1 Jul 2020  | tranche 1, 10,000             | 10,000 |           0 | 10,000 |
   | 1 Aug       | 6,000 to a                    |  4,000 |       6,000 | 10,000 |
   | 31 Dec      | a pays 4,000 and 200 charge   |  8,200 |       2,000 | 10,200 |
   | 1 Jan 2021  | 2,000 contributed             | 10,200 |       2,000 | 12,200 |
   | 1 Feb       | 5,000 to b                    |  5,200 |       7,000 | 12,200 |
   | 31 Mar      | 500 set aside                 |  5,200 |       7,000 | 11,700 |
   | 30 Apr      | bank profit, 100              |  5,300 |       7,000 | 11,800 |
   | 31 May      | expense, 300                  |  5,000 |       7,000 | 11,500 |
   | 1 Jun       | 1,500 of a written off        |  5,000 |       5,500 | 10,000 |
   | 30 Jun      | b pays 5,050; 1,000 given back|  9,050 |         500 |  9,000 |

The write-off is shown without its use of the allowance, to keep the two apart.
"""


def figures_on(as_of: date, period: Span | None = None, flows: Flows = A_YEAR) -> FundFigures:
    year = year_to(as_of)
    return FundFigures(sums(growths(flows), year, period or year), year, period or year, 3, 10)


@pytest.mark.parametrize(
    ("as_of", "cash", "outstanding", "value", "capital"),
    [
        pytest.param(date(2020, 6, 30), 0, 0, 0, 0, id="before it began"),
        pytest.param(date(2020, 7, 1), 10_000, 0, 10_000, 10_000, id="the tranche"),
        pytest.param(date(2020, 12, 31), 8_200, 2_000, 10_200, 10_000, id="a charge is earned"),
        pytest.param(date(2021, 3, 31), 5_200, 7_000, 11_700, 12_000, id="what is set aside makes it less"),
        pytest.param(date(2021, 5, 31), 5_000, 7_000, 11_500, 12_000, id="profit and expense"),
        pytest.param(date(2021, 6, 1), 5_000, 5_500, 10_000, 12_000, id="written off"),
        pytest.param(JUNE, 9_050, 500, 9_000, 11_000, id="credit is not the fund's"),
    ],
)
def test_what_a_fund_is_worth(as_of: date, cash: int, outstanding: int, value: int, capital: int) -> None:
    figures = figures_on(as_of)
    of = figures.sums
    assert (of.cash_minor, of.outstanding_minor, of.capital_minor) == (cash * 100, outstanding * 100, capital * 100)
    assert figures.fund_value_minor == value * 100


def test_the_ratios_of_a_day() -> None:
    """9,000 of 11,000; 500 of 9,550; 11,000 disbursed of 11,000; 3 of 10 households."""
    figures = figures_on(JUNE)
    assert figures.capital_index.in_decimals() == "0.818182"
    assert figures.utilisation.in_decimals() == "0.052356"
    assert figures.cash_share.in_decimals() == "0.947644"
    assert figures.turns.in_decimals() == "1.000000"
    assert figures.reach is not None
    assert figures.reach.in_decimals() == "0.300000"


def test_velocity_is_of_the_mean_of_thirteen_values() -> None:
    """11,000 disbursed in the year, of 9,892.31.

    30 June 2020: 0; July to November: 5 x 10,000; December: 10,200; January and February: 2 x 12,200; March: 11,700;
    April: 11,800; May: 11,500; June: 9,000. In all 128,600, of 13 values.
    """
    figures = figures_on(JUNE)
    assert (figures.year, len(figures.year.averaged)) == (Span(date(2020, 7, 1), JUNE), 13)
    assert figures.velocity.denominator == Fraction(12_860_000, 13)
    assert figures.velocity.numerator == 1_100_000
    assert figures.velocity.in_decimals() == "1.111975"


def test_idle_cash_counts_every_day() -> None:
    """June 2021: 29 days of 5,000 and one of 9,050 in cash; its value was 11,500 on the eve and 9,000 at its end."""
    figures = figures_on(JUNE, Span(date(2021, 6, 1), JUNE))
    assert figures.idle.numerator == Fraction((29 * 5_000 + 9_050) * 100, 30)
    assert figures.idle.denominator == Fraction((11_500 + 9_000) * 100, 2)
    assert figures.idle.in_decimals() == "0.500976"


@pytest.mark.parametrize(
    ("as_of", "year"),
    [
        (JUNE, Span(date(2020, 7, 1), JUNE)),
        (date(2021, 3, 15), Span(date(2020, 3, 16), date(2021, 3, 15))),
        (date(2021, 2, 28), Span(date(2020, 3, 1), date(2021, 2, 28))),
        (date(2020, 2, 29), Span(date(2019, 3, 1), date(2020, 2, 29))),
    ],
)
def test_a_year_up_to_a_day_begins_after_the_same_day_of_the_year_before(as_of: date, year: Span) -> None:
    assert year_to(as_of) == year


def test_a_loan_of_the_year_before_counts_to_date_but_not_in_the_year() -> None:
    flows = Flows((), (of_loan(date(2020, 6, 30), "a", out=100), of_loan(date(2020, 7, 1), "b", out=30)))
    of = figures_on(JUNE, flows=flows).sums
    assert (of.disbursed_minor, of.disbursed_in_year_minor) == (13_000, 3_000)


def test_nothing_to_be_a_share_of_has_no_value() -> None:
    figures = figures_on(date(2020, 6, 30))
    ratios = (figures.capital_index, figures.utilisation, figures.turns, figures.velocity, figures.idle)
    assert [ratio.in_decimals() for ratio in ratios] == [None] * 5
    unknown = FundFigures(Sums(), figures.year, figures.year, served=3, eligible=None)
    assert unknown.reach is None


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Fraction(-1, 3), "-0.333333"),
        (Fraction(5, 2), "2.500000"),
        (Fraction(1, 2_000_000), "0.000000"),
    ],
)
def test_ratios_are_rounded_half_even_when_shown(value: Fraction, written: str) -> None:
    assert Ratio("turns", Fraction(value), Fraction(1)).in_decimals() == written


def test_decimals_are_as_many_as_asked() -> None:
    assert decimals_of(Fraction(6_175, 100), 1) == "61.8"


def test_funds_add_up() -> None:
    one, other = figures_on(JUNE).sums, figures_on(date(2021, 3, 31)).sums
    assert add_up([one, other]) == tuple(map(sum, zip(one, other, strict=True)))
    assert add_up([]) == Sums()


# Whom it served, what may be lent, how long it slept -----------------------------------------------------------


def test_a_household_is_served_once_from_its_first_loan_on() -> None:
    flows = Flows(
        (),
        (
            of_loan(date(2021, 1, 1), "a", out=100),
            of_loan(date(2021, 1, 1), "b", back=100),
            of_loan(date(2021, 2, 1), "c", out=100),
            of_loan(date(2021, 3, 1), "d", out=100),
        ),
    )
    since = served_since(flows, {"a": "x", "b": "y", "c": "x", "d": "z"})
    assert since == (date(2021, 1, 1), date(2021, 3, 1))
    assert [served_by(since, day) for day in (date(2020, 12, 31), date(2021, 1, 1), date(2021, 3, 1))] == [0, 1, 2]


def test_what_may_be_lent_is_less_than_what_is_there() -> None:
    apart = (
        SetApart(date(2021, 1, 1), reserve_minor=50_000),
        SetApart(date(2021, 2, 1), in_transit_minor=20_000, committed_minor=30_000),
        SetApart(date(2021, 3, 1), committed_minor=-30_000),
    )
    assert available(100_000, apart, date(2021, 2, 1)) == Available(80_000, 30_000, 50_000)
    assert available(100_000, apart, date(2021, 2, 1)).amount_minor == 0
    assert available(100_000, apart, date(2021, 3, 1)).amount_minor == 30_000


@pytest.mark.parametrize(
    ("as_of", "kept", "slept"),
    [
        pytest.param(date(2020, 6, 30), 0, None, id="it never had money"),
        pytest.param(date(2020, 7, 31), 0, 30, id="since the money came"),
        pytest.param(date(2020, 8, 1), 0, 0, id="a loan today"),
        pytest.param(date(2021, 1, 31), 0, 183, id="since the last loan"),
        pytest.param(date(2021, 1, 31), 5_000, 31, id="since there was more than is kept"),
        pytest.param(date(2020, 12, 1), 5_000, 0, id="nothing to lend"),
        pytest.param(date(2021, 6, 1), 5_200, 0, id="nothing to lend any more"),
        pytest.param(date(2031, 1, 1), 1_000_000, 0, id="never so much"),
    ],
)
def test_a_fund_sleeps_while_it_could_lend(as_of: date, kept: int, slept: int | None) -> None:
    assert dormant_days(growths(A_YEAR), as_of, kept * 100) == slept
