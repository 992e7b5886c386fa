"""Rules of tranches, said and shown, and what was found of them when money was handed out."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from api.fields import AmountMinor, Answer, Code, Day, Said
from api.models.funding import TrancheNumber
from api.models.network import Remarks
from api.models.recorded import RECORDED_AT, MoneyText
from cif_engine.fund.eligibility import (
    HIGHEST_CYCLE,
    HIGHEST_SCORE,
    MOST_AREAS,
    SHARE_DECIMALS,
    Area,
    AreaKind,
    TrancheRule,
    Turns,
)

_SHARE_PATTERN: Final = rf"^(0\.[0-9]{{1,{SHARE_DECIMALS}}}|1(\.0{{1,{SHARE_DECIMALS}}})?)$"
_SHARE: Final = re.compile(_SHARE_PATTERN)


def _read_share(written: object) -> Decimal:
    if not isinstance(written, str) or not _SHARE.fullmatch(written):
        message = 'A share is above "0" and at most "1", a decimal string with at most {decimals} decimals.'
        raise PydanticCustomError("rate_unreadable", message, {"decimals": SHARE_DECIMALS})
    return Decimal(written)


ShareSaid = Annotated[
    Decimal,
    PlainValidator(_read_share),
    WithJsonSchema({"type": "string", "pattern": _SHARE_PATTERN, "examples": ["0.60"]}),
]
Score = Annotated[int, Field(strict=True, ge=0, le=HIGHEST_SCORE)]
TurnsSaid = Literal["first", "all"]
AreaKindSaid = Literal["vo", "co", "union_council"]
CriterionShown = Literal["poverty_band", "area", "amount", "cycle", "women_share"]
SourceShown = Literal["tranche", "contributions", "surplus", "borrower_credit"]


class RuleAreaSaid(Said):
    """A VO or a CO of the LSO, or a union council, by its code."""

    kind: AreaKindSaid
    code: Code

    def value(self) -> Area:
        """Return it."""
        return Area(AreaKind(self.kind), self.code)


class TrancheRuleSaid(Said):
    """A version of the rule of a tranche; what is left out asks for nothing. The first has number 1."""

    number: Annotated[int, Field(strict=True, ge=1, le=10**9)]
    valid_from: Day = Field(description="The first day whose disbursements go by it; it may be past, or to come.")
    turns: TurnsSaid = Field(
        "all", description="`first`: it is about rupees that are lent for the first time only; `all`: whenever."
    )
    poverty_score_from: Score | None = None
    poverty_score_to: Score | None = Field(None, description="Both ends count; one that is left out is 0 or 100.")
    women_share_min: ShareSaid | None = Field(
        None,
        description="The least share of women in all that the tranche has paid out in those turns, this loan included.",
    )
    areas: Annotated[list[RuleAreaSaid], Field(max_length=MOST_AREAS)] = Field(
        default_factory=list, description="The borrower is of one of these; none: of any."
    )
    amount_max_minor: AmountMinor | None = Field(
        None, alias="amount_max", description="The most of one loan, all its parts together."
    )
    cycle_max: Annotated[int, Field(strict=True, ge=1, le=HIGHEST_CYCLE)] | None = None
    remark: Remarks = ""

    example: ClassVar[dict[str, Any]] = {
        "number": 1,
        "valid_from": "2021-07-01",
        "turns": "first",
        "poverty_score_from": 0,
        "poverty_score_to": 18,
        "women_share_min": "0.60",
        "areas": [{"kind": "vo", "code": "VO-03"}],
        "amount_max": "20000.00",
        "cycle_max": 2,
        "remark": "Agreement EU-2021-09, annex 2.",
    }

    def value(self, tranche: int) -> TrancheRule:
        """Return it; raises what `TrancheRule` does."""
        return TrancheRule(
            tranche=tranche,
            number=self.number,
            valid_from=self.valid_from,
            turns=Turns(self.turns),
            poverty_score_from=self.poverty_score_from,
            poverty_score_to=self.poverty_score_to,
            women_share_min=self.women_share_min,
            areas=tuple(area.value() for area in self.areas),
            amount_max_minor=self.amount_max_minor,
            cycle_max=self.cycle_max,
            remark=self.remark,
        )


class RuleAreaShown(Answer):
    """A VO, a CO or a union council."""

    kind: AreaKindSaid
    code: str


class RuleSaidShown(Answer):
    """What one version of a rule says; null: it asks for nothing."""

    number: int
    valid_from: date
    turns: TurnsSaid
    poverty_score_from: int | None
    poverty_score_to: int | None
    women_share_min: str | None
    areas: list[RuleAreaShown]
    amount_max: MoneyText | None
    cycle_max: int | None
    remark: str


class RuleVersionShown(RuleSaidShown):
    """A version of a rule, with when and by whom it was recorded."""

    recorded_at: str
    recorded_by: str


_VERSION: Final[dict[str, Any]] = {**TrancheRuleSaid.example, "recorded_at": RECORDED_AT, "recorded_by": "srso-finance"}


class RuleOfTranche(Answer):
    """The rule of one tranche with all its versions; a tranche without a rule has none."""

    tranche: TrancheNumber
    in_force: int | None = Field(description="The number of the version that holds on the day; null where none does.")
    versions: list[RuleVersionShown]

    example: ClassVar[dict[str, Any]] = {"tranche": 2, "in_force": 1, "versions": [_VERSION]}


class TrancheRuleShown(RuleOfTranche):
    """The rule of a tranche, on a day, as it was known."""

    lso: str
    fund: str
    as_of: date
    known_at: str | None

    example: ClassVar[dict[str, Any]] = {
        "lso": "DAS",
        "fund": "CIF",
        "as_of": "2021-10-31",
        "known_at": RECORDED_AT,
        **RuleOfTranche.example,
    }


class TrancheRules(Answer):
    """The rules of a fund's tranches, by their numbers."""

    lso: str
    fund: str
    as_of: date
    known_at: str | None
    items: list[RuleOfTranche]

    example: ClassVar[dict[str, Any]] = {
        "lso": "DAS",
        "fund": "CIF",
        "as_of": "2021-10-31",
        "known_at": RECORDED_AT,
        "items": [RuleOfTranche.example],
    }


# With a loan ---------------------------------------------------------------------------------------------------


class CriterionFound(Answer):
    """What one criterion of a rule found in a loan; `met` null: it cannot be told."""

    criterion: CriterionShown
    wanted: str
    found: str | None
    met: bool | None
    women: MoneyText | None = Field(None, description="Of the share of women: what was paid out to them.")
    paid_out: MoneyText | None = Field(None, description="What it is a share of, this loan included.")


class TrancheDrawn(Answer):
    """What a loan draws of one source and turn, and what the rule of the tranche found, if one is about it."""

    source: SourceShown
    tranche: TrancheNumber | None = Field(description="Null: no tranche.")
    turn: int
    amount: MoneyText
    rule: int | None = Field(description="The number of the version that holds; null: no rule is about this money.")
    criteria: list[CriterionFound]

    example: ClassVar[dict[str, Any]] = {
        "source": "tranche",
        "tranche": 2,
        "turn": 1,
        "amount": "18000.00",
        "rule": 1,
        "criteria": [
            {"criterion": "poverty_band", "wanted": "0-18", "found": "17", "met": True},
            {
                "criterion": "women_share",
                "wanted": "0.60",
                "found": "0.9500",
                "met": True,
                "women": "1900000.00",
                "paid_out": "2000000.00",
            },
        ],
    }
