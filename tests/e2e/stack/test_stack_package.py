"""The access package that the stack made: whole, readable without us, and no one else's."""

from __future__ import annotations

import io
import json
import wave
from dataclasses import dataclass

import pytest
import pyzipper

from rightsflow.documents.package.verification import verify
from rightsflow_sandbox.inspection.ownership import words_of
from rightsflow_sandbox.telephony.cdr import recording_name
from tests.support.canary import Scanner


@dataclass
class Package:
    """The archive, opened as the person would open it."""

    path: str
    passphrase: str
    files: dict[str, bytes]

    @property
    def texts(self):
        return {name: data for name, data in self.files.items() if not name.endswith(".wav")}

    @property
    def everything(self):
        return "\n".join(data.decode("utf-8", "replace") for data in self.texts.values())


@pytest.fixture(scope="module")
def package(stack, opened, answered):
    shown = stack.home.run("show", opened.access, "--reveal", "--by", "Rita Reader", "--json").document["revealed"]
    with pyzipper.AESZipFile(shown["package"]) as archive:
        archive.setpassword(shown["passphrase"].encode())
        files = {name: archive.read(name) for name in archive.namelist()}
    return Package(shown["package"], shown["passphrase"], files)


def test_it_is_as_its_manifest_says(package):
    checked = verify(package.path, package.passphrase)
    assert checked.ok
    assert checked.files == len(package.files) - 1
    assert "index.html" in package.files
    assert any(name.startswith("data/") and name.endswith(".json") for name in package.files)


def test_an_altered_byte_is_noticed(package, tmp_path):
    names = sorted(package.files)
    copy = tmp_path / "copy.zip"
    with pyzipper.AESZipFile(copy, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(package.passphrase.encode())
        for name in names:
            data = package.files[name]
            archive.writestr(name, data.replace(b"<html", b"<HTML", 1) if name == "index.html" else data)
    assert verify(copy, package.passphrase).altered == ("index.html",)


def test_nothing_can_be_read_without_the_passphrase(package):
    with pyzipper.AESZipFile(package.path) as archive:
        assert all(one.flag_bits & 1 for one in archive.infolist())
        archive.setpassword(b"not the passphrase")
        with pytest.raises(RuntimeError, match="Bad password"):
            archive.read("index.html")


def test_the_index_needs_no_network_and_leads_to_every_system(package):
    index = package.files["index.html"].decode()
    assert "http://" not in index.replace("http://www.w3.org", "")
    assert "src=" not in index or 'src="http' not in index
    for system in ("helpdesk", "payments", "recordings"):
        assert system in index


def test_the_recordings_play(package, stack):
    person = stack.center.access_subject
    recorded = [call for call in stack.center.world.calls_of(person) if recording_name(call)]
    sounds = {name: data for name, data in package.files.items() if name.endswith(".wav")}
    assert 0 < len(sounds) <= len(recorded)
    for data in sounds.values():
        with wave.open(io.BytesIO(data)) as sound:
            assert sound.getnframes() > 0
            assert sound.getframerate() == 8000


def test_the_persons_tickets_and_payments_are_in_it(package, stack):
    person, world = stack.center.access_subject, stack.center.world
    tickets = world.tickets_of(person)
    assert tickets
    for ticket in tickets:
        assert str(ticket.id) in package.everything
    own = [text.body for ticket in tickets for text in ticket.comments if text.author_id == person.user_id]
    plain = json.dumps(package.everything, ensure_ascii=False)
    assert sum(body.split("\n")[0][:30] in plain for body in own) == len(own)
    payments = [payment for account in world.accounts_of(person) for payment in account.payments]
    assert payments
    for payment in payments:
        assert payment.charge in package.everything


def test_nobody_else_is_named_in_it(package, stack):
    person, world = stack.center.access_subject, stack.center.world
    own = set(words_of(person, world))
    others = {word for other in world.people if other is not person for word in words_of(other, world)} - own
    assert len(others) > 100
    assert [word for word in own if word in package.everything]
    named = {word for word in others if word in package.everything or any(word in name for name in package.files)}
    assert not named, sorted((len(word), "@" in word) for word in named)


def test_the_scanner_would_have_found_somebody(package, stack):
    scanner = Scanner({"subject": stack.center.access_subject.email})
    assert scanner.scan(package.everything.encode(), "package")
