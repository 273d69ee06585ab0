"""Forms as they are read: counted by their bytes, whatever their headers say, and never written to a disk."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Final

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from deployments.desk.page import WITH_FILES
from rightsflow.domain.processors.files import MOST_DOCUMENTS

STRANGERS_BYTES: Final = 64 * 1024
"""The maximum size of a form that anybody can send, in bytes: a sign-in has a few fields."""
_MOST_FIELDS: Final = 20_000


class _InMemory(MultiPartParser):
    """Files in memory: a processor's proof may name the person, and is stored only encrypted."""

    spool_max_size = WITH_FILES


async def read_form(request: Request, most_bytes: int) -> FormData:
    """Read a form.

    Args:
        request: The request.
        most_bytes: How many bytes it may have.

    Raises:
        HTTPException: It has more, or cannot be read (413), or did not come in time (408).
    """
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or len(declared) > len(str(most_bytes)) or int(declared) > most_bytes:
        raise HTTPException(413)
    try:
        return await _parser(request, _counted(request, most_bytes)).parse()
    except MultiPartException:
        raise HTTPException(413) from None
    except ClientDisconnect:
        raise HTTPException(408) from None


def _parser(request: Request, body: AsyncGenerator[bytes, None]) -> FormParser | MultiPartParser:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return _InMemory(request.headers, body, max_files=MOST_DOCUMENTS, max_fields=_MOST_FIELDS)
    return FormParser(request.headers, body, max_fields=_MOST_FIELDS)


async def _counted(request: Request, most_bytes: int) -> AsyncGenerator[bytes, None]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most_bytes:
            raise HTTPException(413)
        yield chunk
