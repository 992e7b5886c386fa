"""What an RSP's ledger says it released beside what the books of its LSOs say: what agrees, and what does not.

Both tell of the same money. The RSP gives a sub-grant in tranches; to the LSO that is capital. Seen together they are
no money at all, so that a report over both leaves them out (eliminates them), and what does not cancel is a list of
things to find out. Amounts in minor units.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple


class TrancheKey(NamedTuple):
    """A tranche as both sides call it: the code of the LSO, that of the fund, its number."""

    lso: str
    fund: str
    tranche: int


class Release(NamedTuple):
    """A release as the RSP's ledger has it; a tranche may have gone out in several."""

    key: TrancheKey
    reference: str
    amount_minor: int
    released_on: date


class BookedTranche(NamedTuple):
    """A tranche as the book of the LSO has it. Until it is received, `received_on` is None.

    `returned_minor` is what went back to the RSP of it; its ledger of releases says nothing of that.
    """

    key: TrancheKey
    amount_minor: int
    released_on: date
    received_on: date | None = None
    returned_minor: int = 0

    @property
    def received_minor(self) -> int:
        """What the LSO received: all of it, or nothing yet."""
        return 0 if self.received_on is None else self.amount_minor


class Status(StrEnum):
    """How the two sides of a tranche stand to each other."""

    MATCHED = "matched"
    DIFFERENT = "different"
    IN_TRANSIT = "in_transit"
    ONLY_RELEASED = "only_released"
    ONLY_BOOKED = "only_booked"


class Difference(StrEnum):
    """In what the two sides of a tranche differ."""

    AMOUNT = "amount"
    RELEASED_ON = "released_on"
    RECEIVED_BEFORE_RELEASE = "received_before_release"


@dataclass(frozen=True, slots=True)
class Pair:
    """The two sides of a tranche, at least one of which is there, as they stand at the end of the day `as_of`.

    `resembles` is the tranche that may have been meant, where only one side is there: on the other side alone, of the
    same LSO and the same amount.
    """

    key: TrancheKey
    as_of: date
    releases: tuple[Release, ...] = ()
    booked: BookedTranche | None = None
    resembles: TrancheKey | None = None

    @property
    def released_minor(self) -> int:
        """What the RSP's ledger says it released."""
        return sum(release.amount_minor for release in self.releases)

    @property
    def released_on(self) -> date | None:
        """The first day on which the RSP's ledger says it released any of it."""
        return min((release.released_on for release in self.releases), default=None)

    @property
    def received_minor(self) -> int:
        """What the LSO's book says it received."""
        return self.booked.received_minor if self.booked else 0

    @property
    def returned_minor(self) -> int:
        """What the LSO's book says went back."""
        return self.booked.returned_minor if self.booked else 0

    @property
    def differences(self) -> tuple[Difference, ...]:
        """In what the two sides differ, where both are there."""
        if self.booked is None or self.released_on is None:
            return ()
        received_on, all_released_on = self.booked.received_on, max(release.released_on for release in self.releases)
        found = {
            Difference.AMOUNT: self.released_minor != self.booked.amount_minor,
            Difference.RELEASED_ON: self.released_on != self.booked.released_on,
            Difference.RECEIVED_BEFORE_RELEASE: received_on is not None and received_on < all_released_on,
        }
        return tuple(difference for difference, is_so in found.items() if is_so)

    @property
    def status(self) -> Status:
        """How they stand to each other; what is in transit may differ as well."""
        if self.booked is None:
            return Status.ONLY_RELEASED
        if not self.releases:
            return Status.ONLY_BOOKED
        if self.booked.received_on is None:
            return Status.IN_TRANSIT
        return Status.DIFFERENT if self.differences else Status.MATCHED

    @property
    def days_in_transit(self) -> int | None:
        """How many days ago the RSP released what its LSO has not received; None where that is not so."""
        if self.released_on is None or self.received_minor:
            return None
        return (self.as_of - self.released_on).days

    @property
    def eliminated_minor(self) -> int:
        """What both sides say arrived, and what therefore cancels."""
        return min(self.released_minor, self.received_minor)


