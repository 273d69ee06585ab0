"""Values inside texts: read and replaced at a path, and every other value and byte as it was."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sql.formats import Unreadable, parsed
from connectors.sql.inside import opened, replaced, values_at, without

PLAIN = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12)
)
NAMES = st.text(min_size=1, max_size=6).filter(lambda name: name != "*")
DATA = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=12
)


def php(value: Any) -> str:
    """What PHP's ``serialize`` gives."""
    match value:
        case None:
            return "N;"
        case bool():
            return f"b:{int(value)};"
        case int():
            return f"i:{value};"
        case float():
            return f"d:{value!r};"
        case str():
            return f's:{len(value.encode())}:"{value}";'
        case list():
            return php(dict(enumerate(value)))
        case dict():
            return f"a:{len(value)}:{{{''.join(php(key) + php(item) for key, item in value.items())}}}"
    raise AssertionError(value)


def places(data: Any, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    """Every plain value with its path."""
    if isinstance(data, dict | list):
        named = data.items() if isinstance(data, dict) else enumerate(data)
        return [place for name, item in named for place in places(item, (*path, str(name)))]
    return [(path, data)]


def _is_nested(data: Any) -> bool:
    return any(isinstance(value, str) and opened(value) != value for _, value in places(data))


WRITERS = {"php": php, "json": json.dumps, "json as it is": lambda data: json.dumps(data, ensure_ascii=False, indent=1)}


@pytest.mark.apart
@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
@given(data=DATA.filter(lambda data: isinstance(data, dict | list) and data and not _is_nested(data)), given=st.data())
def test_a_value_is_replaced_and_nothing_beside_it(write: Any, data: Any, given: st.DataObject):
    text, leaves = write(data), places(data)
    root = parsed(text).root
    read = [leaf.value for leaf in root.leaves()]
    assert read == [value for _, value in leaves]
    assert replaced(text, (), lambda old: old) == text or root.members is not None
    if not leaves:
        return
    path, old = given.draw(st.sampled_from(leaves))
    new = given.draw(PLAIN)
    assert values_at(text, path) == [old]
    changed = replaced(text, path, lambda _: new)
    assert isinstance(changed, str)
    after = parsed(changed).root
    assert [leaf.value for leaf in after.leaves()] == [new if at == path else value for at, value in leaves]
    (was,) = [leaf for leaf, (at, _) in zip(root.leaves(), leaves, strict=True) if at == path]
    (now,) = [leaf for leaf, (at, _) in zip(after.leaves(), leaves, strict=True) if at == path]
    source, result = (text.encode(), changed.encode()) if write is php else (text, changed)
    assert source[: was.start] == result[: now.start]
    assert source[was.end :] == result[now.end :]
    assert changed == text or type(new) is not type(old) or new != old
    assert replaced(changed, path, lambda _: new) == changed


@given(text=st.text(max_size=60))
def test_a_text_of_any_kind_is_read_or_refused(text: str):
    for path in ((), ("a",), ("*", "b")):
        try:
            again = replaced(text, path, lambda old: old)
        except Unreadable:
            continue
        assert again == text or path == ()
    opened(text)


NESTED = {"form": json.dumps({"who": php({"mail": "änna@example.com", "n": 1}), "x": 1.10}), "left": "as it is"}
MAIL = (
    "From: =?utf-8?q?Anna_M=C3=BCller?= <anna@example.com>\r\nTo: desk@example.org,\r\n ben@example.com\r\n"
    "Subject: My kettle\r\nReceived: one\r\nReceived: two\r\n\r\nIt hums.\r\nFrom: is no header here\r\n"
)


def test_a_value_in_a_text_within_a_text_is_replaced_and_the_lengths_around_it_follow():
    text = php(NESTED)
    assert values_at(text, ("form", "who", "mail")) == ["änna@example.com"]
    changed = replaced(text, ("form", "who", "mail"), lambda _: "")
    assert changed == php(NESTED | {"form": NESTED["form"].replace(r"s:17:\"\u00e4nna@example.com\"", r"s:0:\"\"")})
    assert opened(changed) == {"form": {"who": {"mail": "", "n": 1}, "x": 1.1}, "left": "as it is"}
    assert without(opened(changed), ("form", "who")) == {"form": {"x": 1.1}, "left": "as it is"}
    latin = 'a:1:{s:4:"name";s:4:"Jörg";}'
    assert replaced(latin, ("name",), lambda _: "Änne") == 'a:1:{s:4:"name";s:4:"Änne";}', "lengths of another encoding"
    hidden = 'O:8:"stdClass":2:{s:7:"\0*\0mail";s:1:"x";s:4:"\0A\0n";i:1;}'
    assert values_at(hidden, ("mail",)) == ["x"]


def test_a_mail_is_read_by_its_header_and_its_parts_are_replaced():
    assert values_at(MAIL, ("from",)) == ["Anna Müller <anna@example.com>"]
    assert values_at(MAIL, ("to",)) == ["desk@example.org, ben@example.com"]
    assert values_at(MAIL, ("received",)) == ["one", "two"]
    changed = replaced(replaced(MAIL, ("from",), lambda _: "nobody\r\nBcc: x@example.com"), ("body",), lambda _: "")
    assert changed == MAIL.replace(MAIL[6 : MAIL.index("\r\n")], "nobody Bcc: x@example.com").partition("It hums")[0]
    with pytest.raises(Unreadable):
        values_at("Anna: please call back\n\nThanks", ("from",))


@pytest.mark.parametrize(
    "text",
    [
        'a:2:{s:1:"x";s:5:"anna";i:0;N;}',
        'a:1:{s:1:"x";s:4:"anna";}tail',
        'a:2:{s:1:"x";s:4:"anna";s:1:"y";R:2;}',
        'C:11:"ArrayObject":4:{anna}',
        '{"x": "anna"',
        '{"x": "anna",}',
        "anna",
    ],
)
def test_what_cannot_be_replaced_surely_is_refused(text: str):
    with pytest.raises(Unreadable):
        replaced(text, ("x",), lambda _: "")


def test_an_array_is_read_and_replaced_element_by_element():
    assert values_at(["a@example.com", None, "b@example.com"], ()) == ["a@example.com", "b@example.com"]
    assert replaced(["a", "b"], ("*",), lambda _: "") == ["", ""]
    assert replaced(['{"x": 1}', "b"], ("0", "x"), lambda _: 2) == ['{"x": 2}', "b"]


def test_a_reference_is_no_empty_value():
    text = 'a:2:{s:4:"mail";s:15:"anna@example.co";s:5:"reply";R:2;}'
    assert values_at(text, ("mail",)) == ["anna@example.co"]
    for path in (("reply",), ("reply", "to"), ("*",)):
        with pytest.raises(Unreadable):
            values_at(text, path)


PASSED_OVER = [
    ("customer.mail", {"customer": [{"mail": "anna@example.com"}]}),
    ("customer.mail", [{"customer": {"mail": "anna@example.com"}}]),
    ("customer.mail", {"customer": "anna@example.com"}),
    ("customers.*.mail", {"customers": {"mail": "anna@example.com"}}),
    ("customers.*.mail", {"customers": [{"mail": "ben@example.com"}, "anna@example.com"]}),
    ("customers.0.mail", {"customers": {"mail": "anna@example.com"}}),
    ("customers.0", {"customers": "anna@example.com"}),
]


@pytest.mark.parametrize(("path", "data"), PASSED_OVER)
@pytest.mark.parametrize("write", [php, json.dumps], ids=["php", "json"])
def test_data_of_another_form_than_the_path_is_not_read_as_nothing(write: Any, path: str, data: Any):
    for look in (values_at, lambda text, steps: replaced(text, steps, lambda _: "")):
        with pytest.raises(Unreadable):
            look(write(data), tuple(path.split(".")))


@pytest.mark.parametrize("data", [{}, [], {"customer": None}, {"customer": []}, {"customer": ""}, {"customer": False}])
def test_what_is_not_there_is_nothing(data: Any):
    assert values_at(json.dumps(data), ("customer", "mail")) == []
    assert values_at(json.dumps({"sold": 3, "customer": {"mail": "x"}}), ("*", "mail")) == ["x"]
