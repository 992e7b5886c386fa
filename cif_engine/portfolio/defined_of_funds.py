"""What the figures of a fund count, and the four that the network publishes."""

from __future__ import annotations

from typing import Final

from cif_engine.portfolio.defining import Definition, Example, Section, Unit

_REVOLVING: Final = "Sub-grant agreements of the Rural Support Programmes for community investment funds"
_PUBLISHED: Final = "The quarterly reports of the Rural Support Programmes Network, which print it"

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
)
