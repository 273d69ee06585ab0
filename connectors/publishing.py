"""Places where seals are published, so that no one in control of the case store can rewrite its past.

Each place accepts a seal once: a published seal is never overwritten, and publishing it again changes nothing.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from connectors.extras import how_to_install
from rightsflow.config.sections.mail_server import Seals
from rightsflow.domain.errors import Misconfigured, Refused, Transient
from rightsflow.domain.mail import Mail, MailTransport
from rightsflow.domain.publication import Publication, PublicationPlace

_FOR_ALL = 0o644


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder, best one whose files cannot be changed (a share with snapshots, a WORM volume).

    Args:
        path: Where it is; it has to be there, since one that is made anew would hide that the share is not mounted.
    """

    path: Path

    def publish(self, publication: Publication) -> None:
        """Write the file whole under its name, unless there is one.

        Raises:
            Misconfigured: The folder is not there.
            Refused: There is another file under its name.
            Transient: It cannot be written now.
        """
        if not self.path.is_dir():
            raise Misconfigured(f"There is no folder {self.path} to publish seals in; make it, or mount its share.")
        try:
            self._put(publication)
        except FileExistsError:
            if (self.path / publication.name).read_text(encoding="utf-8") != publication.text:
                raise Refused(f"{self.path} holds another file as {publication.name}; find out who wrote it.") from None
        except OSError as error:
            raise Transient(f"The seal cannot be written into {self.path} ({error.strerror}).") from None

    def _put(self, publication: Publication) -> None:
        descriptor, beside = tempfile.mkstemp(dir=self.path, prefix=f".{publication.name}.")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(publication.text)
                file.flush()
                os.fchmod(descriptor, _FOR_ALL)
                os.fsync(descriptor)
            # Fails where the name is taken, and puts the whole file there at once.
            Path(self.path / publication.name).hardlink_to(beside)
        finally:
            with suppress(OSError):
                Path(beside).unlink()
        _make_lasting(self.path)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A person's mailbox, such as an auditor's.

    Args:
        server: The server that takes the mails.
        address: The address.
    """

    server: MailTransport
    address: str

    def publish(self, publication: Publication) -> None:
        """Mail the seal; one that is mailed again has the same Message-ID.

        Raises:
            ConnectorError: The server did not take it.
        """
        body = (
            f"This is seal {publication.number} of the ledger of data subjects' requests. Keep this mail: with "
            "it you can "
            f"prove later whether the ledger was changed.\n\nSHA-256 of the seal's body:\n{publication.digest}\n\n"
            f"To check, save the next line as {publication.name} and run: rightsflow ledger verify --seals "
            f"FOLDER\n\n{publication.text}"
        )
        self.server.send(
            Mail(
                to_email=self.address,
                subject=f"Seal {publication.number} of the ledger",
                body=body,
                message_id=f"seal-{publication.number}.{publication.digest[:16]}",
            )
        )


def place_of(
    place: str, settings: Seals, server: Callable[[], MailTransport], now: Callable[[], datetime]
) -> PublicationPlace:
    """A place from how the settings name it.

    Args:
        place: Such as ``file:/srv/seals``, ``mailto:auditor@example.com`` or ``s3://bucket/prefix``.
        settings: The section of the seals.
        server: Gives the server that mails go through.
        now: Gives the present instant (aware).

    Raises:
        Misconfigured: A secret is missing, or the library that talks to a bucket is not installed.
    """
    kind, _, rest = place.partition(":")
    if kind == "file":
        return Folder(Path(rest))
    if kind == "mailto":
        return Mailbox(server(), rest)
    # Late: most have no bucket, and what talks to one takes 8 MB of every process.
    try:
        from connectors.publishing_s3 import bucket_place  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if not (install := how_to_install(error)):
            raise
        raise Misconfigured(f"rightsflow.toml [seals]: a place in a bucket needs a library; {install}.") from None

    return bucket_place(rest.removeprefix("//"), settings.s3, settings.keep_years, now)


def _make_lasting(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
