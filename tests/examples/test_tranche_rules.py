"""A tranche that its funder wants lent by rules, worked on paper, and what the compliance report says. In rupees."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cif_engine.errors import ReportNotCutError, TrancheNotEligibleError
from cif_engine.fund.eligibility import TrancheRule, Turns
from cif_engine.network.people import Gender, Household, Member
from cif_engine.operations.asking import Question
from cif_engine.operations.compliance import compliance_report
from cif_engine.operations.network_people import change_household, create_people
from cif_engine.operations.tranche_rules import record_tranche_rule
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.standings import Within
from cif_engine.portfolio.cuts import WHOLE, Cut, Cutting
from tests.books import FUND, TODAY, Book, a_funded_book, new_id

MARCH, END_OF_APRIL = date(2024, 3, 1), date(2024, 4, 30)
RUBINA, NASREEN, GHULAM, BASHIR = "M-RUBINA", "M-NASREEN", "M-GHULAM", "M-BASHIR"
OTHERS = ((RUBINA, Gender.FEMALE, 20), (NASREEN, Gender.FEMALE, 20), (GHULAM, Gender.MALE, 9), (BASHIR, Gender.MALE, 9))


def april(day: int) -> date:
    return date(2024, 4, day)


@dataclass
class Told:
    """The village, the numbers of its loans by their borrowers, and the moment before the late paper came."""

    book: Book
    loans: dict[str, str]
    before: int

    def report(self, known_at: int | None = None, cutting: Cutting = WHOLE) -> dict[str, Any]:
        question = Question(Within((self.book.lso_id,)), cutting, known_at)
        return compliance_report(self.book.databases, question, END_OF_APRIL)

    def tranche_2(self, known_at: int | None = None) -> dict[str, Any]:
        (funder,) = self.report(known_at)["funders"]
        (tranche,) = funder["funds"][0]["tranches"]
        found: dict[str, Any] = tranche
        return found

    def evidence(self, known_at: int | None = None) -> dict[str, Any]:
        (funder,) = self.report(known_at)["funders"]
        found: dict[str, Any] = funder["funds"][0]["evidence"]
        return found


@pytest.fixture
def told(databases: Databases) -> Told:
    """Tranche 1 (10,000) may go to anyone; tranche 2 (20,000) to scores up to 18, at least 60 % of it to women.

    | day    | borrower        | loan  | of tranche 1 | of tranche 2 | women in tranche 2      |
    |--------|-----------------|-------|--------------|--------------|-------------------------|
    | 1 Apr  | Rubina, score 20| 4,000 |        4,000 |            0 |                         |
    | 2 Apr  | Zainab          | 8,000 |        6,000 |        2,000 | 2,000 of 2,000          |
    | 3 Apr  | Ghulam, a man   | 1,000 |            0 |        1,000 | 2,000 of 3,000: 66.67 % |
    | 4 Apr  | Bashir, a man   | 1,000 |            0 |      refused | 2,000 of 4,000: 50 %    |
    | 5 Apr  | Nasreen, 20     | 1,000 |            0 |      refused |                         |
    | 6 Apr  | Marvi           | 5,000 |            0 |        5,000 | 7,000 of 8,000: 87.5 %  |

    Then a paper comes late: on 31 March Amna had 8,000. She drew the first 8,000 of tranche 1, so 2,000 of Rubina's
    loan were tranche 2 all along, and all that Zainab had:

    | day    | borrower        | loan  | of tranche 1 | of tranche 2 | women in tranche 2        |
    |--------|-----------------|-------|--------------|--------------|---------------------------|
    | 31 Mar | Amna            | 8,000 |        8,000 |            0 |                           |
    | 1 Apr  | Rubina, score 20| 4,000 |        2,000 |        2,000 | 2,000 of 2,000            |
    | 2 Apr  | Zainab          | 8,000 |            0 |        8,000 | 10,000 of 10,000          |
    | 3 Apr  | Ghulam, a man   | 1,000 |            0 |        1,000 | 10,000 of 11,000          |
    | 6 Apr  | Marvi           | 5,000 |            0 |        5,000 | 15,000 of 16,000: 93.75 % |
    """
    book = a_funded_book(databases, 10_000)
    book.gets_tranche(20_000, on=MARCH)
    for code, gender, score in OTHERS:
        joins(book, code, gender, score)
    rule = TrancheRule(2, 1, MARCH, Turns.FIRST, poverty_score_to=18, women_share_min=Decimal("0.60"))
    record_tranche_rule(databases, book.lso_id, FUND, rule, "finance", book.request().at, TODAY)

    loans = {RUBINA: book.lends(4_000, on=april(1), member=RUBINA)}
    loans["Zainab"] = book.lends(8_000, on=april(2), member="Zainab")
    loans[GHULAM] = book.lends(1_000, on=april(3), member=GHULAM)
    is_refused(book, 1_000, BASHIR, april(4), "at least 0[.]60; it is 0[.]5000")
    is_refused(book, 1_000, NASREEN, april(5), "to be 0-18; it is 20")
    loans["Marvi"] = book.lends(5_000, on=april(6), member="Marvi")

    (head,) = book.rows("book")
    loans["Amna"] = book.lends(8_000, on=date(2024, 3, 31), member="Amna")
    return Told(book, loans, head["head_recorded_at"])


def joins(book: Book, code: str, gender: Gender, score: int) -> None:
    household = Household(new_id(), f"H-{code}", code.title(), poverty_score=score)
    member = Member(new_id(), code, household.code, "CO-1", code.title(), gender)
    with book.databases.writing(book.lso_id) as connection:
        create_people(connection, book.lso_id, [], [household], [member])


def is_refused(book: Book, amount: int, member: str, on: date, words: str) -> None:
    """Try to hand out a loan that was approved; it is cancelled, so that nothing is kept for it."""
    loan = book.applies(amount, on=on, member=member)
    book.resolves(loan, on=on)
    with pytest.raises(TrancheNotEligibleError, match=words):
        book.disburses(loan, on=on)
    book.cancels(loan, on=on)


def test_before_the_late_paper_came(told: Told) -> None:
    """8,000 of tranche 2 were lent, all of it to scores up to 18, and all evidence is what the lots say."""
    tranche = told.tranche_2(told.before)
    assert (tranche["tranche"], tranche["disbursed"], tranche["outside_rules"]) == (2, "8000.00", "0.00")
    assert tranche["women_share"] == {
        "definition": "women_share",
        "rate": "0.875000",
        "numerator": "7000.00",
        "denominator": "8000.00",
        "wanted": "0.60",
        "met": True,
    }
    (rule,) = tranche["rules"]
    assert (rule["number"], rule["disbursed"], rule["loans"]) == (1, "8000.00", 3)
    assert rule["criteria"] == [
        {"criterion": "poverty_band", "met": "8000.00", "not_met": "0.00", "unknown": "0.00"},
    ]
    assert (tranche["exceptions_in_all"], tranche["exceptions"]) == (0, [])
    evidence = told.evidence(told.before)
    assert evidence == {"disbursements": 4, "with_evidence": 4, "differing": 0, "differences": []}


def test_late_paper_shows_what_nobody_could_know(told: Told) -> None:
    """Rubina's 2,000 of tranche 2 were not to go to her; when her loan was handed out it looked like tranche 1."""
    tranche = told.tranche_2()
    assert tranche["disbursed"] == "16000.00"
    assert (tranche["women_share"]["numerator"], tranche["women_share"]["rate"]) == ("15000.00", "0.937500")
    assert tranche["rules"][0]["criteria"] == [
        {"criterion": "poverty_band", "met": "14000.00", "not_met": "2000.00", "unknown": "0.00"},
    ]
    assert tranche["exceptions"] == [
        {
            "loan": told.loans[RUBINA],
            "disbursed_on": "2024-04-01",
            "turn": 1,
            "amount": "2000.00",
            "rule": 1,
            "criterion": "poverty_band",
            "wanted": "0-18",
            "found": "20",
            "met": False,
        }
    ]


