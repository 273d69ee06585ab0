"""The outbox: each kind of letter once, and secrets that stay as they were first kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rightsflow.documents.letters.rendering import commitment
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.store import CaseFile, Store
from rightsflow.store.case.outbox import CLAIM_TIME, LetterLine, StoredLetter
from rightsflow.vault import MasterKey
from tests.support.casework import SECRET, at_once, opened


def put(file: CaseFile, template_id: str = "ACK", body: str = "Dear Anna Quillfeather") -> bool:
    return file.outbox.put(
        template_id=template_id,
        version="1.2",
        language="en",
        subject_line="Your request",
        body=body,
        variables_hash="f" * 64,
    )


def test_a_letter_comes_back_whole_and_another_case_has_an_outbox_of_its_own(store, clock):
    case_id = opened(store)
    with store.case_file(case_id) as file:
        assert put(file)
    with store.case_file(case_id) as file:
        (letter,) = file.outbox.letters()
        assert (len(letter.variables_hash), len(letter.text_hash)) == (64, 64)
        assert letter == StoredLetter(
            template_id="ACK",
            template_version="1.2",
            language="en",
            subject_line="Your request",
            body="Dear Anna Quillfeather",
            variables_hash=letter.variables_hash,
            written_at=clock.moment,
            sent_at=None,
            text_hash=letter.text_hash,
            salt=letter.salt,
        )
        (entry,) = [one for one in file.ledger.entries() if one.event == "LetterWritten"]
    assert entry.details["commitment"] == commitment(letter.salt, "Your request", "Dear Anna Quillfeather")
    assert letter.salt not in str(entry.details), "the controller alone can open the commitment"
    assert letter.variables_hash != "f" * 64, "keyed: names could be guessed from a bare hash"
    assert (entry.details["letter"], entry.details["version"], len(entry.details["text"])) == ("ACK", "1.2", 64)

    case_id = opened(store)
    with store.case_file(case_id) as file:
        put(file)
        assert "Anna" not in repr(list(file.outbox.letters()))

    one, two = opened(store), opened(store)
    with store.case_file(one) as file:
        put(file)
    with store.case_file(two) as file:
        assert file.outbox.titles() == []
        assert put(file)


def test_a_letter_goes_out_once_and_not_before_it_was_written(store, clock):
    case_id = opened(store)
    with store.case_file(case_id) as file:
        with pytest.raises(BadInput, match="its letters are: none"):
            file.outbox.mark_sent("ACK", clock.moment, by="Olga Opener")
        put(file)
        with pytest.raises(BadInput, match="before it was written"):
            file.outbox.mark_sent("ACK", clock.moment - timedelta(seconds=1), by="Olga Opener")
        assert file.outbox.lines()[0].sent_at is None

    case_id = opened(store)
    with store.case_file(case_id) as file:
        put(file)
        assert file.outbox.lines() == [LetterLine("ACK", clock.moment, None, "")]
    written_at = clock.moment
    clock.pass_time(timedelta(hours=2))
    with store.case_file(case_id) as file:
        file.outbox.mark_sent("ACK", clock.moment, by="Olga Opener")
    with store.case_file(case_id) as file:
        assert file.outbox.lines() == [LetterLine("ACK", written_at, clock.moment, "Olga Opener")]
        assert next(file.outbox.letters()).sent_at == clock.moment
        with pytest.raises(Conflict, match="went out already"):
            file.outbox.mark_sent("ACK", clock.moment, by="Olga Opener")


def test_a_second_one_of_its_kind_is_passed_over(store, clock):
    case_id = opened(store)
    with store.case_file(case_id) as file:
        assert not file.outbox.has("ACK")
        assert put(file)
        assert file.outbox.has("ACK")
    clock.pass_time(timedelta(days=1))
    with store.case_file(case_id) as file:
        assert not put(file, body="another text")
        assert put(file, "ANSWER")
    with store.case_file(case_id) as file:
        assert file.outbox.titles() == ["ACK", "ANSWER"]
        assert next(file.outbox.letters()).body == "Dear Anna Quillfeather"


class TestClaims:
    """A letter on its way to the mail server is one process's affair."""

    def test_one_is_given_in_clear_and_once_and_is_free_when_it_was_given_back_or_ended(self, store, clock):
        case_id = opened(store)
        with store.case_file(case_id) as file:
            assert file.outbox.claim("ACK") is None
            put(file)
            file.outbox.mark_sent("ACK", clock.moment, by="Olga Opener")
            assert file.outbox.claim("ACK") is None

        case_id = opened(store)
        with store.case_file(case_id) as file:
            put(file)
        with store.case_file(case_id) as file:
            claimed = file.outbox.claim("ACK")
            assert claimed is not None
            assert (claimed.body, claimed.sent_at) == ("Dear Anna Quillfeather", None)
        with store.case_file(case_id) as file:
            assert file.outbox.claim("ACK") is None

        case_id = opened(store)
        with store.case_file(case_id) as file:
            put(file)
            file.outbox.claim("ACK")
        with store.case_file(case_id) as file:
            file.outbox.give_back("ACK")
            file.outbox.give_back("NONE")
        with store.case_file(case_id) as file:
            assert file.outbox.claim("ACK") is not None

        case_id = opened(store)
        with store.case_file(case_id) as file:
            put(file)
            file.outbox.claim("ACK")
        for passed, free in ((CLAIM_TIME - timedelta(microseconds=1), False), (timedelta(microseconds=1), True)):
            clock.pass_time(passed)
            with store.case_file(case_id) as file:
                assert (file.outbox.claim("ACK") is not None) is free

    def test_of_several_processes_one_has_it(self, postgres_database, clock):
        store = Store(postgres_database, MasterKey(SECRET), clock)
        case_id = opened(store)
        with store.case_file(case_id) as file:
            put(file)

        def claim(_: int) -> bool:
            with store.case_file(case_id) as file:
                return file.outbox.claim("ACK") is not None

        assert sorted(at_once(6, claim), key=str) == [False] * 5 + [True]

    def test_of_several_who_note_it_as_sent_one_does(self, postgres_database, clock):
        store = Store(postgres_database, MasterKey(SECRET), clock)
        case_id = opened(store)
        with store.case_file(case_id) as file:
            put(file)

        def note(number: int) -> str:
            with store.case_file(case_id) as file:
                file.outbox.mark_sent("ACK", clock.moment, by=f"Person {number}")
            return f"Person {number}"

        came = at_once(5, note)
        (by,) = [one for one in came if isinstance(one, str)]
        assert [type(one) for one in came if not isinstance(one, str)] == [Conflict] * 4
        with store.case_file(case_id) as file:
            assert file.outbox.lines()[0].sent_by == by


