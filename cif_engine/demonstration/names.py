"""Names as they are usual in rural Sindh, in Latin and in Arabic script, to be drawn at random."""

from __future__ import annotations

from random import Random
from typing import Final

from cif_engine.demonstration.draws import chance

WOMEN: Final = (
    ("Zainab", "زینب"), ("Amna", "آمنہ"), ("Hajra", "ہاجرہ"), ("Sakina", "سکینہ"), ("Fatima", "فاطمہ"),
    ("Rukhsana", "رخسانہ"), ("Nasreen", "نسرین"), ("Shahnaz", "شہناز"), ("Parveen", "پروین"), ("Naseem", "نسیم"),
    ("Marvi", "ماروي"), ("Sassui", "سسئي"), ("Sanam", "صنم"), ("Moomal", "مومل"), ("Noori", "نوري"),
    ("Haleema", "حلیمہ"), ("Khadija", "خدیجہ"), ("Mariam", "مریم"), ("Razia", "رضیہ"), ("Sughra", "صغریٰ"),
    ("Kulsoom", "کلثوم"), ("Bakhtawar", "بختاور"), ("Jamila", "جمیلہ"), ("Zubaida", "زبیدہ"), ("Shabana", "شبانہ"),
    ("Ghulam Fatima", "غلام فاطمہ"), ("Bhagi", "ڀاڳي"), ("Lachhmi", "لڇمي"), ("Radha", "راڌا"), ("Samina", "ثمینہ"),
    ("Tahira", "طاہرہ"), ("Yasmin", "یاسمین"), ("Hurmat", "حرمت"), ("Zulekha", "زلیخا"), ("Benazir", "بینظیر"),
)  # fmt: skip
WOMEN_TITLES: Final = (("Bibi", "بی بی"), ("Khatoon", "خاتون"), ("Begum", "بیگم"), ("Mai", "مائي"), ("", ""))
MEN: Final = (
    "Muhammad Soomar", "Allah Dino", "Ghulam Rasool", "Khamiso", "Muhammad Ismail", "Ali Murad", "Haji Khan",
    "Jumo", "Abdul Karim", "Photo", "Rano", "Chetan", "Bhooro", "Muhammad Hassan", "Lal Bux", "Imam Bux", "Sain Dad",
    "Mithan", "Qadir Bux", "Nabi Bux", "Wali Muhammad", "Arbab", "Dilawar", "Pir Bux", "Rasool Bux", "Sajan",
)  # fmt: skip
KIN: Final = (
    "Khaskheli", "Mari", "Kolhi", "Bheel", "Jamali", "Soomro", "Lashari", "Chandio", "Menghwar", "Khoso",
    "Samejo", "Leghari", "Panhwar", "Otho", "Rind", "Machhi", "Mallah", "Unar", "Dars", "Brohi",
)  # fmt: skip
HAMLETS: Final = (
    "Haji Khan Mari", "Allah Dino Khaskheli", "Jumo Kolhi", "Ali Murad Jamali", "Photo Bheel", "Soomar Chandio",
    "Rasool Bux Lashari", "Sajan Soomro", "Imam Bux Khoso", "Wali Muhammad Leghari", "Arbab Otho", "Mithan Menghwar",
)  # fmt: skip

_IN_ARABIC_SCRIPT: Final = 15
"""Of a hundred women, how many stand in the register in Arabic script."""


def draw_woman(rng: Random, kin: str) -> str:
    """Return a woman's name, in one script or the other; `kin` is written in Latin script only."""
    script = 1 if chance(rng, _IN_ARABIC_SCRIPT) else 0
    name = f"{rng.choice(WOMEN)[script]} {rng.choice(WOMEN_TITLES)[script]}".strip()
    return name if script else f"{name} {kin}"


def draw_man(rng: Random, kin: str) -> str:
    return f"{rng.choice(MEN)} {kin}"
