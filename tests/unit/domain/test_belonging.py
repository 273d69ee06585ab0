"""Whose a record is by what it belongs to, at first and later: stories of accounts, and random forests of these."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from proofs.forests.world import SUBJECT, Drawn, Forest, draw
from rightsflow.domain.attribution import Attribution, Candidate, Resolution, resolve
from rightsflow.domain.chain_claims import standing_now
from rightsflow.domain.doubts import RecordDoubt
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers, identifier
from rightsflow.domain.ownership import Standing

_KINDS = {
    "email": IdentifierKind.EMAIL,
    "number": IdentifierKind.CUSTOMER_ID,
    "card": IdentifierKind.CUSTOMER_ID,
    "phone": IdentifierKind.PHONE,
    "value": IdentifierKind.PHONE,
    "name": IdentifierKind.NAME,
    "born": IdentifierKind.BIRTH_DATE,
}
_UP = {
    "account_id": "accounts",
    "order_id": "orders",
    "call_id": "calls",
    "profile_id": "profiles",
    "field_id": "fields",
}
_LINE, _CELL = "+4930901820", "+49171390200"
_SUBJECT = {"email": "a@example.com", "name": "Anna Weber", "born": "1960-03-01"}
_FAMILY = _SUBJECT | {"email": "family@example.com"}


def _named(**said: str | None) -> Identifiers:
    return frozenset(Identifier(_KINDS[one], text) for one, text in said.items() if text)


def _record(key: str, *, below: str = "", shared: bool = False, **said: str | None) -> Candidate:
    return Candidate(key=key, owner=_named(**said), above=(below,) if below else (), names_others=shared)


class TestPresents:
    """A present to the subject on a friend's order: the order has the friend's address, and their account the name."""

    def test_its_delivery_address_is_in_doubt_whoever_bears_the_friends_name(self) -> None:
        """Before, an order without a name hid the name on its account, and the address was passed over in silence."""
        own = _record("account", phone=_LINE, **_SUBJECT)
        friend = _record("friend", email="f@example.com", name="Frida Fenn")
        for name in (None, "Frida Fenn"):
            order = _record("order", below="friend", email="f@example.com", name=name)
            to = _record("delivery", below="order", phone=_LINE, name="Anna Weber")
            decided = resolve(_named(phone=_LINE, **_SUBJECT), [own, friend, order, to])
            assert decided.attributions["delivery"] is Attribution.UNCLEAR


class TestNumbersFromBelow:
    """A telephone in an order may be another person's, also where the order repeats the account's address."""

    def test_calls_by_it_are_in_doubt(self) -> None:
        """Before, they were given and erased where the order bore the address too."""
        account, call = _record("account", email="a@example.com"), _record("call", phone=_LINE)
        for email in ("a@example.com", None):
            below = _record("order", below="account", email=email, phone=_LINE)
            decided = resolve(_named(**_SUBJECT), [account, below, call])
            assert decided.attributions["order"] is Attribution.SUBJECT
            assert decided.doubts["call"] is RecordDoubt.LEARNT_NUMBER

    def test_in_a_record_that_belongs_to_none_it_is_the_subjects(self) -> None:
        contact = _record("contact", email="a@example.com", phone=_LINE)
        decided = resolve(_named(**_SUBJECT), [contact, _record("call", phone=_LINE)])
        assert decided.attributions["call"] is Attribution.SUBJECT

    def test_a_call_from_the_subjects_own_number_to_it_is_shared(self) -> None:
        """Before, its recording was given, and erased: no one calls themselves."""
        told = [
            _record("account", email="a@example.com", phone=_CELL),
            _record("order", below="account", phone=_LINE),
            _record("paper", below="order"),
            Candidate(key="call", owner=_named(phone=_LINE) | _named(phone=_CELL), above=("account",)),
            _record("recording", below="call"),
            Candidate(key="call of no account", owner=_named(phone=_LINE) | _named(phone=_CELL)),
        ]
        decided = resolve(_named(**_SUBJECT), told)
        assert decided.contested == _named(phone=_LINE)
        assert decided.shared == {"call", "recording"}
        assert decided.doubts == {"call of no account": RecordDoubt.NUMBER_ALONE}
        assert decided.attributions["paper"] is Attribution.SUBJECT

    def test_an_order_with_a_number_that_another_person_uses_is_the_subjects_alone(self) -> None:
        """Before, it counted as shared, with the papers below it, which then stayed."""
        told = [
            _record("account", email="a@example.com"),
            _record("order", below="account", phone=_LINE),
            _record("paper", below="order"),
            _record("theirs", email="b@example.com", phone=_LINE),
        ]
        decided = resolve(_named(**_SUBJECT), told)
        assert decided.attributions["paper"] is Attribution.SUBJECT
        assert not decided.shared


def test_the_name_decides_at_a_shared_mailbox_and_a_paper_says_nothing_of_the_account() -> None:
    # Before, both were learnt, since neither was known when both were found.
    told = [
        _record("hers", email="family@example.com", number="C1", name="Anna Weber"),
        _record("whose", email="family@example.com", number="C2"),
    ]
    decided = resolve(_named(**_FAMILY), told)
    assert decided.attributions["hers"] is Attribution.SUBJECT
    assert decided.doubts["whose"] is RecordDoubt.SHARED_MAILBOX
    assert decided.known == _named(**_FAMILY, number="C1")
    # Before, its date of birth put the whole account in doubt where the order bore the subject's name.
    for name in ("Anna Weber", None):
        told = [
            _record("account", email="a@example.com", name="Anna Weber"),
            _record("order", below="account", name=name),
            _record("paper", below="order", name="Bernd Kranz", born="1981-03-04"),
        ]
        decided = resolve(_named(**_SUBJECT), told)
        assert decided.attributions["account"] is decided.attributions["order"] is Attribution.SUBJECT
        assert decided.doubts["paper"] is RecordDoubt.OTHER_BIRTH_DATE


class TestWhatStandsBelowAlone:
    """What papers say teaches nothing, and where nothing else is known, what differs among them is in doubt."""

    def test_two_names_below_one_account_where_the_request_gives_none(self) -> None:
        """Before, both papers were given."""
        account = _record("account", email="a@example.com")
        papers = [_record(name, below="account", name=name) for name in ("Anna Weber", "Carla Kranz")]
        decided = resolve(_named(email="a@example.com", born="1960-03-01"), [account, *papers])
        assert decided.attributions["account"] is Attribution.SUBJECT
        assert decided.doubts == dict.fromkeys(("Anna Weber", "Carla Kranz"), RecordDoubt.OTHER_NAME)
        decided = resolve(_named(**_SUBJECT), [account, *papers])
        assert set(decided.doubts) == {"Carla Kranz"}

    def test_a_namesakes_account_does_not_take_the_place_of_the_one_that_the_request_names(self) -> None:
        """Before, the namesake's date of birth was learnt, and the subject's own account in doubt because of it."""
        for second in (None, "1974-03-03"):
            told = [
                _record("hers", email="family@example.com", number="C1", name="Anna Weber"),
                _record("order", below="hers", email="family@example.com", name="Anna Weber"),
                _record("paper", below="order", born="1960-03-01"),
                *([_record("another paper", below="order", born=second)] if second else []),
                _record("namesake's", email="family@example.com", number="C2", name="Anna Weber", born="1967-03-02"),
            ]
            decided = resolve(_named(number="C1"), told)
            again = resolve(decided.known, told, stated=_named(number="C1"))
            assert "1967-03-02" not in {one.value for one in decided.known | again.known}
            assert again.attributions["namesake's"] is not Attribution.SUBJECT

    def test_whoever_alone_has_the_telephone_is_not_the_subject_under_another_name(self) -> None:
        """Before, a request by telephone got the account of who shares it, if only the orders bore that one's name."""
        for is_paper in (True, False):
            told = [
                _record("account", email="b@example.com", phone=_LINE),
                _record("order", below="account", email=None if is_paper else "b@example.com", name="Bernd Weber"),
            ]
            decided = resolve(_named(phone=_LINE, name="Anna Weber", born="1960-03-01"), told)
            assert Attribution.SUBJECT not in decided.attributions.values()
            assert _named(email="b@example.com").isdisjoint(decided.known)


