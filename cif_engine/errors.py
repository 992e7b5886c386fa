"""One class per broken rule, each with a stable `code` that callers may rely on.

The five families below say what kind of refusal it is; the HTTP layer turns the family, never the single class,
into a status. The docstring of a class is the title a caller reads; `detail` says what happened this time.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple


class CifError(Exception):
    """The request cannot be carried out."""

    code: ClassVar[str] = "refused"
    family: ClassVar[str] = "refused"

    def __init__(self, detail: str, *, pointer: str = "", **facts: str | int | None) -> None:
        """`pointer` is the JSON pointer of the offending field; `facts` are shown beside the detail."""
        super().__init__(detail)
        self.detail = detail
        self.pointer = pointer
        self.facts = facts

    @property
    def title(self) -> str:
        """The rule that was broken, in one sentence."""
        return (self.__doc__ or "").strip().partition("\n")[0]

    def as_answer(self) -> dict[str, Any]:
        """Return the refusal as it is remembered and shown; the family is what a status is made of."""
        return {
            "family": self.family,
            "code": self.code,
            "title": self.title,
            "detail": self.detail,
            "pointer": self.pointer,
            **self.facts,
        }


class InvalidInputError(CifError):
    """The request says something that cannot be true or cannot be read."""

    code = "invalid_input"
    family = "invalid"


class NotFoundError(CifError):
    """No such thing is known here."""

    code = "not_found"
    family = "not_found"


class ConflictError(CifError):
    """The request contradicts what is already recorded."""

    code = "conflict"
    family = "conflict"


class RuleError(CifError):
    """A rule of the fund or of the books forbids it."""

    code = "rule_broken"
    family = "rule"


class UnavailableError(CifError):
    """The engine cannot answer just now; the same request may be sent again."""

    code = "unavailable"
    family = "unavailable"


class UnfitDatabaseError(CifError):
    """The database is not one that books can be kept in."""

    code = "unfit_database"


class RefusedBeforeError(CifError):
    """The same request was refused before, and is refused again for the same reason."""

    code = "refused"

    def __init__(self, answer: str) -> None:
        """`answer` is the JSON text of the refusal as it was remembered."""
        super().__init__("This request was refused before.")
        self.answer = answer


# What a request may say ----------------------------------------------------------------------------------------


class DateInFutureError(InvalidInputError):
    """A fact cannot have happened after today."""

    code = "date_in_future"


class FieldMissingError(InvalidInputError):
    """A fact that this request needs is missing."""

    code = "field_missing"


class MalformedCursorError(InvalidInputError):
    """The cursor of the list cannot be read."""

    code = "cursor_malformed"


class ReportNotCutError(InvalidInputError):
    """The report cannot be cut as was asked."""

    code = "report_not_cut"


class PeriodReversedError(InvalidInputError):
    """A period does not end before it begins."""

    code = "period_reversed"


class TooManyCutsError(InvalidInputError):
    """A portfolio is cut by two things at most, each once."""

    code = "too_many_cuts"


class DaysNotInOrderError(InvalidInputError):
    """The days of a series are named in order, each once."""

    code = "days_not_in_order"


class CutValueUnknownError(InvalidInputError):
    """A portfolio is narrowed to values that loans can have."""

    code = "cut_value_unknown"


class TooManyRowsError(InvalidInputError):
    """A sheet of a workbook has no room for so many rows; a CSV has."""

    code = "too_many_rows"


class MomentsReversedError(InvalidInputError):
    """What was reported comes before what is known."""

    code = "moments_reversed"


class FigureUnknownError(InvalidInputError):
    """The figure is one that is told loan by loan."""

    code = "figure_unknown"


class FigurePartError(InvalidInputError):
    """A figure is asked for with what it needs, and with nothing else."""

    code = "figure_part"


class KeyWithoutScopeError(InvalidInputError):
    """A key that may do nothing is of no use."""

    code = "key_without_scope"


# The book ------------------------------------------------------------------------------------------------------


class IdempotencyKeyReusedError(InvalidInputError):
    """The idempotency key was used before with another request."""

    code = "idempotency_key_reused"


class DuplicatePaperError(ConflictError):
    """The receipt, voucher or external number is already recorded."""

    code = "duplicate_paper"


class DuplicateCodeError(ConflictError):
    """Something of this code or number exists already."""

    code = "duplicate_code"


class DuplicateFactError(ConflictError):
    """A fact of this id is already recorded."""

    code = "duplicate_fact"


class AlreadyReversedError(ConflictError):
    """A fact is reversed once; what was reversed may be recorded again."""

    code = "already_reversed"


class ReverseFirstError(RuleError):
    """Other facts rest on this one, and must be reversed first."""

    code = "reverse_first"


class NotCorrectableError(RuleError):
    """A fact of this kind is not corrected in one act."""

    code = "not_correctable"


class NotReversedError(RuleError):
    """A fact replaces one of its own kind that was reversed before."""

    code = "not_reversed"


class BookBusyError(UnavailableError):
    """Another request holds the book; send the same request again."""

    code = "book_busy"


class NotEnoughCashError(RuleError):
    """The account does not hold that much on that day, or on a later day already recorded."""

    code = "not_enough_cash"


class CashCommittedError(RuleError):
    """The money is kept for loans that were approved and are not handed out yet."""

    code = "cash_committed"


class PlaceUnknownError(InvalidInputError):
    """Money is held in `cash`, in the `bank`, or with a custodian: `custodian:2`."""

    code = "place_unknown"


class SameAccountError(InvalidInputError):
    """Money cannot be moved from an account to itself."""

    code = "same_account"


class VersionMismatchError(CifError):
    """The record was changed by someone else since it was read."""

    code = "version_mismatch"
    family = "version"


# The loan ------------------------------------------------------------------------------------------------------


class CustodianNotNeededError(InvalidInputError):
    """A custodian carries cash and cheques; money that comes by bank or wallet needs none."""

    code = "custodian_not_needed"


class NotEligibleError(RuleError):
    """The member's household is not eligible for loans of this fund."""

    code = "not_eligible"


