"""The daily seal and where it goes: once a day, each place once, and no place in another's way."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from rightsflow.app import current_app, installed
from rightsflow.audit.ledger.seals import read_published, read_seal
from rightsflow.cases.course.evidence.ledger import publish, publish_seals, seal_heads, seal_now, seal_state
from rightsflow.config.sections.mail_server import MailServer, Seals
from rightsflow.domain.errors import Conflict
from rightsflow.store.proofs.seals import all_seals
from rightsflow.store.proofs.signing_keys import rotate_key
from tests.support.bench import CANARIES
from tests.support.canary import Scanner, all_logs
from tests.support.instead import Instead
from tests.support.post import smtp_server

DAY = timedelta(days=1)
SCANNER = Scanner({value: value for value in CANARIES})


@contextmanager
def publishing(bench, *places, **changes):
    """The bench with places for seals."""
    before = bench.runtime
    seals = Seals.model_validate({"publish": [str(place) for place in places], **changes})
    bench.runtime = replace(before, settings=before.settings.model_copy(update={"seals": seals}))
    with installed(bench.runtime):
        yield
    bench.runtime = before


def folder(tmp_path, name="seals"):
    made = tmp_path / name
    made.mkdir()
    return made


def names(path):
    return sorted(one.name for one in path.iterdir())


def seals(bench):
    with bench.runtime.store.database.transaction() as session:
        return list(all_seals(session))


def mail_server(port):
    return MailServer(host="127.0.0.1", port=port, security="none", sender="rights@example.com")


def test_the_flow_seals_once_a_day_in_the_controllers_zone(bench):
    bench.moment[0] = datetime(2026, 3, 5, 22, 50, tzinfo=UTC)
    assert seal_heads(current_app()) == "Seal 1 covers 1 chains."
    assert seal_heads(current_app()) == "The ledger is sealed for today already."
    # In Berlin the next day begins an hour before that of UTC.
    bench.pass_time(timedelta(minutes=15))
    assert seal_heads(current_app()) == "Seal 2 covers 1 chains."


def test_the_command_seals_at_any_time(bench):
    assert [seal_now(bench.runtime).number for _ in range(3)] == [1, 2, 3]


@pytest.mark.apart
def test_the_overlap_of_keys_is_that_of_the_settings(bench):
    store = bench.runtime.store
    with publishing(bench, overlap_days=2):
        seal_now(bench.runtime)
        with store.database.transaction() as session:
            rotate_key(session, store.master, store.now(), actor="Ada Admin")
        signers = []
        for _ in range(3):
            signers.append(sorted(seal_now(bench.runtime).signatures))
            bench.pass_time(DAY)
    assert signers == [["seal/1", "seal/2"], ["seal/1", "seal/2"], ["seal/2"]]


def test_each_seal_goes_to_each_place(bench, tmp_path):
    first = folder(tmp_path)
    with (
        smtp_server() as box,
        publishing(bench, f"file:{first}", "mailto:auditor@example.com", mail=mail_server(box.port).model_dump()),
    ):
        for _ in range(2):
            seal_now(bench.runtime)
            assert publish(bench.runtime) == []
        assert publish(bench.runtime) == [], "and none a second time"
    assert names(first) == ["seal-00000001.json", "seal-00000002.json"]
    assert [read_published(path.read_text()) for path in sorted(first.iterdir())] == seals(bench)
    assert [message["Subject"] for message in box.messages] == ["Seal 1 of the ledger", "Seal 2 of the ledger"]
    assert seals(bench)[1].digest in box.messages[1].get_content()


def test_a_place_added_later_gets_the_seals_of_before(bench, tmp_path):
    for _ in range(3):
        seal_now(bench.runtime)
    with publishing(bench, f"file:{folder(tmp_path)}"):
        assert publish(bench.runtime) == []
    assert len(names(tmp_path / "seals")) == 3


def test_a_place_that_fails_is_named_and_in_no_others_way(bench, tmp_path):
    good, away = folder(tmp_path, "good"), tmp_path / "away"
    with publishing(bench, f"file:{away}", "mailto:auditor@example.com", f"file:{good}"):
        seal_now(bench.runtime)
        one, two = publish(bench.runtime)
        assert one.startswith(f"The seals are not all published at file:{away}: There is no folder")
        assert two.startswith("The seals are not all published at mailto:auditor@example.com: There is no mail server")
        assert names(good) == ["seal-00000001.json"]
        bench.pass_time(DAY)
        seal_now(bench.runtime)
        assert seal_state(bench.runtime).behind == {
            f"file:{away}": 2,
            "mailto:auditor@example.com": 1,
            f"file:{good}": 1,
        }
        away.mkdir()
        assert len(publish(bench.runtime)) == 1
        assert names(away) == names(good) == ["seal-00000001.json", "seal-00000002.json"]


def test_a_seal_that_was_put_but_not_noted_is_noted_later(bench, tmp_path):
    """As after a power cut between the two."""
    place = folder(tmp_path)
    with publishing(bench, f"file:{place}"):
        seal_now(bench.runtime)
        store = bench.runtime.store
        cut = replace(bench.runtime, store=Instead(store, seals=Instead(store.seals, note_published=_stop)))
        with pytest.raises(KeyboardInterrupt):
            publish(cut)
        assert names(place) == ["seal-00000001.json"]
        assert seal_state(bench.runtime).behind == {f"file:{place}": 1}
        assert publish(bench.runtime) == []
        assert seal_state(bench.runtime).behind == {}


def _stop(*_):
    raise KeyboardInterrupt


def test_a_fault_that_nobody_foresaw_is_told_without_its_words(bench, tmp_path):
    def fall_over(*_):
        raise KeyError(CANARIES[0])

    with publishing(bench, f"file:{folder(tmp_path)}"):
        seal_now(bench.runtime)
        (sentence,) = publish_seals(replace(current_app(), open_place=lambda *_: SimpleNamespace(publish=fall_over)))
    assert "KeyError" in sentence
    assert CANARIES[0] not in sentence


@pytest.mark.apart
def test_neither_seals_nor_logs_name_anybody(bench, tmp_path):
    place = folder(tmp_path)
    with all_logs() as heard, publishing(bench, f"file:{place}"):
        bench.open("access")
        seal_now(bench.runtime)
        publish(bench.runtime)
    assert SCANNER.scan(heard.getvalue().encode(), "logs") == set()
    assert SCANNER.scan_folder(place) == set()


def test_how_the_seals_stand(bench):
    assert seal_state(bench.runtime).number == 0
    made = seal_now(bench.runtime)
    state = seal_state(bench.runtime)
    assert (state.number, state.at, state.behind) == (1, read_seal(made.body).at, {})


def test_what_is_not_whole_is_not_sealed(bench):
    bench.open("access")
    seal_now(bench.runtime)
    with bench.runtime.store.database.transaction() as session:
        session.execute(text("DROP TRIGGER ledger_unchanged"))
        session.execute(text("UPDATE ledger SET body = replace(body, 'Olga', 'Olaf')"))
    with pytest.raises(Conflict, match="not whole, and was not sealed: Entry 1 of"):
        seal_now(bench.runtime)
    assert seal_state(bench.runtime).number == 1