def test_the_evidence_stays_and_the_difference_is_told(told: Told) -> None:
    evidence = told.evidence()
    assert (evidence["disbursements"], evidence["with_evidence"], evidence["differing"]) == (5, 5, 2)
    drawn = [
        (one["loan"], *([(draw["tranche"], draw["amount"]) for draw in one[told]] for told in ("evidence", "lots")))
        for one in evidence["differences"]
    ]
    assert drawn == [
        (told.loans[RUBINA], [(1, "4000.00")], [(1, "2000.00"), (2, "2000.00")]),
        (told.loans["Zainab"], [(1, "6000.00"), (2, "2000.00")], [(2, "8000.00")]),
    ]


def test_rupees_that_come_back_are_outside_a_rule_of_the_first_turn(told: Told) -> None:
    """Marvi repays 5,000. All else of tranche 2 (4,000) is lent first; then her rupees go out again, to Nasreen."""
    book = told.book
    book.repays(told.loans["Marvi"], 5_000, on=april(10), channel="bank")
    book.lends(4_000, on=april(11), member="Marvi")
    book.lends(5_000, on=april(12), member=NASREEN)
    tranche = told.tranche_2()
    assert (tranche["disbursed"], tranche["outside_rules"]) == ("25000.00", "5000.00")
    assert [rule["disbursed"] for rule in tranche["rules"]] == ["20000.00"]
    assert tranche["women_share"]["denominator"] == "20000.00"


