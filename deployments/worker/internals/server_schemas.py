"""What Prefect's server checks of its own forms again and again: that each is a valid JSON Schema.

It does so whenever what was filled in is checked against a form, the configuration of a work pool included, and that
takes ten times as long as the check for which it is done: some six milliseconds for each run that is started.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final

_MOST: Final = 200
"""How many forms are remembered at most."""

Check = Callable[..., None]


class Checked:
    """Checks a form as it is given once; the same form again cannot become invalid.

    Args:
        check: Checks a form; raises where it is not valid.
    """

    def __init__(self, check: Check) -> None:
        self.check = check
        self._valid: OrderedDict[tuple[bytes, object], None] = OrderedDict()

    def __call__(self, schema: Any, format_checker: Any = None, **more: Any) -> None:
        """Check a form.

        Args:
            schema: The form.
            format_checker: What texts in it are checked by.
            **more: What else the check may be given.

        Raises:
            SchemaError: It is not valid.
        """
        # Not the form itself: it may be filled in already.
        form = (hashlib.sha256(json.dumps(schema, default=repr).encode()).digest(), format_checker)
        if more or form not in self._valid:
            self.check(schema, **({"format_checker": format_checker} if format_checker else {}), **more)
            if not more:
                self._valid[form] = None
                while len(self._valid) > _MOST:
                    self._valid.popitem(last=False)


def check_forms_once() -> bool:
    """Let the server check each form once; returns whether it will.

    Where a later Prefect checks them in another way, it stays as it is.
    """
    # Late: the server takes seconds to import.
    from prefect.utilities.schema_tools import validation  # noqa: PLC0415

    validator = getattr(validation, "_VALIDATOR", None)
    check = getattr(validator, "check_schema", None)
    if validator is None or check is None:
        return False
    if not isinstance(check, Checked):
        validator.check_schema = Checked(check)
    return True
