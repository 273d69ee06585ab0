"""Deliberate changes of what words an answer: a checker that does not see them proves nothing."""

from __future__ import annotations

from tests.proofs.answers.mutants.account import ACCOUNT
from tests.proofs.answers.mutants.changing import Mutant
from tests.proofs.answers.mutants.evidence import EVIDENCE
from tests.proofs.answers.mutants.letters import LETTERS
from tests.proofs.answers.mutants.package import PACKAGE

MUTANTS = (*ACCOUNT, *PACKAGE, *LETTERS, *EVIDENCE)


__all__ = ["MUTANTS", "Mutant"]
