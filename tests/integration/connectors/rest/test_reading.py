"""Descriptions with a mistake are refused with its line and how to mend it."""

from __future__ import annotations

from statistics import median

import pytest

from connectors.rest.reading import FOLDER, describe, read_description, shipped
from docs.generate.connectors import written_lines
from rightsflow.domain.errors import Misconfigured

GOOD = """\
[system]
title = "Desk"
base = "https://desk.example.com"
auth = { kind = "bearer" }

[system.probe]
get = "/me"

[kinds.customer]
title = "profiles"
names = { email = ["email"] }
find = [
  { by = "email", get = "/customers", query = { email = "{value}" } },
]
read = { get = "/customers/{id}" }

[kinds.customer.erase]
steps = [{ delete = "/customers/{id}" }]

[[kinds.customer.files]]
address = "photo"
"""


def test_a_good_file_is_read():
    """The text from which the wrong ones are made."""
    assert describe(GOOD, "desk.toml").kinds["customer"].erase is not None


@pytest.mark.parametrize("name", shipped())
def test_included_files_are_valid(name):
    """Each is valid as it is, before an installation gives its values."""
    assert read_description(name).kinds


def test_included_files_are_short():
    """A file is what an hour of writing gives: half of them have 90 lines or fewer."""
    assert median(written_lines((FOLDER / f"{name}.toml").read_text(encoding="utf-8")) for name in shipped()) <= 90


@pytest.mark.parametrize(
    ("line", "before", "after", "said"),
    [
        (3, 'base = "https://desk.example.com"', 'base = "desk.example.com"', "write base as an address"),
        (4, 'kind = "bearer"', 'kind = "barer"', "system.auth.kind"),
        (7, 'get = "/me"', 'got = "/me"', "got is not known"),
        (9, 'title = "profiles"', 'titel = "profiles"', "title is missing"),
        (11, 'email = ["email"]', 'mail = ["email"]', "names"),
        (9, 'email = ["email"]', 'phone = ["phone"]', "find asks by email, but names does not say"),
        (13, 'query = { email = "{value}" }', 'query = { email = "value" }', "no {value}"),
        (13, 'by = "email"', 'by = "name"', "no one is searched for by name"),
        (13, '"/customers", query', '"customers", query', "with a slash in front"),
        (15, 'get = "/customers/{id}"', 'get = "/customers/{id}", gone = [403]', "says nothing of what is there"),
        (18, "delete", "remove", "remove is not known"),
        *(
            (19, '" }]\n', f'" }}]\nanswers = [{{ status = [{status}], means = "{means}" }}]\n', "was not answered")
            for status, means in (('"5xx"', "gone"), ("403", "erased"), ("503", "gone"))
        ),
        (21, "address", "adress", "adress is not known"),
        (9, 'read = { get = "/customers/{id}" }\n', "", "give read"),
        (13, "},\n]", "}\n", "no TOML"),
    ],
)
def test_a_mistake_is_named_with_its_line(line, before, after, said):
    """The line is that of the mistake, or of the section in which something is missing."""
    assert before in GOOD
    with pytest.raises(Misconfigured) as refused:
        describe(GOOD.replace(before, after, 1), "desk.toml")
    assert said in str(refused.value)
    if said != "no TOML":
        assert f"desk.toml, line {line}:" in str(refused.value)


@pytest.mark.parametrize(
    ("parents", "said"),
    [
        (
            '[{ kind = "customer", list = { get = "/tickets", query = { of = "{parent}" } } }]',
            "a filter may be ignored",
        ),
        ('[{ kind = "custom", id = "of", inside = "x" }]', "names the kind custom"),
        ('[{ kind = "customer", list = { get = "/tickets" } }]', "no {parent}"),
    ],
)
def test_a_list_that_proves_nothing_is_refused(parents, said):
    """What a list gives is of its parent only if the address or the rows say so."""
    text = f'{GOOD}\n[kinds.ticket]\ntitle = "tickets"\nparents = {parents}\nread = {{ get = "/tickets/{{id}}" }}\n'
    with pytest.raises(Misconfigured, match=said.replace("{", r"\{")):
        describe(text, "desk.toml")


def test_values_are_put_in_and_missing_ones_are_named():
    """A file is written once for all installations."""
    assert read_description("freshdesk", {"subdomain": "acme"}).system.base == "https://acme.freshdesk.com/api/v2"
    with pytest.raises(Misconfigured, match="needs the value subdomain"):
        read_description("freshdesk", {})
    with pytest.raises(Misconfigured, match="has no value account"):
        read_description("freshdesk", {"subdomain": "acme", "account": "x"})
