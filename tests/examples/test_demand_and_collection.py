"""Demand, collection and balance of a small fund, worked on paper as an accountant does it. Amounts are rupees.

Zainab borrowed 12,000 and Amna 6,000 on 1 January 2024, each in twelve instalments from 1 February: 1,000 and 500.
"""

from datetime import date
from typing import Any

import pytest

from cif_engine.dates import month_end_of
from cif_engine.operations.asking import Question
from cif_engine.operations.collection_reports import collections_report, roll_rates_report
from cif_engine.operations.reporting import Period
from cif_engine.operations.restructuring import Pause
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.standings import Within
from tests.books import Book, a_funded_book

JANUARY, FEBRUARY, MARCH, APRIL = (date(2024, month, 1) for month in range(1, 5))
MONTHS = [Period(date(2024, month, 1), month_end_of(date(2024, month, 1))) for month in range(2, 7)]
"""February to June."""

IN_MARCH = MONTHS[1]


@pytest.fixture
def book(shared_databases: Databases) -> Book:
    return a_funded_book(shared_databases, 50_000, on=JANUARY)


def figures(book: Book, period: Period = IN_MARCH) -> dict[str, Any]:
    total: dict[str, Any] = collections_report(book.databases, Question(Within((book.lso_id,))), period)["total"]
    return total


def dcb(book: Book, period: Period = IN_MARCH) -> list[int]:
    """Return opening, demand, prepaid, of arrears, of current, written off, rescheduled, closing; in whole rupees."""
    found = figures(book, period)["dcb"]
    collection = found["collection"]
    amounts = [
        found["opening_overdue"],
        found["demand"]["amount"],
        found["prepaid"],
        collection["of_arrears"],
        collection["of_current"],
        found["written_off"],
        found["rescheduled"],
        found["closing_overdue"],
    ]
    return [round(float(amount)) for amount in amounts]


def rate(figure: dict[str, Any]) -> tuple[str, str, str | None]:
    return figure["numerator"], figure["denominator"], figure["rate"]


def test_what_falls_due_is_met_in_advance_on_time_late_or_not_at_all(book: Book) -> None:
    """March. Zainab owed 600 of February's 1,000; she pays 1,100 on the 15th and 900 on the 31st.

    Amna paid February's 500 and 200 of March's on 20 February, and 700 on 1 March: 300 of March's, 400 of April's.

    | March         | Zainab | Amna |   sum |
    |---------------|--------|------|-------|
    | opening       |    600 |    0 |   600 |
    | + demand      |  1,000 |  500 | 1,500 |
    | - prepaid     |      0 |  200 |   200 |
    | - of arrears  |    600 |    0 |   600 |
    | - of current  |  1,000 |  300 | 1,300 |
    | = closing     |      0 |    0 |     0 |
    | in advance    |    400 |  400 |   800 |
    | paid by 1 Mar |      0 |  500 |   500 |

    On time are 500 of 1,500, a third: Zainab's month is complete in the end, and not one rupee of it was on time. Of
    the 600 that were overdue all came: the clean-up is 600 of 600. It is not added to the 500.
    """
    zainab, amna = book.lends(12_000, on=JANUARY), book.lends(6_000, on=JANUARY, member="Amna")
    book.repays(zainab, 400, on=FEBRUARY)
    book.repays(amna, 700, on=date(2024, 2, 20))
    book.repays(amna, 700, on=MARCH)
    book.repays(zainab, 1_100, on=date(2024, 3, 15))
    book.repays(zainab, 900, on=date(2024, 3, 31))

    assert dcb(book) == [600, 1_500, 200, 600, 1_300, 0, 0, 0]
    march = figures(book)
    assert march["dcb"]["collection"]["in_advance"] == "800.00"
    assert march["collected"]["amount"] == "2700.00"
    assert rate(march["on_time_rate"]) == ("500.00", "1500.00", "0.333333")
    assert march["on_time_rate"]["prepaid"] == "200.00"
    assert rate(march["cleanup"]) == ("600.00", "600.00", "1.000000")


def test_what_is_put_off_falls_due_again_and_mends_no_rate(book: Book) -> None:
    """Zainab pays nothing. On 10 March the committee puts all she owes off by two months, arrears too.

    What was due on 1 February and on 1 March now falls due on 10 May, what was due on 1 April on 1 June, and so on.

    |            | Feb   | Mar   | Apr | May   | Jun   | how                                              |
    |------------|-------|-------|-----|-------|-------|--------------------------------------------------|
    | opening    |     0 | 1,000 |   0 |     0 | 2,000 |                                                  |
    | first time | 1,000 | 1,000 |   0 |     0 | 1,000 | 1 February, 1 March, 1 June                      |
    | again      |     0 |     0 |   0 | 2,000 |     0 | 10 May: what fell due before, in February and March |
    | put off    |     0 | 2,000 |   0 |     0 |     0 | 10 March                                         |
    | closing    | 1,000 |     0 |   0 | 2,000 | 3,000 |                                                  |
    | on time    | 0 of 1,000 | 0 of 1,000 | - | - | 0 of 1,000 | what falls due again is in no rate      |
    """
    zainab = book.lends(12_000, on=JANUARY)
    book.reschedules(zainab, on=date(2024, 3, 10), pause=Pause(2, "moved"))

    rows = [
        [opening, demand["first_time"], demand["again"], put_off, closing]
        for opening, demand, put_off, closing in (
            (found["opening_overdue"], found["demand"], found["rescheduled"], found["closing_overdue"])
            for found in (figures(book, month)["dcb"] for month in MONTHS)
        )
    ]
    assert [[round(float(amount)) for amount in row] for row in rows] == [
        [0, 1_000, 0, 0, 1_000],
        [1_000, 1_000, 0, 2_000, 0],
        [0, 0, 0, 0, 0],
        [0, 0, 2_000, 0, 2_000],
        [2_000, 1_000, 0, 0, 3_000],
    ]
    nothing, none_of_it = ("0.00", "0.00", None), ("0.00", "1000.00", "0.000000")
    rates = [rate(figures(book, month)["on_time_rate"]) for month in MONTHS]
    assert rates == [none_of_it, none_of_it, nothing, nothing, none_of_it]


