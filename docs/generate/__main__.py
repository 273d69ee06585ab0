"""``python -m docs.generate [--check]``: write the reference, or name what is stale in it."""

from __future__ import annotations

import sys

from docs.generate.pages import FOLDER, pages, stale


def main(arguments: list[str]) -> int:
    """Write the pages, or compare them.

    Args:
        arguments: ``--check`` to compare only.

    Returns:
        The exit status: 1 where a page is stale.
    """
    made = pages()
    if arguments == ["--check"]:
        found = stale(made)
        sys.stderr.writelines(f"docs/reference/{name} is stale; run `make reference`.\n" for name in found)
        return int(bool(found))
    for name, text in made.items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
