"""``init`` and ``service migrate``: configuration, master key and case store."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

from deployments.cli.output import JsonFlag, console, print_json
from rightsflow.app import utc_now
from rightsflow.config.environment import Environment
from rightsflow.domain.errors import Misconfigured
from rightsflow.store import Database, Store
from rightsflow.vault import MasterKey, create_key_file, load_master_key
from rightsflow.vault.sealing import KEY_BYTES


def init(json_output: JsonFlag = False) -> None:
    """Create rightsflow.toml, the master key and the case store.

    Existing files are not changed. The master key is readable for you alone (0600).
    """
    environment = Environment()
    done = set_up(environment)
    if json_output:
        print_json({"home": str(environment.folder), "created": done})
        return
    for what in done:
        console.print(f"Created {what}.", soft_wrap=True)
    if not done:
        console.print("Everything is there already; nothing was changed.")
    console.print(f"Next: fill in {environment.config_path}, then run `rightsflow doctor`.", soft_wrap=True)


def migrate(json_output: JsonFlag = False) -> None:
    """Migrate the case store to this version.

    No key and no configuration is needed. Nothing else is done.
    """
    database = Database(Environment().case_store_url)
    try:
        was_current = database.is_current()
        if not was_current:
            database.migrate()
    finally:
        database.close()
    if json_output:
        print_json({"changed": not was_current})
        return
    console.print("The case store is current already." if was_current else "The case store is current now.")


def set_up(environment: Environment) -> list[str]:
    """Create what is missing of configuration, master key and case store; returns what was created.

    Raises:
        Misconfigured: A setting of the environment is wrong, or the key is not the one of the store's cases.
        Transient: The case store does not answer.
    """
    done: list[str] = []
    environment.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not environment.config_path.exists():
        template = files("deployments.cli").joinpath("rightsflow.toml.template").read_text(encoding="utf-8")
        environment.config_path.write_text(template, encoding="utf-8")
        done.append(str(environment.config_path))
    database = Database(environment.case_store_url)
    if not database.is_current():
        database.migrate()
        done.append("the case store")
    key_file = environment.folder / "master.key"
    if environment.master_key_reference == f"file:{key_file}" and not key_file.exists():
        _refuse_to_orphan(database, key_file)
        create_key_file(key_file)
        done.append(str(key_file))
    master = load_master_key(environment.master_key_reference, environment.master_key_before)
    Store(database, master, utc_now).check_key()
    database.close()
    return done


def _refuse_to_orphan(database: Database, key_file: Path) -> None:
    """Make no new key beside cases of another: it would only hide that theirs is lost."""
    try:
        Store(database, MasterKey(os.urandom(KEY_BYTES)), utc_now).check_key()
    except Misconfigured:
        raise Misconfigured(
            f"There is no master key at {key_file}, but the case store holds cases; restore that key."
        ) from None
