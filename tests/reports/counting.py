"""A portfolio counted loan by loan in Python alone, from a book's facts: what the database's counts are held to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import Role
from cif_engine.ledger.payloads import read_payload
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.life import LoanLife, live
from cif_engine.loans.origin import origin
from cif_engine.loans.standing import Status
from cif_engine.operations.portfolio_counts import Counted, People
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.tables import TABLES
from cif_engine.portfolio.cuts import NOTHING, Cut, Cutting, Key, poverty_band
from cif_engine.portfolio.par import Position, tally
from cif_engine.portfolio.recovery import add_up_recovered, recovered_of

Rows = list[Mapping[str, Any]]


@dataclass(frozen=True)
class Held:
    """A loan as it was known, with the code of each cut."""

    life: LoanLife
    codes: Mapping[Cut, str | int | None]

    def position(self, day: date) -> Position | None:
        """Return it as an open loan on a day; None where it is not."""
        standing = self.life.standing_on(day)
        if standing is None or standing.status is not Status.OPEN:
            return None
        made_under = origin(self.life.facts, self.life.voided)
        due = sum(row.principal_minor for row in self.life.schedules[standing.schedule_no - 1] if row.due_on < day)
        return Position(
            made_under.member_id,
            made_under.household_id,
            standing.outstanding_minor,
            max(due - standing.principal_paid_minor, 0),
            standing.days_late(day),
            standing.renegotiated,
        )

    def is_among(self, cutting: Cutting) -> bool:
        """Whether it is of all that the cutting is narrowed to."""
        return all(
            (NOTHING if self.codes[cut] is None else str(self.codes[cut])) in values for cut, values in cutting.only
        )


class Ledger:
    """All that was recorded in a book by a moment."""

    def __init__(self, databases: Databases, lso_id: str, known_at: int | None) -> None:
        self._databases, self._lso_id = databases, lso_id
        known = [row for row in self._rows("event") if known_at is None or row["recorded_at"] <= known_at]
        self._events: dict[int, Mapping[str, Any]] = {row["seq"]: row for row in known}
        self._void = {row["reverses"] for row in known}
        self.codes = {
            row["id"]: row["code"]
            for name in ("member", "household", "institution", "product", "fund")
            for row in self._rows(name)
        }
        self._of_lso = self._places()
        self._funders = {row["id"]: row["funder"] for row in self._rows("fund")}

    def loans(self) -> list[Held]:
        """Return every loan with what it was made under."""
        facts: defaultdict[str, list[LoanFact]] = defaultdict(list)
        funds = {}
        for row in self._events.values():
            if row["loan_id"]:
                says = read_payload(row["payload"])
                facts[row["loan_id"]].append(LoanFact(row["id"], Kind(row["kind"]), row["effective_on"], says))
                funds[row["loan_id"]] = row["fund_id"]
        return [self._held(live(of_loan), funds[loan_id]) for loan_id, of_loan in facts.items()]

    def allowance(self, day: date, fund_codes: Iterable[str] | None = None) -> int:
        """Return what is set aside by a day, in all funds or in some."""
        accounts = {
            row["code"]: self.codes[row["fund_id"]]
            for row in self._rows("account")
            if row["role"] == Role.LOAN_LOSS_ALLOWANCE
        }
        wanted = {code for code, fund in accounts.items() if fund_codes is None or fund in fund_codes}
        posted = [
            row for row in self._rows("posting") if row["event_seq"] in self._events and row["effective_on"] <= day
        ]
        return sum(row["amount_minor"] * ((row["credit"] in wanted) - (row["debit"] in wanted)) for row in posted)

    def _held(self, life: LoanLife, fund_id: str) -> Held:
        made_under = origin(life.facts, life.voided)
        codes: dict[Cut, str | int | None] = {
            **self._of_lso,
            Cut.VO: self.codes[made_under.vo_id],
            Cut.CO: self.codes[made_under.co_id],
            Cut.FUND: self.codes[fund_id],
            Cut.FUNDER: self._funders[fund_id],
            Cut.TRANCHE: self._tranche(fund_id, made_under.disbursed_on),
            Cut.PRODUCT: self.codes[made_under.product_id],
            Cut.PURPOSE: made_under.purpose,
            Cut.CYCLE: made_under.cycle,
            Cut.POVERTY_BAND: poverty_band(made_under.poverty_score),
            Cut.GENDER: made_under.gender,
            Cut.CHANNEL: made_under.channel,
        }
        return Held(life, codes)

    def _tranche(self, fund_id: str, day: date | None) -> int | None:
        """Return the number of the last tranche of the fund that was received by a day."""
        received = [
            (row["effective_on"], read_payload(row["payload"])["number"])
            for row in self._events.values()
            if row["kind"] == Kind.TRANCHE_RECEIVED and row["fund_id"] == fund_id and row["id"] not in self._void
        ]
        number = max(((on, number) for on, number in received if day and on <= day), default=(None, None))[1]
        return None if number is None else int(number)

    def _places(self) -> dict[Cut, str | int | None]:
        with self._databases.reading() as connection:
            of_lso = sa.select(TABLES["lso"]).where(TABLES["lso"].c.id == self._lso_id)
            lso = connection.execute(of_lso).mappings().one()
            rsps = dict(map(tuple, connection.execute(sa.select(TABLES["rsp"].c.id, TABLES["rsp"].c.code))))
            areas = dict(map(tuple, connection.execute(sa.select(TABLES["area"].c.id, TABLES["area"].c.code))))
        return {
            Cut.LSO: lso["code"],
            Cut.RSP: rsps[lso["rsp_id"]],
            Cut.DISTRICT: areas[lso["district_id"]],
            Cut.TEHSIL: areas.get(lso["tehsil_id"]),
            Cut.UNION_COUNCIL: areas.get(lso["union_council_id"]),
        }

    def _rows(self, table: str) -> Rows:
        wanted = TABLES[table]
        with self._databases.reading() as connection:
            found = connection.execute(sa.select(wanted).where(wanted.c.lso_id == self._lso_id))
            return [dict(row) for row in found.mappings()]


def by_row(loans: Iterable[Held], cutting: Cutting) -> dict[Key, list[Held]]:
    """Return the loans of each row of a cut, those alone that it is narrowed to."""
    rows: defaultdict[Key, list[Held]] = defaultdict(list)
    for loan in loans:
        if loan.is_among(cutting):
            rows[tuple(loan.codes[cut] for cut in cutting.form.key)].append(loan)
    return rows


def counted(loans: Iterable[Held], day: date, allowance_minor: int | None) -> Counted:
    """Return a portfolio as it is counted from its loans."""
    held = list(loans)
    whole = tally(position for loan in held if (position := loan.position(day)))
    assert whole.borrowers is not None
    assert whole.households is not None
    return Counted(
        whole,
        People(whole.borrowers, whole.households),
        add_up_recovered(recovered_of(loan.life, day) for loan in held),
        allowance_minor,
    )
