"""Which facts of a loan hold, and in which order they count."""

from itertools import permutations

import pytest

from cif_engine.loans.facts import LoanFact, in_order, voided
from tests.unit.loans.stories import APRIL, JUNE, MAY, applied, fee, paid, reversal, waived, written_off

PAID = paid("p", 550, MAY)
WRONG = reversal("r", PAID)
NOT_WRONG = reversal("s", WRONG)
WRONG_AFTER_ALL = reversal("t", NOT_WRONG)
WRONG_TWICE = reversal("u", PAID)

CASES: dict[str, tuple[tuple[LoanFact, ...], dict[str, LoanFact]]] = {
    "nothing reversed": ((PAID,), {}),
    "reversed": ((PAID, WRONG), {"p": WRONG}),
    "the reversal reversed": ((PAID, WRONG, NOT_WRONG), {"r": NOT_WRONG}),
    "and that one too": ((PAID, WRONG, NOT_WRONG, WRONG_AFTER_ALL), {"p": WRONG, "s": WRONG_AFTER_ALL}),
    "reversed again, once the first reversal was": (
        (PAID, WRONG, NOT_WRONG, WRONG_TWICE),
        {"p": WRONG_TWICE, "r": NOT_WRONG},
    ),
}


@pytest.mark.parametrize("what", CASES)
def test_a_fact_holds_unless_a_reversal_that_holds_names_it(what: str) -> None:
    facts, void = CASES[what]
    for told in permutations(facts):
        assert voided(told) == void


def test_facts_count_by_their_day_then_their_kind_then_their_id() -> None:
    late, early = paid("a", 1, JUNE), applied(on=APRIL)
    of_one_day = (fee("z", 1, MAY), waived("y", MAY), paid("b", 1, MAY), paid("c", 1, MAY), written_off("a", MAY))
    for told in permutations(of_one_day):
        assert in_order((late, *told, early)) == [early, *of_one_day, late]
