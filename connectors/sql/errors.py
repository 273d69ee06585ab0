"""Database and file errors in the words of the contract.

Databases quote data in their messages (``Key (email)=(…) is still referenced``), so nothing of a message is passed on:
only the SQLSTATE and the table's name.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from types import MappingProxyType
from typing import Final, TypedDict

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from rightsflow.domain.errors import Misconfigured, Permanent, Refused, RightsflowError, Transient

_log = logging.getLogger(__name__)

_LOGIN_STATES = ("28",)
_RIGHT_STATE = "42501"
_SCHEMA_STATES = ("42", "3D", "3F", "0A")
_NOT_CHANGEABLE_STATE = "55000"
_LETTER_STATES = ("22021", "22P05")
"""SQLSTATEs of bytes that are no letters of the database's character set, and of letters that it has not."""
_HIDING_ROWS = "check_enable_rls"
"""The function of PostgreSQL that raises where row-level security would hide rows; its text is in any language."""
_RAISED_STATE = "P0001"
_REFUSAL_STATES = ("22", "23", "44", "P0", "09", "27", "38", "39", "428C9")
"""SQLSTATE classes of a value that is not taken: of its type, by a rule of the table, a view or a trigger; a column
that the database computes itself."""
_TRANSIENT_STATES = ("08", "40", "53", "55", "57", "58")
"""SQLSTATE classes of PostgreSQL: connection, rollback, resources, lock not available, intervention, system error."""
_LOGIN_WORDS = ("password authentication failed", "authentication failed", "access denied", "no pg_hba.conf entry")
_VIEW_WORDS = ("because it is a view",)
_MISSING_WORDS = ("does not exist", "existiert nicht", "n'existe pas", "no existe")
_ROLE = re.compile(r"(?:role|user|rolle|rôle|rol) [\"«»„]", re.IGNORECASE)
_READ_ONLY_WORDS = ("readonly database", "read-only transaction", "permission denied", "not a database")
LOGIN, RIGHT, SCHEMA, VIEW = "28000", "42501", "42S02", "55000"
VALUE, DEPENDS, COMPUTED, RAISED = "22000", "23000", "428C9", "P0001"
ROLLED_BACK, BUSY, ENDED, OTHER = "40001", "53000", "57014", "HY000"
_NUMBERS: Final = {
    LOGIN: (1044, 1045, 1129, 1130, 1251, 1698, 1862, 3118),
    RIGHT: (1142, 1143, 1227, 1290, 1370, 1410, 1792, 1836),
    SCHEMA: (1046, 1049, 1051, 1054, 1109, 1146),
    VIEW: (1288, 1348, 1356, 1393, 1394, 1395, 1471),
    VALUE: (1264, 1265, 1292, 1366, 1367, 1369, 1406, 1411, 1416, 1441, 1690, 3140, 3854),
    DEPENDS: (1048, 1062, 1169, 1216, 1217, 1364, 1451, 1452, 1557, 1586, 1761, 1762, 3819, 4025),
    COMPUTED: (1906, 3105),
    RAISED: (1644,),
    ROLLED_BACK: (1020, 1205, 1213, 1614, 3572),
    BUSY: (1021, 1037, 1038, 1040, 1041, 1114, 1203, 1226),
    ENDED: (1028, 1053, 1152, 1154, 1158, 1159, 1160, 1161, 1184, 1317, 1927, 1969, 3024),
}
_STATES: Final = MappingProxyType({number: state for state, numbers in _NUMBERS.items() for number in numbers})
_OF_THE_SERVER: Final = (range(1000, 2000), range(3000, 2**16))
"""The others are the driver's, such as a server that is not there."""


class _Marks(TypedDict):
    system: str
    operation: str
    status: str


@contextmanager
def translated(system: str, operation: str, table: str = "") -> Iterator[None]:
    """Turn any error of the database or of the file location inside into one of the contract.

    Args:
        system: The system's name in the configuration.
        operation: What is being done, for example ``"locate"``.
        table: The table it is done in, for the sentence.
    """
    try:
        yield
    except RightsflowError:
        raise
    except SQLAlchemyError as error:
        mended = _of_database(error, system, operation, table)
    except PermissionError:
        mended = Misconfigured(f"The system {system} does not let its files be read or removed; grant the right.")
    except OSError as error:
        mended = Transient(
            "The files' location does not answer; check that it is reachable.",
            system=system,
            operation=operation,
            status=type(error).__name__,
        )
    else:
        return
    _log.warning("%s %s failed: %s", system, operation, type(mended).__name__)
    raise mended from None