def _candidates(forest: Forest, known: Identifiers) -> Iterator[Candidate]:
    """The records of a forest but its tickets, of which the connector says who wrote them."""
    for row in forest.rows:
        if row.table in ("tickets", "messages"):
            continue
        called = _named(phone=row.values.get("src")) | _named(phone=row.values.get("dst"))
        said = {one: text for one, text in row.values.items() if one in _KINDS and not str(text).startswith("erased-")}
        owner, is_several = _in_fields(forest, row, known)
        yield Candidate(
            key=_key(row),
            owner=_named(**said) | called & known | owner,
            above=tuple(f"{_UP[one]} {key}" for one, key in row.values.items() if one in _UP and key),
            names_others=bool(called - known) or is_several,
        )


def _in_fields(forest: Forest, row: Drawn, known: Identifiers) -> tuple[Identifiers, bool]:
    """Whom a profile or a field of one names, and whether it names others: a field is read with its profile."""
    if row.table not in ("profiles", "fields"):
        return frozenset(), False
    whole = row.values["profile_id"] if row.table == "fields" else row.values["id"]
    read = [one for one in forest.of("fields") if one.values["profile_id"] == whole]
    told = {_key(one): _named(**{one.values["named"].partition("_")[2]: one.values["held"]}) for one in read
            if not one.values["named"].endswith("_street")}  # fmt: skip
    people = frozenset().union(*told.values())
    own = people if row.table == "profiles" else told.get(_key(row), frozenset())
    if sum(one.kind is IdentifierKind.EMAIL for one in people) == 1:
        return own, False
    mine = {one for one in own if one in known}
    return frozenset(one for one in mine if one.kind is IdentifierKind.EMAIL), bool(own - mine)


