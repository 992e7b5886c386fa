"""What stands before the first fact of a made-up LSO: its places, its fund and what it offers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random
from typing import Final

from cif_engine.demonstration.draws import draw_id
from cif_engine.demonstration.dues import Bullet, Monthly, Seasonal
from cif_engine.demonstration.names import KIN, draw_man
from cif_engine.demonstration.people import POOREST
from cif_engine.demonstration.plan import RUPEE, Places
from cif_engine.demonstration.profiles import Offer, Profile
from cif_engine.loans.terms import (
    BulletPayment,
    EqualInstalments,
    FlatPercent,
    LoanTerms,
    NoCharge,
    SeasonalInstalments,
)
from cif_engine.network.funds import ChargePolicy, Fund, Product
from cif_engine.network.places import Area, AreaKind, Holiday, Lso, Rsp

FUND: Final = "CIF"

_HOLIDAYS: Final = (
    (2, 5, "Kashmir Day"),
    (3, 23, "Pakistan Day"),
    (5, 1, "Labour Day"),
    (8, 14, "Independence Day"),
    (12, 25, "Quaid-e-Azam Day"),
)
_YEARS_OF_HOLIDAYS: Final = 2
"""For how many years after the last fact holidays are announced: loans made then fall due by then."""


def draw_places(profile: Profile, rng: Random) -> Places:
    """Return the RSP, the areas from the province down, and the holidays."""
    levels = (
        (AreaKind.PROVINCE, profile.province, None),
        (AreaKind.DISTRICT, profile.district, profile.province),
        (AreaKind.TEHSIL, profile.tehsil, profile.district),
        (AreaKind.UNION_COUNCIL, profile.union_council, profile.tehsil),
    )
    areas = tuple(
        Area(draw_id(rng), kind, place.code, place.name, around.code if around else None)
        for kind, place, around in levels
    )
    return Places(Rsp(draw_id(rng), profile.rsp.code, profile.rsp.name), areas, holidays_of(profile))


def holidays_of(profile: Profile) -> tuple[Holiday, ...]:
    """Return the national holidays that always fall on the same day, for all days on which a loan may fall due."""
    years = range(profile.formed_on.year, profile.to_on.year + _YEARS_OF_HOLIDAYS + 1)
    return tuple(Holiday(date(year, month, day), name) for year in years for month, day, name in _HOLIDAYS)


def draw_lso(profile: Profile, rng: Random) -> Lso:
    """Return the LSO with the facts of its profile."""
    return Lso(
        id=draw_id(rng),
        code=profile.lso.code,
        name=profile.lso.name,
        rsp=profile.rsp.code,
        district=profile.district.code,
        tehsil=profile.tehsil.code,
        union_council=profile.union_council.code,
        formed_on=profile.formed_on,
        households_total=profile.households_total,
        households_organised=profile.households_organised,
        general_body_members=profile.general_body_members,
        executive_committee_members=profile.executive_committee_members,
        remarks=profile.remarks,
    )


def draw_fund(profile: Profile, rng: Random) -> Fund:
    """Return the fund: for the poor of the LSO, within the limits of what it offers."""
    return Fund(
        id=draw_id(rng),
        code=FUND,
        name="Community Investment Fund",
        programme="SUCCESS",
        funder="European Union",
        lender_of_record=profile.lso.name,
        poverty_score_to=POOREST,
        amount_min_minor=RUPEE * min(offer.least for offer in profile.offers),
        amount_max_minor=RUPEE * max(offer.most for offer in profile.offers),
        cycle_max=profile.most_cycles,
        charge_policy=ChargePolicy.FLAT_CHARGE if profile.charge_percent else ChargePolicy.INTEREST_FREE,
    )


def draw_products(profile: Profile, rng: Random) -> tuple[Product, ...]:
    """Return what the fund offers."""
    return tuple(
        Product(
            id=draw_id(rng),
            fund=FUND,
            code=offer.code,
            name=offer.name,
            terms=_terms(offer, profile.charge_percent),
            amount_min_minor=RUPEE * offer.least,
            amount_max_minor=RUPEE * offer.most,
        )
        for offer in profile.offers
    )


def draw_custodians(profile: Profile, rng: Random) -> tuple[tuple[str, str], ...]:
    """Return the ids and names of those who carry collected money."""
    return tuple((draw_id(rng), draw_man(rng, rng.choice(KIN))) for _ in range(profile.custodians))


def _terms(offer: Offer, charge_percent: int) -> LoanTerms:
    charge = FlatPercent(percent=Decimal(charge_percent)) if charge_percent else NoCharge()
    match offer.plan:
        case Bullet(months):
            return LoanTerms(repayment=BulletPayment(after_months=months), charge=charge)
        case Monthly(count):
            return LoanTerms(repayment=EqualInstalments(count=count), charge=charge)
        case Seasonal(harvests, count):
            days = tuple(f"{month:02}-{day:02}" for month, day in harvests)
            return LoanTerms(
                repayment=SeasonalInstalments.model_validate({"month_days": days, "count": count}), charge=charge
            )
