"""The loans behind a figure, the bridge between what was reported and what is known, and the facts of a loan."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from pydantic import Field

from api.fields import Answer
from api.models.loans_read import LoanBalance, LoanHead, StatementLine
from api.models.portfolio import KnownMoment, RateText, RuleSetUsed
from api.models.recorded import EVENT_ID, RECORDED_AT, MoneyText
from api.models.repayments import SettledShown, WaivedShown
from api.paging import write_cursor
from cif_engine.kinds import Kind
from cif_engine.loans.standing import Status
from cif_engine.operations.fact_reports import FactOrder
from cif_engine.persistence.explaining import Side
from cif_engine.portfolio.classification import Comparator
from cif_engine.portfolio.restating import Cause

_LOAN_ID = "0197d3a2-5b1f-7c3e-9a4d-1f2e3d4c5b6b"


class AboutFigure(Answer):
    """Which figure: its definition, what was said besides its name, its days, whose loans, and what was known."""

    figure: str
    definition: str = Field(description="The id in GET /definitions.")
    qualifiers: dict[str, str] = Field(description="What it was asked with besides: days, part, cohort.")
    as_of: date | None = Field(description="The day; null for a figure of a period.")
    from_on: date | None = Field(alias="from")
    to_on: date | None = Field(alias="to")
    known_at: KnownMoment
    currency: str
    rule_set: RuleSetUsed
    comparator: Comparator
    only: dict[str, list[str]] = Field(description="The values that the loans are narrowed to, by cut.")


_ABOUT: dict[str, Any] = {
    "figure": "par_n",
    "definition": "par_n",
    "qualifiers": {"days": "30"},
    "as_of": "2021-06-30",
    "from": None,
    "to": None,
    "known_at": RECORDED_AT,
    "currency": "PKR",
    "rule_set": {"code": "community", "number": 1, "name": "Community default"},
    "comparator": ">",
    "only": {"gender": ["female"]},
}


class LoanBehindShown(Answer):
    """A loan behind a figure: where it stood on the day, or the last of the period, and what it is of the figure."""

    lso: str
    loan: str
    loan_id: str
    member: str
    product: str
    fund: str
    vo: str = Field(description="The VO that the loan was made under.")
    co: str
    status: Status
    disbursed_on: date | None
    disbursed: MoneyText
    outstanding_principal: MoneyText
    overdue_principal: MoneyText
    oldest_unpaid_due_on: date | None
    days_late: int
    band: str | None = Field(description="Of the ageing; null for a loan that is not open.")
    renegotiated: bool
    numerator: MoneyText = Field(description="What it is of the figure.")
    denominator: MoneyText | None = Field(
        description="What it is of the denominator; null where the figure is an amount. Of a write-off ratio, the sum "
        "over the days that are averaged."
    )

    example: ClassVar[dict[str, Any]] = {
        "lso": "DAS",
        "loan": "DAS-2021-00731",
        "loan_id": _LOAN_ID,
        "member": "M-0117",
        "product": "LIVESTOCK-12",
        "fund": "CIF",
        "vo": "VO-03",
        "co": "CO-014",
        "status": "open",
        "disbursed_on": "2021-02-01",
        "disbursed": "12000.00",
        "outstanding_principal": "9000.00",
        "overdue_principal": "2000.00",
        "oldest_unpaid_due_on": "2021-05-01",
        "days_late": 60,
        "band": "31-60",
        "renegotiated": False,
        "numerator": "9000.00",
        "denominator": "9000.00",
    }


class LoansBehind(AboutFigure):
    """The loans behind a figure, by LSO and number. Over all pages, what they are of it sums to it."""

    side: Side
    items: list[LoanBehindShown]
    next: str | None

    example: ClassVar[dict[str, Any]] = {
        **_ABOUT,
        "side": "numerator",
        "items": [LoanBehindShown.example],
        "next": write_cursor(["DAS", "DAS-2021-00731"]),
    }


# Restatement ---------------------------------------------------------------------------------------------------


class FigureAmounts(Answer):
    """A figure, or a change of one."""

    numerator: MoneyText
    denominator: MoneyText | None = Field(description="Null where the figure is an amount.")


class FigureAt(FigureAmounts):
    """A figure as it was known at a moment."""

    rate: RateText | None = Field(
        description="Null where the figure is an amount, or a share of nothing. Else numerator times `averaged_over`, "
        "of the denominator."
    )
    loans: int = Field(description="The loans of the numerator.")


class FigureDifference(FigureAmounts):
    """What is known, less what was reported."""

    loans: int


class BridgeLine(FigureAmounts):
    """What all acts of one kind changed. `rule_set` and `placements` are no acts of loans, and count none."""

    cause: Cause
    acts: int
    loans: int

    example: ClassVar[dict[str, Any]] = {
        "cause": "repayments",
        "acts": 3,
        "loans": 3,
        "numerator": "-24000.00",
        "denominator": "-4000.00",
    }


class Restatement(AboutFigure):
    """A figure as it was known at two moments; the lines sum to the difference exactly."""

    reported_at: KnownMoment
    averaged_over: int = Field(
        description="Where the denominator is an average: it is shown as the sum over so many days. Else 1."
    )
    reported: FigureAt
    known: FigureAt
    difference: FigureDifference
    causes: list[BridgeLine]

    example: ClassVar[dict[str, Any]] = {
        **_ABOUT,
        "reported_at": "2021-07-05T13:00:00.000000Z",
        "averaged_over": 1,
        "reported": {"numerator": "54000.00", "denominator": "600000.00", "rate": "0.090000", "loans": 6},
        "known": {"numerator": "30000.00", "denominator": "596000.00", "rate": "0.050336", "loans": 3},
        "difference": {"numerator": "-24000.00", "denominator": "-4000.00", "loans": -3},
        "causes": [BridgeLine.example],
    }


class ActEvent(Answer):
    """A fact of an act."""

    id: str
    seq: int
    kind: Kind
    effective_on: date


class ActShown(FigureAmounts):
    """What was recorded of one loan at one moment, and what it changed of the figure."""

    lso: str
    loan: str
    loan_id: str
    cause: Cause
    effective_on: date = Field(description="The first day of its facts.")
    recorded_at: str
    days_to_record: int = Field(description="Days from that day to the one on which it was recorded.")
    events: list[ActEvent]

    example: ClassVar[dict[str, Any]] = {
        "lso": "DAS",
        "loan": "DAS-2021-00731",
        "loan_id": _LOAN_ID,
        "cause": "repayments",
        "effective_on": "2021-06-14",
        "recorded_at": "2021-07-09T06:14:55.120431Z",
        "days_to_record": 25,
        "events": [{"id": EVENT_ID, "seq": 1412, "kind": "repayment_received", "effective_on": "2021-06-14"}],
        "numerator": "-9000.00",
        "denominator": "-2000.00",
    }


class RestatementActs(AboutFigure):
    """The acts that moved a figure, by LSO, loan and moment."""

    reported_at: KnownMoment
    items: list[ActShown]
    next: str | None

    example: ClassVar[dict[str, Any]] = {
        **_ABOUT,
        "reported_at": "2021-07-05T13:00:00.000000Z",
        "items": [ActShown.example],
        "next": write_cursor(["DAS", "DAS-2021-00731", 1625811295120431]),
    }


# The facts of a loan -------------------------------------------------------------------------------------------


class PostingOfFact(Answer):
    """A posting of a fact."""

    effective_on: date
    debit: str
    credit: str
    amount: MoneyText


class FactShown(Answer):
    """A fact of a loan, whether it holds, what it posted, and the loan after it."""

    seq: int
    event: str
    kind: Kind
    effective_on: date
    recorded_at: str
    recorded_by: str
    receipt_no: str | None
    voucher_no: str | None
    external_id: str | None
    holds: bool
    reverses: str | None = Field(description="The id of the fact that this one reverses.")
    reversed_by: str | None = Field(description="The id of the reversal, where the fact does not hold.")
    replaces: str | None = Field(description="The id of the reversed fact that this one corrects.")
    replaced_by: list[str] = Field(description="The ids of the facts that correct this one.")
    said: dict[str, Any] = Field(description="What it said, by kind; amounts in whole currency.")
    settled: SettledShown | None = Field(description="How a payment was split.")
    waived: WaivedShown | None
    postings: list[PostingOfFact] = Field(
        description="All that it posted, also reclassifications of other days that followed from it."
    )
    balance: LoanBalance | None = Field(
        description="What the loan owed after it, in the order in which they happened; null for one that does not hold."
    )

    example: ClassVar[dict[str, Any]] = {
        **{
            name: StatementLine.example[name]
            for name in (
                "seq",
                "event",
                "kind",
                "effective_on",
                "recorded_at",
                "recorded_by",
                "receipt_no",
                "voucher_no",
                "external_id",
                "reverses",
                "reversed_by",
                "replaces",
                "settled",
                "waived",
                "balance",
            )
        },
        "holds": True,
        "replaced_by": [],
        "said": {"amount": "1500.00", "channel": "cash", "held_in": "CIF.1010"},
        "postings": [{"effective_on": "2021-10-31", "debit": "CIF.1010", "credit": "CIF.1100", "amount": "1500.00"}],
    }


class LoanFactList(LoanHead):
    """The facts of a loan."""

    order: FactOrder
    items: list[FactShown]
    next: str | None

    example: ClassVar[dict[str, Any]] = {
        "lso": "DAS",
        "as_of": "2021-10-31",
        "known_at": RECORDED_AT,
        "currency": "PKR",
        "loan": "DAS-2021-00731",
        "loan_id": _LOAN_ID,
        "member": "M-0117",
        "fund": "CIF",
        "product": "LIVESTOCK-12",
        "order": "recorded",
        "items": [FactShown.example],
        "next": write_cursor([1412]),
    }
