"""The profile of an LSO in the summer of 2024, and of the year before: worked by hand.

Eight households are eligible. The first tranche, 20,000, came on 1 January 2023, the second, 10,000, a year later.

| loan | borrower | lent on    | amount | instalments          | what came in                                |
|------|----------|------------|--------|----------------------|---------------------------------------------|
| A    | Zainab   | 1 Jan 2023 | 12,000 | 6 x 2,000 from 1 Feb | all of it, on the day                       |
| B    | Amna     | 1 Feb 2023 |  6,000 | 3 x 2,000 from 1 Mar | 2,000 on 1 Mar; written off on 31 Dec 2023  |
| C    | Zainab   | 1 Aug 2023 | 12,000 | 6 x 2,000 from 1 Sep | all of it, on the day                       |
| D    | زرینہ    | 1 Mar 2024 | 10,000 | 10 x 1,000 from 1 Apr| 1,000 on 1 Apr, 1,000 on 10 May             |
| E    | Marvi    |            |  5,000 |                      | approved on 20 June 2024, not yet disbursed |
"""

from datetime import date, datetime
from typing import Any

import pytest

from cif_engine.loans.terms import EqualInstalments
from cif_engine.moments import to_micros
from cif_engine.operations.dated import Saying
from cif_engine.operations.network_places import change_lso
from cif_engine.operations.network_records import get_record
from cif_engine.operations.profile_pages import profile_page, profile_pdf
from cif_engine.operations.profiles import profile_report
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.network_registers import LSOS
from tests.books import MEMBERS, TODAY, Book, a_book

ZAINAB, AMNA, ZARINA, MARVI = MEMBERS
NEW_YEAR = date(2023, 1, 1)
END_OF_JUNE, END_OF_JULY = date(2023, 6, 30), date(2024, 7, 31)
Figures = dict[str, Any]


@pytest.fixture
def book(databases: Databases) -> Book:
    told = a_book(databases)
    say_eligible(told, 8, since=NEW_YEAR)
    told.gets_tranche(20_000, on=NEW_YEAR)
    a = told.lends(12_000, on=NEW_YEAR, member=ZAINAB, plan=EqualInstalments(count=6))
    b = told.lends(6_000, on=date(2023, 2, 1), member=AMNA, plan=EqualInstalments(count=3))
    told.repays(a, 2_000, on=date(2023, 2, 1))
    told.repays(b, 2_000, on=date(2023, 3, 1))
    for month in range(3, 8):
        told.repays(a, 2_000, on=date(2023, month, 1))
    c = told.lends(12_000, on=date(2023, 8, 1), member=ZAINAB, plan=EqualInstalments(count=6), channel="cash")
    for year, month in ((2023, 9), (2023, 10), (2023, 11), (2023, 12), (2024, 1), (2024, 2)):
        told.repays(c, 2_000, on=date(year, month, 1))
    told.writes_off(b, on=date(2023, 12, 31))
    told.gets_tranche(10_000, on=date(2024, 1, 1))
    d = told.lends(10_000, on=date(2024, 3, 1), member=ZARINA, plan=EqualInstalments(count=10))
    told.repays(d, 1_000, on=date(2024, 4, 1))
    told.repays(d, 1_000, on=date(2024, 5, 10))
    e = told.applies(5_000, on=date(2024, 6, 20), member=MARVI)
    told.resolves(e, on=date(2024, 6, 20))
    return told


def say_eligible(book: Book, households: int, *, since: date) -> None:
    """State how many households are eligible from a day on."""
    code = book.lso_id[:8].upper()
    version = get_record(book.databases, LSOS, (code,))["version"]
    saying = Saying(book.request().at, "finance", TODAY, since)
    change_lso(book.databases, code, {"households_eligible": households}, version, saying)


def total(book: Book, as_of: date) -> Figures:
    figures: Figures = profile_report(book.databases, book.lso_id, as_of)["total"]
    return figures


def share(rate: Figures) -> tuple[str | int, str | int, str | None]:
    return rate["numerator"], rate["denominator"], rate["rate"]


def test_what_was_lent_by_the_end_of_july(book: Book) -> None:
    """A 12,000 + B 6,000 + C 12,000 + D 10,000 are 40,000 in four loans to three women, one of whom had two."""
    figures = total(book, END_OF_JULY)
    assert figures["capital"]["tranches_received"] == figures["capital"]["amount"] == "30000.00"
    assert figures["disbursed_to_date"]["amount"] == "40000.00"
    assert (figures["loans_to_date"], figures["borrowers_to_date"], figures["households_to_date"]) == (4, 3, 3)
    assert figures["average_loan"] == "10000.00"


def test_how_the_portfolio_does_at_the_end_of_july(book: Book) -> None:
    """D alone is open. She owes 8,000, and missed 1 June: 60 days late. The year begins on 1 August 2023.

    | figure        | numerator                        |        | denominator                     |        |          |
    |---------------|----------------------------------|--------|---------------------------------|--------|----------|
    | PAR over 30   | D                                |  8,000 | D                               |  8,000 | 1.000000 |
    | on-time rate  | C 12,000 + D 1,000 of 1 April    | 13,000 | C 12,000 + D 1 Apr to 1 Jul     | 16,000 | 0.812500 |
    | recovery rate | A 12 + B 2 + C 12 + D 2 thousand | 28,000 | A 12 + B 6 + C 12 + D 4 thousand| 34,000 | 0.823529 |

    What B was to repay fell due before the year, and stays due though it is written off.
    """
    figures = total(book, END_OF_JULY)
    assert (figures["gross_portfolio"]["amount"], figures["loans"], figures["households"]) == ("8000.00", 1, 1)
    assert share(figures["par_30"]) == ("8000.00", "8000.00", "1.000000")
    on_time = figures["on_time_rate"]
    assert (on_time["from"], on_time["to"]) == ("2023-08-01", "2024-07-31")
    assert share(on_time) == ("13000.00", "16000.00", "0.812500")
    assert share(figures["recovery_rate"]) == ("28000.00", "34000.00", "0.823529")
    assert figures["written_off_to_date"]["amount"] == "4000.00"


