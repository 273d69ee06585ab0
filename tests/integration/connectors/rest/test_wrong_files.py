"""Descriptions with planted mistakes: each is caught before it harms, and none erases anything of another person.

A server as unhelpful as some are: it ignores filters that it does not know, its tickets have the ids of its customers,
and it removes a customer's tickets with the customer.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.rest.reading import describe
from rightsflow.domain.errors import Misconfigured, RightsflowError
from rightsflow.domain.vocabulary.records import Method, OutcomeKind, PresenceState, RecordRef
from rightsflow.testing.bench import by_kind, find, may_go
from tests.integration.connectors.rest import worlds
from tests.integration.connectors.rest.rig import connector_on, known
from tests.integration.connectors.rest.worlds import World
from tests.support.rest_double import Answer

ANNA, BEN, EVE = "1", "2", "3"
GOOD = """\
[system]
title = "Desk"
base = "https://desk.example.com"
auth = { kind = "bearer" }
page = { by = "cursor", param = "after", next = "next", size = 2, size_param = "limit" }
probe = { get = "/me", needs = [{ path = "role", equals = "admin", says = "Use an administrator's key." }] }

[kinds.customer]
title = "profiles"
profile = true
names = { email = ["email"], phone = ["phone"], name = ["name"] }
staff = { path = "role", equals = "agent" }
find = [
  { by = "email", get = "/customers", query = { email = "{value}" }, rows = "rows" },
  { by = "phone", get = "/customers", query = { phone = "{value}" }, rows = "rows" },
]
read = { get = "/customers/{id}" }
sample = { get = "/customers", rows = "rows" }
erase = { steps = [{ delete = "/customers/{id}" }] }

[kinds.ticket]
title = "tickets"
parents = [
  { kind = "customer", id = "customer", list = { get = "/tickets", query = { customer = "{parent}" }, rows = "rows" } },
]
read = { get = "/tickets/{id}", record = "ticket" }
mask = { put = "/tickets/{id}", body = { subject = "Erased" } }

[kinds.ticket.erase]
steps = [{ delete = "/tickets/{id}" }, { post = "/tickets/{id}/purge" }]

