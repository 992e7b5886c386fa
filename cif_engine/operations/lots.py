"""Where the rupees of a fund are, by tranche and turn; which of them a loan is made of; the way each of them went."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import groupby, islice
from typing import Final

import sqlalchemy as sa

from cif_engine.errors import NotFoundError
from cif_engine.fund.lots import Lots, Stay, fold
from cif_engine.fund.pieces import Source, SourceKind
from cif_engine.fund.turns import Path, Turn, by_source, by_turn, draws_of, paths
from cif_engine.money import PKR, format_amount
from cif_engine.operations.fund_reports import fund_books
from cif_engine.operations.kept import FundKey, Kept
from cif_engine.operations.lot_views import source_turns_view, source_view, turns_together
from cif_engine.operations.reporting import moments_view, open_book, open_fund, unknown_then
from cif_engine.operations.views import View
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.flows import flows_of_fund, households_of_loans
from cif_engine.persistence.fund_reports import lent_by_fund
from cif_engine.persistence.ledger_reports import KnownBook, account_sums, chain_hash
from cif_engine.persistence.loan_reports import loan_codes, loan_events, loan_numbers
from cif_engine.persistence.standings import Known, Within, find_known

MOST_STAYS: Final = 400_000
"""How many stays are kept in all: 100 MB or so. A fund with 5,000 events has 20,000."""
KEPT: Final = Kept[Lots](MOST_STAYS, lambda lots: len(lots.stays))


@dataclass(frozen=True, slots=True)
class LotsAsked:
    """Whose lots, up to which day, as known at which moment (None: now)."""

    lso_id: str
    as_of: date
    known_at: int | None = None


@dataclass(frozen=True, slots=True)
class RupeesAsked:
    """Which rupees of a tranche: those after the first `start`, up to `end` (None: all); at most `limit` ways."""

    tranche: int
    start: int = 0
    end: int | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class _Opened:
    """A fund's lots, and the book they were read from."""

    connection: sa.Connection
    book: KnownBook
    known: Known
    fund: str
    fund_id: str
    lots: Lots


def lots_report(databases: Databases, asked: LotsAsked, fund: str) -> View:
    """Return where the rupees of each source are, by turn, and what each turn did; raises NotFoundError.

    Beside the lots stand the cash that the ledger tells and the principal that the loans tell: the two sums are found
    in different ways and must be equal.
    """
    with _opened(databases, asked, fund) as opened:
        connection, lots = opened.connection, opened.lots
        households = households_of_loans(connection, asked.lso_id, opened.fund_id, opened.known)
        books = fund_books(account_sums(connection, opened.book, asked.as_of, opened.fund_id))
        lent = lent_by_fund(connection, asked.lso_id, opened.fund_id, asked.as_of, opened.known)
    cash_minor = books.cash_in_hand_minor + books.bank_minor + books.in_transit_minor
    sources = by_source(lots)
    return {
        **_head(opened, asked),
        "definition": "lots",
        "amount": format_amount(lots.total_minor),
        "cash": format_amount(cash_minor),
        "outstanding_principal": format_amount(lent.outstanding_minor),
        "holds": lots.total_minor == cash_minor + lent.outstanding_minor,
        "sources": [{**source_view(source.source), **source_turns_view(source, households)} for source in sources],
        "turns": list(turns_together(by_turn(sources), households)),
    }


def lineage_report(databases: Databases, asked: LotsAsked, loan: str) -> View:
    """Return which rupees a loan was made of: of which source and turn, and what became of them.

    `loan` is its number or id; raises NotFoundError.
    """
    with databases.reading(asked.lso_id) as connection:
        codes = loan_codes(connection, asked.lso_id, loan)
    if codes is None:
        raise NotFoundError(f"No loan {loan} in this book.")
    with _opened(databases, asked, codes.fund) as opened:
        if not loan_events(opened.connection, opened.book, (codes.id,), asked.as_of):
            raise unknown_then(codes.number, asked.as_of)
        draws = draws_of(opened.lots, codes.id)
    return {
        **_head(opened, asked),
        "loan": codes.number,
        "made_of": [_made_of_view(source, turn, stays) for (source, turn), stays in _by_source_and_turn(draws)],
        "rupees": [{**source_view(stay.source), **_rupees_view(stay), **_stay_view(stay)} for stay in draws],
    }


