"""Books to measure on: LSOs with loans disbursed, the first instalments collected, sealed like any other book.

They are written in bulk, through the same pure functions as every recorded fact, so that `cif verify` finds them sound.
Repayments are written month by month, as they come in: the facts of one loan lie far apart, as they do in real books.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, cast

import psycopg
import sqlalchemy as sa

from cif_engine.bookings import book_money_in, book_step
from cif_engine.dates import EARLIEST_DAY, Calendar
from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import Account, Role, account_code, opening_chart, part_account
from cif_engine.ledger.chain import genesis, seal
from cif_engine.ledger.events import Fact, Head
from cif_engine.ledger.payloads import write_payload
from cif_engine.ledger.postings import Posting, balances
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.history import history
from cif_engine.loans.life import LoanLife, live
from cif_engine.loans.said import write_schedule
from cif_engine.loans.schedule import Instalment, make_schedule
from cif_engine.loans.terms import EqualInstalments, LoanTerms
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.lending import loan_row
from cif_engine.persistence.projections import due_values, position_values, state_values
from cif_engine.persistence.tables import TABLES

FUND = "CIF"
PRINCIPAL_MINOR = 1_200_000
INSTALMENTS = 12
INSTALMENT_MINOR = PRINCIPAL_MINOR // INSTALMENTS
OPENED_ON = date(2020, 1, 1)
LENT_ON = date(2020, 2, 1)
TERMS = LoanTerms(repayment=EqualInstalments(count=INSTALMENTS))
SCHEDULE: tuple[Instalment, ...] = tuple(make_schedule(TERMS, PRINCIPAL_MINOR, LENT_ON, Calendar(frozenset())))
FACTS_OF_LENDING = 3
RECORDED_AT = 1_577_836_800_000_000
ROWS_AT_ONCE = 20_000

# In the order in which foreign keys want them.
ORDER = (
    "rsp", "area", "lso", "lso_placement", "book", "institution", "fund", "fund_version", "account", "account_balance",
    "product", "product_terms", "household", "member", "agreement", "tranche", "loan", "instalment", "loan_position",
    "loan_state", "event", "posting",
)  # fmt: skip


def number_id(space: int, number: int) -> str:
    """Return an id that a statement of pgbench can make as well: the number in decimal digits at the end of a UUID."""
    return f"00000000-0000-7000-8{space:03d}-{number:012d}"


LSO, LOAN, FACT, OTHER = 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class OpenLoan:
    """A loan ready to be repaid."""

    lso_id: str
    loan_id: str
    number: str


def lso_code(book: int) -> str:
    """Return the code of the LSO that holds the book of this number."""
    return f"B{book:05}"


def day_after(repayments: int) -> date:
    """Return a day on which `repayments` instalments of every loan are recorded, and nothing later."""
    return LENT_ON + timedelta(days=31 * repayments + 1)


def write_books(databases: Databases, books: int, loans: int, repayments: int) -> list[list[OpenLoan]]:
    """Write `books` books of `loans` loans with `repayments` instalments collected of each; return the loans by book.

    The database holds nothing else. On PostgreSQL it is to be seen as a superuser: row-level security knows no COPY.
    """
    assert repayments < INSTALMENTS, "a loan to be repaid owes something"
    written: list[list[OpenLoan]] = []
    with databases.writing() as connection:
        _insert(connection, {"rsp": [_rsp()], "area": [_district()]})
    for number in range(books):
        writer = _BookWriter(number)
        for index in range(loans):
            writer.lend(index, repayments)
        writer.record_by_month(repayments)
        with databases.writing() as connection:
            _insert(connection, writer.rows())
        written.append([loan.open for loan in writer.loans])
    return written


def _insert(connection: sa.Connection, rows: dict[str, list[dict[str, Any]]]) -> None:
    for name in ORDER:
        if rows.get(name):
            (_copy if connection.dialect.name == "postgresql" else _insert_many)(connection, TABLES[name], rows[name])


def _insert_many(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    for chunk in _chunks(rows):
        connection.execute(sa.insert(table), chunk)


def _copy(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    """Write rows by COPY, which takes a sixth of the time of the fastest INSERT."""
    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    defaults = {column.name: getattr(column.default, "arg", None) for column in table.columns}
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({', '.join(defaults)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(tuple((defaults | row).values()))


def _chunks(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(rows), ROWS_AT_ONCE):
        yield rows[start : start + ROWS_AT_ONCE]


def _rsp() -> dict[str, Any]:
    return {"id": number_id(OTHER, 1), "code": "BENCH", "name": "Benchmark", "version": 1}


def _district() -> dict[str, Any]:
    return {"id": number_id(OTHER, 2), "kind": "district", "code": "BENCH", "name": "Benchmark", "parent_id": None}


@dataclass(frozen=True, slots=True)
class _LoanInHand:
    """A loan whose whole life is known, while its facts are recorded one by one among those of the others."""

    open: OpenLoan
    life: LoanLife


@dataclass(slots=True)
class _BookWriter:
    """One book while it is written."""

    number: int
    loans: list[_LoanInHand] = field(default_factory=list)
    tables: defaultdict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    sums: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    facts: int = 0
    recorded: defaultdict[str, list[tuple[int, LoanFact]]] = field(default_factory=lambda: defaultdict(list))
    head: Head = field(init=False)
    lso_id: str = field(init=False)
    fund_id: str = field(init=False)
    accounts: tuple[Account, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.lso_id = number_id(LSO, self.number)
        self.fund_id = number_id(OTHER, 3)
        self.head = genesis(self.lso_id)
        capital = part_account(self.fund_id, FUND, Role.TRANCHE_CAPITAL, 1, "tranche 1")
        self.accounts = (*opening_chart(self.fund_id, FUND), capital)
        self._open()

    def lend(self, index: int, repayments: int) -> None:
        """Take a loan of a member of her own in hand, with its first instalments."""
        member, household = number_id(OTHER, 1_000 + index), number_id(OTHER, 5_000_000 + index)
        loan_id = number_id(LOAN, self.number * 1_000_000 + index)
        number = f"{lso_code(self.number)}-2020-{index + 1:05}"
        self._add("household", id=household, code=f"H{index}", head_name="Head", poverty_score=10, eligible=True)
        self._add(
            "member", id=member, code=f"M{index}", household_id=household, co_id=number_id(OTHER, 12), name="Member",
            gender="female",
        )  # fmt: skip
        made_under = {
            "household_id": household,
            "co_id": number_id(OTHER, 12),
            "vo_id": number_id(OTHER, 11),
            "poverty_score": 10,
            "gender": "female",
        }
        facts = self._facts(member, number, made_under, repayments)
        self.loans.append(_LoanInHand(OpenLoan(self.lso_id, loan_id, number), live(facts)))
        self.tables["loan"].append(loan_row(self.lso_id, loan_id, self.fund_id, facts).values)

    def record_by_month(self, repayments: int) -> None:
        """Record how every loan was made, loan by loan, and then what was repaid, month by month."""
        for loan in self.loans:
            for step in loan.life.steps[:FACTS_OF_LENDING]:
                self._record(step.fact, book_step(loan.open.loan_id, FUND, step), loan.open.loan_id)
        for month in range(repayments):
            for loan in self.loans:
                step = loan.life.steps[FACTS_OF_LENDING + month]
                self._record(step.fact, book_step(loan.open.loan_id, FUND, step), loan.open.loan_id)
        for loan in self.loans:
            self._project(loan.open.loan_id)

    def _facts(self, member: str, number: str, made_under: dict[str, Any], repayments: int) -> list[LoanFact]:
        return [
            self._fact(
                Kind.LOAN_APPLIED, LENT_ON, number=number, member_id=member, product_id=number_id(OTHER, 4),
                purpose="livestock", mip_no=None, cycle=1, terms=TERMS.model_dump_json(), amount_minor=PRINCIPAL_MINOR,
                applied_by="maker", note=None, **made_under,
            ),
            self._fact(
                Kind.LOAN_DECIDED, LENT_ON, approved=True, amount_minor=PRINCIPAL_MINOR, resolution_no="R-1",
                committee="vo", reason=None, decided_by="checker", note=None,
            ),
            self._fact(
                Kind.LOAN_DISBURSED, LENT_ON, amount_minor=PRINCIPAL_MINOR, channel="bank", reference=None,
                paid_from=account_code(FUND, Role.BANK), schedule=write_schedule(SCHEDULE), note=None, **made_under,
            ),
            *(
                self._fact(
                    Kind.REPAYMENT_RECEIVED, row.due_on, amount_minor=INSTALMENT_MINOR, channel="cash",
                    held_in=account_code(FUND, Role.CASH_IN_HAND), note=None,
                )
                for row in SCHEDULE[:repayments]
            ),
        ]  # fmt: skip

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """Return every row of the book, its head and balances as they now are."""
        head = self.head
        self.tables["book"] = [
            {
                "lso_id": self.lso_id,
                "head_seq": head.seq,
                "head_recorded_at": head.recorded_at,
                "head_hash": head.hash,
                "versions_recorded_at": 0,
            }
        ]
        for account in self.accounts:
            self._add("account", code=account.code, fund_id=account.fund_id, role=account.role, name=account.name)
            self._add(
                "account_balance", code=account.code, balance_minor=self.sums[account.code], floored=account.floored
            )
        return self.tables

    def _open(self) -> None:
        rsp, district = number_id(OTHER, 1), number_id(OTHER, 2)
        code = lso_code(self.number)
        self.tables["lso"] = [{"id": self.lso_id, "code": code, "name": code, "rsp_id": rsp, "district_id": district}]
        first = {"number": 1, "valid_from": EARLIEST_DAY, "recorded_at": 0, "actor": None}
        self._add("lso_placement", rsp_id=rsp, district_id=district, **first)
        self._add("institution", id=number_id(OTHER, 11), kind="vo", code="V", name="VO", vo_id=None)
        self._add("institution", id=number_id(OTHER, 12), kind="co", code="C", name="CO", vo_id=number_id(OTHER, 11))
        self._add(
            "fund", id=self.fund_id, code=FUND, name="CIF", programme="Benchmark", funder="None",
            lender_of_record="LSO", charge_policy="interest_free",
        )  # fmt: skip
        self._add(
            "fund_version", fund_id=self.fund_id, funder="None", programme="Benchmark", reserve_floor_minor=0, **first
        )
        terms = TERMS.model_dump_json()
        product_id = number_id(OTHER, 4)
        self._add("product", id=product_id, fund_id=self.fund_id, code="P", name="P")
        self._add("product_terms", product_id=product_id, number=1, valid_from=EARLIEST_DAY, terms=terms)
        amount = 10**13
        signed = self._fact(Kind.AGREEMENT_SIGNED, OPENED_ON, agreement="A", amount_minor=amount, note=None)
        released = self._fact(
            Kind.TRANCHE_RELEASED, OPENED_ON, agreement_id=signed.id, number=1, amount_minor=amount, note=None
        )
        bank, capital = account_code(FUND, Role.BANK), account_code(FUND, Role.TRANCHE_CAPITAL, 1)
        received = self._fact(
            Kind.TRANCHE_RECEIVED, OPENED_ON, tranche_id=released.id, number=1, amount_minor=amount, held_in=bank,
            note=None,
        )  # fmt: skip
        self._record(signed, (), None)
        self._record(released, (), None)
        self._record(received, book_money_in(OPENED_ON, amount, bank, capital), None)
        self._add("agreement", id=signed.id, fund_id=self.fund_id, number="A", signed_on=OPENED_ON, amount_minor=amount)
        self._add(
            "tranche", id=released.id, fund_id=self.fund_id, agreement_id=signed.id, number=1, released_on=OPENED_ON,
            amount_minor=amount, received_on=OPENED_ON,
        )  # fmt: skip

    def _fact(self, kind: Kind, on: date, **says: Any) -> LoanFact:  # noqa: ANN401 - a payload holds JSON values
        self.facts += 1
        return LoanFact(number_id(FACT, self.number * 10_000_000 + self.facts), kind, on, says)

    def _record(self, fact: LoanFact, postings: tuple[Posting, ...], loan_id: str | None) -> None:
        recorded = Fact(fact.id, fact.kind, fact.effective_on, write_payload(fact.says), self.fund_id, loan_id)
        actor = "checker" if fact.kind is Kind.LOAN_DECIDED else "maker"
        event = seal(self.head, recorded, postings, RECORDED_AT, actor, None)
        self.head = Head(self.lso_id, event.seq, event.recorded_at, event.hash)
        if loan_id is not None:
            self.recorded[loan_id].append((event.recorded_at, fact))
        self._add(
            "event", seq=event.seq, id=fact.id, kind=fact.kind.value, effective_on=fact.effective_on,
            recorded_at=event.recorded_at, actor=actor, fund_id=self.fund_id, loan_id=loan_id,
            payload=recorded.payload, prev_hash=event.prev_hash, hash=event.hash,
        )  # fmt: skip
        for line, posting in enumerate(postings, 1):
            self._add(
                "posting", event_seq=event.seq, line=line, effective_on=posting.effective_on, debit=posting.debit,
                credit=posting.credit, amount_minor=posting.amount_minor, loan_id=loan_id,
            )  # fmt: skip
        for code, change in balances(postings).items():
            self.sums[code] += change

    def _project(self, loan_id: str) -> None:
        told = history(self.recorded[loan_id])
        self._add("loan_position", loan_id=loan_id, **position_values(told.position))
        for interval in told.ended:
            self._add("loan_state", loan_id=loan_id, **state_values(interval))
        for known in told.every_due:
            self._add("instalment", loan_id=loan_id, **due_values(known))

    def _add(self, table: str, **values: Any) -> None:  # noqa: ANN401 - a row holds any column's value
        self.tables[table].append({"lso_id": self.lso_id, **values})
