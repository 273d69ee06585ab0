"""The case store: the truth about every case, in SQLite or PostgreSQL through SQLAlchemy.

Its parts are imported when they are used: a list of cases needs none of what works on one.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rightsflow.store.case.case_file import CaseFile
    from rightsflow.store.database import Database
    from rightsflow.store.store import Store

__all__ = ["CaseFile", "Database", "Store"]


def __getattr__(name: str) -> object:
    """Import a part at its first use (PEP 562)."""
    if name == "Database":
        from rightsflow.store.database import Database as part  # noqa: N813, PLC0415
    elif name == "CaseFile":
        from rightsflow.store.case.case_file import CaseFile as part  # type: ignore[assignment] # noqa: N813, PLC0415
    elif name == "Store":
        from rightsflow.store.store import Store as part  # type: ignore[assignment] # noqa: N813, PLC0415
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return part
