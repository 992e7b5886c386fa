"""What the figures of a fund count, and the four that the network publishes."""

from __future__ import annotations

from typing import Final

from cif_engine.portfolio.defining import Definition, Example, Section, Unit

_REVOLVING: Final = "Sub-grant agreements of the Rural Support Programmes for community investment funds"
_PUBLISHED: Final = "The quarterly reports of the Rural Support Programmes Network, which print it"
_PROFILES: Final = "The profiles of LSOs that Rural Support Programmes publish, which print it"

OF_FUNDS: Final = (
    Definition(
        id="capital",
        section=Section.FUND,
        title="Fund capital",
        words="What the fund was given to lend: tranches received, less what was returned, plus other contributions.",
        unit=Unit.AMOUNT,
        source=f"{_REVOLVING}.",
        example=Example(
            "A sub-grant in two tranches of 2,000,000, and 50,000 from the LSO itself.",
            (("tranches received", "4000000.00"), ("returned", "0.00"), ("contributions", "50000.00")),
            "4050000.00",
        ),
        notes=("Bank profit, charge and fees are income: the fund earned them, nobody gave them.",),
    ),
    Definition(
        id="available",
        section=Section.FUND,
        title="Lendable now",
        words="Cash in hand and bank, less what is committed, less the reserve floor. Committed is what was approved "
        "of loans of which nothing was handed out yet.",
        unit=Unit.AMOUNT,
        source=f"{_REVOLVING}; the reserve floor is a rule of the fund.",
        example=Example(
            "1,437,000 in cash and bank; three loans of 12,000 are approved and wait.",
            (("cash and bank", "1437000.00"), ("committed", "-36000.00"), ("reserve floor", "0.00")),
            "1401000.00",
        ),
        notes=(
            "Money in transit with a custodian is not lendable.",
            "Below zero, more is promised than there is.",
            "The reserve floor is the one of the day.",
        ),
    ),
    Definition(
        id="compliance",
        section=Section.FUND,
        title="Lent by the rules of the tranche",
        words="What was disbursed of a tranche, in all its turns, by what the rule of the tranche found of it: each "
        "criterion met, not met, or not to be told. Each rupee is judged by the version that held when it was lent.",
        unit=Unit.AMOUNTS,
        source=f"{_REVOLVING}, whose annexes say whom a tranche is for.",
        example=Example(
            "Of 2,400,000 disbursed, 400,000 in later turns, which the rule is not about; one loan to a score of 21.",
            (("met", "1988000.00"), ("not met", "12000.00"), ("unknown", "0.00"), ("outside the rules", "400000.00")),
            "2400000.00",
        ),
        notes=(
            "Which rupees a loan is made of is told by the lots, as they are known; late paper may move it.",
            "Where money of another source took the place of a tranche's in a loan, it is that source's.",
            "What was known when the loan was handed out is kept with it, and stands beside.",
        ),
    ),
    Definition(
        id="women_share",
        section=Section.FUND,
        title="Share of women",
        words="The share of women borrowers in all that a tranche has paid out, in the turns that its rule is about.",
        unit=Unit.SHARE,
        source=f"{_REVOLVING}, which ask for it.",
        example=Example(
            "2,000,000 paid out in the first turn, 1,900,000 of it to women.",
            (("to women", "1900000.00"), ("paid out", "2000000.00")),
            "0.950000",
        ),
        numerator="principal that the tranche paid out in loans to women",
        denominator="principal that the tranche paid out in loans",
        notes=("It is of money lent to date, repaid or not; not of borrowers, and not of what is outstanding.",),
    ),
    Definition(
        id="capital_statement",
        section=Section.FUND,
        title="Capital statement",
        words="Capital and fund value from the start to the end of a period: what came in of tranches, contributions "
        "and earnings, what was returned, spent and lost, and where the money is at the end.",
        unit=Unit.AMOUNTS,
        source="Statements of changes in net assets; sub-grant agreements, which ask for the use of funds by funder.",
        example=Example(
            "A year of a fund: a second tranche, bank profit, stationery, one loan written off, more set aside.",
            (
                ("fund value at the start", "4010000.00"),
                ("received", "1500000.00"),
                ("returned", "0.00"),
                ("contributions", "50000.00"),
                ("income", "12000.00"),
                ("spent", "-2000.00"),
                ("written off", "-20000.00"),
                ("set aside", "-30000.00"),
            ),
            "5520000.00",
        ),
        notes=(
            "Funds are in the row of whom they belong to on the last day, also at the start.",
            "Set aside is the growth of the allowance: what was written off out of it is not a loss twice.",
        ),
    ),
    Definition(
        id="eliminated",
        section=Section.FUND,
        title="Eliminated",
        words="What of the sub-grants that an RSP released its LSOs received, tranche by tranche: one money that two "
        "ledgers tell of. Of a tranche it is the smaller of what was released and what was received.",
        unit=Unit.AMOUNT,
        source="Consolidation of a group's accounts (IFRS 10): what its members owe or gave each other is left out.",
        example=Example(
            "5,500,000 released; a tranche of 1,500,000 is on its way.",
            (("sub-grants released", "5500000.00"), ("in transit", "-1500000.00")),
            "4000000.00",
        ),
        notes=("What is left of either side is listed, and never netted: a tranche too much hides none too few.",),
    ),
    Definition(
        id="collection_curve",
        section=Section.FUND,
        title="Collection curve",
        words="How dues are paid as they grow older: of the principal that was due and unpaid when a month opened, "
        "what was collected in it; all months measured added up, for dues of each age. What falls due in the month "
        "has age 0.",
        unit=Unit.SHARES,
        source="The life table of actuaries, and the development triangle by which they follow claims.",
        example=Example(
            "1,500 fell due in each of five months; of one borrower's 500 nothing came in three of them.",
            (("collected in the month", "6000.00"), ("unpaid when it opened", "7500.00")),
            "0.800000",
        ),
        numerator="principal collected in the month of dues of that age",
        denominator="principal of these dues that was unpaid when the month opened",
        notes=(
            "What was paid before the month of its due day is in neither part; on_time_rate counts it.",
            "Dues are followed while the schedule they fell due by is in force, and until they are written off.",
            "Of an age that had no dues the nearest younger one says what to expect, else the nearest older one.",
        ),
    ),
    Definition(
        id="cash_forecast",
        section=Section.FUND,
        title="Cash forecast",
        words="The cash that a month ahead closes with: what it opens with, what is expected to be collected and to "
        "come as capital, less expenses, what was committed and is handed out, and new loans.",
        unit=Unit.AMOUNT,
        source="The cash budget of any lender; what is collected is expected by the collection_curve.",
        example=Example(
            "8,500 in cash; of 1,500 that falls due and 1,000 overdue 1,700 are expected; one loan of 9,000 is made.",
            (("opening", "8500.00"), ("collected", "1700.00"), ("lent", "-9000.00")),
            "1200.00",
        ),
        notes=(
            "Cash is cash in hand, bank and money in transit; lendable is what the reserve floor and promises leave.",
            "An expectation under assumptions, all told in the answer: no promise, and not in any other figure.",
        ),
    ),
)

