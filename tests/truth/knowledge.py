"""What was known of a world at a moment: the loans with their histories, and by what they can be divided."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Final

from tests.truth.card import History, history
from tests.truth.facts import Fact, SetAside, Tranche, holding
from tests.truth.figures import Known, Loans
from tests.truth.office import Office, in_force
from tests.truth.world import World

OF_FUNDS: Final = ("rsp", "district", "tehsil", "union_council", "lso", "fund", "funder")
"""Cuts of which all loans of a fund are in one part."""
CUTS: Final = (
    *OF_FUNDS,
    *("vo", "co", "tranche", "product", "purpose", "cycle", "poverty_band", "gender", "channel"),
)
Code = str | int | None
Key = tuple[Code, ...]
WITHIN: Final = {
    "vo": ("lso",),
    "co": ("lso",),
    "fund": ("lso",),
    "product": ("lso",),
    "tranche": ("lso", "fund"),
}
"""Where the codes of a cut mean something only within others, which go with them."""
POVERTY_BANDS: Final = ((0, 11), (12, 18), (19, 23), (24, 100))


class Knowledge:
    """A world as it was known at any moment; what was counted once is kept."""

    def __init__(self, world: World) -> None:
        self.offices = {office.id: office for office in world.offices}
        facts: defaultdict[str, list[Fact]] = defaultdict(list)
        for office in world.offices:
            for fact in office.facts:
                facts[fact.loan].append(fact)
        self._moves = world.moves
        self._facts = facts
        self._moments = {loan: [fact.at for fact in told] for loan, told in facts.items()}
        self._histories: dict[tuple[str, int], History] = {}

    def loans(self, known_at: int) -> Loans:
        """Return all loans that were known to be lent."""
        found = []
        for office in self.offices.values():
            for loan in office.loans.values():
                told = self.history(loan.id, known_at)
                if told.lent_on:
                    found.append(Known(loan, told))
        return found

    def history(self, loan: str, known_at: int) -> History:
        """Return the history of a loan; it is the same until something new is learnt of it."""
        count = bisect_right(self._moments.get(loan, []), known_at)
        if (loan, count) not in self._histories:
            self._histories[loan, count] = history(holding(self._facts[loan][:count], known_at))
        return self._histories[loan, count]

    def set_aside(self, known_at: int) -> list[SetAside]:
        """Return what was known to be set aside for losses."""
        return [each for office in self.offices.values() for each in office.set_aside if each.at <= known_at]

    def with_capital(self, as_of: date, known_at: int) -> list[tuple[str, str]]:
        """Return the funds that had received any capital, each with its LSO."""
        return [
            (office.id, fund)
            for office in self.offices.values()
            for fund in office.funders
            if any(given.fund == fund and given.on <= as_of and given.at <= known_at for given in office.gifts)
        ]

    def last_moment(self, lso: str | None, known_at: int) -> int:
        """Return the last moment up to one at which anything was recorded, of one LSO (its code) or of any."""
        acts = (act.at for office in self.offices.values() if lso in (None, office.code) for act in office.acts)
        moves = (move.version.at for move in self._moves if lso in (None, self.offices[move.lso].code))
        return max((at for each in (acts, moves) for at in each if at <= known_at), default=0)

    def code(self, known: Known, cut: str, as_of: date, known_at: int) -> Code:
        """Return the part of a cut to which a loan belongs."""
        if cut in _OF_LOAN:
            return _OF_LOAN[cut](known)
        if cut == "tranche":
            return self._tranche(self.offices[known.loan.lso], known, known_at)
        return self.code_of_fund(known.loan.lso, known.loan.fund, cut, as_of, known_at)

    def code_of_fund(self, lso: str, fund: str, cut: str, as_of: date, known_at: int) -> Code:
        """Return the part of a cut to which all loans of a fund belong."""
        office = self.offices[lso]
        match cut:
            case "lso":
                return office.code
            case "fund":
                return fund
            case "funder":
                return in_force(office.funders[fund], as_of, known_at).name
            case _:
                code: Code = getattr(in_force(office.placements, as_of, known_at), cut)
                return code

    @staticmethod
    def _tranche(office: Office, known: Known, known_at: int) -> int | None:
        """Return the number of the last tranche that its fund had received when the loan was made."""
        received = [tranche for tranche in office.tranches if _counts(tranche, known, known_at)]
        return max(received, key=lambda tranche: tranche.on).number if received else None

    def divided(
        self, loans: Iterable[Known], cuts: Sequence[str], as_of: date, known_at: int
    ) -> dict[Key, list[Known]]:
        """Return the loans by the parts of the cuts; what a part is called is said in the order of `names`."""
        parts: defaultdict[Key, list[Known]] = defaultdict(list)
        for known in loans:
            parts[tuple(self.code(known, cut, as_of, known_at) for cut in names(cuts))].append(known)
        return dict(parts)


def names(cuts: Sequence[str]) -> tuple[str, ...]:
    """Return what names a part: the cuts, each after those within which it means something."""
    return tuple(dict.fromkeys(name for cut in cuts for name in (*WITHIN.get(cut, ()), cut)))


def poverty_band(score: int | None) -> str:
    """Return the band of a poverty score."""
    if score is None:
        return "none"
    return next(f"{least}-{most}" for least, most in POVERTY_BANDS if least <= score <= most)


def _counts(tranche: Tranche, known: Known, known_at: int) -> bool:
    lent_on = known.history.lent_on
    assert lent_on is not None
    of_fund = (tranche.lso, tranche.fund) == (known.loan.lso, known.loan.fund)
    holds = tranche.at <= known_at and not (tranche.undone_at and tranche.undone_at <= known_at)
    return of_fund and holds and tranche.on <= lent_on


_OF_LOAN: Final[dict[str, Callable[[Known], Code]]] = {
    "product": lambda known: known.loan.product,
    "purpose": lambda known: known.loan.purpose,
    "cycle": lambda known: known.loan.cycle,
    "vo": lambda known: known.history.borrower and known.history.borrower.vo,
    "co": lambda known: known.history.borrower and known.history.borrower.co,
    "gender": lambda known: known.history.borrower and known.history.borrower.gender,
    "poverty_band": lambda known: known.history.borrower and poverty_band(known.history.borrower.score),
    "channel": lambda known: known.history.channel,
}
