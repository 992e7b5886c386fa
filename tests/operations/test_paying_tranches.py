"""Tranches with rules: what is looked at when money is handed out, what is kept of it, and what is refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import orjson
import pytest

from cif_engine.errors import CifError, TrancheNotEligibleError
from cif_engine.fund.eligibility import Area, AreaKind, TrancheRule, Turns
from cif_engine.fund.flows import Entry, Flows, FundDay, LoanDay
from cif_engine.fund.lots import fold
from cif_engine.fund.pieces import Source, SourceKind
from cif_engine.network.people import Gender, Household, Member
from cif_engine.operations.fact_reports import LoanFacts, loan_facts_report
from cif_engine.operations.loan_reports import loan_report
from cif_engine.operations.network_people import create_people
from cif_engine.operations.paying_tranches import draws_on
from cif_engine.operations.tranche_rules import record_tranche_rule
from cif_engine.persistence.engines import Databases
from tests.books import FUND, MANAGER, TODAY, Answer, Book, How, a_funded_book, new_id

JANUARY, MARCH, APRIL, MAY, JUNE, JULY = (date(2024, month, 1) for month in (1, 3, 4, 5, 6, 7))
SECOND_OF_APRIL = date(2024, 4, 2)
MAN, SCORE_20 = "M-MAN", "M-SCORE-20"


@pytest.fixture
def book(databases: Databases) -> Book:
    """Return a book with tranches of 10,000 and 20,000, and besides its women a man, and a woman of score 20."""
    book = a_funded_book(databases, 10_000, on=JANUARY)
    book.gets_tranche(20_000, on=MARCH)
    joins(book, MAN, Gender.MALE, 10)
    joins(book, SCORE_20, Gender.FEMALE, 20)
    return book


def joins(book: Book, code: str, gender: Gender, score: int) -> None:
    household = Household(new_id(), f"H-{code}", "Ghulam", poverty_score=score)
    member = Member(new_id(), code, household.code, "CO-1", "Ghulam", gender)
    with book.databases.writing(book.lso_id) as connection:
        create_people(connection, book.lso_id, [], [household], [member])


def ruled(book: Book, **said: Any) -> Answer:  # noqa: ANN401 - fields of a rule
    """Record the next version of the rule of a tranche, the first unless it says another."""
    rule = TrancheRule(**{"tranche": 1, "number": 1, "valid_from": JANUARY, **said})
    request = book.request()
    return record_tranche_rule(book.databases, book.lso_id, FUND, rule, "finance", request.at, TODAY)


def approved(book: Book, amount: int, *, on: date = APRIL, member: str = "Zainab") -> str:
    loan = book.applies(amount, on=on, member=member)
    book.resolves(loan, on=on)
    return loan


def lent(book: Book, amount: int, *, on: date = APRIL, member: str = "Zainab") -> Answer:
    return book.disburses(approved(book, amount, on=on, member=member), on=on)


def drew(answer: Answer) -> list[tuple[Any, ...]]:
    """Return what was drawn: source, tranche, turn, amount, and the version of the rule that was looked at."""
    rows = answer["tranches"]
    return [tuple(row[name] for name in ("source", "tranche", "turn", "amount", "rule")) for row in rows]


def refused(act: Callable[[], object]) -> tuple[str, ...]:
    """Return the words of a refusal by the rules of tranches."""
    with pytest.raises(TrancheNotEligibleError) as refusal:
        act()
    return refusal.value.broken


def said(book: Book) -> list[list[dict[str, Any]] | None]:
    """Return what the disbursements of the book say of tranches, as they were recorded."""
    rows = sorted(book.rows("event"), key=lambda row: row["seq"])
    return [orjson.loads(row["payload"]).get("tranches") for row in rows if row["kind"] == "loan_disbursed"]


# Nothing to look at --------------------------------------------------------------------------------------------


def test_a_fund_without_rules_keeps_no_evidence(book: Book) -> None:
    answer = lent(book, 1_000)
    assert (answer["tranches"], said(book)) == (None, [None])


def test_a_rule_that_begins_later_is_not_looked_at(book: Book) -> None:
    ruled(book, valid_from=MAY, poverty_score_to=5)
    assert lent(book, 1_000)["tranches"] is None
    assert refused(lambda: lent(book, 1_000, on=MAY))


# What is looked at ---------------------------------------------------------------------------------------------


def test_the_evidence_says_which_tranches_pay_and_what_each_criterion_found(book: Book) -> None:
    """A loan of 12,000 out of tranches of 10,000 and 20,000: 10,000 of the first, 2,000 of the second."""
    place = Area(AreaKind.VO, "VO-1")
    ruled(
        book,
        tranche=2,
        poverty_score_to=18,
        areas=(place,),
        amount_max_minor=12_000_00,
        cycle_max=1,
        women_share_min=Decimal("0.5"),
    )
    answer = lent(book, 12_000)
    assert answer["tranches"] == [
        {"source": "tranche", "tranche": 1, "turn": 1, "amount": "10000.00", "rule": None, "criteria": []},
        {
            "source": "tranche",
            "tranche": 2,
            "turn": 1,
            "amount": "2000.00",
            "rule": 1,
            "criteria": [
                {"criterion": "poverty_band", "wanted": "0-18", "found": "10", "met": True},
                {"criterion": "area", "wanted": "vo VO-1", "found": "vo VO-1", "met": True},
                {"criterion": "amount", "wanted": "12000.00", "found": "12000.00", "met": True},
                {"criterion": "cycle", "wanted": "1", "found": "1", "met": True},
                {
                    "criterion": "women_share",
                    "wanted": "0.5",
                    "found": "1.0000",
                    "met": True,
                    "women": "2000.00",
                    "paid_out": "2000.00",
                },
            ],
        },
    ]


def test_the_evidence_is_part_of_the_fact_and_shown_with_the_loan(book: Book) -> None:
    ruled(book, poverty_score_to=18)
    answer = lent(book, 4_000)
    (kept,) = said(book)
    assert kept == [
        {
            "amount_minor": 4_000_00,
            "criteria": [{"criterion": "poverty_band", "found": "10", "met": True, "wanted": "0-18"}],
            "rule": 1,
            "source": "tranche",
            "tranche": 1,
            "turn": 1,
        }
    ]
    (part,) = loan_report(book.databases, book.lso_id, answer["loan"], APRIL)["parts"]
    assert part["tranches"] == answer["tranches"]
    facts = loan_facts_report(book.databases, LoanFacts(book.lso_id, answer["loan"], APRIL))["items"]
    assert facts[-1]["said"]["tranches"] == answer["tranches"]


@pytest.mark.parametrize(
    ("rule", "member", "words"),
    [
        pytest.param(
            {"poverty_score_to": 18},
            SCORE_20,
            "Tranche 1: the poverty score is to be 0-18; it is 20.",
            id="too well off",
        ),
        pytest.param(
            {"areas": (Area(AreaKind.CO, "CO-1"), Area(AreaKind.UNION_COUNCIL, "UC-1"))[1:]},
            "Zainab",
            "Tranche 1: the place of the borrower is to be union_council UC-1; it is not known.",
            id="of nobody knows where",
        ),
        pytest.param(
            {"amount_max_minor": 3_999_99},
            "Zainab",
            "Tranche 1: the loan is to be at most 3999.99; it is 4000.00.",
            id="too much",
        ),
        pytest.param(
            {"women_share_min": Decimal("0.1")},
            MAN,
            "Tranche 1: the share of women in what it pays out is to be at least 0.1; it is 0.0000.",
            id="a man first",
        ),
    ],
)
def test_a_loan_that_breaks_a_rule_is_refused(
    databases: Databases, book: Book, rule: dict[str, Any], member: str, words: str
) -> None:
    if "areas" in rule:
        a_union_council(databases, "UC-1")
    ruled(book, **rule)
    loan = approved(book, 4_000, member=member)
    assert refused(lambda: book.disburses(loan, on=APRIL)) == (words,)
    assert said(book) == []


def a_union_council(databases: Databases, code: str) -> None:
    from cif_engine.network.places import Area as Place  # noqa: PLC0415 - the other kind of area
    from cif_engine.network.places import AreaKind as PlaceKind  # noqa: PLC0415 - as above
    from cif_engine.operations.network_places import create_area  # noqa: PLC0415 - as above

    for kind, name, above in (
        (PlaceKind.PROVINCE, "P-X", None),
        (PlaceKind.DISTRICT, "D-X", "P-X"),
        (PlaceKind.TEHSIL, "T-X", "D-X"),
        (PlaceKind.UNION_COUNCIL, code, "T-X"),
    ):
        create_area(databases, Place(new_id(), kind, name, name, above))


def test_every_rule_that_is_broken_is_told_at_once(book: Book) -> None:
    """12,000 to a woman of score 20, out of two tranches of which each wants something else."""
    ruled(book, poverty_score_to=18, amount_max_minor=5_000_00)
    ruled(book, tranche=2, poverty_score_to=12)
    broken = refused(lambda: lent(book, 12_000, member=SCORE_20))
    assert broken == (
        "Tranche 1: the poverty score is to be 0-18; it is 20.",
        "Tranche 1: the loan is to be at most 5000.00; it is 12000.00.",
        "Tranche 2: the poverty score is to be 0-12; it is 20.",
    )


def test_a_rule_of_the_first_turn_lets_the_rupees_go_where_they_like_later(book: Book) -> None:
    """Tranche 1 is for the poorest when it is lent first. Zainab repays, and it may go to anyone."""
    ruled(book, turns=Turns.FIRST, poverty_score_to=18)
    ruled(book, tranche=2, poverty_score_to=18)
    hers = lent(book, 10_000)
    lent(book, 20_000, on=SECOND_OF_APRIL, member="Amna")
    book.repays(hers["loan"], 6_000, on=MAY, channel="bank")
    answer = lent(book, 5_000, on=JUNE, member=SCORE_20)
    assert drew(answer) == [("tranche", 1, 2, "5000.00", None)]


def test_a_rule_of_all_turns_stays_with_the_rupees(book: Book) -> None:
    ruled(book, turns=Turns.ALL, poverty_score_to=18)
    hers = lent(book, 10_000)
    lent(book, 20_000, on=SECOND_OF_APRIL, member="Amna")
    book.repays(hers["loan"], 6_000, on=MAY, channel="bank")
    assert refused(lambda: lent(book, 5_000, on=JUNE, member=SCORE_20))


def test_the_version_of_the_day_counts(book: Book) -> None:
    ruled(book, poverty_score_to=18)
    ruled(book, number=2, valid_from=MAY, poverty_score_to=23)
    assert refused(lambda: lent(book, 1_000, on=APRIL, member=SCORE_20))
    assert drew(lent(book, 1_000, on=MAY, member=SCORE_20)) == [("tranche", 1, 1, "1000.00", 2)]


def test_a_version_that_asks_for_nothing_ends_a_rule(book: Book) -> None:
    ruled(book, poverty_score_to=18)
    ruled(book, number=2, valid_from=MAY)
    answer = lent(book, 1_000, on=MAY, member=SCORE_20)
    assert (drew(answer), answer["tranches"][0]["criteria"]) == ([("tranche", 1, 1, "1000.00", 2)], [])


# The share of women --------------------------------------------------------------------------------------------


def test_the_share_of_women_is_of_all_that_the_tranche_has_paid_out(book: Book) -> None:
    """3,000 to a woman, then 2,000 to a man (3 of 5): 500 more to him are too many (3,000 of 5,500)."""
    ruled(book, women_share_min=Decimal("0.6"))
    lent(book, 3_000)
    answer = lent(book, 2_000, member=MAN)
    (criterion,) = answer["tranches"][0]["criteria"]
    assert (criterion["found"], criterion["women"], criterion["paid_out"]) == ("0.6000", "3000.00", "5000.00")
    (words,) = refused(lambda: lent(book, 500, member=MAN))
    assert words.endswith("at least 0.6; it is 0.5455.")


def test_a_woman_is_lent_to_however_small_the_share_of_women_is(book: Book) -> None:
    lent(book, 5_000, member=MAN)
    ruled(book, women_share_min=Decimal("0.9"))
    (criterion,) = lent(book, 1_000)["tranches"][0]["criteria"]
    assert (criterion["found"], criterion["met"]) == ("0.1667", False)


# Parts, top-ups, corrections -----------------------------------------------------------------------------------


def test_parts_count_together_for_the_amount(book: Book) -> None:
    ruled(book, amount_max_minor=5_000_00)
    loan = approved(book, 6_000)
    book.disburses(loan, on=APRIL, amount=3_000)
    book.disburses(loan, on=MAY, amount=2_000)
    assert refused(lambda: book.disburses(loan, on=JUNE)) == (
        "Tranche 1: the loan is to be at most 5000.00; it is 6000.00.",
    )


def test_two_parts_of_one_day_are_told_by_the_second(book: Book) -> None:
    ruled(book, poverty_score_to=18)
    loan = approved(book, 6_000)
    assert drew(book.disburses(loan, on=APRIL, amount=2_000)) == [("tranche", 1, 1, "2000.00", 1)]
    assert drew(book.disburses(loan, on=APRIL)) == [("tranche", 1, 1, "6000.00", 1)]


def test_a_top_up_draws_what_its_own_settlement_brings_back(book: Book) -> None:
    """The fund has lent all of its 30,000. Amna owes 20,000, which her new loan of 20,000 settles."""
    ruled(book, poverty_score_to=18)
    lent(book, 10_000)
    old = lent(book, 20_000, on=SECOND_OF_APRIL, member="Amna")
    new = approved(book, 20_000, on=MAY, member="Amna")
    answer = book.disburses(new, on=MAY, settles=old["loan"])
    assert drew(answer) == [("tranche", 2, 2, "20000.00", None)]


def test_a_correction_looks_at_the_tranches_anew(book: Book) -> None:
    ruled(book, amount_max_minor=11_000_00)
    loan = approved(book, 15_000)
    wrong = book.disburses(loan, on=APRIL, amount=4_000)["event"]["id"]
    assert refused(lambda: book.corrects(wrong, amount=12_000))
    answer = book.corrects(wrong, amount=11_000)
    assert drew(answer) == [("tranche", 1, 1, "10000.00", 1), ("tranche", 2, 1, "1000.00", None)]
    right = answer["event"]["id"]
    evidence = [[(row["tranche"], row["amount_minor"], row["rule"]) for row in told or []] for told in said(book)]
    assert evidence == [[(1, 4_000_00, 1)], [(1, 10_000_00, 1), (2, 1_000_00, None)]]
    with pytest.raises(CifError, match="Nothing would be different"):
        book.corrects(right, amount=11_000, how=MANAGER)


def test_a_correction_across_the_day_of_a_rule_is_looked_at_by_the_day_it_comes_to(book: Book) -> None:
    ruled(book, valid_from=MAY, poverty_score_to=18)
    wrong = lent(book, 1_000, on=APRIL)["event"]["id"]
    later = book.corrects(wrong, on=MAY)
    assert drew(later) == [("tranche", 1, 1, "1000.00", 1)]
    assert book.corrects(later["event"]["id"], on=APRIL, how=MANAGER)["tranches"] is None


def test_a_preview_looks_at_the_same(book: Book) -> None:
    ruled(book, poverty_score_to=18)
    loan = approved(book, 4_000)
    asked = replace(book.request(), preview=True)
    previewed = book.disburses(loan, on=APRIL, how=How(request=asked, fact_id=new_id()))
    assert previewed["tranches"] == book.disburses(loan, on=APRIL)["tranches"]


def test_a_refusal_is_told_with_every_criterion(book: Book) -> None:
    ruled(book, poverty_score_to=9, cycle_max=1, amount_max_minor=1_00)
    loan = approved(book, 4_000)
    with pytest.raises(TrancheNotEligibleError) as refusal:
        book.disburses(loan, on=APRIL)
    told = refusal.value.as_answer()
    assert (told["code"], told["detail"]) == ("tranche_not_eligible", "2 rules are broken.")
    assert [error["detail"] for error in told["errors"]] == list(refusal.value.broken)
    assert all("pointer" not in error for error in told["errors"])


def test_money_that_was_replaced_on_its_day_was_not_drawn() -> None:
    """A loan of 100 draws tranche 1; on the same day 50 of tranche 1 go back, and tranche 2 takes their place."""
    first, second = Source(SourceKind.TRANCHE, 1), Source(SourceKind.TRANCHE, 2)
    money = (
        FundDay(JANUARY, Entry.TRANCHE, 1, 100),
        FundDay(MARCH, Entry.TRANCHE, 2, 200),
        FundDay(APRIL, Entry.RETURN, 1, 50),
    )
    lots = fold(Flows(money, (LoanDay(APRIL, "loan", 100, 0, 0, 0, 0),)), APRIL)
    assert draws_on(lots, "loan", APRIL) == {(first, 1): 50, (second, 1): 50}
