from dataclasses import replace

import pytest

from cif_engine.demonstration import Tally, load, many_lsos, plan_of
from cif_engine.demonstration.truths import When
from cif_engine.errors import DuplicateCodeError
from cif_engine.operations.asking import Question
from cif_engine.operations.ledger_reports import events_list
from cif_engine.operations.network_places import create_lso
from cif_engine.operations.portfolio_reports import portfolio_report
from cif_engine.operations.verifying import verify
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.standings import Within
from tests.demonstration.making import draw_profile
from tests.demonstration.reading import check_figures, minor


def count_events(databases: Databases, lso_id: str) -> int:
    return len(events_list(databases, lso_id, limit=10_000)["items"])


def test_a_plan_is_loaded_once(databases: Databases) -> None:
    plan = plan_of(draw_profile(4), 4)
    assert load(databases, plan) is True
    assert load(databases, plan) is False
    assert count_events(databases, plan.lso.id) == Tally(plan).events()


def test_a_load_that_was_cut_short_goes_on_where_it_stopped(databases: Databases) -> None:
    plan = plan_of(draw_profile(5), 5)
    load(databases, replace(plan, facts=plan.facts[:40]))
    assert load(databases, plan) is True
    assert count_events(databases, plan.lso.id) == Tally(plan).events()
    check_figures(databases, plan, Tally(plan), When(plan.profile.to_on))


def test_another_lso_of_the_same_code_is_left_alone(databases: Databases) -> None:
    plan = plan_of(draw_profile(6), 6)
    load(databases, replace(plan, facts=plan.facts[:1]))
    other = replace(plan, lso=replace(plan.lso, id="00000000-0000-4000-8000-000000000000"))
    with pytest.raises(DuplicateCodeError):
        load(databases, other)
    with pytest.raises(DuplicateCodeError):
        create_lso(databases, other.lso)
    assert count_events(databases, plan.lso.id) == 1


def test_many_lsos_stand_side_by_side(databases: Databases) -> None:
    plans = many_lsos(draw_profile(7), seed=7, count=2)
    for plan in plans:
        load(databases, plan)
        check_figures(databases, plan, Tally(plan), When(plan.profile.to_on))
    report = portfolio_report(databases, Question(Within()), plans[0].profile.to_on)
    together = sum(Tally(plan).portfolio(When(plan.profile.to_on)).gross for plan in plans)
    assert minor(report["total"]["gross_portfolio"]["amount"]) == together
    assert verify(databases) == []
