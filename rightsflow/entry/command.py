"""The console script ``rightsflow``."""

from __future__ import annotations

from rightsflow.entry.names import put_ours_first


def main() -> None:
    """Run the command line, with our own packages whatever a project around it calls its own."""
    put_ours_first()
    # Late: before, another project's package of that name would be imported.
    from deployments.cli.main import main as run  # noqa: PLC0415

    run()
