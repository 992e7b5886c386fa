"""The office of a made-up LSO: its days, one by one, from the agreement to the last paper that comes in."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from cif_engine.demonstration import founding
from cif_engine.demonstration.borrowers import Borrowers
from cif_engine.demonstration.cash_desk import CashDesk
from cif_engine.demonstration.committee import Committee
from cif_engine.demonstration.desk import DAY, Desk
from cif_engine.demonstration.loan_desk import LoanDesk
from cif_engine.demonstration.people import People, draw_people
from cif_engine.demonstration.plan import Plan, Planned
from cif_engine.demonstration.profiles import Place, Profile, ProfileDoesNotFitError
from cif_engine.demonstration.treasury import Treasury


def plan_of(profile: Profile, seed: int) -> Plan:
    """Return the plan of a profile; the same seed gives the same plan on every machine.

    Raises `ProfileDoesNotFitError` when the profile cannot be made with this seed.
    """
    people = draw_people(profile, Random(f"{profile.lso.code} people {seed}"))
    rng = Random(f"{profile.lso.code} founding {seed}")
    return Plan(
        profile=profile,
        seed=seed,
        places=founding.draw_places(profile, rng),
        lso=founding.draw_lso(profile, rng),
        people=people,
        fund=founding.draw_fund(profile, rng),
        custodians=founding.draw_custodians(profile, rng),
        products=founding.draw_products(profile, rng),
        facts=_work(Desk(profile, seed), people),
    )


def many_lsos(profile: Profile, seed: int, count: int) -> list[Plan]:
    """Return plans of many LSOs alike, in the same places, each with people, loans and a code of its own."""
    code, name = profile.lso.code, profile.lso.name
    numbered = (Place(f"{code}-{number:04}", f"{name} {number}") for number in range(1, count + 1))
    return [plan_of(replace(profile, lso=lso), seed) for lso in numbered]


def _work(desk: Desk, people: People) -> tuple[Planned, ...]:
    """Work every day, stay until the last paper is in, and return what was recorded."""
    borrowers = Borrowers(people.borrowers(), desk.profile.borrowing_households, desk.rng)
    cash_desk = CashDesk(desk, people, borrowers)
    treasury, loans = Treasury(desk), LoanDesk(desk, people, borrowers, cash_desk)
    treasury.plan_ahead()
    loans.plan_ahead()
    Committee(desk, people, loans.made, cash_desk).plan_ahead()
    while desk.has_work:
        desk.work_through_agenda()
        if desk.is_working:
            treasury.carry_money()
            loans.decide()
        desk.today += DAY
    if loans.unmade:
        raise ProfileDoesNotFitError(f"{loans.unmade} loans were not made.")
    return tuple(desk.facts)
