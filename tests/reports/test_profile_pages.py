"""What stands on the printed page of a profile: the numbers of the answer, as people write them."""

from copy import deepcopy
from typing import Any

import pytest

from api.models.profiles import ProfileShown
from cif_engine.documents.profile import Card, ProfilePage
from cif_engine.operations.profile_pages import profile_page, rupees

Answer = dict[str, Any]
NO_RATE = {"rate": None, "numerator": "0.00", "denominator": "0.00"}


@pytest.fixture
def answer() -> Answer:
    return deepcopy(ProfileShown.example)


def card(page: ProfilePage, name: str) -> Card:
    (found,) = (one for row in page.cards for one in row.cards if one.name == name)
    return found


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("0.00", "0"),
        ("999.00", "999"),
        ("15431000.00", "15,431,000"),
        ("11733.70", "11,733.70"),
        ("-1200.05", "-1,200.05"),
        ("-0.50", "-0.50"),
        pytest.param("10000000699999.00", "10,000,000,699,999", id="a sum beyond what one amount may be"),
    ],
)
def test_amounts_have_separators_and_paisa_only_where_there_are_any(amount: str, written: str) -> None:
    assert rupees(amount) == written


def test_it_says_who_and_where_and_when(answer: Answer) -> None:
    page = profile_page(answer)
    assert (page.title, page.day) == ("Dasori", "31 Jul 2021")
    assert page.subtitle == "LSO DAS · National Rural Support Programme (NRSP)"
    about = {fact.name: fact.told for fact in page.about}
    assert about["Union council"] == "Dasori"
    assert about["Formed on"] == "20 Jan 2017"
    assert about["Organised households"] == "2,321 · 75.9 %"
    assert about["Executive committee"] == "15 members"
    foot = " ".join(page.foot)
    assert "As of 31 Jul 2021" in foot
    assert "recorded by 2 Nov 2021 06:14:55 UTC" in foot
    assert "registers today" in foot


def test_each_share_says_of_what_it_is(answer: Answer) -> None:
    page = profile_page(answer)
    assert card(page, "PAR > 30 days") == Card("PAR > 30 days", "4.0 %", "102,520 of 2,563,000")
    assert card(page, "On-time rate, 12 months").note == "1,850,000 of 2,000,000 fell due"
    assert card(page, "Turns of the capital") == Card("Turns of the capital", "2.12", "8,460,000 / 4,000,000")
    assert card(page, "Reach") == Card("Reach", "25.7 %", "327 of 1,273 eligible households")
    assert card(page, "Disbursed") == Card("Disbursed", "8,460,000", "PKR · average loan 11,734")
    assert card(page, "Loans") == Card("Loans", "721", "2.2 for each household")
    assert card(page, "Lendable now") == Card("Lendable now", "1,364,000", "PKR · 36,000 committed")


def test_a_share_of_nothing_is_a_dash_and_never_zero_or_a_hundred(answer: Answer) -> None:
    whole = answer["total"]
    for name in ("par_30", "on_time_rate", "recovery_rate", "turns"):
        whole[name] |= NO_RATE
    whole["reach"] |= {"rate": None, "denominator": None}
    whole["average_loan"] = None
    whole["loans_to_date"] = whole["households_to_date"] = 0
    page = profile_page(answer)
    for name in ("PAR > 30 days", "On-time rate, 12 months", "Recovery rate", "Turns of the capital", "Reach"):
        assert card(page, name).told == "\u2013", name
    assert card(page, "PAR > 30 days").note == "nothing outstanding"
    assert card(page, "Recovery rate").note == "nothing fell due"
    assert card(page, "Reach").note == "327 served; eligible not stated"
    assert (card(page, "Disbursed").note, card(page, "Loans").note) == ("PKR", "")


def test_what_nobody_said_is_a_dash(answer: Answer) -> None:
    answer["registers"] |= dict.fromkeys(("formed_on", "households_total", "general_body_members"))
    answer["place"] |= {"tehsil": None, "households_eligible": None}
    about = {fact.name: fact.told for fact in profile_page(answer).about}
    assert about["Organised households"] == "2,321"
    for name in ("Formed on", "Households in all", "General body", "Tehsil", "Eligible households"):
        assert about[name] == "\u2013", name


def test_one_fund_has_a_row_and_several_have_a_total(answer: Answer) -> None:
    (only,) = profile_page(answer).funds.rows
    assert only[0] == "CIF · European Union"
    assert only[1:] == ("4,000,000", "8,460,000", "327", "721", "2,563,000", "4.0 %", "92.5 %", "97.5 %", "2.12",
                        "1,364,000")  # fmt: skip
    answer["funds"] *= 2
    funds = profile_page(answer).funds
    assert [row[0] for row in funds.rows] == ["CIF · European Union"] * 2 + ["All funds"]
    assert (funds.has_total, funds.note) == (True, "PKR")


def test_of_many_funds_the_first_are_shown_and_the_others_are_counted(answer: Answer) -> None:
    answer["funds"] *= 7
    funds = profile_page(answer).funds
    assert len(funds.rows) == 5
    assert funds.note == "PKR; 3 more in the total"


def test_the_trend_begins_the_month_before_there_was_anything(answer: Answer) -> None:
    nothing = {"capital": "0.00", "disbursed_to_date": "0.00", "gross_portfolio": "0.00"}
    before = [{"as_of": f"2021-0{month}-28", **nothing} for month in range(1, 6)]
    answer["trend"] = [*before, *answer["trend"]]
    assert [moneys.on.isoformat() for moneys in profile_page(answer).trend] == ["2021-05-28", "2021-07-31"]
    answer["trend"] = before
    assert profile_page(answer).trend == ()


def test_purposes_have_their_share_and_the_others_are_told_together(answer: Answer) -> None:
    told = [(part.name, part.told) for part in profile_page(answer).slices]
    assert told == [("Livestock", "61.0 %"), ("6 other purposes", "39.0 %")]


def test_what_is_printed_elsewhere_is_quoted_with_its_source(answer: Answer) -> None:
    aside = profile_page(answer).aside
    assert "Printed elsewhere as of July 2021, and in no figure above: disbursed 327,152,021." in aside
    assert "LSO profiles of the programme, page 3" in aside
    assert aside.endswith("The checks find it impossible.")
    answer["rests_on"], answer["printed"]["page"] = "totals_only", None
    aside = profile_page(answer).aside
    assert aside.startswith("The book has no loans by this day. ")
    assert "page" not in aside
    answer["printed"] = None
    assert profile_page(answer).aside == ""


def test_every_figure_of_the_page_is_defined_in_its_small_print(answer: Answer) -> None:
    defined = [one.name for one in profile_page(answer).small_print]
    for title in ("Fund capital.", "Portfolio at risk over n days.", "Turns.", "Reach.", "Written off to date."):
        assert title in defined
    words = {one.name: one.told for one in profile_page(answer).small_print}
    assert "Numerator: Principal disbursed to date." in words["Turns."]


def test_a_reserve_is_told_where_there_is_one(answer: Answer) -> None:
    answer["total"]["available"]["reserve_floor"] = "50000.00"
    assert card(profile_page(answer), "Lendable now").note == "PKR · 36,000 committed · 50,000 kept in reserve"


def test_before_anything_is_recorded_it_says_so(answer: Answer) -> None:
    answer["known_at"] = None
    assert "none is recorded yet" in profile_page(answer).foot[0]
