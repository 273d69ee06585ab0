"""A mail server without a connection, for what is said of a mail that was taken or not."""

from __future__ import annotations

from dataclasses import dataclass, field

from rightsflow.domain.mail import Mail, Taken


@dataclass
class Post:
    """A mail server that takes every mail, unless it is told to fail."""

    taken: list[Mail] = field(default_factory=list)
    fault: Exception | None = None

    def send(self, mail):
        if self.fault:
            raise self.fault
        self.taken.append(mail)
        return Taken("250", "OK")

    def probe(self):
        return None
