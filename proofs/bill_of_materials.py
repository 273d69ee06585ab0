"""The product's bill of materials: ``dist/rightsflow.cdx.json`` in CycloneDX, made by uv and checked against the lock.

``make bill`` fails where the bill lacks a package that the product with its extras needs, names another version, has
one too many, or has a file without its SHA-256. ``proofs.locked`` reads the lock without uv.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from proofs.locked import needed_by_product, packages

BILL: Final = Path("dist/rightsflow.cdx.json")
_EXPORT: Final = (
    *("export", "--quiet", "--frozen", "--package", "rightsflow", "--all-extras", "--no-dev"),
    *("--format", "cyclonedx1.5", "--preview-features", "sbom-export", "--output-file"),
)


def main() -> int:
    """Write the bill and check it; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m proofs.bill_of_materials", description=__doc__)
    parser.add_argument("--uv", default="uv", help="the program uv")
    options = parser.parse_args()
    BILL.parent.mkdir(exist_ok=True)
    subprocess.run([options.uv, *_EXPORT, str(BILL)], check=True, stdout=subprocess.DEVNULL)
    bill, locked = json.loads(BILL.read_text(encoding="utf-8")), packages()
    faults = sorted(differences(bill, locked))
    sys.stderr.writelines(f"{fault}\n" for fault in faults)
    if not faults:
        sys.stdout.write(f"{BILL} names the {len(bill['components'])} packages of the product as uv.lock does.\n")
    return 1 if faults else 0


def differences(bill: dict[str, Any], locked: list[dict[str, Any]]) -> Iterator[str]:
    needed = needed_by_product(locked)
    named = {(part["name"], part["version"]) for part in bill["components"]}
    yield from (f"{name} {version} is missing in the bill of materials." for name, version in needed - named)
    yield from (f"{name} {version} is in the bill of materials without need." for name, version in named - needed)
    for part in bill["components"]:
        files = [reference for reference in part.get("externalReferences", ()) if reference["type"] == "distribution"]
        if not files or any(not file.get("hashes") for file in files):
            yield f"{part['name']} has a file without a hash in the bill of materials."


if __name__ == "__main__":
    sys.exit(main())