def _key(row: Drawn) -> str:
    return f"{row.table} {row.values['id']}"


def _resolved(forest: Forest) -> Resolution:
    asked, seed = forest.asked, forest.seed
    given = _named(email=asked.email, name=asked.name, born=asked.born)
    given |= _named(phone=asked.phone if seed % 3 else None, number=asked.customer if seed % 2 else None)
    decided = resolve(given, list(_candidates(forest, given)))
    while (again := resolve(decided.known, list(_candidates(forest, decided.known)), stated=given)) != decided:
        decided = again
    return decided


@pytest.mark.long
@example(81)
@example(127)
@example(521)
@example(566)
@example(691)
@example(2389)
@given(st.integers(min_value=0, max_value=2**31))
def test_in_a_random_forest_nothing_of_another_person_is_the_subjects_and_what_is_tied_is(seed: int) -> None:
    forest = draw(seed)
    decided = _resolved(forest)
    mine = {key for key, whose in decided.attributions.items() if whose is Attribution.SUBJECT}
    for row in (row for row in forest.rows if _key(row) in decided.attributions):
        if row.is_tied:
            assert _key(row) in mine
        if _key(row) in mine and row.owners and not row.cannot_tell:
            # Another person's field in the subject's profile is listed with it, and stays, and so does a purchase.
            assert SUBJECT in row.owners or row.table in ("fields", "scraps", "purchases")
            assert row.owners == {SUBJECT} or _key(row) in decided.shared


MINE = frozenset({identifier(IdentifierKind.EMAIL, "anna@example.com")})
NUMBER = frozenset({identifier(IdentifierKind.PHONE, "+4930901820")})
THEIRS = frozenset({identifier(IdentifierKind.EMAIL, "bob@example.com")})
NONE: Identifiers = frozenset()
KNOWN = MINE | NUMBER
_SAID = st.sampled_from([MINE, NUMBER, THEIRS, NONE])


def test_the_chain_decides() -> None:
    for chain, standing in (
        ([MINE], Standing.MINE),
        ([NONE, MINE], Standing.MINE),
        ([NUMBER, THEIRS], Standing.OTHER),
        ([NONE, THEIRS], Standing.OTHER),
        ([NONE, NONE, THEIRS], Standing.OTHER),
        ([MINE, THEIRS], Standing.DOUBTFUL),
        ([THEIRS, MINE], Standing.DOUBTFUL),
        ([NONE, NONE], Standing.NO_ONES),
        ([], Standing.NO_ONES),
    ):
        assert standing_now(chain, KNOWN) is standing


@given(st.lists(_SAID, max_size=4))
def test_what_says_nothing_below_another_persons_is_theirs_and_is_never_the_subjects(above: list[Identifiers]) -> None:
    if standing_now(above, KNOWN) is Standing.OTHER:
        assert standing_now([NONE, *above], KNOWN) is Standing.OTHER
        assert standing_now([NUMBER, *above], KNOWN) is Standing.OTHER
        assert standing_now([MINE, *above], KNOWN) is not Standing.MINE
