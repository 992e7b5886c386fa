"""Correcting in one act: what stays, what is posted, what is refused, and what can be done after it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from cif_engine.errors import (
    AlreadyReversedError,
    ChargeNotAllowedError,
    CifError,
    CreditTooSmallError,
    DateInFutureError,
    DuplicateFactError,
    DuplicatePaperError,
    FieldMissingError,
    LoanNotOpenError,
    LoanStepError,
    MakerIsCheckerError,
    NotCorrectableError,
    NotEnoughCashError,
    NotFoundError,
    OverLimitError,
    ReverseFirstError,
)
from cif_engine.ledger.accounts import Role
from cif_engine.ledger.events import Papers
from cif_engine.loans.terms import ChargeDue, DecliningBalance, EqualInstalments, FlatPercent, LoanTerms, Rebate
from cif_engine.network.funds import ChargePolicy
from cif_engine.operations.collecting import Repayment, record_repayment
from cif_engine.operations.event_reports import event_report
from cif_engine.operations.loan_reports import loan_statement_report
from cif_engine.operations.network_funds import change_fund
from cif_engine.operations.rebuilding import rebuild
from cif_engine.operations.replacing import Correction, correct_fact
from cif_engine.operations.verifying import verify
from cif_engine.persistence.engines import Databases
from tests.books import (
    FUND,
    MANAGER,
    MEMBERS,
    TODAY,
    Answer,
    Book,
    FundRules,
    How,
    a_funded_book,
    announce_holiday,
    minor,
    new_id,
)
from tests.examples.worked import posted, split
from tests.network.founding import saying
from tests.soundness import assert_books_stand

MONTHLY = EqualInstalments(count=12)
PRODUCTS: Mapping[str, LoanTerms] = {
    "FREE": LoanTerms(repayment=MONTHLY),
    "FLAT": LoanTerms(repayment=MONTHLY, charge=FlatPercent(percent=Decimal(10)), rebate=Rebate.NOT_YET_DUE),
    "UP-FRONT": LoanTerms(repayment=MONTHLY, charge=FlatPercent(percent=Decimal(10), due=ChargeDue.UP_FRONT)),
    "DECLINING": LoanTerms(repayment=MONTHLY, charge=DecliningBalance(annual_percent=Decimal(24))),
}
JANUARY, FEBRUARY, MARCH, APRIL = (date(2024, month, 1) for month in (1, 2, 3, 4))


@pytest.fixture
def book(shared_databases: Databases) -> Book:
    return a_funded_book(shared_databases, 50_000, on=JANUARY, products=PRODUCTS)


def approved(book: Book, amount: int = 12_000, product: str = "FREE", member: str = MEMBERS[0]) -> str:
    loan = book.applies(amount, on=JANUARY, product=product, member=member)
    book.resolves(loan, on=JANUARY)
    return loan


def lent(book: Book, amount: int = 12_000, product: str = "FREE") -> tuple[str, str]:
    """Hand out a loan on 1 January; return its number and the id of its disbursement."""
    loan = approved(book, amount, product)
    return loan, event_of(book.disburses(loan, on=JANUARY))


def event_of(answer: Answer) -> str:
    event: str = answer["event"]["id"]
    return event


def assert_all_stands(book: Book) -> None:
    """Check the laws, that `verify` finds nothing, and that a rebuild changes nothing."""
    assert_books_stand(book)
    assert verify(book.databases, book.lso_id) == []
    before = book.snapshot()
    rebuild(book.databases, book.lso_id)
    assert book.snapshot() == before


# What stays and what is posted -----------------------------------------------------------------------------------


def test_a_disbursement_is_corrected_under_the_repayments_that_came_after_it(book: Book) -> None:
    loan, disbursed = lent(book)
    paid = [event_of(book.repays(loan, 1_000, on=date(2024, month, 1))) for month in range(2, 8)]

    answer = book.corrects(disbursed, amount=9_000)

    assert posted(answer) == ["2024-01-01 1020 1100 3000.00"]
    assert [principal for _, principal, _ in book.schedule(loan)] == ["750.00"] * 12
    position = book.position(loan)
    assert (position["outstanding_minor"], position["oldest_due_on"]) == (3_000_00, date(2024, 10, 1))
    (row,) = book.rows("loan")
    assert row["disbursed_minor"] == 9_000_00
    holding = [event_report(book.databases, book.lso_id, event)["holds"] for event in (disbursed, *paid)]
    assert holding == [False, *(True,) * 6]
    assert_all_stands(book)


@pytest.mark.parametrize("product", sorted(PRODUCTS))
def test_a_corrected_disbursement_is_as_one_that_was_typed_right(book: Book, product: str) -> None:
    loan, disbursed = lent(book, product=product)
    typed_right = approved(book, product=product, member=MEMBERS[1])
    book.disburses(typed_right, amount=9_000, on=date(2024, 1, 15))
    for one in (loan, typed_right):
        book.repays(one, 1_000, on=MARCH)

    book.corrects(disbursed, amount=9_000, on=date(2024, 1, 15))

    assert book.schedule(loan) == book.schedule(typed_right)
    own = ("lso_id", "loan_id", "known_from")
    stand = [
        {name: value for name, value in book.position(one).items() if name not in own} for one in (loan, typed_right)
    ]
    assert stand[0] == stand[1]
    assert stand[0]["outstanding_minor"] < 9_000_00
    assert (stand[0]["charge_paid_minor"] > 0) == (product != "FREE")
    assert book.balance(Role.LOANS_OUTSTANDING, on=date(2024, 1, 14)) == "0.00"
    assert_all_stands(book)


def test_a_schedule_once_given_is_kept_where_amount_and_day_are_right(book: Book) -> None:
    loan, disbursed = lent(book)
    given = book.schedule(loan)
    announce_holiday(book.databases, given[3][0])

    answer = book.corrects(disbursed, channel="bank", how=How(actor="chair", voucher="V-9"))

    assert book.schedule(loan) == given
    assert (answer["event"]["voucher_no"], posted(answer)) == ("V-9", [])
    moved = book.corrects(answer["event"]["id"], amount=11_000, how=MANAGER)
    assert moved["schedule"][3]["due_on"] != given[3][0].isoformat()
    assert_all_stands(book)


def test_cash_that_was_banked_since_is_not_missed_in_between(book: Book) -> None:
    loan, _ = lent(book)
    paid = book.repays(loan, 500, on=FEBRUARY, how=How(receipt="0731"))
    book.moves(500, on=MARCH, paid_from="cash", held_in="bank")

    answer = book.corrects(event_of(paid), amount=600, on=date(2024, 2, 10))

    assert posted(answer) == [
        "2024-02-01 1100 1010 500.00",
        "2024-02-10 1010 1100 600.00",
    ]
    assert answer["reversal"]["postings"] == []
    assert book.balance(Role.CASH_IN_HAND) == "100.00"
    assert_all_stands(book)


def test_a_repayment_keeps_its_numbers_and_what_was_not_wrong(book: Book) -> None:
    loan, _ = lent(book)
    paid = event_of(book.repays(loan, 5_000, on=FEBRUARY, how=How(receipt="0731", external="X-1")))

    answer = book.corrects(paid, amount=500)

    assert split(answer) == {"principal": "500.00"}
    event = answer["event"]
    assert (event["receipt_no"], event["external_id"], event["effective_on"]) == ("0731", "X-1", "2024-02-01")
    assert (answer["loan"], answer["reversal"]["loan"]) == (loan, loan)
    assert answer["reversal"]["reversed"]["id"] == paid
    (bearer,) = (row["event_id"] for row in book.rows("paper") if row["number"] == "0731")
    assert bearer == event["id"]


@pytest.mark.parametrize(("said", "kept"), [(None, "in two notes"), ("in coins", "in coins")])
def test_a_note_stays_unless_another_is_said(book: Book, said: str | None, kept: str) -> None:
    loan, _ = lent(book)
    paid = new_id()
    noted = Repayment(paid, loan, minor(500), FEBRUARY, note="in two notes")
    record_repayment(book.databases, book.request(), noted)
    correction = Correction(new_id(), new_id(), paid, "typed wrong", amount_minor=minor(50), note=said)
    correct_fact(book.databases, book.request(actor="chair"), correction)
    assert f'"note":"{kept}"' in book.rows("event")[-1]["payload"]


@pytest.mark.parametrize(
    ("custodian", "channel", "right", "account"),
    [
        pytest.param(None, "cash", "bank", "CIF.1020", id="it came by bank"),
        pytest.param(1, "cash", "cheque", "CIF.1030.1", id="she carries a cheque, not cash"),
        pytest.param(1, "cash", "bank", "CIF.1020", id="nobody carries what comes by bank"),
        pytest.param(1, "cash", "cash", "CIF.1030.1", id="she still has it"),
    ],
)
def test_the_right_channel_says_where_the_money_is(
    book: Book, custodian: int | None, channel: str, right: str, account: str
) -> None:
    loan, _ = lent(book)
    paid = event_of(book.repays(loan, 500, on=FEBRUARY, channel=channel, custodian=custodian))
    book.corrects(paid, amount=700, channel=right)
    assert book.balances()[account] == (700_00 if account != "CIF.1020" else 50_000_00 - 12_000_00 + 700_00)
    assert_all_stands(book)


def test_a_settlement_that_was_less_is_an_ordinary_repayment(book: Book) -> None:
    loan, _ = lent(book, product="FLAT")
    settled = book.repays(loan, 12_100, on=FEBRUARY, settles=True)
    assert (settled["standing"]["status"], split(settled, "waived")) == ("repaid", {"charge": "1100.00"})

    answer = book.corrects(event_of(settled), amount=11_000)

    assert (answer["standing"]["status"], answer["waived"]) == ("open", None)
    assert answer["standing"]["outstanding_charge"] != "0.00"
    assert_all_stands(book)


@pytest.mark.parametrize(
    ("due_on", "right_day", "right_due_on"),
    [
        pytest.param(None, date(2024, 2, 10), "2024-02-10", id="owed at once, later"),
        pytest.param(None, date(2024, 1, 20), "2024-01-20", id="owed at once, earlier"),
        pytest.param(MARCH, date(2024, 2, 10), "2024-03-01", id="owed from a day that stays"),
        pytest.param(MARCH, date(2024, 3, 5), "2024-03-05", id="not owed before it is charged"),
    ],
)
@pytest.mark.parametrize("penalty", [False, True], ids=["a fee", "a penalty"])
def test_a_fee_on_the_right_day_is_owed_from_no_day_before_it(
    book: Book, due_on: date | None, right_day: date, right_due_on: str, *, penalty: bool
) -> None:
    loan, _ = lent(book)
    fee = book.charges(loan, 50, on=FEBRUARY, due_on=due_on, penalty=penalty)
    answer = book.corrects(event_of(fee), on=right_day)
    (said,) = (row["payload"] for row in book.rows("event") if row["id"] == answer["event"]["id"])
    assert f'"due_on":"{right_due_on}"' in said
    owed = answer["standing"]["outstanding_penalties" if penalty else "outstanding_fees"]
    assert owed == "50.00"
    assert_all_stands(book)


def test_a_part_is_corrected_beside_the_other(book: Book) -> None:
    loan = approved(book)
    first = event_of(book.disburses(loan, on=JANUARY, amount=6_000))
    book.disburses(loan, on=date(2024, 1, 20), amount=4_000)
    book.repays(loan, 1_000, on=MARCH)

    answer = book.corrects(first, amount=8_000)

    assert answer["standing"]["outstanding_principal"] == "11000.00"
    with pytest.raises(OverLimitError):
        book.corrects(event_of(answer), amount=8_001, how=MANAGER)
    assert_all_stands(book)


# Where it shows --------------------------------------------------------------------------------------------------


def test_the_statement_shows_the_wrong_fact_its_reversal_and_the_right_one(book: Book) -> None:
    loan, _ = lent(book)
    paid = book.repays(loan, 5_000, on=FEBRUARY, how=How(receipt="0731"))
    known_then = book.rows("event")[-1]["recorded_at"]
    before = loan_statement_report(book.databases, book.lso_id, loan, TODAY, known_then)

    answer = book.corrects(event_of(paid), amount=500, on=date(2024, 2, 3))

    wrong, right, reversal = event_of(paid), event_of(answer), event_of(answer["reversal"])
    lines = loan_statement_report(book.databases, book.lso_id, loan, TODAY)["lines"]
    told = [(line["event"], line["paid"], line["reversed_by"], line["reverses"], line["replaces"]) for line in lines]
    assert told[-3:] == [
        (wrong, "5000.00", reversal, None, None),
        (reversal, "0.00", None, wrong, None),
        (right, "500.00", None, None, wrong),
    ]
    assert loan_statement_report(book.databases, book.lso_id, loan, TODAY, known_then) == before
    shown = event_report(book.databases, book.lso_id, wrong)
    assert [named["id"] for named in shown["reversed_by"]] == [reversal]
    assert [named["id"] for named in shown["replaced_by"]] == [right]


def test_a_preview_answers_what_is_then_recorded(book: Book) -> None:
    loan, disbursed = lent(book, product="DECLINING")
    book.repays(loan, 1_000, on=FEBRUARY)
    request = book.request(actor="chair")
    correction = Correction(new_id(), new_id(), disbursed, "typed wrong", "R-9", minor(9_000), None, "cash")
    before = book.snapshot()
    with pytest.raises(NotEnoughCashError) as refused:
        correct_fact(book.databases, replace(request, preview=True), correction)
    assert refused.value.pointer == "/amount"
    by_bank = replace(correction, channel=None, papers=Papers(voucher_no="V-3"))

    foreseen = correct_fact(book.databases, replace(request, preview=True), by_bank)

    assert book.snapshot() == before
    assert correct_fact(book.databases, request, by_bank).body == foreseen.body
    again = correct_fact(book.databases, request, by_bank)
    assert (again.body, again.replayed) == (foreseen.body, True)
    assert_all_stands(book)


# What can be done after it ---------------------------------------------------------------------------------------


def test_what_was_corrected_wrong_is_corrected_again(book: Book) -> None:
    loan, _ = lent(book)
    paid = event_of(book.repays(loan, 5_000, on=FEBRUARY, how=How(receipt="0731")))
    first = book.corrects(paid, amount=50)
    with pytest.raises(AlreadyReversedError):
        book.corrects(paid, amount=500, how=MANAGER)
    with pytest.raises(MakerIsCheckerError):
        book.corrects(event_of(first), amount=500)

    second = book.corrects(event_of(first), amount=500, how=MANAGER)

    assert (second["event"]["replaces"], second["event"]["receipt_no"]) == (event_of(first), "0731")
    assert book.position(loan)["outstanding_minor"] == 11_500_00
    assert_all_stands(book)


def test_a_correction_that_is_reversed_leaves_neither_fact_and_the_first_can_be_brought_back(book: Book) -> None:
    loan, _ = lent(book)
    paid = event_of(book.repays(loan, 5_000, on=FEBRUARY, how=How(receipt="0731")))
    answer = book.corrects(paid, amount=500)
    with pytest.raises(ReverseFirstError) as refusal:  # they would both count
        book.reverses(event_of(answer["reversal"]), how=MANAGER)
    assert refusal.value.facts["reverse_first"] == event_of(answer)

    book.reverses(event_of(answer), how=MANAGER)
    assert book.position(loan)["outstanding_minor"] == 12_000_00
    book.reverses(event_of(answer["reversal"]), how=MANAGER)

    assert book.position(loan)["outstanding_minor"] == 7_000_00
    assert_all_stands(book)


# What is refused -------------------------------------------------------------------------------------------------

Act = Callable[[Book], object]


def _reversed(book: Book) -> object:
    loan, _ = lent(book)
    paid = event_of(book.repays(loan, 500, on=FEBRUARY))
    book.reverses(paid)
    return book.corrects(paid, amount=50, how=MANAGER)


def _own(book: Book) -> object:
    loan, _ = lent(book)
    return book.corrects(event_of(book.repays(loan, 500, on=FEBRUARY)), amount=50, how=How())


def _decision(book: Book) -> object:
    loan = book.applies(12_000, on=JANUARY, product="FREE")
    return book.corrects(event_of(book.resolves(loan, on=JANUARY)), amount=11_000)


def _reversal(book: Book) -> object:
    loan, _ = lent(book)
    undone = book.reverses(event_of(book.repays(loan, 500, on=FEBRUARY)))
    return book.corrects(event_of(undone), amount=50, how=MANAGER)


def _top_up(book: Book) -> object:
    old, _ = lent(book, 5_000)
    new = approved(book, 8_000)
    topped_up = book.disburses(new, on=MARCH, settles=old)
    return book.corrects(event_of(topped_up), amount=7_000)


def _paid_with_credit(book: Book) -> object:
    old, _ = lent(book, 500)
    new = approved(book, 800)
    book.disburses(new, on=JANUARY)
    book.repays(old, 600, on=FEBRUARY)
    book.uses_credit(old, on=MARCH, pays=new)
    (paid,) = (
        row["id"] for row in book.rows("event") if row["kind"] == "repayment_received" and "from_loan" in row["payload"]
    )
    return book.corrects(paid, amount=50)


def _corrects_repayment(**right: object) -> Act:
    """Correct a repayment of 500 of 1 February, receipt 0731; 0732 is another's."""

    def act(book: Book) -> object:
        loan, _ = lent(book)
        book.repays(loan, 70, on=MARCH, how=How(receipt="0732"))
        paid = event_of(book.repays(loan, 500, on=FEBRUARY, how=How(receipt="0731")))
        return book.corrects(paid, **right)  # type: ignore[arg-type]  # as the table says

    return act


