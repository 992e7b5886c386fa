"""The reports people expect, of a fund small enough to be counted on paper. Amounts are rupees.

Zainab borrowed 12,000 and Amna 6,000 on 1 January 2024, each in twelve instalments from 1 February: 1,000 and 500.
Zainab paid February on its day, and 400 on 5 March. Amna has paid nothing. Both belong to CO-1 of VO-1.
"""

from datetime import date
from typing import Any

import pytest

from cif_engine.operations.asking import Question
from cif_engine.operations.files import FileForm
from cif_engine.operations.reporting import FIRST_PAGE, Period
from cif_engine.operations.reports import composed, consolidation, figures
from cif_engine.operations.reports.arrears import arrears_register, masked
from cif_engine.operations.reports.money_registers import collection_register, disbursement_register
from cif_engine.operations.reports.registers import register_page
from cif_engine.operations.reports.shown import Said, report_file, report_view
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.standings import Within
from cif_engine.portfolio.cuts import Cut, Cutting
from cif_engine.portfolio.vintages import month_ends
from tests.books import FUND, Book, How, a_funded_book
from tests.reports.reading import content, pages, read_csv, sheets

JANUARY = date(2024, 1, 1)
MARCH = Period(date(2024, 3, 1), date(2024, 3, 31))
THE_20TH = date(2024, 3, 20)


@pytest.fixture
def book(shared_databases: Databases) -> Book:
    made = a_funded_book(shared_databases, 50_000, on=JANUARY)
    zainab = made.lends(12_000, on=JANUARY)
    made.lends(6_000, on=JANUARY, member="Amna")
    made.repays(zainab, 1_000, on=date(2024, 2, 1), how=How(receipt="R-1"))
    made.repays(zainab, 400, on=date(2024, 3, 5), how=How(receipt="R-2"))
    return made


def asked(book: Book) -> Question:
    return Question(Within((book.lso_id,)))


def loan_of(book: Book, *, who_paid: bool) -> str:
    """Return the loan of Zainab, who paid something, or of Amna, who paid nothing."""
    rows = pages(book.databases, asked(book), arrears_register(THE_20TH))
    return str(next(row["loan"] for row in rows if (row["last_paid"] is not None) == who_paid))


def table(said: Said, name: str | None = None) -> dict[str, Any]:
    tables: list[dict[str, Any]] = report_view(said, name)["tables"]
    return tables[0]


def told(row: dict[str, Any], *keys: str) -> tuple[Any, ...]:
    return tuple(row[key] for key in keys)


def test_whoever_goes_on_a_round_knows_whom_to_see_and_what_to_ask_for(book: Book) -> None:
    register = arrears_register(THE_20TH)
    amna, zainab = sorted(pages(book.databases, asked(book), register), key=lambda row: row["member_name"])
    assert told(zainab, "vo", "co", "days_late", "since") == ("VO-1", "CO-1", 19, "2024-03-01")
    assert told(zainab, "overdue", "to_collect", "outstanding") == ("600.00", "600.00", "10600.00")
    assert told(zainab, "next_due_on", "next_due") == ("2024-04-01", "1000.00")
    assert told(zainab, "last_paid_on", "last_paid") == ("2024-03-05", "400.00")
    assert told(amna, "days_late", "since", "overdue") == (48, "2024-02-01", "1000.00")
    assert told(amna, "last_paid_on", "last_paid") == (None, None)


def test_what_falls_due_within_seven_days_is_called_for_on_the_same_round(book: Book) -> None:
    before, on_the_25th = date(2024, 3, 24), date(2024, 3, 25)
    assert not list(pages(book.databases, asked(book), arrears_register(before), "Falling due"))
    rows = list(pages(book.databases, asked(book), arrears_register(on_the_25th), "Falling due"))
    assert sorted(told(row, "due_on", "due", "overdue_besides") for row in rows) == [
        ("2024-04-01", "1000.00", "600.00"),
        ("2024-04-01", "500.00", "1000.00"),
    ]


def test_an_instalment_that_is_due_today_is_to_come_and_not_late(book: Book) -> None:
    register = arrears_register(date(2024, 2, 1))
    assert not list(pages(book.databases, asked(book), register))
    (amna,) = pages(book.databases, asked(book), register, "Falling due")
    assert told(amna, "due_on", "due") == ("2024-02-01", "500.00")


