"""The figures of a day as tables: the portfolio, PAR, ageing, over time, vintages, what falls due, provisions.

Every number is read from the answer that the figure itself gives, so a file and the JSON cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from cif_engine.dates import month_end_of, parse_date
from cif_engine.documents.report import Cell, Column, Table, Unit
from cif_engine.operations.reports.telling import (
    NO_NAMES,
    Labels,
    Names,
    Told,
    amount,
    count,
    decimal,
    found,
    minor,
    share,
    table_of,
)
from cif_engine.operations.views import View
from cif_engine.portfolio.par import PAR_DAYS
from cif_engine.portfolio.roll_rates import BANDS

PORTFOLIO, PAR, AGEING, SERIES = "Portfolio", "PAR", "Ageing", "PAR over time"
VINTAGES, MATURITY, PROVISIONS = "Vintages", "Maturity", "Provisions"

_SHOWN = (30, 90)
"""Over which numbers of days amounts are printed; of the others only their shares are."""

LOANS = count("loans", "Loans", "loans", definition="loans")
GROSS = amount("gross_portfolio", "Gross portfolio", "gross_portfolio", "amount", definition="gross_portfolio")
PEOPLE = (
    count("borrowers", "Borrowers", "borrowers", definition="borrowers", given=True),
    count("households", "Households", "households", definition="households", given=True),
)


def par_columns(view: View, *days: int) -> Iterator[Told]:
    """Tell the loans late over each of the numbers of days, and what share of the portfolio they are."""
    over = view["comparator"]
    for place, n in enumerate(PAR_DAYS):
        if n in days:
            yield _late(f"late_{n}", f"Late {over} {n} days", "par", place, aside=n not in _SHOWN)
            yield share(f"par_{n}", f"PAR {over} {n}", f"late_{n}", "gross_portfolio", "par_n")


def renegotiated_columns(view: View, *days: int) -> Iterator[Told]:
    """Tell the same with renegotiated loans."""
    over = view["comparator"]
    for place, n in enumerate(PAR_DAYS):
        if n in days:
            yield _late(f"at_risk_{n}", f"Late {over} {n} days or renegotiated", "par_renegotiated", place, aside=True)
            title = f"PAR {over} {n} with renegotiated"
            yield share(f"par_{n}_renegotiated", title, f"at_risk_{n}", "gross_portfolio", "par_n_renegotiated")


ARREARS = (
    amount("overdue", "Overdue", "arrears_rate", "numerator", definition="overdue"),
    share("arrears_rate", "Arrears rate", "overdue", "gross_portfolio", "arrears_rate"),
)
RECOVERY = (
    amount("fallen_due", "Fallen due to date", "recovery_rate", "denominator", aside=True),
    amount("collected_of_due", "Collected of it", "recovery_rate", "numerator", aside=True),
    share("recovery_rate", "Recovery rate", "collected_of_due", "fallen_due", "recovery_rate"),
)


def coverage_columns(view: View) -> tuple[Told, ...]:
    """Tell what was set aside for losses, of what is at risk; nothing where the ledger cannot be cut so."""
    if view["total"]["risk_coverage"] is None or any(row["risk_coverage"] is None for row in view["rows"]):
        return ()
    at_risk = f"Late {view['comparator']} 30 days or renegotiated"
    return (
        amount("allowance", "Loan loss allowance", "risk_coverage", "numerator"),
        amount("covered", at_risk, "risk_coverage", "denominator", aside=True),
        share("risk_coverage", "Risk coverage", "allowance", "covered", "risk_coverage"),
    )


def portfolio_tables(view: View, names: Names = NO_NAMES) -> tuple[Table, ...]:
    """Return the answer about a portfolio on a day: those tables whose figures were asked for."""
    has = view["total"].keys()
    told = [LOANS, GROSS]
    if "borrowers" in has:
        told[:0] = PEOPLE
    if "arrears_rate" in has:
        told += ARREARS
    if "par" in has:
        told += par_columns(view, 30)
    if "recovery_rate" in has:
        told += RECOVERY
    if "risk_coverage" in has:
        told += coverage_columns(view)
    tables = [table_of(PORTFOLIO, "The portfolio", view, told, names)]
    if "par" in has:
        tables.append(par_table(view, names))
    if "ageing" in has:
        tables.append(ageing_table(view, names))
    return tuple(tables)


def par_table(view: View, names: Names = NO_NAMES) -> Table:
    """Return portfolio at risk over every number of days."""
    told = [LOANS, GROSS, *par_columns(view, *PAR_DAYS), *renegotiated_columns(view, 30, 90)]
    return table_of(PAR, "Portfolio at risk", view, told, names)


def ageing_table(view: View, names: Names = NO_NAMES) -> Table:
    """Return the portfolio by bands of days late, amounts and loans."""
    amounts = (_band(place, name, "amount") for place, name in enumerate(BANDS))
    loans = (_band(place, name, "loans") for place, name in enumerate(BANDS))
    return table_of(AGEING, "The portfolio by days late", view, [LOANS, GROSS, *amounts, *loans], names)


def band_title(name: str) -> str:
    """Return how a band is told: `31-60 days`."""
    return "Current" if name == BANDS[0] else f"{name} days"


def series_table(view: View, names: Names = NO_NAMES) -> Table:
    """Return the portfolio on many days, a row per day (and per row of the cut)."""
    first = next(iter(view["total"]["points"]))
    told = [LOANS, GROSS]
    if "par" in first:
        told += par_columns(view, *PAR_DAYS)
    if "ageing" in first:
        told += [_band(place, name, "amount") for place, name in enumerate(BANDS)]
    if "arrears_rate" in first:
        told += ARREARS
    labels = Labels(view, names)
    columns = (*labels.columns, Column("day", "Day", Unit.DAY), *(_plain(one.column) for one in told))
    rows = tuple(
        (*label, parse_date(point["as_of"]), *(one.of(point) for one in told))
        for label, figures in _parts(view, labels)
        for point in figures["points"]
    )
    return Table(SERIES, "The portfolio over time", columns, rows)


def vintages_table(view: View, names: Names = NO_NAMES) -> Table:
    """Return a row per month of disbursement, with the share that is late after each month since."""
    labels = Labels(view, names)
    months = max((len(cohort["after"]) for cohort in view["total"]["cohorts"]), default=0)
    title = f"Late {view['comparator']} {view['days']} days, of what was disbursed in a month"
    columns = (
        *labels.columns,
        Column("cohort", "Disbursed in the month to", Unit.DAY, definition="vintage"),
        Column("disbursed", "Disbursed", Unit.MONEY, totalled=True),
        *(Column(f"after_{later}", str(later), Unit.SHARE, width=9) for later in range(months)),
    )
    rows = tuple(
        (*label, *_cohort(cohort, months)) for label, figures in _parts(view, labels) for cohort in figures["cohorts"]
    )
    return Table(VINTAGES, title, columns, rows)


def maturity_table(view: View, names: Names = NO_NAMES) -> Table:
    """Return what falls due by month, from what is overdue on."""
    labels = Labels(view, names)
    columns = (
        *labels.columns,
        Column("month", "Falls due in", width=14, definition="maturity"),
        Column("amount", "Principal", Unit.MONEY, totalled=True),
    )
    rows = tuple(
        (*label, month, minor(text)) for label, figures in _parts(view, labels) for month, text in _calendar(figures)
    )
    return Table(MATURITY, "What falls due of the open loans, by month", columns, rows)


def provisions_table(view: View, names: Names = NO_NAMES) -> Table:
    """Return the portfolio by the classes of a rule set, with what each calls for."""
    labels = Labels(view, names)
    columns = (
        *labels.columns,
        Column("class", "Class", width=18, definition="provisioning"),
        Column("days_from", "Days late from", Unit.COUNT),
        Column("days_to", "to", Unit.COUNT),
        Column("loans", "Loans", Unit.COUNT, totalled=True),
        Column("amount", "Outstanding principal", Unit.MONEY, totalled=True),
        Column("provision_rate", "Rate", Unit.SHARE),
        Column("required", "Provision called for", Unit.MONEY, totalled=True),
    )
    rows = tuple((*label, *_class(one)) for label, figures in _parts(view, labels) for one in figures["classes"])
    total = ("required", minor(view["total"]["required"]))
    return Table(PROVISIONS, f"Provisions by {view['rule_set']['name']}", columns, rows, (total,))


# Parts of answers ----------------------------------------------------------------------------------------------


def _late(key: str, title: str, figure: str, place: int, *, aside: bool) -> Told:
    def read(figures: View) -> Cell:
        return minor(figures[figure][place]["numerator"])

    return Told(Column(key, title, Unit.MONEY, totalled=True, aside=aside), read)


def _band(place: int, name: str, what: str) -> Told:
    is_amount = what == "amount"
    title = band_title(name) if is_amount else f"Loans {band_title(name).lower()}"
    unit = Unit.MONEY if is_amount else Unit.COUNT
    column = Column(
        f"{what}_{place}", title, unit, totalled=True, definition="ageing" if is_amount else None, aside=not is_amount
    )

    def read(figures: View) -> Cell:
        value = figures["ageing"]["bands"][place][what]
        return minor(value) if is_amount else value

    return Told(column, read)


def _plain(column: Column) -> Column:
    """Return a column that is not added up: amounts of several days are no sum of anything."""
    return replace(column, totalled=False)


def _parts(view: View, labels: Labels) -> Iterator[tuple[tuple[Cell, ...], View]]:
    """Give each row of an answer with its labels; of one that is not cut the whole."""
    if not view["by"]:
        yield (), view["total"]
    for row in view["rows"]:
        yield labels.cells(row["key"]), row


def _cohort(cohort: View, months: int) -> Iterator[Cell]:
    after = {point["months"]: point for point in cohort["after"]}
    yield month_end_of(date.fromisoformat(f"{cohort['month']}-01"))
    yield minor(after[max(after)]["denominator"])
    for later in range(months):
        yield decimal(found(after.get(later), "rate"))


def _calendar(figures: View) -> Iterator[tuple[str, str]]:
    yield "Overdue", figures["overdue"]["amount"]
    for month in figures["months"]:
        yield month["month"], month["amount"]


def _class(told: View) -> tuple[Cell, ...]:
    rate = decimal(told["provision_rate"])
    return (
        told["class"],
        told["days_from"],
        told["days_to"],
        told["loans"],
        minor(told["amount"]),
        rate,
        minor(told["required"]),
    )
