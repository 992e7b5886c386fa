"""Rows of a cut: loans that were measured, grouped by what they were made under, and narrowed to some of them.

`rows_by(measured, form, values)` makes the statement. `measured` has a row per loan with `lso_id`, `loan_id` and what
was measured (a standing, the demand of a period); or a row per account with `lso_id`, `fund_id`. `values` are sums over
its columns, each labelled. Only what a cut needs is joined, and rows are made by ids and named afterwards: sorting ids
is cheap, sorting codes by a language's rules is not. Where `measured` has a `day`, each of its rows is cut by where its
LSO was and whose its fund was on that day, else by the day of the question.

Amounts and loans of the rows sum to the whole for every cut. People do not where a person may be in two rows: they are
counted once over all rows (`people_by` without a cut).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import sqlalchemy as sa

from cif_engine.errors import NotFoundError
from cif_engine.persistence.columns import WHOLE_NUMBER
from cif_engine.persistence.placements import (
    fund_versions_lasting,
    fund_versions_on,
    lasts_on,
    placed,
    placements_lasting,
    placements_on,
)
from cif_engine.persistence.standings import Known, ScopeKind, Within, loans_known, within
from cif_engine.persistence.tables import TABLES
from cif_engine.persistence.tranches import tranches_lasting
from cif_engine.portfolio.cuts import NO_SCORE, NOTHING, NULLABLE, POVERTY_BANDS, Cut, Cutting, Form, Key

Columns = Sequence[sa.Label[Any]]
Conditions = Sequence[sa.ColumnElement[bool]]
Reshape = Callable[[sa.Select[Any], Sequence[str]], sa.Select[Any]]
"""What turns the rows of a cut, whose ids have these names, into others with the same ids, before they are named."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose loans count, how they are cut and narrowed, and what is known of them.

    LSOs and funds are cut by where they were and whose they were on the day `on`, the last that the question is about.
    """

    scope: Within
    cutting: Cutting
    known: Known
    on: date

    @property
    def form(self) -> Form:
        """How they are cut and narrowed, without the values."""
        return self.cutting.form

    @property
    def parameters(self) -> dict[str, Any]:
        """What every statement about them binds, besides its days."""
        known = self.known
        cut_by = placed(self.on, None if known.now else known.at)
        return {**self.scope.parameters, **self.cutting.parameters, **known.parameters, **cut_by}


def rows_by(
    measured: sa.FromClause,
    form: Form,
    values: Columns,
    *,
    known_now: bool,
    also: Columns = (),
    where: Conditions = (),
    reshape: Reshape | None = None,
) -> sa.Select[Any]:
    """Return the statement of a row for each row of the cut: its codes (`form.key`), then `also`, then the `values`.

    `also` is what each row is split by further, a month or a class. Without a cut and without `also` there is one row,
    also when there are no loans; sums of nothing are null. Binds what the measuring binds, and `Cutting.parameters`.
    """
    sources = _Sources(measured, {*form.key, *form.narrowed}, known_now=known_now)
    return _rows(sources, form, values, also, where, reshape)


def narrowed(measured: sa.FromClause, form: Form, *, known_now: bool) -> sa.Select[Any]:
    """Return the rows of `measured` one by one, those that the cutting is narrowed to; nothing is added up."""
    sources = _Sources(measured, set(form.narrowed), known_now=known_now)
    wanted = (sources.is_wanted(cut) for cut in sorted(form.narrowed))
    return sa.select(*measured.c).select_from(sources.joined).where(*wanted)


def people_by(measured: sa.FromClause, form: Form, *, known_now: bool, where: Conditions = ()) -> sa.Select[Any]:
    """Return the statement of how many `borrowers` and `households` each row has; one with two loans counts once."""
    sources = _Sources(measured, {*form.key, *form.narrowed}, known_now=known_now, people=True)
    loan = sources.loan
    values = (
        sa.func.count(loan.c.member_id.distinct()).label("borrowers"),
        sa.func.count(loan.c.household_id.distinct()).label("households"),
    )
    return _rows(sources, form, values, where=where)


def keyed(form: Form, found: Iterable[sa.Row[Any]]) -> dict[Key, tuple[Any, ...]]:
    """Return the rows that `rows_by` or `people_by` found, by their keys; the rest of each is `also` and values."""
    width = len(form.key)
    return {tuple(row[:width]): tuple(row[width:]) for row in found}


def refuse_unknown(connection: sa.Connection, asked: Asked) -> None:
    """Raise NotFoundError for a code that nothing within the scope has, lest a misspelt one be empty."""
    scope, cutting = asked.scope, asked.cutting
    for cut, values in cutting.only:
        if cut not in _TABLE_OF:
            continue
        bound = cutting.parameters[f"only_{cut.value}"]
        known = set(connection.execute(_codes(cut, scope.kind), {**asked.parameters, "codes": bound}).scalars())
        unknown = [value for value in values if value not in known and not (cut in NULLABLE and value == NOTHING)]
        if unknown:
            raise NotFoundError(f"No {cut.value} {', '.join(unknown)} here.", pointer=f"/{cut.value}")


class _Sources:
    """What `measured` is joined to for some cuts, and the column that each of them is made by."""

    def __init__(self, measured: sa.FromClause, cuts: set[Cut], *, known_now: bool, people: bool = False) -> None:
        self.joined = measured
        self._measured = measured
        has_fund = "fund_id" in measured.c
        needs_loan = {cut for cut in cuts if not cut.of_lso and not (has_fund and cut.of_fund)}
        if needs_loan or people:
            self.loan = loans_known(known_now=known_now)
            self._join(self.loan, self.loan.c.id == measured.c.loan_id)
        self._fund_id = measured.c.fund_id if has_fund else self.loan.c.fund_id if needs_loan else None
        if any(cut.of_lso and cut is not Cut.LSO for cut in cuts):
            self._place = placements_lasting() if "day" in measured.c else placements_on()
            self._join(self._place, *self._on_its_day(self._place))
        if Cut.FUNDER in cuts:
            self._fund = fund_versions_lasting() if "day" in measured.c else fund_versions_on()
            self._join(self._fund, self._fund.c.fund_id == self._fund_id, *self._on_its_day(self._fund))
        if Cut.TRANCHE in cuts:
            self._tranche = tranches_lasting()
            drawn = self._tranche.c.received_on <= self.loan.c.disbursed_on
            until = sa.or_(self._tranche.c.until.is_(None), self._tranche.c.until > self.loan.c.disbursed_on)
            self._join(self._tranche, self._tranche.c.fund_id == self.loan.c.fund_id, drawn, until, outer=True)

    def _on_its_day(self, lasting: sa.FromClause) -> Conditions:
        """Return the condition that what lasts holds on the `day` of what was measured; where it has none, none."""
        return (lasts_on(lasting, self._measured.c.day),) if "day" in self._measured.c else ()

    def made_by(self, cut: Cut) -> sa.ColumnElement[Any]:
        """Return the column whose values are the rows of a cut: ids, or what needs no naming."""
        made: sa.ColumnElement[Any]
        match cut:
            case Cut.LSO:
                made = self._measured.c.lso_id
            case Cut.RSP | Cut.DISTRICT | Cut.TEHSIL | Cut.UNION_COUNCIL:
                made = self._place.c[f"{cut.value}_id"]
            case Cut.FUND:
                assert self._fund_id is not None, "joined for this cut"
                made = self._fund_id
            case Cut.FUNDER:
                made = self._fund.c.funder
            case Cut.TRANCHE:
                made = self._tranche.c.number
            case Cut.POVERTY_BAND:
                made = _band_of(self.loan.c.poverty_score)
            case Cut.VO | Cut.CO | Cut.PRODUCT:
                made = self.loan.c[f"{cut.value}_id"]
            case Cut.PURPOSE | Cut.CYCLE | Cut.GENDER | Cut.CHANNEL:
                made = self.loan.c[cut.value]
        return made

    def is_wanted(self, cut: Cut) -> sa.ColumnElement[bool]:
        """Return the condition that a loan has one of the values that the cut is narrowed to."""
        column = self.made_by(cut)
        wanted = sa.bindparam(f"only_{cut.value}", expanding=True, type_=_type_of(cut))
        if cut not in _TABLE_OF:
            condition = column.in_(wanted)
        elif cut in _OF_BOOK:
            table = _TABLE_OF[cut].alias(f"only_{cut.value}")
            among = sa.select(table.c.lso_id, table.c.id).where(table.c.code.in_(wanted), *_of_kind(cut, table))
            condition = sa.tuple_(self._measured.c.lso_id, column).in_(among)
        else:
            table = _TABLE_OF[cut].alias(f"only_{cut.value}")
            condition = column.in_(sa.select(table.c.id).where(table.c.code.in_(wanted), *_of_kind(cut, table)))
        if cut not in NULLABLE:
            return condition
        or_none = sa.bindparam(f"or_no_{cut.value}", type_=sa.Integer()) == 1
        return sa.or_(condition, sa.and_(column.is_(None), or_none))

    def _join(self, table: sa.FromClause, *same: sa.ColumnElement[bool], outer: bool = False) -> None:
        on = sa.and_(table.c.lso_id == self._measured.c.lso_id, *same)
        self.joined = self.joined.join(table, on, isouter=outer)


def _rows(
    sources: _Sources,
    form: Form,
    values: Columns,
    also: Columns = (),
    where: Conditions = (),
    reshape: Reshape | None = None,
) -> sa.Select[Any]:
    made_by = {cut: sources.made_by(cut) for cut in form.key}
    ids = [column.label(_id_of_row(cut)) for cut, column in made_by.items()]
    wanted = [sources.is_wanted(cut) for cut in sorted(form.narrowed)]
    rows = sa.select(*ids, *also, *values).select_from(sources.joined).where(*where, *wanted)
    rows = rows.group_by(*made_by.values(), *(column.element for column in also))
    if reshape is not None:
        rows = reshape(rows, [column.name for column in ids])
    return _named(rows, form) if ids else rows


def _named(rows: sa.Select[Any], form: Form) -> sa.Select[Any]:
    """Return the rows with codes in place of ids, each looked up: a join would be planned for one row, and nested."""
    counted = rows.subquery("counted")
    codes = [_code(counted, cut).label(cut.value) for cut in form.key]
    ids = {_id_of_row(cut) for cut in form.key}
    return sa.select(*codes, *(column for column in counted.c if column.name not in ids))


def _code(counted: sa.Subquery, cut: Cut) -> sa.ColumnElement[Any]:
    of_row = counted.c[_id_of_row(cut)]
    if cut not in _TABLE_OF:
        return of_row
    table = _TABLE_OF[cut].alias(f"of_{cut.value}")
    code = sa.select(table.c.code).where(table.c.id == of_row)
    if cut in _OF_BOOK:
        code = code.where(table.c.lso_id == counted.c[_id_of_row(Cut.LSO)])
    return code.scalar_subquery()


def _id_of_row(cut: Cut) -> str:
    return f"{cut.value}_of_row"


# Where things are ----------------------------------------------------------------------------------------------

_TABLE_OF: Final[dict[Cut, sa.Table]] = {
    Cut.RSP: TABLES["rsp"],
    Cut.DISTRICT: TABLES["area"],
    Cut.TEHSIL: TABLES["area"],
    Cut.UNION_COUNCIL: TABLES["area"],
    Cut.LSO: TABLES["lso"],
    Cut.VO: TABLES["institution"],
    Cut.CO: TABLES["institution"],
    Cut.FUND: TABLES["fund"],
    Cut.PRODUCT: TABLES["product"],
}
"""Where the codes are of what has an id."""

_OF_BOOK: Final = (Cut.VO, Cut.CO, Cut.FUND, Cut.PRODUCT)
_KINDS: Final = (Cut.DISTRICT, Cut.TEHSIL, Cut.UNION_COUNCIL, Cut.VO, Cut.CO)
"""Tables that hold several kinds of things, each with codes of its own."""


def _of_kind(cut: Cut, table: sa.FromClause) -> Conditions:
    return (table.c.kind == cut.value,) if cut in _KINDS else ()


def _codes(cut: Cut, scope: ScopeKind) -> sa.Select[Any]:
    """Return the statement of which of the codes `:codes` there are within the scope."""
    table = _TABLE_OF[cut]
    rows = sa.select(table.c.code).where(table.c.code.in_(sa.bindparam("codes", expanding=True)), *_of_kind(cut, table))
    if cut is Cut.LSO:
        return rows.where(within(scope, table.c.id))
    return rows.where(within(scope, table.c.lso_id)) if cut in _OF_BOOK else rows


def _type_of(cut: Cut) -> sa.types.TypeEngine[Any]:
    return WHOLE_NUMBER if cut in (Cut.CYCLE, Cut.TRANCHE) else sa.Text()


def _band_of(score: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    bands = ((score <= band.score_to, sa.literal_column(f"'{band.name}'", sa.Text())) for band in POVERTY_BANDS)
    return sa.case(*bands, else_=sa.literal_column(f"'{NO_SCORE}'", sa.Text()))
