"""A neighbour's row that points at the subject's file in another spelling: the file is not the subject's alone."""

from __future__ import annotations

from typing import Any

import pytest

from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.vocabulary.records import Fact, Method, OutcomeKind
from tests.integration.connectors.sql.peer import Peer

KNOWN = frozenset({identifier(IdentifierKind.EMAIL, "anna@example.com")})
DOCUMENTS: dict[str, Any] = {
    "name": "documents",
    "key": ["id"],
    "identities": [{"column": "email", "kind": "email"}],
    "file": {"column": "path", "kind": "photo"},
}
SAME = (
    "a//photo.png", "a/./photo.png", " a/photo.png", "a/photo.png\n", "/a/photo.png", "./a//photo.png",
    "file://{folder}//a/photo.png", "{folder}//a/photo.png", "link/photo.png", "A/Photo.png", "a\\photo.png",
    "a%2Fphoto.png", "x/../a/photo.png", "/srv/old/a/photo.png",
)  # fmt: skip
OTHERS = ("b/photo.png", "photo.png", "/a/photo.png.bak", "https://cdn.example/a/photo.png", "a/photo2.png")


@pytest.fixture
def documents(peer: Peer) -> Peer:
    peer.run("CREATE TABLE documents (id INTEGER PRIMARY KEY, email VARCHAR(99), path VARCHAR(300))")
    (peer.folder / "a").mkdir()
    (peer.folder / "a/photo.png").write_bytes(b"photo")
    (peer.folder / "link").symlink_to(peer.folder / "a")
    peer.insert("documents", [{"id": 1, "email": "anna@example.com", "path": "a/photo.png"}])
    return peer


@pytest.mark.parametrize(("texts", "is_shared"), [(SAME, True), (OTHERS, False)])
def test_whatever_spelling_a_neighbours_row_has(texts: tuple[str, ...], is_shared: bool, documents: Peer) -> None:
    """Before, rows were looked for by a few spellings, and the file of a neighbour was removed."""
    connector = documents.connector([DOCUMENTS])
    file = documents.folder / "a/photo.png"
    for text in texts:
        path = text.replace("{folder}", str(documents.folder))
        documents.run("DELETE FROM documents WHERE id = 2")
        documents.insert("documents", [{"id": 2, "email": "ben@example.com", "path": path}])
        (located,) = (one for one in connector.locate(KNOWN) if one.record.kind == "photo")
        assert (text, Fact.SHARED in located.facts) == (text, is_shared)
        if is_shared:
            (outcome,) = connector.erase([located.record], Method.ERASE, KNOWN)
            assert (outcome.kind, file.exists()) == (OutcomeKind.RETAINED, True)


def test_the_subjects_own_row_in_another_spelling_is_no_neighbours(documents: Peer) -> None:
    documents.insert("documents", [{"id": 2, "email": "anna@example.com", "path": "a//photo.png"}])
    documents.insert("documents", [{"id": 3, "email": "anna@example.com", "path": "/srv/old/a/photo.png"}])
    connector = documents.connector([DOCUMENTS])
    refs = {one.record.ref: one.record for one in connector.locate(KNOWN) if one.record.kind == "photo"}
    assert set(refs) == {"a/photo.png", "//srv/old/a/photo.png"}
    (outcome,) = connector.erase([refs["a/photo.png"]], Method.ERASE, KNOWN)
    assert (outcome.kind, (documents.folder / "a/photo.png").exists()) == (OutcomeKind.ERASED, False)
    assert documents.rows("SELECT path FROM documents ORDER BY id") == [("",), ("",), ("/srv/old/a/photo.png",)]


def test_a_computed_name_of_a_file_is_refused_before_anything_is_searched(sqlite_peer: Peer) -> None:
    """It could not be cleared; the erasure of such a file was tried for ever."""
    sqlite_peer.run("CREATE TABLE documents (id INTEGER PRIMARY KEY, email TEXT, path TEXT AS ('doc' || id))")
    connector = sqlite_peer.connector([DOCUMENTS])
    with pytest.raises(Misconfigured, match="names a column that the database computes"):
        list(connector.locate(KNOWN))
    assert not connector.probe().ok


def test_what_is_written_for_a_file_that_is_gone_stands_for_no_file(documents: Peer) -> None:
    """Where only what another table has may stand there; the row counted as the only trace of a file that is lost."""
    documents.run("DELETE FROM documents")
    documents.insert("documents", [{"id": 4, "email": "anna@example.com", "path": "a/photo.png"}])
    table = DOCUMENTS | {"file": DOCUMENTS["file"] | {"cleared": "gone"}}
    connector = documents.connector([table])
    refs = {one.record.kind: one.record for one in connector.locate(KNOWN)}
    for kind in ("photo", "documents"):
        (outcome,) = connector.erase([refs[kind]], Method.ERASE, KNOWN)
        assert outcome.kind is OutcomeKind.ERASED
    assert documents.rows("SELECT * FROM documents") == []