[kinds.ticket.entries]
list = { get = "/tickets/{id}/messages", rows = "rows" }
names = { email = ["from"] }
staff = { path = "by_agent", equals = true }
texts = ["text"]
mask = { put = "/messages/{entry}", body = { text = "Erased" } }
"""
JOB = """
[jobs.deletion]
create = { post = "/deletions", body = { customer = "{id}" } }
poll = { get = "/deletions/{job}" }
state = "state"
working = ["running"]
done = ["done"]
items = { rows = "rows", id = "id", state = "state", erased = ["gone"], refused = { held = "it is on hold" } }
"""


class Desk(World):
    """Customers, and tickets with messages."""

    def __init__(self) -> None:
        people = (
            (ANNA, worlds.NAME, worlds.EMAIL, worlds.PHONE),
            (BEN, "Ben Stone", worlds.BEN_EMAIL, worlds.BEN_PHONE),
            (EVE, "Eve Marsh", worlds.EVE_EMAIL, worlds.PHONE),
        )
        super().__init__(
            "Bearer right",
            {
                "customers": {
                    own: {"id": own, "name": name, "email": email, "phone": phone, "role": "customer"}
                    for own, name, email, phone in people
                },
                "tickets": {},
                "messages": {},
            },
            lambda name, row: name != "customers" or row["id"] == ANNA,
        )
        # Anna's tickets have the ids of Ben and Eve, and the number of a page is two.
        for own, customer, senders in (
            (BEN, ANNA, (worlds.EMAIL,)),
            (EVE, ANNA, (worlds.EMAIL, worlds.BEN_EMAIL)),
            ("4", ANNA, (worlds.EMAIL, "agent@desk.example")),
            (ANNA, BEN, (worlds.BEN_EMAIL,)),
        ):
            self.rows["tickets"][own] = {
                "id": own,
                "customer": customer,
                "agent": "77",
                "subject": f"About {own}",
                "deleted": False,
            }
            for sender in senders:
                number = str(90 + len(self.rows["messages"]))
                self.rows["messages"][number] = {
                    "id": number,
                    "ticket": own,
                    "from": sender,
                    "by_agent": "agent" in sender,
                    "text": f"Words of {sender}",
                }
        self.routes(
            (
                ("GET", "/me", lambda _: Answer(body={"role": "admin"})),
                ("GET", "/(customers|tickets)", self._list),
                ("GET", r"/customers/(\w+)", lambda asked: self._show(self.rows["customers"].get(asked.parts[0]))),
                (
                    "GET",
                    r"/tickets/(\w+)",
                    lambda asked: self._show(self.rows["tickets"].get(asked.parts[0]), "ticket"),
                ),
                ("GET", r"/tickets/(\w+)/messages", self._messages),
                ("PUT", r"/(tickets|messages)/(\w+)", self._change),
                ("DELETE", r"/customers/(\w+)", self._delete_customer),
                ("DELETE", r"/tickets/(\w+)", self._trash),
                ("POST", r"/tickets/(\w+)/purge", self._purge),
            )
        )

    def of_others(self) -> str:
        """Everything that is not Anna's alone: other customers, their tickets, and what they wrote."""
        texts = [
            row for row in self.rows["messages"].values() if row["from"] not in {worlds.EMAIL, "agent@desk.example"}
        ]
        tickets = [row for row in self.rows["tickets"].values() if row["customer"] != ANNA]
        return super().of_others() + str(texts) + str(tickets)

    def _list(self, asked):
        rows = list(self.rows[asked.parts[0]].values())
        for key in asked.query.keys() & {"email", "phone", "customer"}:
            rows = [row for row in rows if row.get(key) == asked.query[key]]
        start, size = int(asked.query.get("after", 0)), 2
        further = str(start + size) if start + size < len(rows) else None
        return Answer(body={"rows": rows[start : start + size], "next": further, "count": len(rows)})

    def _show(self, row, key=""):
        if row is None:
            return Answer(404, {"code": "not_found"})
        return Answer(body={key: row} if key else row)

    def _messages(self, asked):
        if asked.parts[0] not in self.rows["tickets"]:
            return Answer(404, {"code": "not_found"})
        return Answer(
            body={
                "rows": [row for row in self.rows["messages"].values() if row["ticket"] == asked.parts[0]],
                "next": None,
            }
        )

    def _change(self, asked):
        name, own = asked.parts
        row = self.rows[name].get(own)
        if row is None:
            return Answer(404, {"code": "not_found"})
        row |= {key: value for key, value in asked.body.items() if key in row}
        return Answer(body=row)

    def _delete_customer(self, asked):
        if self.rows["customers"].pop(asked.parts[0], None) is None:
            return Answer(404, {"code": "not_found"})
        for own in [own for own, row in self.rows["tickets"].items() if row["customer"] == asked.parts[0]]:
            self._remove(own)
        return Answer(204)

    def _trash(self, asked):
        if asked.parts[0] not in self.rows["tickets"]:
            return Answer(404, {"code": "not_found"})
        self.rows["tickets"][asked.parts[0]]["deleted"] = True
        return Answer(204)

    def _purge(self, asked):
        if not self.rows["tickets"].get(asked.parts[0], {}).get("deleted"):
            return Answer(404, {"code": "not_found"})
        self._remove(asked.parts[0])
        return Answer(204)

    def _remove(self, own):
        del self.rows["tickets"][own]
        self.rows["messages"] = {key: row for key, row in self.rows["messages"].items() if row["ticket"] != own}


@pytest.fixture
def desk(monkeypatch):
    monkeypatch.setenv("DESK_KEY", "right")
    desk = Desk()
    with desk.double.running():
        yield desk


def connector(desk, folder, text):
    file = folder / "desk.toml"
    file.write_text(text, encoding="utf-8")
    return connector_on(desk.double.address, str(file), "env:DESK_KEY")


def doctor_notices(system) -> bool:
    """Whether the check of the live system says anything."""
    health = system.probe()
    return stops_a_case(system) or health.is_doubtful or any(item.is_unproven for item in system.samples())


def stops_a_case(system) -> bool:
    """Whether a case stops before its search: the system does not answer, or a mapping reads nothing."""
    try:
        return not system.probe().ok or any(item.is_wrong for item in system.samples())
    except RightsflowError:
        return True


def run_notices(system) -> bool:
    """Whether an erasure with its verification stops, leaves something and says why, or says that it is there."""
    if stops_a_case(system):
        return True
    try:
        return any(_noticed(system))
    except RightsflowError:
        return True


def _noticed(system) -> Iterator[bool]:
    found = find(system, known(email=worlds.EMAIL))
    methods = {item.record: _method(system, item) for item in found.subject}
    for _, refs in by_kind(system, [ref for ref, method in methods.items() if method]):
        for method in {methods[ref] for ref in refs}:
            for outcome in system.erase([ref for ref in refs if methods[ref] is method], method, found.known):
                # The profile stays, since a ticket of several people would go with it: as the good file has it.
                yield outcome.kind is OutcomeKind.RETAINED and outcome.record.kind != "customer"
    touched = [ref for ref, method in methods.items() if method and ref.kind != "customer"]
    yield not touched
    for seen in system.presence(touched, found.known):
        yield seen.state is PresenceState.PRESENT


def _method(system, located):
    able = system.capabilities.kind(located.record.kind).methods
    wanted = Method.ERASE if may_go(located, Method.ERASE) else Method.REDACT
    return wanted if wanted in able else None


