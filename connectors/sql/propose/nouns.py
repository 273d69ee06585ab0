"""The words by which tables and columns are called: people, colleagues, documents, tickets. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rightsflow.domain.spellings.field_names import singular, word_set, words_of
from rightsflow.domain.vocabulary.records import DocumentClass

PEOPLE: Final = word_set(
    "customer client user account person contact member subscriber patient guest buyer consumer kunde kontakt cust "
    "lead requester profile principal debtor debitor tenant visitor cliente"
)
"""Tables of people."""
STAFF: Final = word_set("employee staff agent admin operator technician personnel mitarbeiter salesperson")
"""Tables of colleagues."""
SETTINGS: Final = word_set(
    "config configuration setting template smtp mailbox queue translation currency migration parameter"
)
"""Tables of a program's own settings."""
_PLACES: Final = word_set("address adresse anschrift location")
"""Tables of addresses."""
_SHARED: Final = word_set(
    "product category kbitem kb queue status priority project department organization organisation company group role "
    "team campaign template page brand site shop store channel tag label permission calendar forum catalog catalogue "
    "report dashboard workflow offer voucher coupon sku country currency warehouse supplier partner plugin"
)
"""Tables whose rows many people have in common."""
TICKETS: Final = word_set("ticket issue request case enquiry inquiry")
"""Tables of tickets."""
ROLES: Final = word_set(
    "author sender owner requester requestor reporter submitter creator poster customer client member recipient caller "
    "buyer debtor contact person user writer"
)
"""Columns that lead to a person who did something."""
AUTHORS: Final = word_set("author sender user poster creator writer from created person customer submitter")
"""Columns that lead to the person who wrote a row."""
INCOMING: Final = word_set("src caller calling clid callerid ani")
"""Columns with the number that calls."""
LISTS: Final = word_set("cc bcc recipients addresses emails mails tos")
"""Columns with several addresses."""
OUTGOING: Final = word_set("dst callee called dnis dialed dialled")
"""Columns with the number that is called."""
_STAFF_COLUMN: Final = word_set(
    "rep agent assigned assignee assigner manager supervisor reports updated updater modified modifier editor edited "
    "moderator approver approved approval staff closed handled handler resolved operator technician employee "
    "responsible deleted locked changed change processed reviewed salesperson support admin"
)
_MADE: Final = word_set("created create added uploaded imported")
_DOCUMENTS: Final[Mapping[DocumentClass, frozenset[str]]] = {
    DocumentClass.VOUCHER: word_set(
        "invoice receipt payment refund transaction bill billing rechnung zahlung gutschrift charge faktura facture "
        "paiement creditnote payout booking"
    ),
    DocumentClass.TRADE_LETTER: word_set(
        "order offer quote quotation contract bestellung auftrag angebot lieferschein delivery shipment purchase"
    ),
    DocumentClass.COMPLAINT_FILE: word_set("warranty rma claim complaint reklamation garantie repair"),
}
_NO_DOCUMENT: Final = word_set("card bankcard method type status token setting template")


_GLUED: Final = "meta"


def table_words(table: str) -> tuple[str, ...]:
    """Return the words of a table's name without its schema; ``usermeta`` is two words.

    Args:
        table: Its name.
    """
    words = words_of(table.rpartition(".")[2])
    parts = ((word.removesuffix(_GLUED), _GLUED) if word.endswith(_GLUED) else (word,) for word in words)
    return tuple(part for pair in parts for part in pair if part)


def table_nouns(table: str) -> tuple[str, ...]:
    """Return the same in the singular.

    Args:
        table: Its name.
    """
    return tuple(map(singular, table_words(table)))


def leads_to_staff(column: str) -> bool:
    """Return True if a column leads to a colleague by its name, and not to the person whom a row is about.

    Args:
        column: Its name.
    """
    words = set(words_of(column))
    return bool(words & _STAFF_COLUMN) or ("by" in words and bool(words & _MADE))


def is_place(table: str) -> bool:
    """Return True if a table is of addresses, by its name.

    Args:
        table: Its name.
    """
    return any(noun.endswith(tuple(_PLACES)) for noun in table_nouns(table)[-1:])


def is_shared(table: str) -> bool:
    """Return True if the rows of a table are no person's, by its name, although a person made them.

    Args:
        table: Its name.
    """
    return bool(set(table_nouns(table)[-1:]) & _SHARED)


def document_of(table: str) -> DocumentClass | None:
    """Return the class of document that the rows of a table are by its name, if a law may order to keep them.

    Args:
        table: Its name.
    """
    nouns = set(table_nouns(table))
    if nouns & _NO_DOCUMENT:
        return None
    return next((document for document, words in _DOCUMENTS.items() if nouns & words), None)
