"""``evidence``, ``verify`` and ``case export``: prove how a request was handled, and check such a proof."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from deployments.cli.arguments import CaseArgument, OwnNameOption, acting
from deployments.cli.output import JsonFlag, console, print_json, progress, refuse_no_file, write_whole
from rightsflow.app import current_app
from rightsflow.audit.evidence.bundle import MOST_BYTES
from rightsflow.audit.evidence.cover import fingerprint, trusted_keys
from rightsflow.audit.evidence.texts import MOST_BYTES as MOST_TEXT_BYTES
from rightsflow.audit.evidence.texts import TEXTS, GivenTexts, compare_texts, read_texts
from rightsflow.audit.evidence.verification import BundleFinding, check_bundle
from rightsflow.cases.course.evidence.bundle import export_dpv, export_evidence, give_letters
from rightsflow.documents.package.verification import read_encrypted
from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.states import read_case_id
from rightsflow.files.published_seals import published_in

_MOST_KEY_BYTES = 1 << 20
_UNCOMPARED: Final = 3
"""The exit status where a part is in a format of another version."""
_UNTOUCHED = "Nothing in the evidence of {case} was altered since it was signed."
_ANOTHER_KEY = (
    "{begun}not by the key you gave: it is signed by {keys}. Compare the key you gave with what the controller has "
    "published; if it is that one, this file is not the controller's."
)


def evidence(
    case: CaseArgument,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where the bundle is written.")],
    seal: Annotated[
        bool,
        typer.Option(
            "--seal/--no-seal",
            help="Seal the ledger first, so that all but the note of this export is sealed; or take what is sealed.",
        ),
    ] = True,
    by: OwnNameOption = "",
    with_letters: Annotated[
        bool, typer.Option("--with-letters", help="Write the letters' texts too, encrypted, beside the bundle.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why the letters are given; needed with --with-letters.")] = "",
    json_output: JsonFlag = False,
) -> None:
    """Write the evidence bundle of a case.

    One file shows how the request was handled, and can be verified anywhere. It contains no personal data of the
    person, but the names of those who decided. The export is recorded. The letters' texts are personal data: --with-
    letters writes them to FILE.letters.zip and prints its passphrase once.
    """
    case_id = read_case_id(case)
    # Before it is noted that anything was exported.
    beside = output.with_name(f"{output.name}.letters.zip")
    refuse_no_file(output)
    if with_letters:
        refuse_no_file(beside)
    given = give_letters(current_app(), case_id, by=acting(by), reason=reason) if with_letters else None
    made = export_evidence(current_app(), case_id, by=acting(by), seal_first=seal)
    write_whole(output, made.content)
    if given:
        write_whole(beside, given.content)
    keys = {name: fingerprint(public) for name, public in made.keys.items()}
    if json_output:
        document = {"case": case_id, "file": str(output), "entries": made.entries, "sealed": made.sealed, "keys": keys}
        texts = {"letters": str(beside), "passphrase": given.passphrase} if given else {}
        print_json(document | texts)
        return
    _say(f"The evidence of {case_id} is in {output}.")
    _say(_covered(made.entries, made.sealed))
    _print_keys(keys)
    if given:
        _say(f"The texts of {', '.join(given.letters)} are in {beside}.")
        _say("Its passphrase is kept nowhere; give it by another way:")
        _say(given.passphrase)


def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The evidence bundle.")],
    key: Annotated[
        str | None,
        typer.Option(
            help="The published key: its fingerprint, or a file with it, as a published seal is. "
            "Without it, it is not known whose it is."
        ),
    ] = None,
    seals: Annotated[
        Path | None,
        typer.Option(help="A folder with the seals as they were published: only they show a past that was made anew."),
    ] = None,
    letters: Annotated[
        Path | None,
        typer.Option(help="The letters' texts as the controller gave them: FILE.letters.zip, or letters.json from it."),
    ] = None,
    passphrase: Annotated[
        str, typer.Option(help="What opens the file with the letters; it is asked for where it is not given.")
    ] = "",
    json_output: JsonFlag = False,
) -> int:
    """Verify an evidence bundle.

    It needs nothing but the file. With --letters, each text is compared with its hash in the evidence.

    The exit status is 0 if the bundle is whole, 1 if it is not or if another key than the given one signed it, 2 if
    the file is no bundle, and 3 if a part has the format of another version.
    """
    trusted, published = _trusted(key), None if seals is None else list(published_in(seals))
    found = check_bundle(_read(file, MOST_BYTES + 1), trusted, published)
    if letters is not None:
        found = compare_texts(found, _given(letters, passphrase))
    if json_output:
        given = {"key_given": key is not None, "seals_given": seals is not None}
        print_json({"whole": found.is_whole, **given, **_document(found)})
    else:
        _print_finding(found, key_given=key is not None)
    if found.faults or found.by_another_key:
        return 1
    return _UNCOMPARED if found.uncompared else 0


def _given(file: Path, passphrase: str) -> GivenTexts:
    content = _read(file, MOST_TEXT_BYTES)
    if content.startswith(b"PK"):
        progress.end()
        opens = passphrase or typer.prompt("Passphrase", hide_input=True, err=True)
        content = read_encrypted(file, TEXTS, opens, MOST_TEXT_BYTES)
    return read_texts(content.decode("utf-8", "replace"))


def _trusted(key: str | None) -> frozenset[str]:
    if key is None:
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


def _document(found: BundleFinding) -> dict[str, object]:
    return {
        "case": found.case_id,
        "state": found.state,
        "last_at": found.last_at,
        "exported_at": found.exported_at,
        "seal": found.seal,
        "sealed_at": found.sealed_at,
        "published_seals": found.published,
        "by_another_key": found.by_another_key,
        "faults": found.faults,
        "uncompared": found.uncompared,
        "notes": found.notes,
        "keys": found.keys,
        "entries": found.entries,
        "sealed": found.sealed,
        "letters_as_written": found.texts,
    }


def _print_finding(found: BundleFinding, *, key_given: bool) -> None:
    _print_headline(found)
    for fault in found.faults:
        _say(f"{fault.kind.value}: {fault.text}")
    for sentence in (*found.uncompared, *found.notes):
        _say(sentence)
    if found.texts:
        number = f"{found.texts} {'letter that was given is' if found.texts == 1 else 'letters that were given are'}"
        _say(f"The text of {number} as it was written.")
    if found.published and not found.faults:
        _say(f"The seals are those that were published: {found.published} of them were compared.")
    if key_given and found.is_whole:
        _say("It is signed by the key you gave, or by one that it leads to.")
    elif found.keys and not key_given:
        _print_keys(found.keys)
        _say("Compare this with what the controller has published; anyone with another key can make another bundle.")


def _print_headline(found: BundleFinding) -> None:
    is_unaltered = not found.faults and not found.uncompared
    if found.is_whole:
        console.print("Whole. ", style="bold green", end="")
        _say(_UNTOUCHED.format(case=found.case_id))
    elif found.by_another_key:
        begun = "Unaltered since it was signed, but " if is_unaltered else "Not whole, and "
        _say(_ANOTHER_KEY.format(begun=begun, keys=_signers(found.keys)), style="bold red")
    else:
        _say("Not known to be whole." if found.uncompared and not found.faults else "Not whole.", style="bold red")
    if is_unaltered:
        _say(_as_of(found))
        _say(_covered(found.entries, found.sealed))


def _as_of(found: BundleFinding) -> str:
    """Return the date of the evidence, so that no one takes an old file for the present one."""
    said = f"It shows the case as of {_moment(found.exported_at)}, when it was exported: {found.state or 'no state'}"
    return f"{said}, last entry {_moment(found.last_at)}, newest seal {found.seal} of {_moment(found.sealed_at)}."


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else "no known time"


def _print_keys(keys: Mapping[str, str]) -> None:
    """Print the fingerprints before the names, so that a long name in a file cannot push them aside."""
    for name, shown in keys.items():
        _say(f"Fingerprint {shown or 'of no key'} ({name}) signed it.")


def _signers(keys: Mapping[str, str]) -> str:
    """Fingerprints and names in one sentence, again the fingerprints first."""
    return " and ".join(f"fingerprint {shown or 'of no key'} ({name})" for name, shown in keys.items())


def _say(sentence: str, style: str | None = None) -> None:
    console.print(sentence, style=style, highlight=False, soft_wrap=True)


def _covered(entries: int, sealed: int) -> str:
    if not sealed:
        return f"None of its {entries} entries is under a seal yet: they stand under the bundle's own signature alone."
    return (
        f"Of its {entries} entries the first {sealed} are under the controller's seals; "
        f"the rest ({entries - sealed}) under the bundle's own signature alone."
    )


class Format(StrEnum):
    """The formats that a case can be exported in."""

    DPV = "dpv"


def export(
    case: CaseArgument,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where the document is written.")],
    format_: Annotated[
        Format, typer.Option("--format", help="dpv: JSON-LD in the Data Privacy Vocabulary 2.3.")
    ] = Format.DPV,
    json_output: JsonFlag = False,
) -> None:
    """Export a case for other programs, without personal data.

    The document lists events, statuses and reasons. It proves nothing; the proof is the evidence bundle.
    """
    case_id = read_case_id(case)
    refuse_no_file(output)
    write_whole(output, (json.dumps(export_dpv(current_app(), case_id), ensure_ascii=False, indent=1) + "\n").encode())
    if json_output:
        print_json({"case": case_id, "format": format_, "file": str(output)})
        return
    console.print(f"{case_id} is exported to {output}.", highlight=False, soft_wrap=True)
