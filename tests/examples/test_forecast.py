"""A forecast that an accountant can follow with a pencil. Amounts in rupees.

Zainab borrowed 12,000 and Amna 6,000 on 1 January 2024, each in twelve instalments from 1 February: 1,000 and 500. The
fund had 20,000. Zainab pays 1,000 on the first of each month. Amna pays 500 in February, nothing in March, 1,000 on
15 April, and nothing since. It is 30 June.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import orjson
import pytest

from cif_engine.money import parse_amount
from cif_engine.operations.forecast_basis import WhatIf
from cif_engine.operations.forecasting import forecast_report
from cif_engine.persistence.engines import Databases
from tests.books import FUND, Book, a_book, a_funded_book

JANUARY, JUNE = date(2024, 1, 1), date(2024, 6, 30)


@pytest.fixture
def book(shared_databases: Databases) -> Book:
    book = a_funded_book(shared_databases, 20_000, on=JANUARY)
    zainab, amna = book.lends(12_000, on=JANUARY), book.lends(6_000, on=JANUARY, member="Amna")
    for month in range(2, 7):
        book.repays(zainab, 1_000, on=date(2024, month, 1))
    book.repays(amna, 500, on=date(2024, 2, 1))
    book.repays(amna, 1_000, on=date(2024, 4, 15))
    return book


def forecast(book: Book, as_of: date = JUNE, known_at: int | None = None, **what_if: Any) -> dict[str, Any]:  # noqa: ANN401 - any of what may be asked
    return forecast_report(book.databases, book.lso_id, FUND, as_of, WhatIf(**{"months": 3, **what_if}), known_at)


def amnas_loan(book: Book) -> str:
    (number,) = [row["number"] for row in book.rows("loan") if row["requested_minor"] == 6_000_00]
    return str(number)


def rupees(view: dict[str, Any], *names: str) -> list[Decimal]:
    """Return amounts in rupees; `Decimal` compares them with whole numbers."""
    return [Decimal(parse_amount(view[name], signed=True)) / 100 for name in names]


def assumption(told: dict[str, Any], name: str) -> tuple[str | None, str]:
    (found,) = [item for item in told["assumptions"] if item["name"] == name]
    return found["value"], found["source"]


def test_how_the_dues_were_paid(book: Book) -> None:
    """Of what fell due in a month 0.8 came in it; of what was a month old, half.

    | month | fell due | came in it | a month old | came of it |
    |-------|----------|------------|-------------|------------|
    | Feb   |    1,500 |      1,500 |             |            |
    | Mar   |    1,500 |      1,000 |             |            |
    | Apr   |    1,500 |      1,500 |         500 |        500 |
    | May   |    1,500 |      1,000 |             |            |
    | Jun   |    1,500 |      1,000 |         500 |          0 |
    | sum   |    7,500 |      6,000 |       1,000 |        500 |

    Older dues there were none; they are expected to come like those of a month.
    """
    history = forecast(book)["collection_history"]
    told = [(*rupees(row, "unpaid", "collected"), row["collection_rate"], row["basis"]) for row in history["by_age"]]
    assert told == [
        (7_500, 6_000, "0.800000", "measured"),
        (1_000, 500, "0.500000", "measured"),
        *[(0, 0, "0.500000", "nearest_ages")] * 5,
    ]
    assert (history["from"], history["to"], history["months_with_dues"]) == ("2023-07", "2024-06", 5)
    after = [row["share"] for row in history["collected_after"]]
    assert after[:4] == ["0.800000", "0.900000", "0.950000", "0.975000"]


def test_what_comes_in_and_what_is_lent_of_it(book: Book) -> None:
    """Amna's 500 of May and 500 of June are overdue. The mean loan was 9,000, in twelve parts: 750 a month.

    | month | overdue | falls due | comes: of overdue | of dues | of the new loan | held   | lent  | left  |
    |-------|---------|-----------|-------------------|---------|-----------------|--------|-------|-------|
    | Jul   |   1,000 |     1,500 |               500 |   1,200 |                 | 10,200 | 9,000 | 1,200 |
    | Aug   |     800 |     1,500 |               400 |   1,200 |      0.8 of 750 |  3,400 |     0 | 3,400 |
    | Sep   |     700 |     1,500 |               350 |   1,200 | 600, 75 of 150 |  5,625 |     0 | 5,625 |
    """
    told = forecast(book)
    names = ("overdue", "falling_due", "collected_of_overdue", "collected_of_falling_due", "unpaid")
    assert [rupees(month["loans_made"], *names) for month in told["months"]] == [
        [1_000, 1_500, 500, 1_200, 800],
        [800, 1_500, 400, 1_200, 700],
        [700, 1_500, 350, 1_200, 650],
    ]
    assert [rupees(month["loans_to_come"], *names) for month in told["months"]] == [
        [0, 0, 0, 0, 0],
        [0, 750, 0, 600, 150],
        [150, 750, 75, 600, 225],
    ]
    money = ("opening", "collected", "lent", "closing")
    assert [rupees(month["cash"], *money) for month in told["months"]] == [
        [8_500, 1_700, 9_000, 1_200],
        [1_200, 2_200, 0, 3_400],
        [3_400, 2_225, 0, 5_625],
    ]
    assert [(month["loans"], month["cash_share"]) for month in told["months"]] == [
        (1, "0.060000"),
        (0, "0.170000"),
        (0, "0.281250"),
    ]
    assert [rupees(month, "outstanding_principal") for month in told["months"]] == [[18_800], [16_600], [14_375]]
    assert (told["dry_month"], told["idle_month"]) == ("2024-08", None)
    totals = ("overdue_at_opening", "falling_due", "collected", "written_off", "unpaid", "falling_due_later")
    assert rupees(told["totals"], *totals) == [1_000, 4_500, 4_850, 0, 650, 6_000]
    assert assumption(told, "loan_amount") == ("9000.00", "measured")
    assert assumption(told, "term_months") == ("12", "measured")


def test_what_if_nobody_asks_for_loans(book: Book) -> None:
    """8,500 and 1,700 of July are 10,200 of 20,000 that the fund has in cash and loans: more than half lies idle."""
    told = forecast(book, loans_per_month=0)
    assert (told["idle_month"], told["months"][0]["cash_share"]) == ("2024-07", "0.510000")
    assert (told["totals"]["loans"], told["dry_month"]) == (0, None)
    assert assumption(told, "loans_per_month") == ("0", "given")
    assert forecast(book, loans_per_month=0, idle_above=Decimal("0.51"))["idle_month"] == "2024-08"


def test_what_if_all_is_paid_by_the_day(book: Book) -> None:
    """Every due of July to September comes, the overdue of today never: 1,500 each month, and 10,000 in cash in July.

    Loans of 2,500 in two parts: four in July take all of it. In August 1,500 and half of 10,000 make 6,500: two, and
    1,500 are left. September brings 1,500, the other half and half of 5,000: 10,500, four loans, and 500 are left.
    """
    told = forecast(
        book, collection_rate=Decimal(1), cleanup_rate=Decimal(0), loan_minor=2_500_00, term_months=2, months=3
    )
    assert [rupees(month["cash"], "collected", "lent", "closing") for month in told["months"]] == [
        [1_500, 10_000, 0],
        [6_500, 5_000, 1_500],
        [9_000, 10_000, 500],
    ]
    assert rupees(told["totals"], "collected", "unpaid") == [4_500, 1_000]
    assert told["repayment_plan"] == [{"months": 1, "share": "0.500000"}, {"months": 2, "share": "0.500000"}]
    given = ("collection_rate", "cleanup_rate", "loan_amount", "term_months")
    assert {assumption(told, name)[1] for name in given} == {"given"}


def test_expenses_are_measured_over_the_months_in_which_the_fund_had_money(book: Book) -> None:
    """1,200 since January, when the money came: 200 in each of six months."""
    book.spends(900, on=date(2024, 3, 5), paid_from="bank")
    book.spends(300, on=date(2024, 6, 5), paid_from="bank")
    told = forecast(book)
    assert assumption(told, "monthly_expenses") == ("200.00", "measured")
    assert [month["cash"]["expenses"] for month in told["months"]] == ["200.00"] * 3
    assert assumption(forecast(book, monthly_expenses_minor=0), "monthly_expenses") == ("0.00", "given")


def test_what_is_approved_is_handed_out_first(book: Book) -> None:
    """10,200 are held in July, of which 4,000 are promised: 6,200 are left to lend, and the promise falls due too."""
    loan = book.applies(4_000, on=date(2024, 6, 20), member="Marvi")
    book.resolves(loan, on=date(2024, 6, 25))
    told = forecast(book)
    first, second, _ = told["months"]
    assert rupees(told["opening"], "committed") == [4_000]
    assert rupees(first["cash"], "committed", "lent") == [4_000, 0]
    assert rupees(first, "lendable") == [6_200]
    assert second["loans_to_come"]["falling_due"] == "333.33"


def test_what_is_written_off_is_lost_and_what_would_have_fallen_due_after_it_is_not_due(book: Book) -> None:
    """Amna's loan is written off on 30 May: of the 500 of May, due and unpaid, nothing came. June is not due any more.

    | month | fell due | came in it | written off in it |
    |-------|----------|------------|-------------------|
    | Feb   |    1,500 |      1,500 |                   |
    | Mar   |    1,500 |      1,000 |                   |
    | Apr   |    1,500 |      1,500 |                   |
    | May   |    1,500 |      1,000 |               500 |
    | Jun   |    1,000 |      1,000 |                   |

    So of what falls due 6,000 of 7,000 are expected, and 500 of 7,000 to be lost; of arrears the 500 of March that
    came in April.
    """
    book.writes_off(amnas_loan(book), on=date(2024, 5, 30))
    told = forecast(book, loans_per_month=0)
    new, old = told["collection_history"]["by_age"][:2]
    assert rupees(new, "unpaid", "collected", "written_off") == [7_000, 6_000, 500]
    assert (new["collection_rate"], new["loss_rate"]) == ("0.857143", "0.071429")
    assert rupees(old, "unpaid", "collected", "written_off") == [500, 500, 0]
    july = told["months"][0]
    assert rupees(july["loans_made"], "falling_due") == [1_000]
    assert (july["loans_made"]["collected_of_falling_due"], july["loans_made"]["written_off"]) == ("857.14", "71.43")


def test_paper_that_comes_late_changes_the_forecast_and_not_the_one_that_was_made(book: Book) -> None:
    """Amna had paid 500 on 10 June, for her May: of a month old now 1,000 of 1,000 came."""
    before = forecast(book)
    book.repays(amnas_loan(book), 500, on=date(2024, 6, 10))
    now = forecast(book)
    assert now["collection_history"]["by_age"][1]["collection_rate"] == "1.000000"
    known_at = [row["recorded_at"] for row in book.rows("event")][-2]
    assert orjson.dumps(forecast(book, known_at=known_at)) == orjson.dumps(before)


def test_a_fund_without_history_is_taken_by_its_schedules(shared_databases: Databases) -> None:
    book = a_funded_book(shared_databases, 20_000, on=JANUARY)
    book.lends(12_000, on=date(2024, 6, 1))
    told = forecast(book, loans_per_month=0)
    assert assumption(told, "collection_rate") == ("1.000000", "assumed")
    assert assumption(told, "cleanup_rate") == ("0.000000", "assumed")
    assert not told["collection_history"]["is_well_founded"]
    assert [month["loans_made"]["collected_of_falling_due"] for month in told["months"]] == ["1000.00"] * 3


def test_a_fund_that_never_lent_makes_no_loans_unless_a_size_is_given(shared_databases: Databases) -> None:
    book = a_book(shared_databases)
    empty = forecast(book)
    assert (empty["months"][0]["cash_share"], empty["dry_month"], empty["totals"]["loans"]) == (None, None, 0)
    assert assumption(empty, "loan_amount") == (None, "assumed")
    assert assumption(empty, "term_months") == ("12", "assumed")
    told = forecast(book, loan_minor=5_000_00, capital_minor=12_000_00, capital_month=2)
    assert [month["loans"] for month in told["months"]] == [0, 2, 0]
    assert told["dry_month"] == "2024-07"


def test_a_month_of_lending_that_ends_with_september_begins_with_it(shared_databases: Databases) -> None:
    book = a_funded_book(shared_databases, 20_000, on=JANUARY)
    book.lends(3_000, on=date(2024, 8, 31))
    book.lends(5_000, on=date(2024, 9, 1), member="Amna")
    told = forecast(book, date(2024, 9, 30), history_months=1)
    assert assumption(told, "loan_amount") == ("5000.00", "measured")