def test_fees_and_penalties_are_asked_for_on_top(book: Book) -> None:
    loan, register = loan_of(book, who_paid=True), arrears_register(THE_20TH)
    book.charges(loan, 50, on=date(2024, 3, 10))
    book.charges(loan, 30, on=date(2024, 3, 10), penalty=True)
    (row,) = (row for row in pages(book.databases, asked(book), register) if row["loan"] == loan)
    assert told(row, "overdue", "fees_and_penalties", "to_collect") == ("600.00", "80.00", "680.00")


def test_an_identity_number_is_told_by_its_end() -> None:
    assert masked("45203-1234567-8") == "…567-8"
    assert masked(None) is None


def test_the_register_of_collections_splits_what_came_and_leaves_out_what_does_not_hold(book: Book) -> None:
    loan = loan_of(book, who_paid=True)
    wrong = book.repays(loan, 700, on=date(2024, 3, 8), how=How(receipt="R-3"))
    book.repays(loan, 200, on=date(2024, 3, 9), channel="bank", how=How(receipt="R-4"))
    book.reverses(wrong["event"]["id"])
    rows = list(pages(book.databases, asked(book), collection_register(MARCH)))
    assert [told(row, "day", "receipt_no", "received", "principal", "charge", "account") for row in rows] == [
        ("2024-03-05", "R-2", "400.00", "400.00", "0.00", f"{FUND}.1010"),
        ("2024-03-09", "R-4", "200.00", "200.00", "0.00", f"{FUND}.1020"),
    ]


def test_a_payment_is_registered_with_the_split_that_holds_now(book: Book) -> None:
    """A fee of 100 on 1 March is recorded late: of the 400 that came on 5 March it takes 100."""
    book.charges(loan_of(book, who_paid=True), 100, on=date(2024, 3, 1))
    (row,) = pages(book.databases, asked(book), collection_register(MARCH))
    assert told(row, "received", "principal", "fees") == ("400.00", "300.00", "100.00")


def test_the_register_of_disbursements_says_what_was_handed_out_beside_what_was_lent(book: Book) -> None:
    """Amna tops up: 9,000 of which 6,000 settle her first loan."""
    first = loan_of(book, who_paid=False)
    loan = book.applies(9_000, on=THE_20TH, member="Amna")
    book.resolves(loan, on=THE_20TH)
    book.disburses(loan, on=THE_20TH, settles=first)
    (row,) = pages(book.databases, asked(book), disbursement_register(MARCH))
    assert told(row, "loan", "principal", "settled_loan", "settled", "handed_out") == (
        loan,
        "9000.00",
        first,
        "6000.00",
        "3000.00",
    )
    settled = next(
        row for row in pages(book.databases, asked(book), collection_register(MARCH)) if row["loan"] == first
    )
    assert told(settled, "account", "principal") == (f"{FUND}.1100", "6000.00")


def test_a_report_by_row_adds_up_and_its_shares_are_of_the_sums(book: Book) -> None:
    """20 March: 10,600 + 6,000 outstanding; Amna is late by 48 days: PAR 30 is 6,000 of 16,600."""
    shown = table(composed.par(book.databases, asked(book), THE_20TH))
    (row,) = shown["rows"]
    assert told(row, "vo", "vo_name", "loans", "gross_portfolio") == ("VO-1", "VO", 2, "16600.00")
    assert told(row, "late_30", "par_30", "par_0") == ("6000.00", "0.361446", "1.000000")
    assert shown["total"]["par_30"] == "0.361446"
    assert shown["total"]["late_30"] == "6000.00"


def test_the_ageing_of_each_row_is_told_with_its_loans(book: Book) -> None:
    (row,) = table(composed.ageing(book.databases, asked(book), THE_20TH))["rows"]
    assert told(row, "amount_0", "amount_1", "amount_2") == ("0.00", "10600.00", "6000.00")
    assert told(row, "loans_0", "loans_1", "loans_2") == (0, 1, 1)


