"""The lives of loans that a portfolio is made of: a few thousand, each told once and lived by a loan in many LSOs.

A story is folded, booked and turned into rows by the engine itself, with marks where a loan's own names belong. The
loader then only puts the names in, so that what it writes is what the engine would have written, and fast.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any, Final

from benchmarks.books import FUND, number_id
from cif_engine.bookings import book_change
from cif_engine.dates import Calendar, add_months
from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import Role, account_code
from cif_engine.ledger.payloads import write_payload
from cif_engine.ledger.postings import Posting, balances
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.history import history
from cif_engine.loans.life import live, live_on
from cif_engine.loans.origin import MADE_UNDER
from cif_engine.loans.said import write_schedule
from cif_engine.loans.schedule import make_schedule
from cif_engine.loans.terms import EqualInstalments, LoanTerms
from cif_engine.operations.projecting import ToldLoan, rows_of_loan

STORIES: Final = 2_000
"""How many there are. An LSO has at most one loan of each, so that no two of its facts have one moment."""

TODAY: Final = date(2026, 6, 30)
"""The last day on which anything happened."""

LATE_AS_OF: Final = date(2026, 5, 31)
LATE_KNOWN_ON: Final = date(2026, 6, 5)
LATE_RECORDED_ON: Final = date(2026, 6, 20)
"""One loan of a hundred has a repayment made by the first of these days and recorded on the third, after the second."""

INSTALMENTS: Final = 12
REPAYMENTS: Final = 8
ONE_OF: Final = 100
PRODUCTS: Final = ("LIVESTOCK", "SHOP", "CROP")
PURPOSES: Final = ("goats", "shop", "seed", "sewing", "dairy", "handicraft")
PRINCIPALS: Final = (1_200_000, 1_800_000, 2_400_000, 3_000_000, 3_600_000)
CASH, BANK = account_code(FUND, Role.CASH_IN_HAND), account_code(FUND, Role.BANK)
TERMS: Final = LoanTerms(repayment=EqualInstalments(count=INSTALMENTS))
NO_HOLIDAYS: Final = Calendar(frozenset())
RESOLVED: Final[dict[str, Any]] = {"resolution_no": "R-9", "reason": "flood", "note": None}

MADE_BY: Final = ("member_id", "household_id", "co_id", "vo_id")
PRODUCT_IDS: Final = tuple(f"product_{code}" for code in PRODUCTS)
CHANNELS: Final = ("cash", "bank", "mobile")
BY_CHECKER: Final = frozenset((Kind.LOAN_DECIDED, Kind.LOAN_RESCHEDULED, Kind.LOAN_WRITTEN_OFF))
PUNCTUAL: Final = 0.6
DAY: Final = timedelta(days=1)

_PROMPT: Final = (2,) * 10 + (4,)
_LAGGING: Final = (2, 4) * 4
_TROUBLED: Final = (3,) * 8
"""Ways to repay twelve instalments: how many halves of one are paid at a time."""

_MARK: Final = 9
MOMENTS_OF_STORY: Final = 20_000_000
"""How far the moments of two stories lie apart, on one day."""

MARKS: Final[dict[str, Any]] = {
    **{
        name: number_id(_MARK, number)
        for number, name in enumerate(("lso_id", "loan_id", "fund_id", *MADE_BY, *PRODUCT_IDS, "event_id"), 1)
    },
    "number": "@number@",
    "gender": "@gender@",
    "cycle": 900_000_001,
    "poverty_score": 900_000_002,
    "seq": 900_000_003,
    "payload": "@payload@",
    "prev_hash": b"@prev_hash@",
    "hash": b"@hash@",
}
"""What stands in a story for what each loan, and each of its events, has of its own."""


@dataclass(frozen=True, slots=True)
class Lending:
    """When the loans of a portfolio were handed out: `months` until `until`, evenly."""

    until: date = TODAY
    months: int = 60

    all_open: bool = False
    """Whether none of them is ever repaid, written off or rescheduled: eight repayments, and four still owed."""


EVERYDAY: Final = Lending()
ALL_OPEN: Final = Lending(until=add_months(TODAY, -9), months=2, all_open=True)
"""All loans are open from eight months before today on."""


@dataclass(frozen=True, slots=True)
class StoryEvent:
    """One fact of a story as it is recorded: its moment, who recorded it, its payload and postings with marks."""

    recorded_at: int
    actor: str
    kind: Kind
    effective_on: date
    payload: str
    postings: tuple[Posting, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """The life of a loan: its events in the order of recording, and the rows that they call for, by table."""

    lent_on: date
    events: tuple[StoryEvent, ...]
    rows: dict[str, list[dict[str, Any]]]
    balances: dict[str, int]


def months_between(earlier: date, later: date) -> int:
    """Return the months from one day to the other, days of the month left aside."""
    return 12 * (later.year - earlier.year) + later.month - earlier.month


def moment_on(day: date) -> int:
    """Return the first moment of a day."""
    return (day - date(1970, 1, 1)).days * 86_400_000_000


@cache
def make_stories(lending: Lending, seed: int = 1) -> tuple[Story, ...]:
    """Return the stories of a portfolio by the day the loan was handed out, the same for the same seed."""
    random = Random(seed)
    return tuple(_story(number, lending, random) for number in range(STORIES))


def _story(number: int, lending: Lending, random: Random) -> Story:
    days = (lending.until - add_months(lending.until, -lending.months)).days
    lent_on = lending.until - timedelta(days=days - 1 - number * days // STORIES)
    told = sorted(_Teller(number, lent_on, random).tell(lending), key=lambda one: one.recorded_at)
    facts = [one.fact for one in told]
    events = []
    for at, one in enumerate(told):
        postings = book_change(MARKS["loan_id"], FUND, *live_on(facts[:at], one.fact))
        said = write_payload(one.fact.says)
        events.append(StoryEvent(one.recorded_at, one.actor, one.fact.kind, one.fact.effective_on, said, postings))
    recorded = ((one.recorded_at, one.fact) for one in told)
    loan = ToldLoan(MARKS["loan_id"], MARKS["fund_id"], tuple(facts), live(facts), history(recorded))
    posted = balances(posting for event in events for posting in event.postings)
    return Story(lent_on, tuple(events), rows_of_loan(MARKS["lso_id"], loan), posted)


@dataclass(frozen=True, slots=True)
class _Told:
    fact: LoanFact
    recorded_at: int
    actor: str


class _Teller:
    """Tells one story: what was agreed, and how the borrower kept to it."""

    def __init__(self, number: int, lent_on: date, random: Random) -> None:
        self.number = number
        self.lent_on = lent_on
        self.random = random
        self.principal_minor = random.choice(PRINCIPALS)
        self.schedule = make_schedule(TERMS, self.principal_minor, lent_on, NO_HOLIDAYS)
        self.facts: list[_Told] = []

    def tell(self, lending: Lending) -> list[_Told]:
        self._lend()
        if lending.all_open:
            self._repay_eight()
        elif self.number % 11 == 0 and months_between(self.lent_on, TODAY) in range(3, 10):
            self._repay(_PROMPT, 0, 3, late=True)
        else:
            way = self.random.choices((_PROMPT, _LAGGING, _TROUBLED, None), (47, 38, 9, 6))[0]
            if way is not None:
                self._repay(way, -3 if way is _PROMPT else 0, {_PROMPT: 0, _LAGGING: 12, _TROUBLED: 60}[way])
            elif self.random.randrange(6):
                self._stop_repaying()
            else:
                self._reschedule()
        return self.facts

    def _lend(self) -> None:
        random = self.random
        made_under = {name: MARKS[name] for name in MADE_UNDER}
        self._says(
            Kind.LOAN_APPLIED, self.lent_on - 10 * DAY, number=MARKS["number"], member_id=MARKS["member_id"],
            product_id=MARKS[random.choice(PRODUCT_IDS)], purpose=random.choice(PURPOSES), mip_no=None,
            cycle=MARKS["cycle"], terms=TERMS.model_dump_json(), amount_minor=self.principal_minor,
            applied_by="maker", note=None, **made_under,
        )  # fmt: skip
        self._says(
            Kind.LOAN_DECIDED, self.lent_on - 5 * DAY, approved=True, amount_minor=self.principal_minor,
            resolution_no="R-1", committee="vo", reason=None, decided_by="checker", note=None,
        )  # fmt: skip
        self._says(
            Kind.LOAN_DISBURSED, self.lent_on, amount_minor=self.principal_minor, channel=random.choice(CHANNELS),
            reference=None, paid_from=BANK, schedule=write_schedule(self.schedule), note=None, **made_under,
        )  # fmt: skip

    def _repay(self, way: tuple[int, ...], least: int, most: int, *, late: bool = False) -> None:
        """Repay so many half instalments at a time, some days after the last of them fell due."""
        halves = 0
        for share in way:
            halves += share
            due_on = self.schedule[-(-halves // 2) - 1].due_on
            self._repaid(share, due_on + self.random.randint(least, most) * DAY, late=late)

    def _repay_eight(self) -> None:
        punctual, touched = self.random.random() < PUNCTUAL, self.number % ONE_OF == 0
        for row in self.schedule[:REPAYMENTS]:
            on = row.due_on + (0 if punctual else self.random.randrange(28)) * DAY
            self._repaid(2 if punctual else self.random.choice((1, 2, 2, 2)), on)
        if touched:
            self.facts.pop()
            self._repaid(2, LATE_AS_OF, late=True)

    def _stop_repaying(self) -> None:
        for row in self.schedule[: self.random.randint(1, 7)]:
            self._repaid(2, row.due_on + self.random.randrange(10) * DAY)
        given_up_on = add_months(self.lent_on, 24)
        if self.random.randrange(3) and given_up_on <= TODAY:
            self._says(Kind.LOAN_WRITTEN_OFF, given_up_on, **RESOLVED)

    def _reschedule(self) -> None:
        for row in self.schedule[:4]:
            self._repaid(2, row.due_on)
        pause = {"months": 3, "arrears": "kept"}
        self._says(Kind.LOAN_RESCHEDULED, self.schedule[5].due_on + 3 * DAY, pause=pause, holidays=[], **RESOLVED)
        for row in self.schedule[4:]:
            self._repaid(2, add_months(row.due_on, 4))

    def _repaid(self, half_instalments: int, on: date, *, late: bool = False) -> None:
        amount = half_instalments * self.principal_minor // (2 * INSTALMENTS)
        late_now = late and on.replace(day=1) == LATE_AS_OF.replace(day=1)
        self._says(
            Kind.REPAYMENT_RECEIVED, on, recorded_on=LATE_RECORDED_ON if late_now else None, amount_minor=amount,
            channel="cash", held_in=CASH, note=None,
        )  # fmt: skip

    def _says(self, kind: Kind, on: date, *, recorded_on: date | None = None, **says: Any) -> None:  # noqa: ANN401
        """Tell a fact, if it was recorded by today: on its day or soon after, at a time of day of this story alone."""
        recorded_on = recorded_on or on + self.random.choice((0, 0, 0, 1, 2)) * DAY
        if recorded_on > TODAY:
            return
        nth = len(self.facts)
        fact = LoanFact(number_id(_MARK, 100 + nth), kind, on, says)
        actor = "checker" if kind in BY_CHECKER else "maker"
        self.facts.append(_Told(fact, moment_on(recorded_on) + self.number * MOMENTS_OF_STORY + nth, actor))
