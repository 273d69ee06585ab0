"""Until when the records of an access answer are kept, by the rules that the plan of an erasure asks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import replace

from rightsflow.cases.app import App
from rightsflow.cases.work.erasure.planning import plan_rules
from rightsflow.documents.letters.erasure import OutcomeRow, kept_lines
from rightsflow.domain.erasure.plan import storage_end
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.wording import counted
from rightsflow.store import CaseFile


def storage_ends(file: CaseFile, app: App, given: Collection[int]) -> dict[str, tuple[str, ...]]:
    """Return for each system until when a law or a contract has the copied records kept (Art. 15(1)(d) GDPR).

    A system of which no rule gives an end is not in it.

    Args:
        file: The case file, open.
        app: What it works with.
        given: The numbers of the records that are in the package.
    """
    rules = replace(
        plan_rules(file, app),
        right=Right.ERASURE,
        needed_by_orders=file.findings.needed_by_orders(),
        blocked_until=None,
    )
    counts: Counter[OutcomeRow] = Counter()
    for finding in file.findings.all():
        if finding.number not in given or finding.ref.system not in app.capabilities:
            continue
        kept = storage_end(finding, rules)
        if kept is not None:
            row = OutcomeRow(
                system=finding.ref.system,
                category=finding.category,
                outcome=kept.expected,
                count=1,
                reason=kept.reason,
                legal_basis=kept.legal_basis,
                until=kept.until,
                ends_when=kept.ends_when,
            )
            counts[row] += 1
    ends: defaultdict[str, list[str]] = defaultdict(list)
    for line in kept_lines(row.model_copy(update={"count": number}) for row, number in counts.items()):
        number = counted(line.count, "record")
        ends[line.row.system].append(f"{line.row.category} ({number}): until {line.ends}, {line.row.legal_basis}")
    return {system: tuple(lines) for system, lines in ends.items()}
