"""Where the rupees of a fund are, by tranche and turn."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Literal

from pydantic import Field

from api.fields import Answer
from api.models.recorded import RECORDED_AT, MoneyText
from cif_engine.fund.lots import Ending
from cif_engine.fund.pieces import SourceKind

_TURN: dict[str, Any] = {
    "turn": 1,
    "disbursed": "4000000.00",
    "repaid": "3100000.00",
    "written_off": "20000.00",
    "in_loans": "880000.00",
    "in_cash": "0.00",
    "spent": "0.00",
    "returned": "0.00",
    "idle": {
        "definition": "idle_days",
        "days": "17.3",
        "numerator": "69200000.00",
        "denominator": "4000000.00",
    },
    "loans": 211,
    "households": 208,
}
_HEAD: dict[str, Any] = {
    "lso": "DAS",
    "fund": "CIF",
    "as_of": "2021-06-30",
    "known_at": RECORDED_AT,
    "currency": "PKR",
}


class IdleDaysShown(Answer):
    """How long a rupee waited in cash before it went out on this turn, or until now."""

    definition: Literal["idle_days"]
    days: str | None = Field(description="To a tenth of a day; null where no cash waited.", examples=["17.3"])
    numerator: MoneyText = Field(description="Each amount times the days it waited.")
    denominator: MoneyText = Field(description="The cash that waited.")


class TurnShown(Answer):
    """What one turn did. What was disbursed is in loans, repaid or written off."""

    turn: int = Field(ge=1, description="For the how-manieth time the money is out, or waits to go out.")
    disbursed: MoneyText
    repaid: MoneyText = Field(description="Came back; it is cash of the next turn.")
    written_off: MoneyText
    in_loans: MoneyText
    in_cash: MoneyText = Field(description="Waits to go out on this turn.")
    spent: MoneyText = Field(description="Expenses took it, before it went out on this turn.")
    returned: MoneyText = Field(description="Went back to the RSP, or to the borrowers whose credit it was.")
    idle: IdleDaysShown
    loans: int
    households: int = Field(description="Distinct households whose loans drew money of this turn.")


class TurnTogetherShown(TurnShown):
    """What one turn of all sources did."""

    households_new: int = Field(description="Of its households, those that no turn before it reached.")


class SourceShown(Answer):
    """Where money came from."""

    source: SourceKind = Field(description="`surplus` is what the fund earned; `borrower_credit` is not the fund's.")
    number: int | None = Field(description="The number of the tranche.")


class LostShown(Answer):
    """What is gone of a source."""

    amount: MoneyText
    written_off: MoneyText
    spent: MoneyText = Field(description="Expenses took it.")


class WhereShown(Answer):
    """Where the rupees of a source are. In cash, in loans, lost and returned sum to what entered."""

    entered: MoneyText
    in_cash: MoneyText
    in_loans: MoneyText
    lost: LostShown
    returned: MoneyText
    disbursed: MoneyText = Field(description="On all its turns.")
    turns: list[TurnShown]


class SourceTurnsShown(WhereShown, SourceShown):
    """Where the rupees of one source of a fund are, and what each of their turns did."""


class FundLots(Answer):
    """The lots of a fund on a day."""

    lso: str
    fund: str
    as_of: date
    known_at: str | None
    currency: str
    definition: Literal["lots"]
    amount: MoneyText = Field(description="All lots that lie in cash and in loans.")
    cash: MoneyText = Field(description="In hand, in the bank and in transit, by the ledger.")
    outstanding_principal: MoneyText = Field(description="By the loans.")
    holds: bool = Field(description="Whether the lots are equal to the cash and the outstanding principal.")
    sources: list[SourceTurnsShown]
    turns: list[TurnTogetherShown] = Field(description="Each turn, of all sources together.")

    example: ClassVar[dict[str, Any]] = {
        **_HEAD,
        "definition": "lots",
        "amount": "3980000.00",
        "cash": "1437000.00",
        "outstanding_principal": "2543000.00",
        "holds": True,
        "sources": [
            {
                "source": "tranche",
                "number": 1,
                "entered": "4000000.00",
                "in_cash": "1437000.00",
                "in_loans": "2543000.00",
                "lost": {"amount": "20000.00", "written_off": "20000.00", "spent": "0.00"},
                "returned": "0.00",
                "disbursed": "4000000.00",
                "turns": [_TURN],
            }
        ],
        "turns": [{**_TURN, "households_new": 208}],
    }


class StayShown(Answer):
    """How long rupees lay in one place, and what ended that."""

    turn: int
    since: date
    until: date | None = Field(description="Null while they lie there.")
    ending: Ending | None = Field(
        description="Cash is lent, spent or returned; a loan is repaid, written off, or money of another source took "
        "the place of its own (`taken_over`)."
    )


class MadeOfShown(SourceShown):
    """What a loan has of one source and turn."""

    turn: int
    amount: MoneyText
    in_loans: MoneyText
    repaid: MoneyText
    written_off: MoneyText
    taken_over: MoneyText = Field(description="Was of this source until money of another took its place.")


class RupeesOfLoan(SourceShown, StayShown):
    """Rupees that a loan drew: those of their source after the first `from`, up to `to`."""

    from_minor: MoneyText = Field(alias="from")
    to_minor: MoneyText = Field(alias="to")
    amount: MoneyText


class LoanLineage(Answer):
    """Which rupees a loan was made of, in the order in which it drew them, and what became of them."""

    lso: str
    fund: str
    as_of: date
    known_at: str | None
    currency: str
    loan: str
    made_of: list[MadeOfShown]
    rupees: list[RupeesOfLoan]

    example: ClassVar[dict[str, Any]] = {
        **_HEAD,
        "loan": "DAS-2021-00731",
        "made_of": [
            {
                "source": "tranche",
                "number": 1,
                "turn": 2,
                "amount": "12000.00",
                "in_loans": "9000.00",
                "repaid": "3000.00",
                "written_off": "0.00",
                "taken_over": "0.00",
            }
        ],
        "rupees": [
            {
                "source": "tranche",
                "number": 1,
                "from": "88000.00",
                "to": "91000.00",
                "amount": "3000.00",
                "turn": 2,
                "since": "2021-01-12",
                "until": "2021-04-12",
                "ending": "repaid",
            },
            {
                "source": "tranche",
                "number": 1,
                "from": "91000.00",
                "to": "100000.00",
                "amount": "9000.00",
                "turn": 2,
                "since": "2021-01-12",
                "until": None,
                "ending": None,
            },
        ],
    }


class StayPlaceShown(StayShown):
    """Where rupees lay."""

    place: Literal["cash", "loan"]
    loan: str | None = Field(description="The number of the loan.")


class PathShown(Answer):
    """Rupees that went the same way."""

    from_minor: MoneyText = Field(alias="from")
    to_minor: MoneyText = Field(alias="to")
    amount: MoneyText
    stays: list[StayPlaceShown]


class RupeesShown(Answer):
    """The ways that rupees of a tranche went."""

    lso: str
    fund: str
    as_of: date
    known_at: str | None
    currency: str
    tranche: int
    received: MoneyText
    items: list[PathShown]
    next: MoneyText | None = Field(description="Send it as `rupees_from` to read on; null at the end.")

    example: ClassVar[dict[str, Any]] = {
        **_HEAD,
        "tranche": 1,
        "received": "4000000.00",
        "items": [
            {
                "from": "0.00",
                "to": "12000.00",
                "amount": "12000.00",
                "stays": [
                    {
                        "place": "cash",
                        "loan": None,
                        "turn": 1,
                        "since": "2017-03-01",
                        "until": "2017-03-20",
                        "ending": "lent",
                    },
                    {
                        "place": "loan",
                        "loan": "DAS-2017-00001",
                        "turn": 1,
                        "since": "2017-03-20",
                        "until": "2018-03-18",
                        "ending": "repaid",
                    },
                    {
                        "place": "cash",
                        "loan": None,
                        "turn": 2,
                        "since": "2018-03-18",
                        "until": None,
                        "ending": None,
                    },
                ],
            }
        ],
        "next": "12000.00",
    }
