"""Whether figures that were reported together can be true together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from cif_engine.reported import measures as of
from cif_engine.reported.bounds import check_bounds, lent_beyond_capital
from cif_engine.reported.figures import FigureSet
from cif_engine.reported.findings import (
    Check,
    Finding,
    Judged,
    Severity,
    Unchecked,
    each,
    judged,
    plain,
    ratio,
    rupees,
)
from cif_engine.reported.findings import number as plainly
from cif_engine.reported.measures import Measure
from cif_engine.reported.parameters import Parameters
from cif_engine.reported.printed import SHARE_PARTS, Kind, Printed

Said = Iterator[Finding | Unchecked]
_PEOPLE: Final = (of.HOUSEHOLDS, of.BORROWERS)
_RUPEE: Final = 100
_ALL: Final = 100 * SHARE_PARTS
_DAYS_OF_TWO_YEARS, _MONTHS_OF_TWO_YEARS = 731, 24
"""So that half a term is counted in days: half of a month is 731/48 days."""


def check_set(figures: FigureSet, parameters: Parameters) -> Judged:
    """Return what is found of figures that were reported together, and what could not be checked for want of others."""
    return judged(said for check in _CHECKS for said in check(figures, parameters))


# Loans and people ----------------------------------------------------------------------------------------------


def _average_loan(figures: FigureSet, parameters: Parameters) -> Said:
    """Say where an average lies outside what single loans may be; without loans, what each borrower got at least."""
    disbursed = figures.get(of.DISBURSED)
    counted = figures.first((of.LOANS, of.HOUSEHOLDS, of.BORROWERS))
    if disbursed is None or counted is None:
        yield Unchecked(Check.AVERAGE_LOAN, "It takes the amount disbursed, and the loans, households or borrowers.")
        return
    measure, count = counted
    if not count.known:
        return
    is_loans = measure is of.LOANS
    most = parameters.loan_max * (1 if is_loans else parameters.loans_per_household)
    severity = _outside(disbursed, count.known, parameters, most, is_loans=is_loans)
    if severity is None:
        return
    average = each(disbursed.known, count.known)
    one = {of.LOANS: "a loan", of.HOUSEHOLDS: "a household", of.BORROWERS: "a borrower"}[measure]
    limits = f"loans are from {rupees(parameters.loan_min * _RUPEE)} to {rupees(parameters.loan_max * _RUPEE)}"
    if not is_loans:
        limits += f", and a household has had at most {parameters.loans_per_household}"
    yield Finding(
        Check.AVERAGE_LOAN,
        severity,
        f"{rupees(disbursed.known)} for {count.known:,} {measure.id} is {rupees(average)} {one}; {limits}.",
        (of.DISBURSED.id, measure.id),
        figures.as_of,
        numbers=(
            ("average", plainly(Kind.AMOUNT, average)),
            ("loan_min", str(parameters.loan_min)),
            ("loan_max", str(parameters.loan_max)),
        ),
    )


def _outside(disbursed: Printed, count: int, parameters: Parameters, most: int, *, is_loans: bool) -> Severity | None:
    """Return how grave it is that an amount for each lies outside the limits; None: within.

    How many loans a household may have had is a limit as doubtful as the largest of them, so both are stretched.
    """
    factor = parameters.limit_factor
    least, largest = parameters.loan_min * _RUPEE, most * _RUPEE
    beyond = factor if is_loans else factor**2
    if disbursed.most * factor < count * least or disbursed.least > count * largest * beyond:
        return Severity.HIGH
    if disbursed.most < count * least or disbursed.least > count * largest:
        return Severity.MEDIUM
    return None


def _loans_below_people(figures: FigureSet, _: Parameters) -> Said:
    loans = figures.get(of.LOANS)
    people = [(measure, count) for measure in _PEOPLE if (count := figures.get(measure)) is not None]
    if loans is None or not people:
        yield Unchecked(Check.LOANS_BELOW_PEOPLE, "It takes the loans, and the households or borrowers.")
        return
    measure, count = max(people, key=lambda one: one[1].least)
    if loans.most < count.least:
        yield Finding(
            Check.LOANS_BELOW_PEOPLE,
            Severity.HIGH,
            f"{loans.known:,} loans for {count.known:,} {measure.id}: each had one at least.",
            (of.LOANS.id, measure.id),
            figures.as_of,
            numbers=(("loans", str(loans.known)), (measure.id, str(count.known))),
        )


def _more_than_there_are(figures: FigureSet, _: Parameters) -> Said:
    served = figures.get(of.HOUSEHOLDS)
    there_are = (
        (of.HOUSEHOLDS_TOTAL, Severity.HIGH),
        (of.HOUSEHOLDS_ORGANISED, Severity.MEDIUM),
        (of.HOUSEHOLDS_ELIGIBLE, Severity.MEDIUM),
    )
    for measure, severity in there_are:
        most = figures.get(measure)
        if served is not None and most is not None and served.least > most.most:
            yield Finding(
                Check.MORE_THAN_THERE_ARE,
                severity,
                f"{served.known:,} households were served, and {measure.title.lower()} are {most.known:,}.",
                (of.HOUSEHOLDS.id, measure.id),
                figures.as_of,
                numbers=((of.HOUSEHOLDS.id, str(served.known)), (measure.id, str(most.known))),
            )
            return


def _amount_without_people(figures: FigureSet, _: Parameters) -> Said:
    disbursed = figures.get(of.DISBURSED)
    for measure in (of.LOANS, of.HOUSEHOLDS, of.BORROWERS):
        count = figures.get(measure)
        if disbursed is None or count is None or bool(count.known) == bool(disbursed.known):
            continue
        if disbursed.least > 0 or (count.known and not disbursed.most):
            words = f"{rupees(disbursed.known)} disbursed, and {measure.title.lower()}: {count.known:,}."
            numbers = (("disbursed", plainly(Kind.AMOUNT, disbursed.known)), (measure.id, str(count.known)))
            about = (of.DISBURSED.id, measure.id)
            yield Finding(Check.AMOUNT_WITHOUT_PEOPLE, Severity.HIGH, words, about, figures.as_of, numbers=numbers)
            return


# The fund ------------------------------------------------------------------------------------------------------


def _turns(figures: FigureSet, parameters: Parameters) -> Said:
    """Say whether the capital can have gone round so often.

    Of a loan that is paid in equal instalments, half of the term passes on average until a rupee is back. So capital
    goes round at most 1 + days / (term / 2) times: in 1,653 days with a term of three months 37.2 times.
    """
    disbursed, capital = figures.get(of.DISBURSED), capital_stated(figures)
    if disbursed is None or not capital:
        yield Unchecked(Check.TURNS, "It takes the amount disbursed, and the sub-grant or other capital.")
        return
    turns = ratio(disbursed.known, capital)
    days = _days(figures)
    if days is None:
        needed = max(disbursed.known - capital, 0) * parameters.shortest_term_months * _DAYS_OF_TWO_YEARS
        needed_days = needed // (capital * 2 * _MONTHS_OF_TWO_YEARS)
        words = f"The capital went round {turns} times, which takes {needed_days:,} days at least; the day of formation"
        yield Unchecked(Check.TURNS, f"{words} is not stated.")
        return
    severity = _too_many_turns(disbursed, capital_at_most(figures), days, parameters)
    if severity is None:
        return
    term = parameters.shortest_term_months if severity is Severity.HIGH else parameters.usual_term_months
    possible = ratio(*turns_possible(days, term))
    took = ratio(days * capital, disbursed.known)
    yield Finding(
        Check.TURNS,
        severity,
        f"{rupees(capital)} of capital would have gone round {turns} times in the {days:,} days since formation, once "
        f"every {took} days; loans of {term} months, of which half is back after half the term, allow {possible}.",
        (of.DISBURSED.id, of.SUB_GRANT.id),
        figures.as_of,
        figures.formed_on,
        (("turns", turns), ("days", str(days)), ("days_of_a_turn", took), ("turns_possible", possible)),
    )


def _too_many_turns(disbursed: Printed, capital: int, days: int, parameters: Parameters) -> Severity | None:
    terms = ((parameters.shortest_term_months, Severity.HIGH), (parameters.usual_term_months, Severity.MEDIUM))
    for term, severity in terms:
        parts, whole = turns_possible(days, term)
        if disbursed.least * whole > capital * parts:
            return severity
    return None


def turns_possible(days: int, term_months: int) -> tuple[int, int]:
    """Return the most turns as a ratio: one, and as often again as half a term goes into the days."""
    half_term = term_months * _DAYS_OF_TWO_YEARS
    return 2 * _MONTHS_OF_TWO_YEARS * days + half_term, half_term


def _beyond_means(figures: FigureSet, parameters: Parameters) -> Said:
    """Say whether there was money for what was disbursed: capital, and principal that came back."""
    disbursed, capital = figures.get(of.DISBURSED), capital_stated(figures)
    if disbursed is None or not capital:
        yield Unchecked(Check.BEYOND_MEANS, "It takes the amount disbursed, and the sub-grant or other capital.")
        return
    recovered, outstanding = figures.get(of.RECOVERED), figures.get(of.OUTSTANDING)
    if recovered is not None:
        yield from _beyond_what_came_back(figures, disbursed, capital, recovered, parameters)
    elif disbursed.known > capital:
        yield _needed(figures, disbursed, capital, parameters)
    if recovered is None and outstanding is not None:
        amounts = capital, capital_at_most(figures)
        yield from lent_beyond_capital(figures, amounts, outstanding, disbursed, parameters)


def _beyond_what_came_back(
    figures: FigureSet, disbursed: Printed, capital: int, recovered: Printed, parameters: Parameters
) -> Said:
    """Say how much more was disbursed; charges and bank profit that were lent as well may explain a little of it."""
    beyond = disbursed.known - capital - recovered.known
    slack = disbursed.slack + recovered.slack + capital_at_most(figures) - capital
    if beyond <= slack:
        return
    explained = (beyond - slack) * 100 <= recovered.known * parameters.charge_percent
    yield Finding(
        Check.BEYOND_MEANS,
        Severity.MEDIUM if explained else Severity.HIGH,
        f"{rupees(disbursed.known)} was disbursed from {rupees(capital)} of capital and {rupees(recovered.known)} of "
        f"principal recovered: {rupees(beyond)} more than there was.",
        (of.DISBURSED.id, of.SUB_GRANT.id, of.RECOVERED.id),
        figures.as_of,
        numbers=(("beyond", plainly(Kind.AMOUNT, beyond)),),
    )


def _needed(figures: FigureSet, disbursed: Printed, capital: int, parameters: Parameters) -> Finding:
    """Return what must have been recovered for so much to be disbursed, and whether that can be."""
    needed = disbursed.known - capital
    times, days = ratio(needed, capital), _days(figures)
    words = (
        f"{rupees(needed)} of principal, {times} times the capital, would have to have come back and been lent again; "
        "what was recovered is not stated"
    )
    numbers = [("recovered_needed", plainly(Kind.AMOUNT, needed)), ("times_the_capital", times)]
    severity = Severity.NOTE
    if days is not None and _too_many_turns(disbursed, capital_at_most(figures), days, parameters) is Severity.HIGH:
        severity = Severity.HIGH
        parts, whole = turns_possible(days, parameters.shortest_term_months)
        possible = capital * (parts - whole) // whole
        words += f", and in {days:,} days at most {rupees(possible // _RUPEE * _RUPEE)} can have"
        numbers.append(("recovered_possible", plainly(Kind.AMOUNT, possible // _RUPEE * _RUPEE)))
    about = (of.DISBURSED.id, of.SUB_GRANT.id)
    return Finding(Check.BEYOND_MEANS, severity, f"{words}.", about, figures.as_of, numbers=tuple(numbers))


# Recovery ------------------------------------------------------------------------------------------------------


def _ties_out(figures: FigureSet, parameters: Parameters) -> Said:
    """Say whether disbursed = recovered + outstanding + written off."""
    disbursed, recovered, outstanding = (
        figures.get(measure) for measure in (of.DISBURSED, of.RECOVERED, of.OUTSTANDING)
    )
    if disbursed is None or recovered is None or outstanding is None:
        yield Unchecked(Check.TIES_OUT, "It takes the amounts disbursed, recovered and outstanding.")
        return
    written_off = figures.get(of.WRITTEN_OFF)
    parts = [recovered, outstanding, *([written_off] if written_off else [])]
    gap = disbursed.known - sum(part.known for part in parts)
    words = f"{rupees(disbursed.known)} disbursed, {rupees(recovered.known)} recovered, "
    words += f"{rupees(outstanding.known)} outstanding"
    words += f", {rupees(written_off.known)} written off" if written_off else ""
    slack = disbursed.slack + sum(part.slack for part in parts)
    if abs(gap) <= slack:
        severity, said = Severity.NOTE, "it ties out"
    elif gap > 0:
        severity, said = Severity.MEDIUM, f"{rupees(gap)} is neither recovered nor outstanding nor written off"
    else:
        severity, said = Severity.MEDIUM, f"{rupees(-gap)} more than was disbursed; charges may be counted as recovered"
        back = sum(part.least for part in parts)
        if back * 100 > disbursed.most * (100 + parameters.charge_percent * parameters.limit_factor):
            severity = Severity.HIGH
    if outstanding.least > disbursed.most:
        severity = Severity.HIGH
    about = (of.DISBURSED.id, of.RECOVERED.id, of.OUTSTANDING.id)
    sign = "-" if gap < 0 else ""
    numbers = (("gap", sign + plainly(Kind.AMOUNT, abs(gap))),)
    yield Finding(Check.TIES_OUT, severity, f"{words}: {said}.", about, figures.as_of, numbers=numbers)


def _no_recovery_rate(figures: FigureSet, _: Parameters) -> Said:
    """Say what of a recovery rate follows: it is of what had fallen due, never of what was disbursed."""
    recovered, due = figures.get(of.RECOVERED), figures.get(of.FALLEN_DUE)
    if figures.get(of.RECOVERY_RATE) is not None and due is None:
        yield Finding(
            Check.NO_RECOVERY_RATE,
            Severity.NOTE,
            "A recovery rate is stated without what it is of: what had fallen due by then is not stated.",
            (of.RECOVERY_RATE.id,),
            figures.as_of,
        )
    elif recovered is not None and due is None:
        disbursed = figures.get(of.DISBURSED)
        words = "No recovery rate follows: what had fallen due by then is not stated."
        numbers: tuple[tuple[str, str], ...] = ()
        if disbursed is not None and disbursed.known:
            share = ratio(100 * recovered.known, disbursed.known)
            words += f" Recovered is {share} % of disbursed, which is no recovery rate: not all of it was due."
            numbers = (("recovered_of_disbursed_percent", share),)
        yield Finding(Check.NO_RECOVERY_RATE, Severity.NOTE, words, (of.RECOVERED.id,), figures.as_of, numbers=numbers)


def _perfect_recovery(figures: FigureSet, parameters: Parameters) -> Said:
    """Say where all is recovered: ordinary of a few loans that were paid back, hardly of what hundreds had."""
    rate = figures.get(of.RECOVERY_RATE)
    recovered = figures.get(of.RECOVERED)
    if rate is not None and rate.known >= _ALL:
        words = f"A recovery rate of {plain(Kind.SHARE, rate.known)}: nobody was ever late, or it is not counted so."
        yield Finding(Check.PERFECT_RECOVERY, Severity.MEDIUM, words, (of.RECOVERY_RATE.id,), figures.as_of)
        return
    for measure in (of.FALLEN_DUE, of.DISBURSED):
        whole = figures.get(measure)
        if recovered is not None and whole is not None and recovered.known == whole.known > 0:
            words = f"Everything is recovered: {rupees(recovered.known)} of {rupees(whole.known)} "
            words += "fallen due." if measure is of.FALLEN_DUE else "disbursed."
            people = figures.first((of.LOANS, *_PEOPLE))
            large = people is not None and people[1].known >= parameters.small_programme
            severity = Severity.MEDIUM if measure is of.FALLEN_DUE or large else Severity.LOW
            about = (of.RECOVERED.id, measure.id)
            yield Finding(Check.PERFECT_RECOVERY, severity, words, about, figures.as_of)
            return


def _rate_differs(figures: FigureSet, _: Parameters) -> Said:
    rate, recovered, due = (figures.get(measure) for measure in (of.RECOVERY_RATE, of.RECOVERED, of.FALLEN_DUE))
    if rate is None or recovered is None or due is None or not due.known:
        return
    least, most = recovered.least * _ALL // (due.most or 1), recovered.most * _ALL // max(due.least, 1)
    if least - rate.step <= rate.known <= most + rate.step:
        return
    found = ratio(100 * recovered.known, due.known)
    yield Finding(
        Check.RATE_DIFFERS,
        Severity.MEDIUM,
        f"A recovery rate of {plain(Kind.SHARE, rate.known)} is stated; {rupees(recovered.known)} recovered of "
        f"{rupees(due.known)} fallen due is {found} %.",
        (of.RECOVERY_RATE.id, of.RECOVERED.id, of.FALLEN_DUE.id),
        figures.as_of,
        numbers=(("rate_percent", found),),
    )


# What is not there ---------------------------------------------------------------------------------------------


def _missing(figures: FigureSet, _: Parameters) -> Said:
    for figure in figures.figures:
        if figure.printed.is_missing:
            typed = f'"{figure.printed.text}" stands' if figure.printed.text else "Nothing stands"
            words = f"{typed} where {_lower(figure.measure)} should; it is taken as not stated, not as nought."
            yield Finding(Check.MISSING, Severity.NOTE, words, (figure.measure.id,), figures.as_of)


def _lower(measure: Measure) -> str:
    return f'"{measure.title}"'


def capital_stated(figures: FigureSet) -> int:
    """Return what the fund was given, as far as it is stated; 0 where nothing is."""
    return sum(amount.known for amount in _given(figures))


def capital_at_most(figures: FigureSet) -> int:
    """Return the most that may have been given: 5 million, rounded to the million, may be 6."""
    return sum(amount.most for amount in _given(figures))


def _given(figures: FigureSet) -> list[Printed]:
    return [amount for measure in (of.SUB_GRANT, of.CONTRIBUTIONS) if (amount := figures.get(measure)) is not None]


def _days(figures: FigureSet) -> int | None:
    """Return the days from formation to the day of the figures; None where that is not known."""
    if figures.formed_on is None or figures.formed_on > figures.as_of:
        return None
    return (figures.as_of - figures.formed_on).days


_CHECKS: Final[tuple[Callable[[FigureSet, Parameters], Said], ...]] = (
    _average_loan,
    _loans_below_people,
    _turns,
    _beyond_means,
    _ties_out,
    _no_recovery_rate,
    _perfect_recovery,
    _rate_differs,
    _more_than_there_are,
    check_bounds,
    _amount_without_people,
    _missing,
)
