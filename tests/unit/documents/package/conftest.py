"""A package made once and opened with an independent program's library."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rightsflow.documents.package import PackageInfo, assemble
from rightsflow.domain.vocabulary.records import Part
from tests.unit.documents.package import sample
from tests.unit.documents.package.opened import Make


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Writes a package to disk."""

    def write(parts: Callable[[], Iterator[Part]] = sample.parts, info: PackageInfo | None = None) -> Path:
        path = tmp_path / "package.zip"
        with path.open("wb") as file:
            file.writelines(assemble(parts, info or sample.info(), sample.PASSPHRASE))
        return path

    return write