def rupees_report(databases: Databases, asked: LotsAsked, fund: str, rupees: RupeesAsked) -> View:
    """Return the ways that rupees of a tranche went: cash and loans in turn. Raises NotFoundError.

    Rupees are counted as they came in: those from 0 up to 1000 are the first thousand of the tranche.
    """
    source = Source(SourceKind.TRANCHE, rupees.tranche)
    with _opened(databases, asked, fund) as opened:
        entered = opened.lots.entered.get(source)
        if entered is None:
            raise NotFoundError(f"The fund {opened.fund} had received no tranche {rupees.tranche} by {asked.as_of}.")
        end = entered if rupees.end is None else min(rupees.end, entered)
        found = list(islice(paths(opened.lots, source, rupees.start, end), rupees.limit + 1))
        shown = found[: rupees.limit]
        lent_to = {stay.loan_id for path in shown for stay in path.stays if stay.loan_id}
        numbers = loan_numbers(opened.connection, asked.lso_id, sorted(lent_to))
    return {
        **_head(opened, asked),
        "tranche": rupees.tranche,
        "received": format_amount(entered),
        "items": [_path_view(path, numbers) for path in shown],
        "next": format_amount(found[rupees.limit].start) if len(found) > rupees.limit else None,
    }


@contextmanager
def _opened(databases: Databases, asked: LotsAsked, fund: str) -> Iterator[_Opened]:
    with databases.reading(asked.lso_id) as connection:
        book = open_book(connection, asked.lso_id, asked.known_at)
        file = open_fund(connection, asked.lso_id, fund)
        known = find_known(connection, Within((asked.lso_id,)), asked.known_at)
        lots = lots_of(connection, book, file.id, asked.as_of, known)
        yield _Opened(connection, book, known, file.code, file.id, lots)


def lots_of(connection: sa.Connection, book: KnownBook, fund_id: str, as_of: date, known: Known) -> Lots:
    """Return the lots of a fund up to a day, kept ones where the book has not grown since."""
    key = fund_key(connection, book, fund_id, as_of)
    return KEPT.find(key, lambda: folded(connection, key, known))


def fund_key(connection: sa.Connection, book: KnownBook, fund_id: str, as_of: date) -> FundKey:
    """Return what everything computed of a fund is kept by."""
    return FundKey(book.lso_id, chain_hash(connection, book), fund_id, as_of)


def folded(connection: sa.Connection, key: FundKey, known: Known) -> Lots:
    """Return the lots of a fund, computed; `known` is what was known of its book at the head of the key."""
    return fold(flows_of_fund(connection, key.lso_id, key.fund_id, key.as_of, known), key.as_of)


# How it is told ------------------------------------------------------------------------------------------------


def _head(opened: _Opened, asked: LotsAsked) -> View:
    return {
        "lso": opened.book.lso_code,
        "fund": opened.fund,
        **moments_view(asked.as_of, opened.known.at),
        "currency": PKR.code,
    }


def _by_source_and_turn(draws: Iterable[Stay]) -> Iterator[tuple[tuple[Source, int], list[Stay]]]:
    def place(stay: Stay) -> tuple[Source, int]:
        return stay.source, stay.turn

    return ((key, list(stays)) for key, stays in groupby(sorted(draws, key=place), key=place))


def _made_of_view(source: Source, number: int, stays: list[Stay]) -> View:
    """Return what a loan has of one source and turn; money whose place was taken over is of others now."""
    turn = Turn()
    for stay in stays:
        turn.count(stay, stay.since)
    return {
        **source_view(source),
        "turn": number,
        "amount": format_amount(turn.disbursed_minor),
        "in_loans": format_amount(turn.in_loans_minor),
        "repaid": format_amount(turn.repaid_minor),
        "written_off": format_amount(turn.written_off_minor),
        "taken_over": format_amount(sum(stay.amount_minor for stay in stays) - turn.disbursed_minor),
    }


def _rupees_view(rupees: Stay | Path) -> View:
    return {
        "from": format_amount(rupees.start),
        "to": format_amount(rupees.end),
        "amount": format_amount(rupees.end - rupees.start),
    }


def _path_view(path: Path, numbers: Mapping[str, str]) -> View:
    stays = [
        {"place": "loan" if stay.loan_id else "cash", "loan": numbers.get(stay.loan_id or ""), **_stay_view(stay)}
        for stay in path.stays
    ]
    return {**_rupees_view(path), "stays": stays}


def _stay_view(stay: Stay) -> View:
    return {
        "turn": stay.turn,
        "since": stay.since.isoformat(),
        "until": stay.until.isoformat() if stay.until else None,
        "ending": stay.ending.value if stay.ending else None,
    }
