"""The form of a page that is being rendered, so that ids occur once and a fault is shown in its own form."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field


@dataclass
class FormScope:
    """The forms of a page while it is written.

    Args:
        present: What tells the form apart that is written now; empty outside of forms.
        ids: The ids that stand on the page.
    """

    present: str = ""
    ids: set[str] = field(default_factory=set)

    def enter(self, key: str) -> None:
        """Begin a form.

        Args:
            key: What tells it apart.
        """
        self.present = key

    def leave(self) -> None:
        """End it."""
        self.present = ""

    def is_about(self, sent: str) -> bool:
        """Return whether messages about the form that was sent concern this form.

        Args:
            sent: What tells that form apart; empty where it is not known.
        """
        return not sent or not self.present or self.present == sent

    def field_id(self, name: str, sent: str, wrong: Collection[str]) -> str:
        """An id for a field that no other field of the page has.

        The name itself, where links to what is wrong lead, is that of the form that was sent.

        Args:
            name: The field's name.
            sent: What tells the form apart that was sent; empty for none.
            wrong: The fields of it with which something is wrong.
        """
        is_kept_free = name in wrong and not self.is_about(sent)
        found, number = name, 1
        while found in self.ids or (is_kept_free and found == name):
            number += 1
            found = f"{name}-{number}"
        self.ids.add(found)
        return found
