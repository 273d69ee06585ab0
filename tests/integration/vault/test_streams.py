"""Encrypted streams: whole they open, altered in any way they do not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise, permutations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rightsflow.domain.errors import Misconfigured
from rightsflow.vault import CaseKey, decrypt_stream, encrypt_stream
from rightsflow.vault.streams import CHUNK_BYTES
from tests.integration.vault import independent

KEY = CaseKey("DSR-2026-7K3M9Q", bytes(range(32)))
NAME = "extract/helpdesk/000001"
INFO = f"rightsflow/stream/{KEY.case_id}/{NAME}"
HEADER = 4 + 32
SEALED_CHUNK = CHUNK_BYTES + 16
PATTERN = bytes(range(251)) * 1200

sizes = st.one_of(
    st.integers(0, 40),
    st.sampled_from([CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 3 * CHUNK_BYTES - 1]),
    st.integers(0, 4 * CHUNK_BYTES),
)
cuts = st.lists(st.integers(0, 4 * CHUNK_BYTES + 200), max_size=6)


def pieces(data: bytes, at: Iterable[int]) -> Iterator[bytes]:
    """The data in pieces of any size, empty ones too."""
    borders = [0, *sorted(min(cut, len(data)) for cut in at), len(data)]
    return (data[start:end] for start, end in pairwise(borders))


def sealed(data: bytes, key: CaseKey = KEY, name: str = NAME) -> bytes:
    return b"".join(encrypt_stream(key, name, [data]))


def opened(data: bytes, key: CaseKey = KEY, name: str = NAME) -> bytes:
    return b"".join(decrypt_stream(key, name, [data]))


def chunks_of(stream: bytes) -> list[bytes]:
    body = stream[HEADER:]
    return [body[start : start + SEALED_CHUNK] for start in range(0, len(body), SEALED_CHUNK)]


@given(size=sizes, written=cuts, read=cuts)
@example(size=0, written=[], read=[])
@example(size=CHUNK_BYTES, written=[CHUNK_BYTES], read=[HEADER, HEADER + SEALED_CHUNK])
def test_any_size_in_any_pieces_comes_back(size: int, written: list[int], read: list[int]) -> None:
    data = PATTERN[:size]
    stream = b"".join(encrypt_stream(KEY, NAME, pieces(data, written)))
    assert b"".join(decrypt_stream(KEY, NAME, pieces(stream, read))) == data


def test_it_is_the_known_construction() -> None:
    data = PATTERN[: 2 * CHUNK_BYTES + 5]
    stream = sealed(data)
    chunks = [data[:CHUNK_BYTES], data[CHUNK_BYTES : 2 * CHUNK_BYTES], data[2 * CHUNK_BYTES :]]
    assert stream == independent.stream(KEY.secret, INFO, stream[4:HEADER], chunks)


def test_what_the_other_implementation_wrote_is_read() -> None:
    for chunks in ([b""], [b"short"], [PATTERN[:CHUNK_BYTES]], [PATTERN[:CHUNK_BYTES], b"rest"]):
        assert opened(independent.stream(KEY.secret, INFO, b"s" * 32, chunks)) == b"".join(chunks)


def test_a_last_chunk_that_is_not_marked_so_is_noticed() -> None:
    """And one that is, with more behind it: made with the right key, so that nothing but the mark is wrong."""
    salt = b"s" * 32
    key = independent.hkdf(KEY.secret, INFO.encode(), salt)
    first, second = PATTERN[:CHUNK_BYTES], b"rest"

    def chunk(number: int, last: int, data: bytes) -> bytes:
        return independent.gcm_seal(key, number.to_bytes(11, "big") + bytes([last]), data)

    right = [chunk(0, 0, first), chunk(1, 1, second)]
    assert opened(b"RFS1" + salt + b"".join(right)) == first + second
    for wrong in (
        [chunk(0, 0, first), chunk(1, 0, second)],
        [chunk(0, 1, first), chunk(1, 1, second)],
        [chunk(0, 0, first), chunk(1, 2, second)],
        [chunk(0, 0, first)],
        [chunk(1, 1, second)],
        [chunk(0, 0, first), chunk(2, 1, second)],
    ):
        with pytest.raises(Misconfigured, match="altered or cut short"):
            opened(b"RFS1" + salt + b"".join(wrong))


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("as_a_stream_of", ["another case", "another name"])
def test_a_chunk_of_another_case_or_name_is_noticed_even_under_the_same_salt(number: int, as_a_stream_of: str) -> None:
    data, salt = PATTERN[: 3 * CHUNK_BYTES], b"s" * 32
    chunks = [data[start : start + CHUNK_BYTES] for start in range(0, len(data), CHUNK_BYTES)]
    other = {
        "another case": f"rightsflow/stream/DSR-2026-7K3M9R/{NAME}",
        "another name": f"rightsflow/stream/{KEY.case_id}/extract/helpdesk/000002",
    }[as_a_stream_of]
    mine, theirs = (independent.stream(KEY.secret, info, salt, chunks) for info in (INFO, other))
    assert opened(mine) == data
    spliced = chunks_of(mine)
    spliced[number] = chunks_of(theirs)[number]
    with pytest.raises(Misconfigured):
        opened(mine[:HEADER] + b"".join(spliced))


def test_no_stream_has_the_salt_of_another() -> None:
    salts = {sealed(b"")[4:HEADER] for _ in range(2_000)}
    assert len(salts) == 2_000


def test_equal_streams_do_not_look_equal() -> None:
    one, two = sealed(b"the same"), sealed(b"the same")
    assert one[HEADER:] != two[HEADER:]


def test_memory_holds_a_few_chunks_only() -> None:
    read_ahead = 0

    def source() -> Iterator[bytes]:
        nonlocal read_ahead
        for _ in range(40):
            read_ahead += CHUNK_BYTES
            yield PATTERN[:CHUNK_BYTES]

    given_out = 0
    for piece in decrypt_stream(KEY, NAME, encrypt_stream(KEY, NAME, source())):
        given_out += len(piece)
        assert read_ahead - given_out <= 3 * CHUNK_BYTES
    assert given_out == 40 * CHUNK_BYTES


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1])
@pytest.mark.parametrize("position", [0, 3, 4, 35, 36, -17, -16, -1])
def test_a_flipped_bit_is_noticed(size: int, position: int) -> None:
    altered = bytearray(sealed(PATTERN[:size]))
    altered[position] ^= 0x80
    with pytest.raises(Misconfigured):
        opened(bytes(altered))


@given(size=st.sampled_from([0, 1, 40, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES]), data=st.data())
def test_every_truncation_is_noticed(size: int, data: st.DataObject) -> None:
    stream = sealed(PATTERN[:size])
    borders = [HEADER, *range(HEADER + SEALED_CHUNK, len(stream), SEALED_CHUNK)]
    length = data.draw(st.one_of(st.integers(0, len(stream) - 1), st.sampled_from(borders)))
    with pytest.raises(Misconfigured, match="altered or cut short"):
        opened(stream[:length])


@pytest.mark.parametrize("added", [b"x", bytes(16), bytes(SEALED_CHUNK)], ids=["a byte", "a tag", "a chunk"])
@pytest.mark.parametrize("size", [0, 5, CHUNK_BYTES])
def test_what_is_added_at_the_end_is_noticed(size: int, added: bytes) -> None:
    with pytest.raises(Misconfigured):
        opened(sealed(PATTERN[:size]) + added)


def test_reordered_repeated_or_missing_chunks_are_noticed() -> None:
    stream = sealed(PATTERN[: 3 * CHUNK_BYTES])
    first, second, third = chunks_of(stream)
    right = (first, second, third)
    wrong = [
        *permutations(right),
        (first, first, third),
        (first, third),
        (second, third),
        (first, second, second, third),
    ]
    for order in wrong:
        if order == right:
            continue
        with pytest.raises(Misconfigured):
            opened(stream[:HEADER] + b"".join(order))


def test_a_chunk_of_another_stream_is_noticed_at_its_own_place() -> None:
    """Both streams have the same key, name and length: only the salt tells them apart."""
    mine, other = sealed(PATTERN[: 3 * CHUNK_BYTES]), sealed(PATTERN[: 3 * CHUNK_BYTES])
    for number in range(3):
        spliced = chunks_of(mine)
        spliced[number] = chunks_of(other)[number]
        with pytest.raises(Misconfigured):
            opened(mine[:HEADER] + b"".join(spliced))
    with pytest.raises(Misconfigured):
        opened(other[:HEADER] + mine[HEADER:])


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (CaseKey("DSR-2026-7K3M9R", KEY.secret), NAME),
        (CaseKey(KEY.case_id, b"x" * 32), NAME),
        (KEY, "extract/helpdesk/000002"),
    ],
    ids=["another case", "another key", "another name"],
)
def test_a_stream_opens_nowhere_else(key: CaseKey, name: str) -> None:
    with pytest.raises(Misconfigured):
        opened(sealed(b"content"), key, name)


def test_nothing_is_given_out_of_an_altered_chunk() -> None:
    altered = bytearray(sealed(PATTERN[: 3 * CHUNK_BYTES]))
    altered[HEADER + SEALED_CHUNK + 7] ^= 1
    got: list[bytes] = []
    with pytest.raises(Misconfigured):
        got.extend(decrypt_stream(KEY, NAME, [bytes(altered)]))
    assert b"".join(got) == PATTERN[:CHUNK_BYTES]


def test_an_error_tells_nothing_of_the_content() -> None:
    with pytest.raises(Misconfigured) as caught:
        opened(sealed(b"Anna Quillfeather")[:-1])
    assert "Anna" not in str(caught.value)
    assert caught.value.__suppress_context__
