"""The seals that were published in a folder, read again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rightsflow.audit.ledger.seals import Seal, file_name, read_published
from rightsflow.domain.errors import BadInput


def published_in(folder: Path) -> Iterator[Seal]:
    """Yield the published seals of a folder, in their order.

    Raises:
        BadInput: It holds none, or a file of it is not a seal.
    """
    paths = sorted(folder.glob("seal-*.json"))
    if not paths:
        raise BadInput(f"There are no seals in {folder}; give the folder with the files seal-….json.")
    for path in paths:
        try:
            published = read_published(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise BadInput(
                f"The file {path} is not a seal as it was published; get it again from where it is kept."
            ) from None
        if file_name(published) != path.name:
            raise BadInput(
                f"The file {path} holds seal {published.number}; give it back its name {file_name(published)}."
            )
        yield published
