"""Programmes that lend what they have, and the ways in which people print what such a programme did.

Nothing here is false: where a check calls a figure impossible, the check is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import Final

from cif_engine.reported.figures import FigureSet
from tests.unit.reported.saying import a_set

FORMED: Final = date(2010, 1, 31)
MONTHS: Final = 72
AMOUNTS: Final = ("disbursed", "recovered", "outstanding", "written_off", "sub_grant")
COUNTS: Final = ("loans", "borrowers", "households", "current_borrowers")
Figures = dict[str, int]


def a_sound_series(random: Random) -> list[FigureSet]:
    """Return what a programme printed of itself, period after period."""
    life = list(_life(random))
    if random.random() < 0.15:
        life = _merged(life, list(_life(random)), random.randrange(12, MONTHS))
    shown = [name for name in (*AMOUNTS, *COUNTS) if random.random() < 0.6]
    columns = {name: _column(random) for name in AMOUNTS}
    sets = []
    for month in _months_told(random):
        told = {name: life[month][name] for name in shown}
        sets.append(a_set(dict(_row(random, columns, told)), month_end(month), FORMED))
    return sets


def month_end(month: int) -> date:
    """Return the last day of a month, counted from formation on."""
    year, place = divmod(FORMED.month + month, 12)
    return date(FORMED.year + year, place + 1, 1) - timedelta(days=1)


# What it does --------------------------------------------------------------------------------------------------


def _life(random: Random) -> Iterator[Figures]:
    """Give the figures at the end of each month; what came back is lent again, some of it by the season."""
    term, start = random.choice((3, 6, 12)), random.randrange(18)
    base, dearer = random.choice((5_000, 8_321, 12_000, 24_957)), random.choice((0, 0, 1))
    tranches = _tranches(random, start)
    seasonal, returning, lost = random.random() < 0.5, random.random(), random.choice((0, 0, 0, 3, 20))
    rests = range(random.randrange(24, MONTHS), MONTHS) if random.random() < 0.2 else range(0)
    done = dict.fromkeys((*AMOUNTS, *COUNTS), 0)
    made = [0] * MONTHS
    cash = 0
    for month in range(MONTHS):
        size = base * (100 + dearer * month) // 100
        due = made[month - term] if month >= term else 0
        written_off = due * lost // 100
        grant = tranches.get(month, 0)
        cash += grant + due - written_off
        lends = month not in rests and not (seasonal and month % 6 < 3)
        loans = random.randint(0, cash // size) if lends else 0
        new = min(loans, max(1, round(loans * (1 - returning)))) if loans else 0
        made[month] = loans * size
        cash -= loans * size
        done["sub_grant"] += grant
        done["disbursed"] += loans * size
        done["recovered"] += due - written_off
        done["written_off"] += written_off
        done["loans"] += loans
        done["borrowers"] += new if done["borrowers"] else loans
        done["households"] = done["borrowers"] * 19 // 20 + bool(done["borrowers"])
        done["outstanding"] = done["disbursed"] - done["recovered"] - done["written_off"]
        done["current_borrowers"] = min(done["borrowers"], done["outstanding"] // size)
        yield dict(done)


def _tranches(random: Random, start: int) -> dict[int, int]:
    first = random.choice((90_000, 400_000, 4_000_000, 6_500_000, 90_000_000))
    later = {random.randrange(start + 1, MONTHS): first * random.choice((1, 3, 10)) for _ in range(random.randrange(3))}
    return {start: first, **later}


def _merged(one: Sequence[Figures], other: Sequence[Figures], since: int) -> list[Figures]:
    """Return a programme that takes over another with its past."""
    joined = [{name: mine[name] + its[name] for name in mine} for mine, its in zip(one, other, strict=True)]
    return [*one[:since], *joined[since:]]


# How it is printed ---------------------------------------------------------------------------------------------


def _months_told(random: Random) -> Iterator[int]:
    """Give the months that are reported: every month, quarter or year, or years first and quarters later."""
    apart = random.choice((1, 3, 3, 3, 12))
    changes = random.randrange(MONTHS) if random.random() < 0.2 else MONTHS
    month = 2
    while month < MONTHS:
        if random.random() > 0.1:
            yield month
        month += apart if month < changes else 3


def _column(random: Random) -> list[tuple[str, int]]:
    """Return the units and decimals in which a column is printed; most reporters stay with one."""
    ways = [("pkr", 0), ("pkr_million", 6), *(("pkr_million", decimals) for decimals in (0, 1, 2, 3)), ("pkr_lakh", 1)]
    return random.sample(ways, random.choice((1, 1, 2)))


def _row(random: Random, columns: dict[str, list[tuple[str, int]]], told: Figures) -> Iterator[tuple[str, str | None]]:
    for name, value in told.items():
        if random.random() < 0.05:
            yield name, random.choice(("-", "n/a", None))
        elif name in COUNTS:
            yield name, _grouped(random, str(_approximate(random, value)))
        else:
            unit, decimals = random.choice(columns[name])
            yield f"{name}_{unit}", _amount(random, value, unit, decimals)


def _amount(random: Random, value: int, unit: str, decimals: int) -> str:
    """Return an amount in its unit, rounded to the nearest or cut off, its last noughts perhaps left out."""
    of_unit = {"pkr": 1, "pkr_lakh": 10**5, "pkr_million": 10**6}[unit]
    part = of_unit // 10**decimals
    parts = (value + part // 2) // part if random.random() < 0.5 else value // part
    whole, rest = divmod(parts, 10**decimals)
    text = _grouped(random, str(whole))
    if not decimals:
        return text
    text += f".{rest:0{decimals}}"
    return text if random.random() < 0.5 else text.rstrip("0").removesuffix(".")


def _approximate(random: Random, count: int) -> int:
    """Return a count; a large one is told to the nearest hundred now and then."""
    return (count + 50) // 100 * 100 if count >= 10_000 and random.random() < 0.1 else count


def _grouped(random: Random, digits: str) -> str:
    """Return digits as they are, or with commas, at every third or as lakh and crore."""
    way = random.randrange(3)
    if not way or len(digits) < 4:
        return digits
    head, tail = digits[:-3], digits[-3:]
    step = 3 if way == 1 else 2
    groups = [head[max(end - step, 0) : end] for end in range(len(head), 0, -step)]
    return ",".join([*reversed(groups), tail])
