"""Rule sets: by which yardstick loans are classed. All of the network shares them, as it does areas and holidays."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from starlette.responses import Response

from api.access import require_everything
from api.models.rule_sets import RuleSetCode, RuleSetSaid, RuleSetShown
from api.paging import DEFAULT, After, Limit, Page, read_cursor
from api.routing import Routes
from api.times import AsOf, KnownAt
from api.visits import Visit
from cif_engine.operations.keys import Scope
from cif_engine.operations.rule_sets import RULE_SETS

routes = Routes("network")

RuleSetCodeInPath = Annotated[RuleSetCode, Path(description="The code of the rule set.", examples=["community"])]


@routes.post("/rule-sets", scope=Scope.NETWORK_WRITE, answer=RuleSetShown, summary="Record a version of a rule set")
async def create_rule_set(visit: Visit, said: RuleSetSaid) -> Response:
    """Record a new rule set, or the next version of one, by which reports go from a day on. Versions are never changed.

    A number is recorded once: the same request sent again is refused, and names the version that is there. Reports
    about earlier moments stay as they are. The key is bound to everything.
    """
    require_everything(visit.key)
    return await visit.made(RULE_SETS.record, said.value(), visit.key.name, visit.at, visit.today)


@routes.get("/rule-sets", scope=Scope.NETWORK_READ, answer=Page[RuleSetShown], summary="List rule sets")
async def list_rule_sets_by_code(
    visit: Visit, as_of: AsOf = None, after: After = None, limit: Limit = DEFAULT
) -> Response:
    """List rule sets by their codes, with their versions, and the one in force on a day."""
    key = read_cursor(after, str)
    return await visit.listed(RULE_SETS.listed, as_of or visit.today, key[0] if key else None, limit)


@routes.get("/rule-sets/{code}", scope=Scope.NETWORK_READ, answer=RuleSetShown, summary="Read a rule set")
async def read_rule_set(
    visit: Visit, code: RuleSetCodeInPath, as_of: AsOf = None, known_at: KnownAt = None
) -> Response:
    """Read a rule set with the versions recorded by a moment, and the one in force on a day as known then."""
    return await visit.answer(RULE_SETS.get, code, as_of or visit.today, known_at)
