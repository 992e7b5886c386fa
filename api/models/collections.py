"""The figures of a period: what fell due, was collected and lost, and how loans rolled from band to band."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Literal

from pydantic import Field

from api.fields import Answer
from api.models.portfolio import ASKED, AskedPortfolio, LoansQuery, RateShown, RateText, RowKey
from api.models.recorded import MoneyText

_BEHIND = "from=2021-10-01&to=2021-10-31&known_at=2021-11-02T06:14:55.120431Z&figure="


class OnTimeAgain(Answer):
    """What fell due again under a new schedule, and what of it was paid by its day; no part of the rate."""

    amount: MoneyText
    on_time: MoneyText


class OnTimeRate(RateShown):
    """What was paid by its due day, of what fell due for the first time in the period."""

    definition: Literal["on_time_rate"]
    prepaid: MoneyText = Field(description="The part of the numerator that was paid before the period.")
    again: OnTimeAgain


class Demand(Answer):
    """What fell due in the period, by the schedule in force at the end of each due day."""

    first_time: MoneyText
    again: MoneyText = Field(description="Had fallen due before, under an earlier schedule.")
    amount: MoneyText


class Collection(Answer):
    """What was collected in the period, by what it met."""

    of_arrears: MoneyText = Field(description="Of what was overdue when the period opened.")
    of_current: MoneyText = Field(description="Of what fell due in the period.")
    in_advance: MoneyText = Field(description="Of what falls due after the period.")
    amount: MoneyText


class Dcb(Answer):
    """Demand, collection, balance.

    Opening overdue + demand - prepaid - collected of arrears and of current - written off - rescheduled =
    closing overdue. Overdue is what fell due on the day or before it and was not paid by its end.
    """

    definition: Literal["dcb"]
    opening_overdue: MoneyText
    demand: Demand
    prepaid: MoneyText = Field(description="The part of the demand that was paid before the period.")
    collection: Collection
    written_off: MoneyText = Field(description="Was overdue of loans that were written off in the period.")
    rescheduled: MoneyText = Field(
        description="No longer overdue by a new schedule; below zero where it brought dues forward."
    )
    closing_overdue: MoneyText
    loans_query: LoansQuery = Field(
        description="Lists the loans behind the closing overdue; for another part put opening, demand, demand_first, "
        "demand_again, prepaid, of_arrears, of_current, in_advance, collected, written_off or rescheduled in its place."
    )


class AmountShown(Answer):
    """An amount of the period."""

    definition: str
    amount: MoneyText
    loans_query: LoansQuery


class CollectionFigures(Answer):
    """The figures of a period. All amounts are principal."""

    dcb: Dcb
    on_time_rate: OnTimeRate
    cleanup: RateShown = Field(description="Collected on dues of earlier periods, beside the opening arrears.")
    write_off_ratio: RateShown = Field(
        description="Of the mean gross portfolio: on the eve, the month-ends and the last day of the period."
    )
    disbursed: AmountShown
    collected: AmountShown
    written_off: AmountShown
    recovered: AmountShown = Field(description="Came back of loans written off; no part of what is collected.")

    example: ClassVar[dict[str, Any]] = {
        "dcb": {
            "definition": "dcb",
            "opening_overdue": "50000.00",
            "demand": {"first_time": "400000.00", "again": "20000.00", "amount": "420000.00"},
            "prepaid": "15000.00",
            "collection": {
                "of_arrears": "30000.00",
                "of_current": "380000.00",
                "in_advance": "12000.00",
                "amount": "422000.00",
            },
            "written_off": "5000.00",
            "rescheduled": "2000.00",
            "closing_overdue": "38000.00",
            "loans_query": f"{_BEHIND}dcb&part=closing",
        },
        "on_time_rate": {
            "definition": "on_time_rate",
            "rate": "0.900000",
            "numerator": "360000.00",
            "denominator": "400000.00",
            "prepaid": "15000.00",
            "again": {"amount": "20000.00", "on_time": "8000.00"},
            "loans_query": f"{_BEHIND}on_time_rate",
        },
        "cleanup": {
            "definition": "cleanup",
            "rate": "0.600000",
            "numerator": "30000.00",
            "denominator": "50000.00",
            "loans_query": f"{_BEHIND}cleanup",
        },
        "write_off_ratio": {
            "definition": "write_off_ratio",
            "rate": "0.006000",
            "numerator": "30000.00",
            "denominator": "5000000.00",
            "loans_query": f"{_BEHIND}write_off_ratio",
        },
        "disbursed": {"definition": "disbursed", "amount": "600000.00", "loans_query": f"{_BEHIND}disbursed"},
        "collected": {"definition": "dcb", "amount": "422000.00", "loans_query": f"{_BEHIND}collected"},
        "written_off": {
            "definition": "write_off_ratio",
            "amount": "30000.00",
            "loans_query": f"{_BEHIND}written_off",
        },
        "recovered": {"definition": "write_off_ratio", "amount": "1000.00", "loans_query": f"{_BEHIND}recovered"},
    }


class CollectionsRow(CollectionFigures):
    """The figures of one row of a cut."""

    key: RowKey

    example: ClassVar[dict[str, Any]] = {"key": {"lso": "DAS", "vo": "VO-03"}, **CollectionFigures.example}


class AskedPeriod(AskedPortfolio):
    """How a portfolio was asked for, over which days, and what was known."""

    from_on: date = Field(alias="from")
    to_on: date = Field(alias="to")


_ASKED = {"from": "2021-10-01", "to": "2021-10-31", **ASKED}


class Collections(AskedPeriod):
    """What fell due, was collected and was lost in a period, in all, and cut."""

    total: CollectionFigures
    rows: list[CollectionsRow]

    example: ClassVar[dict[str, Any]] = {
        **_ASKED,
        "total": CollectionFigures.example,
        "rows": [CollectionsRow.example],
    }


# Roll rates ----------------------------------------------------------------------------------------------------


class RollCell(Answer):
    """The loans that went from the band of the row to this one."""

    band: str
    amount: MoneyText = Field(description="What they have outstanding at the end.")
    rate: RateText | None = Field(description="That, of what the loans of the row had outstanding at the start.")
    loans: int
    loans_query: LoansQuery


class RollExit(Answer):
    """What left a row: repaid by any of its loans, or written off; and the loans that are no longer open."""

    amount: MoneyText
    rate: RateText | None
    loans: int
    loans_query: LoansQuery


class RollRow(Answer):
    """The loans that were in one band at the start, or were not open then (`new`).

    Opening + disbursed = the amounts of the cells + repaid + written off.
    """

    band: str
    loans: int
    opening: MoneyText
    disbursed: MoneyText
    cells: list[RollCell]
    repaid: RollExit
    written_off: RollExit

    example: ClassVar[dict[str, Any]] = {
        "band": "1-30",
        "loans": 10,
        "opening": "100000.00",
        "disbursed": "0.00",
        "cells": [
            {
                "band": "31-60",
                "amount": "80000.00",
                "rate": "0.800000",
                "loans": 9,
                "loans_query": f"{_BEHIND}migration&came_from=1-30&went_to=31-60",
            }
        ],
        "repaid": {
            "amount": "20000.00",
            "rate": "0.200000",
            "loans": 1,
            "loans_query": f"{_BEHIND}migration&came_from=1-30&went_to=repaid",
        },
        "written_off": {
            "amount": "0.00",
            "rate": "0.000000",
            "loans": 0,
            "loans_query": f"{_BEHIND}migration&came_from=1-30&went_to=written_off",
        },
    }


class RollFigures(Answer):
    """The gross portfolio by the band at the start (rows) and at the end (cells); the last row is their sum."""

    definition: Literal["migration"]
    bands: list[str]
    table: list[RollRow]
    whole: RollRow

    example: ClassVar[dict[str, Any]] = {
        "definition": "migration",
        "bands": ["current", "1-30", "31-60", "61-90", "91-180", "181-365", "> 365"],
        "table": [RollRow.example],
        "whole": {**RollRow.example, "band": "all"},
    }


class RollRatesRow(RollFigures):
    """The table of one row of a cut."""

    key: RowKey

    example: ClassVar[dict[str, Any]] = {"key": {"lso": "DAS", "vo": "VO-03"}, **RollFigures.example}


class RollRates(AskedPeriod):
    """From which band to which the loans of a portfolio went in a period, in all, and cut."""

    total: RollFigures
    rows: list[RollRatesRow]

    example: ClassVar[dict[str, Any]] = {**_ASKED, "total": RollFigures.example, "rows": [RollRatesRow.example]}