def test_a_stricter_version_recorded_later_is_told_of_the_days_since_it_holds_and_only_by_then(told: Told) -> None:
    """From 3 April only scores up to 9: Ghulam's 1,000 meet it, Marvi's 5,000 (score 10) do not."""
    book = told.book
    before = told.report(told.before)
    stricter = TrancheRule(2, 2, april(3), poverty_score_to=9)
    record_tranche_rule(book.databases, book.lso_id, FUND, stricter, "finance", book.request().at, TODAY)
    tranche = told.tranche_2()
    assert tranche["in_force"] == 2
    met = [(rule["number"], *(rule["criteria"][0][name] for name in ("met", "not_met"))) for rule in tranche["rules"]]
    assert met == [(1, "8000.00", "2000.00"), (2, "1000.00", "5000.00")]
    assert (tranche["women_share"]["wanted"], tranche["women_share"]["met"]) == (None, None)
    assert told.report(told.before) == before


def test_each_part_of_a_loan_is_judged_by_what_its_borrower_was_then(told: Told) -> None:
    """Amna (score 10) has 1,000 of a loan on 10 April; she is scored anew, 15, and on 11 April has 2,000 more.

    From 11 April scores are to be 12 to 18. Her second part was let out, and meets that.
    """
    book = told.book
    loan = book.applies(3_000, on=april(10), member="Amna")
    book.resolves(loan, on=april(10))
    book.disburses(loan, on=april(10), amount=1_000)
    change_household(book.databases, book.lso_id, "H-M-2", {"poverty_score": 15}, 1)
    scores = TrancheRule(2, 2, april(11), poverty_score_from=12, poverty_score_to=18)
    record_tranche_rule(book.databases, book.lso_id, FUND, scores, "finance", book.request().at, TODAY)
    (drawn,) = book.disburses(loan, on=april(11))["tranches"]
    assert (drawn["rule"], drawn["criteria"][0]["found"], drawn["criteria"][0]["met"]) == (2, "15", True)
    rules = told.tranche_2()["rules"]
    met = [(rule["number"], *(rule["criteria"][0][name] for name in ("met", "not_met"))) for rule in rules]
    assert met == [(1, "15000.00", "2000.00"), (2, "2000.00", "0.00")]


def test_a_loan_that_is_reversed_is_in_no_report(told: Told) -> None:
    (event,) = (
        row
        for row in told.book.rows("event")
        if row["kind"] == "loan_disbursed" and row["effective_on"] == date(2024, 3, 31)
    )
    told.book.reverses(event["id"])
    again, before = told.tranche_2(), told.tranche_2(told.before)
    assert again == before
    assert told.evidence() == {**told.evidence(told.before), "disbursements": 4, "with_evidence": 4}


def test_the_report_is_by_funder_and_may_be_narrowed_to_funds(told: Told) -> None:
    (funder,) = told.report()["funders"]
    assert (funder["funder"], funder["disbursed"], funder["outside_rules"]) == ("EU", "16000.00", "0.00")
    assert told.report(cutting=Cutting((), ((Cut.FUNDER, ("EU",)), (Cut.FUND, ("CIF",)))))["funders"] == [funder]
    assert told.report(cutting=Cutting((), ((Cut.FUNDER, ("KfW",)),)))["funders"] == []
    for cutting in (Cutting((Cut.FUNDER,)), Cutting((), ((Cut.VO, ("VO-1",)),))):
        with pytest.raises(ReportNotCutError):
            told.report(cutting=cutting)
