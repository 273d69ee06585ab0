"""Deliberate changes of what words an answer: a checker that does not see them proves nothing."""

from __future__ import annotations

from dataclasses import replace

from proofs.answers.mutants.account import ACCOUNT
from proofs.answers.mutants.beside import BESIDE
from proofs.answers.mutants.changing import Mutant
from proofs.answers.mutants.evidence import EVIDENCE
from proofs.answers.mutants.later import LATER
from proofs.answers.mutants.letters import LETTERS
from proofs.answers.mutants.package import PACKAGE
from proofs.answers.mutants.together import TOGETHER

# No case but one that ends with a package can show them: among all, the first is the thirtieth.
_IN_PACKAGES = tuple(replace(one, ends=one.ends or ("L9",)) for one in PACKAGE)
MUTANTS = (*ACCOUNT, *_IN_PACKAGES, *LETTERS, *EVIDENCE, *BESIDE, *LATER, *TOGETHER)


__all__ = ["MUTANTS", "Mutant"]
