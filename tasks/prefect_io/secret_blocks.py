"""Secrets in Prefect's Secret blocks, by the reference ``block:NAME``."""

from __future__ import annotations

from typing import cast

from prefect.blocks.system import Secret

from rightsflow.domain.errors import Misconfigured


def read_secret_block(name: str) -> str:
    """Return the secret in a block.

    Args:
        name: The block's name.

    Raises:
        Misconfigured: There is no such block.
    """
    try:
        block = cast("Secret[str]", Secret.load(name))
    except ValueError:
        raise Misconfigured(f"There is no Prefect Secret block {name}; create it in the UI under Blocks.") from None
    return str(block.get())
