"""What the engine does with servers as they are: pages that end, loop or are cut, sign-in, refusals, jobs of many."""

from __future__ import annotations

from datetime import date

import pytest

from connectors.rest.locate import day_of
from rightsflow.domain.errors import Misconfigured, Permanent, RightsflowError
from rightsflow.domain.requesters import NoRequester
from rightsflow.domain.vocabulary.records import Fact, Method, OutcomeKind, RecordRef
from tests.integration.connectors.rest.rig import connector_on, known
from tests.support.rest_double import Answer, RestDouble

HEAD = """\
[system]
title = "Desk"
base = "https://desk.example.com"
auth = {auth}

[system.probe]
get = "/me"

[kinds.customer]
title = "profiles"
names = {{ email = ["email"] }}
find = [{{ by = "email", get = "/customers", query = {{ email = "{{value}}" }}, rows = "rows", page = {page} }}]
read = {{ get = "/customers/{{id}}" }}
sample = {{ get = "/customers", rows = "rows", page = {{ by = "none" }} }}
"""
BEARER = '{ kind = "bearer" }'
ONE_PAGE = '{ by = "none" }'
DELETE = '[kinds.customer.erase]\nsteps = [{ delete = "/customers/{id}" }]\n'
ASKED = '[kinds.customer.erase]\nsteps = [{ post = "/customers/{id}/erase" }]\n'
EMAIL = "anna@example.com"


class Desk:
    """A small API with a description to it.

    Args:
        tmp_path: Where its description lies.
    """

    def __init__(self, tmp_path) -> None:
        self.folder, self.double = tmp_path, RestDouble("Bearer right")
        self.rows = {number: {"id": number, "email": f"{number}@example.com"} for number in range(1, 8)}
        self.rows[5]["email"] = EMAIL
        self.double.on("GET", "/me", lambda _: Answer(body={"role": "admin"}))
        self.double.on("GET", r"/customers/(\d+)", self._show)
        self.double.on("DELETE", r"/customers/(\d+)", self._delete)

    def lists(self, page):
        """Answer the list of customers page by page: ``page`` gives the body of a number or cursor."""
        self.double.on("GET", "/customers", page)

    def _show(self, asked):
        row = self.rows.get(int(asked.parts[0]))
        return Answer(body=row) if row else Answer(404, {"code": "not_found"})

    def _delete(self, asked):
        return Answer(204) if self.rows.pop(int(asked.parts[0]), None) else Answer(404)

    def some(self, start, size=3):
        return list(self.rows.values())[start : start + size]

    def connector(self, page=ONE_PAGE, more=DELETE, auth=BEARER, secret="env:DESK_KEY", **settings):
        file = self.folder / "desk.toml"
        file.write_text(HEAD.format(auth=auth, page=page) + more, encoding="utf-8")
        return connector_on(self.double.address, str(file), secret, **settings)


@pytest.fixture
def desk(tmp_path, monkeypatch):
    monkeypatch.setenv("DESK_KEY", "right")
    made = Desk(tmp_path)
    with made.double.running():
        yield made


def found(connector):
    return [one.record.ref for one in connector.locate(known(email=EMAIL))]


# -- pages -----------------------------------------------------------------------------------------------------------


def numbered(desk, asked):
    start = (int(asked.query["page"]) - 1) * 3
    return Answer(body={"rows": desk.some(start), "next": None if start + 3 >= 7 else 1, "total": 7})


def by_offset(desk, asked):
    return Answer(body={"rows": desk.some(int(asked.query["start"])), "total": 7})


def by_cursor(desk, asked):
    start = int(asked.query.get("after", 0))
    return Answer(body={"rows": desk.some(start), "after": str(start + 3) if start + 3 < 7 else None})


def by_link(desk, asked):
    start = int(asked.query.get("start", 0))
    # The server knows itself by another name.
    link = f"https://inner.example.net/customers?start={start + 3}" if start + 3 < 7 else None
    return Answer(body={"rows": desk.some(start), "links": {"next": link}})


