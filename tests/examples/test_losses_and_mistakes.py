"""What a fund sets aside and loses, and what its office corrects, worked on paper. Amounts in rupees."""

from datetime import date

import orjson
import pytest

from cif_engine.errors import ReverseFirstError
from cif_engine.ledger.accounts import Role
from cif_engine.ledger.events import Papers
from cif_engine.operations.allowance import AllowanceChange, change_allowance
from cif_engine.operations.fund_reports import fund_position_report
from cif_engine.operations.sub_grant import Agreement, agreements_list, sign_agreement
from cif_engine.persistence.engines import Databases
from tests.books import FUND, Book, a_book, a_funded_book, minor, new_id

LOSSES = (Role.LOANS_OUTSTANDING, Role.LOAN_LOSS_ALLOWANCE, Role.PROVISION_EXPENSE, Role.WRITE_OFF_EXPENSE)


def test_the_flood_takes_more_than_was_set_aside_and_late_paper_says_how_much(shared_databases: Databases) -> None:
    """After the flood of August 2022 the committee sets 20,000 aside. Two loans are lost, 15,000 and 12,000.

    | day    | what happens                          |  loans | allowance | provisions | write-offs |
    |--------|---------------------------------------|--------|-----------|------------|------------|
    | 1 Mar  | 15,000 to Zainab, 12,000 to Amna      | 27,000 |         0 |          0 |          0 |
    | 30 Sep | 20,000 set aside                      | 27,000 |    20,000 |     20,000 |          0 |
    | 15 Oct | Zainab's loan is written off          | 12,000 |     5,000 |     20,000 |          0 |
    | 31 Oct | Amna's loan is written off            |      0 |         0 |     20,000 |      7,000 |

    In November a resolution of 10 October turns up: 3,000 more were set aside. So only 4,000 had to be made good:

    | 31 Oct | Amna's loan is written off            |      0 |         0 |     23,000 |      4,000 |

    However it is told, 27,000 are lost, and the fund is worth 27,000 less.
    """
    book = a_funded_book(shared_databases, 100_000, on=date(2022, 1, 1))
    zainab = book.lends(15_000, on=date(2022, 3, 1), member="Zainab")
    amna = book.lends(12_000, on=date(2022, 3, 1), member="Amna")
    _sets_aside(book, 20_000, on=date(2022, 9, 30))
    book.writes_off(zainab, on=date(2022, 10, 15))
    book.writes_off(amna, on=date(2022, 10, 31))
    assert _losses(book, date(2022, 9, 30)) == ("27000.00", "-20000.00", "20000.00", "0.00")
    assert _losses(book, date(2022, 10, 15)) == ("12000.00", "-5000.00", "20000.00", "0.00")
    assert _losses(book, date(2022, 10, 31)) == ("0.00", "0.00", "20000.00", "7000.00")

    _sets_aside(book, 3_000, on=date(2022, 10, 10))
    assert _losses(book, date(2022, 10, 15)) == ("12000.00", "-8000.00", "23000.00", "0.00")
    assert _losses(book, date(2022, 10, 31)) == ("0.00", "0.00", "23000.00", "4000.00")
    identity = fund_position_report(book.databases, book.lso_id, FUND, date(2022, 12, 31))["identity"]
    assert identity == {
        "capital_plus_income_less_expense": "73000.00",
        "money_plus_loans_less_liabilities": "73000.00",
        "holds": True,
    }


def test_an_agreement_typed_with_a_zero_too_few_is_recorded_anew_under_its_own_number(
    shared_databases: Databases,
) -> None:
    """The agreement is over 4,000,000, and 400,000 is what was typed. The first tranche is released and received.

    From the last to the first: the receipt, the release and the agreement are reversed, each by another than who
    recorded it; then all three are recorded as they are on paper, under the same numbers.
    """
    book = a_book(shared_databases)
    on = date(2017, 2, 1)
    signed = book.signs(400_000, on=on, number="SRSO-04")
    released = book.is_released(200_000, on=on, agreement="SRSO-04")
    received = book.receives(1, on=on)
    with pytest.raises(ReverseFirstError, match=f"Event {released['event']['seq']}, tranche_released of 2017-02-01"):
        book.reverses(signed["event"]["seq"])
    for wrong in (received, released, signed):
        book.reverses(wrong["event"]["seq"])
    assert agreements_list(book.databases, book.lso_id, FUND)["items"] == []
    assert book.balance(Role.BANK) == "0.00"

    papers = Papers(replaces=signed["event"]["id"])
    right = Agreement(new_id(), FUND, "SRSO-04", minor(4_000_000), on, papers)
    recorded = orjson.loads(sign_agreement(book.databases, book.request(), right).body)
    assert recorded["event"]["replaces"] == signed["event"]["id"]
    book.is_released(2_000_000, on=on, agreement="SRSO-04")
    book.receives(1, on=on)
    (agreement,) = agreements_list(book.databases, book.lso_id, FUND)["items"]
    assert (agreement["amount"], agreement["received"]) == ("4000000.00", "2000000.00")
    assert book.balance(Role.TRANCHE_CAPITAL) == "2000000.00"


def _sets_aside(book: Book, rupees: int, *, on: date) -> None:
    change = AllowanceChange(new_id(), FUND, minor(rupees), on, "R-44", "flood of August")
    change_allowance(book.databases, book.request(), change)


def _losses(book: Book, on: date) -> tuple[str, ...]:
    return tuple(book.balance(role, on=on) for role in LOSSES)