class OverLimitError(RuleError):
    """The amount or the cycle is over the limit of the fund or the product."""

    code = "over_limit"


class LoanNotOpenError(RuleError):
    """The loan is not open on that day."""

    code = "loan_not_open"


class LoanStepError(RuleError):
    """The loan is not at the step that this request needs."""

    code = "loan_step"


class CreditTooSmallError(RuleError):
    """More of a borrower's credit would be given back or used than there is, on some day."""

    code = "credit_too_small"


class NothingOutstandingError(RuleError):
    """The loan owes nothing that this fact could be about."""

    code = "nothing_outstanding"


class MoratoriumChangedError(ConflictError):
    """More or fewer loans are concerned than when the moratorium was previewed."""

    code = "moratorium_changed"


class TooManyLoansError(RuleError):
    """More loans are concerned than one act may change."""

    code = "too_many_loans"


class OtherBorrowerError(RuleError):
    """The two loans are not of one borrower in one fund."""

    code = "other_borrower"


class SettlementShortError(RuleError):
    """The amount does not settle the loan on that day."""

    code = "settlement_short"


class MakerIsCheckerError(RuleError):
    """Who recorded something may not be the one who decides on it."""

    code = "maker_is_checker"


class TrancheStepError(RuleError):
    """The tranche is not at the step that this request needs."""

    code = "tranche_step"


class TrancheNotEligibleError(RuleError):
    """The loan breaks a rule of a tranche that would pay for it."""

    code = "tranche_not_eligible"

    def __init__(self, broken: tuple[str, ...], *, pointer: str = "") -> None:
        """`broken` says of each criterion, tranche by tranche, what was found and what is wanted."""
        super().__init__(broken[0] if len(broken) == 1 else f"{len(broken)} rules are broken.", pointer=pointer)
        self.broken = broken

    def as_answer(self) -> dict[str, Any]:
        """Return the refusal with every criterion that is broken."""
        where = {"pointer": self.pointer} if self.pointer else {}
        told = [{**where, "code": self.code, "detail": detail} for detail in self.broken]
        return {**super().as_answer(), "errors": told}


class OverAgreementError(RuleError):
    """The tranches released would exceed the amount of the agreement."""

    code = "over_agreement"


class OverCapitalError(RuleError):
    """More cannot be returned than was received."""

    code = "over_capital"


class OverAllowanceError(RuleError):
    """The allowance does not hold that much on that day, or on a later day already recorded."""

    code = "over_allowance"


# Amounts, dates and terms --------------------------------------------------------------------------------------


class AmountUnreadableError(InvalidInputError):
    """The amount is not a plain decimal number."""

    code = "amount_unreadable"


class AmountNegativeError(InvalidInputError):
    """The amount is below zero where that has no meaning."""

    code = "amount_negative"


class AmountTooPreciseError(InvalidInputError):
    """The amount has more decimals than the currency."""

    code = "amount_too_precise"


class AmountTooLargeError(InvalidInputError):
    """The amount is larger than the books can hold."""

    code = "amount_too_large"


class DateUnreadableError(InvalidInputError):
    """The date is not a day of the calendar written as YYYY-MM-DD."""

    code = "date_unreadable"


class DateOutOfRangeError(InvalidInputError):
    """The date lies outside the years that the engine knows."""

    code = "date_out_of_range"


class FrequencyUnreadableError(InvalidInputError):
    """The frequency is not one the engine knows."""

    code = "frequency_unreadable"


class CalendarWithoutWorkError(InvalidInputError):
    """A calendar needs at least one working day a week."""

    code = "calendar_without_work"


