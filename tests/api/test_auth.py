"""Who gets in, and what she sees."""

from uuid import uuid4

import pytest

from api.access import REMEMBERED_SECONDS
from cif_engine.errors import DuplicateCodeError, KeyWithoutScopeError, NotFoundError
from cif_engine.moments import to_micros
from cif_engine.network.places import Lso
from cif_engine.operations.keys import (
    ROLES,
    NewKey,
    Scope,
    create_key,
    find_key,
    hash_of,
    list_keys,
    revoke_key,
)
from cif_engine.operations.network_places import create_lso
from tests.api.world import (
    ACCOUNTANT,
    AUDITOR,
    EVERYTHING,
    FINANCE,
    MANAGER,
    OTHER,
    OTHER_RSP,
    World,
    add_key,
    secret,
)

BOOK = "/v1/lsos/DAS/trial-balance"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        pytest.param({}, "key_missing", id="no header"),
        pytest.param({"Authorization": "Basic YTpi"}, "key_missing", id="another scheme"),
        pytest.param({"Authorization": "Bearer "}, "key_missing", id="no key"),
        pytest.param({"Authorization": "Bearer cif_guess"}, "key_refused", id="unknown key"),
        pytest.param({"Authorization": f"Bearer {secret(ACCOUNTANT)}x"}, "key_refused", id="almost a key"),
        pytest.param({"Authorization": "Bearer " + "x" * 5000}, "key_refused", id="far too long"),
    ],
)
def test_nobody_gets_in_without_a_key(world: World, headers: dict[str, str], code: str) -> None:
    response = world.call("GET", BOOK, by=None, headers=headers)
    assert response.status_code == 401
    assert response.json()["code"] == code
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_the_scheme_may_be_written_in_any_case(world: World) -> None:
    response = world.call("GET", BOOK, headers={"Authorization": f"bearer {secret(ACCOUNTANT)}"})
    assert response.status_code == 200


def test_a_missing_scope_is_named(world: World) -> None:
    said = {"number": "A-9", "amount": "1.00", "effective_on": "2020-01-10"}
    response = world.call("POST", "/v1/lsos/DAS/funds/CIF/agreements", said, by=ACCOUNTANT)
    assert response.status_code == 403
    assert response.json()["code"] == "scope_missing"
    assert response.json()["scope"] == "funding:write"
    assert 'scope="funding:write"' in response.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("by", "status"),
    [
        (ACCOUNTANT, 200),
        (MANAGER, 200),
        (FINANCE, 200),
        (AUDITOR, 200),
        (EVERYTHING, 200),
        (OTHER, 404),
        (OTHER_RSP, 404),
    ],
)
def test_a_key_sees_the_books_it_is_bound_to(world: World, by: str, status: int) -> None:
    assert world.call("GET", BOOK, by=by).status_code == status


def test_the_lso_of_another_looks_like_one_that_is_not_there(world: World) -> None:
    foreign = world.call("GET", "/v1/lsos/DAS/accounts", by=OTHER).json()
    absent = world.call("GET", "/v1/lsos/NOWHERE/accounts", by=OTHER).json()
    for answer in (foreign, absent):
        del answer["instance"], answer["request_id"]
    assert foreign == absent


@pytest.mark.parametrize("code", ["%00", "%E2%80%8F", "x" * 300, "..%2f", "DAS%20"])
def test_a_code_that_no_lso_can_have_is_not_found(world: World, code: str) -> None:
    assert world.call("GET", f"/v1/lsos/{code}/accounts").status_code == 404


def test_an_rsp_sees_itself_and_no_other(world: World) -> None:
    assert world.call("GET", "/v1/rsps/SRSO/portfolio", by=FINANCE).status_code == 200
    assert world.call("GET", "/v1/rsps/SRSO/portfolio", by=OTHER_RSP).status_code == 404
    assert world.call("GET", "/v1/rsps/SRSO/portfolio", by=ACCOUNTANT).status_code == 404


def test_the_portfolio_of_all_is_that_of_what_the_key_is_bound_to(world: World) -> None:
    world.lends()
    loans = {
        by: world.call("GET", "/v1/portfolio", by=by).json()["total"]["loans"]
        for by in (ACCOUNTANT, FINANCE, AUDITOR, OTHER, OTHER_RSP)
    }
    assert loans[ACCOUNTANT] == loans[FINANCE] == loans[AUDITOR] > 0
    assert loans[OTHER] == loans[OTHER_RSP] == 0


def test_a_revoked_key_stops_within_seconds(world: World) -> None:
    add_key(world.databases, "leaver", ROLES["auditor"])
    assert world.call("GET", BOOK, by="leaver").status_code == 200
    revoke_key(world.databases, "leaver", to_micros(world.clock()))
    world.clock.wait(seconds=REMEMBERED_SECONDS)
    assert world.call("GET", BOOK, by="leaver").status_code == 401


