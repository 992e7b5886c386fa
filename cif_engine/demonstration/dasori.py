"""LSO Dasori, Tando Allahyar, Sindh: its published facts as of 2021-07-31, and how its history is made up.

Published: when it was formed, its places, households, organisations and bodies, the sub-grant of 4,000,000 rupees, and
721 loans to 327 households. Everything else here is made up. The amount of loans that was published with them,
327,152,021 rupees, would be 81.8 turns of the grant in four and a half years; nothing here imitates it.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from cif_engine.demonstration.dues import Bullet, Monthly, Seasonal
from cif_engine.demonstration.profiles import Flood, Grant, Offer, Place, Profile, Troubles

NOTE: Final = (
    "Dasori's places, sub-grant, 327 borrowing households and 721 loans are as published (as of 2021-07-31); "
    "its members, loans, amounts and dates are generated."
)

HARVESTS: Final = ((4, 30), (10, 31))
"""Wheat in spring; cotton and rice in autumn."""

MONSOON_OF_2020: Final = Flood(on=date(2020, 8, 31), months=3, village_organisations=2)
"""In late August 2020 rain flooded the south of Sindh; which villages of Dasori, and for how long, is made up."""

OFFERS: Final = (
    Offer("LIVESTOCK", "Livestock, repaid at the end", ("goats", "a buffalo calf"), Bullet(12), 10_000, 20_000, 36),
    Offer(
        "DAIRY", "Livestock, repaid monthly", ("a dairy goat", "a share in a buffalo"), Monthly(12), 10_000, 20_000, 25
    ),
    Offer(
        "CROP",
        "Crop inputs",
        ("seed and urea", "cotton seed", "diesel for the pump"),
        Seasonal(HARVESTS, 2),
        8_000,
        16_000,
        28,
    ),
    Offer(
        "ENTERPRISE",
        "Small enterprise",
        ("a village shop", "tailoring", "rilli making"),
        Monthly(10),
        8_000,
        25_000,
        11,
    ),
)

DASORI: Final = Profile(
    lso=Place("DAS", "LSO Dasori"),
    rsp=Place("NRSP", "National Rural Support Programme"),
    province=Place("SINDH", "Sindh"),
    district=Place("TANDO-ALLAHYAR", "Tando Allahyar"),
    tehsil=Place("JHANDO-MARI", "Jhando Mari"),
    union_council=Place("DASORI", "Dasori"),
    formed_on=date(2017, 1, 20),
    to_on=date(2021, 7, 31),
    households_total=3056,
    households_organised=2321,
    village_organisations=10,
    community_organisations=105,
    borrowing_households=327,
    loans=721,
    grants=(Grant(date(2017, 2, 6), 2_000_000), Grant(date(2018, 2, 12), 2_000_000)),
    offers=OFFERS,
    general_body_members=30,
    executive_committee_members=15,
    troubles=Troubles(cancelled_applications=3, flood=MONSOON_OF_2020),
    remarks=NOTE,
)
