"""What a template is given is text, and what it is not given stops it."""

from __future__ import annotations

import pytest
from jinja2 import UndefinedError

from rightsflow.documents.pages import page_environment

PAGES = page_environment("rightsflow.audit.evidence", {"loud": str.upper})


def test_what_a_record_holds_is_never_markup():
    assert PAGES.from_string("{{ one | loud }}").render(one="<b>x</b>") == "&lt;B&gt;X&lt;/B&gt;"


def test_a_missing_value_is_a_fault():
    with pytest.raises(UndefinedError):
        PAGES.from_string("{{ other }}").render()
