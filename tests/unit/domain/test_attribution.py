"""Whose a record is: stories of people who share a telephone, and laws that hold for every story."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightsflow.domain.attribution import Attribution, Candidate, Resolution, claims, resolve
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, identifier

SUBJECT, UNCLEAR, ANOTHER = Attribution.SUBJECT, Attribution.UNCLEAR, Attribution.ANOTHER


def record(key: str, names: str = "", *, via: str = "") -> Candidate:
    """A candidate; capital letters are strong identifiers, small letters are telephone numbers."""
    strong, weak = ({one for one in names if one.isupper() is big} for big in (True, False))
    return Candidate(key=key, strong=frozenset(strong), weak=frozenset(weak), via=via)


def decide(known: str, *records: Candidate) -> Resolution:
    return resolve(filter(str.isupper, known), filter(str.islower, known), records)


class TestStories:
    def test_what_a_record_of_the_subject_names_leads_to_the_next(self) -> None:
        decided = decide("A", record("ticket", "AB"), record("payment", "BC"), record("call", "Cp"), record("ivr", "p"))
        assert set(decided.attributions.values()) == {SUBJECT}
        assert decided.known == set("ABCp")
        assert not decided.contested

    def test_a_record_that_names_person_else_only_is_another_persons(self) -> None:
        decided = decide("Ap", record("mine", "Ap"), record("theirs", "X"))
        assert decided.attributions == {"mine": SUBJECT, "theirs": ANOTHER}
        assert "X" not in decided.known

    def test_a_telephone_of_two_people_in_turn(self) -> None:
        """The later holder's profile is another's, and a call that names no one is for a person to decide."""
        decided = decide("A", record("mine", "Ap"), record("theirs", "Xp"), record("call", "p"))
        assert decided.attributions == {"mine": SUBJECT, "theirs": ANOTHER, "call": UNCLEAR}
        assert decided.known == set("Ap")
        assert decided.contested == {"p"}

    @pytest.mark.parametrize("other", "qz")
    def test_a_call_between_a_number_of_two_people_and_another_one_is_unclear(self, other: str) -> None:
        """Be that the subject's own or a stranger's: at the end that two people use may have been the other one."""
        decided = decide("A", record("mine", "Apq"), record("theirs", "Xp"), record("call", f"p{other}"))
        assert decided.attributions["call"] is UNCLEAR

    def test_a_call_that_bears_two_numbers_of_the_subject_alone_is_theirs(self) -> None:
        decided = decide("A", record("mine", "Apq"), record("theirs", "X"), record("call", "pq"))
        assert decided.attributions["call"] is SUBJECT

    def test_another_persons_second_number_is_not_learnt(self) -> None:
        decided = decide("Ap", record("mine", "Ap"), record("theirs", "Xpq"), record("their call", "X"))
        assert decided.attributions == {"mine": SUBJECT, "theirs": ANOTHER, "their call": ANOTHER}
        assert decided.known == set("Ap")

    def test_a_number_alone_that_one_person_has(self) -> None:
        decided = decide("p", record("profile", "Ap"), record("payment", "AB"), record("call", "p"))
        assert set(decided.attributions.values()) == {SUBJECT}
        assert decided.known == set("ABp")

    def test_a_number_alone_that_one_person_has_under_several_ids(self) -> None:
        """Helpdesk and shop know each other's id only through a third record."""
        decided = decide("p", record("helpdesk", "Ap"), record("shop", "Bp"), record("link", "ABp"))
        assert set(decided.attributions.values()) == {SUBJECT}

    def test_a_number_alone_that_two_people_have(self) -> None:
        decided = decide("p", record("one", "Ap"), record("other", "Xp"), record("call", "p"))
        assert set(decided.attributions.values()) == {UNCLEAR}
        assert decided.known == {"p"}

    def test_a_number_alone_that_nobody_is_known_by(self) -> None:
        decided = decide("p", record("call", "p"), record("other call", "p"))
        assert set(decided.attributions.values()) == {SUBJECT}

    def test_what_was_reached_through_a_profile_shares_its_fate_along_the_chain(self) -> None:
        chain = [
            record("mine", "Ap"), record("ticket", via="mine"), record("file", via="ticket"),
            record("theirs", "Xp"), record("their ticket", via="theirs"),
        ]  # fmt: skip
        for order in permutations(chain):
            decided = decide("A", *order).attributions
            assert [decided[key] for key in ("ticket", "file", "their ticket")] == [SUBJECT, SUBJECT, ANOTHER]

    @pytest.mark.parametrize("via", ["unlisted", "loop"])
    def test_what_was_reached_through_nothing_listed_is_unclear(self, via: str) -> None:
        assert decide("A", record("mine", "A"), record("loop", via=via)).attributions["loop"] is UNCLEAR

    def test_what_was_reached_through_a_profile_teaches_nothing(self) -> None:
        """A ticket names others too: its cc, an agent. Only its owner counts."""
        decided = decide("A", record("mine", "A"), record("ticket", "AX", via="mine"), record("theirs", "X"))
        assert decided.attributions["theirs"] is ANOTHER
        assert "X" not in decided.known

    def test_nothing_located_is_nothing_decided(self) -> None:
        decided = decide("Ap")
        assert (decided.attributions, decided.known, decided.contested) == ({}, set("Ap"), frozenset())


