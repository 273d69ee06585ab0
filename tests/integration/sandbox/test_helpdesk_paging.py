"""Cursor and offset pages, and the traps in both."""

from urllib.parse import urlsplit

import pytest

from tests.integration.sandbox.helpdesk_rig import BIG, helpdesk

MANY = 250


@pytest.fixture(scope="module")
def desk():
    users = [{"id": BIG + number, "name": f"User {number:03}"} for number in range(MANY)]
    with helpdesk({"users": users}) as running:
        yield running


def test_cursors_lead_to_every_record_once(desk):
    # Following cursors gives every record once and stops on has more alone.
    seen, page = [], desk.get("users?page[size]=100")
    while True:
        seen += [one["id"] for one in page["users"]]
        assert page["links"]["next"] is not None
        assert page["meta"]["after_cursor"] is not None
        assert "count" not in page
        if not page["meta"]["has_more"]:
            break
        page = desk.session.get(page["links"]["next"], timeout=10).json()

    assert seen == [BIG + number for number in range(MANY)]
    # Past the last page everything is null.
    last = desk.get("users?page[size]=100&sort=-id")
    for _ in range(3):
        last = desk.session.get(last["links"]["next"], timeout=10).json()

    assert last == {
        "users": [],
        "meta": {"has_more": False, "after_cursor": None, "before_cursor": None},
        "links": {"prev": None, "next": None},
    }
    # Links keep filters and encoded brackets.
    link = desk.get("users.json?page[size]=2&role[]=end-user&role[]=agent")["links"]["next"]

    assert urlsplit(link).query.startswith("page%5Bsize%5D=2&role%5B%5D=end-user&role%5B%5D=agent&page%5Bafter%5D=")
    # Going back gives the page before.
    first = desk.get("users?page[size]=3")
    second = desk.session.get(first["links"]["next"], timeout=10).json()

    back = desk.session.get(second["links"]["prev"], timeout=10).json()

    assert back["users"] == first["users"]
    assert BIG in desk.ids("users?page[size]=1", "users")
    assert desk.get(f"users/{BIG}")["user"]["id"] == BIG


def test_impossible_cursor_pages_are_refused(desk):
    for query in ("page[size]=101", "page[size]=0", "page[size]=x", "page[size]=5&page[after]=zzz"):
        response = desk.call("GET", f"users?{query}")

        assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "InvalidPaginationParameter")


def test_offset_pages_tell_their_neighbours_and_the_count(desk):
    page = desk.get("users?page=2&per_page=100")

    assert (page["count"], len(page["users"])) == (MANY, 100)
    assert page["next_page"].endswith("per_page=100&page=3")
    assert page["previous_page"].endswith("per_page=100&page=1")
    assert desk.get("users?page=3")["next_page"] is None


def test_offset_pages_end_at_a_depth(desk):
    for query in ("page=101&per_page=1", "page=101&per_page=100"):
        response = desk.call("GET", f"users?{query}")

        assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "InvalidPaginationDepth")


def test_searches_refuse_cursors(desk):
    for path in ("users/search", "search"):
        response = desk.call("GET", f"{path}?query=User&page[size]=10")

        assert response.status_code == 400
        assert response.json()["error"]["title"] == "Invalid attribute"
        assert "page must be an integer from api/v2/" in response.json()["error"]["message"]
