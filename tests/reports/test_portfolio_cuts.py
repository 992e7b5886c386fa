"""Every cut, and every two of them, and each as a filter: rows sum to the whole, and a filter gives its row."""

from collections.abc import Iterator
from datetime import date
from itertools import combinations
from typing import Any

import pytest

from cif_engine.errors import CutValueUnknownError, NotFoundError
from cif_engine.loans.terms import EqualInstalments
from cif_engine.money import parse_amount
from cif_engine.operations.asking import Question
from cif_engine.operations.portfolio_reports import portfolio_report
from cif_engine.operations.portfolio_tables import provisioning_report
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.standings import Within
from cif_engine.portfolio.cuts import NOTHING, Cut, Cutting, in_order, poverty_band
from cif_engine.portfolio.figures import Figure
from tests.books import CHAIR, MANAGER, Book, a_funded_book
from tests.reports.village import Village

JANUARY, MAY, JULY = date(2021, 1, 1), date(2021, 5, 15), date(2021, 7, 31)
PAIRS = [(), *((cut,) for cut in Cut), *combinations(Cut, 2)]
OF_LOANS = frozenset(Figure) - {Figure.COVERAGE}


@pytest.fixture(scope="module")
def villages(shared_databases: Databases) -> tuple[Village, ...]:
    """Two villages with loans of two funds and tranches, some late, some repaid, some before any tranche of May."""
    found = (Village.founded(shared_databases), Village.founded(shared_databases))
    for village in found:
        village.give(100_000_00)
        village.give(100_000_00, fund="SHOP")
        village.give(50_000_00, MAY)
        for member in range(1, 9):
            village.lend(member * 1_000_00, JANUARY, member, "GOAT" if member % 2 else "STALL")
        late = village.lend(7_000_00, MAY, 1, plan=EqualInstalments(count=3))
        village.repay(late, 2_000_00, JULY)
        repaid = village.lend(3_000_00, MAY, 2)
        village.repay(repaid, 3_000_00, JULY)
    return found


def amounts(view: Any) -> Iterator[int]:  # noqa: ANN401 - any JSON value
    """Give every amount and every number of loans of a view, in order; people, rates and shares left out."""
    if isinstance(view, dict):
        for name, part in view.items():
            if name == "loans":
                yield part
            elif name in ("amount", "numerator", "denominator", "gross_portfolio", "renegotiated", "written_off"):
                yield from amounts(part) if isinstance(part, dict) else [parse_amount(part)]
            elif name not in ("borrowers", "households", "key"):
                yield from amounts(part)
    elif isinstance(view, list):
        for part in view:
            yield from amounts(part)


def of_villages(villages: tuple[Village, ...], cutting: Cutting) -> Question:
    return Question(Within(tuple(village.lso_id for village in villages)), cutting)


def test_the_rows_of_every_two_cuts_sum_to_the_whole(
    shared_databases: Databases, villages: tuple[Village, ...]
) -> None:
    whole = portfolio_report(shared_databases, of_villages(villages, Cutting()), JULY)["total"]
    assert whole["loans"] == 18
    for by in PAIRS:
        report = portfolio_report(shared_databases, of_villages(villages, Cutting(by)), JULY, OF_LOANS)
        told = {name: figure for name, figure in whole.items() if name != "risk_coverage"}
        assert drop_queries(report["total"]) == drop_queries(told), by
        sums = [sum(column) for column in zip(*(amounts(row) for row in report["rows"]), strict=True)]
        assert not by or sums == list(amounts(report["total"])), by
        keys = [tuple(row["key"].values()) for row in report["rows"]]
        assert len(set(keys)) == len(keys), by


