import pytest

from cif_engine.errors import CnicUnreadableError, CodeUnreadableError, NameUnreadableError
from cif_engine.network.checks import LONGEST_NAME, check_cnic, check_code, check_name, check_remarks, name_key


@pytest.mark.parametrize("code", ["D", "DAS", "VO-01", "2021-7", "A" * 20])
def test_codes_are_capital_letters_digits_and_dashes(code: str) -> None:
    assert check_code(code) == code


@pytest.mark.parametrize("code", ["", "-A", "das", "A.B", "A B", "A\n", "Ä", "A" * 21, "\uff21", "1\u0661"])
def test_what_could_be_misread_or_would_break_an_account_code_is_no_code(code: str) -> None:
    with pytest.raises(CodeUnreadableError):
        check_code(code)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        pytest.param("Zainab Bibi", "Zainab Bibi", id="latin"),
        pytest.param("زينب بيبي", "زينب بيبي", id="sindhi"),
        pytest.param("گل\u200cبانو", "گل\u200cبانو", id="urdu with a joiner"),
        pytest.param("\u200fزینب", "\u200fزینب", id="with a direction mark that a keyboard typed"),
        pytest.param("  Zainab \u00a0 Bibi ", "Zainab Bibi", id="spaces"),
        pytest.param("Jose\u0301", "Jos\u00e9", id="one Unicode form"),
        pytest.param("Mst. D'Souza-Khan (2nd)", "Mst. D'Souza-Khan (2nd)", id="punctuation and digits"),
    ],
)
def test_names_are_kept_in_any_script(name: str, kept: str) -> None:
    assert check_name(name) == kept


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("", id="empty"),
        pytest.param(" \u200f ", id="nothing to see"),
        pytest.param("42", id="no letter"),
        pytest.param("Zainab 🐐", id="emoji"),
        pytest.param("Zainab\x00", id="a NUL, which PostgreSQL cannot keep"),
        pytest.param("Zainab\nBibi", id="two lines"),
        pytest.param("\u202eabanaiZ", id="a direction override, which shows another name than is kept"),
        pytest.param("Zainab\ud800", id="half a character"),
        pytest.param("Z" * (LONGEST_NAME + 1), id="too long"),
    ],
)
def test_what_cannot_be_read_as_a_name_is_refused(name: str) -> None:
    with pytest.raises(NameUnreadableError):
        check_name(name)


def test_remarks_have_several_lines_but_no_controls() -> None:
    assert check_remarks("Office moved in 2019.\nNow in Johi.") == "Office moved in 2019.\nNow in Johi."
    for remarks in ("a\x00", "a\ud800", "a" * 2001):
        with pytest.raises(NameUnreadableError):
            check_remarks(remarks)


def test_a_cnic_is_thirteen_ascii_digits_in_three_parts_or_missing() -> None:
    assert check_cnic("41201-1234567-8") == "41201-1234567-8"
    assert check_cnic(None) is None
    for cnic in ("4120112345678", "41201-1234567-", "41201-1234567-88", "41201-123456\u0667-8", "41201-1234567-8\n"):
        with pytest.raises(CnicUnreadableError):
            check_cnic(cnic)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Zainab Bibi", "ZAINAB  bibi", id="case and spaces"),
        pytest.param("علي", "علی", id="Arabic and Urdu yeh"),
        pytest.param("كلثوم", "کلثوم", id="Arabic and Urdu kaf"),
        pytest.param("\u200fزینب", "زینب", id="direction mark"),
    ],
)
def test_two_spellings_of_one_name_have_the_same_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)
    assert name_key(one) != name_key("Sakina")
