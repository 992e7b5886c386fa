"""The figures of many funds as a table: what they are worth, how much of it is lent, how often it goes round."""

from __future__ import annotations

from datetime import date
from typing import Final

from cif_engine.operations.asking import Question
from cif_engine.operations.portfolio_funds import portfolio_funds_report
from cif_engine.operations.reports.setting import set_on
from cif_engine.operations.reports.shown import Said
from cif_engine.operations.reports.telling import amount, count, share, table_of
from cif_engine.persistence.engines import Databases

FUNDS: Final = "Funds"

_TOLD: Final = (
    count("funds", "Funds", "funds"),
    count("lsos", "LSOs", "lsos", given=True),
    amount("capital", "Capital", "capital", "amount", definition="capital"),
    amount("cash", "Cash, bank and in transit", "fund_value", "cash"),
    amount("outstanding", "With borrowers", "fund_value", "outstanding_principal", definition="gross_portfolio"),
    amount("allowance", "Allowance", "fund_value", "allowance", aside=True),
    amount("credit", "Owed to borrowers", "fund_value", "borrower_credit_balances", aside=True),
    amount("fund_value", "Fund value", "fund_value", "amount", definition="fund_value"),
    share("capital_index", "Capital preserved", "fund_value", "capital", "capital_index"),
    amount("money_and_loans", "Money and loans", "utilisation", "denominator", aside=True),
    share("utilisation", "Utilisation", "outstanding", "money_and_loans", "utilisation"),
    amount("disbursed", "Disbursed to date", "turns", "numerator"),
    share("turns", "Disbursed, of capital", "disbursed", "capital", "turns"),
    amount("disbursed_of_year", "Disbursed in a year", "velocity", "numerator"),
    amount("average_value", "Average fund value", "velocity", "denominator", given=True),
    share("velocity", "Velocity", "disbursed_of_year", "average_value", "velocity"),
    amount("average_cash", "Average cash", "idle", "numerator", given=True),
    share("idle", "Idle cash", "average_cash", "average_value", "idle"),
    count("households", "Households reached", "reach", "numerator", given=True),
    count("eligible", "Eligible households", "reach", "denominator", given=True),
    share("reach", "Reach", "households", "eligible", "reach"),
)


def funds(databases: Databases, question: Question, as_of: date) -> Said:
    """Return the figures of the funds; raises NotFoundError and ReportNotCutError."""
    setting = set_on(databases, question, as_of)
    view = portfolio_funds_report(databases, setting.question, as_of)
    table = table_of(FUNDS, "Figures of the funds", view, _TOLD, setting.names)
    return setting.says("funds", "Funds", (table,))
