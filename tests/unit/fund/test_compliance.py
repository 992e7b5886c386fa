"""How a tranche was disbursed by its rule: every draw by the version of its day."""

from datetime import date
from decimal import Decimal

from cif_engine.fund.compliance import Draw, Met, TrancheCompliance, comply
from cif_engine.fund.eligibility import Borrowing, Criterion, Paid, RecordedTrancheRule, TrancheRule, Turns

APRIL, JULY, AUGUST = date(2024, 4, 1), date(2024, 7, 1), date(2024, 8, 1)
POOR = Borrowing("female", 10, "VO-1", "CO-1", None, amount_minor=500, cycle=1)
LESS_POOR, NOT_SCORED = POOR._replace(poverty_score=20), POOR._replace(poverty_score=None)
MAN = POOR._replace(gender="male")
RULE = TrancheRule(1, 1, JULY, Turns.FIRST, poverty_score_to=18, women_share_min=Decimal("0.5"))


def complied(*draws: Draw, rules: tuple[TrancheRule, ...] = (RULE,), as_of: date = AUGUST) -> TrancheCompliance:
    told = comply(1, [RecordedTrancheRule(rule, 0, "finance") for rule in rules], draws, as_of)
    assert told is not None
    return told


def drawn(borrowing: Borrowing, amount: int, on: date = JULY, turn: int = 1) -> Draw:
    return Draw(f"{borrowing} {on}", on, turn, amount, borrowing)


def test_a_tranche_without_a_rule_on_the_day_is_not_judged() -> None:
    assert comply(1, [RecordedTrancheRule(RULE, 0, "finance")], [drawn(POOR, 5)], APRIL) is None
    assert comply(2, [RecordedTrancheRule(RULE, 0, "finance")], [drawn(POOR, 5)], AUGUST) is None


def test_money_is_counted_by_what_each_criterion_found() -> None:
    told = complied(drawn(POOR, 100), drawn(LESS_POOR, 20), drawn(NOT_SCORED, 3))
    (under,) = told.versions
    assert (under.rule, under.disbursed_minor, len(under.loans)) == (RULE, 123, 3)
    assert under.criteria == {Criterion.POVERTY_BAND: Met(100, 20, 3)}
    assert [one.draw.borrowing for one in told.exceptions] == [LESS_POOR, NOT_SCORED]


def test_what_was_disbursed_before_the_rule_or_in_later_turns_is_outside_it() -> None:
    told = complied(drawn(POOR, 100), drawn(LESS_POOR, 20, on=APRIL), drawn(LESS_POOR, 3, turn=2))
    assert (told.disbursed_minor, told.outside_minor, told.exceptions) == (123, 23, ())


def test_each_draw_is_judged_by_the_version_of_its_day() -> None:
    stricter = TrancheRule(1, 2, AUGUST, poverty_score_to=9)
    told = complied(drawn(POOR, 100), drawn(POOR, 20, on=AUGUST), rules=(RULE, stricter))
    assert [(under.rule.number, under.criteria[Criterion.POVERTY_BAND]) for under in told.versions] == [
        (1, Met(met_minor=100)),
        (2, Met(not_met_minor=20)),
    ]
    assert told.rule == stricter


def test_the_share_of_women_is_of_all_the_turns_that_the_rule_is_about() -> None:
    told = complied(drawn(POOR, 40), drawn(MAN, 60), drawn(MAN, 1_000, turn=2), drawn(MAN, 0, on=APRIL))
    assert (told.paid, told.share_is_met) == (Paid(40, 100), False)
    assert complied(drawn(POOR, 60), drawn(MAN, 60)).share_is_met is True
    assert complied().share_is_met is None
    assert complied(drawn(MAN, 1), rules=(TrancheRule(1, 1, JULY),)).share_is_met is None


def test_a_share_of_women_that_is_not_met_is_no_exception_of_a_loan() -> None:
    assert complied(drawn(MAN, 60)).exceptions == ()
