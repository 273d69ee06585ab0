"""A worker that stays sees a changed configuration at its next run."""

from __future__ import annotations

import os

import pytest

from deployments.worker import renewing
from deployments.worker.renewing import Freshness
from tasks import composition


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RIGHTSFLOW_HOME", str(tmp_path / "state"))
    (tmp_path / "state").mkdir()
    (tmp_path / "rightsflow.toml").write_text("a = 1")
    (tmp_path / "state" / "master.key").write_text("one")
    return tmp_path


@pytest.fixture
def time(monkeypatch):
    moment = [1000.0]
    monkeypatch.setattr(renewing.time, "monotonic", lambda: moment[0])
    return moment


def test_what_was_read_holds_while_nothing_changes(home, time):
    freshness = Freshness()
    assert [freshness.is_over() for _ in range(3)] == [False, False, False]


@pytest.mark.parametrize("file", ["rightsflow.toml", "state/master.key"])
def test_a_changed_file_ends_it_once(home, time, file):
    freshness = Freshness()
    freshness.is_over()
    (home / file).write_text("something longer")
    assert [freshness.is_over() for _ in range(2)] == [True, False]


def test_a_file_that_is_replaced_by_one_like_it_ends_it(home, time):
    freshness = Freshness()
    freshness.is_over()
    before = (home / "rightsflow.toml").stat()
    other = home / "other.toml"
    other.write_text("a = 2")
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(home / "rightsflow.toml")
    assert freshness.is_over()


def test_a_file_that_is_not_there_is_no_fault(home, time):
    freshness = Freshness()
    freshness.is_over()
    (home / "rightsflow.toml").unlink()
    assert freshness.is_over()


def test_secrets_elsewhere_are_read_again_after_a_while(home, time):
    freshness = Freshness()
    freshness.is_over()
    time[0] += 299
    assert not freshness.is_over()
    time[0] += 2
    assert [freshness.is_over() for _ in range(2)] == [True, False]


@pytest.mark.parametrize("is_over", [True, False])
def test_the_runtime_is_built_anew_only_then(monkeypatch, is_over):
    built = []
    monkeypatch.setattr(renewing._freshness, "is_over", lambda: is_over)
    for name in ("_app_of_environment", "_store_of_environment"):
        monkeypatch.setattr(
            getattr(composition, name), "cache_clear", lambda name=name: built.append(name), raising=False
        )
    renewing.renew()
    assert bool(built) is is_over
