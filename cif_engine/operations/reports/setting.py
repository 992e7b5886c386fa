"""What a report is about before anything is counted: what is known, by which rules, and what its rows are called."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Final, NamedTuple

import sqlalchemy as sa

from cif_engine.documents.report import Chart, Table
from cif_engine.errors import ReportNotCutError
from cif_engine.operations.asking import Opened, Question, asked_view, opened
from cif_engine.operations.reporting import Period
from cif_engine.operations.reports.shown import Said
from cif_engine.operations.reports.telling import Names
from cif_engine.operations.views import View
from cif_engine.persistence.cutting import Asked
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.explaining import scope_codes
from cif_engine.persistence.row_names import NAMED, row_names
from cif_engine.portfolio.cuts import Cut, Cutting


class Whose(NamedTuple):
    """Whose loans a report is about: in words, and by code."""

    words: str
    code: str


ALL: Final = Whose("All LSOs", "all")


@dataclass(frozen=True, slots=True)
class Setting:
    """A report that is being put together from several answers.

    `question` asks them all for the same moment, so that they are of one state of the books.
    """

    question: Question
    days: View
    asked: View
    whose: Whose
    names: Names

    @property
    def whole(self) -> Question:
        """The same question, not cut."""
        return replace(self.question, cutting=Cutting((), self.question.cutting.only))

    def says(
        self,
        name: str,
        title: str,
        tables: tuple[Table, ...],
        charts: tuple[Chart, ...] = (),
        defines: tuple[str, ...] = (),
    ) -> Said:
        """Return the report."""
        return Said(name, title, *self.whose, {**self.days, **self.asked}, tables, charts, defines)


def set_on(databases: Databases, question: Question, as_of: date) -> Setting:
    """Return the setting of a report on a day; raises NotFoundError."""
    return _set(databases, question, as_of, {"as_of": as_of.isoformat()})


def set_over(databases: Databases, question: Question, period: Period) -> Setting:
    """Return the setting of a report over a period; raises NotFoundError."""
    days = {"from": period.from_on.isoformat(), "to": period.to_on.isoformat()}
    return _set(databases, question, period.to_on, days)


def cut_usually(question: Question) -> Question:
    """Return the question, cut as people expect where it does not say how: one LSO by VO, several by LSO."""
    if question.cutting.by:
        return question
    usual = Cut.VO if question.scope.is_one_book else Cut.LSO
    return replace(question, cutting=Cutting((usual,), question.cutting.only))


def cut_by(question: Question, *cuts: Cut) -> Question:
    """Return the question, cut in this way; raises ReportNotCutError where it says another."""
    if question.cutting.by and question.cutting.by != cuts:
        how = f"by {', '.join(cuts)}" if cuts else "not at all"
        raise ReportNotCutError(f"It is cut {how}: leave out by.", pointer="/by")
    return replace(question, cutting=Cutting(cuts, question.cutting.only))


def whose(connection: sa.Connection, asked: Asked) -> Whose:
    """Return whose loans a report is about: the name and the code of an LSO or an RSP."""
    if asked.scope.kind == "network":
        return ALL
    cut = Cut.LSO if asked.scope.lso_ids is not None else Cut.RSP
    names = row_names(connection, asked, cut)
    codes = scope_codes(connection, asked.scope)
    return Whose(", ".join(f"{names[code,]} ({code})" for code in codes), "-".join(codes))


def names_of_rows(asked: Opened) -> Names:
    """Return what the rows of a question are called, for each cut that has names."""
    return {cut: row_names(asked.connection, asked.asked, cut) for cut in asked.form.by if cut in NAMED}


def _set(databases: Databases, question: Question, on: date, days: View) -> Setting:
    with opened(databases, question, on) as asked:
        return Setting(
            replace(question, known_at=asked.at or None),
            days,
            asked_view(asked),
            whose(asked.connection, asked.asked),
            names_of_rows(asked),
        )
