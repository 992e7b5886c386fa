"""What is asked about the service itself, without a key: is it alive, is it ready, its metrics, its problem types."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final, Literal

from fastapi import FastAPI, Path
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from api.engine import Engine
from api.fields import Answer
from api.metrics import Metrics
from api.models.problems import ProblemType, ProblemTypes
from api.problems import catalogue, explanation
from api.schema import refuse_other_schema
from api.visits import as_json
from cif_engine.errors import NotFoundError

DOCUMENTATION: Final = "/docs"


class Health(Answer):
    """The service answers."""

    status: Literal["alive", "ready"]

    example: ClassVar[dict[str, Any]] = {"status": "ready"}


def add_service_routes(app: FastAPI, engine: Engine, metrics: Metrics) -> None:
    """Serve what needs no key, outside the versioned part of the API."""

    @app.get("/", include_in_schema=False)
    async def lead_to_documentation() -> Response:
        """Lead a browser to where the API is documented."""
        return RedirectResponse(DOCUMENTATION)

    @app.get("/health/live", tags=["service"], summary="Is the process alive?", response_model=Health)
    async def live() -> Response:
        """It is, if it answers. Nothing else is asked."""
        return as_json({"status": "alive"})

    @app.get("/health/ready", tags=["service"], summary="Can requests be served?", response_model=Health)
    async def ready() -> Response:
        """Ready when the database answers and is at the schema of this version; 503 otherwise."""
        await engine.desk.read(refuse_other_schema)
        return as_json({"status": "ready"})

    @app.get("/metrics", tags=["service"], summary="Metrics for Prometheus", response_class=PlainTextResponse)
    async def read_metrics() -> Response:
        """Requests by operation and status, and how long they took; of this worker process."""
        return Response(metrics.exposition(), media_type="text/plain; version=0.0.4")

    @app.get("/problems", tags=["service"], summary="Every kind of problem", response_model=ProblemTypes)
    async def list_problem_types() -> Response:
        """Every `type` that a problem may have."""
        return as_json({"items": [explanation(refusal) for refusal in catalogue().values()]})

    @app.get("/problems/{code}", tags=["service"], summary="One kind of problem", response_model=ProblemType)
    async def read_problem_type(
        code: Annotated[str, Path(examples=["not_enough_cash"])],
    ) -> Response:
        """What the `type` of a problem leads to."""
        refusal = catalogue().get(code)
        if refusal is None:
            raise NotFoundError("No such kind of problem.")
        return as_json(explanation(refusal))
