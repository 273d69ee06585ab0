"""Where the master key lies: what is read, what is refused, and how a file gets another key."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from rightsflow.domain.errors import Misconfigured
from rightsflow.vault import MasterKey, create_key_file, load_master_key
from rightsflow.vault.key_files import drop_key_before, key_file_of, put_new_key

SECRET = bytes(range(32))
CASE = "DSR-2026-7K3M9Q"
STEPS = ("unlink", "open", "fsync", "link", "rename", "replace")


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    create_key_file(folder / "master.key")
    return folder / "master.key"


def before(path: Path) -> Path:
    return path.with_name("master.key.before")


def loaded(path: Path) -> MasterKey:
    return load_master_key(f"file:{path}")


class TestNewFiles:
    def test_a_new_key_is_for_its_owner_only_and_alone(self, key_file: Path) -> None:
        assert key_file.stat().st_mode & 0o777 == 0o600
        assert len(base64.b64decode(key_file.read_bytes())) == 32
        assert list(key_file.parent.iterdir()) == [key_file]

    def test_a_new_key_does_not_depend_on_the_umask(self, tmp_path: Path) -> None:
        umask = os.umask(0)
        try:
            create_key_file(tmp_path / "key")
        finally:
            os.umask(umask)
        assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600

    def test_two_new_keys_differ(self, key_file: Path, tmp_path: Path) -> None:
        create_key_file(tmp_path / "another")
        assert (tmp_path / "another").read_bytes() != key_file.read_bytes()

    def test_an_existing_key_is_never_overwritten(self, key_file: Path) -> None:
        content = key_file.read_bytes()
        with pytest.raises(FileExistsError):
            create_key_file(key_file)
        assert key_file.read_bytes() == content
        assert list(key_file.parent.iterdir()) == [key_file]

    def test_it_is_read_again_as_the_same_key(self, key_file: Path) -> None:
        key, wrapped = loaded(key_file).new_case_key(CASE)
        assert loaded(key_file).unwrap(CASE, wrapped) == key


class TestWhatIsRefused:
    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620, 0o601])
    @pytest.mark.parametrize("through_a_link", [False, True])
    def test_a_file_that_others_can_reach(
        self, key_file: Path, tmp_path: Path, mode: int, through_a_link: bool
    ) -> None:
        key_file.chmod(mode)
        link = tmp_path / "link"
        link.symlink_to(key_file)
        with pytest.raises(Misconfigured, match=f"chmod 600 {key_file}"):
            loaded(link if through_a_link else key_file)

    @pytest.mark.parametrize("mode", [0o770, 0o707, 0o720, 0o702, 0o777])
    def test_a_file_that_others_can_replace(self, key_file: Path, mode: int) -> None:
        key_file.parent.chmod(mode)
        with pytest.raises(Misconfigured, match=f"Others can replace.*chmod go-w {key_file.parent}"):
            loaded(key_file)

    def test_a_link_that_others_can_replace(self, key_file: Path, tmp_path: Path) -> None:
        shared = tmp_path / "shared"
        shared.mkdir()
        (shared / "link").symlink_to(key_file)
        shared.chmod(0o777)
        with pytest.raises(Misconfigured, match=f"chmod go-w {shared}"):
            loaded(shared / "link")

    @pytest.mark.parametrize("mode", [0o700, 0o500, 0o755, 0o1777])
    def test_a_folder_in_which_nobody_else_can_rename_it_is_accepted(self, key_file: Path, mode: int) -> None:
        key_file.parent.chmod(mode)
        assert isinstance(loaded(key_file), MasterKey)

    def test_a_file_that_its_owner_can_only_read_is_accepted(self, key_file: Path) -> None:
        key_file.chmod(0o400)
        assert isinstance(loaded(key_file), MasterKey)

    def test_a_missing_file_is_named_with_the_mend(self, tmp_path: Path) -> None:
        with pytest.raises(Misconfigured, match="rightsflow init"):
            loaded(tmp_path / "none")

    def test_links_in_a_circle_are_a_missing_file(self, tmp_path: Path) -> None:
        (tmp_path / "a").symlink_to(tmp_path / "b")
        (tmp_path / "b").symlink_to(tmp_path / "a")
        with pytest.raises(Misconfigured, match="There is no master key at"):
            loaded(tmp_path / "a")

    @pytest.mark.parametrize(
        "content",
        [
            base64.b64encode(b"x" * 31),
            base64.b64encode(b"x" * 33),
            b"not base64 at all!",
            b"\xff\xfe\x00 not text",
            base64.b64encode(b"x" * 32) + b"=trailing",
        ],
        ids=["31 bytes", "33 bytes", "no base64", "no text", "trailing"],
    )
    def test_what_is_not_32_bytes_in_base64(self, key_file: Path, content: bytes) -> None:
        key_file.write_bytes(content)
        with pytest.raises(Misconfigured) as caught:
            loaded(key_file)
        assert content.decode("latin-1") not in str(caught.value)

    def test_an_empty_file(self, key_file: Path) -> None:
        key_file.write_bytes(b"\n")
        with pytest.raises(Misconfigured, match="empty"):
            loaded(key_file)

    def test_a_key_before_is_held_to_the_same(self, key_file: Path) -> None:
        put_new_key(key_file)
        before(key_file).chmod(0o644)
        with pytest.raises(Misconfigured, match=f"chmod 600 {before(key_file)}"):
            loaded(key_file)


class TestVariables:
    def test_they_are_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TEST_KEY", base64.b64encode(SECRET).decode())
        assert load_master_key("env:TEST_KEY").fingerprints == MasterKey(SECRET).fingerprints
        assert key_file_of("env:TEST_KEY") is None

    def test_the_key_before_only_unwraps(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("NEW_KEY", base64.b64encode(b"n" * 32).decode())
        monkeypatch.setenv("OLD_KEY", base64.b64encode(SECRET).decode())
        both = load_master_key("env:NEW_KEY", "env:OLD_KEY")
        assert both.fingerprints == MasterKey(b"n" * 32, SECRET).fingerprints
        assert load_master_key("env:NEW_KEY", "env:NEW_KEY").fingerprints == MasterKey(b"n" * 32).fingerprints

    def test_a_missing_variable_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("TEST_KEY", raising=False)
        with pytest.raises(Misconfigured, match="TEST_KEY"):
            load_master_key("env:TEST_KEY")

    def test_a_key_in_the_place_of_its_reference_is_not_quoted(self, key_file: Path) -> None:
        key = base64.b64encode(SECRET).decode()
        for references, variable in (((key,), "MASTER_KEY"), ((f"file:{key_file}", key), "MASTER_KEY_BEFORE")):
            with pytest.raises(Misconfigured, match=f"RIGHTSFLOW_{variable} is not a reference") as caught:
                load_master_key(*references)
            assert key not in str(caught.value)
            assert caught.value.__suppress_context__


class TestAnotherKey:
    def test_the_new_key_wraps_and_the_old_one_still_unwraps(self, key_file: Path) -> None:
        old = loaded(key_file)
        key, wrapped = old.new_case_key(CASE)
        put_new_key(key_file)
        both = loaded(key_file)
        assert both.fingerprints[1:] == old.fingerprints
        assert both.unwrap(CASE, wrapped) == key
        assert [path.stat().st_mode & 0o777 for path in (key_file, before(key_file))] == [0o600, 0o600]
        drop_key_before(key_file)
        assert loaded(key_file).fingerprints == both.fingerprints[:1]
        assert list(key_file.parent.iterdir()) == [key_file]

    def test_while_a_key_before_is_there_no_further_one_is_made(self, key_file: Path) -> None:
        put_new_key(key_file)
        both = loaded(key_file).fingerprints
        put_new_key(key_file)
        assert loaded(key_file).fingerprints == both

    def test_dropping_it_twice_is_dropping_it_once(self, key_file: Path) -> None:
        put_new_key(key_file)
        drop_key_before(key_file)
        drop_key_before(key_file)
        assert len(loaded(key_file).fingerprints) == 1

    def test_a_link_stays_a_link(self, key_file: Path, tmp_path: Path) -> None:
        link = tmp_path / "link"
        link.symlink_to(key_file)
        path = key_file_of(f"file:{link}")
        assert path == key_file
        put_new_key(path)
        assert link.is_symlink()
        assert loaded(link).fingerprints == loaded(key_file).fingerprints
        assert len(loaded(link).fingerprints) == 2

    def test_a_folder_that_cannot_be_written_is_one_sentence(
        self, key_file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(os, "link", refuse)
        with pytest.raises(Misconfigured, match=r"No new key can be put .*Permission denied.*_BEFORE") as caught:
            put_new_key(key_file)
        assert caught.value.__suppress_context__
        assert len(loaded(key_file).fingerprints) == 1

    def test_a_kill_between_any_two_steps_loses_neither_key(
        self, key_file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whatever is wrapped at any moment opens ever after; a second call ends the same as one alone."""
        content, killed = key_file.read_bytes(), 0
        while True:
            for path in key_file.parent.iterdir():
                path.unlink()
            key_file.write_bytes(content)
            key_file.chmod(0o600)
            old = loaded(key_file)
            if not killed_at(killed, lambda: put_new_key(key_file), monkeypatch):
                break
            between = loaded(key_file)
            _, wrapped = between.new_case_key(CASE)
            put_new_key(key_file)
            after = loaded(key_file)
            assert after.unwrap(CASE, wrapped).case_id == CASE
            assert len(after.fingerprints) == 2
            assert after.fingerprint != old.fingerprint
            assert after.fingerprints[1] == old.fingerprint
            killed += 1
        assert killed >= 5


class Killed(BaseException):
    """In place of a signal."""


def killed_at(step: int, work: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> bool:
    """Do the work and die before its n-th step on the disk; gives whether there was one."""
    left = [step]

    def counting(name: str) -> Callable[..., object]:
        real: Callable[..., object] = getattr(os, name)

        def one(*arguments: object, **options: object) -> object:
            if left[0] == 0:
                raise Killed
            left[0] -= 1
            return real(*arguments, **options)

        return one

    with monkeypatch.context() as patched:
        for name in STEPS:
            patched.setattr(os, name, counting(name))
        try:
            work()
        except Killed:
            return True
    return False