@pytest.mark.parametrize(
    ("page", "answer"),
    [
        ('{ by = "page", next = "next" }', numbered),
        ('{ by = "page", total = "total" }', numbered),
        ('{ by = "until_empty" }', numbered),
        ('{ by = "offset", param = "start", first = 0, total = "total" }', by_offset),
        ('{ by = "cursor", param = "after", next = "after" }', by_cursor),
        ('{ by = "link_body", next = "links.next" }', by_link),
    ],
)
def test_lists_are_read_to_their_end(desk, page, answer):
    """The person is on the second page."""
    desk.lists(lambda asked: answer(desk, asked))
    assert found(desk.connector(page)) == ["5"]


@pytest.mark.parametrize(
    ("page", "answer"),
    [
        # Fewer rows than the server counts.
        ('{ by = "page", total = "total" }', lambda desk, asked: {"rows": [], "total": 7}),
        # A page that comes again and again.
        ('{ by = "until_empty" }', lambda desk, asked: {"rows": desk.some(0)}),
        (
            '{ by = "cursor", param = "after", next = "after" }',
            lambda desk, asked: {"rows": desk.some(0), "after": "x"},
        ),
        # The list is missing.
        (ONE_PAGE, lambda desk, asked: {"items": desk.some(0)}),
        (ONE_PAGE, lambda desk, asked: {"rows": None}),
        (ONE_PAGE, lambda desk, asked: {"rows": ["5"]}),
    ],
)
def test_a_list_that_is_cut_or_loops_is_an_error(desk, page, answer):
    """None of them is a finding that there is nothing more."""
    desk.lists(lambda asked: Answer(body=answer(desk, asked)))
    with pytest.raises(Permanent):
        found(desk.connector(page))


def test_a_wrong_address_does_not_look_like_an_empty_system(desk):
    """Every call is answered by 404, reads too: the probe's call proves that the address is right."""
    desk.lists(lambda asked: Answer(body={"rows": []}))
    connector = desk.connector(base_url=f"{desk.double.address}/elsewhere")
    with pytest.raises(RightsflowError):
        list(connector.presence([RecordRef("desk", "customer", "5")], known(email=EMAIL)))
    with pytest.raises(RightsflowError):
        found(connector)


def test_doctor_notices_a_filter_that_is_ignored(desk):
    """A search for no one is answered with someone: the rows are dropped, and a person is told."""
    desk.lists(lambda asked: Answer(body={"rows": desk.some(0, 7)}))
    health = desk.connector().probe()
    assert health.ok
    assert health.is_doubtful
    assert "profiles by email" in health.detail
    assert found(desk.connector()) == ["5"]


OAUTH = """{ kind = "oauth2_client_credentials", token = { post = "/token", form = true, body = \
{ client_id = "{user}", client_secret = "{secret}" } } }"""
SESSION = """{ kind = "session", value = "Session {token}", token_at = "session.id", token = { post = "/login", body = \
{ user = "{user}", password = "{secret}" } } }"""


# -- sign-in ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("auth", "expected"),
    [
        ('{ kind = "basic", user = "{user}", password = "{secret}" }', "Basic Y2xpZW50OnJpZ2h0"),
        ('{ kind = "api_key", value = "Key {secret}" }', "Key right"),
        (OAUTH, "Bearer token-client-right"),
        (SESSION, "Session s-client-right"),
    ],
)
def test_ways_to_sign_in(desk, auth, expected):
    """Each puts the secret where the system wants it; a token is asked for once."""
    desk.double.authorization = expected
    desk.double.open_paths = ("/token", "/login")
    desk.double.on(
        "POST",
        "/token",
        lambda asked: Answer(body={"access_token": f"token-{asked.body['client_id']}-{asked.body['client_secret']}"}),
    )
    desk.double.on(
        "POST",
        "/login",
        lambda asked: Answer(body={"session": {"id": f"s-{asked.body['user']}-{asked.body['password']}"}}),
    )
    desk.lists(lambda asked: Answer(body={"rows": desk.some(0, 7)}))
    assert found(desk.connector(auth=auth, user="client")) == ["5"]
    assert sum(call.startswith("POST") for call in desk.double.calls) <= 1