def test_what_is_written_off_leaves_the_arrears_and_is_measured_by_the_mean_portfolio(book: Book) -> None:
    """Zainab pays nothing and is given up on 10 March. Amna pays 500 on the first of each month.

    | January to March | Zainab | Amna  |   sum |
    |------------------|--------|-------|-------|
    | demand           |  2,000 | 1,000 | 3,000 |
    | of current       |      0 | 1,000 | 1,000 |
    | written off      |  2,000 |     0 | 2,000 |
    | closing          |      0 |     0 |     0 |

    | end of  | Zainab | Amna  |    sum |
    |---------|--------|-------|--------|
    | 31 Dec  |      0 |     0 |      0 |
    | 31 Jan  | 12,000 | 6,000 | 18,000 |
    | 29 Feb  | 12,000 | 5,500 | 17,500 |
    | 31 Mar  |      0 | 5,000 |  5,000 |

    Lost are 12,000, of a mean of 40,500 / 4 = 10,125. Of the 12,000 her brother brings 300 in April: recovered, and no
    collection, of a loan of which nothing falls due any more.
    """
    zainab, amna = book.lends(12_000, on=JANUARY), book.lends(6_000, on=JANUARY, member="Amna")
    for paid_on in (FEBRUARY, MARCH, APRIL):
        book.repays(amna, 500, on=paid_on)
    book.writes_off(zainab, on=date(2024, 3, 10))
    book.repays(zainab, 300, on=date(2024, 4, 20))

    quarter = Period(JANUARY, date(2024, 3, 31))
    assert dcb(book, quarter) == [0, 3_000, 0, 0, 1_000, 2_000, 0, 0]
    found = figures(book, quarter)
    assert rate(found["write_off_ratio"]) == ("12000.00", "10125.00", "1.185185")
    assert (found["disbursed"]["amount"], found["written_off"]["amount"]) == ("18000.00", "12000.00")
    april = figures(book, MONTHS[2])
    assert (april["recovered"]["amount"], april["collected"]["amount"]) == ("300.00", "500.00")
    assert dcb(book, MONTHS[2]) == [0, 500, 0, 0, 500, 0, 0, 0]


def test_loans_roll_from_band_to_band_or_leave_repaid(book: Book) -> None:
    r"""March. Zainab was 28 days late on 29 February and pays 300; Amna repays all; Marvi borrows 3,000 on 10 March.

    | from \ to | opening | lent  | current | 31-60         | repaid |
    |-----------|---------|-------|---------|---------------|--------|
    | current   |   5,300 |     0 |         |               |  5,300 |
    | 1-30      |  11,600 |     0 |         | 11,300: 97.4 % |    300 |
    | new       |       0 | 3,000 |   3,000 |               |      0 |
    | all       |  16,900 | 3,000 |   3,000 | 11,300        |  5,600 |
    """
    zainab, amna = book.lends(12_000, on=JANUARY), book.lends(6_000, on=JANUARY, member="Amna")
    book.repays(zainab, 400, on=FEBRUARY)
    book.repays(amna, 700, on=date(2024, 2, 20))
    book.repays(zainab, 300, on=date(2024, 3, 15))
    book.repays(amna, 5_300, on=date(2024, 3, 20))
    book.lends(3_000, on=date(2024, 3, 10), member="Marvi")

    found = roll_rates_report(book.databases, Question(Within((book.lso_id,))), MONTHS[1])["total"]
    rows = {row["band"]: row for row in (*found["table"], found["whole"])}
    assert [cells_of(rows[band]) for band in ("current", "1-30", "new", "all")] == [
        {"opening": "5300.00", "repaid": "5300.00"},
        {"opening": "11600.00", "31-60": "11300.00", "repaid": "300.00"},
        {"disbursed": "3000.00", "current": "3000.00"},
        {
            "opening": "16900.00",
            "disbursed": "3000.00",
            "current": "3000.00",
            "31-60": "11300.00",
            "repaid": "5600.00",
        },
    ]
    assert rows["1-30"]["cells"][2]["rate"] == "0.974138"
    assert (rows["current"]["repaid"]["loans"], rows["1-30"]["repaid"]["loans"]) == (1, 0)
    assert rows["new"]["cells"][0]["rate"] is None


def cells_of(row: dict[str, Any]) -> dict[str, str]:
    """Return the amounts of a row of the roll rates; what is zero is left out."""
    amounts = {name: row[name] for name in ("opening", "disbursed")}
    amounts |= {cell["band"]: cell["amount"] for cell in row["cells"]}
    amounts |= {name: row[name]["amount"] for name in ("repaid", "written_off")}
    return {name: amount for name, amount in amounts.items() if amount != "0.00"}
