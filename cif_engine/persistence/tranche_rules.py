"""The rules of tranches as they are kept, one row per version, only ever added; and what they are judged by."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

import orjson
import sqlalchemy as sa

from cif_engine.fund.eligibility import Area, AreaKind, RecordedTrancheRule, TrancheRule, Turns
from cif_engine.kinds import Kind
from cif_engine.ledger.payloads import read_payload
from cif_engine.loans.facts import LoanFact
from cif_engine.moments import END_OF_TIME
from cif_engine.persistence.columns import WHOLE_NUMBER, Day, Id
from cif_engine.persistence.cutting import Asked, narrowed
from cif_engine.persistence.placements import Versions, add_version, fund_versions_on, placed, placements_lasting
from cif_engine.persistence.portfolio_reports import KEPT
from cif_engine.persistence.standings import AS_OF, Known, ScopeKind, loans_known, within
from cif_engine.persistence.tables import TABLES
from cif_engine.portfolio.cuts import Form

tranche_rule, fund, lso, area = (TABLES[name] for name in ("tranche_rule", "fund", "lso", "area"))
event, institution = TABLES["event"], TABLES["institution"]

_LSO_ID: Final = sa.bindparam("in_lso", type_=Id())
_FUND_ID: Final = sa.bindparam("of_fund", type_=Id())
_BY: Final = sa.bindparam("recorded_by", type_=WHOLE_NUMBER)

TRANCHE_RULES: Final = Versions(
    tranche_rule,
    ("lso_id", "fund_id", "tranche"),
    (
        "turns",
        "poverty_score_from",
        "poverty_score_to",
        "women_share_min",
        "areas",
        "amount_max_minor",
        "cycle_max",
        "remark",
    ),
    sa.select(tranche_rule),
)


class Borrower(NamedTuple):
    """Whom a loan of a number was made to, and for the how-manieth time; where she lived, each part says."""

    number: str
    gender: str
    cycle: int


class UnionCouncil(NamedTuple):
    """The code of the union council of an LSO, from a day until before another (None: for good)."""

    valid_from: date
    until: date | None
    code: str | None


class FundWithRules(NamedTuple):
    """A fund whose tranches have rules, by the codes of its LSO and its own, and by whom it was funded on the day."""

    lso_id: str
    lso: str
    fund_id: str
    fund: str
    funder: str


def rules_of_fund(
    connection: sa.Connection, lso_id: str, fund_id: str, known_at: int | None = None
) -> list[RecordedTrancheRule]:
    """Return the versions of the rules of a fund's tranches, recorded by a moment (None: all), by their numbers."""
    asked = {"in_lso": lso_id, "of_fund": fund_id, "recorded_by": END_OF_TIME if known_at is None else known_at}
    return [_recorded(row) for row in connection.execute(_RULES, asked).mappings()]


def add_rule(connection: sa.Connection, lso_id: str, fund_id: str, rule: TrancheRule, actor: str, at: int) -> None:
    """Add a version, for the one writer of the book; the database refuses a number that is taken."""
    share = rule.women_share_min
    row = {
        "lso_id": lso_id,
        "fund_id": fund_id,
        "tranche": rule.tranche,
        "number": rule.number,
        "valid_from": rule.valid_from,
        "actor": actor,
        "turns": rule.turns.value,
        "poverty_score_from": rule.poverty_score_from,
        "poverty_score_to": rule.poverty_score_to,
        "women_share_min": None if share is None else f"{share:f}",
        "areas": orjson.dumps([[area.kind.value, area.code] for area in rule.areas]).decode(),
        "amount_max_minor": rule.amount_max_minor,
        "cycle_max": rule.cycle_max,
        "remark": rule.remark,
    }
    add_version(connection, TRANCHE_RULES, row, at)


def unknown_areas(connection: sa.Connection, lso_id: str, areas: Iterable[Area]) -> list[Area]:
    """Return those of these areas that there are not: VOs and COs of the LSO, union councils of the network."""
    known = {Area(AreaKind(kind), code) for kind, code in connection.execute(_AREAS, {"in_lso": lso_id})}
    return [named for named in areas if named not in known]


def union_councils(connection: sa.Connection, lso_id: str, known_at: int | None = None) -> list[UnionCouncil]:
    """Return in which union council an LSO was placed from which day until which, as known at a moment."""
    asked = {"in_lso": lso_id, **placed(date.min, known_at)}
    return [UnionCouncil(*row) for row in connection.execute(_UNION_COUNCILS, asked)]


def union_council_on(placed_in: Iterable[UnionCouncil], day: date) -> str | None:
    """Return the one of a day; None where none is known."""
    for one in placed_in:
        if one.valid_from <= day and (one.until is None or day < one.until):
            return one.code
    return None


def borrowers_of_loans(connection: sa.Connection, lso_id: str, fund_id: str, known: Known) -> dict[str, Borrower]:
    """Return whom each loan of a fund was made to, as it was known, by the ids of the loans."""
    asked = {"in_lso": lso_id, "of_fund": fund_id, **known.parameters}
    return {loan_id: Borrower(*told) for loan_id, *told in connection.execute(_borrowers(known.now), asked)}


