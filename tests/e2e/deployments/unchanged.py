"""A home in which nothing may change."""

from __future__ import annotations

from contextlib import contextmanager


@contextmanager
def nothing_changes(home):
    """The case store's rows, the key and the configuration are afterwards what they were before."""
    files = (home.config, home.state / "master.key", home.people)
    before = home.rows(), [path.read_bytes() for path in files], sorted(home.folder.rglob("*.*"))
    yield
    assert (home.rows(), [path.read_bytes() for path in files], sorted(home.folder.rglob("*.*"))) == before
