"""Access packages as the person opens them."""

from __future__ import annotations

import io
from pathlib import Path

import pyzipper

from rightsflow.store.case.keeping import PACKAGE, PASSPHRASE


def opened(bench, case_id):
    """The files of a case's package: path → content."""
    with bench.file(case_id) as file:
        path, passphrase = file.outbox.secret(PACKAGE), file.outbox.secret(PASSPHRASE)
    return _files(Path(path).read_bytes(), passphrase)


def contents(chunks, passphrase):
    """The files of a package that is being made: path → content."""
    return _files(b"".join(chunks), passphrase)


def _files(data, passphrase):
    with pyzipper.AESZipFile(io.BytesIO(data)) as archive:
        archive.setpassword(passphrase.encode())
        return {name: archive.read(name) for name in archive.namelist()}