def facts_of_disbursement(
    connection: sa.Connection, lso_id: str, fund_id: str, as_of: date, known: Known
) -> dict[str, list[LoanFact]]:
    """Return the disbursements of a fund up to a day, with all reversals of its facts, by the ids of the loans."""
    asked = {"in_lso": lso_id, "of_fund": fund_id, "as_of": as_of}
    asked["recorded_by"] = END_OF_TIME if known.now else known.at
    found: dict[str, list[LoanFact]] = {}
    for row in connection.execute(_DISBURSEMENTS, asked):
        fact = LoanFact(row.id, Kind(row.kind), row.effective_on, read_payload(row.payload))
        found.setdefault(row.loan_id, []).append(fact)
    return found


def funds_with_rules(connection: sa.Connection, asked: Asked) -> list[FundWithRules]:
    """Return the funds asked about whose tranches have a rule on the day, as known, by funder, LSO and fund."""
    bound = {**asked.parameters, "begun_on": asked.on}
    bound["recorded_by"] = END_OF_TIME if asked.known.now else asked.known.at
    rows = connection.execute(_funds_with_rules(asked.scope.kind, asked.known.now, asked.form), bound)
    return sorted((FundWithRules(*row) for row in rows), key=lambda one: (one.funder, one.lso, one.fund))


def _recorded(row: sa.RowMapping) -> RecordedTrancheRule:
    share = row["women_share_min"]
    rule = TrancheRule(
        tranche=row["tranche"],
        number=row["number"],
        valid_from=row["valid_from"],
        turns=Turns(row["turns"]),
        poverty_score_from=row["poverty_score_from"],
        poverty_score_to=row["poverty_score_to"],
        women_share_min=None if share is None else Decimal(share),
        areas=tuple(Area(AreaKind(kind), code) for kind, code in orjson.loads(row["areas"])),
        amount_max_minor=row["amount_max_minor"],
        cycle_max=row["cycle_max"],
        remark=row["remark"],
    )
    return RecordedTrancheRule(rule, row["recorded_at"], row["actor"])


# Statements, built once ----------------------------------------------------------------------------------------

_RULES: Final = (
    sa.select(tranche_rule)
    .where(tranche_rule.c.lso_id == _LSO_ID, tranche_rule.c.fund_id == _FUND_ID, tranche_rule.c.recorded_at <= _BY)
    .order_by(tranche_rule.c.tranche, tranche_rule.c.number)
)
_AREAS: Final = sa.union_all(
    sa.select(institution.c.kind, institution.c.code).where(institution.c.lso_id == _LSO_ID),
    sa.select(area.c.kind, area.c.code).where(area.c.kind == AreaKind.UNION_COUNCIL.value),
)
_PLACED: Final = placements_lasting()
_UNION_COUNCILS: Final = (
    sa.select(_PLACED.c.valid_from, _PLACED.c.until, area.c.code)
    .select_from(_PLACED.outerjoin(area, area.c.id == _PLACED.c.union_council_id))
    .where(_PLACED.c.lso_id == _LSO_ID)
    .order_by(_PLACED.c.valid_from)
)
_DISBURSEMENTS: Final = (
    sa.select(event.c.id, event.c.kind, event.c.effective_on, event.c.payload, event.c.loan_id)
    .where(
        event.c.lso_id == _LSO_ID,
        event.c.fund_id == _FUND_ID,
        event.c.loan_id.is_not(None),
        event.c.kind.in_([Kind.LOAN_DISBURSED.value, Kind.FACT_REVERSED.value]),
        event.c.effective_on <= AS_OF,
        event.c.recorded_at <= _BY,
    )
    .order_by(event.c.seq)
)


@cache
def _borrowers(known_now: bool) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    made = loans_known(known_now=known_now)
    columns = (made.c.id, made.c.number, made.c.gender, made.c.cycle)
    return sa.select(*columns).where(made.c.lso_id == _LSO_ID, made.c.fund_id == _FUND_ID)


@lru_cache(KEPT)
def _funds_with_rules(scope: ScopeKind, known_now: bool, form: Form) -> sa.Select[Any]:  # noqa: FBT001 - as above
    begun = (
        sa.select(tranche_rule.c.lso_id, tranche_rule.c.fund_id)
        .where(
            within(scope, tranche_rule.c.lso_id),
            tranche_rule.c.recorded_at <= _BY,
            tranche_rule.c.valid_from <= sa.bindparam("begun_on", type_=Day()),
        )
        .distinct()
        .subquery("begun")
    )
    wanted = narrowed(begun, form, known_now=known_now).subquery("wanted")
    version = fund_versions_on()
    of_fund = sa.and_(fund.c.lso_id == wanted.c.lso_id, fund.c.id == wanted.c.fund_id)
    of_version = sa.and_(version.c.lso_id == wanted.c.lso_id, version.c.fund_id == wanted.c.fund_id)
    return sa.select(fund.c.lso_id, lso.c.code, fund.c.id, fund.c.code, version.c.funder).select_from(
        wanted.join(fund, of_fund).join(lso, lso.c.id == fund.c.lso_id).join(version, of_version)
    )
