"""A desk over a bench."""

from __future__ import annotations

import pytest

from tests.support.desk_client import DeskRig
from tests.support.signing_in import Team


@pytest.fixture
def rig(bench):
    return DeskRig(bench, Team(bench))
