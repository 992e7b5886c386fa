"""The three addresses of what is asked of a portfolio: of all that a key is bound to, of an RSP, of an LSO.

`portfolio_get` declares one operation under all three. Its route function takes a `PortfolioVisit`, which knows whose
loans count and how they are cut and narrowed: the visit reads that itself, because sixteen parameters that are hardly
ever sent would cost the framework more than the answer does.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Coroutine, Iterator
from inspect import Parameter, signature
from typing import Any, ClassVar, Final, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from api.engine import Engine
from api.fields import OneLine
from api.routing import Routes
from api.visits import Visit, parameter_finding
from cif_engine.operations.keys import Key, Scope
from cif_engine.persistence.standings import Within
from cif_engine.portfolio.cuts import MOST_CUTS, NOTHING, NULLABLE, WHOLE, Cut, Cutting

BY: Final = "by"
MOST_VALUES: Final = 500
_LONGEST_VALUE: Final = OneLine(200)

Endpoint = Callable[..., Coroutine[Any, Any, Response]]
E = TypeVar("E", bound=Endpoint)


class PortfolioVisit(Visit):
    """A visit to a portfolio: whose loans count (`within`), and how they are cut and narrowed (`cutting`)."""

    parameters: ClassVar[frozenset[str]] = frozenset({BY, *(cut.value for cut in Cut)})

    within: Within
    cutting: Cutting

    async def _find_place(self, engine: Engine) -> None:  # noqa: ARG002 - the others ask it
        self.within = _reach(self.key)

    def read_manner(self) -> None:
        """Read how the portfolio is cut and narrowed; raises RequestValidationError, and what `Cutting` refuses."""
        said = self.query_params
        self.cutting = Cutting(_read_cuts(said.get(BY)), tuple(_read_only(said))) if said else WHOLE


class RspPortfolioVisit(PortfolioVisit):
    """A visit to the portfolio of the RSP in the path."""

    async def _find_place(self, engine: Engine) -> None:
        self.within = Within(rsp_id=await engine.gate.rsp_id(self.key, self.path_params["rsp"]))


class LsoPortfolioVisit(PortfolioVisit):
    """A visit to the portfolio of the LSO in the path."""

    async def _find_place(self, engine: Engine) -> None:
        self.within = Within(((await engine.gate.lso(self.key, self.path_params["lso"])).id,))


_ADDRESSES: Final = (
    ("", "/portfolio", PortfolioVisit, "of all"),
    ("rsp_", "/rsps/{rsp}/portfolio", RspPortfolioVisit, "of an RSP"),
    ("lso_", "/lsos/{lso}/portfolio", LsoPortfolioVisit, "of an LSO"),
)


def portfolio_get(
    routes: Routes,
    path: str,
    *,
    answer: Any,  # noqa: ANN401 - a model
    summary: str,
    scope: Scope = Scope.PORTFOLIO_READ,
) -> Callable[[E], E]:
    """Declare an operation that reads, under the three addresses; `path` follows them, `/series` or nothing.

    The route function is called `read_...` and takes a `PortfolioVisit` first. The summary goes on with `of an LSO`.
    """

    def declare(endpoint: E) -> E:
        for prefix, address, visit_type, of_whom in _ADDRESSES:
            declared = routes.get(address + path, scope=scope, answer=answer, summary=f"{summary} {of_whom}")
            declared(_visited_by(endpoint, visit_type, endpoint.__name__.replace("read_", f"read_{prefix}", 1)))
        return endpoint

    return declare


def portfolio_parameters() -> Iterator[dict[str, Any]]:
    """Give the parameters that a portfolio visit reads, as the OpenAPI document tells them."""
    names = [cut.value for cut in Cut]
    one = "|".join(names)
    yield _told(
        BY,
        f"Cut by one or two of {', '.join(names)}, separated by a comma.",
        "vo",
        f"^({one})(,({one}))?$",
    )
    for cut in Cut:
        words = f"Only loans of these: {_WORDS[cut]}, separated by commas; one with a comma in it in double quotes."
        if cut in NULLABLE:
            words += f" `{NOTHING}` stands for those that have none."
        yield _told(cut.value, words, _EXAMPLES[cut])


def _visited_by(endpoint: Endpoint, visit_type: type[PortfolioVisit], name: str) -> Endpoint:
    """Return the route function as one that takes visits of this type."""
    told = signature(endpoint, eval_str=True)
    first, *rest = told.parameters.values()

    async def visited(visit: Any, **asked: Any) -> Response:  # noqa: ANN401 - as the signature below says
        return await endpoint(visit, **asked)

    visited.__name__ = name
    visited.__doc__ = endpoint.__doc__
    visited.__module__ = endpoint.__module__
    by_name = [parameter.replace(kind=Parameter.KEYWORD_ONLY) for parameter in rest]
    visited.__signature__ = told.replace(  # type: ignore[attr-defined]  # how `inspect` is told
        parameters=[first.replace(annotation=visit_type), *by_name]
    )
    return visited


def _reach(key: Key) -> Within:
    """Return the LSOs that a key is bound to."""
    if key.lso_id is not None:
        return Within((key.lso_id,))
    return Within(rsp_id=key.rsp_id)


def _read_cuts(written: str | None) -> tuple[Cut, ...]:
    if written is None:
        return ()
    names = written.split(",")
    if len(names) > MOST_CUTS or not set(names) <= set(Cut):
        raise _refused(BY, "value_unknown", f"Name one or two of {', '.join(Cut)}, separated by a comma.")
    return tuple(map(Cut, names))


def _read_only(said: Any) -> Iterator[tuple[Cut, tuple[str, ...]]]:  # noqa: ANN401 - the parameters of the address
    for cut in Cut:
        if cut.value in said:
            yield cut, tuple(_read_values(cut.value, said[cut.value]))


def _read_values(name: str, written: str) -> Iterator[str]:
    """Give the values that are separated by commas, each once."""
    try:
        (values,) = csv.reader([written], strict=True)
        found = dict.fromkeys(_LONGEST_VALUE.read(value) for value in values or [""])
    except PydanticCustomError as refusal:
        raise _refused(name, refusal.type, refusal.message()) from refusal
    except (csv.Error, ValueError) as unreadable:
        raise _refused(name, "text_malformed", "Write values with commas between them.") from unreadable
    if len(found) > MOST_VALUES:
        raise _refused(name, "list_too_long", f"Name at most {MOST_VALUES}.")
    yield from found


def _refused(name: str, code: str, words: str) -> RequestValidationError:
    return RequestValidationError([parameter_finding(code, name, words)])


def _told(name: str, words: str, example: str, pattern: str | None = None) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "minLength": 1}
    if pattern is not None:
        schema["pattern"] = pattern
    return {"name": name, "in": "query", "required": False, "description": words, "schema": schema, "example": example}


_WORDS: Final[dict[Cut, str]] = {
    Cut.RSP: "codes of RSPs",
    Cut.DISTRICT: "codes of districts",
    Cut.TEHSIL: "codes of tehsils",
    Cut.UNION_COUNCIL: "codes of union councils",
    Cut.LSO: "codes of LSOs",
    Cut.VO: "codes of VOs",
    Cut.CO: "codes of COs",
    Cut.FUND: "codes of funds",
    Cut.FUNDER: "funders, as the funds name them",
    Cut.TRANCHE: "numbers of tranches: a loan is under the last one its fund had received when it was disbursed",
    Cut.PRODUCT: "codes of products",
    Cut.PURPOSE: "purposes, as the applications say them",
    Cut.CYCLE: "cycles: 2 is a borrower's second loan",
    Cut.POVERTY_BAND: "bands of poverty scores, 0-11, 12-18, 19-23, 24-100 or none",
    Cut.GENDER: "female or male",
    Cut.CHANNEL: "channels of the disbursement, cash, bank, cheque or wallet",
}
_EXAMPLES: Final[dict[Cut, str]] = {
    Cut.RSP: "SRSO",
    Cut.DISTRICT: "SHP",
    Cut.TEHSIL: "GYS",
    Cut.UNION_COUNCIL: "UC-07",
    Cut.LSO: "DAS",
    Cut.VO: "VO-03",
    Cut.CO: "CO-014",
    Cut.FUND: "CIF",
    Cut.FUNDER: "EU",
    Cut.TRANCHE: "1",
    Cut.PRODUCT: "LIVESTOCK-12",
    Cut.PURPOSE: "Two goats",
    Cut.CYCLE: "1",
    Cut.POVERTY_BAND: "0-11",
    Cut.GENDER: "female",
    Cut.CHANNEL: "bank",
}
