"""The case store: the truth about every case, in SQLite or PostgreSQL through SQLAlchemy."""

from rightsflow.store.case.case_file import CaseFile
from rightsflow.store.database import Database
from rightsflow.store.store import Store

__all__ = ["CaseFile", "Database", "Store"]
