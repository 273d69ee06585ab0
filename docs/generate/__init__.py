"""Writes the pages of ``docs/reference`` from typer, pydantic and the code, so that they say what the code does.

``python -m docs.generate`` writes them; ``python -m docs.generate --check`` names the pages that are stale.
"""
