"""How every record of the network is added, read and listed over HTTP: one way for all kinds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any, Concatenate, Final, ParamSpec

import orjson
from fastapi import Path, Query
from starlette.responses import Response

from api.fields import Code, Day
from api.paging import page, read_cursor
from api.versions import etag
from api.visits import Visit, as_json
from cif_engine.dates import parse_date
from cif_engine.errors import InvalidInputError, MalformedCursorError
from cif_engine.operations.dated import Saying
from cif_engine.operations.network_records import get_record, list_records
from cif_engine.operations.views import View
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.network_registers import Key, Register

P = ParamSpec("P")

CodeInPath = Annotated[Code, Path(description="The code of the record.", examples=["HH-0327"])]
DayInPath = Annotated[Day, Path(description="The day.")]
CodeAsked = Annotated[Code | None, Query(examples=["CO-014"])]

_NUMBER: Final = "number"
_DAY: Final = "on"


async def add(
    visit: Visit,
    collection: str,
    key: tuple[str, ...],
    create: Callable[Concatenate[Databases, P], View],
    /,
    *args: P.args,
    **named: P.kwargs,
) -> Response:
    """Have a record added; answer 201 with it, its ETag, and its address: the collection's, then its key fields."""
    record = await visit.desk.write(create, *args, **named)
    address = "/".join(("/v1", collection, *(str(record[field]) for field in key)))
    headers = {"ETag": etag(record["version"]), "Location": address}
    return Response(orjson.dumps(record), 201, headers, "application/json")


def saying(visit: Visit, effective_on: date | None) -> Saying:
    """Return when, by whom and from which day on a change is said; without a day, from today on."""
    return Saying(visit.at, visit.key.name, visit.today, effective_on)


async def show(visit: Visit, register: Register, key: Key, lso_id: str | None = None) -> Response:
    """Answer 200 with a record and its ETag."""
    return await visit.answer(get_record, register, key, lso_id)


async def show_page(
    visit: Visit, register: Register, lso_id: str | None, filters: Mapping[str, Any], after: str | None, limit: int
) -> Response:
    """Answer 200 with a page of records; filters that are None do not filter."""
    asked = {name: value for name, value in filters.items() if value is not None}
    key = key_after(register, after)
    found = await visit.desk.read(list_records, register, lso_id, filters=asked, after=key, limit=limit)
    return as_json(page(found.items, found.next_after))


def key_after(register: Register, cursor: str | None) -> Key | None:
    """Return the key that a list goes on after; raises MalformedCursorError."""
    key = read_cursor(cursor, *(int if name == _NUMBER else str for name in register.key))
    if key is None or _DAY not in register.key:
        return key
    try:
        return tuple(map(parse_date, key))
    except InvalidInputError as unreadable:
        raise MalformedCursorError("Send the `next` of the page before, unchanged.") from unreadable
