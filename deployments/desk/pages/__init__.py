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
    case_processors,
    confirming,
    controls,
    correcting,
    elsewhere,
    home,
    identity,
    invitation,
    legal_holding,
    letters,
    many_cases,
    masks,
    opening,
    package,
    people,
    plan,
    processor_register,
    session,
    signing_in,
    suppressing,
)

MODULES: Final[tuple[ModuleType, ...]] = (
    signing_in,
    elsewhere,
    invitation,
    account,
    session,
    home,
    all_cases,
    many_cases,
    case,
    identity,
    approval,
    plan,
    correcting,
    blocked,
    package,
    masks,
    letters,
    opening,
    acts,
    legal_holding,
    case_processors,
    confirming,
    processor_register,
    controls,
    suppressing,
    people,
)