def test_a_refused_sign_in_names_the_mend(desk):
    """Nothing was searched."""
    desk.double.open_paths = ("/token",)
    desk.double.on("POST", "/token", lambda asked: Answer(400, {"error": "invalid_client"}))
    auth = '{ kind = "oauth2_client_credentials", token = { post = "/token", body = { id = "{user}" } } }'
    with pytest.raises(Misconfigured, match="did not accept user and secret"):
        found(desk.connector(auth=auth))


# -- refusals --------------------------------------------------------------------------------------------------------


def erase(connector):
    return list(connector.erase([RecordRef("desk", "customer", "5")], Method.ERASE, known(email=EMAIL)))


def test_a_look_before_can_stop_an_erasure(desk):
    """The reason is the file's; nothing was deleted."""
    desk.double.on("GET", r"/customers/(\d+)/loans", lambda asked: Answer(body={"open": True}))
    look = (
        'preflight = [{ get = "/customers/{id}/loans", refuse_if = { path = "open", equals = true }, '
        'reason = "a loan is open" }]'
    )
    (outcome,) = erase(desk.connector(more=DELETE + look))
    assert (outcome.kind, outcome.refused) == (OutcomeKind.RETAINED, True)
    assert outcome.reason == "Desk keeps it because a loan is open."
    assert 5 in desk.rows


def test_a_refusal_has_its_reason_and_its_day(desk):
    """It is tried again on the day that the system names."""
    body = {"code": "HOLD", "until": "2027-03-01T00:00:00Z"}
    desk.double.routes.insert(0, ("DELETE", r"/customers/(\d+)", lambda asked: Answer(409, body)))
    rule = (
        'answers = [{ status = [409], where = { path = "code", equals = "HOLD" }, means = "refused", '
        'reason = "it is on hold", until = "until" }]'
    )
    (outcome,) = erase(desk.connector(more=DELETE + rule))
    assert (outcome.kind, outcome.until) == (OutcomeKind.RETAINED, date(2027, 3, 1))
    assert outcome.reason == "Desk keeps it because it is on hold."


@pytest.mark.parametrize("status", [400, 401, 403, 409, 500, 503])
def test_an_answer_that_no_rule_explains_is_an_error(desk, status):
    """What was not understood is not taken for an erasure."""
    desk.double.routes.insert(0, ("DELETE", r"/customers/(\d+)", lambda asked: Answer(status, {"code": "odd"})))
    with pytest.raises(RightsflowError):
        erase(desk.connector())


# -- jobs of many ----------------------------------------------------------------------------------------------------

JOB = """\
[kinds.customer.erase]
job = "deletion"

[jobs.deletion]
create = { post = "/deletions", body = { ids = "{ids}" } }
batch = 1000
split = true
poll = { get = "/deletions/{job}" }
state = "state"
working = ["running"]
done = ["done"]
failed = ["failed"]
"""
ITEMS = """\
[jobs.deletion.items]
rows = "results"
id = "id"
state = "state"
erased = ["deleted"]
refused = { cooling = "it cools down" }
until = "after"
"""