def test_the_good_file_erases_what_is_hers_and_nobody_notices_anything(desk, tmp_path):
    """The text from which the wrong ones are made."""
    before, system = desk.of_others(), connector(desk, tmp_path, GOOD)
    assert not doctor_notices(system)
    assert not run_notices(system)
    assert desk.of_others() == before
    assert sorted(desk.rows["tickets"]) == [ANNA, EVE]
    assert f"Words of {worlds.EMAIL}" not in str(desk.rows["messages"])
    assert ANNA in desk.rows["customers"]


LIST = 'list = { get = "/tickets", query = { customer = "{parent}" }, rows = "rows" }'
REFUSED = {
    "an erasure of everything": ('{ delete = "/customers/{id}" }', '{ delete = "/customers" }'),
    "an erasure by a filter": ('{ delete = "/customers/{id}" }', '{ delete = "/customers", query = { id = "{id}" } }'),
    "an erasure at the address of something else": ('{ delete = "/tickets/{id}" }', '{ delete = "/customers/{id}" }'),
    "an erasure of the parent": ('{ delete = "/tickets/{id}" }', '{ delete = "/customers/{parent}" }'),
    "a placeholder that nothing fills": ('{ delete = "/customers/{id}" }', '{ delete = "/customers/{customer_id}" }'),
    "a mask at the address of something else": ('put = "/tickets/{id}"', 'put = "/customers/{id}"'),
    "a mask of every message": ('put = "/messages/{entry}"', 'put = "/messages"'),
    "a mask of a message at the address of a ticket": ('put = "/messages/{entry}"', 'put = "/tickets/{entry}"'),
    "messages by a filter": ('get = "/tickets/{id}/messages"', 'get = "/messages", query = { ticket = "{id}" }'),
    "a read of whoever signs in": ('read = { get = "/customers/{id}" }', 'read = { get = "/me" }'),
    "a usual answer that means gone": ('get = "/customers/{id}" }', 'get = "/customers/{id}", gone = [200] }'),
    "a redirection that means erased": (
        '"/customers/{id}" }] }',
        '"/customers/{id}" }], answers = [{ status = [302], means = "erased" }] }',
    ),
    "a refused list that is empty": (LIST, LIST.replace("rows =", "none = [403], rows =")),
    "a list that nothing ties to its parent": ('id = "customer", list', "list"),
    "an order that cannot be": ('/purge" }]', '/purge" }]\nafter = ["customer"]'),
    "kinds that are not there": ('"/customers/{id}" }] }', '"/customers/{id}" }], takes_along = ["tickets"] }'),
    "an address that is not there": (
        '{ delete = "/customers/{id}" }',
        '{ delete = "/customers/{id}", at = "privacy" }',
    ),
    "a cursor that nothing gives": ('next = "next", ', ""),
    "a state of a job that means two things": ('done = ["done"]', 'done = ["done", "running"]'),
    "a result of a job that means two things": ('erased = ["gone"]', 'erased = ["gone", "held"]'),
    "a job whose state is nobody's": ('get = "/deletions/{job}"', 'get = "/deletions"'),
    "a job that erases no one in particular": ('body = { customer = "{id}" }', 'body = { customer = "all" }'),
}


@pytest.mark.parametrize("mistake", REFUSED)
def test_the_check_of_the_file_refuses(mistake):
    """Nothing is called."""
    before, after = REFUSED[mistake]
    assert describe(GOOD + JOB, "desk.toml")
    assert before in GOOD + JOB
    with pytest.raises(Misconfigured):
        describe((GOOD + JOB).replace(before, after, 1), "desk.toml")


