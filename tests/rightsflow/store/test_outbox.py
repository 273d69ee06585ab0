"""The outbox: each kind of letter once, and secrets that stay as they were first kept."""

from __future__ import annotations

from datetime import timedelta

from rightsflow.store import CaseFile, Store
from rightsflow.store.outbox import StoredLetter
from tests.rightsflow.store.casework import Clock, opened


def put(file: CaseFile, template_id: str = "ACK", body: str = "Dear Anna Quillfeather") -> bool:
    return file.outbox.put(
        template_id=template_id,
        version="1.2",
        language="en",
        subject_line="Your request",
        body=body,
        variables_hash="f" * 64,
    )


def test_a_letter_comes_back_whole(store: Store, clock: Clock) -> None:
    case_id = opened(store)
    with store.case_file(case_id) as file:
        assert put(file)
    with store.case_file(case_id) as file:
        assert list(file.outbox.letters()) == [
            StoredLetter(
                template_id="ACK",
                template_version="1.2",
                language="en",
                subject_line="Your request",
                body="Dear Anna Quillfeather",
                variables_hash="f" * 64,
                written_at=clock.moment,
            )
        ]


def test_a_second_one_of_its_kind_is_passed_over(store: Store, clock: Clock) -> None:
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


def test_another_case_has_an_outbox_of_its_own(store: Store) -> None:
    one, two = opened(store), opened(store)
    with store.case_file(one) as file:
        put(file)
    with store.case_file(two) as file:
        assert file.outbox.titles() == []
        assert put(file)


def test_a_letter_shows_nothing_in_its_repr(store: Store) -> None:
    case_id = opened(store)
    with store.case_file(case_id) as file:
        put(file)
        assert "Anna" not in repr(list(file.outbox.letters()))


def test_a_secret_stays_as_it_was_first_kept(store: Store) -> None:
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
