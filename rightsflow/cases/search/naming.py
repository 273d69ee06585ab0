"""The check that the configuration still names a case's systems and kinds: no connector reads an unnamed record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rightsflow.domain.connector import Capabilities
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.vocabulary.records import KindAt, RecordRef


def insist_on_kinds(records: Iterable[RecordRef | KindAt], systems: Mapping[str, Capabilities], whose: str) -> None:
    """Make sure that every record is of a system and a kind that are still configured.

    Args:
        records: The records, or their kinds.
        systems: What each configured system's connector declares.
        whose: Which case holds them, for the sentence.

    Raises:
        Misconfigured: One is not. It would be passed over in silence, as if it were not held.
    """
    for system, kind in sorted({(record.system, record.kind) for record in records}):
        if system not in systems:
            raise Misconfigured(
                f"{whose} holds records of the kind {kind} in the system {system}, which the configuration no longer "
                f"names; restore [systems.{system}]."
            )
        if kind not in {item.name for item in systems[system].kinds}:
            raise Misconfigured(
                f"{whose} holds records of the kind {kind} in the system {system}, which its section no longer names; "
                f"restore the kind in [systems.{system}]."
            )
