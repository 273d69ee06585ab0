"""The page of the errors, from their classes."""

from __future__ import annotations

import inspect
from typing import Final

from docs.generate.docstrings import about, members
from docs.generate.markdown import code, table
from rightsflow.audit.ledger.checking import FaultKind
from rightsflow.domain import errors

_INTRODUCTION: Final = """# Errors

Errors are grouped by recovery. Each is one or two sentences: the fault and its remedy, without personal data. On the command line `BadInput`, `Misconfigured` and `Conflict` end with status 2, all others with status 1.

"""


def page() -> str:
    """Return the page."""
    classes = [one for _, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, errors.RightsflowError)]
    classes.sort(
        key=lambda one: len(inspect.getsource(errors)[: inspect.getsource(errors).index(f"class {one.__name__}")])
    )
    rows = ((code(one.__name__), code(one.__mro__[1].__name__), about(one)) for one in classes)
    return f"{_INTRODUCTION}{table(('Error', 'Is a kind of', 'Meaning'), rows)}\n{_faults()}"


def _faults() -> str:
    text = "Reported by `rightsflow verify` and `rightsflow ledger verify`."
    return f"## Faults of a ledger or a bundle\n\n{text}\n\n" + "".join(f"- {one}\n" for one in members(FaultKind))