OF_THE_NETWORK: Final = (
    Definition(
        id="lsos_managing_cif",
        section=Section.NETWORK,
        title="LSOs managing a CIF",
        words="LSOs that hold at least one fund which received capital by the end of the day; each counted once.",
        unit=Unit.COUNT,
        source=f"{_PUBLISHED}.",
        example=Example(
            "Of 96 LSOs with a book, 90 hold a fund with capital; the funds of six are held by VOs.", (), "90"
        ),
        notes=("An LSO whose funds are all held by VOs is not among them: see vos_managing_cif.",),
    ),
    Definition(
        id="vos_managing_cif",
        section=Section.NETWORK,
        title="VOs managing a CIF",
        words="VOs that hold at least one fund which received capital by the end of the day; each counted once.",
        unit=Unit.COUNT,
        source=f"{_PUBLISHED}.",
        example=Example("The funds of six LSOs are held by VOs: five by one each, one by two.", (), "7"),
        notes=("A VO that lends money of its LSO's fund holds none.",),
    ),
    Definition(
        id="borrowers_to_date",
        section=Section.NETWORK,
        title="Borrowers to date",
        words="Members to whom at least one loan was disbursed by the end of the day; each counted once, however many "
        "loans she had.",
        unit=Unit.COUNT,
        source=f"{_PUBLISHED}, where it is often the number of loans.",
        example=Example("721 loans were disbursed to 330 members of 327 households.", (), "330"),
        notes=("Never loans, and never households.", "Those with a loan that is open now are borrowers."),
    ),
    Definition(
        id="disbursed_to_date",
        section=Section.NETWORK,
        title="Disbursed to date",
        words="Principal handed out by the end of the day, of all loans ever made.",
        unit=Unit.AMOUNT,
        source=f"{_PUBLISHED} without what came back.",
        example=Example(
            "2,563,000 is outstanding, 2,900,000 was paid back, 37,000 was written off.",
            (("outstanding", "2563000.00"), ("principal paid", "2900000.00"), ("written off", "37000.00")),
            "5500000.00",
        ),
        notes=(
            "A fund that turns over disburses more than its capital; beside capital it says how often, not how well.",
            "It says nothing about what is outstanding, overdue or at risk: gross_portfolio, overdue and par_n do.",
        ),
    ),
    Definition(
        id="loans_to_date",
        section=Section.NETWORK,
        title="Loans to date",
        words="Loans of which at least a part was disbursed by the end of the day, of all loans ever made.",
        unit=Unit.COUNT,
        source=f"{_PROFILES}.",
        example=Example("721 loans were disbursed to 330 members of 327 households.", (), "721"),
        notes=("Never borrowers, and never households.", "Those that are open now are loans."),
    ),
    Definition(
        id="households_to_date",
        section=Section.NETWORK,
        title="Households to date",
        words="Households of whose members at least one had a loan disbursed by the end of the day; each counted once.",
        unit=Unit.COUNT,
        source=f"{_PROFILES}.",
        example=Example("721 loans were disbursed to 330 members of 327 households.", (), "327"),
        notes=("A household is the one of the borrower when the loan was made.",),
    ),
    Definition(
        id="written_off_to_date",
        section=Section.NETWORK,
        title="Written off to date",
        words="Principal written off by resolution by the end of the day, of all loans ever made.",
        unit=Unit.AMOUNT,
        source="Sub-grant agreements: what is written off stays in a memorandum register, and is still collected.",
        example=Example(
            "Two loans were written off, with 25,000 and 12,000 outstanding.",
            (("first loan", "25000.00"), ("second loan", "12000.00")),
            "37000.00",
        ),
        notes=("What is recovered afterwards is income of the fund, and makes it no smaller.",),
    ),
)
