"""Figures that others report, said and shown."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import Annotated, Any, ClassVar, Final, Literal, NamedTuple

from pydantic import (
    Field,
    PlainValidator,
    SkipValidation,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from api.fields import EARLIEST_FACT, Answer, Code, Day, OneLine, Said
from api.models.recorded import RECORDED_AT
from cif_engine.dates import parse_date
from cif_engine.errors import CifError, MeasureUnknownError
from cif_engine.operations.reported_figures import MOST_SETS, RSP, SETTLEMENT, SaidSet
from cif_engine.reported.figures import Figure
from cif_engine.reported.measures import MEASURES, Measure, find_measure
from cif_engine.reported.printed import LONGEST_TEXT, USUAL_UNIT, Unit, read_printed

_YEAR: Final = re.compile("[0-9]{4}")
_MONTH: Final = re.compile("([0-9]{4})-([0-9]{2})")
_DECEMBER: Final = 12

Severity = Literal["high", "medium", "low", "note"]
Verdict = Literal["impossible", "doubtful", "plausible"]
Subject = Literal["rsp", "lso", "settlement"]


class AsOfPrinted(NamedTuple):
    """A day, month or year as printed: its first and its last day, and the text."""

    first: date
    last: date
    text: str


def _read_as_of(written: object) -> AsOfPrinted:
    """Return the days of `2024-06-30`, `2024-06` or `2024`; figures as of a month or a year are as of its last day."""
    text = written if isinstance(written, str) else ""
    try:
        if _YEAR.fullmatch(text):
            return _since_1990(AsOfPrinted(parse_date(f"{text}-01-01"), parse_date(f"{text}-12-31"), text))
        if found := _MONTH.fullmatch(text):
            first = parse_date(f"{text}-01")
            return _since_1990(AsOfPrinted(first, first.replace(day=monthrange(first.year, int(found[2]))[1]), text))
        day = parse_date(written)
    except CifError as refusal:
        raise PydanticCustomError(refusal.code, "{detail}", {"detail": refusal.detail}) from refusal
    return _since_1990(AsOfPrinted(day, day, text))


def _since_1990(as_of: AsOfPrinted) -> AsOfPrinted:
    if as_of.first < EARLIEST_FACT:
        message = "The date is before {earliest}."
        raise PydanticCustomError("date_out_of_range", message, {"earliest": EARLIEST_FACT.isoformat()})
    return as_of


def _read_text(written: object) -> str | None:
    """Return a figure as text; a float no longer says how many decimals were printed."""
    if written is None or isinstance(written, str):
        return written
    if type(written) is int:
        return str(written)
    raise PydanticCustomError("printed_unreadable", 'A figure is text as it was printed, "85.80", or a whole number.')


def _read_measure(written: object) -> tuple[Measure, Unit | None]:
    found = find_measure(written) if isinstance(written, str) else None
    if found is None:
        known = {"known": ", ".join(MEASURES)}
        raise PydanticCustomError(MeasureUnknownError.code, "The measures are {known}.", known)
    return found


MeasureSaid = Annotated[
    tuple[Measure, Unit | None],
    PlainValidator(_read_measure),
    WithJsonSchema(
        {
            "type": "string",
            "description": f"One of {', '.join(MEASURES)}, or a name of published tables such as "
            "`cif_disbursed_pkr_million`, whose end says the unit.",
        }
    ),
]
AsOfSaid = Annotated[
    AsOfPrinted,
    PlainValidator(_read_as_of),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$",
            "description": "The day the figures are of; where only a month or a year is printed, that: its last day.",
        }
    ),
]
PrintedSaid = Annotated[
    str | None,
    PlainValidator(_read_text),
    WithJsonSchema({"anyOf": [{"type": "string", "maxLength": LONGEST_TEXT}, {"type": "integer"}, {"type": "null"}]}),
]


class FigureSaid(Said):
    """One figure, exactly as it was printed: `85.80` and not 85.8. `-` or null: the source has none."""

    measure: MeasureSaid
    unit: Annotated[Unit, Field(strict=False)] | None = Field(
        None, description="Left out: as the measure's name ends, else whole rupees, whole things, per cent."
    )
    printed: PrintedSaid

    @field_validator("printed")
    @classmethod
    def _readable(cls, text: str | None, info: ValidationInfo) -> str | None:
        """Refuse what says no figure, at the field itself."""
        if "measure" in info.data and "unit" in info.data:
            measure, unit = info.data["measure"][0], cls._unit_of(info.data)
            if unit.kind is not measure.kind:
                raise PydanticCustomError(MeasureUnknownError.code, f"{measure.id} is not counted in {unit}.")
            try:
                read_printed(text, unit)
            except CifError as refusal:
                raise PydanticCustomError(refusal.code, "{detail}", {"detail": refusal.detail}) from refusal
        return text

    def value(self) -> Figure:
        """Return it."""
        data = {"measure": self.measure, "unit": self.unit}
        return Figure(self.measure[0], read_printed(self.printed, self._unit_of(data)))

    @staticmethod
    def _unit_of(data: dict[str, Any]) -> Unit:
        measure, of_name = data["measure"]
        unit: Unit = data["unit"] or of_name or USUAL_UNIT[measure.kind]
        return unit


class FigureSetSaid(Said):
    """Figures of one programme, LSO or settlement that were printed together, as of one day."""

    subject: Subject = Field(description="Of whom they are: the RSP of the address, an LSO, or a settlement or VO.")
    name: Annotated[str, OneLine(200)] | None = Field(None, description="As printed. Needed but for the RSP itself.")
    lso: Code | None = Field(None, description="The code of an LSO that is registered here.")
    place: Annotated[str, OneLine(200)] | None = Field(None, description="Union council, tehsil, district, as printed.")
    as_of: AsOfSaid
    formed_on: Day | None = Field(None, description="When the holder was formed. Left out: as registered, if it is.")
    source: Annotated[str, OneLine(300)] | None = Field(None, description="Left out: that of the request.")
    page: Annotated[str, OneLine(40)] | None = None
    printed_on: Day | None = Field(None, description="When the source was printed or published.")
    figures: Annotated[list[FigureSaid], Field(min_length=1, max_length=len(MEASURES))]
    remark: Annotated[str, OneLine(500)] | None = None

    @model_validator(mode="after")
    def _whole(self) -> FigureSetSaid:
        """Refuse a set that does not say of whom it is, or says a figure twice."""
        if self.name is None and self.lso is None and self.subject != RSP:
            raise PydanticCustomError("field_missing", "An LSO has a name or a code, a settlement a name.")
        if self.lso is not None and self.subject != "lso":
            raise PydanticCustomError("value_unknown", "A code of an LSO goes with the subject lso.")
        if self.subject == SETTLEMENT and self.name is None:
            raise PydanticCustomError("field_missing", "A settlement has a name.")
        names = [figure.measure[0].id for figure in self.figures]
        if len(set(names)) < len(names):
            raise PydanticCustomError(MeasureUnknownError.code, "Each measure is said once in a set.")
        return self

    def value(self, request: FiguresSaid) -> SaidSet:
        """Return it, with the source of the request where it names none; that one is there."""
        source = self.source or request.source
        assert source is not None, "checked before"
        own = self.source is not None
        return SaidSet(
            subject=self.subject,
            name=self.name,
            lso=self.lso,
            place=self.place,
            as_of=self.as_of.last,
            as_of_from=self.as_of.first,
            as_of_printed=self.as_of.text,
            formed_on=self.formed_on,
            source=source,
            page=self.page or (None if own else request.page),
            printed_on=self.printed_on or (None if own else request.printed_on),
            figures=tuple(figure.value() for figure in self.figures),
            remark=self.remark or "",
        )


OneSetSaid = Annotated[FigureSetSaid, SkipValidation]
"""A set that is read on its own, so that all that is wrong with any of them is told at once; here still raw."""


class FiguresSaid(Said):
    """Sets of figures as an RSP publishes them. The source stands here for all sets, or with each."""

    source: Annotated[str, OneLine(300)] | None = Field(None, description="Title of the report, or its address.")
    page: Annotated[str, OneLine(40)] | None = None
    printed_on: Day | None = None
    sets: Annotated[list[OneSetSaid], Field(min_length=1, max_length=MOST_SETS)]

    example: ClassVar[dict[str, Any]] = {
        "source": "Profile of LSO Dasori, SUCCESS programme",
        "page": "2",
        "printed_on": "2021-08-15",
        "sets": [
            {
                "subject": "lso",
                "name": "Dasori",
                "place": "Dasori, Jhando Mari, Tando Allahyar",
                "as_of": "2021-07-31",
                "formed_on": "2017-01-20",
                "figures": [
                    {"measure": "sub_grant", "printed": "4,000,000"},
                    {"measure": "disbursed", "printed": "327,152,021"},
                    {"measure": "households", "printed": "327"},
                    {"measure": "loans", "printed": "721"},
                ],
            }
        ],
    }


# Shown ---------------------------------------------------------------------------------------------------------


class FigureShown(Answer):
    """A figure as printed; `value` is what it says, in rupees, a count, or per cent; null: the source has none."""

    measure: str
    title: str
    nature: Literal["cumulative", "stock"] = Field(description="Cumulative figures never fall.")
    printed: str | None
    unit: str
    value: str | None


class FigureFinding(Answer):
    """One finding, in words and in numbers. `from` is set where it spans days, a freeze for example."""

    check: str
    title: str
    severity: Severity
    measures: list[str]
    from_: date | None = Field(alias="from")
    as_of: date
    words: str
    numbers: dict[str, str]


class NotCheckedShown(Answer):
    """A check that could not be made, and what is missing for it."""

    check: str
    why: str


FIGURES_SHOWN: Final[list[dict[str, Any]]] = [
    {
        "measure": "disbursed",
        "title": "Disbursed to date",
        "nature": "cumulative",
        "printed": "327,152,021",
        "unit": "pkr",
        "value": "327152021.00",
    }
]
_FINDING: Final[dict[str, Any]] = {
    "check": "average_loan",
    "title": "The average loan against the limits of loans",
    "severity": "high",
    "measures": ["disbursed", "loans"],
    "from": None,
    "as_of": "2021-07-31",
    "words": "PKR 327,152,021 for 721 loans is PKR 453,748 a loan; loans are from PKR 2,000 to PKR 100,000.",
    "numbers": {"average": "453748.00", "loan_min": "2000", "loan_max": "100000"},
}


class FigureSetShown(Answer):
    """A set as printed, what is found of it by which parameters, and what could not be checked; nothing corrected."""

    id: str
    number: int
    rsp: str
    subject: Subject
    name: str
    lso: str | None
    place: str | None
    as_of: date
    as_of_printed: str
    formed_on: date | None
    source: str
    page: str | None
    printed_on: date | None
    figures: list[FigureShown]
    verdict: Verdict
    findings: list[FigureFinding]
    not_checked: list[NotCheckedShown]
    parameters: dict[str, str]
    limits_of_products: list[str] = Field(description="Which parameters are of the products of the LSO.")
    remark: str
    recorded_at: str
    recorded_by: str

    example: ClassVar[dict[str, Any]] = {
        "id": "0197d3a2-5b1f-7c3e-9a4d-1f2e3d4c5b6a",
        "number": 1,
        "rsp": "NRSP",
        "subject": "lso",
        "name": "Dasori",
        "lso": None,
        "place": "Dasori, Jhando Mari, Tando Allahyar",
        "as_of": "2021-07-31",
        "as_of_printed": "2021-07-31",
        "formed_on": "2017-01-20",
        "source": "Profile of LSO Dasori, SUCCESS programme",
        "page": "2",
        "printed_on": "2021-08-15",
        "figures": FIGURES_SHOWN,
        "verdict": "impossible",
        "findings": [_FINDING],
        "not_checked": [{"check": "ties_out", "why": "It takes the amounts disbursed, recovered and outstanding."}],
        "parameters": {"loan_min": "2000", "loan_max": "100000", "jump_factor": "3"},
        "limits_of_products": [],
        "remark": "",
        "recorded_at": RECORDED_AT,
        "recorded_by": "finance",
    }


class FiguresRecorded(Answer):
    """The sets that were recorded, each with what is found of it."""

    recorded: int
    known_at: str
    sets: list[FigureSetShown]

    example: ClassVar[dict[str, Any]] = {"recorded": 1, "known_at": RECORDED_AT, "sets": [FigureSetShown.example]}


class FiguresListed(Answer):
    """A page of sets in the order they were recorded."""

    as_of: date
    known_at: str | None
    items: list[FigureSetShown]
    next: str | None

    example: ClassVar[dict[str, Any]] = {
        "as_of": "2021-10-31",
        "known_at": RECORDED_AT,
        "items": [FigureSetShown.example],
        "next": None,
    }
