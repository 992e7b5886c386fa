"""Loans as reports show them: lists, one loan, its schedule, its statement, repayments."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Literal

from pydantic import Field

from api.fields import Answer
from api.models.loans import LOAN_ID, InstalmentShown
from api.models.recorded import EVENT_ID, RECORDED_AT, MoneyText
from api.models.repayments import Channel, ChannelShown, SettledShown, StandingShown, WaivedShown
from api.models.tranche_rules import TrancheDrawn
from api.paging import write_cursor
from cif_engine.kinds import Kind
from cif_engine.loans.standing import Status
from cif_engine.loans.statement import Due
from cif_engine.loans.terms import LoanTerms, Rebate

_HEAD: dict[str, Any] = {
    "lso": "DAS",
    "as_of": "2021-10-31",
    "known_at": RECORDED_AT,
    "currency": "PKR",
    "loan": "DAS-2021-00731",
    "loan_id": LOAN_ID,
    "member": "M-0412",
    "fund": "CIF",
    "product": "LIVESTOCK-12",
}
_CODES = {name: _HEAD[name] for name in ("loan", "loan_id", "member", "fund", "product")}


class ListedLoan(Answer):
    """A loan as it stood on the day."""

    loan: str
    loan_id: str
    member: str
    fund: str
    product: str
    status: Status
    outstanding_principal: MoneyText
    outstanding_charge: MoneyText
    outstanding_fees: MoneyText
    outstanding_penalties: MoneyText
    overdue_principal: MoneyText = Field(description="What fell due before the day and was not paid by it.")
    credit_balance: MoneyText
    written_off: MoneyText
    recovered: MoneyText
    renegotiated: bool
    oldest_unpaid_due_on: date | None
    days_late: int

    example: ClassVar[dict[str, Any]] = {
        **_CODES,
        "status": "open",
        "outstanding_principal": "13500.00",
        "outstanding_charge": "0.00",
        "outstanding_fees": "0.00",
        "outstanding_penalties": "0.00",
        "overdue_principal": "1500.00",
        "credit_balance": "0.00",
        "written_off": "0.00",
        "recovered": "0.00",
        "renegotiated": False,
        "oldest_unpaid_due_on": "2021-10-01",
        "days_late": 30,
    }


class LoanList(Answer):
    """Loans by number, as they stood on a day."""

    lso: str
    as_of: date
    known_at: str | None
    currency: str
    items: list[ListedLoan]
    next: str | None

    example: ClassVar[dict[str, Any]] = {
        "lso": "DAS",
        "as_of": "2021-10-31",
        "known_at": RECORDED_AT,
        "currency": "PKR",
        "items": [ListedLoan.example],
        "next": write_cursor("DAS-2021-00731"),
    }


class LoanHead(Answer):
    """Which loan, on which day, as it was known when."""

    lso: str
    as_of: date
    known_at: str | None
    currency: str
    loan: str
    loan_id: str
    member: str
    fund: str
    product: str


class PartShown(Answer):
    """One disbursement of a loan, which may be handed out in several."""

    event: str = Field(json_schema_extra={"format": "uuid"})
    disbursed_on: date
    amount: MoneyText
    charge_up_front: MoneyText = Field(description="What was kept back of it as service charge.")
    channel: Channel
    reference: str | None = Field(description="The number of the cheque or of the transfer.")
    settles: str | None = Field(description="The number of the loan that was paid off out of it (top-up).")
    settled_amount: MoneyText | None
    tranches: list[TrancheDrawn] | None = Field(
        description="Which tranches paid for it, and what their rules found, as was known when it was recorded; null: "
        "the fund had no rules."
    )

    example: ClassVar[dict[str, Any]] = {
        "event": EVENT_ID,
        "disbursed_on": "2021-06-01",
        "amount": "18000.00",
        "charge_up_front": "0.00",
        "channel": "cheque",
        "reference": "CHQ-771203",
        "settles": None,
        "settled_amount": None,
        "tranches": [TrancheDrawn.example],
    }


class LoanShown(LoanHead):
    """What a loan was made under, what was agreed, and where it stood."""

    household: str
    co: str
    vo: str
    poverty_score: int | None
    gender: Literal["female", "male"]
    cycle: int
    purpose: str
    mip_no: str | None
    terms: LoanTerms
    requested: MoneyText
    applied_on: date
    applied_by: str
    recommended: MoneyText | None = Field(description="What the appraisal came to.")
    appraised_by: str | None
    approved: MoneyText | None
    decided_on: date | None
    decided_by: str | None
    committee: str | None
    resolution_no: str | None
    reason: str | None = Field(description="Why the committee refused, or why it was cancelled.")
    disbursed: MoneyText | None = Field(description="In all parts.")
    disbursed_on: date | None = Field(description="The day of the first part; its channel and reference follow.")
    channel: Channel | None
    reference: str | None = Field(description="The number of the cheque or of the transfer.")
    parts: list[PartShown]
    standing: StandingShown

    example: ClassVar[dict[str, Any]] = {
        **_HEAD,
        "household": "HH-0207",
        "co": "CO-014",
        "vo": "VO-03",
        "poverty_score": 17,
        "gender": "female",
        "cycle": 2,
        "purpose": "Two goats",
        "mip_no": "MIP-0412",
        "terms": LoanTerms.model_validate({"repayment": {"kind": "equal_instalments", "count": 12}}).model_dump(
            mode="json"
        ),
        "requested": "18000.00",
        "applied_on": "2021-05-20",
        "applied_by": "dasori-accountant",
        "recommended": "18000.00",
        "appraised_by": "Hajran Bibi",
        "approved": "18000.00",
        "decided_on": "2021-05-28",
        "decided_by": "dasori-manager",
        "committee": "LSO Dasori credit committee",
        "resolution_no": "RES-2021-17",
        "reason": None,
        "disbursed": "18000.00",
        "disbursed_on": "2021-06-01",
        "channel": "cheque",
        "reference": "CHQ-771203",
        "parts": [PartShown.example],
        "standing": StandingShown.example,
    }


class InstalmentStanding(Answer):
    """An instalment on a day."""

    number: int
    due_on: date
    principal: MoneyText
    charge: MoneyText
    principal_paid: MoneyText
    charge_paid: MoneyText
    unpaid: MoneyText
    state: Due
    days_late: int
    paid_on: date | None

    example: ClassVar[dict[str, Any]] = {
        "number": 4,
        "due_on": "2021-10-01",
        "principal": "1500.00",
        "charge": "0.00",
        "principal_paid": "0.00",
        "charge_paid": "0.00",
        "unpaid": "1500.00",
        "state": "late",
        "days_late": 30,
        "paid_on": None,
    }


class LoanSchedule(LoanHead):
    """The instalments of a loan with what is paid, due and late."""

    standing: StandingShown
    instalments: list[InstalmentStanding]
    earlier_schedules: list[list[InstalmentShown]] = Field(
        description="What the schedule was before each further part and each reschedule; the original comes first."
    )

    example: ClassVar[dict[str, Any]] = {
        **_HEAD,
        "standing": StandingShown.example,
        "instalments": [InstalmentStanding.example],
        "earlier_schedules": [],
    }


class SettlementQuote(LoanHead):
    """What pays a loan off on a day (`as_of`), which may be one to come, if nothing else happens until then."""

    rebate_policy: Rebate = Field(description="What the terms forgive of the charge when a loan is settled early.")
    penalties: MoneyText
    fees: MoneyText
    charge: MoneyText = Field(description="All that is unpaid of it, before the rebate.")
    rebate: MoneyText
    principal: MoneyText
    total: MoneyText = Field(description="What is to be paid: the sum less the rebate.")
    recoverable: MoneyText = Field(description="Of a loan written off: what is still collected, owed no more.")

    example: ClassVar[dict[str, Any]] = {
        **_HEAD,
        "rebate_policy": "not_yet_due",
        "penalties": "0.00",
        "fees": "0.00",
        "charge": "480.00",
        "rebate": "420.00",
        "principal": "13500.00",
        "total": "13560.00",
        "recoverable": "0.00",
    }


class LoanBalance(Answer):
    """What a loan owed after a fact."""

    status: Status
    principal: MoneyText
    charge: MoneyText
    fees: MoneyText
    penalties: MoneyText
    credit: MoneyText


class StatementLine(Answer):
    """A fact of a loan, how it was split, and what the loan owed after it.

    A fact that was reversed stays where it was, with its amounts as they were said, but no effect: neither it nor its
    reversal has a balance.
    """

    seq: int
    event: str
    kind: Kind
    effective_on: date
    recorded_at: str
    recorded_by: str
    receipt_no: str | None
    voucher_no: str | None
    external_id: str | None
    channel: ChannelShown | None = Field(description="`credit` and `top_up`: another loan of hers paid.")
    account: str | None = Field(description="The account that the money came into, or went out of.")
    resolution_no: str | None
    reason: str | None = Field(description="Why; of a fee or a penalty, what for.")
    disbursed: MoneyText
    paid: MoneyText
    charged: MoneyText = Field(description="A fee or a penalty.")
    refunded: MoneyText = Field(description="Credit given back, or used for another loan.")
    written_off: MoneyText
    settled: SettledShown | None
    waived: WaivedShown | None
    reversed_by: str | None = Field(description="The id of the reversal, where the fact does not hold.")
    reverses: str | None = Field(description="The id of the fact that this one reverses.")
    replaces: str | None = Field(description="The id of the reversed fact that this one corrects.")
    balance: LoanBalance | None

    example: ClassVar[dict[str, Any]] = {
        "seq": 1412,
        "event": EVENT_ID,
        "kind": "repayment_received",
        "effective_on": "2021-10-31",
        "recorded_at": RECORDED_AT,
        "recorded_by": "dasori-accountant",
        "receipt_no": "R-2210",
        "voucher_no": None,
        "external_id": None,
        "channel": "cash",
        "account": "CIF.1010",
        "resolution_no": None,
        "reason": None,
        "disbursed": "0.00",
        "paid": "1500.00",
        "charged": "0.00",
        "refunded": "0.00",
        "written_off": "0.00",
        "settled": SettledShown.example,
        "waived": None,
        "reversed_by": None,
        "reverses": None,
        "replaces": None,
        "balance": {
            "status": "open",
            "principal": "13500.00",
            "charge": "0.00",
            "fees": "0.00",
            "penalties": "0.00",
            "credit": "0.00",
        },
    }


class LoanStatement(LoanHead):
    """Every fact of a loan in the order in which they happened, and its schedule."""

    standing: StandingShown
    lines: list[StatementLine]
    instalments: list[InstalmentStanding]

    example: ClassVar[dict[str, Any]] = {
        **_HEAD,
        "standing": StandingShown.example,
        "lines": [StatementLine.example],
        "instalments": [InstalmentStanding.example],
    }


class ListedRepayment(StatementLine):
    """A repayment, and the loan it was for."""

    loan: str

    example: ClassVar[dict[str, Any]] = {"loan": "DAS-2021-00731", **StatementLine.example}


class RepaymentList(Answer):
    """Repayments by day."""

    lso: str
    from_on: date = Field(alias="from")
    to_on: date = Field(alias="to")
    known_at: str | None
    currency: str
    items: list[ListedRepayment]
    next: str | None

    example: ClassVar[dict[str, Any]] = {
        "lso": "DAS",
        "from": "2021-10-01",
        "to": "2021-10-31",
        "known_at": RECORDED_AT,
        "currency": "PKR",
        "items": [ListedRepayment.example],
        "next": write_cursor(["2021-10-31", 1412]),
    }
