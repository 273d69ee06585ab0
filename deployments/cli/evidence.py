"""``evidence`` and ``verify``: prove how a request was handled, and check such a proof."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from deployments.cli.decisions import CaseArgument
from deployments.cli.output import JsonFlag, console, print_json
from rightsflow.case import read_case_id
from rightsflow.errors import BadInput
from rightsflow.evidence.bundle import MOST_BYTES
from rightsflow.evidence.checking import Finding, check_bundle
from rightsflow.evidence.fingerprints import fingerprint, trusted_keys
from tasks.evidence import export_evidence

_MOST_KEY_BYTES = 1 << 20
_UNTOUCHED = "Nothing in the evidence of {case} was altered since it was signed."


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("evidence")(evidence)
    app.command("verify")(verify)


def evidence(
    case: CaseArgument,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where the bundle is written.")],
    seal: Annotated[
        bool, typer.Option("--seal", help="Seal the ledger first, so that all but the note of this export is sealed.")
    ] = False,
    by: Annotated[str, typer.Option(help="Who exports it; by default the name you are logged in with.")] = "",
    json_output: JsonFlag = False,
) -> None:
    """Write the evidence bundle of a case: one file that shows how the request was handled, to be checked anywhere.

    It holds no personal data of the person, but the names of those who decided. That you exported it is recorded.
    """
    case_id = read_case_id(case)
    if output.is_dir() or not output.absolute().parent.is_dir():
        # Before it is noted that anything was exported.
        raise BadInput("The file cannot be written there; give a file in a folder that is there with -o.")
    made = export_evidence(case_id, by=by or getpass.getuser(), seal_first=seal)
    try:
        output.write_bytes(made.content)
    except OSError as error:
        raise BadInput(f"The file cannot be written ({error.strerror}); give another with -o.") from None
    keys = {name: fingerprint(public) for name, public in made.keys.items()}
    if json_output:
        print_json({"case": case_id, "file": str(output), "entries": made.entries, "sealed": made.sealed, "keys": keys})
        return
    console.print(f"The evidence of {case_id} is in {output}.", highlight=False, soft_wrap=True, markup=False)
    console.print(_covered(made.entries, made.sealed), highlight=False, soft_wrap=True)
    _print_keys(keys)


def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The evidence bundle.")],
    key: Annotated[
        str,
        typer.Option(
            help="The published key: its fingerprint, or a file with it, as a published seal is. "
            "Without it nobody knows whose it is."
        ),
    ] = "",
    json_output: JsonFlag = False,
) -> int:
    """Check an evidence bundle, from the file alone. Ends with 0 if it is whole, 1 if not, 2 if it is no bundle."""
    found = check_bundle(_read(file, MOST_BYTES + 1), _trusted(key))
    if json_output:
        print_json({"whole": found.is_whole, "key_given": bool(key), **_document(found)})
    else:
        _print_finding(found, key_given=bool(key))
    return 0 if found.is_whole else 1


def _trusted(key: str) -> frozenset[str]:
    if not key:
        return frozenset()
    try:
        is_file = Path(key).is_file()
    except (OSError, ValueError):
        is_file = False
    return trusted_keys(_read(Path(key), _MOST_KEY_BYTES).decode("ascii", "replace") if is_file else key)


def _read(file: Path, most: int) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(most)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "that is no file's name"
        raise BadInput(f"The file cannot be read ({why}); give the path of one.") from None


def _document(found: Finding) -> dict[str, object]:
    return {
        "case": found.case_id,
        "faults": found.faults,
        "notes": found.notes,
        "keys": found.keys,
        "entries": found.entries,
        "sealed": found.sealed,
    }


def _print_finding(found: Finding, *, key_given: bool) -> None:
    if found.is_whole:
        console.print(f"[bold green]Whole.[/] {_UNTOUCHED.format(case=found.case_id)}", highlight=False)
        console.print(_covered(found.entries, found.sealed), highlight=False, soft_wrap=True)
    else:
        console.print("[bold red]Not whole.[/]", highlight=False)
    for fault in found.faults:
        console.print(f"{fault.kind.value}: {fault.text}", highlight=False, markup=False, soft_wrap=True)
    for note in found.notes:
        console.print(note, highlight=False, markup=False, soft_wrap=True)
    if key_given and found.is_whole:
        console.print("It is signed by the key you gave, or by one that it leads to.")
    elif not key_given:
        _print_keys(found.keys)
        console.print(
            "Compare this with what the controller has published; whoever has another key can make another bundle."
        )


def _print_keys(keys: Mapping[str, str]) -> None:
    for name, shown in keys.items():
        console.print(f"Signed by {name}, fingerprint {shown}", highlight=False, markup=False, soft_wrap=True)


def _covered(entries: int, sealed: int) -> str:
    if not sealed:
        return f"None of its {entries} entries is under a seal yet: they stand under the bundle's own signature alone."
    return (
        f"Of its {entries} entries the first {sealed} are under the controller's seals; "
        f"the rest ({entries - sealed}) under the bundle's own signature alone."
    )