def _refunded(book: Book) -> object:
    loan, _ = lent(book, 300)
    paid = event_of(book.repays(loan, 500, on=FEBRUARY))
    book.refunds(loan, 200, on=MARCH)
    return book.corrects(paid, amount=450)


def _more_than_there_is(book: Book) -> object:
    loan = approved(book)
    disbursed = event_of(book.disburses(loan, on=JANUARY, amount=2_000))
    book.spends(40_000, on=MARCH)
    return book.corrects(disbursed, amount=12_000)


def _out_of_the_cash_box(book: Book) -> object:
    return book.corrects(lent(book)[1], channel="cash")


def _after_its_repayment(book: Book) -> object:
    loan, disbursed = lent(book)
    book.repays(loan, 500, on=FEBRUARY)
    return book.corrects(disbursed, on=MARCH)


def _fee_before_the_loan(book: Book) -> object:
    loan, _ = lent(book)
    return book.corrects(event_of(book.charges(loan, 50, on=FEBRUARY)), on=date(2023, 12, 31))


def _same_id(book: Book) -> object:
    loan, disbursed = lent(book)
    paid = event_of(book.repays(loan, 500, on=FEBRUARY))
    return book.corrects(paid, amount=50, how=How(actor="chair", fact_id=disbursed))


REFUSALS: dict[str, tuple[Act, type[CifError], str]] = {
    "no such event": (lambda book: book.corrects(99_999, amount=1), NotFoundError, ""),
    "no such id": (lambda book: book.corrects(new_id(), amount=1), NotFoundError, ""),
    "reversed already": (_reversed, AlreadyReversedError, ""),
    "by who recorded it": (_own, MakerIsCheckerError, ""),
    "a fact of the fund": (lambda book: book.corrects(1, amount=1), NotCorrectableError, ""),
    "a decision": (_decision, NotCorrectableError, ""),
    "a reversal": (_reversal, NotCorrectableError, ""),
    "a top-up": (_top_up, NotCorrectableError, ""),
    "money of another loan": (_paid_with_credit, NotCorrectableError, ""),
    "nothing said": (_corrects_repayment(), FieldMissingError, ""),
    "all said as it was": (_corrects_repayment(amount=500, on=FEBRUARY, channel="cash"), FieldMissingError, ""),
    "tomorrow": (_corrects_repayment(on=date(2026, 7, 1)), DateInFutureError, "/effective_on"),
    "before the loan": (_corrects_repayment(on=date(2023, 12, 31)), LoanNotOpenError, ""),
    "another's receipt": (
        _corrects_repayment(how=How(actor="chair", receipt="0732")),
        DuplicatePaperError,
        "/receipt_no",
    ),
    "what was given back of it": (_refunded, CreditTooSmallError, "/amount"),
    "over what was approved": (lambda book: book.corrects(lent(book)[1], amount=12_001), OverLimitError, "/amount"),
    "more than the bank holds": (_more_than_there_is, NotEnoughCashError, "/amount"),
    "out of an empty cash box": (_out_of_the_cash_box, NotEnoughCashError, "/amount"),
    "handed out after it was repaid": (_after_its_repayment, LoanNotOpenError, ""),
    "handed out before it was applied for": (
        lambda book: book.corrects(lent(book)[1], on=date(2023, 12, 31)),
        LoanStepError,
        "",
    ),
    "a fee before the loan": (_fee_before_the_loan, LoanNotOpenError, ""),
    "the id of another fact": (_same_id, DuplicateFactError, "/id"),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_a_correction_is_refused_and_leaves_nothing(book: Book, what: str) -> None:
    act, refusal, pointer = REFUSALS[what]
    with pytest.raises(refusal) as refused:
        act(book)
    assert refused.value.pointer == pointer
    assert not [row for row in book.rows("event") if '"replaces"' in row["payload"]]
    assert_all_stands(book)


def test_a_correction_does_not_eat_into_the_reserve_but_may_leave_more_of_it(shared_databases: Databases) -> None:
    rules = FundRules(reserve_floor=20_000)
    book = a_funded_book(shared_databases, 40_000, on=JANUARY, rules=rules, products=PRODUCTS)
    loan = approved(book)
    disbursed = event_of(book.disburses(loan, on=JANUARY, amount=10_000))
    book.spends(12_000, on=MARCH)
    with pytest.raises(NotEnoughCashError) as refused:
        book.corrects(disbursed, amount=10_001)
    assert refused.value.facts["short"] == "2001.00"
    book.corrects(disbursed, amount=9_000)
    assert book.balance(Role.BANK) == "19000.00"
    assert_all_stands(book)


def test_a_fund_that_became_interest_free_corrects_no_fee(shared_databases: Databases) -> None:
    free = {"FREE": PRODUCTS["FREE"]}
    book = a_funded_book(shared_databases, 40_000, on=JANUARY, products=free)
    loan, _ = lent(book)
    fee = event_of(book.charges(loan, 50, on=FEBRUARY))
    change_fund(book.databases, book.lso_id, FUND, {"charge_policy": ChargePolicy.INTEREST_FREE}, 1, saying(TODAY))
    with pytest.raises(ChargeNotAllowedError):
        book.corrects(fee, amount=500)
    book.reverses(fee)
    assert book.position(loan)["fee_outstanding_minor"] == 0