def test_an_lso_that_goes_to_another_rsp_leaves_the_reach_of_the_first_within_seconds(world: World) -> None:
    """An auditor's key that is bound to everything, and the LSO's own, reach it as before."""
    create_lso(world.databases, Lso(str(uuid4()), "LEA", "LSO Lea", "SRSO", "D-DAS"))
    add_key(world.databases, "own", ROLES["lso_accountant"], lso="LEA")
    book = "/v1/lsos/LEA/trial-balance"
    assert world.call("GET", book, by=FINANCE).status_code == 200
    assert world.call("GET", book, by=OTHER_RSP).status_code == 404
    said = {"rsp": "NRSP", "effective_on": "2021-07-01"}
    moved = world.call("PATCH", "/v1/lsos/LEA", said, by=EVERYTHING, headers={"If-Match": '"1"'})
    assert moved.status_code == 200, moved.text
    world.clock.wait(seconds=REMEMBERED_SECONDS)
    reached = {by: world.call("GET", book, by=by).status_code for by in (FINANCE, OTHER_RSP, "own", AUDITOR)}
    assert reached == {FINANCE: 404, OTHER_RSP: 200, "own": 200, AUDITOR: 200}


def test_a_key_stops_at_the_moment_it_expires(world: World) -> None:
    world.clock.wait(hours=1)
    add_key(world.databases, "guest", ROLES["auditor"], expires_at=to_micros(world.clock.at) + 3_000_000)
    assert world.call("GET", BOOK, by="guest").status_code == 200
    world.clock.wait(seconds=3)
    assert world.call("GET", BOOK, by="guest").status_code == 401


def test_a_new_key_works_at_once(world: World) -> None:
    assert world.call("GET", BOOK, by="newcomer").status_code == 401
    add_key(world.databases, "newcomer", ROLES["auditor"])
    assert world.call("GET", BOOK, by="newcomer").status_code == 200


def test_of_a_key_only_the_hash_is_kept(world: World) -> None:
    kept = world.everything_stored()["api_key"]
    assert not any(secret(ACCOUNTANT) in repr(row) for row in kept)
    assert any(hash_of(secret(ACCOUNTANT)) in row for row in kept)


def test_no_answer_repeats_a_key(world: World) -> None:
    wrong = secret("stranger")
    for response in (
        world.call("GET", BOOK, by="stranger"),
        world.call("POST", "/v1/lsos/DAS/repayments", {"amount": wrong}, by=ACCOUNTANT),
        world.call("GET", f"{BOOK}?as_of={wrong}"),
    ):
        assert response.status_code in (401, 422)
        assert wrong not in response.text
        assert secret(ACCOUNTANT) not in response.text


class TestTheRegisterOfKeys:
    def test_two_live_keys_do_not_share_a_name(self, world: World) -> None:
        with pytest.raises(DuplicateCodeError):
            add_key(world.databases, ACCOUNTANT, ROLES["auditor"])

    def test_a_name_is_free_again_once_its_key_is_revoked(self, world: World) -> None:
        now = to_micros(world.clock())
        add_key(world.databases, "clerk", ROLES["auditor"])
        revoke_key(world.databases, "clerk", now)
        create_key(world.databases, NewKey(str(uuid4()), "clerk", ROLES["lso_manager"], lso="DAS"), "cif_2", now)
        states = {(listed["code"], listed["live"]) for listed in list_keys(world.databases, now + 1)}
        assert {(None, True), ("DAS", True)} <= states

    def test_a_key_may_do_something(self, world: World) -> None:
        with pytest.raises(KeyWithoutScopeError):
            add_key(world.databases, "nothing", ROLES["integration"])

    def test_a_key_is_bound_to_what_there_is(self, world: World) -> None:
        with pytest.raises(NotFoundError):
            add_key(world.databases, "lost", frozenset({Scope.BOOKS_READ}), lso="NOWHERE")
        assert find_key(world.databases, hash_of(secret("lost"))) is None

    def test_revoking_twice_keeps_the_first_moment(self, world: World) -> None:
        add_key(world.databases, "twice", ROLES["auditor"])
        first = revoke_key(world.databases, "twice", to_micros(world.clock()))
        again = revoke_key(world.databases, first["id"], to_micros(world.clock()))
        assert again["revoked_at"] == first["revoked_at"]
        with pytest.raises(NotFoundError):
            revoke_key(world.databases, "twice", to_micros(world.clock()))


def test_whoever_recorded_the_application_does_not_decide(world: World) -> None:
    said = {"member": "M-1", "product": "MONTHLY", "amount": "5000", "effective_on": "2021-06-01", "purpose": "Seed"}
    loan = world.records("/loans", said, by=EVERYTHING)["loan"]
    decided = {"approved": True, "resolution_no": "R-9", "committee": "VO", "effective_on": "2021-06-02"}
    response = world.call("POST", f"/v1/lsos/DAS/loans/{loan}/decision", decided, by=EVERYTHING)
    assert response.status_code == 422
    assert response.json()["code"] == "maker_is_checker"