def test_how_the_money_revolves_by_the_end_of_july(book: Book) -> None:
    """40,000 lent of a capital of 30,000 are 1.33 turns; three of eight households are reached.

    Cash: 30,000 + 28,000 paid back - 40,000 lent = 18,000, of which 5,000 are promised to E.
    """
    figures = total(book, END_OF_JULY)
    assert share(figures["turns"]) == ("40000.00", "30000.00", "1.333333")
    assert share(figures["reach"]) == (3, 8, "0.375000")
    assert figures["available"] == {
        "definition": "available",
        "cash_and_bank": "18000.00",
        "committed": "5000.00",
        "reserve_floor": "0.00",
        "amount": "13000.00",
    }


def test_the_same_profile_of_a_year_before(book: Book) -> None:
    """30 June 2023: A owes 2,000 and pays, B owes 4,000 since 1 April. Of A five, of B three instalments fell due."""
    figures = total(book, END_OF_JUNE)
    assert figures["capital"]["amount"] == "20000.00"
    assert (figures["disbursed_to_date"]["amount"], figures["loans_to_date"]) == ("18000.00", 2)
    assert share(figures["par_30"]) == ("4000.00", "6000.00", "0.666667")
    assert share(figures["on_time_rate"]) == ("12000.00", "16000.00", "0.750000")
    assert figures["written_off_to_date"]["amount"] == "0.00"
    assert share(figures["turns"]) == ("18000.00", "20000.00", "0.900000")
    assert share(figures["reach"]) == (2, 8, "0.250000")


def test_the_trend_has_the_ends_of_two_years_of_months(book: Book) -> None:
    """B leaves the outstanding principal on the last day of 2023, the second tranche comes on the next."""
    trend = profile_report(book.databases, book.lso_id, END_OF_JULY)["trend"]
    assert [trend[0]["as_of"], trend[-1]["as_of"], len(trend)] == ["2022-08-31", "2024-07-31", 24]
    at = {point.pop("as_of"): tuple(point.values()) for point in trend}
    assert at["2022-12-31"] == ("0.00", "0.00", "0.00")
    assert at["2023-11-30"] == ("20000.00", "30000.00", "10000.00")
    assert at["2023-12-31"] == ("20000.00", "30000.00", "4000.00")
    assert at["2024-01-31"] == ("30000.00", "30000.00", "2000.00")
    assert at["2024-07-31"] == ("30000.00", "40000.00", "8000.00")


def test_on_a_day_within_a_month_the_trend_ends_with_the_day(book: Book) -> None:
    trend = profile_report(book.databases, book.lso_id, date(2023, 3, 15))["trend"]
    assert [point["as_of"] for point in trend[-2:]] == ["2023-02-28", "2023-03-15"]
    assert [point["gross_portfolio"] for point in trend[-2:]] == ["16000.00", "12000.00"]
    assert len(trend) == 24


def test_before_the_first_tranche_there_is_nothing_and_no_fund(book: Book) -> None:
    profile = profile_report(book.databases, book.lso_id, date(2022, 12, 31))
    assert profile["funds"] == []
    assert profile["purposes"] == {"rows": [], "others": None}
    figures = profile["total"]
    assert figures["capital"]["amount"] == figures["available"]["amount"] == "0.00"
    assert figures["average_loan"] is None
    assert {figures[name]["rate"] for name in ("par_30", "on_time_rate", "recovery_rate", "turns")} == {None}
    assert figures["reach"] == {"definition": "reach", "rate": None, "numerator": 0, "denominator": None}
    page = profile_page(profile)
    assert not page.trend
    assert not page.slices


def test_a_profile_of_what_was_known_stays_as_it_was(book: Book) -> None:
    """Later a receipt of D is found, and the number of eligible households was wrong all along."""
    before = profile_report(book.databases, book.lso_id, END_OF_JULY)
    known_at = moment_of(before)
    printed = profile_pdf(book.databases, book.lso_id, END_OF_JULY, known_at)

    say_eligible(book, 6, since=NEW_YEAR)
    book.repays(loan_of(book, ZARINA), 3_000, on=date(2024, 6, 15))

    assert profile_report(book.databases, book.lso_id, END_OF_JULY, known_at) == before
    assert profile_pdf(book.databases, book.lso_id, END_OF_JULY, known_at) == printed
    now = total(book, END_OF_JULY)
    assert share(now["reach"]) == (3, 6, "0.500000")
    assert now["gross_portfolio"]["amount"] == "5000.00"


def moment_of(profile: Figures) -> int:
    return to_micros(datetime.fromisoformat(profile["known_at"]))


def loan_of(book: Book, member: str) -> str:
    code = f"M-{MEMBERS.index(member) + 1}"
    (member_id,) = (row["id"] for row in book.rows("member") if row["code"] == code)
    (number,) = (row["number"] for row in book.rows("loan") if row["member_id"] == member_id)
    return str(number)
