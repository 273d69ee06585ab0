"""Memory stays flat whatever the size."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace

import pytest

from rightsflow.documents.package import PackageInfo, assemble
from rightsflow.domain.vocabulary.records import Part
from tests.unit.documents.package import sample

pytestmark = pytest.mark.long

MIB = 1 << 20
CHUNK = bytes(range(256)) * 256  # 64 KiB


def recordings(files: int, mib_each: int) -> Iterator[Part]:
    for number in range(files):
        one = sample.blob("recordings", f"{number}.mp3", "audio/mpeg", b"", "call recordings", number=number)
        yield replace(one, open=lambda: (CHUNK for _ in range(mib_each * 16)))


def tickets(number: int) -> Iterator[Part]:
    said = [("You", "2026-03-02T08:12:00Z", "Lorem ipsum dolor. " * 150)] * 3
    return (sample.ticket(at, "Headset", *said) for at in range(number))


def only(name: str) -> PackageInfo:
    return sample.info(systems=(sample.system(name, name.capitalize()),), left_out=())


def peak(parts: Iterator[Part], info: PackageInfo) -> tuple[int, int]:
    """Bytes given out, and the most that was held meanwhile."""
    tracemalloc.start()
    try:
        size = sum(len(chunk) for chunk in assemble(lambda: parts, info, sample.PASSPHRASE))
        return size, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.fixture(autouse=True)
def _warm() -> None:
    """Templates and the like are loaded once and are no part of the measurement."""
    list(assemble(sample.parts, sample.info(), sample.PASSPHRASE))


@pytest.mark.apart
def test_what_is_large_passes_through() -> None:
    # Recordings pass through.
    size, held = peak(recordings(files=3, mib_each=16), only("recordings"))
    assert size > 47 * MIB
    assert held < 4 * MIB
    # Documents pass through but for their lines in the manifest.
    _, few = peak(tickets(50), only("helpdesk"))
    size_each = 9_000
    _, many = peak(tickets(200), only("helpdesk"))
    assert many - few < 150 * size_each / 3


@pytest.mark.slow
def test_hundreds_of_megabytes_pass_through() -> None:
    for media_type in ("audio/wav", "audio/mpeg"):
        parts = (replace(one, media_type=media_type) for one in recordings(files=4, mib_each=128))  # type: ignore[arg-type]
        _, held = peak(parts, only("recordings"))
        assert held < 4 * MIB