def test_more_rows_than_bars_can_be_read_are_a_table_alone(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    assert composed.ageing(book.databases, asked(book), THE_20TH).charts
    monkeypatch.setattr(composed, "MOST_BARS", 0)
    said = composed.ageing(book.databases, asked(book), THE_20TH)
    assert not said.charts
    assert table(said)["rows"]


def test_demand_collection_and_balance_go_on_from_left_to_right(book: Book) -> None:
    """March: Amna's 500 of February are overdue; 1,500 fall due; Zainab pays 400 of her 1,000."""
    (row,) = table(composed.dcb(book.databases, asked(book), MARCH))["rows"]
    assert told(row, "opening_overdue", "demand_first", "of_current", "closing_overdue") == (
        "500.00",
        "1500.00",
        "400.00",
        "1600.00",
    )


def test_key_figures_stand_one_under_the_other_each_with_what_it_is_of_what(book: Book) -> None:
    said = composed.summary(book.databases, asked(book), MARCH)
    lines = {row["figure"]: told(row, "share", "amount", "of", "count") for row in table(said, "Key figures")["rows"]}
    assert lines["Gross portfolio"] == (None, "16600.00", None, None)
    assert lines["Borrowers"] == (None, None, None, 2)
    assert lines["PAR > 30"] == ("0.361446", "6000.00", "16600.00", 1)
    assert lines["On-time collection rate"] == ("0.000000", "0.00", "1500.00", None)
    assert lines["Write-off ratio"][0] == "0.000000"


def test_a_trend_goes_back_a_year(book: Book) -> None:
    rows = table(composed.summary(book.databases, asked(book), MARCH), "PAR over time")["rows"]
    assert [row["day"] for row in rows] == [day.isoformat() for day in month_ends(MARCH.to_on, 13)]
    assert told(rows[-1], "gross_portfolio", "late_30") == ("16600.00", "6000.00")
    assert told(rows[-2], "gross_portfolio", "par_0") == ("17000.00", "0.352941")
    assert told(rows[0], "gross_portfolio", "par_0") == ("0.00", None)


def test_cycles_are_told_apart_and_people_counted_once(book: Book) -> None:
    """Amna repays and borrows 8,000 again: her second cycle. Three loans, two borrowers."""
    first = loan_of(book, who_paid=False)
    book.repays(first, 6_000, on=THE_20TH)
    book.lends(8_000, on=THE_20TH, member="Amna")
    shown = table(consolidation.cycles(book.databases, asked(book), THE_20TH))
    one, two = shown["rows"]
    assert told(one, "cycle", "loans", "borrowers", "disbursed", "average_loan", "open_loans") == (
        1,
        2,
        2,
        "18000.00",
        "9000.00",
        1,
    )
    assert told(two, "cycle", "loans", "disbursed", "gross_portfolio", "par_30") == (
        2,
        1,
        "8000.00",
        "8000.00",
        "0.000000",
    )
    assert told(shown["total"], "loans", "borrowers", "disbursed", "average_loan") == (3, 2, "26000.00", "8666.67")


def test_a_district_is_consolidated_from_what_was_done_and_how_it_stands(book: Book) -> None:
    (row,) = table(consolidation.districts(book.databases, asked(book), MARCH))["rows"]
    assert told(row, "rsps", "lsos", "vos", "funds", "borrowers_to_date", "loans_to_date") == (1, 1, 0, 1, 2, 2)
    assert told(row, "disbursed_to_date", "gross_portfolio", "overdue") == ("18000.00", "16600.00", "1600.00")
    assert told(row, "par_30", "on_time_rate", "recovery_rate") == ("0.361446", "0.000000", "0.466667")


def test_the_published_indicators_stand_beside_those_that_are_missing(book: Book) -> None:
    rows = table(consolidation.indicators(book.databases, asked(book), MARCH))["rows"]
    published = {row["definition"]: row["amount"] or row["count"] for row in rows if row["published"] == "yes"}
    assert published == {
        "lsos_managing_cif": 1,
        "vos_managing_cif": 0,
        "borrowers_to_date": 2,
        "disbursed_to_date": "18000.00",
    }
    missing = {row["definition"] for row in rows if row["published"] == "no"}
    assert missing == {
        "gross_portfolio",
        "arrears_rate",
        "par_n",
        "par_n_renegotiated",
        "on_time_rate",
        "recovery_rate",
        "write_off_ratio",
    }


def test_who_manages_funds_is_not_told_of_some_of_their_loans(book: Book) -> None:
    of_women = Question(Within((book.lso_id,)), Cutting(only=((Cut.GENDER, ("female",)),)))
    rows = table(consolidation.indicators(book.databases, of_women, MARCH))["rows"]
    assert [told(row, "count", "amount") for row in rows[:4]] == [
        (None, None),
        (None, None),
        (2, None),
        (None, "18000.00"),
    ]
    shown = table(consolidation.districts(book.databases, of_women, MARCH))
    for row in (*shown["rows"], shown["total"]):
        assert told(row, "rsps", "lsos", "funds", "loans_to_date") == (None, None, None, 2)


def test_a_fund_that_gave_its_capital_back_had_received_it_and_one_whose_receipt_was_a_mistake_had_not(
    shared_databases: Databases,
) -> None:
    given_back, mistaken = (a_funded_book(shared_databases, 5_000, on=JANUARY) for _ in range(2))
    given_back.returns(5_000, on=date(2024, 2, 1))
    (receipt,) = (row for row in mistaken.rows("event") if row["kind"] == "tranche_received")
    mistaken.reverses(receipt["id"])
    managed = [
        table(consolidation.indicators(shared_databases, asked(book), MARCH))["rows"][0]["count"]
        for book in (given_back, mistaken)
    ]
    assert managed == [1, 0]


def test_the_workbook_of_the_summary_has_a_sheet_for_each_table_and_what_its_figures_count(book: Book) -> None:
    file = report_file(composed.summary(book.databases, asked(book), MARCH), FileForm.XLSX)
    assert file.file_name.startswith("summary-")
    assert file.file_name.endswith("-2024-03-01-2024-03-31.xlsx")
    assert sheets(content(file)) == [
        "About",
        "Charts",
        "Key figures",
        "Portfolio",
        "PAR",
        "Ageing",
        "DCB",
        "Collection",
        "Losses",
        "PAR over time",
        "Definitions",
    ]


def test_a_csv_is_the_main_table_or_the_one_that_was_asked_for(book: Book) -> None:
    said = composed.summary(book.databases, asked(book), MARCH)
    (row,) = read_csv(content(report_file(said, FileForm.CSV, "par")))
    assert told(row, "loans", "late_30", "par_30") == ("2", "6000.00", "0.361446")
    assert read_csv(content(report_file(said, FileForm.CSV)))[0]["figure"] == "Gross portfolio"


@pytest.mark.parametrize(
    "name", ["portfolio", "series", "vintages", "maturity", "provisioning", "collections", "roll_rates"]
)
def test_every_figure_is_told_as_tables_whose_columns_have_one_cell_in_each_row(book: Book, name: str) -> None:
    of_day = {"series": (month_ends(THE_20TH, 3),), "vintages": (THE_20TH, 6, 30)}
    days = of_day.get(name, (MARCH,) if name in ("collections", "roll_rates") else (THE_20TH,))
    said: Said = getattr(figures, name)(book.databases, asked(book), *days)
    for shown in report_view(said)["tables"]:
        keys = {column["key"] for column in shown["columns"]}
        assert shown["rows"], shown["table"]
        assert all(row.keys() == keys for row in shown["rows"])
    assert content(report_file(said, FileForm.XLSX)).startswith(b"PK")


def test_what_falls_due_by_month_adds_up_to_the_portfolio(book: Book) -> None:
    shown = table(figures.maturity(book.databases, asked(book), THE_20TH))
    assert told(shown["rows"][0], "month", "amount") == ("Overdue", "1600.00")
    assert told(shown["rows"][1], "month", "amount") == ("2024-04", "1500.00")
    assert shown["total"]["amount"] == "16600.00"


def test_roll_rates_are_told_band_by_band(book: Book) -> None:
    rows = {row["band"]: row for row in table(figures.roll_rates(book.databases, asked(book), MARCH))["rows"]}
    assert told(rows["Current"], "loans", "opening", "to_1", "repaid") == (1, "11000.00", "10600.00", "400.00")
    assert told(rows["1-30 days"], "opening", "to_2") == ("6000.00", "6000.00")


def test_a_page_names_the_moment_by_which_the_register_can_be_asked_for_again(book: Book) -> None:
    view = register_page(book.databases, asked(book), collection_register(MARCH), FIRST_PAGE)
    assert told(view, "report", "from", "to", "table") == ("collections", "2024-03-01", "2024-03-31", "Collections")
    assert view["known_at"] is not None