names = st.builds("".join, st.tuples(st.text("ABCXYZ", max_size=2), st.text("pqr", max_size=2)))
roots = st.lists(names.filter(bool), max_size=7).map(
    lambda listed: [record(f"r{number}", named) for number, named in enumerate(listed)]
)
requests = names.filter(bool)


@st.composite
def stories(draw: st.DrawFn) -> list[Candidate]:
    """Records that name people, and records that were reached through some of them."""
    listed = draw(roots)
    keys = [one.key for one in listed]
    for number in range(draw(st.integers(0, 4))):
        via = draw(st.sampled_from([*keys, "unlisted"]))
        listed.append(record(f"v{number}", draw(names), via=via))
        keys.append(f"v{number}")
    return listed


class TestLaws:
    @given(requests, stories())
    def test_each_record_is_decided_once_and_nothing_known_is_forgotten(
        self, known: str, told: list[Candidate]
    ) -> None:
        decided = decide(known, *told)
        assert set(decided.attributions) == {one.key for one in told}
        assert set(known) <= decided.known
        assert decided.contested <= decided.known

    @given(requests, stories(), st.randoms())
    def test_the_order_of_the_systems_answers_does_not_matter(
        self, known: str, told: list[Candidate], dice: object
    ) -> None:
        shuffled = list(told)
        dice.shuffle(shuffled)  # type: ignore[attr-defined]
        assert decide(known, *shuffled) == decide(known, *told)

    @given(requests, stories())
    def test_deciding_again_with_what_was_learnt_changes_nothing(self, known: str, told: list[Candidate]) -> None:
        """The rounds of locating end."""
        first = decide(known, *told)
        again = resolve(filter(str.isupper, first.known), filter(str.islower, first.known), told)
        assert again == first

    @given(requests.filter(lambda known: any(map(str.isupper, known))), stories(), names.filter(bool))
    def test_a_further_record_never_makes_less_known(self, known: str, told: list[Candidate], further: str) -> None:
        """Where a strong identifier was given; a number alone may turn out to be two people's."""
        before, after = decide(known, *told), decide(known, *told, record("further", further))
        assert before.known <= after.known
        mine = {key for key, whose in before.attributions.items() if whose is SUBJECT}
        lost = {key for key in mine if after.attributions[key] is not SUBJECT}
        # Only what names no one and has a number that another person has now turned up with may become unclear.
        assert {after.attributions[key] for key in lost} <= {UNCLEAR}
        roots_lost = [one for one in told if one.key in lost and not one.via]
        assert all(not one.strong and one.weak & after.contested for one in roots_lost)

    @settings(max_examples=200)
    @given(requests.filter(lambda known: any(map(str.isupper, known))), stories())
    def test_another_persons_strong_identifier_never_becomes_known(self, known: str, told: list[Candidate]) -> None:
        """Everything learnt hangs together by strong identifiers alone, never by a telephone number."""
        reached = set(filter(str.isupper, known))
        listed = [set(one.strong) for one in told if not one.via]
        while any(one & reached and not one <= reached for one in listed):
            reached = reached.union(*(one for one in listed if one & reached))
        decided = decide(known, *told)
        assert set(filter(str.isupper, decided.known)) == reached
        # Where what names the person found nothing, one who shares the number may be the person.
        others = ANOTHER if any(one & reached for one in listed) else UNCLEAR
        for one in told:
            if not one.via and one.strong:
                assert decided.attributions[one.key] is (SUBJECT if one.strong & reached else others)

    @given(requests, stories())
    def test_a_record_shares_the_fate_of_what_it_was_reached_through(self, known: str, told: list[Candidate]) -> None:
        decided = decide(known, *told).attributions
        for one in told:
            if one.via:
                assert decided[one.key] is decided.get(one.via, UNCLEAR)

    @given(st.text("pqr", min_size=1, max_size=2), stories())
    def test_a_number_alone_never_decides_between_two_people(self, known: str, told: list[Candidate]) -> None:
        decided = decide(known, *told)
        if not any(map(str.isupper, decided.known)):
            named = [one for one in told if not one.via and one.strong]
            assert {decided.attributions[one.key] for one in named} <= {UNCLEAR}


class TestClaims:
    def of(self, **given_ones: str) -> Identifiers:
        return frozenset(identifier(IdentifierKind(kind), raw, issuer="shop") for kind, raw in given_ones.items())

    def test_a_profile_with_a_known_strong_identifier_may_be_walked(self) -> None:
        profile = self.of(email="anna@example.com", phone="+4930901820", account_id="U-9")
        assert claims(profile, self.of(email="Anna@Example.com"))

    def test_a_profile_with_the_number_only_may_not_where_it_has_a_name_of_its_own(self) -> None:
        assert not claims(self.of(email="eve@example.com", phone="+4930901820"), self.of(phone="+4930901820"))

    def test_a_profile_that_names_nobody_may(self) -> None:
        assert claims(self.of(phone="+4930901820", name="Anna Muster"), self.of(phone="+4930901820"))
