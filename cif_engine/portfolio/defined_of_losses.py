"""What the figures of losses that may come count: classes, required provisions, the cover of risk."""

from __future__ import annotations

from typing import Final

from cif_engine.portfolio.defining import Definition, Example, Section, Unit

OF_LOSSES: Final = (
    Definition(
        id="provisioning",
        section=Section.LOSSES,
        title="Classification and required provision",
        words="The gross portfolio by the classes of a rule set, by days late of its loans; and of each class its "
        "provision rate times its outstanding principal, rounded half even to the paisa, once for each class. The "
        "required provision is the sum over classes. The rule set is the version in force on the day, as known at the "
        "moment. Where a rule set gives no rates, the provision is null, not zero.",
        unit=Unit.AMOUNTS,
        source="The regulations that each rule set names; for the community default, the practice of microfinance "
        "lenders.",
        example=Example(
            "Under sbp: 4,800,000 regular, 80,000 watch, 60,000 substandard, 40,000 doubtful, 20,000 loss.",
            (
                ("Regular", "0.00"),
                ("Watch (OAEM)", "0.00"),
                ("Substandard", "15000.00"),
                ("Doubtful", "20000.00"),
                ("Loss", "20000.00"),
            ),
            "55000.00",
        ),
        notes=(
            "A yardstick: no LSO is bound by a rule set, and nothing is posted because of one.",
            "The allowance in the books, which stands beside it, is what a resolution set aside.",
            "Classes go by days late alone: a renegotiated loan that is not late is in the first class.",
        ),
    ),
    Definition(
        id="risk_coverage",
        section=Section.LOSSES,
        title="Risk coverage",
        words="The allowance for loan losses in the books, as a share of the outstanding principal of loans late over "
        "30 days or renegotiated. Over is as the comparator of the rule set says.",
        unit=Unit.SHARE,
        source="The microfinance consensus definitions (CGAP, 2003): risk coverage ratio.",
        example=Example(
            "Loans late over 30 days have 100,000 outstanding, renegotiated ones that are not, another 20,000.",
            (("allowance", "90000.00"), ("late over 30 days, or renegotiated", "120000.00")),
            "0.750000",
        ),
        numerator="balance of the accounts of the allowance for loan losses at the end of the day",
        denominator="numerator of par_n_renegotiated, n = 30",
        notes=(
            "The allowance is of a fund: it is told of whole funds and what they make up, not of a VO or a product.",
            "Cover of 1 is no aim by itself: what is likely to be lost depends on how late loans are.",
        ),
    ),
)
