"""``python -m rightsflow_sandbox --folder DIR``: the sandbox in the foreground, beside whatever project."""

from __future__ import annotations

import sys

from rightsflow.entry.names import put_ours_first


def main() -> int:
    """Run the sandbox until it is stopped; return the exit status."""
    put_ours_first()
    # Late: before, another project's package `deployments` would be imported.
    from rightsflow_sandbox.foreground import main as run  # noqa: PLC0415

    return run()


if __name__ == "__main__":
    sys.exit(main())
