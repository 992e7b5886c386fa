"""A network of offices with all that they record: one seed, one world."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final, NamedTuple

from cif_engine.operations.allowance import AllowanceChange, change_allowance
from cif_engine.operations.disbursing import Disbursement, disburse_loan
from cif_engine.operations.funding import MoneyIn, receive_contribution
from cif_engine.operations.lending import (
    Application,
    CommitteeDecision,
    apply_for_loan,
    cancel_loan,
    decide_on_loan,
)
from cif_engine.operations.moratorium import Moratorium, grant_moratorium
from cif_engine.operations.replacing import correct_fact
from cif_engine.operations.restructuring import Pause
from cif_engine.operations.reversals import Reversal
from cif_engine.operations.reversing import reverse_fact
from cif_engine.operations.sub_grant import (
    Agreement,
    TrancheReceipt,
    TrancheRelease,
    receive_tranche,
    release_tranche,
    sign_agreement,
)
from tests.truth.card import history
from tests.truth.facts import DAY, RUPEE, Borrower, Fact, Loan, SetAside, Tranche, What, holding
from tests.truth.lives import FIRST_DAY, LAST_DAY, OFFERS, PURPOSES, Life, live
from tests.truth.office import (
    CHAIR,
    CLERK,
    MANAGER,
    Act,
    Change,
    Funder,
    Gift,
    Office,
    Person,
    Placement,
    in_force,
    moment_of,
    new_id,
    put_in_order,
)

RSPS: Final = ("RSP-A", "RSP-B", "RSP-C")
FUNDERS: Final = ("EU", "Government of Sindh", "World Bank")
NEW_YEARS: Final = (2023, 2024, 2025)
FOUNDED_ON: Final = date(2022, 1, 1)
PLENTY = 1_000_000_000 * RUPEE


@dataclass(frozen=True)
class Area:
    """A district, tehsil or union council, and the code of the one around it."""

    kind: str
    code: str
    parent: str


class Move(NamedTuple):
    """That an LSO was placed elsewhere, or that one of its funds got another funder: recorded between two years."""

    lso: str
    version: Placement | Funder
    fund: str = ""


@dataclass
class World:
    """All offices, the programmes (codes with ids) and the areas they lie in, and what changed of that."""

    seed: int
    rsps: dict[str, str]
    areas: list[Area]
    offices: list[Office]
    moves: list[Move]

    @property
    def moments(self) -> list[int]:
        """The moments at which something was recorded."""
        acts = [act.at for office in self.offices for act in office.acts]
        return sorted([*acts, *(move.version.at for move in self.moves)])


def make_world(seed: int, offices: int = 50, loans: int = 6) -> World:
    """Return the world of a seed; each office makes about so many loans."""
    rsps = {code: new_id(Random(f"{seed} {code}")) for code in RSPS}
    made = [_office(Random(f"{seed} {number}"), number, loans) for number in range(offices)]
    return World(seed, rsps, list(_areas()), made, list(_moves(Random(f"{seed} moves"), made)))


def _areas() -> Iterable[Area]:
    for district in range(4):
        yield Area("district", f"D{district}", "P0")
        for tehsil in range(2):
            yield Area("tehsil", f"T{district}{tehsil}", f"D{district}")
            for council in range(3):
                yield Area("union_council", f"U{district}{tehsil}{council}", f"T{district}{tehsil}")


def _office(random: Random, number: int, loans: int) -> Office:
    district, tehsil, council = random.randrange(4), random.randrange(2), random.randrange(3)
    placed = random.random()
    office = Office(
        new_id(random),
        f"L{number:02}",
        [
            Placement(
                date.min,
                0,
                random.choice(RSPS),
                f"D{district}",
                f"T{district}{tehsil}" if placed > 0.1 else None,
                f"U{district}{tehsil}{council}" if placed > 0.2 else None,
            )
        ],
    )
    _settle(office, random)
    _found_funds(office, random)
    lives = _lives(office, random, loans)
    office.acts += [act for life in lives for act in life.acts]
    put_in_order(office, random.randint(1, 9))
    _top_up(office, random, lives)
    _flood(office, random)
    put_in_order(office, random.randint(1, 9))
    _tell_moments(office)
    _tell_borrowers(office, {life.id: life.person for life in lives})
    office.loans = _loans(office, lives)
    return office


def _moves(random: Random, offices: list[Office]) -> Iterable[Move]:
    """Place some LSOs elsewhere every new year, from a day in the past on, and find other funders behind some funds."""
    for year in NEW_YEARS:
        for place, office in enumerate(random.sample(offices, min(10, len(offices)))):
            at = moment_of(date(year, 1, 1)) - 3_600_000_000 + place * 1_000_000
            on = date(year, 1, 1) - timedelta(days=random.randint(0, 500))
            if place % 2:
                fund = random.choice(sorted(office.funders))
                before = in_force(office.funders[fund], on, at)
                name = random.choice([name for name in FUNDERS if name != before.name])
                office.funders[fund].append(Funder(on, at, name))
                yield Move(office.id, office.funders[fund][-1], fund)
            else:
                placed = in_force(office.placements, on, at)
                away = random.choice(offices).placements[0] if random.random() < 0.5 else placed
                rsp = random.choice([rsp for rsp in RSPS if rsp != placed.rsp])
                office.placements.append(away._replace(on=on, at=at, rsp=rsp))
                yield Move(office.id, office.placements[-1])


# Who lives there, and what they were given ---------------------------------------------------------------------


def _settle(office: Office, random: Random) -> None:
    for place in range(random.randint(5, 9)):
        vo = random.randint(1, 2)
        household = f"H-{place}"
        office.scores[household] = random.choice((5, 11, 12, 18, 19, 23, 24, 60))
        office.people += [
            Person(f"M-{place}-{one}", household, f"VO-{vo}", f"CO-{vo}{random.randint(1, 2)}", gender)
            for one, gender in enumerate(random.choice((["female"], ["female"], ["female", "male"])))
        ]
    for _ in range(2):
        household = random.choice(sorted(office.scores))
        on = FIRST_DAY + timedelta(days=random.randint(100, 700))
        office.changes.append(Change(on, household, random.choice((3, 15, 21, 40))))
    office.changes.sort()


def _found_funds(office: Office, random: Random) -> None:
    for code in ("CIF", "GROW") if random.random() < 0.5 else ("CIF",):
        office.funders[code] = [Funder(date.min, 0, random.choice(FUNDERS))]
        for channel in ("bank", "cash"):
            gift = MoneyIn(new_id(random), code, PLENTY, FOUNDED_ON, "a well-wisher", channel)
            office.acts.append(Act(FOUNDED_ON, CLERK, receive_contribution, gift))
        _grant(office, random, code)
        for _ in range(random.randint(0, 3)):
            on = FIRST_DAY + timedelta(days=random.randint(100, 1000))
            minor = random.randint(5, 60) * 100 * RUPEE
            change = AllowanceChange(new_id(random), code, minor, on, "R-5", "as assessed")
            recorded_on = on + timedelta(days=random.choice((0, 0, 20, 90)))
            office.acts.append(Act(recorded_on, MANAGER, change_allowance, change))


def _grant(office: Office, random: Random, fund: str) -> None:
    """Have up to three tranches received, some learnt of late, and one at times on a wrong day first."""
    received_on = FIRST_DAY + timedelta(days=random.randint(-5, 60))
    for number in range(1, random.randint(1, 3) + 1):
        minor = random.randint(1, 5) * 1_000_000 * RUPEE
        agreement = Agreement(new_id(random), fund, f"{fund}-{number}", minor, FOUNDED_ON)
        release = TrancheRelease(new_id(random), fund, f"{fund}-{number}", number, minor, FOUNDED_ON + DAY)
        office.acts.append(Act(FOUNDED_ON, CLERK, sign_agreement, agreement))
        office.acts.append(Act(FOUNDED_ON + DAY, CLERK, release_tranche, release))
        recorded_on = received_on + timedelta(days=random.choice((0, 3, 30, 120, 300)))
        if random.random() < 0.25:
            wrong_on = received_on - timedelta(days=random.randint(0, 90))
            wrong = TrancheReceipt(new_id(random), fund, number, max(wrong_on, FOUNDED_ON + DAY))
            office.acts.append(Act(recorded_on, CLERK, receive_tranche, wrong))
            recorded_on += timedelta(days=random.randint(1, 200))
            office.acts.append(Act(recorded_on, CHAIR, reverse_fact, Reversal(new_id(random), wrong.id, "wrong day")))
        receipt = TrancheReceipt(new_id(random), fund, number, received_on)
        office.acts.append(Act(recorded_on, CLERK, receive_tranche, receipt))
        received_on += timedelta(days=random.randint(100, 400))


def _lives(office: Office, random: Random, loans: int) -> list[Life]:
    offered = [code for code, offer in OFFERS.items() if offer.fund in office.funders]
    latest = (LAST_DAY - FIRST_DAY).days - 30
    lives = []
    for _ in range(random.randint(loans - 2, loans + 2)):
        start = FIRST_DAY + timedelta(days=random.randint(20, latest))
        life = Life(office, random, random.choice(office.people), random.choice(offered), start)
        live(life)
        lives.append(life)
    return lives


# What many loans have to do with -------------------------------------------------------------------------------


def _known(facts: Iterable[Fact], loan: str, on: date) -> list[Fact]:
    return holding([fact for fact in facts if fact.loan == loan], moment_of(on) - 1)


def _top_up(office: Office, random: Random, lives: list[Life]) -> None:
    """Let a borrower settle an interest-free loan out of a new one."""
    facts = office.facts
    for old in random.sample(lives, len(lives)):
        on = old.start + timedelta(days=random.randint(60, 200))
        recorded_on = on + timedelta(days=random.choice((1, 5, 40)))
        if old.offer.fund != "CIF" or on > LAST_DAY:
            continue
        known = _known(facts, old.id, recorded_on)
        later = [fact for fact in facts if fact.loan == old.id and fact.at >= moment_of(recorded_on)]
        owed = history(known).on(on).outstanding
        if owed and all(fact.what in (What.PAID, What.UNDONE) and _paid_only(later) for fact in later):
            lives.append(_topped_up(office, random, old, owed, on, recorded_on))
            return


def _paid_only(facts: list[Fact]) -> bool:
    """Whether mistakes that are found are of payments alone."""
    paid = {fact.id for fact in facts}
    return all(fact.undoes in paid for fact in facts if fact.undoes)


def _topped_up(office: Office, random: Random, old: Life, owed: int, on: date, recorded_on: date) -> Life:
    new = Life(office, random, old.person, "TEN", on, id=new_id(random))
    minor = owed // (1000 * RUPEE) * 1000 * RUPEE + 5000 * RUPEE
    application = Application(new_id(random), new.id, old.person.code, "TEN", minor, on, random.choice(PURPOSES))
    decision = CommitteeDecision(new_id(random), new.id, True, on, "R-6", "VO committee")  # noqa: FBT003 - approved
    new.record(recorded_on, CLERK, apply_for_loan, application)
    new.record(recorded_on, MANAGER, decide_on_loan, decision)
    lent = new.fact(What.LENT, on, minor, plan=new.offer.plan, channel="bank")
    settled = Fact(new_id(random), old.id, What.PAID, on, 0, owed)
    command = Disbursement(
        lent.id, new.id, on, "bank", minor, settles=old.id, settled_minor=owed, settlement_id=settled.id
    )
    new.record(recorded_on, CLERK, disburse_loan, command, settled, lent)
    office.acts = new.acts + office.acts  # what is recorded on that day after it does not yet know of the others
    return new


def _flood(office: Office, random: Random) -> None:
    """Let the river come to a VO: all that owe in the fund CIF are paused, as far as the office knows of them."""
    if random.random() < 0.4:
        return
    put_in_order(office, 1)
    day = date(2022, 8, 20) + timedelta(days=random.randint(0, 600))
    recorded_on, vo = day + timedelta(days=random.choice((1, 10, 60))), f"VO-{random.randint(1, 2)}"
    facts = office.facts
    later = [fact for fact in facts if fact.at >= moment_of(recorded_on)]
    blocked = {fact.loan for fact in later if fact.what is What.GIVEN_UP and fact.on < day}
    lent = {fact.id for fact in facts if fact.what is What.LENT}
    replaced = {fact.id for act in office.acts if act.operation is correct_fact for fact in act.facts[:1]}
    blocked |= {fact.loan for fact in later if fact.undoes in lent and fact.id not in replaced}
    people = {person.code: person for person in office.people}
    of_loan = {
        act.command.loan_id: people[act.command.member]
        for act in office.acts
        if act.operation is apply_for_loan and OFFERS[act.command.product].fund == "CIF"
    }
    owing = [
        loan
        for loan, person in of_loan.items()
        if person.vo == vo and history(_known(facts, loan, recorded_on)).on(day).outstanding
    ]
    if not owing or blocked & set(owing):
        return
    months, moved = random.randint(1, 3), random.random() < 0.3
    pause = Pause(months, "moved" if moved else "kept")
    command = Moratorium(new_id(random), "CIF", day, pause, "R-7", "flood", vo)
    paused = [
        Fact(command.fact_id(loan), loan, What.PAUSED, day, 0, months=months, arrears_moved=moved) for loan in owing
    ]
    office.acts.insert(0, Act(recorded_on, MANAGER, grant_moratorium, command, paused))


# What the truth knows of it ------------------------------------------------------------------------------------


def _tell_moments(office: Office) -> None:
    """Write down what was given and what was set aside, now that the moments are known."""
    undone_at = {act.command.event: act.at for act in office.acts if act.operation is reverse_fact}
    for act in office.acts:
        told = act.command
        if act.operation is receive_tranche:
            received = Tranche(office.id, told.fund, told.number, told.effective_on, act.at, undone_at.get(told.id))
            office.tranches.append(received)
        elif act.operation is receive_contribution:
            office.gifts.append(Gift(told.fund, told.effective_on, act.at))
        elif act.operation is change_allowance:
            office.set_aside.append(SetAside(office.id, told.fund, told.effective_on, act.at, told.amount_minor))


def _tell_borrowers(office: Office, people: dict[str, Person]) -> None:
    """Write on each disbursement under which names it was made; what corrects it leaves them as they were."""
    made_under: dict[str, Borrower] = {}
    for act in office.acts:
        wrong = {fact.undoes for fact in act.facts}
        for place, fact in enumerate(act.facts):
            if fact.what is What.LENT:
                replaced = next((made_under[id_] for id_ in wrong if id_ in made_under), None)
                made_under[fact.id] = replaced or office.borrower(people[fact.loan], act.on)
                act.facts[place] = fact._replace(borrower=made_under[fact.id])


def _loans(office: Office, lives: list[Life]) -> dict[str, Loan]:
    """Return the loans with their cycles: she asked for so many of the fund, those that ended unlent left out."""
    of = {life.id: life for life in lives}
    asked: list[Life] = []
    closed: set[str] = set()
    loans = {}
    for act in office.acts:
        told = act.command
        if act.operation is apply_for_loan:
            life = of[told.loan_id]
            before = [
                other
                for other in asked
                if (other.person, other.offer.fund) == (life.person, life.offer.fund) and other.id not in closed
            ]
            loans[life.id] = Loan(life.id, office.id, life.offer.fund, life.product, told.purpose, len(before) + 1)
            asked.append(life)
        elif act.operation is cancel_loan or (act.operation is decide_on_loan and not told.approved):
            closed.add(told.loan)
    return loans
