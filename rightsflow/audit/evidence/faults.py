"""The faults of a bundle, in sentences that are fit to be printed whatever stands in the file."""

from __future__ import annotations

from rightsflow.audit.ledger import Fault, FaultKind

THE_FILE = "the file"
"""The name of the whole file in faults."""
_LONGEST_SHOWN = 80
_LONGEST_SENTENCE = 400


class Faults(list[Fault]):
    """The faults found so far."""

    def note(self, kind: FaultKind, place: str, what: str) -> None:
        """Add a fault.

        Args:
            kind: What was done.
            place: To what, a name of the file's own or out of it.
            what: The rest of the sentence that begins with the place.
        """
        named = shown(place)
        begun = named if "." in named.split(" ", maxsplit=1)[0] else f"{named[:1].upper()}{named[1:]}"
        self.append(Fault(kind, named, f"{begun} {what}."))


def printable(fault: Fault) -> Fault:
    """A fault of which the place and the text may hold names out of the file."""
    return Fault(fault.kind, shown(fault.place), shown(fault.text, _LONGEST_SENTENCE))


def shown(text: str, longest: int = _LONGEST_SHOWN) -> str:
    """A name out of a file, or a sentence with such names, fit to be printed.

    Args:
        text: The text, whatever it holds.
        longest: After how many letters it breaks off.
    """
    known = text.replace("…", "")
    plain = text if known.isascii() and known.isprintable() else ascii(text)[1:-1]
    return plain if len(plain) <= longest else f"{plain[:longest]}…"
