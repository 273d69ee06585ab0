"""Files of requests that lie in memory."""

from __future__ import annotations

import io

from rightsflow.files.inbox import RequestFile


def request_file(content: str | bytes) -> RequestFile:
    """A file with this content."""
    data = content.encode() if isinstance(content, str) else content
    return RequestFile(lambda: io.BytesIO(data))
