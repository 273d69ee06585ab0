"""The pages of the desk, a module for each matter; a page that is not named here is not served."""

from __future__ import annotations

from types import ModuleType
from typing import Final

from deployments.desk.pages import (
    account,
    acts,
    all_cases,
    approval,
    blocked,
    case,
    case_figures,
    case_processors,
    confirming,
    controls,
    correcting,
    coverage,
    doubtful,
    identity,
    invitation,
    legal_holding,
    letters,
    many_cases,
    masks,
    opening,
    others,
    package,
    people,
    person,
    plan,
    signing_in,
)

MODULES: Final[tuple[ModuleType, ...]] = (
    signing_in,
    invitation,
    account,
    all_cases,
    many_cases,
    case_figures,
    case,
    identity,
    person,
    approval,
    plan,
    correcting,
    others,
    blocked,
    package,
    doubtful,
    masks,
    letters,
    opening,
    acts,
    legal_holding,
    coverage,
    case_processors,
    confirming,
    controls,
    people,
)
