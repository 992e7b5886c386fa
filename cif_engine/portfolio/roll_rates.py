"""Roll rates: from which band of lateness to which the loans of a portfolio went in a period.

The bands are those of the ageing. Loans that were not open at the start come from a place of their own, loans that are
no longer open at the end went to being repaid or written off. Nothing is lost on the way: what the loans of a row had
outstanding and were lent is what they still owe, have repaid, and what was written off of them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Final, NamedTuple

from cif_engine.loans.life import LoanLife
from cif_engine.loans.standing import Standing, Status
from cif_engine.portfolio.par import AGEING_DAYS, Rate

BANDS: Final = ("current", "1-30", "31-60", "61-90", "91-180", "181-365", "> 365")
"""The bands of the ageing, by their places."""

NEW: Final = len(BANDS)
"""Where loans come from that were not open at the start: disbursed since, or repaid before and lent to again."""

REPAID: Final = len(BANDS)
WRITTEN_OFF: Final = len(BANDS) + 1
"""Where loans went that are no longer open, after the bands."""

_PLACES: Final = range(WRITTEN_OFF + 1)

Way = tuple[int, int]
"""Where loans came from (a band, or NEW) and where they went (a band, REPAID or WRITTEN_OFF)."""


class Flow(NamedTuple):
    """The loans that went one way: what they owed at the start, what happened, and what they owe; in minor units."""

    loans: int = 0
    opening_minor: int = 0
    disbursed_minor: int = 0
    repaid_minor: int = 0
    written_off_minor: int = 0
    closing_minor: int = 0


Flows = Mapping[Way, Flow]
"""The flow of each way that some loan went."""


class Migration(NamedTuple):
    """One row of the table: the loans that came from one band, that are `new`, or `all`.

    `cells` are its flows by where the loans went: each band, repaid, written off.
    """

    band: str
    whole: Flow
    cells: tuple[Flow, ...]

    def rate(self, amount_minor: int) -> Rate:
        """Return an amount of the row, of what its loans owed at the start."""
        return Rate("migration", amount_minor, self.whole.opening_minor)


def way_of(life: LoanLife, from_on: date, to_on: date) -> tuple[Way, Flow] | None:
    """Return the way a loan went in a period, both days included; None for one that has no part in it.

    A loan late by 20 days on 31 May with 9,000 outstanding, that paid 1,000 in June and is late by 50 days on 30 June,
    went from 1-30 to 31-60: opening 9,000, repaid 1,000, closing 8,000.
    """
    eve = from_on - timedelta(days=1)
    before, after = life.standing_on(eve), life.standing_on(to_on)
    if after is None:
        return None
    came_from = _band_on(eve, before)
    went_to = _band_on(to_on, after)
    opened = before or Standing(eve, Status.APPLIED)
    flow = Flow(
        1,
        opened.outstanding_minor,
        after.disbursed_minor - opened.disbursed_minor,
        after.principal_paid_minor - opened.principal_paid_minor,
        after.written_off_minor - opened.written_off_minor,
        after.outstanding_minor,
    )
    if came_from is None and went_to is None and not flow.disbursed_minor:
        return None
    gone = WRITTEN_OFF if after.status is Status.WRITTEN_OFF else REPAID
    return (NEW if came_from is None else came_from, gone if went_to is None else went_to), flow


def add_up_flows(flows: Iterable[tuple[Way, Flow]]) -> Flows:
    """Return the flows of many loans, or of several portfolios, as one."""
    gathered: defaultdict[Way, list[Flow]] = defaultdict(list)
    for way, flow in flows:
        gathered[way].append(flow)
    return {way: _sum(of_way) for way, of_way in gathered.items()}


def migrations(flows: Flows) -> tuple[Migration, ...]:
    """Return the table: a row for each band at the start, and the last for loans that were not open then."""
    rows = enumerate((*BANDS, "new"))
    return tuple(
        _row(band, [flows.get((came_from, went_to), Flow()) for went_to in _PLACES]) for came_from, band in rows
    )


def all_migrations(flows: Flows) -> Migration:
    """Return the rows of the table as one."""
    cells = [_sum(flow for (_, went_to), flow in flows.items() if went_to == place) for place in _PLACES]
    return _row("all", cells)


def band_of(days_late: int) -> int:
    """Return the place of the band of loans so many days late: 0 is current, 1 to 30 the next."""
    return bisect_left(AGEING_DAYS, days_late)


def _row(band: str, cells: list[Flow]) -> Migration:
    return Migration(band, _sum(cells), tuple(cells))


def _band_on(day: date, standing: Standing | None) -> int | None:
    """Return the band of a loan that stood so at the end of a day; None where it was not open."""
    if standing is None or standing.status is not Status.OPEN:
        return None
    return band_of(standing.days_late(day))


def _sum(flows: Iterable[Flow]) -> Flow:
    return Flow(*map(sum, zip(*flows, strict=True)))
