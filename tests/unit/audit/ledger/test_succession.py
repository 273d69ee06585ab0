"""How the signing keys follow each other: forward, and never back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rightsflow.audit.ledger.succession import broken_succession, key_number

NAMES = st.frozensets(st.integers(1, 9), min_size=1, max_size=4)


def named(numbers: frozenset[int]) -> list[str]:
    return [f"seal/{number}" for number in numbers]


def test_keys_come_and_go_from_the_old_to_the_new() -> None:
    # Keys come and go from the old to the new.
    for before, after in (
        ((), "1"),
        ("1", "1"),
        ("1", "12"),
        ("12", "2"),
        ("12", "23"),
        ("2", "3"),
        ("9", "89")[:1] * 2,
    ):
        assert broken_succession([f"seal/{one}" for one in before], [f"seal/{one}" for one in after]) == ""
    # An older key never outlives a newer one.
    for before, after, said in (
        ("12", "1", "is not signed by seal/2, but by seal/1, which is older"),
        ("123", "13", "is not signed by seal/2, but by seal/1, which is older"),
        ("2", "12", "is signed by seal/1, which is older than a key before it"),
        ("2", "1", "is signed by seal/1, which is older than a key before it"),
    ):
        assert broken_succession([f"seal/{one}" for one in before], [f"seal/{one}" for one in after]) == said
    # Numbers are no texts.
    assert broken_succession(["seal/9"], ["seal/9", "seal/10"]) == ""
    assert broken_succession(["seal/9", "seal/10"], ["seal/10"]) == ""
    assert broken_succession(["seal/9", "seal/10"], ["seal/9"]) != ""
    # What is no name of a key is refused.
    for name in ("", "seal/", "seal/0", "seal/01", "seal/-1", "seal/1\n", "key/1", "seal/" + "1" * 10):
        assert key_number(name) == 0
        said = broken_succession(["seal/1"], ["seal/1", name])
        assert said.startswith("names a key as ")
        assert said.isprintable()


@given(st.lists(NAMES, min_size=1, max_size=8))
def test_along_an_unbroken_line_each_key_stays_or_only_newer_ones_are_left(line: list[frozenset[int]]) -> None:
    """So anyone who trusts one key may trust what any unbroken line says after it."""
    unbroken = [line[0]]
    for some in line[1:]:
        if not broken_succession(named(unbroken[-1]), named(some)):
            unbroken.append(some)
    for place, some in enumerate(unbroken):
        for later in unbroken[place:]:
            assert all(number in later or number < min(later) for number in some)