@contextmanager
def translated_files(system: str, operation: str) -> Iterator[None]:
    """The same around calls to the files' location, whose drivers raise errors of their own libraries."""
    with translated(system, operation):
        try:
            yield
        except (RightsflowError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - each fsspec driver has its own, with paths in their texts
            raise Transient(
                "The files' location answered with an error; look at it and try again.",
                system=system,
                operation=operation,
                status=type(error).__name__,
            ) from None


def is_refusal(error: DBAPIError) -> bool:
    """Return True if the database rejects a value, which no retry and no further right would change."""
    state = state_of(error.orig)
    if isinstance(error, IntegrityError | DataError) or state.startswith(_REFUSAL_STATES):
        return True
    # A trigger may raise a state of its own, which is in none of the standard's classes.
    ours_to_mend = state.startswith((*_LOGIN_STATES, *_SCHEMA_STATES, _NOT_CHANGEABLE_STATE))
    return bool(state) and not ours_to_mend and not _may_pass(error, state)


def _of_database(error: SQLAlchemyError, system: str, operation: str, table: str) -> RightsflowError:
    state = state_of(getattr(error, "orig", None))
    where = f"The table {table}" if table else "The database"
    marks = _Marks(system=system, operation=operation, status=state)
    if isinstance(error, IntegrityError) or state in (_RAISED_STATE, DEPENDS):
        return Refused(
            f"{where} does not allow the change, since other data depend on it; "
            "configure what depends on it as well, or change the rule there.",
            **marks,
        )
    wrong = _misconfigured(error, state, system, where)
    if wrong is not None:
        return wrong
    if _may_pass(error, state):
        return Transient(f"{where} did not answer or broke off; try again once it is back.", **marks)
    return Permanent(f"{where} does not accept the statement; check its section in the key tables.", **marks)


def _misconfigured(error: SQLAlchemyError, state: str, system: str, where: str) -> Misconfigured | None:
    # Read for its kind only; the text goes no further.
    text = str(getattr(error, "orig", "")).casefold()
    for applies, sentence in (
        (_hides_rows(error), _HIDDEN),
        (
            state.startswith(_LOGIN_STATES)
            or (not state and _has(text, _LOGIN_WORDS))
            or _is_role_missing(error, text),
            _LOGIN,
        ),
        (state == _NOT_CHANGEABLE_STATE or _has(text, _VIEW_WORDS), _VIEW),
        (state == _RIGHT_STATE or _has(text, _READ_ONLY_WORDS), _RIGHT),
        (state in _LETTER_STATES, _LETTERS),
        (state.startswith(_SCHEMA_STATES) or _has(text, _MISSING_WORDS), _SCHEMA),
    ):
        if applies:
            return Misconfigured(sentence.format(where=where, system=system))
    return None


_LOGIN = "The database of the system {system} refuses the login; mend the user or password in url."
_RIGHT = "{where} of the system {system} does not allow this to the user; grant the right."
_SCHEMA = "{where} of the system {system} is not as configured; mend the keys url and tables."
_LETTERS = (
    "{where} of the system {system} has text that is none in the character set of its database, or would be given a "
    "letter that this has not; mend that text there, or name a view without it, and blank with plain letters."
)
_VIEW = (
    "{where} of the system {system} is a view that cannot be changed; configure the tables that it reads instead, or "
    "make it updatable."
)
_HIDDEN = (
    "{where} of the system {system} has row-level security, which hides rows from the user, so a search would prove "
    "nothing; grant the user BYPASSRLS."
)


def _has(text: str, words: tuple[str, ...]) -> bool:
    return any(word in text for word in words)


def _hides_rows(error: SQLAlchemyError) -> bool:
    diagnosis = getattr(getattr(error, "orig", None), "diag", None)
    return getattr(diagnosis, "source_function", None) == _HIDING_ROWS


def _is_role_missing(error: SQLAlchemyError, text: str) -> bool:
    """Return True if the login failed since there is no such role: a failed connection has no SQLSTATE."""
    return isinstance(error, OperationalError) and _has(text, _MISSING_WORDS) and bool(_ROLE.search(text))


def _may_pass(error: SQLAlchemyError, state: str) -> bool:
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if state == OTHER or state.startswith(_REFUSAL_STATES):
        # MySQL's drivers call what the server refuses an operational error.
        return False
    return isinstance(error, OperationalError | InterfaceError | PoolTimeout) or state.startswith(_TRANSIENT_STATES)


def state_of(error: object) -> str:
    """The SQLSTATE of a driver's error, or an empty text where it tells none."""
    number = next(iter(getattr(error, "args", ())), None)
    if not isinstance(number, int):
        return str(getattr(error, "sqlstate", None) or "")
    # Some drivers give its state as well, which for most of them is that of no error in particular.
    return _STATES.get(number, OTHER if any(number in item for item in _OF_THE_SERVER) else "")
