"""The group ``ledger``: seal and verify it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deployments.cli.arguments import OwnNameOption, acting
from deployments.cli.output import JsonFlag, console, print_done, print_fault, print_json
from rightsflow.app import current_app, current_store
from rightsflow.audit.ledger.seals import read_seal
from rightsflow.cases.app import App
from rightsflow.cases.course.evidence.ledger import accept_repair, propose_repair, publish, seal_now, seal_state
from rightsflow.domain.connector import Health
from rightsflow.files.published_seals import published_in

_OLD_HOURS = 48
"""After how many hours without a seal something is wrong: one is made every night."""


def seal(json_output: JsonFlag = False) -> int:
    """Seal the ledger now and publish the seals.

    The nightly seal does the same. The exit status is 1 if a seal cannot be published.
    """
    current = current_app()
    made = seal_now(current)
    behind = publish(current)
    if json_output:
        print_json({"seal": made.number if made else None, "digest": made.digest if made else None, "behind": behind})
    elif made is None:
        console.print("Another process was sealing the ledger at the same time; its seal covers the same.")
    else:
        chains = read_seal(made.body).chains
        console.print(f"Seal {made.number} covers {chains} chains.", highlight=False)
        console.print(f"Its digest is {made.digest}", highlight=False, soft_wrap=True)
    for sentence in behind:
        print_fault(sentence)
    return 1 if behind else 0


def verify(
    seals: Annotated[
        Path | None, typer.Option(help="A folder with the seals as they were published; they are checked against.")
    ] = None,
    json_output: JsonFlag = False,
) -> int:
    """Verify every chain, seal and proof of the ledger.

    The exit status is 1 if something was altered, removed or added. Give the published seals too: only they reveal a
    ledger that was rewritten as a whole.
    """
    store = current_store()
    published = list(published_in(seals)) if seals else []
    checked = store.seals.extent()
    faults = store.seals.check(published)
    if json_output:
        found = list(faults)
        print_json({"checked": checked, "published_seals": len(published), "faults": found})
        return 1 if found else 0
    is_whole = True
    for fault in faults:
        is_whole = False
        print_fault(fault.text)
    if is_whole:
        beside = f"; the published seals agree up to seal {published[-1].number}" if published else ""
        said = f"{checked.entries} entries of {checked.chains} chains, {checked.seals} seals{beside}"
        console.print(f"Whole: {said}.", highlight=False, soft_wrap=True)
        console.print(ledger_health(current_app()).detail, highlight=False, soft_wrap=True)
    return 0 if is_whole else 1


def repair(
    by: Annotated[str, typer.Option(help="Who does this: your name.")],
    accept: Annotated[bool, typer.Option("--accept", help="Accept what another person has proposed.")] = False,
    json_output: JsonFlag = False,
) -> None:
    """Accept the faults of a damaged ledger, as two people.

    One person proposes it, another accepts the same faults, and sealing resumes. Both are recorded, and `rightsflow
    ledger verify` still names the faults. Where people sign in, it is done at the desk, on the page Controls.
    """
    done = (accept_repair if accept else propose_repair)(current_app(), by=by)
    print_done(done, json_output=json_output)


def rotate(
    by: OwnNameOption = "",
    json_output: JsonFlag = False,
) -> None:
    """Create the next key that signs seals.

    It signs together with the present key for a while, then alone.
    """
    current = current_app()
    store = current.store
    name = store.seals.rotate_key(actor=acting(by))
    days = current.settings.seals.overlap_days
    if json_output:
        print_json({"key": name, "overlap_days": days})
        return
    console.print(f"The seals are signed by {name} too from the next one on, and by it alone after {days} days.")


def ledger_health(current: App) -> Health:
    """Report the age of the last seal and the places that lack seals; for ``doctor``."""
    state = seal_state(current)
    if state.at is None:
        detail = "The ledger was never sealed; `rightsflow up` seals it every night, `rightsflow ledger seal` now."
        return Health(ok=True, detail=detail, is_doubtful=True)
    hours = int((current.now() - state.at).total_seconds() // 3600)
    seen = f"Seal {state.number} is {hours} hours old."
    if state.behind:
        places = ", ".join(f"{place} ({count})" for place, count in state.behind.items())
        return Health(ok=False, detail=f"{seen} Not all seals are published at {places}; run `rightsflow ledger seal`.")
    if not current.settings.seals.publish:
        seen += " They are published nowhere; name places in [seals] in rightsflow.toml."
    doubtful = hours >= _OLD_HOURS or not current.settings.seals.publish
    return Health(ok=True, detail=seen, is_doubtful=doubtful)
