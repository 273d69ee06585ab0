"""The sandbox's distribution fits the product's."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[3]


def project(folder: Path) -> dict:
    return tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_both_distributions_go_together_in_one_direction():
    # The sandbox requires the product in its own version.
    product, sandbox = project(ROOT), project(ROOT / "sandbox")
    assert sandbox["version"] == product["version"]
    assert f"rightsflow[stripe]=={product['version']}" in sandbox["dependencies"]
    assert sandbox["requires-python"] == product["requires-python"]
    # The product requires nothing of the sandbox.
    product = project(ROOT)
    extras = [one for extra in product["optional-dependencies"].values() for one in extra]
    assert not [one for one in (*product["dependencies"], *extras) if "sandbox" in one or "localstripe" in one]
    assert (ROOT / "sandbox" / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
