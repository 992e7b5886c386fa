"""How the rules of tranches were kept to."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Final, Literal

from pydantic import Field

from api.fields import Answer
from api.models.funding import TrancheNumber
from api.models.recorded import EVENT_ID, RECORDED_AT, MoneyText
from api.models.tranche_rules import CriterionShown, RuleSaidShown, SourceShown, TrancheRuleSaid


class CriterionMet(Answer):
    """How much money went where a criterion was met, was not, or where that cannot be told."""

    criterion: CriterionShown
    met: MoneyText
    not_met: MoneyText
    unknown: MoneyText


class UnderRuleShown(RuleSaidShown):
    """A version of a rule, and what was disbursed while it held."""

    disbursed: MoneyText
    loans: int
    criteria: list[CriterionMet] = Field(description="But the share of women, which is of the whole tranche.")


class WomenShareShown(Answer):
    """The share of women in what a tranche has paid out, in the turns that the rule of the day is about."""

    definition: Literal["women_share"]
    rate: str | None = Field(description="Null: nothing was paid out.")
    numerator: MoneyText
    denominator: MoneyText
    wanted: str | None
    met: bool | None = Field(description="Null: no share is asked for, or nothing was paid out.")


class ExceptionShown(Answer):
    """Money of a tranche in a loan that does not meet a criterion; `met` null: it cannot be told."""

    loan: str
    disbursed_on: date = Field(description="Or the day on which this money took the place of other money in the loan.")
    turn: int
    amount: MoneyText
    rule: int = Field(description="The number of the version.")
    criterion: CriterionShown
    wanted: str
    found: str | None
    met: bool | None


class TrancheComplianceShown(Answer):
    """How one tranche was disbursed, in all its turns."""

    tranche: TrancheNumber
    in_force: int
    disbursed: MoneyText
    outside_rules: MoneyText = Field(description="Of that: before the first rule, or in turns it is not about.")
    women_share: WomenShareShown
    rules: list[UnderRuleShown]
    exceptions_in_all: int
    exceptions: list[ExceptionShown] = Field(description="The first hundred, by day and loan.")


class AmountDrawn(Answer):
    """What a loan drew of one source and turn on a day."""

    source: SourceShown
    tranche: TrancheNumber | None = Field(description="Null: no tranche.")
    turn: int
    amount: MoneyText


class DifferenceShown(Answer):
    """A disbursement that draws other money, as is known now, than was known when it was recorded."""

    loan: str
    event: str = Field(json_schema_extra={"format": "uuid"})
    disbursed_on: date
    evidence: list[AmountDrawn]
    lots: list[AmountDrawn]


class EvidenceShown(Answer):
    """The evidence kept with the disbursements of a fund, beside what the lots say of them."""

    disbursements: int
    with_evidence: int = Field(description="Those recorded while the fund had rules that had begun.")
    differing: int
    differences: list[DifferenceShown] = Field(description="The first hundred, by loan.")


class FundCompliance(Answer):
    """The tranches of one fund that have rules."""

    lso: str
    fund: str
    tranches: list[TrancheComplianceShown]
    evidence: EvidenceShown


class FunderCompliance(Answer):
    """The funds of one funder whose tranches have rules."""

    funder: str
    disbursed: MoneyText = Field(description="Of the tranches with rules, in all their turns.")
    outside_rules: MoneyText
    funds: list[FundCompliance]


_DRAWN: Final[dict[str, Any]] = {"source": "tranche", "tranche": 2, "turn": 1, "amount": "12000.00"}


class ComplianceReport(Answer):
    """How tranches with rules were disbursed until a day, by funder."""

    definition: Literal["compliance"]
    as_of: date
    known_at: str | None
    currency: str
    only: dict[str, list[str]]
    funders: list[FunderCompliance]

    example: ClassVar[dict[str, Any]] = {
        "definition": "compliance",
        "as_of": "2021-10-31",
        "known_at": RECORDED_AT,
        "currency": "PKR",
        "only": {"funder": ["EU"]},
        "funders": [
            {
                "funder": "EU",
                "disbursed": "2400000.00",
                "outside_rules": "400000.00",
                "funds": [
                    {
                        "lso": "DAS",
                        "fund": "CIF",
                        "tranches": [
                            {
                                "tranche": 2,
                                "in_force": 1,
                                "disbursed": "2400000.00",
                                "outside_rules": "400000.00",
                                "women_share": {
                                    "definition": "women_share",
                                    "rate": "0.950000",
                                    "numerator": "1900000.00",
                                    "denominator": "2000000.00",
                                    "wanted": "0.60",
                                    "met": True,
                                },
                                "rules": [
                                    {
                                        **TrancheRuleSaid.example,
                                        "disbursed": "2000000.00",
                                        "loans": 118,
                                        "criteria": [
                                            {
                                                "criterion": "poverty_band",
                                                "met": "1988000.00",
                                                "not_met": "12000.00",
                                                "unknown": "0.00",
                                            }
                                        ],
                                    }
                                ],
                                "exceptions_in_all": 1,
                                "exceptions": [
                                    {
                                        "loan": "DAS-2021-00731",
                                        "disbursed_on": "2021-08-03",
                                        "turn": 1,
                                        "amount": "12000.00",
                                        "rule": 1,
                                        "criterion": "poverty_band",
                                        "wanted": "0-18",
                                        "found": "21",
                                        "met": False,
                                    }
                                ],
                            }
                        ],
                        "evidence": {
                            "disbursements": 140,
                            "with_evidence": 118,
                            "differing": 1,
                            "differences": [
                                {
                                    "loan": "DAS-2021-00731",
                                    "event": EVENT_ID,
                                    "disbursed_on": "2021-08-03",
                                    "evidence": [{**_DRAWN, "tranche": 1, "turn": 2}],
                                    "lots": [_DRAWN],
                                }
                            ],
                        },
                    }
                ],
            }
        ],
    }
