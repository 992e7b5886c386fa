"""Files: sent part by part, so that a large one takes no more memory than a small one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import ClassVar, Self, TypeVar

from starlette.responses import StreamingResponse

from api.desk import Desk
from api.formats import MEDIA_TYPES
from cif_engine.operations.exporting import Export
from cif_engine.operations.files import ReportFile

Part = TypeVar("Part", str, bytes)


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


def as_file(desk: Desk, file: ReportFile) -> StreamingResponse:
    """Return the answer that sends a report as a file to be kept."""
    headers = {"Content-Disposition": f'attachment; filename="{file.file_name}"', "Vary": "Accept"}
    return StreamingResponse(_made_at(desk, file.parts), headers=headers, media_type=MEDIA_TYPES[file.form])


async def _made_at(desk: Desk, parts: Iterator[Part]) -> AsyncIterator[Part]:
    while (part := await desk.read(lambda _: next(parts, None))) is not None:
        yield part
