"""A proposed section for a database that is not described yet: its tables, and what to do with their rows."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection

from connectors.settings import SecretRef
from connectors.sql.client import read_only_engine
from connectors.sql.propose.described import SECONDS, describe
from connectors.sql.propose.facts import MOST_ROWS
from connectors.sql.propose.selection import select
from connectors.sql.propose.toml_text import render
from connectors.sql.settings import SqlSettings
from rightsflow.domain.errors import BadInput
from rightsflow.domain.identifier_kinds import KindDeclaration


def propose(
    name: str, url: SecretRef, country: str, say: Callable[[str], None], kinds: Collection[KindDeclaration] = ()
) -> str:
    """Return a commented section of ``rightsflow.toml`` for a database; nothing is written there.

    Args:
        name: The system's name.
        url: Where the database's URL is.
        country: ISO 3166-1 alpha-2 code in which national phone numbers are read; empty for none.
        say: Is told what goes on.
        kinds: The further kinds of identifier that are known; one that is not declared is named for a person.

    Raises:
        BadInput: No table was seen in which people can be found.
        Misconfigured: The URL is missing or unusable, or the login is refused.
        Transient: The database does not answer.
    """
    seen = describe(name, read_only_engine(url, SECONDS), country, say, kinds=kinds)
    selection = select(seen.tables, seen.links, kinds)
    if not selection.chosen:
        raise BadInput(
            f"None of the {len(seen.tables)} tables that this user sees has a column by which people can be found; "
            "give the URL of the database with the people, or a user who may read its tables."
        )
    text = render(name, url.reference, selection, MOST_ROWS)
    SqlSettings.model_validate(tomllib.loads(text)["systems"][name])
    return text
