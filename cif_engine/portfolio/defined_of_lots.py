"""What the lots of a fund count: where each tranche's rupees are, and for the how-manieth time they are out."""

from __future__ import annotations

from typing import Final

from cif_engine.portfolio.defining import Definition, Example, Section, Unit

_FIRST_IN: Final = "First in, first out, as stocks of goods are counted"

OF_LOTS: Final = (
    Definition(
        id="lots",
        section=Section.FUND,
        title="Lots",
        words="The fund's money by where it came from and how often it was lent. Money comes in at the end of a queue "
        "and loans are paid out from its front. Principal that is repaid comes back in the order in which the loan "
        "drew it, as cash of the next turn. The lots sum to cash (in hand, bank and in transit) and outstanding "
        "principal.",
        unit=Unit.AMOUNTS,
        source=f"{_FIRST_IN}.",
        example=Example(
            "Of a tranche of 4,000,000, 2,543,000 is lent and 1,437,000 is cash; 20,000 was written off.",
            (("in loans", "2543000.00"), ("in cash", "1437000.00"), ("lost", "20000.00"), ("returned", "0.00")),
            "4000000.00",
        ),
        notes=(
            "Of each source, what entered is in cash, in loans, lost or returned.",
            "Of each turn, what was disbursed is in loans, repaid or written off.",
            "What the fund earned (charge, fees, bank profit, recoveries) is the source surplus.",
            "Expenses take surplus first, then the oldest cash: that is spent, and lost to its tranche.",
            "Borrowers' credit is no money of the fund's and is lent only when nothing else is left.",
            "Money that goes back to its source while it is lent is paid in other cash, which takes its place there.",
            "Within a day what comes in stands before what goes out, and loans follow each other by their ids.",
            "Money that was out and back on a day on which the fund had none is told apart, as of the same day.",
            "Late paper can change which rupees a later loan drew, as known now; what was known before stays.",
        ),
    ),
    Definition(
        id="idle_days",
        section=Section.FUND,
        title="Idle days of a turn",
        words="How long a rupee waited in cash before it went out on a turn, went elsewhere, or until the day: each "
        "amount times its days in cash, by the amount.",
        unit=Unit.DAYS,
        source=f"{_FIRST_IN}; days as a bank counts a balance.",
        example=Example(
            "600 waited 10 days and went out; 400 wait since 35 days: 20,000 rupee-days of 1,000.", (), "20"
        ),
        notes=("Of one source and turn. Idle cash of the fund over a period, beside its value, is `idle`.",),
    ),
)
