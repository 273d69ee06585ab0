"""Whether two names may be one person's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.names import Likeness, closest, is_full, likeness, looks_shared

SAME, COMPATIBLE, SILENT, RELATED, OTHER = (
    Likeness.SAME,
    Likeness.COMPATIBLE,
    Likeness.SILENT,
    Likeness.RELATED,
    Likeness.OTHER,
)


def test_how_two_names_agree() -> None:
    # How two names agree.
    for one, other, expected in (
        ("Anna Weber", "weber, ANNA", SAME),
        ("Müller, Jürgen", "Juergen Mueller", SAME),
        ("José García", "Jose Garcia", SAME),
        ("Łukasz Żak", "Lukasz Zak", SAME),
        ("Jørgen Åberg", "Joergen Aaberg", SAME),
        ("Anna Weber", "Анна Вебер", SAME),
        ("Юлия Щербакова", "Julia Shcherbakova", SAME),
        ("Γιώργος Παπαδόπουλος", "Giorgos Papadopoulos", SAME),
        ("Dr. Anna M. Weber", "Anna Maria Weber", SAME),
        ("Anna-Lena Weber", "Anna Weber", SAME),
        ("Anna O'Neil", "ONeil Anna", SAME),
        ("Herr Do Le", "Le Do", SAME),
        ("A. Weber", "Anna Weber", COMPATIBLE),
        ("Frau Weber", "Anna Weber", COMPATIBLE),
        ("Familie Weber", "Anna Weber", COMPATIBLE),
        ("aweber", "Anna Weber", COMPATIBLE),
        ("weberanna", "Anna Weber", COMPATIBLE),
        ("Weber GmbH", "Anna Weber", COMPATIBLE),
        ("Anna Weber", "Andreas Weber", RELATED),
        ("Anna Weber", "Annalena Weber", RELATED),
        ("Maria Weber", "Mario Weber", RELATED),
        ("B. Weber", "Anna Weber", RELATED),
        ("E. Weber", "Anna Weber", RELATED),
        ("Anna Weber", "Anna Schmidt", RELATED),
        ("Hans Weber sen.", "Hans Weber jun.", RELATED),
        ("Hans Weber Sr.", "Hans Weber Jr.", RELATED),
        ("Hans Weber Snr", "Hans Weber III", RELATED),
        ("Sr. Juan Weber", "Juan Weber Jr.", SAME),
        ("Berta", "Anna Weber", OTHER),
        ("Weber, Anna", "Karl Schmidt", OTHER),
        ("Anna", "Andreas", OTHER),
        ("Example Devices GmbH", "Anna Weber", SILENT),
        ("Unknown Caller", "Anna Weber", SILENT),
        ("customer 4711", "Anna Weber", SILENT),
        ("anna@example.com", "Berta Weber", SILENT),
        ("王小明", "Wang Xiaoming", SILENT),
        ("", "Anna Weber", SILENT),
    ):
        assert likeness(one, other) is likeness(other, one) is expected
    assert {one for one in Likeness if one.contradicts} == {RELATED, OTHER}
    # Else a record that says A. Weber would let in another one that says Andreas Weber.
    assert closest(["Andreas Weber"], ["Anna Weber", "A. Weber"]) is RELATED
    assert closest(["Andreas Weber"], ["A. Weber"]) is COMPATIBLE
    assert closest(["Anna Schmidt"], ["Anna Weber", "Anna Schmidt"]) is SAME
    assert closest([], ["Anna Weber"]) is closest(["Anna Weber"], []) is SILENT
    assert [is_full(one) for one in ("Anna Weber", "A. Weber", "Dr. Weber")] == [True, False, False]


words = st.text("abcdefghijklmnoprstuvwzäöüßéñжия", min_size=2, max_size=8)
full_names = st.lists(words, min_size=2, max_size=3).map(" ".join)


@given(full_names, full_names, st.randoms())
def test_order_and_case_never_matter(one: str, other: str, dice: object) -> None:
    parts = one.split()
    dice.shuffle(parts)  # type: ignore[attr-defined]
    again = ", ".join(parts).upper()
    assert not likeness(one, again).contradicts
    assert likeness(again, other).contradicts is likeness(one, other).contradicts


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_is_compared_the_same_both_ways(one: str, other: str) -> None:
    assert likeness(one, other) is likeness(other, one)


@given(full_names)
def test_an_abbreviation_fits(name: str) -> None:
    first, *rest = name.split()
    assert not likeness(name, " ".join([f"{first[0]}.", *rest])).contradicts


def test_mailboxes_that_are_named_like_shared_ones() -> None:
    for address in ("family@example.com", "familie.weber@example.com", "info@example.com", "büro@x.de"):
        assert looks_shared(address)
    for address in ("anna@example.com", "anna.weber@info.example", "informatik@example.com"):
        assert not looks_shared(address)
