"""What the figures of a period count, from its first day to its last, both included. Of principal alone.

The period opens at the end of the day before its first, and closes at the end of its last day. A vintage has no such
days: it follows the loans of one month, month by month.
"""

from __future__ import annotations

from typing import Final

from cif_engine.portfolio.defining import Definition, Example, Section, Unit

_COLLECTION: Final = "Measuring Microcredit Delinquency (CGAP occasional paper 3, 1999)"
_FELL_DUE: Final = "In July 1,000,000 fell due, 900,000 of it for the first time."

OVER_A_PERIOD: Final = (
    Definition(
        id="demand",
        section=Section.OVER_A_PERIOD,
        title="Demand",
        words="Principal of the instalments that fall due in the period, each by the schedule in force at the end of "
        "its due day, of loans that are disbursed and not written off by then; loans repaid ahead of time too. What "
        "had fallen due before under an earlier schedule falls due again (demand again); the rest of an instalment "
        "falls due for the first time (demand first).",
        unit=Unit.AMOUNT,
        source="The demand of the demand, collection and balance statements of South Asian credit societies.",
        example=Example(
            f"{_FELL_DUE} The rest was due in May already, and was put off to July by a reschedule.",
            (("for the first time", "900000.00"), ("again", "100000.00")),
            "1000000.00",
        ),
        notes=("Arrears of earlier periods are not in it; they are the opening balance of dcb.",),
    ),
    Definition(
        id="on_time_rate",
        section=Section.OVER_A_PERIOD,
        title="On-time collection rate",
        words="Of the principal that falls due for the first time in the period, the share that was paid by the end of "
        "its due day. Payments count on the oldest dues first; what was paid before the period began for instalments "
        "of the period (prepaid) is part of it, and stated apart.",
        unit=Unit.SHARE,
        source=f"{_COLLECTION}: on-time collection rate.",
        example=Example(
            f"{_FELL_DUE} Of these 855,000 were paid by their day, 40,000 of it before July.",
            (("paid by its day", "855000.00"), ("fell due for the first time", "900000.00")),
            "0.950000",
        ),
        numerator="principal falling due for the first time in the period, paid by the end of its due day",
        denominator="principal falling due for the first time in the period",
        notes=(
            "What is paid a day late is not on time; dcb has it in collection of current dues, or of arrears.",
            "A reschedule cannot mend it: what fell due before counts in the period in which it first fell due.",
        ),
    ),
    Definition(
        id="cleanup",
        section=Section.OVER_A_PERIOD,
        title="Clean-up",
        words="Principal collected in the period on dues that were overdue when it opened, beside what was overdue "
        "then. Of each loan: what was collected in the period, up to its opening overdue.",
        unit=Unit.SHARE,
        source=f"{_COLLECTION}: the clean-up report of late payments, beside the on-time rate.",
        example=Example(
            "When July opened 80,000 was overdue; 30,000 of it was collected in July.",
            (("collected of arrears", "30000.00"), ("opening overdue", "80000.00")),
            "0.375000",
        ),
        numerator="principal collected in the period on dues of earlier periods",
        denominator="overdue principal when the period opened",
        notes=("It is never added to the on-time rate: together they may pass 100 %, and hide what is late.",),
    ),
    Definition(
        id="dcb",
        section=Section.OVER_A_PERIOD,
        title="Demand, collection, balance",
        words="Opening overdue, plus demand, less what of it was prepaid, less collection of arrears, less collection "
        "of current dues, less overdue of loans written off in the period, less what a new schedule put off, is the "
        "closing overdue. Overdue at the end of a day is here principal that fell due on that day or before, by the "
        "schedule in force, and was not paid by its end, of open loans. What was collected beyond opening overdue and "
        "demand was collected in advance, and is stated beside.",
        unit=Unit.AMOUNTS,
        source="The demand, collection and balance statements of South Asian credit societies.",
        example=Example(
            "July. 950,000 of principal was collected: 30,000 of arrears, 900,000 of current dues, 20,000 in advance.",
            (
                ("opening overdue", "80000.00"),
                ("demand", "1000000.00"),
                ("prepaid", "-40000.00"),
                ("collected of arrears", "-30000.00"),
                ("collected of current dues", "-900000.00"),
                ("overdue of loans written off", "-10000.00"),
                ("rescheduled", "-5000.00"),
            ),
            "95000.00",
        ),
        notes=(
            "The closing overdue of a day is its overdue and what fell due on the day itself and was not paid.",
            "Rescheduled is below zero where a new schedule brought dues forward.",
            "It is of principal; charge, fees and penalties are in the collection register.",
        ),
    ),
    Definition(
        id="disbursed",
        section=Section.OVER_A_PERIOD,
        title="Disbursed",
        words="Principal handed out in the period: of new loans, and further parts of loans begun before.",
        unit=Unit.AMOUNT,
        source="The microfinance consensus definitions (CGAP, 2003): value of loans disbursed.",
        example=Example(
            "July: 20 new loans, and the second part of one begun in May.",
            (("new loans", "260000.00"), ("further parts", "6000.00")),
            "266000.00",
        ),
        notes=("A new loan that settles an old one counts with its whole principal, also what was not handed over.",),
    ),
    Definition(
        id="write_off_ratio",
        section=Section.OVER_A_PERIOD,
        title="Write-off ratio",
        words="Principal written off in the period, as a share of the average gross portfolio: the mean of the gross "
        "portfolio when the period opened, at each month-end within it, and on its last day.",
        unit=Unit.SHARE,
        source="The microfinance consensus definitions (CGAP, 2003): write-off ratio.",
        example=Example(
            "July to September; the portfolio was 4,900,000 when July opened, then 5,000,000, 5,050,000 and 5,050,000.",
            (("written off", "50000.00"), ("average gross portfolio", "5000000.00")),
            "0.010000",
        ),
        numerator="principal written off in the period",
        denominator="mean of the gross portfolio at the opening, each month-end within, and the last day",
        notes=("Recoveries of loans written off are stated beside, and not taken off it.",),
    ),
    Definition(
        id="migration",
        section=Section.OVER_A_PERIOD,
        title="Roll rates",
        words="From which band of days late to which the loans of a portfolio went: rows are the ageing bands when the "
        "period opened, and new for loans that were not open then; columns are the bands when it closed, and what was "
        "repaid and written off. Of each row, opening outstanding and what was disbursed in the period are the closing "
        "outstanding of all bands, what was repaid, and what was written off. A roll rate is a cell of the row as a "
        "share of its opening outstanding.",
        unit=Unit.AMOUNTS,
        source="Roll-rate (migration) tables of consumer lenders, by amount.",
        example=Example(
            "The loans that were current when July opened, with 4,800,000 outstanding. 0.031250 of it rolled to 1-30.",
            (("current", "4300000.00"), ("1-30", "150000.00"), ("repaid", "350000.00"), ("written off", "0.00")),
            "4800000.00",
        ),
        notes=("A loan that is repaid in part is in its band with what it still owes, and in repaid with the rest.",),
    ),
    Definition(
        id="vintage",
        section=Section.OVER_A_PERIOD,
        title="Vintage",
        words="By month of disbursement: of the principal handed out to the loans first disbursed in that month, the "
        "share that is outstanding of loans late over n days, at the end of the k-th month after that month, for "
        "k = 0, 1, 2 and so on. What was written off by then, and what is outstanding of renegotiated loans, late or "
        "not, are stated apart, as shares of the same.",
        unit=Unit.SHARES,
        source="Static-pool (vintage) analysis of consumer and microfinance lenders.",
        example=Example(
            "Loans of March 2021, at the end of September 2021 (k = 6), late over 30 days; 0.010000 was written off.",
            (("outstanding of late loans", "24000.00"), ("disbursed", "600000.00")),
            "0.040000",
        ),
        numerator="outstanding principal of the month's loans that are late over n days, after k months",
        denominator="principal disbursed by then to the loans first disbursed in the month",
        notes=(
            "The denominator does not shrink as loans are repaid, so growth of a portfolio cannot hide bad months.",
            "Which loans are late is by the schedule in force: read it beside the share that is renegotiated.",
        ),
    ),
)
