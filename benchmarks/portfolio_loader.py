"""Loading a portfolio: LSOs by the thousand, each with a book whose loans live the stories of `portfolio_stories`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from operator import itemgetter
from random import Random
from typing import Any, Final

from benchmarks.books import FUND, LOAN, LSO, lso_code, number_id
from benchmarks.portfolio_presses import Names, Press, print_rows
from benchmarks.portfolio_stories import (
    BANK,
    MARKS,
    MOMENTS_OF_STORY,
    PRODUCT_IDS,
    PRODUCTS,
    RESOLVED,
    STORIES,
    TERMS,
    Lending,
    Story,
    StoryEvent,
    make_stories,
    moment_on,
)
from cif_engine.bookings import book_allowance, book_money_in
from cif_engine.dates import EARLIEST_DAY
from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import Role, account_code, opening_chart, part_account
from cif_engine.ledger.chain import encode, event_hash, genesis
from cif_engine.ledger.events import Fact
from cif_engine.ledger.payloads import write_payload
from cif_engine.ledger.postings import Posting, balances

LOANS_OF_LSO: Final = 500
LSOS_AT_ONCE: Final = 8
"""So many books are printed before they are saved."""

RSPS, PROVINCES, DISTRICTS, TEHSILS = 8, 4, 100, 400
VOS, COS = 10, 50
MEMBER, HOUSEHOLD, CO, VO, EVENT, OF_LSO, PLACE = 11, 12, 13, 14, 15, 16, 17
"""Spaces of ids."""

OPENED_ON: Final = date(2021, 1, 1)
TRANCHES: Final = ((OPENED_ON, 2_000_000_000), (date(2024, 1, 1), 500_000_000))
FIRST_VERSION: Final = {"number": 1, "valid_from": EARLIEST_DAY, "recorded_at": 0}
PROVISION_MINOR: Final = 100_000_000
"""Set aside in the beginning, more than an LSO ever writes off."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a portfolio is."""

    lsos: int
    loans_of_lso: int = LOANS_OF_LSO
    told_every: int = 1
    """The first of so many LSOs has its events and postings; of the others, what loans are is all that is written."""

    rsps: int = RSPS

    @classmethod
    def of(cls, loans: int, loans_of_lso: int, told_every: int = 1) -> Size:
        """Return the size of about so many loans."""
        return cls(max(loans // loans_of_lso, 1), loans_of_lso, told_every)

    @property
    def loans(self) -> int:
        """All loans."""
        return self.lsos * self.loans_of_lso


def load_portfolio(press: Press, size: Size, lending: Lending, seed: int = 1) -> None:
    """Print and save a portfolio, the same for the same seed, into a database that is empty otherwise."""
    stories = make_stories(lending, seed)
    ready = cache(lambda at: _Printing.of(press, stories[at]))
    opening = _Opening.of(press)
    random = Random(seed)
    _print_places(press, size.rsps)
    for number in range(size.lsos):
        lived = sorted(random.sample(range(len(stories)), size.loans_of_lso))
        book = _BookPrinter(press, number, opening, [ready(at) for at in lived], number % size.rsps)
        book.print(told=number % size.told_every == 0)
        if number % LSOS_AT_ONCE == LSOS_AT_ONCE - 1:
            press.save()
    press.save()
    press.close()


def _print_places(press: Press, rsps_there: int) -> None:
    rsps = [{"id": rsp_id(at), "code": f"RSP{at}", "name": f"RSP {at}", "version": 1} for at in range(rsps_there)]
    print_rows(press, "rsp", rsps)
    above: tuple[str, int] | None = None
    for kind, count in (("province", PROVINCES), ("district", DISTRICTS), ("tehsil", TEHSILS)):
        print_rows(press, "area", [_area(kind, at, above and _place(above[0], at % above[1])) for at in range(count)])
        above = (kind, count)


def _area(kind: str, number: int, parent_id: str | None) -> dict[str, Any]:
    code = f"{kind[0].upper()}{number}"
    return {"id": _place(kind, number), "kind": kind, "code": code, "name": f"{kind} {number}", "parent_id": parent_id}


def rsp_id(number: int) -> str:
    """Return the id of an RSP."""
    return _place("rsp", number)


def _place(kind: str, number: int) -> str:
    return number_id(PLACE, ("rsp", "province", "district", "tehsil", "union_council").index(kind) * 10_000 + number)


# Stories made ready for a press ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _EventPrinting:
    """An event of a story made ready: its payload, its encoding in the chain, and its rows, each to be filled in."""

    recorded_at: int
    payload: str
    encoding: bytes
    event: Any
    postings: Any

    @classmethod
    def of(cls, press: Press, event: StoryEvent, loan_id: str | None) -> _EventPrinting:
        fact = Fact(MARKS["event_id"], event.kind, event.effective_on, MARKS["payload"], MARKS["fund_id"], loan_id)
        said = encode(MARKS["lso_id"], MARKS["seq"], event.recorded_at, event.actor, None, fact, event.postings)
        row = {
            **{name: MARKS[name] for name in ("lso_id", "seq", "fund_id", "payload", "prev_hash", "hash")},
            "id": MARKS["event_id"],
            "kind": event.kind.value,
            "effective_on": event.effective_on,
            "recorded_at": event.recorded_at,
            "actor": event.actor,
            "loan_id": loan_id,
        }
        postings = [
            {
                "lso_id": MARKS["lso_id"],
                "event_seq": MARKS["seq"],
                "line": line,
                "effective_on": posting.effective_on,
                "debit": posting.debit,
                "credit": posting.credit,
                "amount_minor": posting.amount_minor,
                "loan_id": posting.loan_id,
            }
            for line, posting in enumerate(event.postings, 1)
        ]
        return cls(
            event.recorded_at,
            _with_places(event.payload),
            _with_places_in_chain(said),
            press.template("event", [row]),
            press.template("posting", postings) if postings else None,
        )


def _with_places(payload: str) -> str:
    """Return a payload with a place to format for each mark."""
    formatted = payload.replace("%", "%%")
    for name, mark in ALL_MARKS.items():
        formatted = formatted.replace(str(mark), f"%({name})s")
    return formatted


def _with_places_in_chain(encoding: bytes) -> bytes:
    """Return the encoding of an event with a place to format for each field that is a mark."""
    formatted = encoding.replace(b"%", b"%%")
    for name in ("lso_id", "seq", "event_id", "fund_id", "loan_id", "payload"):
        formatted = formatted.replace(_chain_field(str(MARKS[name])), f"%({name})b".encode())
    return formatted


def _chain_field(text: str) -> bytes:
    content = text.encode()
    return len(content).to_bytes(4, "big") + content


@dataclass(frozen=True, slots=True)
class _Printing:
    """A story made ready for a press."""

    story: Story
    events: tuple[_EventPrinting, ...]
    rows: dict[str, Any]

    @classmethod
    def of(cls, press: Press, story: Story) -> _Printing:
        rows = {table: press.template(table, of_table) for table, of_table in story.rows.items() if of_table}
        return cls(story, tuple(_EventPrinting.of(press, event, MARKS["loan_id"]) for event in story.events), rows)


# What a book begins with -----------------------------------------------------------------------------------------

_AGREEMENT, _PROVISION = "agreement_signed", "allowance_changed"
_RELEASED, _RECEIVED = ("tranche_1", "tranche_2"), ("received_1", "received_2")
OPENING_MARKS: Final = {
    name: number_id(9, number) for number, name in enumerate((_AGREEMENT, _PROVISION, *_RELEASED, *_RECEIVED), 50)
}
ALL_MARKS: Final = {**MARKS, **OPENING_MARKS}


@dataclass(frozen=True, slots=True)
class _Opening:
    """What every book begins with: a sub-grant in two tranches, and what is set aside for loans that may be lost."""

    events: tuple[tuple[str, _EventPrinting], ...]
    """Each beside the name of its id."""

    rows: dict[str, Any]
    balances: dict[str, int]

    @classmethod
    def of(cls, press: Press) -> _Opening:
        told = dict(_opening_events())
        events = [(name, _EventPrinting.of(press, event, None)) for name, event in told.items()]
        posted = balances(posting for event in told.values() for posting in event.postings)
        rows = {table: press.template(table, of_table) for table, of_table in _sub_grant_rows().items()}
        return cls(tuple(events), rows, posted)


def _opening_events() -> Iterator[tuple[str, StoryEvent]]:
    amount = sum(amount for _, amount in TRANCHES)
    said: dict[str, Any] = {"agreement": "A", "amount_minor": amount, "note": None}
    yield _AGREEMENT, _event(0, Kind.AGREEMENT_SIGNED, OPENED_ON, said)
    for number, (on, amount_minor) in enumerate(TRANCHES, 1):
        released, received = _RELEASED[number - 1], _RECEIVED[number - 1]
        said = {"number": number, "amount_minor": amount_minor, "note": None}
        of_agreement = {**said, "agreement_id": OPENING_MARKS[_AGREEMENT]}
        yield released, _event(1, Kind.TRANCHE_RELEASED, on, of_agreement)
        of_tranche = {**said, "tranche_id": OPENING_MARKS[released], "held_in": BANK}
        capital = account_code(FUND, Role.TRANCHE_CAPITAL, number)
        yield received, _event(2, Kind.TRANCHE_RECEIVED, on, of_tranche, book_money_in(on, amount_minor, BANK, capital))
    said = {"amount_minor": PROVISION_MINOR, "release": False, **RESOLVED}
    provided = book_allowance(OPENED_ON, PROVISION_MINOR, FUND, release=False)
    yield _PROVISION, _event(3, Kind.ALLOWANCE_CHANGED, OPENED_ON, said, provided)


def _event(nth: int, kind: Kind, on: date, says: dict[str, Any], postings: tuple[Posting, ...] = ()) -> StoryEvent:
    """Return an event of a fund, recorded on its day at a time at which no story has one."""
    recorded_at = moment_on(on) + STORIES * MOMENTS_OF_STORY + nth
    return StoryEvent(recorded_at, "maker", kind, on, write_payload(says), postings)


def _sub_grant_rows() -> dict[str, list[dict[str, Any]]]:
    key = {"lso_id": MARKS["lso_id"], "fund_id": MARKS["fund_id"]}
    agreement_id = OPENING_MARKS[_AGREEMENT]
    amount = sum(amount for _, amount in TRANCHES)
    return {
        "agreement": [{**key, "id": agreement_id, "number": "A", "signed_on": OPENED_ON, "amount_minor": amount}],
        "tranche": [
            {
                **key,
                "id": OPENING_MARKS[_RELEASED[number - 1]],
                "agreement_id": agreement_id,
                "number": number,
                "released_on": on,
                "received_on": on,
                "amount_minor": amount_minor,
            }
            for number, (on, amount_minor) in enumerate(TRANCHES, 1)
        ],
    }


# Books -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Filling:
    """What a loan, or the fund, puts in the place of the marks: as text, as the press takes it, and in the chain."""

    names: dict[str, Any]
    printed: Names
    in_chain: dict[bytes, bytes]

    @classmethod
    def of(cls, press: Press, names: dict[str, Any]) -> _Filling:
        in_chain = {
            name.encode(): _chain_field(names[name]) for name in ("lso_id", "fund_id", "loan_id") if name in names
        }
        return cls(names, press.names(names), in_chain)


_ToRecord = tuple[int, _Filling, _EventPrinting, str | None]
"""The moment of an event, what fills its places, the event, and its id where it has one already."""


class _BookPrinter:
    """Prints one LSO with its book."""

    def __init__(self, press: Press, number: int, opening: _Opening, loans: Sequence[_Printing], rsp: int) -> None:
        self.press = press
        self.number = number
        self.opening = opening
        self.loans = loans
        self.rsp = rsp
        self.members = max(len(loans) * 4 // 5, 1)
        self.households = max(self.members * 9 // 10, 1)
        of_lso = ("fund_id", *PRODUCT_IDS, *OPENING_MARKS)
        own = {name: self._own_id(OF_LSO, at) for at, name in enumerate(of_lso)}
        self.names = {"lso_id": number_id(LSO, number), **own}

    def print(self, *, told: bool) -> None:
        """Print all rows of the LSO; unless it is `told`, without events and postings."""
        self._print_lso()
        self._print_fund()
        self._print_people()
        sums = Counter(self.opening.balances)
        fund = _Filling.of(self.press, self.names)
        self._fill(self.opening.rows, fund)
        events: list[_ToRecord] = [
            (event.recorded_at, fund, event, self.names[name]) for name, event in self.opening.events
        ]
        for index, loan in enumerate(self.loans):
            filling = _Filling.of(self.press, self.names | self._names_of_loan(index, loan.story))
            self._fill(loan.rows, filling)
            events += [(event.recorded_at, filling, event, None) for event in loan.events]
            sums.update(loan.story.balances)
        events.sort(key=itemgetter(0))
        if told:
            self._print_events(events)
        else:
            self._print_head(len(events), events[-1][0], bytes(32))
        self._print_accounts(sums)

    def _fill(self, rows: dict[str, Any], filling: _Filling) -> None:
        for table, template in rows.items():
            self.press.print(table, template, filling.printed)

    def _print_events(self, events: Iterable[_ToRecord]) -> None:
        """Print events in the order of their moments, each sealed with the one before it."""
        press, sealed, head = self.press, genesis(self.names["lso_id"]).hash, (0, 0)
        for seq, (recorded_at, filling, event, named) in enumerate(events, 1):
            event_id, payload = named or self._own_id(EVENT, seq), event.payload % filling.names
            said = event.encoding % {
                **filling.in_chain,
                b"seq": _chain_field(str(seq)),
                b"event_id": _chain_field(event_id),
                b"payload": _chain_field(payload),
            }
            before, sealed = sealed, event_hash(sealed, said)
            own = {"seq": seq, "event_id": event_id, "payload": payload, "prev_hash": before, "hash": sealed}
            printed = {**filling.printed, **press.names(own)}
            press.print("event", event.event, printed)
            if event.postings is not None:
                press.print("posting", event.postings, printed)
            head = (seq, recorded_at)
        self._print_head(*head, sealed)

    def _print_head(self, seq: int, recorded_at: int, sealed: bytes) -> None:
        self._print(
            "book", [{"head_seq": seq, "head_recorded_at": recorded_at, "head_hash": sealed, "versions_recorded_at": 0}]
        )

    def _names_of_loan(self, index: int, story: Story) -> dict[str, Any]:
        """Return what the loan at a place in the LSO has of its own."""
        member = index % self.members
        household, co = member % self.households, member % COS
        return {
            "loan_id": self._own_id(LOAN, index),
            "number": f"{lso_code(self.number)}-{story.lent_on.year}-{index + 1:05}",
            "member_id": self._own_id(MEMBER, member),
            "household_id": self._own_id(HOUSEHOLD, household),
            "co_id": self._own_id(CO, co),
            "vo_id": self._own_id(VO, co % VOS),
            "gender": _gender(member),
            "cycle": index // self.members + 1,
            "poverty_score": _poverty_score(household),
        }

    def _print_lso(self) -> None:
        """Print the LSO where it lies, in a union council of its own."""
        code, at = lso_code(self.number), self.number
        tehsil = at % TEHSILS
        council = _area("union_council", at, _place("tehsil", tehsil))
        lies = {
            "rsp_id": rsp_id(self.rsp),
            "district_id": _place("district", tehsil % DISTRICTS),
            "tehsil_id": council["parent_id"],
            "union_council_id": council["id"],
        }
        print_rows(self.press, "area", [council])
        print_rows(self.press, "lso", [{"id": self.names["lso_id"], "code": code, "name": f"LSO {code}", **lies}])
        self._print("lso_placement", [{**FIRST_VERSION, **lies}])

    def _print_fund(self) -> None:
        fund_id = self.names["fund_id"]
        given = {"programme": "Benchmark", "funder": ("Government", "Donor")[self.number % 2]}
        fund = {
            "id": fund_id,
            "code": FUND,
            "name": "Community Investment Fund",
            "lender_of_record": "LSO",
            "charge_policy": "interest_free",
            **given,
        }
        terms = {"number": 1, "valid_from": EARLIEST_DAY, "terms": TERMS.model_dump_json()}
        products = {self.names[name]: code for name, code in zip(PRODUCT_IDS, PRODUCTS, strict=True)}
        self._print("fund", [fund])
        self._print("fund_version", [{"fund_id": fund_id, **FIRST_VERSION, "reserve_floor_minor": 0, **given}])
        self._print(
            "product", [{"id": own, "fund_id": fund_id, "code": code, "name": code} for own, code in products.items()]
        )
        self._print("product_terms", [{"product_id": own, **terms} for own in products])

    def _print_people(self) -> None:
        vos = [self._own_id(VO, at) for at in range(VOS)]
        cos = [self._own_id(CO, at) for at in range(COS)]
        self._print(
            "institution",
            [
                {"id": own, "kind": "vo", "code": f"V{at}", "name": f"VO {at}", "vo_id": None}
                for at, own in enumerate(vos)
            ],
        )
        self._print(
            "institution",
            [
                {"id": own, "kind": "co", "code": f"C{at}", "name": f"CO {at}", "vo_id": vos[at % VOS]}
                for at, own in enumerate(cos)
            ],
        )
        self._print(
            "household",
            [
                {
                    "id": self._own_id(HOUSEHOLD, at),
                    "code": f"H{at}",
                    "head_name": f"Head {at}",
                    "poverty_score": _poverty_score(at),
                }
                for at in range(self.households)
            ],
        )
        self._print(
            "member",
            [
                {
                    "id": self._own_id(MEMBER, at),
                    "code": f"M{at}",
                    "household_id": self._own_id(HOUSEHOLD, at % self.households),
                    "co_id": cos[at % COS],
                    "name": f"Member {at}",
                    "gender": _gender(at),
                }
                for at in range(self.members)
            ],
        )

    def _print_accounts(self, sums: Counter[str]) -> None:
        fund_id = self.names["fund_id"]
        capital = (
            part_account(fund_id, FUND, Role.TRANCHE_CAPITAL, part, f"tranche {part}")
            for part in range(1, len(TRANCHES) + 1)
        )
        accounts = (*opening_chart(fund_id, FUND), *capital)
        self._print(
            "account",
            [
                {"code": account.code, "fund_id": fund_id, "role": account.role.value, "name": account.name}
                for account in accounts
            ],
        )
        self._print(
            "account_balance",
            [
                {"code": account.code, "balance_minor": sums[account.code], "floored": account.floored}
                for account in accounts
            ],
        )

    def _print(self, table: str, rows: Iterable[dict[str, Any]]) -> None:
        print_rows(self.press, table, [{"lso_id": self.names["lso_id"], **row} for row in rows])

    def _own_id(self, space: int, number: int) -> str:
        return number_id(space, self.number * 100_000_000 + number)


def _gender(member: int) -> str:
    return "female" if member % 10 else "male"


def _poverty_score(household: int) -> int:
    return 5 + 7 * household % 40
