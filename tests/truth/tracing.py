"""What lies behind a figure, loan by loan, and what moved it since, act by act; beside the truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from random import Random
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from cif_engine.moments import format_moment
from cif_engine.operations.credits import refund_credit
from cif_engine.operations.disbursing import disburse_loan
from cif_engine.operations.dues import charge_fee
from cif_engine.operations.explaining import Inquiry, loans_behind_report
from cif_engine.operations.moratorium import grant_moratorium
from cif_engine.operations.replacing import correct_fact
from cif_engine.operations.reporting import Page
from cif_engine.operations.restating import restatement_acts, restatement_report
from cif_engine.operations.restructuring import reschedule_loan, write_off_loan
from cif_engine.operations.reversing import reverse_fact
from cif_engine.persistence.explaining import Side
from cif_engine.portfolio.cuts import Cutting
from cif_engine.portfolio.subjects import Sought
from tests.truth import told
from tests.truth.case import Case
from tests.truth.comparing import period_of
from tests.truth.facts import DAY, What
from tests.truth.figures import (
    AGES,
    PAR_DAYS,
    Became,
    Known,
    Loans,
    OnDay,
    Part,
    collected,
    maturity,
    migration,
    on_day,
)
from tests.truth.office import Office, Operation
from tests.truth.told import WHOLE, Rows, Told, differences

KARACHI: Final = ZoneInfo("Asia/Karachi")


def loan_by_loan(case: Case, random: Random) -> list[str]:
    """Compare which loans lie behind a figure, what each is of it, and where it stood."""
    asked, inquiry = _inquiry(case, random)
    truth: Rows = {
        (known.loan.id,): _loan_told(known, case.asked.as_of, share)
        for known in case.loans
        if (share := asked.tell([known]))[0]
    }
    found: Rows = {}
    page: Page | None = Page(limit=random.choice((7, 100)))
    while page:
        view = loans_behind_report(case.databases, inquiry, Side.NUMERATOR, page)
        found |= {(loan["loan_id"],): {name: loan[name] for name in _OF_LOANS} for loan in view["items"]}
        page = Page(page.limit, view["next"]) if view["next"] else None
    told_of = {key: loan for key, loan in found.items() if loan["numerator"] != "0.00"}
    return [f"{inquiry.sought}: {line}" for line in differences(truth, told_of)]


_OF_LOANS = (
    *("status", "disbursed", "outstanding_principal", "overdue_principal", "days_late", "renegotiated"),
    *("numerator", "denominator"),
)


def _loan_told(known: Known, day: date, share: Share) -> Told:
    stood = known.on(day)
    late = stood.days_late(day)
    numerator, denominator = share
    return {
        "status": "written_off" if stood.given_up else "open" if stood.owes else "repaid",
        "disbursed": told.amount(stood.lent),
        "outstanding_principal": told.amount(stood.outstanding),
        "overdue_principal": told.amount(stood.overdue(day)),
        "days_late": late,
        "renegotiated": stood.renegotiated,
        "numerator": told.amount(numerator),
        "denominator": None if denominator is None else told.amount(denominator),
    }


def act_by_act(case: Case, random: Random) -> list[str]:
    """Compare why a figure is not what it was: each act that was recorded between two moments, with what it changed."""
    case = replace(case, asked=case.asked._replace(rsp=None, only=()))
    reported_at = random.choice([at for at in (0, *case.world.moments) if at <= case.moment])
    asked, inquiry = _inquiry(case, random)
    truth: Rows = {}
    for office in case.world.offices:
        if case.asked.lso in (None, office.code):
            truth |= _changes(case, office, asked, reported_at)
    found: Rows = {}
    page: Page | None = Page(limit=100)
    while page:
        view = restatement_acts(case.databases, inquiry, reported_at, KARACHI, page)
        for act in view["items"]:
            change = {name: act[name] for name in ("cause", "numerator", "denominator")}
            found[act["loan_id"], act["recorded_at"]] = change
        page = Page(page.limit, view["next"]) if view["next"] else None
    report = restatement_report(case.databases, inquiry, reported_at)
    before, after = (asked.tell(case.knowledge_of(moment)) for moment in (reported_at, case.moment))
    truth[WHOLE] = {
        "reported": told.amount(before[0]),
        "known": told.amount(after[0]),
        "difference": told.amount(after[0] - before[0]),
        "causes": told.amount(after[0] - before[0]),
    }
    found[WHOLE] = {name: report[name]["numerator"] for name in ("reported", "known", "difference")}
    found[WHOLE]["causes"] = told.amount(sum(_minor(cause["numerator"]) for cause in report["causes"]))
    return [f"{inquiry.sought} as reported at {reported_at}: {line}" for line in differences(truth, found)]


def _changes(case: Case, office: Office, asked: Asking, reported_at: int) -> Rows:
    """Return what each act of an office changed of a figure, act by act."""
    changes: Rows = {}
    for act in office.acts:
        if not reported_at < act.at <= case.moment:
            continue
        for loan_id in dict.fromkeys(fact.loan for fact in act.facts):
            loan = office.loans[loan_id]
            before, after = (
                asked.tell([Known(loan, case.knowledge.history(loan_id, moment))]) for moment in (act.at - 1, act.at)
            )
            if before == after:
                continue
            cause = _CAUSES.get(act.operation, "repayments")
            if any(fact.what is What.PAID for fact in act.facts if fact.loan == loan_id) and cause == "disbursements":
                cause = "repayments"
            changes[loan_id, format_moment(act.at)] = {
                "cause": cause,
                "numerator": told.amount(after[0] - before[0]),
                "denominator": None if after[1] is None else told.amount(after[1] - (before[1] or 0)),
            }
    return changes


_CAUSES: Final[Mapping[Operation, str]] = {
    correct_fact: "corrections",
    reverse_fact: "reversals",
    write_off_loan: "write_offs",
    grant_moratorium: "moratoria",
    reschedule_loan: "reschedules",
    disburse_loan: "disbursements",
    charge_fee: "dues",
    refund_credit: "credits",
}


def _minor(amount: str) -> int:
    return int(amount.replace(".", ""))


# Figures that are told loan by loan ----------------------------------------------------------------------------

Share = tuple[int, int | None]


class Asking(NamedTuple):
    """A figure that is told loan by loan: how the engine is asked, and its numerator and denominator in truth."""

    sought: Sought
    from_on: date | None
    tell: Callable[[Loans], Share]


def _inquiry(case: Case, random: Random) -> tuple[Asking, Inquiry]:
    asked = random.choice(_askings(case, random))
    question = replace(case.question, cutting=Cutting((), case.question.cutting.only))
    return asked, Inquiry(question, asked.sought, case.asked.as_of, asked.from_on)


def _askings(case: Case, random: Random) -> list[Asking]:
    day, period, days = case.asked.as_of, period_of(case, random), random.choice(PAR_DAYS)
    begun, ended = period.from_on, period.to_on
    band = random.choice([name for name, _ in AGES])

    def today(tell: Callable[[OnDay], Share]) -> Callable[[Loans], Share]:
        return lambda loans: tell(on_day(loans, day, case.comparator))

    def within(*names: str) -> Callable[[Loans], Share]:
        def tell(loans: Loans) -> Share:
            numerator, *denominator = (getattr(collected(loans, begun, ended), name) for name in names)
            return numerator, denominator[0] if denominator else None

        return tell

    def rolled(loans: Loans) -> Share:
        rows, cells = migration(loans, begun - DAY, ended)
        return cells.get((band, "current"), Part()).minor, rows.get(band, Became()).opening

    return [
        Asking(Sought("gross_portfolio"), None, today(lambda on: (on.gross, None))),
        Asking(Sought("par_n", days), None, today(lambda on: (on.late[days].minor, on.gross))),
        Asking(
            Sought("par_n_renegotiated", days), None, today(lambda on: (on.late_or_renegotiated[days].minor, on.gross))
        ),
        Asking(Sought("ageing", part=band), None, today(lambda on: (on.ages[band].minor, None))),
        Asking(Sought("overdue"), None, today(lambda on: (on.overdue, None))),
        Asking(Sought("arrears_rate"), None, today(lambda on: (on.overdue, on.gross))),
        Asking(Sought("recovery_rate"), None, today(lambda on: (on.paid_of_it, on.fell_due))),
        Asking(
            Sought("maturity", part=f"{day:%Y-%m}"),
            None,
            lambda loans: (maturity(loans, day).get(f"{day:%Y-%m}", 0), None),
        ),
        *(Asking(Sought("dcb", part=part), begun, within(name)) for part, name in _OF_PERIODS.items()),
        Asking(Sought("on_time_rate"), begun, within("on_time_first", "demand_first")),
        Asking(Sought("cleanup"), begun, within("of_arrears", "opening")),
        Asking(Sought("disbursed"), begun, within("lent")),
        Asking(Sought("written_off"), begun, within("lost")),
        Asking(Sought("recovered"), begun, within("recovered")),
        Asking(Sought("migration", came_from=band, went_to="current"), begun, rolled),
    ]


_OF_PERIODS: Final = {
    "opening": "opening",
    "demand": "demand",
    "demand_first": "demand_first",
    "prepaid": "prepaid",
    "of_arrears": "of_arrears",
    "of_current": "of_current",
    "in_advance": "in_advance",
    "collected": "collected",
    "written_off": "written_off_due",
    "rescheduled": "rescheduled_due",
    "closing": "closing",
}
