"""Keys that XML has no way to write: S3 lets them be, and answers, and lists of what is to be deleted, are XML."""

from __future__ import annotations

import re
from typing import Final

_NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def fits_xml(key: str) -> bool:
    """Return whether a list can name a key; a key that it cannot name has the whole list refused."""
    return not _NOT_IN_XML.search(key)


def listable(prefix: str) -> str:
    """Return the part of a prefix that can be listed by: RadosGW repeats it in its answer, which must stay readable.

    Args:
        prefix: What keys begin with.
    """
    return _NOT_IN_XML.split(prefix, maxsplit=1)[0]
