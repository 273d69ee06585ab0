"""Changes of the account of a case: what everything else counts by."""

from __future__ import annotations

from typing import Any

from proofs.answers.mutants.changing import Mutant, fate, function, shown
from rightsflow.cases.access import copies
from rightsflow.cases.overview import account, record_fates
from rightsflow.domain.case.copies import Copies
from rightsflow.domain.case.fates import Fate

_real_copied = account.copied_in
_real_copy = record_fates._fate_of_copy
_GIVEN = {Fate.UNCLEAR: Fate.COPIED, Fate.GONE: Fate.COPIED}


def _all_kinds(known: Any, capabilities: Any) -> dict[str, int]:
    return {"email": 1, "phone": 1, "customer_id": 1}


ACCOUNT = (
    Mutant("files beside a record are counted as records", shown(Copies, "attachments", lambda self: 0)),
    Mutant(
        "the certificate counts files as records",
        function(
            copies, "copied_in", lambda file, system="": {name: n + 1 for name, n in _real_copied(file, system).items()}
        ),
    ),
    Mutant("a failed record is called erased", fate({Fate.FAILED: Fate.ERASED}), ends=("failed",)),
    Mutant("a retained record is called erased", fate({Fate.RETAINED: Fate.ERASED})),
    Mutant("an unclear record is called erased", fate({Fate.UNCLEAR: Fate.ERASED})),
    Mutant("an unclear record is called retained", fate({Fate.UNCLEAR: Fate.RETAINED})),
    Mutant("a record of which a part stayed is called cleared", fate({Fate.RESIDUE: Fate.REDACTED})),
    Mutant(
        "what was left out counts as given",
        function(record_fates, "_fate_of_copy", lambda one: _GIVEN.get(fate := _real_copy(one), fate)),
    ),
    Mutant("what was masked is not told", function(account, "masked_in", lambda _: {})),
    Mutant("nothing held: all systems searched by everything", function(account, "searched_by", _all_kinds)),
    Mutant("a record that a processor erased is called erased here", fate({Fate.DELEGATED: Fate.ERASED})),
    Mutant("a restricted record is called retained", fate({Fate.RESTRICTED: Fate.RETAINED})),
)
