"""A restriction on request: on which ground it was asked for, and what ends it (Art. 18(1) GDPR). Pure."""

from __future__ import annotations

from typing import Final

AS_ASKED: Final = "You asked that it is stored and used for nothing else."
SHARED: Final = "Another person's data stand in the same record, which a mark would keep from being used as well."
LEFT_AS_DECIDED: Final = "It was decided for this record alone that your request does not concern it."
