"""A worker that stays sees a changed configuration at its next run."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest

from deployments.renewal import Freshness, renew


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RIGHTSFLOW_HOME", str(tmp_path / "state"))
    (tmp_path / "state").mkdir()
    (tmp_path / "rightsflow.toml").write_text("a = 1")
    (tmp_path / "state" / "master.key").write_text("one")
    return tmp_path


@pytest.fixture
def time():
    return [1000.0]


@pytest.fixture
def freshness(home, time):
    return Freshness(lambda: time[0])


def test_a_changed_replaced_or_missing_file_ends_it_once(home, time, freshness):
    assert [freshness.is_over() for _ in range(3)] == [False, False, False]

    for file in ("rightsflow.toml", "state/master.key"):
        freshness.is_over()
        (home / file).write_text("something longer")
        assert [freshness.is_over() for _ in range(2)] == [True, False]

    freshness.is_over()

    freshness.is_over()
    before = (home / "rightsflow.toml").stat()
    other = home / "other.toml"
    other.write_text("a = 2")
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(home / "rightsflow.toml")
    assert freshness.is_over()

    freshness.is_over()
    (home / "rightsflow.toml").unlink()
    assert freshness.is_over()


def test_secrets_elsewhere_are_read_again_after_a_while(home, time, freshness):
    freshness.is_over()
    time[0] += 299
    assert not freshness.is_over()
    time[0] += 2
    assert [freshness.is_over() for _ in range(2)] == [True, False]


def test_the_runtime_is_built_anew_only_then():
    forgotten = []
    for over in (SimpleNamespace(is_over=lambda: False), SimpleNamespace(is_over=lambda: True)):
        renew(over, lambda: forgotten.append("runtime"))
        assert bool(forgotten) is over.is_over()