class PrincipalNotPositiveError(InvalidInputError):
    """A loan has a principal above zero."""

    code = "principal_not_positive"


class AgreedAmountsError(InvalidInputError):
    """The agreed amounts do not sum to the principal of the loan."""

    code = "agreed_amounts"


class ChargeAboveLoanError(InvalidInputError):
    """The charge taken up front leaves nothing to hand out."""

    code = "charge_above_loan"


class DueBeforeStartError(InvalidInputError):
    """A payment cannot fall due on or before the day the loan starts."""

    code = "due_before_start"


# The network ---------------------------------------------------------------------------------------------------


class CodeUnreadableError(InvalidInputError):
    """A code has 1 to 20 capital letters, digits and dashes, and begins with a letter or a digit."""

    code = "code_unreadable"


class NameUnreadableError(InvalidInputError):
    """A name has letters of any script, and no symbols or invisible controls."""

    code = "name_unreadable"


class CnicUnreadableError(InvalidInputError):
    """A CNIC is written XXXXX-XXXXXXX-X, in digits."""

    code = "cnic_unreadable"


class NumberOutOfRangeError(InvalidInputError):
    """The number is outside the range that has a meaning."""

    code = "number_out_of_range"


class LimitsReversedError(InvalidInputError):
    """The lower limit lies above the upper one."""

    code = "limits_reversed"


class WrongKindError(InvalidInputError):
    """What is named is of another kind than belongs here, or lies within another one."""

    code = "wrong_kind"


class ChargeNotAllowedError(RuleError):
    """An interest-free fund charges nothing for its loans."""

    code = "charge_not_allowed"


class TermsMismatchError(InvalidInputError):
    """The repayment plan asked for does not go with the product's other terms."""

    code = "terms_mismatch"


# Reported figures ----------------------------------------------------------------------------------------------


class PrintedUnreadableError(InvalidInputError):
    """A reported figure is digits as they were printed, or a sign for none."""

    code = "printed_unreadable"


class MeasureUnknownError(InvalidInputError):
    """A reported figure is of a measure that the engine knows, in a unit of it, once in a set."""

    code = "measure_unknown"


class ParameterRefusedError(InvalidInputError):
    """Figures are judged by parameters that there are, each above zero."""

    code = "parameter_refused"


# Rule sets -----------------------------------------------------------------------------------------------------


class UnsoundError(InvalidInputError):
    """What was said does not hold together."""

    code = "unsound"

    def __init__(self, findings: tuple[tuple[str, str], ...]) -> None:
        """`findings` are all that is wrong: where, as a JSON pointer, and what."""
        pointer, detail = findings[0]
        super().__init__(detail if len(findings) == 1 else f"{len(findings)} things are wrong.", pointer=pointer)
        self.findings = findings

    def as_answer(self) -> dict[str, Any]:
        """Return the refusal with every finding, beside the field that it is about."""
        told = [{"pointer": pointer, "code": self.code, "detail": detail} for pointer, detail in self.findings]
        return {**super().as_answer(), "errors": told}


class RuleSetUnsoundError(UnsoundError):
    """The bands of a rule set begin at 0 days, leave no gap, and end with an open one; rates are from 0 to 1."""

    code = "rule_set_unsound"


class HealthRuleUnsoundError(UnsoundError):
    """A health rule judges each component once, good is better than fair, and points and weights are from 0 to 100."""

    code = "health_rule_unsound"


class RuleSetNumberError(ConflictError):
    """The versions of a rule set are numbered without gaps."""

    code = "rule_set_number"


class HealthRuleNumberError(ConflictError):
    """The versions of a health rule are numbered without gaps."""

    code = "health_rule_number"


class TrancheRuleNumberError(ConflictError):
    """The versions of the rule of a tranche are numbered without gaps."""

    code = "tranche_rule_number"


# Lists of rows -------------------------------------------------------------------------------------------------


class RefusedRow(NamedTuple):
    """What is wrong with one row of a list: its place from 0, where in the request (a JSON pointer), code and words."""

    row: int
    pointer: str
    code: str
    detail: str


class RowsRefusedError(InvalidInputError):
    """Rows of the list are wrong, and so none of them is recorded."""

    code = "rows_refused"

    def __init__(self, refused: tuple[RefusedRow, ...]) -> None:
        """`refused` is all that is wrong, in the order of the rows."""
        rows = len({one.row for one in refused})
        super().__init__("One row is wrong." if rows == 1 else f"{rows} rows are wrong.", rows_refused=rows)
        self.refused = refused

    def as_answer(self) -> dict[str, Any]:
        """Return the refusal with all that is wrong, beside the field of the row that it is about."""
        told = [{"pointer": one.pointer, "code": one.code, "detail": one.detail} for one in self.refused]
        return {**super().as_answer(), "errors": told}


class DuplicateReleaseError(ConflictError):
    """The register of releases has this payment for this tranche already."""

    code = "duplicate_release"
