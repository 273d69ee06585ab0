"""``python -m rightsflow.entry MODULE …``: a module of ours as a process, beside whatever project."""

from __future__ import annotations

import runpy
import sys

from rightsflow.entry.names import put_ours_first


def main() -> None:
    """Run the module that the command line names, with the rest of the command line."""
    put_ours_first()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
