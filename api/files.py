"""Files: text that is sent while it is made, so that a large one takes no more memory than a small one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import ClassVar, Self

from starlette.responses import StreamingResponse

from api.desk import Desk
from cif_engine.operations.exporting import Export


class TextFile(StreamingResponse):
    """A text file to be kept. A kind of file is a class of its own, with an example for the OpenAPI document."""

    media_type = "text/plain"
    example: ClassVar[str]

    @classmethod
    def of(cls, desk: Desk, export: Export) -> Self:
        """Return the answer that sends an export; each part is made at the desk when the one before is sent.

        A failure once it has begun cuts the answer short: the client sees that the last chunk is missing.
        """
        headers = {"Content-Disposition": f'attachment; filename="{export.file_name}"'}
        return cls(_made_at(desk, export.parts), headers=headers)


async def _made_at(desk: Desk, parts: Iterator[str]) -> AsyncIterator[str]:
    while (part := await desk.read(lambda _: next(parts, None))) is not None:
        yield part