def reconcile(releases: Iterable[Release], booked: Iterable[BookedTranche], as_of: date) -> tuple[Pair, ...]:
    """Return the two sides of every tranche side by side, by LSO, fund and number.

    Both sides are those known and happened by `as_of`: a later receipt is to be left out of `received_on`.
    """
    by_key: defaultdict[TrancheKey, list[Release]] = defaultdict(list)
    for release in sorted(releases, key=lambda release: (release.released_on, release.reference)):
        by_key[release.key].append(release)
    tranches = {tranche.key: tranche for tranche in booked}
    only_released = {key: _sum(of_key) for key, of_key in by_key.items() if key not in tranches}
    only_booked = {key: tranche.amount_minor for key, tranche in tranches.items() if key not in by_key}
    meant = {**_resembling(only_released, only_booked), **_resembling(only_booked, only_released)}
    return tuple(
        Pair(key, as_of, tuple(by_key.get(key, ())), tranches.get(key), meant.get(key))
        for key in sorted({*by_key, *tranches})
    )


@dataclass(frozen=True, slots=True)
class Elimination:
    """Sub-grants released by an RSP against capital received by its LSOs: what cancels, and what is left of each side.

    `released = eliminated + in_transit + only_released + released_beyond`, and
    `received = eliminated + only_booked + received_beyond`. With 7,500,000 released, of which 1,500,000 is on its way
    and 2,000,000 is in no book, and 4,100,000 received where the ledger says 4,000,000: eliminated 4,000,000, received
    beyond 100,000.
    """

    released_minor: int
    received_minor: int
    returned_minor: int
    eliminated_minor: int
    in_transit_minor: int
    only_released_minor: int
    only_booked_minor: int
    released_beyond_minor: int
    """Released beyond what was received of the same tranches."""
    received_beyond_minor: int
    """Received beyond what was released of the same tranches."""

    @property
    def is_complete(self) -> bool:
        """Whether nothing but money on its way is left."""
        return self.released_minor == self.eliminated_minor + self.in_transit_minor and (
            self.received_minor == self.eliminated_minor
        )


def eliminate(pairs: Iterable[Pair]) -> Elimination:
    """Return what cancels of all tranches, and what does not, by why."""
    pairs = tuple(pairs)
    of: defaultdict[Status, list[Pair]] = defaultdict(list)
    for pair in pairs:
        of[pair.status].append(pair)
    arrived = [*of[Status.MATCHED], *of[Status.DIFFERENT]]
    return Elimination(
        released_minor=sum(pair.released_minor for pair in pairs),
        received_minor=sum(pair.received_minor for pair in pairs),
        returned_minor=sum(pair.returned_minor for pair in pairs),
        eliminated_minor=sum(pair.eliminated_minor for pair in pairs),
        in_transit_minor=sum(pair.released_minor for pair in of[Status.IN_TRANSIT]),
        only_released_minor=sum(pair.released_minor for pair in of[Status.ONLY_RELEASED]),
        only_booked_minor=sum(pair.received_minor for pair in of[Status.ONLY_BOOKED]),
        released_beyond_minor=sum(pair.released_minor - pair.eliminated_minor for pair in arrived),
        received_beyond_minor=sum(pair.received_minor - pair.eliminated_minor for pair in arrived),
    )


def _sum(releases: Iterable[Release]) -> int:
    return sum(release.amount_minor for release in releases)


def _resembling(these: Mapping[TrancheKey, int], others: Mapping[TrancheKey, int]) -> dict[TrancheKey, TrancheKey]:
    """Return for each of these the other of the same LSO and amount, where there is exactly one."""
    found: dict[TrancheKey, TrancheKey] = {}
    by_amount: defaultdict[tuple[str, int], list[TrancheKey]] = defaultdict(list)
    for key, amount_minor in others.items():
        by_amount[key.lso, amount_minor].append(key)
    for key, amount_minor in these.items():
        candidates = by_amount[key.lso, amount_minor]
        if len(candidates) == 1:
            found[key] = candidates[0]
    return found
