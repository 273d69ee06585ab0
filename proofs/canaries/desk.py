"""The canary's case on the command line: every command, used well and badly, with and without --json."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from deployments.cli.main import run
from proofs.canaries.errors import errors
from proofs.canaries.person import (
    EMAIL,
    FILE_NAME,
    FORM,
    NAME,
    OTHER_PHONE,
    QUOTE,
    REASON,
    TEXT,
    TYPED_AT_REVEAL,
    TYPED_BIRTH_DATE,
    fill,
    fill_doubtful,
)
from tests.support.bench import Bench
from tests.support.desk import REASON as LONG_SEARCH
from tests.support.identity import as_options

CHECKER, DECIDER = ("--by", "Ida Identity"), ("--by", "Dana Decider")
_GROUPS = {"case", "hold", "letter", "people", "service", "systems"}
_LOOKS = (
    ("list",), ("list", "--all"), ("board",), ("board", "--all"), ("people", "absences"), ("service", "metrics"),
)  # fmt: skip


class Desk:
    """The command line in this process."""

    def __init__(self, bench: Bench, folder: Path) -> None:
        self.said: list[tuple[str, bytes]] = []
        self.statuses: dict[str, list[int]] = {}
        self.revealed = b""
        self._bench = bench
        self._rows = folder / "rows.jsonl"

    def look(self, case_id: str) -> None:
        for command in (*_LOOKS, ("show", case_id)):
            self._run(*command)
            self._run(*command, "--json")

    def work(self, right: str, *flags: str) -> str:
        """A case of its own from opening to its answer; returns its id."""
        fill(self._bench.systems)
        fill_doubtful(self._bench.systems)
        form = FORM | {"birth_date": TYPED_BIRTH_DATE}
        given = [text for name, value in form.items() for text in (f"--{name.replace('_', '-')}", value)]
        opening = ("open", "--right", right, "--received", "2026-03-04", "--by", "Olga Opener", *given)
        self._run(*opening, "--despite-duplicate", *flags)
        self._run(*opening, *flags)
        case = self._newest()
        self._acts(case, *flags)
        if right == "access":
            self._take_in(case, *flags)
        self._answer(case, *flags)
        self._mistakes(case, *flags)
        return case

    def reveal(self, case_id: str) -> None:
        for flag in ((), ("--json",)):
            command = ("show", case_id, "--reveal", "--by", "Rita Reader", "--reason", f"{REASON} {TYPED_AT_REVEAL}")
            self.revealed += self._output(*(*command, *flag))[1]

    def _acts(self, case: str, *flags: str) -> None:
        for command in (
            ("letter", "ask", case, "--doubt", f"{NAME} wrote from another address, not {EMAIL}.", *CHECKER),
            ("letter", "mark-sent", case, "--letter", "L2", *CHECKER),
            ("extend", case, "--reason", f"{LONG_SEARCH} {REASON}", *DECIDER),
            ("letter", "mark-sent", case, "--letter", "L6", *DECIDER),
            ("identity", case, *as_options(self._bench.moment[0], method=REASON, done=REASON), *CHECKER),
            ("letter", "ask", case, "--areas", f"{TEXT}, calls of {OTHER_PHONE}", *CHECKER),
            ("case", "clarify", case, *CHECKER),
            ("case", "hand-over", case, "--to", "dpo", "--reason", REASON, *DECIDER),
            ("hold", "evidence", case, "--open-ended", "--reason", REASON, *DECIDER),
            ("case", "acknowledge", case, *DECIDER),
            ("systems", "pause", "helpdesk", "--reason", REASON, *DECIDER),
            ("systems", "resume", "helpdesk", "--reason", REASON, *DECIDER),
        ):
            self._run(*command, *flags)
        self._bench.systems["calls"].fail("locate", errors()["a group"], times=None)
        self._run("run", case, *flags)
        self._run("show", case, *flags)
        self._bench.systems["calls"].heal()
        self._run("run", case, *flags)

    def _take_in(self, case: str, *flags: str) -> None:
        self._run("case", "take-in", case, *flags)
        (one,) = self._read("case", "take-in", case)
        number = str(one["number"])
        self._run("case", "take-in", case, number, "--looked", QUOTE, "--reason", REASON, *CHECKER, *flags)
        look = self._read("case", "take-in", case, number, "--look", f"{REASON} {TYPED_AT_REVEAL}", *CHECKER)
        self.revealed += json.dumps(look).encode()
        self._run("case", "take-in", case, number, "--looked", look["token"], "--reason", REASON, *CHECKER, *flags)
        self._run("case", "send-back", case, "--again", "copy", "--remark", REASON, *CHECKER, *flags)
        self._run("run", case, *flags)

    def _answer(self, case: str, *flags: str) -> None:
        self._run("decide", case, "--approve", *DECIDER, *flags)
        self._run("run", case, *flags)
        for letter in ("L9", "L10", "L11"):
            self._run("letter", "mark-sent", case, "--letter", letter, *DECIDER, *flags)

    def _mistakes(self, case: str, *flags: str) -> None:
        self._rows.write_text(json.dumps({"received_at": REASON, "controller_tz": NAME, "country": EMAIL}) + "\n")
        for command in (
            ("show", EMAIL),
            ("run", NAME),
            ("list", EMAIL),
            ("board", "--owner", EMAIL),
            ("decide", case, "--refuse", REASON, "--code", NAME, *DECIDER),
            ("decide", case, "--refuse", REASON, "--code", "R6", "--detail", f"Provision: {NAME}", *DECIDER),
            ("open", "--right", TEXT, "--email", EMAIL),
            ("open", "--right", "access", "--phone", FILE_NAME),
            ("open", "--right", "access", "--customer-id", QUOTE),
            ("letter", "mark-sent", case, "--letter", TEXT, *DECIDER),
            ("letter", "mark-sent", case, "--letter", "L6", "--at", REASON, *DECIDER),
            ("case", "hand-over", case, "--to", EMAIL, "--reason", REASON, *DECIDER),
            ("people", "absence", NAME, "--deputy", EMAIL, "--from", REASON, "--until", TEXT, *DECIDER),
            ("systems", "pause", NAME, "--reason", REASON, *DECIDER),
            ("due-dates", self._rows),
            ("due-dates", FILE_NAME),
            (NAME,),
        ):
            self._run(*command, *flags)

    def _newest(self) -> str:
        said = self.said[-2][1]
        named = [id_ for case in self._bench.runtime.store.summaries() if (id_ := case.case_id.encode()) in said]
        assert named, self.said[-2:]
        # First: the person's other cases, of which some may be open still, stand behind it.
        return min(named, key=said.index).decode()

    def _run(self, *arguments: object) -> None:
        status, said = self._output(*arguments)
        words = 2 if arguments[0] in _GROUPS else 1
        command = " ".join(map(str, arguments[:words]))
        self.statuses.setdefault(command, []).append(status)
        self.said.append((f"rightsflow {command}", said))

    def _read(self, *arguments: object) -> Any:
        said, _ = json.JSONDecoder().raw_decode(self._output(*arguments, "--json")[1].decode())
        return said

    def _output(self, *arguments: object) -> tuple[int, bytes]:
        with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
            status = run([str(argument) for argument in arguments])
        return status, f"{out.getvalue()}\n{err.getvalue()}".encode()
