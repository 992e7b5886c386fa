"""The lots of a fund: every note where a tally by hand says it is; what entered is somewhere; in any order the same.

The tally (`tests.truth.lots_tally`) moves the money of a fund note by note and knows nothing of the engine's lots.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from itertools import product
from typing import Any

import orjson
from hypothesis import given, note
from hypothesis import strategies as st

from cif_engine.fund.flows import Flows
from cif_engine.fund.lots import Ending, Lots, Stay, fold
from cif_engine.fund.pieces import Source, SourceKind
from cif_engine.fund.turns import by_source
from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import CASH_ROLES, Role
from cif_engine.ledger.payloads import read_payload
from cif_engine.loans.terms import LoanTerms
from cif_engine.operations.lots import LotsAsked, RupeesAsked, lineage_report, lots_of, lots_report, rupees_report
from cif_engine.operations.reporting import open_book
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.flows import flows_of_fund
from cif_engine.persistence.standings import Within, find_known
from tests.books import FUND, TODAY, Book, a_book
from tests.fund_lives import BEGINNING, PRODUCTS, FundLife, Said, fund_lives, in_another_order, said, tell
from tests.laws.settings import some_histories
from tests.laws.test_the_past_stays import known_at
from tests.oracle.loan import Told
from tests.truth import lots_tally
from tests.truth.lots_stories import NOTE_MINOR, POOR_PRODUCTS, Story, stories, told
from tests.truth.lots_tally import CASH, LOAN, ShortInTheDayError, Turn, Visit, days_of, tallies

DAY = timedelta(days=1)
Place = tuple[str, str, int, date]
"""Where a note lies: the place, the loan it is in or was lost with, its turn, since when."""
Ways = dict[tuple[str, int], tuple[Place, list[Visit]]]
"""Of each note, by its source and number there: where it lies, and the loans it was in."""


@some_histories(7)
@given(stories(most_loans=12, most_acts=60), st.randoms(use_true_random=False))
def test_every_note_is_where_the_tally_says(shared_databases: Databases, story: Story, order: random.Random) -> None:
    """In the book told by day, and in one told in another order, also as it was known at moments in between."""
    note(str(story))
    book, other = told_twice(shared_databases, told(story), order)
    moments = sorted(row["recorded_at"] for row in other.rows("event"))
    compare_with_tally(book, None, order)
    for moment in (None, *order.sample(moments, min(2, len(moments)))):
        compare_with_tally(other, moment, order)


@some_histories(8)
@given(fund_lives(most_loans=5, most_acts=25, least_loans=2, least_acts=10), st.randoms(use_true_random=False))
def test_lots_sum_to_what_there_is_in_whatever_order_it_was_recorded(
    shared_databases: Databases, history: FundLife, order: random.Random
) -> None:
    """Of loans of every kind, with all that may happen to them."""
    note(str(history))
    products = {loan.product: PRODUCTS[loan.product] for loan in history.loans}
    book, other = told_twice(shared_databases, said(history), order, products)
    flows = flows_of(book)
    assert flows_of(other) == flows
    for day in sorted({row["effective_on"] for row in book.rows("event")}):
        assert_nothing_is_missing(book, fold(flows, day))
    positions = book.rows("loan_position")
    lent = sum(row["outstanding_minor"] + row["principal_paid_minor"] + row["written_off_minor"] for row in positions)
    assert sum(source.disbursed_minor for source in by_source(fold(flows, TODAY))) == lent


@some_histories(6)
@given(fund_lives(most_loans=5, most_acts=30, least_loans=2, least_acts=15), st.randoms(use_true_random=False))
def test_what_flowed_is_known_for_ever_as_it_was_known(
    shared_databases: Databases, history: FundLife, order: random.Random
) -> None:
    """Law 7 for what lots are made of: of loans of every kind, half of whose papers come later."""
    note(str(history))
    requests = in_another_order(said(history), order)
    book = a_book(shared_databases, products={loan.product: PRODUCTS[loan.product] for loan in history.loans})
    accepted = {request.command.id for request in tell(book, requests[: len(requests) // 2])}
    flows, moment = flows_of(book), book.request().at

    tell(book, [request for request in requests if request.command.id not in accepted])

    assert flows_of(book, known_at=moment) == flows


def assert_nothing_is_missing(book: Book, lots: Lots) -> None:
    """Compare sums of lots with the ledger of the day, with what entered, and with each other."""
    held = book.balances(lots.as_of)
    roles = {row["code"]: row["role"] for row in book.rows("account")}
    cash = sum(amount for code, amount in held.items() if roles[code] in CASH_ROLES)
    principal = sum(amount for code, amount in held.items() if roles[code] == Role.LOANS_OUTSTANDING)
    sources = by_source(lots)
    assert lots.total_minor == cash + principal
    assert sum(source.in_cash_minor for source in sources) == cash
    assert sum(source.in_loans_minor for source in sources) == principal
    for source in sources:
        there = (source.in_cash_minor, source.in_loans_minor, source.lost_minor, source.returned_minor)
        assert source.entered_minor == sum(there), source
        assert min(there) >= 0, source
        for number, turn in source.turns.items():
            assert turn.disbursed_minor == turn.in_loans_minor + turn.repaid_minor + turn.written_off_minor, source
            came_in = source.turns[number - 1].repaid_minor if number > 1 else source.entered_minor
            assert turn.waited_minor == came_in, source
    assert_each_rupee_is_told_once(lots)


def assert_each_rupee_is_told_once(lots: Lots) -> None:
    """The stays that go on or ended for good cover each source from its first rupee to its last."""
    for source, entered in lots.entered.items():
        last = sorted((stay.start, stay.end) for stay in lots.stays if stay.source == source and stay.ending in AT_REST)
        edges = [0, *(end for _, end in last)]
        assert [start for start, _ in last] == edges[:-1], source
        assert edges[-1] == entered, source


AT_REST = (None, Ending.WRITTEN_OFF, Ending.SPENT, Ending.RETURNED)


@some_histories(5)
@given(stories(most_loans=8, most_acts=40), st.randoms(use_true_random=False))
def test_what_was_answered_about_lots_is_answered_for_ever(
    shared_databases: Databases, story: Story, order: random.Random
) -> None:
    """Law 7: lots, lineages and ways of rupees, asked while papers are missing; then for that day and moment again."""
    requests = in_another_order(told(story), order)
    book = a_book(shared_databases, products=POOR_PRODUCTS)
    accepted = tell(book, requests[: len(requests) * 2 // 3])
    days = sorted({row["effective_on"] for row in book.rows("event")})
    asked = [LotsAsked(book.lso_id, day) for day in (*order.sample(days, min(3, len(days))), TODAY)]
    answered = [(one, report, report(one)) for one in asked for report in reports(book, one.as_of)]

    waiting = {request.command.id for request in requests} - {request.command.id for request in accepted}
    tell(book, [request for request in requests if request.command.id in waiting])

    for one, report, answer in answered:
        again = replace(one, known_at=known_at(answer))
        assert orjson.dumps(report(again)) == orjson.dumps(answer)


def reports(book: Book, day: date) -> list[Callable[[LotsAsked], dict[str, Any]]]:
    """Return all that is asked about lots of a day, of the loans and tranches that there were."""
    lent = [
        row["loan_id"]
        for row in book.rows("event")
        if row["kind"] == Kind.LOAN_DISBURSED and row["effective_on"] <= day
    ]
    tranches = [source.number for source in fold(flows_of(book), day).entered if source.number]
    return [
        partial(lots_report, book.databases, fund=FUND),
        *(partial(lineage_report, book.databases, loan=loan) for loan in sorted(set(lent))),
        *(partial(rupees_report, book.databases, fund=FUND, rupees=RupeesAsked(number)) for number in tranches),
    ]


@some_histories(3)
@given(stories(most_loans=8, most_acts=40), st.randoms(use_true_random=False))
def test_kept_lots_are_those_computed_cold(shared_databases: Databases, story: Story, order: random.Random) -> None:
    """Asked as facts come in, of days and moments before and after; what is kept is found and was never other."""
    requests = in_another_order(told(story), order)
    book = a_book(shared_databases, products=POOR_PRODUCTS)
    days = sorted({BEGINNING + 7 * DAY * order.randrange(60) for _ in range(4)} | {TODAY})
    moments: list[int | None] = [None]
    for part in range(4):
        tell(book, requests[part::4])
        moments.append(book.request().at)
        for day, moment in product(days, moments):
            with book.databases.reading(book.lso_id) as connection:
                opened = open_book(connection, book.lso_id, moment)
                known = find_known(connection, Within((book.lso_id,)), moment)
                first, again = (lots_of(connection, opened, book.fund_id, day, known) for _ in range(2))
                assert again is first
                assert first == fold(flows_of_fund(connection, book.lso_id, book.fund_id, day, known), day)


def told_twice(
    databases: Databases,
    requests: list[Said],
    order: random.Random,
    products: Mapping[str, LoanTerms] = POOR_PRODUCTS,
) -> tuple[Book, Book]:
    """Record requests by their days; then, in another book, what was accepted, in another order.

    What the other order cannot accept at all is left out of both.
    """

    def tell_anew(requests: list[Said]) -> tuple[list[Said], Book]:
        book = a_book(databases, products=products)
        return tell(book, requests), book

    facts, book = tell_anew(requests)
    while True:
        in_other, other = tell_anew(in_another_order(facts, order))
        if len(in_other) == len(facts):
            return book, other
        accepted = {request.command.id for request in in_other}
        facts, book = tell_anew([request for request in facts if request.command.id in accepted])


def compare_with_tally(book: Book, moment: int | None, chance: random.Random) -> None:
    """Compare the lots of a book with a tally of its facts, as known at a moment: on the last day and some others."""
    flows, facts = flows_of(book, known_at=moment), facts_of(book, moment)
    days = [day.on for day in days_of(FUND, facts)]
    asked = {*days[-1:], *chance.sample(days, min(4, len(days)))}
    with suppress(ShortInTheDayError):
        for day, notes in tallies(FUND, facts, NOTE_MINOR):
            if day in asked:
                lots = fold(flows, day)
                assert ways(lots) == tallied_ways(notes), day
                assert turns(lots) == lots_tally.by_turn(notes), day
                report = lots_report(book.databases, LotsAsked(book.lso_id, day, moment), FUND)
                assert reached(report) == tallied_reach(book, notes), day


def flows_of(book: Book, as_of: date = TODAY, known_at: int | None = None) -> Flows:
    with book.databases.reading(book.lso_id) as connection:
        known = find_known(connection, Within((book.lso_id,)), known_at)
        return flows_of_fund(connection, book.lso_id, book.fund_id, as_of, known)


def facts_of(book: Book, moment: int | None) -> list[Told]:
    """Return what was recorded up to a moment."""
    return [
        Told(row["id"], row["kind"], row["effective_on"], read_payload(row["payload"]), row["loan_id"])
        for row in book.rows("event")
        if moment is None or row["recorded_at"] <= moment
    ]


# The engine's lots as the tally says them ----------------------------------------------------------------------


def source_name(source: Source) -> str:
    names = {
        SourceKind.TRANCHE: lots_tally.tranche(source.number),
        SourceKind.CONTRIBUTIONS: lots_tally.CONTRIBUTIONS,
        SourceKind.SURPLUS: lots_tally.SURPLUS,
        SourceKind.CREDIT: lots_tally.CREDIT,
    }
    return names[source.kind]


def ways(lots: Lots) -> Ways:
    """Return where each note lies by the lots, and the loans it was in."""
    stays: defaultdict[tuple[str, int], list[Stay]] = defaultdict(list)
    for stay in lots.stays:
        if stay.ending is not Ending.TAKEN_OVER:
            for number in _numbers(stay):
                stays[source_name(stay.source), number].append(stay)
    return {note: _way(of_note) for note, of_note in stays.items()}


def _numbers(stay: Stay) -> Iterator[int]:
    for edge in (stay.start, stay.end):
        assert edge % NOTE_MINOR == 0, stay
    yield from range(stay.start // NOTE_MINOR, stay.end // NOTE_MINOR)


def _way(stays: list[Stay]) -> tuple[Place, list[Visit]]:
    (last,) = (stay for stay in stays if stay.ending not in (Ending.LENT, Ending.REPAID))
    where = last.ending.value if last.ending else LOAN if last.loan_id else CASH
    visits = [
        Visit(stay.loan_id, stay.turn, stay.since, stay.until, stay.ending.value if stay.ending else "")
        for stay in stays
        if stay.loan_id is not None
    ]
    since = last.since if last.until is None else last.until
    return (where, last.loan_id or "", last.turn, since), sorted(visits, key=lambda visit: visit.turn)


def tallied_ways(notes: lots_tally.Fund) -> Ways:
    return {
        (note.source, note.number): ((note.where, note.loan, note.turn, note.since), note.visits)
        for note in notes.all_notes()
    }


def turns(lots: Lots) -> dict[tuple[str, int], Turn]:
    """Return what each turn of each source did, in notes."""
    return {
        (source_name(source.source), number): Turn(
            cash=turn.in_cash_minor // NOTE_MINOR,
            disbursed=turn.disbursed_minor // NOTE_MINOR,
            loan=turn.in_loans_minor // NOTE_MINOR,
            repaid=turn.repaid_minor // NOTE_MINOR,
            written_off=turn.written_off_minor // NOTE_MINOR,
            spent=turn.spent_minor // NOTE_MINOR,
            returned=turn.returned_minor // NOTE_MINOR,
            waited=turn.waited_minor // NOTE_MINOR,
            days=turn.minor_days // NOTE_MINOR,
            loans=turn.loans,
        )
        for source in by_source(lots)
        for number, turn in source.turns.items()
    }


def reached(report: dict[str, Any]) -> list[tuple[int, int, int, int]]:
    """Return of each turn of all sources its loans, households, and those that no turn before it reached."""
    return [(one["turn"], one["loans"], one["households"], one["households_new"]) for one in report["turns"]]


def tallied_reach(book: Book, notes: lots_tally.Fund) -> list[tuple[int, int, int, int]]:
    household_of = {row["id"]: row["household_id"] for row in book.rows("loan")}
    loans: defaultdict[int, set[str]] = defaultdict(set)
    for (_, number), turn in lots_tally.by_turn(notes).items():
        loans[number] |= turn.loans
    found, before = [], set[str]()
    for number in sorted(loans):
        households = {household_of[loan] for loan in loans[number]}
        found.append((number, len(loans[number]), len(households), len(households - before)))
        before |= households
    return found
