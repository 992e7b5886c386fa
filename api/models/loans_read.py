"""Loans as reports show them: lists, one loan, its schedule, its statement, repayments."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Literal

from pydantic import Field

from api.fields import Answer
from api.models.loans import LOAN_ID
from api.models.recorded import EVENT_ID, RECORDED_AT, MoneyText
from api.models.repayments import Channel, SettledShown, StandingShown
from api.paging import write_cursor
from cif_engine.kinds import Kind
from cif_engine.loans.life import Status
from cif_engine.loans.statement import Due
from cif_engine.loans.terms import LoanTerms

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
    overdue_principal: MoneyText = Field(description="What fell due before the day and was not paid by it.")
    credit_balance: MoneyText
    oldest_unpaid_due_on: date | None
    days_late: int

    example: ClassVar[dict[str, Any]] = {
        **_CODES,
        "status": "open",
        "outstanding_principal": "13500.00",
        "outstanding_charge": "0.00",
        "overdue_principal": "1500.00",
        "credit_balance": "0.00",
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
    reason: str | None = Field(description="Why the committee refused.")
    disbursed: MoneyText | None
    disbursed_on: date | None
    channel: Channel | None
    reference: str | None = Field(description="The number of the cheque or of the transfer.")
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

    example: ClassVar[dict[str, Any]] = {
        **_HEAD,
        "standing": StandingShown.example,
        "instalments": [InstalmentStanding.example],
    }


class LoanBalance(Answer):
    """What a loan owed after a fact."""

    status: Status
    principal: MoneyText
    charge: MoneyText
    credit: MoneyText


class StatementLine(Answer):
    """A fact of a loan, how it was split, and what the loan owed after it."""

    seq: int
    event: str
    kind: Kind
    effective_on: date
    recorded_at: str
    recorded_by: str
    receipt_no: str | None
    voucher_no: str | None
    external_id: str | None
    channel: Channel | None
    account: str | None = Field(description="The account that the money came into, or went out of.")
    disbursed: MoneyText
    paid: MoneyText
    settled: SettledShown | None
    balance: LoanBalance

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
        "disbursed": "0.00",
        "paid": "1500.00",
        "settled": SettledShown.example,
        "balance": {"status": "open", "principal": "13500.00", "charge": "0.00", "credit": "0.00"},
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
