"""Recording a world through the engine's operations, each act at its own moment."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random

import orjson

from cif_engine.network.funds import ChargePolicy, Fund, Product
from cif_engine.network.people import Gender, Household, Institution, InstitutionKind, Member
from cif_engine.network.places import Area, AreaKind, Lso, Rsp
from cif_engine.operations.dated import Saying
from cif_engine.operations.lending import apply_for_loan
from cif_engine.operations.network_funds import change_fund, create_fund, create_product
from cif_engine.operations.network_people import change_household, create_people
from cif_engine.operations.network_places import change_lso, create_area, create_lso, create_rsp
from cif_engine.operations.recording import Request
from cif_engine.persistence.engines import Databases
from tests.truth.lives import FOR_EVER, OFFERS
from tests.truth.office import MANAGER, Act, Change, Funder, Office, day_of, new_id
from tests.truth.world import Move, World

CLERKS = 4
"""How many offices record at a time: they share what a durable commit costs."""


def record_world(databases: Databases, world: World) -> None:
    """Found the network and record everything; a refusal is a mistake of the world, and raised."""
    random = Random(world.seed)
    for code, rsp_id in world.rsps.items():
        create_rsp(databases, Rsp(rsp_id, code, code))
    create_area(databases, Area(new_id(random), AreaKind.PROVINCE, "P0", "P0"))
    for area in world.areas:
        create_area(databases, Area(new_id(random), AreaKind(area.kind), area.code, area.code, area.parent))
    for office in world.offices:
        _found(databases, office, random)
    desks = {office.id: _Desk(databases, office) for office in world.offices}
    with ThreadPoolExecutor(CLERKS) as clerks:
        for move in world.moves:
            list(clerks.map(lambda desk, until=move.version.at: desk.record_until(until), desks.values()))
            desks[move.lso].move(move)
        list(clerks.map(lambda desk: desk.record_until(FOR_EVER), desks.values()))


def _found(databases: Databases, office: Office, random: Random) -> None:
    place = office.placements[0]
    founded = Lso(office.id, office.code, office.code, place.rsp, place.district, place.tehsil, place.union_council)
    create_lso(databases, founded)
    vos = [Institution(new_id(random), InstitutionKind.VO, f"VO-{one}", "VO") for one in (1, 2)]
    cos = [
        Institution(new_id(random), InstitutionKind.CO, f"CO-{vo}{one}", "CO", f"VO-{vo}")
        for vo in (1, 2)
        for one in (1, 2)
    ]
    households = [Household(new_id(random), code, code, None, score) for code, score in office.scores.items()]
    members = [
        Member(new_id(random), person.code, person.household, person.co, person.code, Gender(person.gender))
        for person in office.people
    ]
    with databases.writing(office.id) as connection:
        create_people(connection, office.id, vos + cos, households, members)
    for code, (funder, *_) in office.funders.items():
        fund = Fund(new_id(random), code, code, "P", funder.name, "LSO", charge_policy=ChargePolicy.ANY_CHARGE)
        create_fund(databases, office.id, fund)
    for code, offer in OFFERS.items():
        if offer.fund in office.funders:
            create_product(databases, office.id, Product(new_id(random), offer.fund, code, code, offer.terms))


@dataclass
class _Desk:
    """How far an office has come with its acts."""

    databases: Databases
    office: Office
    done: int = 0
    changed: int = 0
    versions: Counter[str] = field(default_factory=Counter)

    def record_until(self, moment: int) -> None:
        """Record the acts before a moment; the register is changed before the acts of the day on which it changes."""
        acts = self.office.acts
        while self.done < len(acts) and acts[self.done].at < moment:
            while (
                self.changed < len(self.office.changes) and self.office.changes[self.changed].on <= acts[self.done].on
            ):
                self._change(self.office.changes[self.changed])
                self.changed += 1
            self._record(acts[self.done])
            self.done += 1

    def move(self, move: Move) -> None:
        """Place the LSO elsewhere, or record another funder of a fund."""
        on, at, *_ = move.version
        self.versions[move.fund] += 1
        version, saying = self.versions[move.fund], Saying(at, MANAGER, day_of(at), on)
        if isinstance(move.version, Funder):
            said = {"funder": move.version.name}
            change_fund(self.databases, self.office.id, move.fund, said, version, saying)
        else:
            placed = move.version._asdict()
            change_lso(self.databases, self.office.code, {name: placed[name] for name in _PLACED}, version, saying)

    def _change(self, change: Change) -> None:
        self.versions[change.household] += 1
        said = {"poverty_score": change.score}
        version = self.versions[change.household]
        change_household(self.databases, self.office.id, change.household, said, version)

    def _record(self, act: Act) -> None:
        request = Request(self.office.id, act.actor, act.at, act.on, f"{act.at}")
        try:
            outcome = act.operation(self.databases, request, act.command)
        except Exception as error:
            error.add_note(f"{self.office.code} {act.on} {act.operation.__name__} {act.command}")
            raise
        if act.operation is apply_for_loan:
            answer = orjson.loads(outcome.body)
            assert answer["cycle"] == self.office.loans[answer["loan_id"]].cycle


_PLACED = ("rsp", "district", "tehsil", "union_council")