def test_a_secret_stays_as_it_was_first_kept(store):
    case_id = opened(store)
    with store.case_file(case_id) as file:
        assert file.outbox.secret("passphrase") is None
        file.outbox.keep_secret("passphrase", "seven words")
        file.outbox.keep_secret("passphrase", "another")
        file.outbox.keep_secret("salt", "grains")
    with store.case_file(case_id) as file:
        assert (file.outbox.secret("passphrase"), file.outbox.secret("salt")) == ("seven words", "grains")
    with store.case_file(opened(store)) as file:
        assert file.outbox.secret("passphrase") is None


def test_a_secret_with_a_long_name_is_kept(postgres_database, clock):
    """PostgreSQL takes no longer ones than its column, where SQLite takes them all."""
    store, name = (
        Store(postgres_database, MasterKey(SECRET), clock),
        "letter/former/L20.2/2026-03-05T09:00:00.123456+00:00",
    )
    with store.case_file(opened(store)) as file:
        file.outbox.keep_secret(name, "an earlier text")
        file.outbox.keep_secret(f"{name}7", "a later one")
        file.outbox.keep_secret(name, "not this one")
        assert file.outbox.secret(name) == "an earlier text"
        assert file.outbox.secrets_below("letter/former/L20.2/") == ["an earlier text", "a later one"]
