"""Serving the application: by this program, or by any ASGI server (`api.serving:application`, a factory)."""

from __future__ import annotations

import gc

import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.clock import now
from cif_engine.persistence.engines import open_databases
from cif_engine.settings import Settings

FACTORY = "api.serving:application"


def application() -> FastAPI:
    """Return the application that the environment describes; each worker process makes its own."""
    settings = Settings()
    app = create_app(open_databases(settings), settings, now)
    gc.collect()
    gc.freeze()  # all this stays: the collector need not look through it again and again
    return app


def serve(host: str, port: int, workers: int, *, access_log: bool) -> None:
    """Serve until told to stop, then finish what has begun."""
    uvicorn.run(
        FACTORY,
        factory=True,
        host=host,
        port=port,
        workers=workers,
        access_log=access_log,
        server_header=False,
        timeout_graceful_shutdown=30,
    )