def drop_queries(view: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(view, dict):
        return {name: drop_queries(part) for name, part in view.items() if name != "loans_query"}
    return [drop_queries(part) for part in view] if isinstance(view, list) else view


@pytest.mark.parametrize("cut", Cut)
def test_narrowed_to_the_codes_of_a_row_the_whole_is_the_row(
    shared_databases: Databases, villages: tuple[Village, ...], cut: Cut
) -> None:
    rows = portfolio_report(shared_databases, of_villages(villages, Cutting((cut,))), JULY)["rows"]
    assert rows
    for row in rows:
        codes = row.pop("key")
        only = tuple((Cut(name), (NOTHING if code is None else code,)) for name, code in codes.items())
        narrowed = portfolio_report(shared_databases, of_villages(villages, Cutting(only=only)), JULY)
        assert narrowed["total"] == row
        assert narrowed["only"] == {name: [code or NOTHING] for name, code in codes.items()}


def test_classes_of_rows_sum_to_those_of_the_whole(shared_databases: Databases, villages: tuple[Village, ...]) -> None:
    for by in PAIRS[1:]:
        report = provisioning_report(shared_databases, of_villages(villages, Cutting(by)), JULY)
        sums = [sum(column) for column in zip(*(amounts(row) for row in report["rows"]), strict=True)]
        assert sums == list(amounts(report["total"])), by


@pytest.mark.parametrize(
    ("cut", "codes"),
    [
        *((cut, ("GHOST",)) for cut in Cut if cut.of_lso or cut in (Cut.VO, Cut.CO, Cut.FUND, Cut.PRODUCT)),
        (Cut.VO, ("V1", "V9")),
        (Cut.LSO, (NOTHING,)),
    ],
)
def test_a_code_that_nothing_has_is_not_an_empty_portfolio(
    shared_databases: Databases, villages: tuple[Village, ...], cut: Cut, codes: tuple[str, ...]
) -> None:
    with pytest.raises(NotFoundError) as refused:
        portfolio_report(shared_databases, of_villages(villages, Cutting(only=((cut, codes),))), JULY)
    assert refused.value.pointer == f"/{cut}"
    assert codes[-1] in refused.value.detail


def test_the_lso_of_another_scope_is_not_known_within_this_one(
    shared_databases: Databases, villages: tuple[Village, ...]
) -> None:
    first, second = villages
    other = portfolio_report(shared_databases, of_villages((second,), Cutting((Cut.LSO,))), JULY)["rows"][0]["key"][
        "lso"
    ]
    with pytest.raises(NotFoundError):
        portfolio_report(shared_databases, of_villages((first,), Cutting(only=((Cut.LSO, (other,)),))), JULY)


def test_purposes_and_funders_that_nobody_has_are_an_empty_portfolio(
    shared_databases: Databases, villages: tuple[Village, ...]
) -> None:
    for only in ((Cut.PURPOSE, ("a boat",)), (Cut.FUNDER, ("Nobody",)), (Cut.TRANCHE, (NOTHING,)), (Cut.CYCLE, ("9",))):
        report = portfolio_report(shared_databases, of_villages(villages, Cutting(only=(only,))), JULY)
        assert report["total"]["loans"] == 0, only


def test_a_loan_is_under_the_last_tranche_its_fund_had_when_it_was_handed_out(databases: Databases) -> None:
    """One tranche of January, one of 15 May: the loans of January are under the first, those of 15 May the second."""
    village = Village.founded(databases)
    village.give(100_000_00, JANUARY)
    village.give(50_000_00, MAY)
    village.lend(5_000_00, JANUARY, 1)
    village.lend(6_000_00, date(2021, 5, 14), 3)
    village.lend(7_000_00, MAY, 5)
    rows = portfolio_report(databases, of_villages((village,), Cutting((Cut.TRANCHE,))), JULY)["rows"]
    assert {row["key"]["tranche"]: row["gross_portfolio"]["amount"] for row in rows} == {
        "1": "11000.00",
        "2": "7000.00",
    }


def test_a_tranche_received_by_mistake_counts_while_it_was_known_and_again_when_the_reversal_was_the_mistake(
    databases: Databases,
) -> None:
    book = a_funded_book(databases, on=JANUARY)
    book.gets_tranche(9_000, on=MAY)
    book.lends(6_000, on=MAY)
    known_then = last_moment(book)
    assert tranches(book) == {"2"}
    (receipt,) = (row for row in book.rows("event") if row["kind"] == "tranche_received" and row["effective_on"] == MAY)
    book.reverses(receipt["id"])
    assert tranches(book) == {"1"}
    reversal = book.rows("event")[-1]
    book.reverses(reversal["id"], how=MANAGER)
    assert tranches(book) == {"2"}
    book.reverses(book.rows("event")[-1]["id"], how=CHAIR)
    (released,) = (
        row for row in book.rows("event") if row["kind"] == "tranche_released" and row["effective_on"] == MAY
    )
    book.reverses(released["id"])
    assert tranches(book) == {"1"}
    assert tranches(book, known_then) == {"2"}, "what was known then stays, though the tranche is gone"


def tranches(book: Book, known_at: int | None = None) -> set[str | None]:
    """Return the tranches under which there are loans."""
    question = Question(Within((book.lso_id,)), Cutting((Cut.TRANCHE,)), known_at)
    rows = portfolio_report(book.databases, question, JULY, ())["rows"]
    return {row["key"]["tranche"] for row in rows}


def last_moment(book: Book) -> int:
    moment: int = book.rows("event")[-1]["recorded_at"]
    return moment


@pytest.mark.parametrize(
    ("cut", "value"),
    [
        (Cut.GENDER, "woman"),
        (Cut.CHANNEL, "-"),
        (Cut.POVERTY_BAND, "0-10"),
        (Cut.CYCLE, "first"),
        (Cut.CYCLE, "-"),
        (Cut.CYCLE, "1.5"),
        (Cut.CYCLE, "\u0661"),
        (Cut.TRANCHE, "9" * 10),
    ],
)
def test_a_value_that_no_loan_can_have_is_refused(cut: Cut, value: str) -> None:
    with pytest.raises(CutValueUnknownError) as refused:
        Cutting(only=((cut, (value,)),))
    assert refused.value.pointer == f"/{cut}"


@pytest.mark.parametrize(
    ("score", "band"),
    [
        (0, "0-11"),
        (11, "0-11"),
        (12, "12-18"),
        (18, "12-18"),
        (19, "19-23"),
        (23, "19-23"),
        (24, "24-100"),
        (100, "24-100"),
        (None, "none"),
    ],
)
def test_poverty_scores_have_their_bands(score: int | None, band: str) -> None:
    assert poverty_band(score) == band


def test_rows_are_in_the_order_of_their_codes_numbers_as_numbers_and_none_last() -> None:
    keys = [("B", None), ("A", 10), ("A", 9), ("A", None), (None, 1)]
    assert sorted(keys, key=in_order) == [("A", 9), ("A", 10), ("A", None), ("B", None), (None, 1)]
