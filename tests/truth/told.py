"""Figures as they are told: those of the truth, and those read out of the engine's reports, in the same words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from tests.truth.figures import Became, Class, Collected, OnDay, Part, Vintage

Told = dict[str, Any]
Key = tuple[str | None, ...]
Rows = dict[Key, Told]
WHOLE: Final[Key] = ()
NOTHING: Final = (0, "0.00", None, "0.000000")


def amount(minor: int) -> str:
    """Return an amount in rupees: 123450 is `1234.50`."""
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02}"


def rate(numerator: int | Fraction, denominator: int | Fraction) -> str | None:
    """Return a rate to six decimals, half to even; none of nothing."""
    if not denominator:
        return None
    millionths = round(Fraction(numerator) / Fraction(denominator) * 10**6)
    return f"{'-' if millionths < 0 else ''}{abs(millionths) // 10**6}.{abs(millionths) % 10**6:06}"


def _ratio(name: str, numerator: int, denominator: int) -> Told:
    return {
        f"{name} numerator": amount(numerator),
        f"{name} denominator": amount(denominator),
        f"{name} rate": rate(numerator, denominator),
    }


def _ratio_in(name: str, view: Mapping[str, Any]) -> Told:
    return {f"{name} {part}": view[part] for part in ("numerator", "denominator", "rate")}


def differences(truth: Rows, found: Rows) -> list[str]:
    """Return what of the figures found is not the truth; parts of which there is nothing to tell are left out."""
    told, told_too = ({key: row for key, row in rows.items() if key == WHOLE or _says(row)} for rows in (truth, found))
    missing = [f"{key}: missing, {row}" for key, row in told.items() if key not in told_too]
    extra = [f"{key}: not there in truth, {row}" for key, row in told_too.items() if key not in told]
    wrong = [
        f"{key}: {name} is {row.get(name)}, the truth is {told[key].get(name)}"
        for key, row in told_too.items()
        if key in told
        for name in sorted(row.keys() | told[key].keys())
        if row.get(name, "absent") != told[key].get(name, "absent")
    ]
    return missing + extra + wrong


def _says(row: Told) -> bool:
    return any(value not in NOTHING for value in row.values())


def rows_in(view: Mapping[str, Any], read: Any) -> Rows:  # noqa: ANN401 - reads any of the views
    """Return the whole and the rows of a report."""
    rows = {tuple(row["key"].values()): read(row) for row in view["rows"]}
    return {WHOLE: read(view["total"]), **rows}


# On a day ------------------------------------------------------------------------------------------------------


def tally(truth: OnDay) -> Told:
    """Return what is told of every day, also of the days of a series."""
    told = {"gross": amount(truth.gross), "loans": truth.loans}
    for name, parts in (("par", truth.late), ("par_renegotiated", truth.late_or_renegotiated)):
        for days, part in parts.items():
            told |= {f"{name} {days} loans": part.loans, **_ratio(f"{name} {days}", part.minor, truth.gross)}
    for band, part in truth.ages.items():
        told |= {f"age {band}": amount(part.minor), f"age {band} loans": part.loans}
    return told | _ratio("arrears", truth.overdue, truth.gross)


def portfolio(truth: OnDay, allowance: int | None) -> Told:
    """Return what is told of a day."""
    told = tally(truth) | {"borrowers": truth.borrowers, "households": truth.households}
    told |= _ratio("recovery", truth.paid_of_it, truth.fell_due)
    if allowance is not None:
        told |= _ratio("coverage", allowance, truth.late_or_renegotiated[30].minor)
    return told


def tally_in(view: Mapping[str, Any]) -> Told:
    """Read what is told of every day."""
    told = {"gross": view["gross_portfolio"]["amount"], "loans": view["loans"]}
    for name in ("par", "par_renegotiated"):
        for each in view[name]:
            days = f"{name} {each['days']}"
            told |= {f"{days} loans": each["loans"], **_ratio_in(days, each)}
    for band in view["ageing"]["bands"]:
        told |= {f"age {band['band']}": band["amount"], f"age {band['band']} loans": band["loans"]}
    return told | _ratio_in("arrears", view["arrears_rate"])


def portfolio_in(view: Mapping[str, Any]) -> Told:
    """Read what is told of a day."""
    told = tally_in(view) | {"borrowers": view["borrowers"], "households": view["households"]}
    told |= _ratio_in("recovery", view["recovery_rate"])
    if view["risk_coverage"] is not None:
        told |= _ratio_in("coverage", view["risk_coverage"])
    return told


def points_in(view: Mapping[str, Any]) -> Told:
    """Read a series."""
    return {f"{point['as_of']} {name}": said for point in view["points"] for name, said in tally_in(point).items()}


def calendar(truth: Mapping[str, int]) -> Told:
    """Return what is told of a maturity calendar."""
    told = {when: amount(minor) for when, minor in truth.items()}
    return {"overdue": amount(0), **told, "gross": amount(sum(truth.values()))}


def calendar_in(view: Mapping[str, Any]) -> Told:
    """Read a maturity calendar."""
    months = {month["month"]: month["amount"] for month in view["months"] if month["amount"] != "0.00"}
    return {"overdue": view["overdue"]["amount"], "gross": view["gross_portfolio"], **months}


def classes(truth: Mapping[str, tuple[Part, int | None]], allowance: int | None) -> Told:
    """Return what is told of classes and their provisions."""
    told: Told = {}
    for name, (part, required) in truth.items():
        told |= {name: amount(part.minor), f"{name} loans": part.loans}
        told[f"{name} required"] = None if required is None else amount(required)
    required_of_all = [required for _, required in truth.values() if required is not None]
    told["required"] = amount(sum(required_of_all)) if required_of_all else None
    told["allowance"] = None if allowance is None else amount(allowance)
    return told | {"gross": amount(sum(part.minor for part, _ in truth.values()))}


def classes_in(view: Mapping[str, Any]) -> Told:
    """Read classes and their provisions."""
    told: Told = {"required": view["required"], "allowance": view["allowance"], "gross": view["gross_portfolio"]}
    for each in view["classes"]:
        name = each["class"]
        told |= {name: each["amount"], f"{name} loans": each["loans"], f"{name} required": each["required"]}
    return told


def cohorts(truth: Mapping[tuple[str, int], Vintage], days: int) -> Told:
    """Return what is told of cohorts."""
    told: Told = {}
    for (month, after), cohort in truth.items():
        name = f"{month} + {after}"
        told |= _ratio(name, cohort.late[days], cohort.lent)
        told |= {f"{name} renegotiated": amount(cohort.renegotiated), f"{name} lost": amount(cohort.lost)}
        told |= {f"{name} renegotiated rate": rate(cohort.renegotiated, cohort.lent)}
        told |= {f"{name} lost rate": rate(cohort.lost, cohort.lent)}
    return told


def cohorts_in(view: Mapping[str, Any]) -> Told:
    """Read cohorts."""
    told: Told = {}
    for cohort in view["cohorts"]:
        for each in cohort["after"]:
            name = f"{cohort['month']} + {each['months']}"
            told |= _ratio_in(name, each)
            told |= {f"{name} renegotiated": each["renegotiated"], f"{name} lost": each["written_off"]}
            told |= {f"{name} renegotiated rate": each["renegotiated_rate"]}
            told |= {f"{name} lost rate": each["written_off_rate"]}
    return told


# In a period ---------------------------------------------------------------------------------------------------


def period(truth: Collected, average: Fraction) -> Told:
    """Return what is told of a period."""
    told = {
        "opening": truth.opening,
        "demand": truth.demand,
        "demand first": truth.demand_first,
        "demand again": truth.demand - truth.demand_first,
        "again on time": truth.on_time - truth.on_time_first,
        "prepaid": truth.prepaid,
        "prepaid first": truth.prepaid_first,
        "collected": truth.collected,
        "of arrears": truth.of_arrears,
        "of current": truth.of_current,
        "in advance": truth.in_advance,
        "overdue lost": truth.written_off_due,
        "rescheduled": truth.rescheduled_due,
        "closing": truth.closing,
        "lent": truth.lent,
        "came in": truth.collected,
        "lost": truth.lost,
        "recovered": truth.recovered,
        "lost of the average": truth.lost,
        "average": round(average),
    }
    return {
        **{name: amount(minor) for name, minor in told.items()},
        **_ratio("on time", truth.on_time_first, truth.demand_first),
        **_ratio("cleanup", truth.of_arrears, truth.opening),
        "write-off rate": rate(truth.lost, average),
    }


def period_in(view: Mapping[str, Any]) -> Told:
    """Read what is told of a period; its identity is looked at as well."""
    dcb, on_time, lost = view["dcb"], view["on_time_rate"], view["write_off_ratio"]
    return {
        "opening": dcb["opening_overdue"],
        "demand": dcb["demand"]["amount"],
        "demand first": dcb["demand"]["first_time"],
        "demand again": dcb["demand"]["again"],
        "again on time": on_time["again"]["on_time"],
        "prepaid": dcb["prepaid"],
        "prepaid first": on_time["prepaid"],
        "collected": dcb["collection"]["amount"],
        "of arrears": dcb["collection"]["of_arrears"],
        "of current": dcb["collection"]["of_current"],
        "in advance": dcb["collection"]["in_advance"],
        "overdue lost": dcb["written_off"],
        "rescheduled": dcb["rescheduled"],
        "closing": dcb["closing_overdue"],
        "lent": view["disbursed"]["amount"],
        "came in": view["collected"]["amount"],
        "lost": view["written_off"]["amount"],
        "recovered": view["recovered"]["amount"],
        "lost of the average": lost["numerator"],
        "average": lost["denominator"],
        "write-off rate": lost["rate"],
        **_ratio_in("on time", on_time),
        **_ratio_in("cleanup", view["cleanup"]),
    }


def rolled(truth: tuple[Mapping[str, Became], Mapping[tuple[str, str], Part]]) -> Told:
    """Return what is told of how loans went from band to band."""
    rows, cells = truth
    whole = Became(*(sum(getattr(row, name) for row in rows.values()) for name in Became.__dataclass_fields__))
    told: Told = {}
    for band, row in {**rows, "whole": whole}.items():
        told |= {f"{band} loans": row.loans, f"{band} opening": amount(row.opening), f"{band} lent": amount(row.lent)}
        told |= _went(f"{band} to repaid", Part(row.repaid, row.repaid_loans), row.opening)
        told |= _went(f"{band} to lost", Part(row.lost, row.lost_loans), row.opening)
        for to in {to for _, to in cells}:
            parts = [part for (came, went), part in cells.items() if went == to and band in (came, "whole")]
            part = Part(sum(part.minor for part in parts), sum(part.loans for part in parts))
            told |= _went(f"{band} to {to}", part, row.opening)
    return {name: said for name, said in told.items() if said not in NOTHING}


def _went(name: str, part: Part, opening: int) -> Told:
    return {name: amount(part.minor), f"{name} loans": part.loans, f"{name} rate": rate(part.minor, opening)}


def rolled_in(view: Mapping[str, Any]) -> Told:
    """Read how loans went from band to band."""
    told: Told = {}
    for row in (*view["table"], {**view["whole"], "band": "whole"}):
        band = row["band"]
        told |= {f"{band} loans": row["loans"], f"{band} opening": row["opening"], f"{band} lent": row["disbursed"]}
        for each in (*row["cells"], {**row["repaid"], "band": "repaid"}, {**row["written_off"], "band": "lost"}):
            name = f"{band} to {each['band']}"
            told |= {name: each["amount"], f"{name} loans": each["loans"], f"{name} rate": each["rate"]}
    return {name: said for name, said in told.items() if said not in NOTHING}


# Reports that are put together ---------------------------------------------------------------------------------


def district(day: OnDay, of_period: Collected, managing: Sequence[tuple[str, str]]) -> Told:
    """Return what is told of a district in a consolidation; `managing` are the funds with capital, with their LSOs."""
    return {
        "lsos": len({lso for lso, _ in managing}),
        "vos": 0,
        "funds": len(managing),
        "borrowers_to_date": day.borrowers_to_date,
        "households_to_date": day.households_to_date,
        "loans_to_date": day.loans_to_date,
        "disbursed_to_date": amount(day.lent_to_date),
        "borrowers": day.borrowers,
        "loans": day.loans,
        "gross_portfolio": amount(day.gross),
        "overdue": amount(day.overdue),
        "late_30": amount(day.late[30].minor),
        "par_30": rate(day.late[30].minor, day.gross),
        "fell_due": amount(of_period.demand_first),
        "on_time": amount(of_period.on_time_first),
        "on_time_rate": rate(of_period.on_time_first, of_period.demand_first),
        "fallen_due": amount(day.fell_due),
        "collected_of_due": amount(day.paid_of_it),
        "recovery_rate": rate(day.paid_of_it, day.fell_due),
        "written_off": amount(of_period.lost),
    }


def cycle(day: OnDay) -> Told:
    """Return what is told of a cycle."""
    average = Fraction(day.lent_to_date, day.loans_to_date) if day.loans_to_date else None
    return {
        "loans": day.loans_to_date,
        "borrowers": day.borrowers_to_date,
        "households": day.households_to_date,
        "disbursed": amount(day.lent_to_date),
        "average_loan": None if average is None else amount(round(average)),
        "open_loans": day.loans,
        "gross_portfolio": amount(day.gross),
        "late_30": amount(day.late[30].minor),
        "par_30": rate(day.late[30].minor, day.gross),
    }


def columns_in(row: Mapping[str, Any], named: Iterable[str]) -> Told:
    """Read the columns that the truth has too."""
    return {name: row[name] for name in named}


# Rule sets -----------------------------------------------------------------------------------------------------


def _classes(*bands: tuple[str, int, str]) -> tuple[Class, ...]:
    return tuple(Class(name, days_from, Fraction(share)) for name, days_from, share in bands)


RULE_SETS: Final[Mapping[str, tuple[str, Sequence[Class]]]] = {
    "community": (
        ">",
        _classes(
            ("Current", 0, "0.01"),
            ("Late 1-30", 1, "0.10"),
            ("Late 31-60", 31, "0.25"),
            ("Late 61-90", 61, "0.50"),
            ("Late 91-180", 91, "0.75"),
            ("Late 181-365", 181, "1"),
            ("Late over 365", 366, "1"),
        ),
    ),
    "sbp": (
        ">=",
        _classes(
            ("Regular", 0, "0"),
            ("Watch (OAEM)", 30, "0"),
            ("Substandard", 60, "0.25"),
            ("Doubtful", 90, "0.50"),
            ("Loss", 180, "1"),
        ),
    ),
    "ifrs9": (">", (Class("Stage 1", 0, None), Class("Stage 2", 31, None), Class("Stage 3", 91, None))),
}
"""The rule sets that come with the engine: how "late over n days" is meant, and the classes with their rates."""


def as_text(codes: Iterable[str | int | None]) -> Key:
    """Return the codes of a row as reports write them."""
    return tuple(None if code is None else str(code) for code in codes)
