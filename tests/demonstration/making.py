"""Small made-up LSOs for the tests, each with habits of its own, and a history so small that paper suffices."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

from cif_engine.demonstration.dues import Bullet, Monthly, Seasonal
from cif_engine.demonstration.office import plan_of
from cif_engine.demonstration.plan import Plan, Planned
from cif_engine.demonstration.profiles import Flood, Grant, Offer, Paper, Payers, Place, Profile, Troubles
from cif_engine.ledger.events import Papers
from cif_engine.moments import EPOCH, to_micros
from cif_engine.operations import collecting, disbursing, lending, sub_grant

OFFERS = (
    Offer("GOATS", "Goats", ("goats",), Bullet(9), 8_000, 16_000, 40),
    Offer("SHOP", "Shop", ("a shop",), Monthly(6), 5_000, 12_000, 35),
    Offer("SEED", "Seed", ("seed", "urea"), Seasonal(((4, 30), (10, 31)), 2), 6_000, 12_000, 25),
)


def draw_profile(seed: int) -> Profile:
    """A small LSO whose borrowers, papers and charge the seed decides."""
    rng = Random(seed)
    formed_on = date(2018, 1, 1) + timedelta(days=rng.randrange(365))
    return Profile(
        lso=Place(f"SMALL-{seed}", f"LSO Small {seed}"),
        rsp=Place("TRDP", "Thardeep Rural Development Programme"),
        province=Place("SINDH", "Sindh"),
        district=Place("DADU", "Dadu"),
        tehsil=Place("JOHI", "Johi"),
        union_council=Place("MANGWANI", "Mangwani"),
        formed_on=formed_on,
        to_on=formed_on + timedelta(days=900),
        households_total=60,
        households_organised=45,
        village_organisations=3,
        community_organisations=5,
        borrowing_households=14,
        loans=26,
        grants=(
            Grant(formed_on + timedelta(days=20), 90_000),
            Grant(formed_on + timedelta(days=rng.randint(120, 300)), 80_000),
        ),
        offers=OFFERS,
        charge_percent=rng.choice((0, 0, 7)),
        refused_applications=15,
        capital_returned=rng.choice((0, 20_000)),
        custodians=rng.randint(0, 3),
        payers=Payers(late=rng.randint(0, 60), defaulting=rng.randint(0, 15), splitting=20, overpaying=15),
        paper=Paper(late=rng.randint(0, 80), longest_delay_days=60),
        troubles=Troubles(
            mistyped=60,
            refunding=100,
            cancelled_applications=2,
            set_aside_after_days=30,
            written_off_after_days=60,
            flood=Flood(
                formed_on + timedelta(days=rng.randint(300, 600)), months=rng.randint(1, 4), village_organisations=2
            ),
        ),
    )


def one_loan(*payments: tuple[date, int, date]) -> Plan:
    """A plan of one monthly loan of 6,000 rupees, disbursed 2018-03-01; payments: day, rupees, day of recording."""
    plan = plan_of(replace(draw_profile(1), charge_percent=0), 1)
    member = plan.people.borrowers()[0][0]
    day = date(2018, 3, 1)
    facts = [
        _fact(
            lending.apply_for_loan, lending.Application("a", "loan", member.code, "SHOP", 600_000, day, "a shop"), day
        ),
        _fact(
            lending.decide_on_loan,
            lending.CommitteeDecision(
                "d", "loan", approved=True, effective_on=day, resolution_no="R-1", committee="VO", amount_minor=600_000
            ),
            day,
        ),
        _fact(disbursing.disburse_loan, disbursing.Disbursement("p", "loan", day, "cheque", 600_000), day),
    ]
    for number, (paid_on, rupees, recorded_on) in enumerate(payments):
        papers = Papers(receipt_no=f"R-{number}")
        repayment = collecting.Repayment(f"r{number}", "loan", rupees * 100, paid_on, papers=papers)
        facts.append(_fact(collecting.record_repayment, repayment, recorded_on))
    release = sub_grant.TrancheRelease("t", "CIF", "A", 1, 9_000_000, day)
    facts.insert(0, _fact(sub_grant.release_tranche, release, day))
    facts.insert(1, _fact(sub_grant.receive_tranche, sub_grant.TrancheReceipt("u", "CIF", 1, day), day))
    return replace(plan, facts=tuple(facts))


def then(plan: Plan, operation: Callable[..., Any], command: Any, recorded_on: date, undoes: str = "") -> Plan:  # noqa: ANN401 - of any operation
    """The plan with one more fact; a reversal names the id of what it undoes."""
    fact = _fact(operation, command, recorded_on)
    undone = next((found for found in plan.facts if found.command.id == undoes), None)
    return replace(plan, facts=(*plan.facts, replace(fact, undoes=undone)))


def noon(day: date) -> int:
    return to_micros(EPOCH) + ((day - EPOCH.date()).days * 24 + 12) * 3600 * 1_000_000


def _fact(operation: Callable[..., Any], command: Any, recorded_on: date) -> Planned:  # noqa: ANN401 - of any operation
    return Planned(operation, command, "accountant", noon(recorded_on), recorded_on, str(command))
