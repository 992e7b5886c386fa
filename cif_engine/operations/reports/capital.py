"""The capital statement as a table: a row goes on from the left to the right, from opening to closing."""

from __future__ import annotations

from cif_engine.operations.asking import Question
from cif_engine.operations.capital import DEFINITION, capital_statement
from cif_engine.operations.over_funds import by_funder
from cif_engine.operations.reporting import Period
from cif_engine.operations.reports.setting import set_over
from cif_engine.operations.reports.shown import Said
from cif_engine.operations.reports.telling import amount, table_of
from cif_engine.persistence.engines import Databases

CAPITAL = "Capital"

_TOLD = (
    amount("opening_capital", "Capital at the start", "opening", "capital", definition="capital"),
    amount("received", "Tranches received", "received"),
    amount("returned", "Returned to the RSP", "returned"),
    amount("contributions", "Other contributions", "contributions"),
    amount("closing_capital", "Capital at the end", "closing", "capital", definition="capital"),
    amount("opening_value", "Fund value at the start", "opening", "fund_value", definition="fund_value"),
    amount("income", "Income", "income", "amount"),
    amount("bank_profit", "Of it bank profit", "income", "bank_profit", aside=True),
    amount("recovered", "Of it recovered after write-off", "income", "recovered", aside=True),
    amount("spent", "Spent", "spent"),
    amount("written_off", "Written off", "written_off"),
    amount("set_aside", "Set aside for losses", "set_aside"),
    amount("closing_value", "Fund value at the end", "closing", "fund_value", definition="fund_value"),
    amount("cash", "Cash, bank and in transit", "closing", "cash"),
    amount("outstanding", "With borrowers", "closing", "outstanding_principal", definition="gross_portfolio"),
    amount("allowance", "Allowance", "closing", "allowance", aside=True),
    amount("credit", "Owed to borrowers", "closing", "borrower_credit_balances", aside=True),
)


def capital(databases: Databases, question: Question, period: Period) -> Said:
    """Return the capital statement; raises NotFoundError and ReportNotCutError."""
    setting = set_over(databases, by_funder(question), period)
    table = table_of(
        CAPITAL, "Capital statement", capital_statement(databases, setting.question, period), _TOLD, setting.names
    )
    return setting.says("capital", "Capital statement", (table,), defines=(DEFINITION,))
