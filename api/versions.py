"""ETags: a record is changed only by someone who has read it as it is."""

from __future__ import annotations

import re
from typing import Annotated, Final

from fastapi import Depends, Header

from api.refusals import IfMatchMissingError, MalformedRequestError

_PATTERN: Final = r'^"[1-9][0-9]{0,17}"$'
_STRONG: Final = re.compile(_PATTERN)


def etag(version: int) -> str:
    """Return the strong ETag of a version."""
    return f'"{version}"'


async def _version_to_change(
    if_match: Annotated[
        str | None,
        Header(
            description="The `ETag` of the record as it was read.",
            json_schema_extra={"type": "string", "pattern": _PATTERN},
            examples=['"1"'],
        ),
    ] = None,
) -> int:
    if if_match is None:
        raise IfMatchMissingError("Read the record, then send its ETag as If-Match.")
    if not _STRONG.fullmatch(if_match):
        raise MalformedRequestError("If-Match is the ETag as it was answered, with its quotes.")
    return int(if_match.strip('"'))


VersionRead = Annotated[int, Depends(_version_to_change)]
"""The version that If-Match names; 428 without it."""
