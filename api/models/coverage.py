"""On what consolidated figures rest: books, reported totals, or nothing."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from api.fields import Answer
from api.models.recorded import RECORDED_AT
from api.models.reported_figures import FIGURES_SHOWN, FigureShown, Verdict


class LoanLevelShown(Answer):
    """LSOs whose books hold every loan, none where only capital came yet, and what these come to."""

    lsos: int
    loans: int
    disbursed: str
    outstanding: str


class TotalsOnlyShown(Answer):
    """LSOs that totals alone are known of: what those that state them report, and how plausible the sets are."""

    lsos: int
    disbursed: str | None
    outstanding: str | None
    disbursed_stated_by: int
    outstanding_stated_by: int
    impossible: int
    doubtful: int
    plausible: int


class NothingShown(Answer):
    """LSOs of which nothing is known."""

    lsos: int


class CoverageFigures(Answer):
    """On what figures over some LSOs rest. The three are never added to one another."""

    lsos: int
    loan_level: LoanLevelShown
    totals_only: TotalsOnlyShown
    nothing: NothingShown

    example: ClassVar[dict[str, Any]] = {
        "lsos": 314,
        "loan_level": {"lsos": 290, "loans": 219000, "disbursed": "2584000000.00", "outstanding": "911000000.00"},
        "totals_only": {
            "lsos": 20,
            "disbursed": "180500000.00",
            "outstanding": None,
            "disbursed_stated_by": 20,
            "outstanding_stated_by": 0,
            "impossible": 1,
            "doubtful": 2,
            "plausible": 17,
        },
        "nothing": {"lsos": 4},
    }


class CoverageRow(CoverageFigures):
    """The same of one row of the cut."""

    key: dict[str, str | None]


class ProgrammeShown(Answer):
    """What an RSP reports of itself as a whole, last: as printed, added to nothing."""

    rsp: str
    as_of: date
    source: str
    set: str
    verdict: Verdict
    figures: list[FigureShown]


class CoverageReport(Answer):
    """On what consolidated figures rest: books with every loan, totals that were reported, nothing."""

    as_of: date
    known_at: str | None
    currency: str
    by: list[str]
    only: dict[str, list[str]]
    total: CoverageFigures
    rows: list[CoverageRow]
    programmes: list[ProgrammeShown]

    example: ClassVar[dict[str, Any]] = {
        "as_of": "2021-10-31",
        "known_at": RECORDED_AT,
        "currency": "PKR",
        "by": ["rsp"],
        "only": {},
        "total": CoverageFigures.example,
        "rows": [{"key": {"rsp": "NRSP"}, **CoverageFigures.example}],
        "programmes": [
            {
                "rsp": "NRSP",
                "as_of": "2015-06-30",
                "source": "Outreach report",
                "set": "0197d3a2-5b1f-7c3e-9a4d-1f2e3d4c5b6a",
                "verdict": "plausible",
                "figures": FIGURES_SHOWN,
            }
        ],
    }
