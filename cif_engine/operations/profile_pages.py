"""The profile of an LSO as a printed page: the same answer, in the words and the order of a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Final

from cif_engine.documents.profile import Card, Cards, Moneys, Named, ProfilePage, Rows, Slice, print_profile
from cif_engine.documents.report import format_day
from cif_engine.money import PKR, read_back, round_ratio
from cif_engine.operations.profile_views import RISK_DAYS
from cif_engine.operations.profiles import OF_TODAY, profile_report
from cif_engine.operations.views import View
from cif_engine.persistence.engines import Databases
from cif_engine.portfolio.definitions import DEFINITIONS

NOTHING: Final = "\u2013"
"""What is not known, or is a share of nothing."""

_MOST_FUNDS: Final = 4
_MINOR: Final = PKR.minor_per_major

_DEFINED: Final = (
    *("capital", "disbursed_to_date", "households_to_date", "borrowers_to_date", "loans_to_date", "gross_portfolio"),
    *("par_n", "on_time_rate", "recovery_rate", "turns", "reach", "available", "written_off_to_date"),
)
"""The figures of the page, in its order."""

_SPELT_OUT: Final = ("turns", "reach")
"""Those whose definition does not say of what they are a share; the others do."""


def profile_pdf(databases: Databases, lso_id: str, as_of: date, known_at: int | None = None) -> bytes:
    """Return the profile of an LSO on a day as a PDF of one page; raises NotFoundError."""
    return print_profile(profile_page(profile_report(databases, lso_id, as_of, known_at)))


def profile_page(view: View) -> ProfilePage:
    """Return what stands on the page of a profile."""
    whole, place, registers = view["total"], view["place"], view["registers"]
    return ProfilePage(
        title=registers["name"],
        subtitle=f"LSO {view['lso']} · {place['rsp']['name']} ({place['rsp']['code']})",
        day=_day(view["as_of"]),
        about=tuple(_about(place, registers)),
        cards=tuple(_cards(view, whole)),
        trend=_since_it_began([_moneys(point) for point in view["trend"]]),
        slices_title="Disbursed by purpose",
        slices=tuple(_slices(view["purposes"], read_back(whole["disbursed_to_date"]["amount"]))),
        funds=_funds(view),
        aside=_aside(view),
        small_print=tuple(_small_print()),
        foot=tuple(_foot(view)),
    )


# Parts ---------------------------------------------------------------------------------------------------------


def _moneys(point: View) -> Moneys:
    amounts = (read_back(point[name]) for name in ("capital", "disbursed_to_date", "gross_portfolio"))
    return Moneys(date.fromisoformat(point["as_of"]), *amounts)


def _since_it_began(trend: Sequence[Moneys]) -> tuple[Moneys, ...]:
    """Return the days from the one before the first on which there was anything; none where there never was."""
    began = next((at for at, moneys in enumerate(trend) if any(moneys.amounts_minor)), None)
    return () if began is None else tuple(trend[max(began - 1, 0) :])


def _about(place: View, registers: View) -> Iterator[Named]:
    for title in ("district", "tehsil", "union_council"):
        area = place[title]
        yield Named(title.replace("_", " ").capitalize(), area["name"] if area else NOTHING)
    yield Named("Formed on", _day(registers["formed_on"]) if registers["formed_on"] else NOTHING)
    yield Named("Households in all", _count(registers["households_total"]))
    share = _percent_of(registers["households_organised"], registers["households_total"])
    organised = _count(registers["households_organised"])
    yield Named("Organised households", organised if share == NOTHING else f"{organised} · {share}")
    yield Named("Eligible households", _count(place["households_eligible"]))
    yield Named("Members", _count(registers["members"]))
    yield Named("Village organisations (VOs)", _count(registers["village_organisations"]))
    yield Named("Community organisations (COs)", _count(registers["community_organisations"]))
    yield Named("General body", _count(registers["general_body_members"], "member"))
    yield Named("Executive committee", _count(registers["executive_committee_members"], "member"))


def _cards(view: View, whole: View) -> Iterator[Cards]:
    """Give the rows of figures: what was done, how it is doing, how the money revolves."""
    comparator = view["comparator"]
    available, disbursed = whole["available"], whole["disbursed_to_date"]["amount"]
    received, capital = (rupees(whole["capital"][name]) for name in ("tranches_received", "amount"))
    loans, households = whole["loans_to_date"], whole["households_to_date"]
    average = whole["average_loan"]
    yield Cards(
        "What was lent to date",
        (
            Card("Sub-grant received", received, _pkr(f"capital {capital}")),
            Card("Disbursed", rupees(disbursed), _pkr(f"average loan {_whole_rupees(average)}" if average else "")),
            Card("Households", _count(households), _counted(whole["borrowers_to_date"], "borrower")),
            Card("Loans", _count(loans), f"{_times(loans, households, 1)} for each household" if households else ""),
        ),
    )
    yield Cards(
        "How the portfolio is doing",
        (
            Card(
                "Outstanding",
                rupees(whole["gross_portfolio"]["amount"]),
                _pkr(_counted(whole["loans"], "open loan")),
            ),
            _rate(f"PAR {comparator} {RISK_DAYS} days", whole["par_30"], ""),
            _rate("On-time rate, 12 months", whole["on_time_rate"], " fell due"),
            _rate("Recovery rate", whole["recovery_rate"], " fell due"),
        ),
    )
    kept = read_back(available["reserve_floor"])
    reserve = f" · {rupees(available['reserve_floor'])} kept in reserve" if kept else ""
    yield Cards(
        "How the money revolves",
        (
            Card("Turns of the capital", _turns(whole), f"{rupees(disbursed)} / {capital}"),
            _reach_card(whole["reach"]),
            Card(
                "Lendable now",
                rupees(available["amount"]),
                _pkr(f"{rupees(available['committed'])} committed") + reserve,
            ),
            Card(
                "Written off to date",
                rupees(whole["written_off_to_date"]["amount"]),
                _pkr(_of_disbursed(whole["written_off_to_date"]["amount"], disbursed)),
            ),
        ),
    )


def _rate(name: str, rate: View, of: str) -> Card:
    parts = f"{rupees(rate['numerator'])} of {rupees(rate['denominator'])}{of}"
    return Card(name, _percent(rate), parts if rate["rate"] is not None else f"nothing{of or ' outstanding'}")


def _reach_card(reach: View) -> Card:
    served, eligible = reach["numerator"], reach["denominator"]
    if eligible is None:
        return Card("Reach", NOTHING, f"{served:,} served; eligible not stated")
    return Card("Reach", _percent_of(served, eligible), f"{served:,} of {eligible:,} eligible households")


def _of_disbursed(written_off: str, disbursed: str) -> str:
    share = _percent_of(read_back(written_off), read_back(disbursed))
    return "" if share == NOTHING else f"{share} of what was disbursed"


def _slices(purposes: View, whole_minor: int) -> Iterator[Slice]:
    for row in purposes["rows"]:
        yield _slice(row["purpose"], row, whole_minor)
    if others := purposes["others"]:
        yield _slice(f"{others['purposes']:,} other purposes", others, whole_minor)


def _slice(name: str, row: View, whole_minor: int) -> Slice:
    part = read_back(row["disbursed"])
    return Slice(name, _percent_of(part, whole_minor), part, whole_minor)


def _funds(view: View) -> Rows:
    """Return a row for each fund, the first of them where there are many, and the total of all."""
    funds = view["funds"]
    shown = funds[:_MOST_FUNDS]
    rows = [_fund(f"{fund['fund']} · {fund['funder']}", fund) for fund in shown]
    more = len(funds) - len(shown)
    note = f"{view['currency']}; {more} more in the total" if more else view["currency"]
    if len(funds) != 1:
        rows.append(_fund("All funds", view["total"]))
    headings = (
        "Fund",
        "Sub-grant",
        "Disbursed",
        "Households",
        "Loans",
        "Outstanding",
        f"PAR {view['comparator']} {RISK_DAYS}",
        "On time",
        "Recovery",
        "Turns",
        "Lendable",
    )
    return Rows("Funds", headings, tuple(rows), len(funds) != 1, note)


def _fund(name: str, figures: View) -> tuple[str, ...]:
    return (
        name,
        rupees(figures["capital"]["tranches_received"]),
        rupees(figures["disbursed_to_date"]["amount"]),
        _count(figures["households_to_date"]),
        _count(figures["loans_to_date"]),
        rupees(figures["gross_portfolio"]["amount"]),
        _percent(figures["par_30"]),
        _percent(figures["on_time_rate"]),
        _percent(figures["recovery_rate"]),
        _turns(figures),
        rupees(figures["available"]["amount"]),
    )


def _aside(view: View) -> str:
    """Return what others printed of the LSO, and what was found of it; nothing where nobody did."""
    printed = view["printed"]
    if printed is None:
        return ""
    figures = "; ".join(f"{figure['title'].lower()} {figure['printed']}" for figure in printed["figures"])
    page = f", page {printed['page']}" if printed["page"] else ""
    none = "" if view["rests_on"] == "loan_level" else "The book has no loans by this day. "
    return (
        f"{none}Printed elsewhere as of {printed['as_of_printed']}, and in no figure above: {figures}. "
        f"Source: {printed['source']}{page}. The checks find it {printed['verdict']}."
    )


def _small_print() -> Iterator[Named]:
    for figure in _DEFINED:
        defined = DEFINITIONS[figure]
        words = [defined.words]
        if figure in _SPELT_OUT:
            words += [f"Numerator: {defined.numerator}", f"Denominator: {defined.denominator}"]
        yield Named(f"{defined.title}.", " ".join(words))


def _foot(view: View) -> Iterator[str]:
    """Give the two times, whose words these are, and what is of today."""
    known = f"recorded by {_moment(view['known_at'])}" if view["known_at"] else "of which none is recorded yet"
    rule_set = view["rule_set"]
    yield (
        f"As of {_day(view['as_of'])}: facts that happened by this day, {known}. Late is counted by the rule set "
        f"{rule_set['name']}, version {rule_set['number']}."
    )
    yield "Source: the loans and the ledger of the LSO; every figure is counted from them. Amounts in Pakistani rupees."
    yield OF_TODAY


# Numbers in words ----------------------------------------------------------------------------------------------


def rupees(amount: str) -> str:
    """Return an amount as people write it: whole rupees with separators, paisa only where there are any."""
    minor = read_back(amount)
    whole, paisa = divmod(abs(minor), _MINOR)
    return f"{'-' if minor < 0 else ''}{whole:,}" + (f".{paisa:0{PKR.minor_digits}d}" if paisa else "")


def _whole_rupees(amount: str) -> str:
    """Return an amount to the rupee, rounded half even."""
    return f"{round_ratio(read_back(amount), _MINOR, 1):,}"


def _pkr(words: str) -> str:
    return f"{PKR.code} · {words}" if words else PKR.code


def _count(number: int | None, noun: str = "") -> str:
    if number is None:
        return NOTHING
    return _counted(number, noun) if noun else f"{number:,}"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _percent(rate: View) -> str:
    return _percent_of(read_back(rate["numerator"]), read_back(rate["denominator"]))


def _percent_of(part: int | None, whole: int | None) -> str:
    """Return a share in per cent with one decimal, rounded half even; of nothing, a dash."""
    if part is None or not whole:
        return NOTHING
    return f"{_decimal(round_ratio(part * 1000, whole, 1), 1)} %"


def _turns(figures: View) -> str:
    turns = figures["turns"]
    return _times(read_back(turns["numerator"]), read_back(turns["denominator"]), 2)


def _times(part: int, whole: int, decimals: int) -> str:
    return _decimal(round_ratio(part * 10**decimals, whole, 1), decimals) if whole > 0 else NOTHING


def _decimal(scaled: int, decimals: int) -> str:
    whole, rest = divmod(abs(scaled), 10**decimals)
    return f"{'-' if scaled < 0 else ''}{whole:,}.{rest:0{decimals}d}"


def _day(day: str) -> str:
    return format_day(date.fromisoformat(day))


def _moment(moment: str) -> str:
    at = datetime.fromisoformat(moment)
    return f"{format_day(at)} {at:%H:%M:%S} UTC"