class Deletions:
    """Jobs of a system in which one id in cool-down fails a whole job, as it is said of one vendor.

    Args:
        desk: The system.
        cooling: The id.
        tells: Whether a failed job says which one it was.
    """

    def __init__(self, desk, cooling, *, tells) -> None:
        self.desk, self.cooling, self.tells = desk, str(cooling), tells
        self.jobs: list[list[str]] = []
        desk.double.on("POST", "/deletions", self._begin)
        desk.double.on("GET", r"/deletions/(\d+)", self._look)

    def _begin(self, asked):
        self.jobs.append(asked.body["ids"])
        return Answer(202, {"id": len(self.jobs) - 1})

    def _look(self, asked):
        ids = self.jobs[int(asked.parts[0])]
        if self.cooling in ids:
            named = [{"id": self.cooling, "state": "cooling", "after": "2027-01-31"}] if self.tells else []
            return Answer(body={"state": "failed", "results": named})
        for item in ids:
            self.desk.rows.pop(int(item), None)
        return Answer(body={"state": "done", "results": [{"id": item, "state": "deleted"} for item in ids]})


@pytest.mark.apart
@pytest.mark.parametrize(
    ("tells", "many"), [(True, 40), (False, 40), pytest.param(False, 1000, marks=pytest.mark.apart)]
)
def test_one_id_in_cool_down_does_not_keep_all_others(desk, tells, many):
    """A job that fails is begun again without what it names, or in halves until the one is alone."""
    desk.rows = {number: {"id": number, "email": EMAIL} for number in range(1, many + 1)}
    desk.double.routes.insert(0, ("GET", r"/customers/(\d+)", desk._show))
    Deletions(desk, 20, tells=tells)
    refs = [RecordRef("desk", "customer", str(number)) for number in desk.rows]
    outcomes = list(desk.connector(more=JOB + (ITEMS if tells else "")).erase(refs, Method.ERASE, known(email=EMAIL)))
    assert len(outcomes) == many
    refused = [one for one in outcomes if one.kind is not OutcomeKind.ERASED]
    assert [one.record.ref for one in refused] == ["20"]
    assert refused[0].refused
    assert refused[0].until == (date(2027, 1, 31) if tells else None)
    assert list(desk.rows) == [20]


def test_what_passed_to_another_person_while_a_job_failed_is_in_no_further_job(desk):
    """A job may take days; before another one is begun each record is read afresh."""
    desk.rows = {number: {"id": number, "email": EMAIL} for number in range(1, 5)}
    desk.double.routes.insert(0, ("GET", r"/customers/(\d+)", desk._show))
    jobs = Deletions(desk, 1, tells=True)
    fails = jobs._look

    def look(asked):
        desk.rows[3] = {"id": 3, "email": "someone.else@example.com"}
        return fails(asked)

    desk.double.routes.insert(0, ("GET", r"/deletions/(\d+)", look))
    refs = [RecordRef("desk", "customer", str(number)) for number in desk.rows]
    outcomes = list(desk.connector(more=JOB + ITEMS).erase(refs, Method.ERASE, known(email=EMAIL)))
    assert {one.record.ref: one.kind for one in outcomes} == {
        "1": OutcomeKind.RETAINED,
        "2": OutcomeKind.ERASED,
        "3": OutcomeKind.RETAINED,
        "4": OutcomeKind.ERASED,
    }
    assert jobs.jobs == [["1", "2", "3", "4"], ["2", "4"]]


TICKETS = """
[kinds.ticket]
title = "tickets"
names = { email = ["people[*].email"] }
find = [{ by = "email", get = "/tickets", query = { email = "{value}" }, rows = "rows", page = { by = "none" } }]
read = { get = "/tickets/{id}" }
erase = { steps = [{ delete = "/tickets/{id}" }] }
[requester]
ticket = "ticket"
"""


def test_a_ticket_that_names_two_people_teaches_and_erases_neither(desk):
    ticket = {"id": 1, "people": [{"email": EMAIL}, {"email": "ben@example.com"}], "text": "ben@example.com is away"}
    desk.lists(lambda _: Answer(body={"rows": []}))
    desk.double.on("GET", "/tickets", lambda _: Answer(body={"rows": [ticket]}))
    desk.double.on("GET", "/tickets/1", lambda _: Answer(body=ticket))
    connector = desk.connector(more=TICKETS)
    anna = known(email=EMAIL)
    (located,) = connector.locate(anna)
    assert (located.owner, located.facts) == (anna, {Fact.SHARED})
    (document,) = connector.extract([located.record], anna)
    assert document.others == {"ben@example.com"}
    (outcome,) = connector.erase([located.record], Method.ERASE, anna)
    assert outcome.kind is OutcomeKind.RETAINED
    with pytest.raises(NoRequester, match="not unique"):
        connector.requester_of("1")


