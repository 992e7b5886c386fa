"""What figures count. It is no one's secret: any key may read it, whatever its scopes."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from starlette.responses import Response

from api.models.definitions import DefinitionShown, DefinitionsShown
from api.routing import ANY_KEY, Routes
from api.visits import Visit, as_json
from cif_engine.operations.definitions import every_definition, one_definition

routes = Routes("reports")

FigureInPath = Annotated[str, Path(description="The id of the figure.", examples=["par_n"])]


@routes.get("/definitions", scope=ANY_KEY, answer=DefinitionsShown, summary="What every figure counts")
async def list_definitions(visit: Visit) -> Response:  # noqa: ARG001 - the guard lets it in
    """Every figure that a report may have: its definition, numerator, denominator, source, and a worked example."""
    return as_json(every_definition())


@routes.get("/definitions/{figure}", scope=ANY_KEY, answer=DefinitionShown, summary="What a figure counts")
async def read_definition(visit: Visit, figure: FigureInPath) -> Response:  # noqa: ARG001 - as above
    """What the figure of this id counts."""
    return as_json(one_definition(figure))
