"""Reports as tables, pages of registers, and charts."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Literal

from pydantic import Field

from api.fields import Answer
from api.files import TextFile
from api.models.recorded import RECORDED_AT
from cif_engine.portfolio.cuts import Cut

Unit = Literal["text", "count", "money", "day", "moment", "share"]
CellShown = str | int | None


class ColumnShown(Answer):
    """A column of a table. Amounts are decimal strings, shares have six decimals; null is an empty cell."""

    key: str = Field(description="Its name in the rows, and in the header of the CSV.")
    title: str
    unit: Unit
    definition: str | None = Field(description="The figure that it tells; see /v1/definitions.")
    numerator: str | None = Field(description="The key of the column that a share is a part of, if it is one of two.")
    denominator: str | None

    example: ClassVar[dict[str, Any]] = {
        "key": "par_30",
        "title": "PAR > 30",
        "unit": "share",
        "definition": "par_n",
        "numerator": "late_30",
        "denominator": "gross_portfolio",
    }


class RuleSetNamed(Answer):
    """The version of a rule set that a report goes by."""

    code: str
    number: int
    name: str


class TableShown(Answer):
    """A table of a report."""

    table: str = Field(description="Its name, for `table` and on the sheet of the workbook.")
    title: str
    columns: list[ColumnShown]
    rows: list[dict[str, CellShown]]
    total: dict[str, CellShown] | None = Field(
        description="What columns come to. People are counted once, however many rows they are in."
    )

    example: ClassVar[dict[str, Any]] = {
        "table": "PAR",
        "title": "Portfolio at risk",
        "columns": [
            {**ColumnShown.example, "key": key, "title": title, "unit": unit, "definition": None, **of}
            for key, title, unit, of in (
                ("lso", "LSO", "text", {"numerator": None, "denominator": None}),
                ("gross_portfolio", "Gross portfolio", "money", {"numerator": None, "denominator": None}),
                ("late_30", "Late > 30 days", "money", {"numerator": None, "denominator": None}),
                ("par_30", "PAR > 30", "share", {}),
            )
        ],
        "rows": [{"lso": "DAS", "gross_portfolio": "5000000.00", "late_30": "200000.00", "par_30": "0.040000"}],
        "total": {"gross_portfolio": "5000000.00", "late_30": "200000.00", "par_30": "0.040000"},
    }


class _ReportHead(Answer):
    """What stands at the head of a report: `as_of` or a period, what was known, whose loans."""

    report: str
    title: str
    scope: str
    as_of: date | None = None
    from_on: date | None = Field(default=None, alias="from")
    to_on: date | None = Field(default=None, alias="to")
    known_at: str | None = Field(description="Asked for again with this moment it is the same for ever.")
    currency: str
    only: dict[Cut, list[str]] = Field(description="What it is narrowed to.")
    definitions: list[str] = Field(description="The figures that it tells; see /v1/definitions.")


_HEAD = {
    "scope": "LSO Dasori (DAS)",
    "known_at": RECORDED_AT,
    "currency": "PKR",
    "only": {},
}


class ReportShown(_ReportHead):
    """A report with its tables, the main one first."""

    rule_set: RuleSetNamed
    comparator: str
    by: list[Cut]
    tables: list[TableShown]

    example: ClassVar[dict[str, Any]] = {
        "report": "par",
        "title": "Portfolio at risk",
        **_HEAD,
        "as_of": "2021-10-31",
        "rule_set": {"code": "community", "number": 1, "name": "Community default"},
        "comparator": ">",
        "by": ["lso"],
        "definitions": ["gross_portfolio", "par_n"],
        "tables": [TableShown.example],
    }


class RegisterShown(_ReportHead):
    """A page of a register. `next` goes into `after` for the page that follows; null: this is the last."""

    table: str
    columns: list[ColumnShown]
    items: list[dict[str, CellShown]]
    next: str | None

    example: ClassVar[dict[str, Any]] = {
        "report": "disbursements",
        "title": "Register of disbursements",
        **_HEAD,
        "from": "2021-10-01",
        "to": "2021-10-31",
        "definitions": ["disbursed"],
        "table": "Disbursements",
        "columns": [{**ColumnShown.example, "key": "loan", "title": "Loan", "unit": "text", "definition": None}],
        "items": [{"loan": "DAS-2021-00731"}],
        "next": "WyJEQVMiLCIyMDIxLTEwLTAxIiw3MV0",
    }


class ChartPicture(TextFile):
    """A chart as a picture that scales."""

    media_type = "image/svg+xml"
    example: ClassVar[str] = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 403"></svg>'