def test_the_number_and_the_name_beside_two_people_are_no_ones_and_a_mask_over_both_is_refused(desk):
    """Before, both were learnt as hers, and entries by that number were masked, with the other address."""
    people = [{"email": EMAIL}, {"email": "ben@example.com", "tel": "+4930771234", "name": "Ben Kern"}]
    entry = {"id": 7, "tel": "+4930771234", "text": "by Ben"}
    ticket = {"id": 1, "people": people, "entries": [entry]}
    desk.lists(lambda _: Answer(body={"rows": []}))
    desk.double.on("GET", "/tickets", lambda _: Answer(body={"rows": [ticket]}))
    desk.double.on("GET", "/tickets/1", lambda _: Answer(body=ticket))
    names = 'phone = ["people[*].tel"], name = ["people[*].name"], email = '
    mask = '[kinds.ticket.mask]\nput = "/tickets/{id}"\nbody = { people = [] }\n'
    entries = '[kinds.ticket.entries]\ninside = "entries"\nid = "id"\nnames = { phone = ["tel"] }\ntexts = ["text"]\n'
    connector = desk.connector(
        more=TICKETS.replace("email = ", names, 1).replace("[requester]", f"{mask}{entries}[requester]")
    )
    anna = known(email=EMAIL)
    (located,) = connector.locate(anna)
    assert (located.owner, located.facts) == (anna, {Fact.SHARED})
    (document,) = connector.extract([located.record], anna)
    assert document.others == {"ben@example.com", "+4930771234", "Ben Kern"}
    assert document.content["entries"] == []
    (outcome,) = connector.erase([located.record], Method.REDACT, anna)
    assert (outcome.kind, outcome.refused) == (OutcomeKind.RETAINED, True)


def test_what_stands_in_a_part_of_a_part_counts_before_the_whole_goes(desk):
    """Before, only the parts of the record itself were looked at, and another person's went with the rest."""
    item = {"id": 5, "fields": [{"id": 9, "email": "ben@example.com"}]}
    ticket = {"id": 1, "people": [{"email": EMAIL}], "items": [item]}
    desk.lists(lambda _: Answer(body={"rows": []}))
    desk.double.on("GET", "/tickets", lambda _: Answer(body={"rows": [ticket]}))
    desk.double.on("GET", "/tickets/1", lambda _: Answer(body=ticket))
    inside = """
[kinds.item]
title = "items"
parents = [{ kind = "ticket", inside = "items" }]

[kinds.field]
title = "fields"
names = { email = ["email"] }
parents = [{ kind = "item", inside = "fields" }]

[requester]
"""
    connector = desk.connector(more=TICKETS.replace("[requester]\n", inside))
    anna = known(email=EMAIL)
    located = {one.record.kind: one for one in connector.locate(anna)}
    assert Fact.SHARED in located["ticket"].facts
    (outcome,) = connector.erase([located["ticket"].record], Method.ERASE, anna)
    assert outcome.kind is OutcomeKind.RETAINED


def test_a_stamp_that_is_no_day_is_none():
    """Some systems write the calendar's first day where there is none."""
    for stamp in ("0001-01-01T00:00:00+00:00", 1e300, float("inf"), -(10**18), "soon", None):
        assert day_of(stamp, "America/New_York") is None
    assert day_of("2026-03-05T02:00:00+00:00", "America/New_York") == date(2026, 3, 4)


# -- records that belong to several -----------------------------------------------------------------------------------

