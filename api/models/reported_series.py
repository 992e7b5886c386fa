"""What was reported period after period, with what is found of it marked."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from api.fields import Answer
from api.models.recorded import RECORDED_AT
from api.models.reported_figures import FIGURES_SHOWN, FigureFinding, FigureShown, Severity, Subject, Verdict


class MarkShown(Answer):
    """A finding that is marked at a point of a series."""

    check: str
    severity: Severity
    measures: list[str]


class PointShown(Answer):
    """The figures of one day, as printed last, with the findings marked there."""

    as_of: date
    set: str
    source: str
    page: str | None
    printed_on: date | None
    figures: list[FigureShown]
    marks: list[MarkShown]


class SeriesShown(Answer):
    """A subject as it was reported day after day, with all findings, the gravest first."""

    rsp: str | None
    subject: Subject | None
    name: str | None
    lso: str | None
    place: str | None
    as_of: date
    known_at: str | None
    parameters: dict[str, str]
    verdict: Verdict
    counts: dict[str, int]
    points: list[PointShown]
    findings: list[FigureFinding]

    example: ClassVar[dict[str, Any]] = {
        "rsp": "NRSP",
        "subject": "rsp",
        "name": "NRSP",
        "lso": None,
        "place": None,
        "as_of": "2021-10-31",
        "known_at": RECORDED_AT,
        "parameters": {"jump_factor": "3", "freeze_periods": "2"},
        "verdict": "impossible",
        "counts": {"high": 1, "medium": 0, "low": 0, "note": 0},
        "points": [
            {
                "as_of": "2011-12-31",
                "set": "0197d3a2-5b1f-7c3e-9a4d-1f2e3d4c5b6a",
                "source": "Outreach report",
                "page": "7",
                "printed_on": None,
                "figures": [{**FIGURES_SHOWN[0], "printed": "85.81", "unit": "pkr_million", "value": "85810000.00"}],
                "marks": [{"check": "fall", "severity": "high", "measures": ["disbursed"]}],
            }
        ],
        "findings": [
            {
                "check": "fall",
                "title": "A cumulative figure that falls",
                "severity": "high",
                "measures": ["disbursed"],
                "from": "2011-09-30",
                "as_of": "2011-12-31",
                "words": "Disbursed to date fell from PKR 90.320168 million to PKR 85.81 million, by PKR 4,510,168 "
                "(5.0 %); what is cumulative cannot fall.",
                "numbers": {"fell_by": "4510168.00", "percent": "5.0"},
            }
        ],
    }
