"""What the figures of a portfolio on one day count. All are as known at a moment, and of principal alone."""

from __future__ import annotations

from typing import Final

from cif_engine.portfolio.defining import Definition, Example, Section, Unit

_CONSENSUS: Final = "The microfinance consensus definitions of financial terms and ratios (CGAP, 2003; SEEP, 2005)"
_WORKED: Final = "Of a portfolio of 5,000,000, late loans have a balance of 200,000, of which 50,000 is overdue."

ON_A_DAY: Final = (
    Definition(
        id="gross_portfolio",
        section=Section.ON_A_DAY,
        title="Gross portfolio",
        words="The outstanding principal of all loans that are open at the end of the day: disbursed, not repaid in "
        "full, not written off. Outstanding principal is what was handed out, less principal paid, less principal "
        "written off.",
        unit=Unit.AMOUNT,
        source=f"{_CONSENSUS}: gross loan portfolio.",
        example=Example(
            "5,500,000 was handed out to date; 2,900,000 of it was paid back, 37,000 was written off.",
            (("handed out", "5500000.00"), ("principal paid", "-2900000.00"), ("written off", "-37000.00")),
            "2563000.00",
        ),
        notes=(
            "Renegotiated loans are in it; charge, fees and penalties are not.",
            "It is gross of the allowance for losses.",
        ),
    ),
    Definition(
        id="days_late",
        section=Section.ON_A_DAY,
        title="Days late",
        words="Of a loan at the end of the day: the days since the due date of its oldest instalment that is not fully "
        "paid by then, if that date is before the day; else 0. Only instalments with an amount due count; the schedule "
        "is the one in force at the end of the day.",
        unit=Unit.DAYS,
        source="Days past due, as microfinance and bank regulators count them: by the oldest unpaid instalment.",
        example=Example("On 30 June, the oldest unpaid instalment was due on 1 June.", (), "29"),
        notes=(
            "An instalment is not late on its due date. One due on a holiday is due on the day the holiday rule says.",
            "Fees and penalties are not instalments: unpaid, they do not make a loan late.",
            "A reschedule sets new due dates, and so may set the days back to 0; the loan then counts as renegotiated.",
        ),
    ),
    Definition(
        id="par_n",
        section=Section.ON_A_DAY,
        title="Portfolio at risk over n days",
        words="The whole outstanding principal of loans that are late over n days, as a share of the gross portfolio; "
        "n = 0, 1, 30, 60, 90, 180, 365. Whether over n is more than n days (>) or n days and more (>=) is the "
        "comparator of the rule set, which is printed with the figure. Over 0 is always one day late or more.",
        unit=Unit.SHARE,
        source=f"{_CONSENSUS}: PAR.",
        example=Example(_WORKED, (("late loans", "200000.00"), ("gross portfolio", "5000000.00")), "0.040000"),
        numerator="outstanding principal of open loans late over n days",
        denominator="gross_portfolio",
        notes=(
            "It takes the whole balance of a late loan, not the overdue part of it: that is the arrears rate.",
            "Renegotiated loans that are not late are not in it: see par_n_renegotiated.",
            "Loans repaid at once at the end are hidden from it until they fall due: see maturity.",
        ),
    ),
    Definition(
        id="par_n_renegotiated",
        section=Section.ON_A_DAY,
        title="Portfolio at risk over n days, with renegotiated loans",
        words="The whole outstanding principal of loans that are late over n days or renegotiated, each counted once, "
        "as a share of the gross portfolio. A loan is renegotiated once its schedule was made anew, or paused, while "
        "it owed principal, and stays so.",
        unit=Unit.SHARE,
        source=f"{_CONSENSUS}: PAR, which is to count renegotiated loans.",
        example=Example(
            f"{_WORKED} Renegotiated loans that are not late have a balance of 100,000.",
            (("late or renegotiated loans", "300000.00"), ("gross portfolio", "5000000.00")),
            "0.060000",
        ),
        numerator="outstanding principal of open loans late over n days, or renegotiated",
        denominator="gross_portfolio",
        notes=("A moratorium makes every loan that it pauses renegotiated.",),
    ),
    Definition(
        id="overdue",
        section=Section.ON_A_DAY,
        title="Overdue principal",
        words="Of open loans: principal that fell due before the day, by the schedule in force at its end, and was not "
        "paid by its end.",
        unit=Unit.AMOUNT,
        source=f"{_CONSENSUS}: arrears.",
        example=Example(
            "6,000 of a loan fell due before 30 June; 4,500 of principal is paid by the end of that day.",
            (("fallen due", "6000.00"), ("principal paid", "-4500.00")),
            "1500.00",
        ),
        notes=(
            "An instalment due on the day itself is not in it.",
            "The opening and closing overdue of a period (dcb) count those too, since their day has ended.",
        ),
    ),
    Definition(
        id="arrears_rate",
        section=Section.ON_A_DAY,
        title="Arrears rate",
        words="Overdue principal as a share of the gross portfolio.",
        unit=Unit.SHARE,
        source=f"{_CONSENSUS}: arrears rate.",
        example=Example(_WORKED, (("overdue", "50000.00"), ("gross portfolio", "5000000.00")), "0.010000"),
        numerator="overdue",
        denominator="gross_portfolio",
        notes=("It is not portfolio at risk, and is smaller: it leaves out what late borrowers still owe later.",),
    ),
    Definition(
        id="ageing",
        section=Section.ON_A_DAY,
        title="Ageing",
        words="The gross portfolio by days late of its loans: current (0), 1-30, 31-60, 61-90, 91-180, 181-365, "
        "over 365. A loan stands in one band with its whole outstanding principal; the bands sum to the gross "
        "portfolio.",
        unit=Unit.AMOUNTS,
        source=f"{_CONSENSUS}: portfolio aging report.",
        example=Example(
            "Late loans: 150,000 by 29 days, 50,000 by 97 days.",
            (("current", "4800000.00"), ("1-30", "150000.00"), ("91-180", "50000.00")),
            "5000000.00",
        ),
        notes=("The bands are the same under every rule set; classes are in provisioning.",),
    ),
    Definition(
        id="maturity",
        section=Section.ON_A_DAY,
        title="Maturity calendar",
        words="The gross portfolio by when it falls due: what is overdue, then by calendar month of the due dates of "
        "the schedules in force, from the month of the day on. Of each instalment, the part of its principal that is "
        "not paid by the end of the day; an instalment due on the day itself is in the month of the day. The rows sum "
        "to the gross portfolio.",
        unit=Unit.AMOUNTS,
        source="Maturity tables of loan assets, as banks make them; by month here, as loans are short.",
        example=Example(
            "On 31 October 2021; 2,000,000 is repaid at once, after the harvest of April.",
            (
                ("overdue", "50000.00"),
                ("2021-11", "1450000.00"),
                ("2021-12", "1500000.00"),
                ("2022-04", "2000000.00"),
            ),
            "5000000.00",
        ),
        notes=("It is what the schedules say will fall due, not a forecast of what will be paid.",),
    ),
    Definition(
        id="recovery_rate",
        section=Section.ON_A_DAY,
        title="Cumulative recovery rate",
        words="Principal collected to date on what has fallen due to date, as a share of principal that has fallen due "
        "to date. Fallen due is, of each loan ever disbursed, written-off ones too, the most that was due by the end "
        "of the day under any of its schedules as long as each was in force. The schedule of a loan written off goes "
        "on, because the money is still owed. Collected is principal paid, up to what has fallen due.",
        unit=Unit.SHARE,
        source="Measuring Microcredit Delinquency (CGAP occasional paper 3, 1999): collection rates, which are of "
        "amounts that fell due.",
        example=Example(
            "5,500,000 was handed out, 3,000,000 has fallen due; 3,037,000 was paid, 100,000 of it ahead of its day.",
            (("collected on dues", "2937000.00"), ("fallen due", "3000000.00")),
            "0.979000",
        ),
        numerator="principal paid on amounts that have fallen due, to date",
        denominator="principal that has fallen due, to date",
        notes=(
            "It is never recovered / disbursed: that says nothing about what was due.",
            "A high rate of years hides a bad year: the on-time rate tells of a period.",
            "What comes in for a loan after its write-off is a recovery, and not in it.",
        ),
    ),
    Definition(
        id="loans",
        section=Section.ON_A_DAY,
        title="Loans",
        words="Loans that are open at the end of the day.",
        unit=Unit.COUNT,
        source=f"{_CONSENSUS}: number of loans outstanding.",
        example=Example("Zarina has two open loans, her sister-in-law Hajran of the same house has one.", (), "3"),
        notes=("Loans, borrowers and households are three counts, never mixed, and never added up.",),
    ),
    Definition(
        id="borrowers",
        section=Section.ON_A_DAY,
        title="Borrowers",
        words="Members with at least one loan that is open at the end of the day, each counted once.",
        unit=Unit.COUNT,
        source=f"{_CONSENSUS}: number of active borrowers.",
        example=Example("Zarina has two open loans, her sister-in-law Hajran of the same house has one.", (), "2"),
        notes=("Rows of a cut may share a borrower, who is counted once in the total.",),
    ),
    Definition(
        id="households",
        section=Section.ON_A_DAY,
        title="Households",
        words="Households, as they were when each loan was made, of members with a loan that is open at the end of the "
        "day; each counted once.",
        unit=Unit.COUNT,
        source="The reports of the Rural Support Programmes, which plan by household.",
        example=Example("Zarina has two open loans, her sister-in-law Hajran of the same house has one.", (), "1"),
        notes=("Rows of a cut may share a household, which is counted once in the total.",),
    ),
    Definition(
        id="restatement",
        section=Section.ON_A_DAY,
        title="Restatement bridge",
        words="Why a figure of one day differs between two moments at which it was asked: the figure as known at the "
        "first, the effect of each group of facts recorded after it and by the second, and the figure as known at the "
        "second. The effects sum to the difference exactly.",
        unit=Unit.AMOUNTS,
        source="Bitemporal reporting; the reconciliation that auditors ask for when a published figure is changed.",
        example=Example(
            "Loans late over 30 days on 30 June, as known on 5 July and on 20 July.",
            (
                ("as known on 5 July", "180000.00"),
                ("recovery sheets that came late", "-40000.00"),
                ("reversals", "15000.00"),
                ("reschedules", "-5000.00"),
            ),
            "150000.00",
        ),
        notes=("Facts that happened after the day are in neither figure: they are news, not restatement.",),
    ),
)
