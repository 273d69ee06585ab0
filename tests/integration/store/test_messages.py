"""Messages and notes of a case: read back as they were, in no column in clear, and gone with the case."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from rightsflow.domain.conversation import ContributionKind
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.vocabulary.file_kinds import ProofFile
from rightsflow.store.case.messages import NewFile
from rightsflow.store.purging import Purging
from rightsflow.store.tables import MessageFileRow, MessageRow
from tests.integration.store.purge_cases import AFTER, END
from tests.support.casework import EMAIL, opened

MARK = "canary-samovar "
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30).map(MARK.__add__)
CONTENTS = st.binary(max_size=40).map(MARK.encode().__add__)
FILES = st.lists(st.builds(NewFile, name=TEXTS, kind=st.sampled_from(ProofFile), content=CONTENTS), max_size=2)
NAMED = st.lists(st.sampled_from(["dana", "ines", "olga"]), unique=True)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), TEXTS, FILES),
        st.tuples(st.just("note"), TEXTS, NAMED),
        st.tuples(st.just("read"), st.sampled_from(["dana", "ines"])),
        st.tuples(st.just("answer"), st.integers(1, 4)),
        st.tuples(st.just("remove"), st.integers(1, 4)),
    ),
    max_size=8,
)


class Model:
    """What the conversation has to be."""

    def __init__(self):
        self.entries, self.unread = [], set()

    def do(self, messages, at, act):
        """Do an act and note what has to follow; what is refused changes nothing."""
        kind, *given_ = act
        if kind == "put":
            number = messages.put(*given_, at=at, by="Ben")
            self.entries.append([ContributionKind.MESSAGE, *given_])
            assert number == len(self.entries)
        elif kind == "note":
            number = messages.note(*given_, by="Ben")
            self.entries.append([ContributionKind.NOTE, given_[0], []])
            self.unread |= {(number, person) for person in given_[1]}
        elif kind == "read":
            messages.note_read(given_)
            self.unread = {one for one in self.unread if one[1] not in given_}
        else:
            self._end(messages, kind, *given_)

    def _end(self, messages, kind, number):
        is_there = number <= len(self.entries) and self.entries[number - 1][1] is not None
        if kind == "answer":
            if is_there and self.entries[number - 1][0] is ContributionKind.MESSAGE:
                messages.take_as_answer(number, by="Ben")
            else:
                with pytest.raises(BadInput):
                    messages.take_as_answer(number, by="Ben")
        elif is_there:
            messages.remove(number, MARK, by="Ben")
            self.entries[number - 1][1] = None
            self.unread = {one for one in self.unread if one[0] != number}
        else:
            with pytest.raises((BadInput, Conflict)):
                messages.remove(number, MARK, by="Ben")


def compare(model, messages):
    """What is stored is what was said, and its files are as they were, unless they were removed."""
    stored = messages.entries(in_clear=True)
    assert [(entry.kind, entry.text) for entry in stored] == [(kind, text) for kind, text, _ in model.entries]
    assert {(note.number, note.person) for note in messages.unread()} == model.unread
    for entry, (_, text, files) in zip(stored, model.entries, strict=True):
        assert [file.sha256 for file in entry.files] == [hashlib.sha256(file.content).hexdigest() for file in files]
        assert [file.name for file in entry.files] == ["" if text is None else file.name for file in files]
        for number, file in enumerate(files, start=1):
            if text is None:
                with pytest.raises(BadInput):
                    messages.file(entry.number, number)
            else:
                assert messages.file(entry.number, number) == (file.kind, file.content)
    assert all(entry.text is None and not any(file.name for file in entry.files) for entry in messages.entries())


def rows_of(store, case_id):
    """The columns of a case's messages and their files, as a dump would show them."""
    with store.database.transaction() as session:
        tables = (MessageRow.__table__, MessageFileRow.__table__)
        return [
            bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
            for table in tables
            for row in session.execute(select(table).where(table.c.case_id == case_id))
            for value in row
        ]


@pytest.mark.apart
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTS)
def test_what_is_said_is_sealed_read_back_and_gone_with_the_case(store, clock, acts):
    case_id, model = opened(store, EMAIL), Model()
    for act in acts:
        with store.case_file(case_id) as file:
            model.do(file.messages, file.opened_at, act)
    with store.case_file(case_id) as file:
        compare(model, file.messages)
        assert MARK.strip() not in str([entry.details for entry in file.ledger.entries()])
    assert not [value for value in rows_of(store, case_id) if MARK.strip().encode() in value]
    with store.case_file(case_id) as file:
        file.withdraw(by="Ben", reason="")
        file.keeping.keep_evidence(END)
    clock.pass_time(timedelta(days=1))
    assert Purging(store.database, clock).purge(case_id, AFTER, by="Ben")
    assert rows_of(store, case_id) == []
