"""The people of a made-up LSO: organisations, households and members, drawn from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Final

from cif_engine.demonstration.draws import chance, draw_id
from cif_engine.demonstration.names import HAMLETS, KIN, draw_man, draw_woman
from cif_engine.demonstration.profiles import Profile, ProfileDoesNotFitError
from cif_engine.network.people import Gender, Household, Institution, InstitutionKind, Member

POOREST: Final = 23
"""The highest poverty score whose household may borrow."""

_ELIGIBLE: Final = 55
_SECOND_MEMBERS: Final = 12
_WITH_CNIC: Final = 70
"""Of a hundred: eligible households, households with a second member, members whose CNIC is known."""


@dataclass(frozen=True, slots=True)
class People:
    """Everyone the LSO knows, and by whom each household's loans are asked for."""

    institutions: tuple[Institution, ...]
    households: tuple[Household, ...]
    members: tuple[Member, ...]
    vo_of_co: dict[str, str]

    @property
    def vos(self) -> list[str]:
        """The codes of the village organisations that have community organisations."""
        return sorted(set(self.vo_of_co.values()))

    def borrowers(self) -> list[list[Member]]:
        """Return the members of each household that may borrow."""
        eligible = {household.code for household in self.households if household.eligible}
        by_household: dict[str, list[Member]] = {}
        for member in self.members:
            if member.household in eligible:
                by_household.setdefault(member.household, []).append(member)
        return list(by_household.values())


def draw_people(profile: Profile, rng: Random) -> People:
    """Return the people of a profile; raises `ProfileDoesNotFitError` when too few households are organised."""
    eligible = max(profile.borrowing_households, profile.households_organised * _ELIGIBLE // 100)
    if not eligible <= profile.households_organised <= profile.households_total:
        raise ProfileDoesNotFitError("More households borrow than are organised, or more are organised than there are.")
    vos = [_village_organisation(profile, number, rng) for number in range(1, profile.village_organisations + 1)]
    cos = [_community_organisation(profile, vos, number, rng) for number in range(profile.community_organisations)]
    poor = set(rng.sample(range(profile.households_organised), eligible))
    households: list[Household] = []
    members: list[Member] = []
    for number in range(profile.households_total):
        kin = rng.choice(KIN)
        organised = number < profile.households_organised
        co = cos[number * len(cos) // profile.households_organised] if organised else rng.choice(cos)
        score = rng.randint(2, POOREST) if number in poor else rng.randint(POOREST + 1, 70)
        household = Household(
            draw_id(rng),
            f"H-{number + 1:05}",
            draw_man(rng, kin),
            co.name.removeprefix("CO "),
            score,
            number in poor,
        )
        households.append(household)
        if organised:
            for _ in range(2 if chance(rng, _SECOND_MEMBERS) else 1):
                members.append(_member(len(members) + 1, household, co, kin, rng))
    vo_of_co = {co.code: co.vo for co in cos if co.vo}
    return People((*vos, *cos), tuple(households), tuple(members), vo_of_co)


def _village_organisation(profile: Profile, number: int, rng: Random) -> Institution:
    name = f"VO {HAMLETS[(number - 1) % len(HAMLETS)]}"
    formed_on = profile.formed_on - timedelta(days=rng.randint(60, 400))
    return Institution(draw_id(rng), InstitutionKind.VO, f"VO-{number:02}", name, None, formed_on)


def _community_organisation(profile: Profile, vos: list[Institution], number: int, rng: Random) -> Institution:
    vo = vos[number * len(vos) // profile.community_organisations]
    formed_on = profile.formed_on - timedelta(days=rng.randint(60, 700))
    name = f"CO Goth {draw_man(rng, rng.choice(KIN))}"
    return Institution(draw_id(rng), InstitutionKind.CO, f"CO-{number + 1:03}", name, vo.code, formed_on)


def _member(number: int, household: Household, co: Institution, kin: str, rng: Random) -> Member:
    # No CNIC begins with 00000, so nobody's own is hit; the even last digit is that of a woman.
    cnic = f"00000-{number:07}-{rng.randrange(0, 10, 2)}" if chance(rng, _WITH_CNIC) else None
    return Member(
        draw_id(rng),
        f"M-{number:05}",
        household.code,
        co.code,
        draw_woman(rng, kin),
        Gender.FEMALE,
        household.head_name,
        cnic,
        co.formed_on,
    )
