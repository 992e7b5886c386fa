"""What the figures of a revolving fund count: its worth, how it goes round, what lies idle, its lots, its health."""

from __future__ import annotations

from typing import Final

from cif_engine.portfolio.defining import Definition, Example, Section, Unit

_REVOLVING: Final = "Sub-grant agreements of the Rural Support Programmes, which ask that funds be kept whole and lent"
_LENDERS: Final = "The ratios that lenders to the poor are read by (CGAP, 2003; SEEP, 2005), for a fund that is granted"
_LOTS: Final = "Accounts kept by lot, first in, first out, of money in place of goods"
_CASH: Final = "Cash is in hand, in the bank, and in transit with custodians."
_AVERAGE: Final = (
    "An average fund value is the mean of the value on the day before the period, at each month-end in it and on its "
    "last day."
)

OF_REVOLVING: Final = (
    Definition(
        id="fund_value",
        section=Section.FUND,
        title="Fund value",
        words="What the fund is worth: cash and outstanding principal, less the allowance for losses and borrowers' "
        "credit balances.",
        unit=Unit.AMOUNT,
        source=f"{_REVOLVING}.",
        example=Example(
            "1,437,000 in cash; 2,563,000 is outstanding, of which 100,000 is set aside for.",
            (
                ("cash", "1437000.00"),
                ("outstanding principal", "2563000.00"),
                ("allowance", "-100000.00"),
                ("credit balances", "0.00"),
            ),
            "3900000.00",
        ),
        notes=(_CASH, "It is capital and income less expense: what was written off or set aside is an expense."),
    ),
    Definition(
        id="capital_index",
        section=Section.FUND,
        title="Capital preserved",
        words="How much of what the fund was given is still there, in cash or with borrowers.",
        numerator="Fund value.",
        denominator="Capital.",
        unit=Unit.SHARE,
        source=f"{_REVOLVING}.",
        example=Example(
            "A fund of 4,000,000 that set aside 100,000 for losses.",
            (("fund value", "3900000.00"), ("capital", "4000000.00")),
            "0.975000",
        ),
        notes=("Above 1, the fund earned more than it lost.",),
    ),
    Definition(
        id="utilisation",
        section=Section.FUND,
        title="Utilisation",
        words="How much of the money is out with borrowers on the day.",
        numerator="Outstanding principal.",
        denominator="Outstanding principal and cash.",
        unit=Unit.SHARE,
        source=f"{_LENDERS}.",
        example=Example(
            "2,563,000 is outstanding, 1,437,000 lies in cash.",
            (("outstanding", "2563000.00"), ("outstanding and cash", "4000000.00")),
            "0.640750",
        ),
        notes=(_CASH, "It is of one day: idle says it of a period."),
    ),
    Definition(
        id="idle",
        section=Section.FUND,
        title="Idle cash",
        words="How much of the fund lay in cash over a period, every day of it counted.",
        numerator="Cash at the end of each day of the period, on average.",
        denominator="Average fund value of the period.",
        unit=Unit.SHARE,
        source=f"{_REVOLVING}.",
        example=Example(
            "Over a year 1,200,000 lay in cash on average, of a fund worth 4,000,000.",
            (("average cash", "1200000.00"), ("average fund value", "4000000.00")),
            "0.300000",
        ),
        notes=(_AVERAGE, _CASH, "Cash that waits for a harvest is idle too: compare like seasons."),
    ),
    Definition(
        id="turns",
        section=Section.FUND,
        title="Turns",
        words="How often the capital was lent so far.",
        numerator="Principal disbursed to date.",
        denominator="Capital.",
        unit=Unit.SHARE,
        source=f"{_REVOLVING}; LSO profiles print both amounts.",
        example=Example(
            "5,500,000 was disbursed out of a sub-grant of 4,000,000.",
            (("disbursed to date", "5500000.00"), ("capital", "4000000.00")),
            "1.375000",
        ),
        notes=("It grows with the years: velocity compares funds of different age.",),
    ),
    Definition(
        id="velocity",
        section=Section.FUND,
        title="Velocity",
        words="How often the fund was lent in the twelve months up to the day.",
        numerator="Principal disbursed in these months.",
        denominator="Average fund value of these months.",
        unit=Unit.SHARE,
        source=f"{_LENDERS}.",
        example=Example(
            "3,000,000 was disbursed in a year, by a fund worth 4,000,000.",
            (("disbursed in the year", "3000000.00"), ("average fund value", "4000000.00")),
            "0.750000",
        ),
        notes=(_AVERAGE, "A fund younger than a year is averaged with the months before it had anything."),
    ),
    Definition(
        id="reach",
        section=Section.FUND,
        title="Reach",
        words="How many of the households that could have a loan ever had money of the fund.",
        numerator="Households that had money of the fund by the day, each once.",
        denominator="Households eligible in the LSO, as it says of the day.",
        unit=Unit.SHARE,
        source=f"{_REVOLVING}.",
        example=Example(
            "327 of 820 eligible households had a loan; 721 loans were made.",
            (("households served", "327"), ("households eligible", "820")),
            "0.398780",
        ),
        notes=(
            "It has no value where nobody said how many are eligible; of many LSOs, those are left out.",
            "Eligible households are stated, not counted here, so more than all may have been served.",
        ),
    ),
    Definition(
        id="turn",
        section=Section.FUND,
        title="Turn of a lot",
        words="How often rupees have been on their way to a borrower: 1 when they enter the fund, and one more each "
        "time they are repaid.",
        unit=Unit.COUNT,
        source=f"{_LOTS}.",
        example=Example("Rupees that were lent and repaid twice wait for their third loan.", (), "3"),
        notes=("It is of single rupees: turns is of a whole fund.",),
    ),
    Definition(
        id="lost",
        section=Section.FUND,
        title="Lost",
        words="Rupees of a lot that will not come back: lent and written off, or spent on expenses that the fund's "
        "earnings did not cover.",
        unit=Unit.AMOUNT,
        source=f"{_LOTS}.",
        example=Example(
            "20,000 was written off; 5,000 of expenses were more than the bank profit.",
            (("written off", "20000.00"), ("spent", "5000.00")),
            "25000.00",
        ),
        notes=("What is recovered after a write-off is income, and a lot of its own.",),
    ),
    Definition(
        id="cash_share",
        section=Section.FUND,
        title="Cash share",
        words="How much of the money lies in cash on the day: what utilisation leaves.",
        numerator="Cash.",
        denominator="Cash and outstanding principal.",
        unit=Unit.SHARE,
        source=f"{_LENDERS}.",
        example=Example(
            "1,437,000 lies in cash, 2,563,000 is outstanding.",
            (("cash", "1437000.00"), ("cash and outstanding", "4000000.00")),
            "0.359250",
        ),
        notes=(_CASH,),
    ),
    Definition(
        id="default_rate",
        section=Section.FUND,
        title="Default rate",
        words="How much of what was out is long late, or lost already.",
        numerator="The whole balance of loans late over so many days, and principal written off in the twelve months.",
        denominator="Outstanding principal, and principal written off in the twelve months.",
        unit=Unit.SHARE,
        source=f"{_LENDERS}.",
        example=Example(
            "2,500,000 is outstanding, of which 120,000 is more than 90 days late; 60,000 was written off in the year.",
            (("late or lost", "180000.00"), ("outstanding or lost", "2560000.00")),
            "0.070312",
        ),
        notes=(
            "The health rule says over how many days; late is by more than these.",
            "What was written off is in it, lest writing off make a fund look better: see par_n.",
        ),
    ),
    Definition(
        id="dormancy",
        section=Section.FUND,
        title="Dormancy",
        words="For how many days up to the day nothing was handed out, while more lay in cash than the reserve floor "
        "and what was committed.",
        unit=Unit.DAYS,
        source=f"{_REVOLVING}.",
        example=Example("The last loan was handed out on 1 April; on 30 June there is money to lend still.", (), "90"),
        notes=(
            "It is 0 where there is nothing to lend: a fund that is lent out does not sleep.",
            "The reserve floor and what is committed are those of the day.",
        ),
    ),
    Definition(
        id="health_rating",
        section=Section.FUND,
        title="Health rating",
        words="A fund judged by its capital base, default rate, cash share and dormancy: each is good, fair or poor by "
        "the limits of a rule, and worth points; the rating is their mean by weight.",
        unit=Unit.COUNT,
        source="A yardstick of this engine; its limits, points and weights are data, with a day from which they hold.",
        example=Example(
            "Of weights 35, 35, 15 and 15 the first two components are good with 100 points, the others fair with 50.",
            (),
            "85",
        ),
        notes=(
            "A component without a value is left out, and its weight with it.",
            "No fund is bound by it, and nothing is posted because of it.",
        ),
    ),
)
