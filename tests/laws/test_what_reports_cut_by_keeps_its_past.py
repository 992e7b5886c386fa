"""Law 7, for what reports cut by: an LSO that moves and a fund whose funder changes rewrite no report given before."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import orjson
import pytest
import sqlalchemy as sa

from cif_engine.moments import to_micros
from cif_engine.network.people import InstitutionKind
from cif_engine.network.places import Area, AreaKind, Rsp
from cif_engine.operations.asking import Question
from cif_engine.operations.dated import Saying
from cif_engine.operations.fund_reports import fund_position_report
from cif_engine.operations.network_funds import change_fund
from cif_engine.operations.network_people import change_institution, create_institution
from cif_engine.operations.network_places import change_lso, create_area, create_rsp
from cif_engine.operations.portfolio_reports import portfolio_report, series_report
from cif_engine.operations.portfolio_tables import maturity_report, provisioning_report
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.standings import Within
from cif_engine.persistence.tables import TABLES
from cif_engine.portfolio.cuts import Cut, Cutting
from tests.books import FUND, Book, a_funded_book
from tests.network.founding import vo

JANUARY, MARCH, MAY, JUNE = date(2024, 1, 1), date(2024, 3, 1), date(2024, 5, 31), date(2024, 6, 30)
NEW_RSP, NEW_DISTRICT, NEW_FUNDER = "SRSO", "JAMSHORO", "KfW"
OLD_FUNDER = "EU"
BY_PLACE = Cutting((Cut.RSP, Cut.DISTRICT))
BY_FUNDER = Cutting((Cut.FUNDER,))
Report = Callable[..., dict[str, Any]]


@pytest.fixture
def book(databases: Databases) -> Book:
    """A book with two loans, in a network that has another RSP and another district for it to go to."""
    book = a_funded_book(databases, 100_000, on=JANUARY)
    book.lends(12_000, on=JANUARY)
    book.lends(6_000, on=MAY, member="Marvi")
    create_rsp(databases, Rsp(str(uuid4()), NEW_RSP, "Sindh Rural Support Organisation"))
    create_area(databases, Area(str(uuid4()), AreaKind.PROVINCE, "SINDH", "Sindh"))
    create_area(databases, Area(str(uuid4()), AreaKind.DISTRICT, NEW_DISTRICT, "Jamshoro", "SINDH"))
    return book


def place_of(book: Book) -> dict[str, str]:
    """Return the codes of the LSO, of its RSP and of its district today."""
    lso, rsp, district = TABLES["lso"], TABLES["rsp"], TABLES["area"]
    joined = lso.join(rsp, rsp.c.id == lso.c.rsp_id).join(district, district.c.id == lso.c.district_id)
    question = sa.select(lso.c.code.label("lso"), rsp.c.code.label("rsp"), district.c.code.label("district"))
    with book.databases.reading() as connection:
        (row,) = connection.execute(question.select_from(joined).where(lso.c.id == book.lso_id)).mappings()
        return dict(row)


def under(book: Book, rsp: str) -> Within:
    """Return the LSOs under the RSP of a code."""
    table = TABLES["rsp"]
    with book.databases.reading() as connection:
        return Within(rsp_id=connection.execute(sa.select(table.c.id).where(table.c.code == rsp)).scalar_one())


def saying(effective_on: date, at: date = JUNE) -> Saying:
    return Saying(to_micros(datetime.combine(at, time(), UTC)), "the office", JUNE, effective_on)


def moves(book: Book, on: date, version: int = 1) -> None:
    changes = {"rsp": NEW_RSP, "district": NEW_DISTRICT}
    change_lso(book.databases, place_of(book)["lso"], changes, version, saying(effective_on=on))


def known_at(answered: dict[str, Any]) -> int:
    return to_micros(datetime.fromisoformat(answered["known_at"]))


def asked(book: Book, report: Report, within: Within, cutting: Cutting, known_at: int | None = None) -> dict[str, Any]:
    return report(book.databases, Question(within, cutting, known_at))


def reports(book: Book, as_of: date) -> list[Report]:
    """Return reports that cut or narrow by where the LSO is and whose the fund is, over each kind of scope."""
    place = place_of(book)
    narrowed = Cutting((Cut.LSO,), only=((Cut.DISTRICT, (place["district"],)), (Cut.FUNDER, (OLD_FUNDER,))))
    scopes = (Within((book.lso_id,)), under(book, place["rsp"]), Within())
    return [
        *(
            partial(asked, book, partial(report, as_of=as_of), scope, cutting)
            for report in (portfolio_report, maturity_report, provisioning_report)
            for scope in scopes
            for cutting in (BY_PLACE, BY_FUNDER, narrowed)
        ),
        partial(fund_position_report, book.databases, book.lso_id, FUND, as_of),
    ]


def keys(report: dict[str, Any]) -> list[dict[str, str]]:
    return [row["key"] for row in report["rows"]]


@pytest.mark.parametrize("as_of", [MARCH, MAY, JUNE])
def test_reports_given_before_a_move_are_given_again_byte_for_byte(book: Book, as_of: date) -> None:
    answered = [(report, report()) for report in reports(book, as_of)]
    moves(book, on=MARCH)
    change_fund(
        book.databases,
        book.lso_id,
        FUND,
        {"funder": NEW_FUNDER, "reserve_floor_minor": 9_000_00},
        1,
        saying(effective_on=MARCH),
    )
    for report, before in answered:
        assert orjson.dumps(report(known_at=known_at(before))) == orjson.dumps(before), report
    assert any(report() != before for report, before in answered)


def test_reports_given_between_two_changes_are_given_again_byte_for_byte(book: Book) -> None:
    """The changes are said while the clock stands still: what is recorded next is known later all the same."""
    moves(book, on=MARCH)
    answered = [(report, report()) for report in reports(book, JUNE)]
    change_fund(book.databases, book.lso_id, FUND, {"reserve_floor_minor": 700_00}, 1, saying(effective_on=JANUARY))
    answered += [(report, report()) for report in reports(book, JUNE)]
    book.repays(book.rows("loan")[0]["number"], 500, on=JUNE)
    answered += [(report, report()) for report in reports(book, JUNE)]
    change_lso(book.databases, place_of(book)["lso"], {"district": NEW_DISTRICT}, 2, saying(effective_on=JANUARY))
    for report, before in answered:
        assert orjson.dumps(report(known_at=known_at(before))) == orjson.dumps(before), report


def test_a_fact_after_a_change_is_known_later_though_the_clock_went_back(book: Book) -> None:
    last = max(row["recorded_at"] for row in book.rows("event"))
    late = Saying(last + 10**15, "the office", JUNE, MARCH)
    change_fund(book.databases, book.lso_id, FUND, {"funder": NEW_FUNDER}, 1, late)
    (version,) = book.rows("fund_version")[1:]
    book.repays(book.rows("loan")[0]["number"], 500, on=JUNE)
    assert book.rows("event")[-1]["recorded_at"] > version["recorded_at"] > last


def test_a_portfolio_is_cut_by_where_the_lso_was_on_the_day(book: Book) -> None:
    old = {name: code for name, code in place_of(book).items() if name != "lso"}
    moves(book, on=MARCH)
    own = Within((book.lso_id,))
    for as_of, place in (
        (MARCH - timedelta(days=1), old),
        (MARCH, {"rsp": NEW_RSP, "district": NEW_DISTRICT}),
    ):
        assert keys(asked(book, partial(portfolio_report, as_of=as_of), own, BY_PLACE)) == [place]


def test_an_rsp_reports_on_whom_it_had_on_the_day(book: Book) -> None:
    left, came = under(book, place_of(book)["rsp"]), under(book, NEW_RSP)
    before = asked(book, partial(portfolio_report, as_of=JUNE), left, BY_PLACE)
    moves(book, on=MARCH)

    def loans(of_rsp: Within, as_of: date, known_at: int | None = None) -> int:
        report = asked(book, partial(portfolio_report, as_of=as_of), of_rsp, Cutting(), known_at)
        return int(report["total"]["loans"])

    last_day = MARCH - timedelta(days=1)
    assert (loans(left, last_day), loans(came, last_day)) == (1, 0)
    assert (loans(left, MARCH), loans(came, MARCH)) == (0, 1)
    assert (loans(left, JUNE), loans(came, JUNE)) == (0, 2)
    assert (loans(left, JUNE, known_at(before)), loans(came, JUNE, known_at(before))) == (2, 0)


@pytest.mark.parametrize("cutting", [Cutting(), BY_PLACE, BY_FUNDER])
def test_each_point_of_a_series_is_the_report_of_its_day(book: Book, cutting: Cutting) -> None:
    place = place_of(book)
    old, new = under(book, place["rsp"]), under(book, NEW_RSP)
    moves(book, on=MARCH)
    change_lso(book.databases, place["lso"], {"rsp": place["rsp"]}, 2, saying(effective_on=MAY))
    change_lso(book.databases, place["lso"], {"district": place["district"]}, 3, saying(effective_on=MARCH))
    change_fund(book.databases, book.lso_id, FUND, {"funder": NEW_FUNDER}, 1, saying(effective_on=MARCH))
    days = [JANUARY, MARCH - timedelta(days=1), MARCH, MAY - timedelta(days=1), MAY, JUNE]
    for within in (old, new, Within((book.lso_id,)), Within()):
        series = asked(book, partial(series_report, days=days), within, cutting)
        for place_in_series, day in enumerate(days):
            report = asked(book, partial(portfolio_report, as_of=day), within, cutting)
            amount = report["total"]["gross_portfolio"]["amount"]
            point = series["total"]["points"][place_in_series]
            assert (point["as_of"], point["gross_portfolio"]["amount"]) == (day.isoformat(), amount), within
            rows = {
                tuple(row["key"].values()): row["points"][place_in_series]["gross_portfolio"]["amount"]
                for row in series["rows"]
            }
            expected = {tuple(row["key"].values()): row["gross_portfolio"]["amount"] for row in report["rows"]}
            assert {key: amount for key, amount in rows.items() if amount != "0.00"} == expected, (within, day)


def test_the_funder_and_the_reserve_are_those_of_the_day(book: Book) -> None:
    change_fund(
        book.databases,
        book.lso_id,
        FUND,
        {"funder": NEW_FUNDER, "reserve_floor_minor": 9_000_00},
        1,
        saying(effective_on=MARCH),
    )
    own = Within((book.lso_id,))
    for as_of, funder, reserve in ((MARCH - timedelta(days=1), OLD_FUNDER, "0.00"), (MARCH, NEW_FUNDER, "9000.00")):
        assert keys(asked(book, partial(portfolio_report, as_of=as_of), own, BY_FUNDER)) == [{"funder": funder}]
        position = fund_position_report(book.databases, book.lso_id, FUND, as_of)
        assert position["available"]["reserve_floor"] == reserve


def test_a_co_that_goes_to_another_vo_takes_no_loan_along(book: Book) -> None:
    """A loan is cut by the CO and the VO it was made under."""
    by_vo = Cutting((Cut.VO, Cut.CO))
    question = partial(asked, book, partial(portfolio_report, as_of=JUNE), Within((book.lso_id,)), by_vo)
    before, loans = question(), book.rows("loan")
    create_institution(book.databases, book.lso_id, vo("VO-2"))
    moved = change_institution(book.databases, book.lso_id, InstitutionKind.CO, "CO-1", {"vo": "VO-2"}, 1)
    assert moved["vo"] == "VO-2"
    assert book.rows("loan") == loans
    assert orjson.dumps(question()) == orjson.dumps(before)
