"""What people have one after the other, and what proves something only together with another identifier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.attribution import Attribution, Candidate, Resolution, resolve
from rightsflow.domain.case.persons import Bond, Clue, KnownPerson, bond, is_same_request
from rightsflow.domain.chain_claims import standing_now
from rightsflow.domain.doubts import RecordDoubt
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers, identifier
from rightsflow.domain.ownership import Standing
from rightsflow.domain.turns import Turn, TurnMark, Turns, told_day
from tests.support.kinds import CARD, CHASSIS, ENGINE, IBAN, ORDER, RMA, SERIAL, TICKET, imei

SUBJECT, UNCLEAR, ANOTHER = Attribution.SUBJECT, Attribution.UNCLEAR, Attribution.ANOTHER
ANNA, BEN = (identifier(IdentifierKind.EMAIL, f"{name}@example.com") for name in ("anna", "ben"))
ANNAS_PHONE = identifier(IdentifierKind.PHONE, "+4930901820")
DEVICE, OTHER_DEVICE = imei(1), imei(2)
SERIES = identifier(SERIAL, "C02XL0ABJGH5")
REPAIR, BOUGHT = identifier(RMA, "RMA-2026-00417"), identifier(ORDER, "A-1")
CALLED, CARD_NO = identifier(TICKET, "T-1"), identifier(CARD, "3083 4201 9954")
OF_A_CAR = identifier(ENGINE, "N-1"), identifier(CHASSIS, "N-2")
FIRST = date(2024, 1, 1)


PROFILES = ((-100, "hers", ANNA), (-200, "his", BEN))


def on(day: int, key: str, *owner: Identifier, via: str = "") -> Candidate:
    above = (via,) if via else ()
    return Candidate(key=key, owner=frozenset(owner), above=above, occurred_on=FIRST + timedelta(days=day))


def decide(known: Sequence[Identifier], *records: Candidate) -> Resolution:
    return resolve(frozenset(known), records)


def keys(decided: Resolution, whose: Attribution) -> set[str]:
    return {key for key, attribution in decided.attributions.items() if attribution is whose}


class TestInTurn:
    def test_of_a_phone_with_two_owners_in_turn_each_gets_what_lies_in_their_time(self) -> None:
        records = [
            on(0, "bought", ANNA, DEVICE),
            on(5, "support", DEVICE),
            on(10, "repaired", ANNA, DEVICE),
            on(15, "given away", DEVICE),
            on(20, "registered", BEN, DEVICE),
            on(25, "crash", DEVICE),
            on(30, "returned", BEN, DEVICE),
            on(40, "scrapped", DEVICE),
        ]
        hers, his = (decide([one], *records) for one in (ANNA, BEN))
        assert keys(hers, SUBJECT) == {
            "bought",
            "support",
            "repaired",
        }
        assert keys(his, SUBJECT) == {
            "registered",
            "crash",
            "returned",
        }
        for decided, theirs in ((hers, {"registered", "returned"}), (his, {"bought", "repaired"})):
            assert keys(decided, ANOTHER) == theirs
            assert set(decided.doubts.values()) == {RecordDoubt.OTHER_TIME}
            # By the device alone no processor and no other case is told of the person.
            assert decided.contested == {DEVICE}

    def test_outside_the_time_or_without_a_date_it_goes_to_an_officer(self) -> None:
        alone = on(0, "bought", ANNA, DEVICE)
        for record in (
            on(1, "later", DEVICE),
            on(-1, "before", DEVICE),
            replace(on(0, "undated", DEVICE), occurred_on=None),
        ):
            decided = decide([ANNA], alone, record)
            assert decided.doubts == {record.key: RecordDoubt.OTHER_TIME}
        # On the day of a record of theirs it is theirs, unless another one had it on that day too.
        assert decide([ANNA], alone, on(0, "same day", DEVICE)).attributions["same day"] is SUBJECT
        changed = decide([ANNA], alone, on(0, "handed over", BEN, DEVICE), on(0, "same day", DEVICE))
        assert changed.attributions == {"bought": SUBJECT, "handed over": ANOTHER, "same day": UNCLEAR}

    def test_the_days_that_a_request_states_count_unless_another_person_stands_among_them(self) -> None:
        stated = replace(DEVICE, had_since=FIRST, had_until=FIRST + timedelta(days=10))
        inside, outside = on(5, "inside", DEVICE), on(11, "outside", DEVICE)
        decided = decide([stated, REPAIR], inside, outside)
        assert decided.attributions == {"inside": SUBJECT, "outside": UNCLEAR}
        decided = decide([stated, REPAIR], inside, on(4, "his", BEN, DEVICE), on(6, "his too", BEN, DEVICE))
        assert decided.attributions["inside"] is UNCLEAR
        # Who states no last day has it still.
        assert decide([replace(stated, had_until=None)], outside).attributions == {"outside": SUBJECT}

    def test_a_date_that_means_an_unknown_one_or_is_to_come_is_no_sign(self) -> None:
        today = FIRST + timedelta(days=30)
        days = ((date(1, 1, 1), -900), (date(1970, 1, 1), -900), (date(2000, 1, 1), -900), (date(9999, 12, 31), 20))
        for wrong, day in days:
            hers = replace(on(0, "hers", ANNA, DEVICE), occurred_on=wrong)
            others = (on(5, "bought", ANNA, DEVICE), on(day, "his", DEVICE))
            assert decide([ANNA], hers, *others).attributions["his"] is SUBJECT, "by the date as it is"
            told = replace(hers, occurred_on=told_day(wrong, today))
            assert decide([ANNA], told, *others).doubts == {"his": RecordDoubt.OTHER_TIME}
        assert told_day(today + timedelta(days=2), today) is None
        assert told_day(today, today) == today

    def test_another_persons_undated_record_puts_the_whole_time_in_doubt(self) -> None:
        his = replace(on(0, "his", BEN, DEVICE), occurred_on=None)
        decided = decide(
            [ANNA], on(0, "bought", ANNA, DEVICE), on(9, "repaired", ANNA, DEVICE), on(5, "support", DEVICE), his
        )
        assert decided.attributions["support"] is UNCLEAR

    def test_a_profile_shows_whose_it_is_and_not_since_when(self) -> None:
        # Her account is older than her phone; his, in which the same phone stands by now, is older still.
        hers, his = (replace(on(day, name, who, DEVICE), is_profile=True) for day, name, who in PROFILES)
        bare = on(-50, "before", DEVICE)
        assert decide([ANNA], hers, on(5, "bought", ANNA, DEVICE), bare).attributions["before"] is UNCLEAR
        repairs = on(0, "bought", ANNA, DEVICE), on(5, "repaired", ANNA, DEVICE)
        decided = decide([ANNA], hers, his, *repairs, on(3, "between", DEVICE))
        assert (decided.attributions["between"], decided.attributions["his"]) == (SUBJECT, ANOTHER)
        assert decided.contested == {DEVICE}

    def test_a_repair_below_a_device_is_judged_by_its_own_date(self) -> None:
        records = [
            on(-500, "device", DEVICE),
            on(0, "first", ANNA, via="device"),
            on(5, "between", via="device"),
            on(10, "second", ANNA, via="device"),
            on(50, "his", BEN, via="device"),
            on(60, "after", via="device"),
        ]
        decided = decide([ANNA], *records)
        assert DEVICE in decided.known
        assert decided.attributions == {
            "device": UNCLEAR,
            "first": SUBJECT,
            "between": SUBJECT,
            "second": SUBJECT,
            "his": ANOTHER,
            "after": UNCLEAR,
        }
        # Registered in her time, it does not take his time along.
        decided = decide([ANNA], on(5, "device", DEVICE), *records[1:])
        assert (decided.attributions["device"], decided.attributions["after"]) == (SUBJECT, UNCLEAR)

    def test_what_was_decided_once_stays_after_another_persons_records_are_forgotten(self) -> None:
        hers = [on(day, f"hers {day}", ANNA, DEVICE) for day in (0, 3, 5, 20)]
        bare = [on(4, "inside", DEVICE), on(12, "outside", DEVICE)]
        first = decide([ANNA], *hers, *bare, on(10, "his", BEN, DEVICE))
        assert (first.attributions["inside"], first.attributions["outside"]) == (SUBJECT, UNCLEAR)
        kept = [replace(item, was_subjects=first.attributions[item.key] is SUBJECT) for item in (*hers, *bare)]
        again = resolve(first.known, kept, first.contested, stated=frozenset({ANNA}))
        assert (again.attributions["inside"], again.attributions["outside"]) == (SUBJECT, UNCLEAR)

    def test_two_requests_that_name_one_device_are_not_of_one_person(self) -> None:
        clues = frozenset({Clue(DEVICE.kind, "1"), Clue(SERIES.kind, "2")})
        one, other = KnownPerson(asked=clues, known=clues), KnownPerson(asked=clues, known=clues)
        assert bond(one, other) is Bond.PERHAPS
        assert not is_same_request(one, other)


class TestTogether:
    @pytest.mark.parametrize(
        ("known", "owner", "whose"),
        [
            ((CALLED,), (CALLED,), UNCLEAR),
            ((CALLED, CARD_NO), (CALLED, CARD_NO), SUBJECT),
            ((CALLED, ANNAS_PHONE), (CALLED, ANNAS_PHONE), SUBJECT),
            ((CALLED, BOUGHT), (CALLED, BOUGHT), SUBJECT),
            ((CALLED, BOUGHT), (CALLED, BEN), UNCLEAR),
            ((CARD_NO, DEVICE), (CARD_NO, DEVICE), UNCLEAR),
            (OF_A_CAR, OF_A_CAR, UNCLEAR),
            ((*OF_A_CAR, CARD_NO), (*OF_A_CAR, CARD_NO), SUBJECT),
        ],
    )
    def test_it_needs_a_second_independent_identifier(
        self, known: Sequence[Identifier], owner: Sequence[Identifier], whose: Attribution
    ) -> None:
        decided = decide(known, on(0, "record", *owner))
        assert decided.attributions == {"record": whose}

    def test_the_second_one_may_stand_anywhere_in_the_chain(self) -> None:
        for upper, lower in ((CALLED, CARD_NO), (CARD_NO, CALLED)):
            decided = decide([CALLED, CARD_NO], on(0, "above", upper), on(1, "below", lower, via="above"))
            assert decided.attributions == {"above": SUBJECT, "below": SUBJECT}
        decided = decide([CALLED, ANNA], on(0, "above", CALLED), on(1, "below", ANNA, via="above"))
        assert decided.attributions == {"above": SUBJECT, "below": SUBJECT}

    def test_alone_it_says_why_it_is_in_doubt(self) -> None:
        assert decide([CALLED], on(0, "record", CALLED)).doubts == {"record": RecordDoubt.PART_ALONE}
        # Another card shows another person.
        other = identifier(CARD, "99999")
        decided = decide([ANNA, CARD_NO, ANNAS_PHONE], on(0, "record", other, ANNAS_PHONE))
        assert decided.doubts == {"record": RecordDoubt.OTHER_IDENTIFIER}

    def test_what_a_household_shares_is_not_a_second_proof(self) -> None:
        iban = identifier(IBAN, "DE89 3704 0044 0532 0130 00")
        decided = decide([ANNA, CARD_NO, iban], on(0, "his", CARD_NO, iban))
        assert decided.doubts == {"his": RecordDoubt.PART_ALONE}


class TestPapers:
    """Numbers of orders and repairs, of which a person has many, and which two shops give alike."""

    def test_an_unknown_one_beside_something_of_the_subject_is_in_doubt_and_not_another_persons(self) -> None:
        other, third = identifier(ORDER, "X-9"), identifier(RMA, "RMA-8")
        records = (on(0, "account", ANNA), on(1, "call", ANNAS_PHONE, other), on(2, "repair", DEVICE, third))
        chained = (on(3, "device", DEVICE), on(4, "below", third, via="device"))
        known = [ANNA, ANNAS_PHONE, DEVICE]
        decided = decide(known, *records, *chained)
        assert keys(decided, UNCLEAR) == {"call", "repair", "device", "below"}
        assert {decided.doubts[key] for key in ("call", "repair", "below")} == {RecordDoubt.OTHER_IDENTIFIER}
        # Who includes it gets it: by a fresh read it is no other person's either.
        said = frozenset(known)
        for chain in ([{ANNAS_PHONE, other}], [{DEVICE, third}], [{third}, {DEVICE}]):
            assert standing_now(list(map(frozenset, chain)), said) is not Standing.OTHER
        # Alone, beside another address, and below another person's account it is another person's.
        for chain in ([{other}], [{ANNAS_PHONE, other, BEN}], [{ANNAS_PHONE, other}, {BEN}]):
            assert standing_now(list(map(frozenset, chain)), said) is Standing.OTHER

    def test_one_that_also_stands_below_another_persons_account_proves_nothing_alone(self) -> None:
        his = (on(0, "his account", BEN), on(1, "his order", BOUGHT, via="his account"))
        decided = decide([ANNA], on(0, "hers", ANNA, BOUGHT), *his, on(2, "his parcel", BOUGHT))
        assert decided.attributions == {
            "hers": SUBJECT,
            "his account": ANOTHER,
            "his order": UNCLEAR,
            "his parcel": UNCLEAR,
        }
        assert decided.doubts == {"his order": RecordDoubt.OTHER_OWNER, "his parcel": RecordDoubt.NUMBER_ALONE}


class TestAnyWorld:
    """Two owners in turn, and records of both that bear the device alone; the truth is known for each."""

    @given(
        st.integers(1, 60),
        st.lists(st.tuples(st.integers(0, 120), st.booleans(), st.booleans()), max_size=14),
        st.booleans(),
        st.randoms(use_true_random=False),
    )
    def test_neither_owner_gets_the_others_data(
        self, handed_over: int, events: list[tuple[int, bool, bool]], chained: bool, random: object
    ) -> None:
        records, truth = [], {}
        for number, (day, is_named, is_dated) in enumerate(events):
            owner = ANNA if day < handed_over else BEN
            names = (owner, DEVICE) if is_named else (DEVICE,)
            record = on(day, str(number), *names)
            if chained and number and not is_named:
                record = replace(record, above=(str(number - 1),)) if truth[str(number - 1)] == owner else record
            records.append(record if is_dated or is_named else replace(record, occurred_on=None))
            truth[str(number)] = owner
        random.shuffle(records)  # type: ignore[attr-defined]
        for person in (ANNA, BEN):
            decided = decide([person], *records)
            wrong = [key for key, whose in decided.attributions.items() if whose is SUBJECT and truth[key] != person]
            assert wrong == []
            lost = [key for key, whose in decided.attributions.items() if whose is ANOTHER and truth[key] == person]
            assert lost == []

    @given(st.sets(st.sampled_from([DEVICE, OTHER_DEVICE, SERIES, CALLED, CARD_NO]), min_size=1), st.integers(-5, 5))
    def test_weak_ones_teach_nothing(self, known: Identifiers, day: int) -> None:
        secret = identifier(IdentifierKind.PHONE, "+4930901877")
        decided = decide(list(known), on(day, "record", *known, secret))
        assert secret not in decided.known


DAYS = st.dates(FIRST, date(2024, 3, 1))
MARKS = st.lists(
    st.builds(TurnMark, st.sampled_from([DEVICE, OTHER_DEVICE]), st.none() | DAYS, st.booleans()), max_size=12
)


@pytest.mark.apart
@given(MARKS, DAYS)
def test_a_turn_is_between_two_marks_of_one_person(marks: list[TurnMark], day: date) -> None:
    told = Turns(marks).on(DEVICE, day)
    days = [mark for mark in marks if mark.identifier == DEVICE and mark.on is not None]
    if told is Turn.UNKNOWN:
        return
    before, after = (max(m.on for m in days if m.on <= day), min(m.on for m in days if m.on >= day))
    near = {mark.is_subjects for mark in days if mark.on in {before, after}}
    assert near == {True} if told is Turn.SUBJECTS else False in near
    # Another person's mark on that very day takes it away.
    assert Turns([*marks, TurnMark(DEVICE, day, is_subjects=False)]).on(DEVICE, day) is not Turn.SUBJECTS
