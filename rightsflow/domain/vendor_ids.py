"""Ids that a vendor gives to a request: kept as they are only when no person's data can hide in them.

They come in a header of the answer, and some systems and proxies repeat there what they were asked. They end up in
errors, logs and the ledger, which hold no personal data (Art. 5(1)(c), 25(1) GDPR).
"""

from __future__ import annotations

import hashlib
import re

_PLAIN = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_HASHED_DIGITS = 16


def safe_request_id(given: str) -> str:
    """A vendor's request id as it may be kept: as it is, or a hash by which the vendor's support still finds it.

    What is safe already stays as it is, however often it comes by. None is none.

    Args:
        given: The id as the vendor gave it.
    """
    if not given or _PLAIN.fullmatch(given):
        return given
    # Whatever bytes a header held; those that are no text as well.
    digest = hashlib.sha256(given.encode("utf-8", "surrogatepass")).hexdigest()
    return f"sha256:{digest[:_HASHED_DIGITS]}"