ORDERS = """\
[kinds.account]
title = "accounts"
names = { email = ["email"] }
find = [{ by = "email", get = "/accounts", query = { email = "{value}" }, rows = "rows", page = { by = "none" } }]
read = { get = "/accounts/{id}" }

[kinds.order]
title = "orders"
parents = [
  { kind = "customer", id = "customer", list = { get = "/customers/{parent}/orders", rows = "rows" } },
  { kind = "account", id = "accounts[*]" },
]
read = { get = "/orders/{id}" }
erase = { steps = [{ delete = "/orders/{id}" }] }
"""


def test_the_fresh_look_before_an_erasure_follows_all_that_a_record_belongs_to(desk):
    """An order of the person's own account came to another person's account too: it is no longer theirs alone."""
    accounts = {"7": EMAIL, "8": EMAIL}
    order = {"id": 70, "customer": 5, "accounts": ["7"]}
    desk.lists(lambda asked: Answer(body={"rows": [desk.rows[5]]}))
    desk.double.on("GET", "/accounts", lambda asked: Answer(body={"rows": []}))
    desk.double.on(
        "GET", r"/accounts/(\d)", lambda asked: Answer(body={"id": asked.parts[0], "email": accounts[asked.parts[0]]})
    )
    desk.double.on("GET", r"/customers/5/orders", lambda asked: Answer(body={"rows": [order]}))
    desk.double.on("GET", r"/orders/70", lambda asked: Answer(body=order))
    desk.double.on("DELETE", r"/orders/70", lambda asked: Answer(204))
    ref, connector = RecordRef("desk", "order", "70"), desk.connector(more=ORDERS)
    (located,) = [one for one in connector.locate(known(email=EMAIL)) if one.record == ref]
    assert [up.ref for up in located.belongs_to] == ["5", "7"]
    order["accounts"], accounts["8"] = ["7", "8"], "someone.else@example.com"
    (outcome,) = connector.erase([ref], Method.ERASE, known(email=EMAIL))
    assert (outcome.kind, outcome.refused) == (OutcomeKind.RETAINED, True)
    assert not [call for call in desk.double.calls if call.startswith("DELETE")]
    order["accounts"] = ["7"]
    (outcome,) = connector.erase([ref], Method.ERASE, known(email=EMAIL))
    assert outcome.kind is OutcomeKind.ERASED


# -- entries that a job empties ---------------------------------------------------------------------------------------

CHATS = """\
account = true

[kinds.chat]
title = "chats"
parents = [
  { kind = "customer", list = { get = "/customers/{parent}/chats", rows = "chats", plain = true, reference = "id" } },
]
read = { get = "/chats/{id}" }

[kinds.chat.entries]
inside = "said"
names = { account_id = ["by"] }
texts = ["text"]
job = "emptying"

[jobs.emptying]
create = { post = "/emptying", body = { by = "{author}", chats = "{ids}" } }
batch = 100
poll = { get = "/emptying/{job}" }
state = "state"
working = ["running"]
done = ["done"]
"""


