"""The group ``keys``: the vault's keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime

from rich.table import Table
from rich.text import Text

from deployments.cli.arguments import OwnNameOption, acting
from deployments.cli.output import JsonFlag, console, print_json, progress
from rightsflow.app import current_store
from rightsflow.audit.evidence.cover import fingerprint
from rightsflow.config.environment import Environment
from rightsflow.store import Store
from rightsflow.store.rotation import (
    KeyLine,
    Rotated,
)
from rightsflow.vault import MasterKey, load_master_key
from rightsflow.vault.key_files import drop_key_before, key_file_of, put_new_key


def show(json_output: JsonFlag = False) -> None:
    """Show the fingerprints and ages of the keys.

    A key itself is never shown.
    """
    store, master = current_store(), _load()
    lines, cases = store.keys.lines()
    if json_output:
        now = store.now()
        keys_shown = [
            asdict(line) | {"age_days": _age(line, now), "fingerprint": fingerprint(line.public)} for line in lines
        ]
        older = list(master.fingerprints[1:])
        print_json({"master_key": master.fingerprint, "before": older, "cases": cases, "keys": keys_shown})
        return
    wraps = cases.get(master.fingerprint, 0)
    console.print(Text.assemble("Master key ", (master.fingerprint, "bold"), f"; it wraps {wraps} cases."))
    for before in master.fingerprints[1:]:
        wraps = cases.get(before, 0) + cases.get("", 0)
        console.print(f"Key before {before}; it wraps {wraps} cases. Go on with: rightsflow keys rotate")
    console.print(_table(lines, store.now()) if lines else "The store has no keys yet; the first case makes them.")
    for line in lines:
        if line.public:
            console.print(f"{line.name} signs seals and evidence; its fingerprint, to be published:", highlight=False)
            console.print(fingerprint(line.public), highlight=False, soft_wrap=True)


def rotate(
    by: OwnNameOption = "",
    json_output: JsonFlag = False,
) -> None:
    """Replace the master key.

    A new key wraps every data key; contents are not encrypted again. If it is interrupted, run it again.

    A key file gets a new key; the old one is kept as PATH.before until it is no longer needed. If the key is stored
    elsewhere, first set RIGHTSFLOW_MASTER_KEY to the new one and RIGHTSFLOW_MASTER_KEY_BEFORE to the old one.
    """
    actor = acting(by)
    environment, store = Environment(), current_store()
    put_new, drop_before = _in_place(environment)
    master = store.keys.change(_load, put_new)
    rewrapped = _rewrap(store, master)
    rotated = store.keys.conclude(master, drop_before, actor=actor)
    _tell(rotated, rewrapped, is_by_variable=bool(environment.master_key_before), json_output=json_output)


def _load() -> MasterKey:
    environment = Environment()
    return load_master_key(environment.master_key_reference, environment.master_key_before)


def _in_place(environment: Environment) -> tuple[Callable[[], None], Callable[[], None]]:
    """Return the acts that install a new key and drop the one before: ours for a key file, else an operator's."""
    path = None if environment.master_key_before else key_file_of(environment.master_key_reference)
    if path is None:
        return _nothing, _nothing
    return lambda: put_new_key(path), lambda: drop_key_before(path)


def _nothing() -> None:
    pass


def _rewrap(store: Store, master: MasterKey) -> int:
    done = 0
    for count in store.keys.rewrap(master):
        done += count
        progress.say(f"Rewrapping … {done:,} cases")
    return done


def _tell(rotated: Rotated, rewrapped: int, *, is_by_variable: bool, json_output: bool) -> None:
    if json_output:
        document: dict[str, object] = {"from": rotated.before, "to": rotated.present, "cases": rotated.cases}
        print_json(document | {"rewrapped_now": rewrapped, "unset_variable_before": is_by_variable})
        return
    console.print(f"The master key is changed from {rotated.before} to {rotated.present}: {rotated.cases} cases.")
    if is_by_variable:
        console.print("Nothing needs the old key any more; unset RIGHTSFLOW_MASTER_KEY_BEFORE.", soft_wrap=True)
    console.print("Keep the new key safe as you kept the old one, and start again what was running meanwhile.")


def _table(lines: list[KeyLine], now: datetime) -> Table:
    table = Table("key", "made", "days", "wrapped by", "retired", box=None, header_style="bold")
    for line in lines:
        retired = f"{line.retired_at:%d %b %Y}" if line.retired_at else ""
        table.add_row(line.name, f"{line.created_at:%d %b %Y}", str(_age(line, now)), line.wrapped_by, retired)
    return table


def _age(line: KeyLine, now: datetime) -> int:
    return (now - line.created_at).days
