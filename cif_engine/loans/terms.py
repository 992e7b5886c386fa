"""What was agreed about a loan: when it is repaid, what is charged, how amounts and dates are rounded.

Terms arrive from outside, so they are checked here once and trusted afterwards. Amounts are written in JSON as in
every request (`"amount": "500.00"`) and held as minor units (`amount_minor`), in the currency of the fund, which has
two decimals. `model_dump(mode="json")` gives the canonical form, which reads back as equal terms.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from cif_engine.dates import DAYS_IN_WEEK, MONTHLY, MONTHS_IN_YEAR, HolidayRule, MonthDay, MonthEnd
from cif_engine.errors import AgreedAmountsError, PrincipalNotPositiveError
from cif_engine.loans.day_counts import DAYS_IN_YEAR, WEEKS_IN_YEAR, DayCount
from cif_engine.loans.fields import AmountMinor, BusinessDay, DayOfYear, HowOften, Percent
from cif_engine.money import PKR, format_amount

MOST_INSTALMENTS: Final = 600
LONGEST_BULLET_MONTHS: Final = 360

InstalmentCount = Annotated[int, Field(strict=True, ge=1, le=MOST_INSTALMENTS)]
GraceCount = Annotated[int, Field(strict=True, ge=0, lt=MOST_INSTALMENTS)]


def _require_kind(schema: dict[str, Any]) -> None:
    """Tell readers of the contract that `kind`, which Python may leave out, is always written."""
    if "kind" in schema["properties"]:
        schema["required"] = ["kind", *schema.get("required", [])]


class _Agreed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True, json_schema_extra=_require_kind)


# When the loan is repaid ---------------------------------------------------------------------------------------


class BulletPayment(_Agreed):
    """One payment at the end: so many months after the start, or on an agreed day."""

    kind: Literal["bullet"] = "bullet"
    after_months: Annotated[int, Field(strict=True, ge=1, le=LONGEST_BULLET_MONTHS)] | None = None
    due_on: BusinessDay | None = None

    @model_validator(mode="after")
    def _names_one_day(self) -> Self:
        if (self.after_months is None) == (self.due_on is None):
            raise PydanticCustomError("bullet_day", "A bullet loan names either `after_months` or `due_on`.")
        return self


class Instalments(_Agreed):
    """What all plans of equal instalments have in common.

    The first `grace_on_principal` instalments repay no principal; the charge of the first `grace_on_charge` falls due
    with the instalment after them.
    """

    count: InstalmentCount
    grace_on_principal: GraceCount = 0
    grace_on_charge: GraceCount = 0

    @model_validator(mode="after")
    def _ends_its_grace(self) -> Self:
        if max(self.grace_on_principal, self.grace_on_charge) >= self.count:
            raise PydanticCustomError("grace_too_long", "At least the last instalment comes after the grace.")
        return self


class EqualInstalments(Instalments):
    """Equal instalments in steps of the frequency: the first one step after the start, or on `first_due_on`.

    With `first_due_on`, the later steps are counted from that day.
    """

    kind: Literal["equal_instalments"] = "equal_instalments"
    frequency: HowOften = Field(MONTHLY, json_schema_extra={"default": "monthly"})
    first_due_on: BusinessDay | None = None
    month_end: MonthEnd = MonthEnd.ANCHOR_DAY


class SeasonalInstalments(Instalments):
    """Equal instalments on the next `count` days of the harvest calendar after the start."""

    kind: Literal["seasonal"] = "seasonal"
    month_days: Annotated[tuple[DayOfYear, ...], Field(min_length=1, max_length=12)]

    @field_validator("month_days")
    @classmethod
    def _in_order_of_the_year(cls, month_days: tuple[MonthDay, ...]) -> tuple[MonthDay, ...]:
        if len(set(month_days)) < len(month_days):
            raise PydanticCustomError("season_repeated", "A day of the harvest calendar is named twice.")
        return tuple(sorted(month_days))


class AgreedPayment(_Agreed):
    """One agreed payment of principal."""

    due_on: BusinessDay
    amount_minor: AmountMinor = Field(alias="amount")

    @classmethod
    def of_minor(cls, due_on: date, amount_minor: int) -> Self:
        """Return the payment of so many minor units."""
        return cls.model_validate({"due_on": due_on, "amount": format_amount(amount_minor)})


class AgreedPayments(_Agreed):
    """The days and amounts of principal that were agreed one by one, in the order of their days."""

    kind: Literal["agreed"] = "agreed"
    payments: Annotated[tuple[AgreedPayment, ...], Field(min_length=1, max_length=MOST_INSTALMENTS)]

    @field_validator("payments")
    @classmethod
    def _in_order_of_days(cls, payments: tuple[AgreedPayment, ...]) -> tuple[AgreedPayment, ...]:
        if any(later.due_on <= payment.due_on for payment, later in pairwise(payments)):
            raise PydanticCustomError("agreed_order", "Each agreed payment falls due after the one before it.")
        return payments


RepaymentPlan = Annotated[
    BulletPayment | EqualInstalments | SeasonalInstalments | AgreedPayments, Field(discriminator="kind")
]

# What is charged -----------------------------------------------------------------------------------------------


class ChargeDue(StrEnum):
    """When a flat charge falls due: shared by all instalments, whole with the first or the last, or at disbursement.

    UP_FRONT is taken from the money that is handed out, so the schedule carries no charge.
    """

    SPREAD = "spread"
    WITH_FIRST = "with_first"
    WITH_LAST = "with_last"
    UP_FRONT = "up_front"


class Accrual(StrEnum):
    """Whether a declining charge counts the periods of the plan, each as long as the next, or the days."""

    BY_PERIOD = "by_period"
    BY_DAY = "by_day"


class Amortisation(StrEnum):
    """What stays the same from one instalment to the next: the whole of it, or its principal."""

    EQUAL_INSTALMENTS = "equal_instalments"
    EQUAL_PRINCIPAL = "equal_principal"


class NoCharge(_Agreed):
    """The loan is interest-free."""

    kind: Literal["none"] = "none"


class FlatPercent(_Agreed):
    """A service charge for the whole loan, in per cent of its principal."""

    kind: Literal["flat_percent"] = "flat_percent"
    percent: Percent
    due: ChargeDue = ChargeDue.SPREAD


class FlatAmount(_Agreed):
    """A service charge for the whole loan, as an amount."""

    kind: Literal["flat_amount"] = "flat_amount"
    amount_minor: AmountMinor = Field(alias="amount")
    due: ChargeDue = ChargeDue.SPREAD

    @classmethod
    def of_minor(cls, amount_minor: int) -> Self:
        """Return the charge of so many minor units."""
        return cls.model_validate({"amount": format_amount(amount_minor)})


class DecliningBalance(_Agreed):
    """A service charge on the principal still outstanding, in per cent a year.

    `day_count` matters where days are counted; agreed payments keep their amounts whatever the amortisation.
    """

    kind: Literal["declining_balance"] = "declining_balance"
    annual_percent: Percent
    accrual: Accrual = Accrual.BY_PERIOD
    day_count: DayCount = DayCount.ACTUAL_365
    amortisation: Amortisation = Amortisation.EQUAL_INSTALMENTS


ServiceCharge = Annotated[NoCharge | FlatPercent | FlatAmount | DecliningBalance, Field(discriminator="kind")]

# What a payment settles ----------------------------------------------------------------------------------------


class DueKind(StrEnum):
    """What kinds of dues a loan can have."""

    PENALTY = "penalty"
    FEE = "fee"
    CHARGE = "charge"
    PRINCIPAL = "principal"


class Across(StrEnum):
    """Whether a payment settles the oldest instalment whole, or the first kind of all instalments."""

    INSTALMENTS = "instalments"
    KINDS = "kinds"


KindsInOrder = Annotated[
    tuple[DueKind, ...],
    Field(min_length=len(DueKind), max_length=len(DueKind), json_schema_extra={"uniqueItems": True}),
]


class AllocationOrder(_Agreed):
    """In which order a payment settles what is owed, the oldest dues first.

    `in_advance` is the order in which money settles what has not fallen due yet; None: the same.
    """

    order: KindsInOrder = tuple(DueKind)
    in_advance: KindsInOrder | None = None
    across: Across = Across.INSTALMENTS

    @field_validator("order", "in_advance")
    @classmethod
    def _names_each_kind(cls, order: tuple[DueKind, ...] | None) -> tuple[DueKind, ...] | None:
        if order is not None and len(set(order)) < len(DueKind):
            raise PydanticCustomError("kind_repeated", "Each of penalty, fee, charge and principal has one place.")
        return order


class Rebate(StrEnum):
    """What of the charge is forgiven when a loan is settled early.

    NOT_YET_DUE forgives the unpaid charge of the instalments due after that day; PRO_RATA the same, less what the
    current instalment has earned by its days.
    """

    NONE = "none"
    NOT_YET_DUE = "not_yet_due"
    PRO_RATA = "pro_rata"


# The terms -----------------------------------------------------------------------------------------------------


class Whole(StrEnum):
    """What comes in whole multiples of the rounding unit: principal and charge each, or only their sum."""

    PRINCIPAL_AND_CHARGE = "principal_and_charge"
    INSTALMENT = "instalment"


class LoanTerms(_Agreed):
    """All that was agreed about one loan but its principal and its start.

    Amounts due are whole multiples of `rounding_unit` (a whole rupee unless agreed otherwise); the last instalment
    takes the remainder.
    """

    repayment: RepaymentPlan
    charge: ServiceCharge = NoCharge()
    rounding_unit_minor: AmountMinor = Field(
        PKR.practical_unit_minor, alias="rounding_unit", json_schema_extra={"default": "1.00"}
    )
    whole: Whole = Whole.PRINCIPAL_AND_CHARGE
    holiday_rule: HolidayRule = HolidayRule.NEXT_WORKING_DAY
    allocation: AllocationOrder = AllocationOrder()
    rebate: Rebate = Rebate.NONE

    @model_validator(mode="after")
    def _has_periods_to_count(self) -> Self:
        charge = self.charge
        counts_periods = isinstance(charge, DecliningBalance) and charge.accrual is Accrual.BY_PERIOD
        if counts_periods and period_of(self.repayment) is None:
            raise PydanticCustomError(
                "no_periods", "A plan of single days has no periods of equal length; its charge is counted by day."
            )
        return self


def period_of(plan: RepaymentPlan) -> tuple[int, int] | None:
    """Return the length of the plan's periods as parts of a year, and the parts in a year: a month is 1 of 12.

    None for a plan of single days, which has no periods.
    """
    if isinstance(plan, BulletPayment) and plan.after_months:
        return plan.after_months, MONTHS_IN_YEAR
    if not isinstance(plan, EqualInstalments):
        return None
    if plan.frequency.months:
        return plan.frequency.months, MONTHS_IN_YEAR
    weeks, days_over = divmod(plan.frequency.days, DAYS_IN_WEEK)
    return (plan.frequency.days, DAYS_IN_YEAR) if days_over else (weeks, WEEKS_IN_YEAR)


def check_terms(terms: LoanTerms, principal_minor: int) -> None:
    """Refuse terms that do not fit the principal.

    Raises PrincipalNotPositiveError, and AgreedAmountsError when agreed payments do not sum to it.
    """
    if principal_minor <= 0:
        raise PrincipalNotPositiveError("The principal of a loan is above zero.", pointer="/principal")
    if isinstance(terms.repayment, AgreedPayments):
        agreed_minor = sum(payment.amount_minor for payment in terms.repayment.payments)
        if agreed_minor != principal_minor:
            sums = f"sum to {format_amount(agreed_minor)}, the principal is {format_amount(principal_minor)}"
            raise AgreedAmountsError(f"The agreed payments {sums}.", pointer="/repayment/payments")