def test_a_job_empties_the_entries_of_its_author_and_is_not_believed(desk):
    """The system says done while one text is left: that chat is not, and only the person's entries are asked for."""
    desk.lists(lambda _: Answer(body={"rows": [desk.rows[5]]}))
    chats = {
        key: {"id": key, "said": [{"id": 1, "by": 5, "text": "mine"}, {"id": 2, "by": 7, "text": "not mine"}]}
        for key in ("a", "b", "c")
    }
    desk.double.on(
        "GET", "/customers/5/chats", lambda _: Answer(body={"chats": {"a": "left", "b": "in", "gone": "in"}})
    )
    desk.double.on("GET", "/chats/([a-c])", lambda asked: Answer(body=chats[asked.parts[0]]))
    orders = []

    def begin(asked):
        orders.append(asked.body)
        for key in asked.body["chats"][: 1 if len(orders) == 1 else None]:
            chats[key]["said"][0]["text"] = None
        return Answer(body={"id": len(orders)})

    desk.double.on("POST", "/emptying", begin)
    desk.double.on("GET", r"/emptying/\d", lambda _: Answer(body={"state": "done"}))
    connector = desk.connector(more=CHATS)
    anna = known(email=EMAIL, account_id="5")
    refs = [item.record for item in connector.locate(anna) if item.record.kind == "chat"]
    assert [ref.ref for ref in refs] == ["a", "b"]
    outcomes = list(connector.erase(refs, Method.REDACT, anna))
    assert {outcome.record.ref: outcome.kind for outcome in outcomes} == {
        "a": OutcomeKind.REDACTED,
        "b": OutcomeKind.FAILED,
    }
    (again,) = connector.erase(refs[1:], Method.REDACT, anna)
    assert again.kind is OutcomeKind.REDACTED
    assert orders == [{"by": "5", "chats": ["a", "b"]}, {"by": "5", "chats": ["b"]}]
    assert [chat["said"][1]["text"] for chat in chats.values()] == ["not mine"] * 3


# -- a version that has to be sent back -------------------------------------------------------------------------------

VERSIONED = """\
given = { version = "meta.version" }

[kinds.customer.mask]
patch = "/customers/{id}"
headers = { If-Match = "{version}" }
body = { email = "" }
"""


def test_a_change_sends_the_version_that_the_fresh_read_gave(desk):
    """Of each record its own; a version that has changed meanwhile is an error and not a success."""
    desk.rows[6]["email"] = EMAIL
    for number in (5, 6):
        desk.rows[number]["meta"] = {"version": f"v{number}"}

    def change(asked):
        row = desk.rows[int(asked.parts[0])]
        if asked.headers.get("If-Match") != row["meta"]["version"]:
            return Answer(412)
        row["email"] = ""
        return Answer(200, row)

    desk.double.on("PATCH", r"/customers/(\d+)", change)
    connector = desk.connector(more=VERSIONED)
    refs = [RecordRef("desk", "customer", str(number)) for number in (5, 6)]
    outcomes = list(connector.erase(refs, Method.REDACT, known(email=EMAIL)))
    assert {outcome.kind for outcome in outcomes} == {OutcomeKind.REDACTED}
    assert desk.rows[5]["email"] == desk.rows[6]["email"] == ""
    desk.rows[7] |= {"email": EMAIL, "meta": {"version": None}}
    with pytest.raises(Permanent):
        list(connector.erase([RecordRef("desk", "customer", "7")], Method.REDACT, known(email=EMAIL)))
    assert desk.rows[7]["email"] == EMAIL


def test_an_error_with_a_good_status_is_neither_an_empty_answer_nor_an_erasure(desk):
    """Znuny answers 200 to a call without a right, with an object that has no list."""
    refused = Answer(body={"Error": {"ErrorCode": "AccessDenied"}})
    said = {"/": Answer(body={})}
    desk.lists(lambda _: said["/"])
    desk.double.on("POST", r"/customers/(\d+)/erase", lambda _: refused)
    file = HEAD.replace("[system.probe]", 'error = {{ path = "Error", filled = true }}\n\n[system.probe]')
    file = file.replace('rows = "rows", page = {page} }}]', 'rows = "ids", plain = true, reference = "id" }}]')
    (desk.folder / "desk.toml").write_text(file.format(auth=BEARER) + ASKED, encoding="utf-8")
    connector = connector_on(desk.double.address, str(desk.folder / "desk.toml"), "env:DESK_KEY")
    assert found(connector) == [], "no list in an empty object: nothing was found"
    said["/"] = refused
    with pytest.raises(Permanent, match="answered with an error"):
        found(connector)
    connector = connector_on(desk.double.address, str(desk.folder / "desk.toml"), "env:DESK_KEY")
    with pytest.raises(Permanent, match="answered with an error"):
        list(connector.erase([RecordRef("desk", "customer", "5")], Method.ERASE, known(email=EMAIL)))