DOCTOR, RUN = "doctor", "run"
NOTICED = {
    "a filter that the system does not know": ("query = { email =", "query = { mail =", DOCTOR),
    "a filter of the list that the system does not know, by another's field": (
        'id = "customer", list',
        'id = "agent", list',
        DOCTOR,
    ),
    "a search at a wrong address whose 404 means none": (
        '{ by = "email", get = "/customers", query',
        '{ by = "email", none = [404], get = "/people", query',
        DOCTOR,
    ),
    "a search by a spelling that is not stored": ('phone = "{value}"', 'phone = "{national}"', DOCTOR),
    "a field of the address that is not there": ('names = { email = ["email"]', 'names = { email = ["mail"]', DOCTOR),
    "whoever has no date of deletion is gone": (
        'get = "/customers/{id}" }',
        'get = "/customers/{id}", gone_where = { path = "gone_at", filled = false } }',
        DOCTOR,
    ),
    "whatever has a state is in the trash": (
        'record = "ticket" }',
        'record = "ticket", trash = { path = "subject", filled = true } }',
        DOCTOR,
    ),
    "everybody is an employee": (
        'staff = { path = "role", equals = "agent" }',
        'staff = { path = "role", filled = true }',
        DOCTOR,
    ),
    "rows without the link to their parent": ('id = "customer", list', 'id = "customer_id", list', DOCTOR),
    "the id of another record": ('title = "tickets"', 'title = "tickets"\nid = "agent"', DOCTOR),
    "an author that is not there": ('names = { email = ["from"] }', 'names = { email = ["sender"] }', DOCTOR),
    "rights that are not there": ('equals = "admin"', 'equals = "owner"', DOCTOR),
    "a record at another place of the answer": ('record = "ticket"', 'record = "data"', DOCTOR),
    "entries at another place of the answer": (
        '"/tickets/{id}/messages", rows = "rows"',
        '"/tickets/{id}/messages", rows = "items"',
        DOCTOR,
    ),
    "a list read as one entry": (LIST, LIST.replace('rows = "rows"', 'rows = "rows", single = true'), DOCTOR),
    "one page of many": (LIST, LIST.replace("rows =", 'page = { by = "none" }, rows ='), RUN),
    "a cursor at another place": ('next = "next"', 'next = "following"', RUN),
    "a cursor in another key of the query": ('param = "after"', 'param = "since"', RUN),
    "a number of entries at another place": ('next = "next",', 'next = "next", total = "total",', DOCTOR),
    "a number of entries of the page": (
        'by = "cursor", param = "after", next = "next"',
        'by = "page", param = "after", first = 0, total = "count"',
        RUN,
    ),
    "the trash alone": (', { post = "/tickets/{id}/purge" }', "", RUN),
    "a wrong address of the erasure": (
        'delete = "/tickets/{id}" }, { post = "/tickets/{id}/purge" }',
        'post = "/tickets/{id}/remove" }',
        RUN,
    ),
    "an error that means erased": (
        '{ delete = "/tickets/{id}" }, { post = "/tickets/{id}/purge" }]',
        '{ post = "/tickets/{id}/remove" }]\nanswers = [{ status = [404], means = "erased" }]',
        RUN,
    ),
    "a mask of a field that is not there": ('body = { subject = "Erased" }', 'body = { topic = "Erased" }', RUN),
    "a mask of a message's field that is not there": ('body = { text = "Erased" }', 'body = { body = "Erased" }', RUN),
    "a mask that is a placeholder": ('body = { text = "Erased" }', 'body = { body = "{entry}" }', RUN),
    "a look before at a wrong address": (
        '"/tickets/{id}/purge" }]',
        (
            '"/tickets/{id}/purge" }]\npreflight = [{ get = "/holds/{id}", '
            'refuse_if = { path = "x", filled = true }, reason = "held" }]'
        ),
        RUN,
    ),
    "a wrong key of the header": ('kind = "bearer"', 'kind = "api_key", header = "X-Key"', DOCTOR),
}


@pytest.mark.parametrize("mistake", NOTICED)
def test_a_wrong_file_is_noticed_and_erases_nothing_of_another_person(mistake, desk, tmp_path):
    """By ``doctor`` before the first case, or in the case itself; either way the others keep what is theirs."""
    before, after, where = NOTICED[mistake]
    assert before in GOOD
    others, system = desk.of_others(), connector(desk, tmp_path, GOOD.replace(before, after, 1))
    if where == DOCTOR:
        assert doctor_notices(system)
    noticed = run_notices(system)
    assert noticed or where == DOCTOR
    assert desk.of_others() == others
    assert BEN in desk.rows["customers"]
    assert ANNA in desk.rows["tickets"]


def test_an_id_that_is_given_out_again_is_left_to_its_new_owner(desk, tmp_path):
    """Between search and erasure the profile's id, and a ticket's, became another person's."""
    system = connector(desk, tmp_path, GOOD)
    found = find(system, known(email=worlds.EMAIL))
    desk.rows["customers"][ANNA] |= {"email": "new@example.com", "name": "New Person", "phone": None}
    others = str(desk.rows)
    for ref in (RecordRef("desk", "ticket", BEN), RecordRef("desk", "customer", ANNA)):
        (outcome,) = system.erase([ref], Method.ERASE, found.known)
        assert (outcome.kind, outcome.refused) == (OutcomeKind.RETAINED, True)
    assert str(desk.rows) == others


def test_what_goes_with_a_profile_has_to_be_erased_before_if_the_file_says_nothing(desk, tmp_path):
    """Who forgets to say that a system takes tickets along loses none."""
    system = connector(desk, tmp_path, GOOD)
    found = find(system, known(email=worlds.EMAIL))
    (outcome,) = system.erase([RecordRef("desk", "customer", ANNA)], Method.ERASE, found.known)
    assert (outcome.kind, outcome.refused) == (OutcomeKind.RETAINED, True)
    assert len(desk.rows["tickets"]) == 4
