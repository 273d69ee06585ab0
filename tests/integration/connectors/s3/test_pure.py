"""The parts that ask no store: settings, rules, key templates, names, WAV headers and the pool of threads."""

from __future__ import annotations

import hashlib
import io
import itertools
import threading
import wave
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, cast
from urllib.parse import quote

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.recordings import HEADER_SIZE, WavHeader, read_header
from connectors.registry import ConnectorType
from connectors.s3 import CONNECTOR, S3Connector, S3Settings
from connectors.s3.belonging import is_mine
from connectors.s3.bucket import Bucket
from connectors.s3.client import bounded_map, read_instant
from connectors.s3.errors import translated
from connectors.s3.kinds import document_class
from connectors.s3.objects import ObjectHead, Version, file_name, kind_of, media_type, started_at
from connectors.s3.settings import DocumentRule, KeyTemplate
from connectors.s3.verify import exact_mark, read_marks_of
from rightsflow.config.sections.section import validate
from rightsflow.domain.errors import Misconfigured, RightsflowError
from rightsflow.domain.identifier_kinds import declared_kinds
from rightsflow.domain.identifiers import Identifier, IdentifierKind
from rightsflow.domain.vocabulary.records import DocumentClass
from tests.integration.connectors.s3.shop import BY_METADATA, PHONE, PLACE, known_as, settings
from tests.integration.connectors.s3.sounds import wav

ids = st.from_regex(r"[A-Za-z0-9._:@+-]{1,12}", fullmatch=True)


class TestSettings:
    def test_the_connector_is_built_without_a_call_and_declares_what_it_cannot_find(self) -> None:
        # The connector is built without a call.
        assert isinstance(CONNECTOR, ConnectorType)
        connector = CONNECTOR.build("recordings", settings("calls", BY_METADATA, "https://s3.example.com"), PLACE)
        assert isinstance(connector, S3Connector)
        assert connector.capabilities.searches == {"phone", "customer_id"}
        assert [kind.name for kind in connector.capabilities.kinds] == ["transcript", "screen-recording", "recording"]
        # The contact itself is a step by hand after its recordings.
        match = {"by": "contact", "alias": "example"}
        connector = CONNECTOR.build("recordings", settings("calls", match, None), PLACE)
        assert "DeleteContactData" in connector.capabilities.kind("recording").manual_step
        assert connector.capabilities.searches == {"account_id"}
        # What cannot be found is declared.
        for match, said in (
            (BY_METADATA, "beside recordings of several people"),
            (BY_METADATA, "Phone numbers that are written with letters"),
            ({**BY_METADATA, "companions": False}, "carry nothing under the keys of the settings."),
            ({"by": "key", "template": "{phone}/"}, "keys do not have the form {phone}/"),
            ({"by": "key", "template": "{phone}/"}, "with blanks or hyphens"),
            ({"by": "contact", "alias": "example", "since": "2024-01-01"}, "days before 2024-01-01"),
        ):
            connector = CONNECTOR.build("recordings", settings("calls", match, None), PLACE)
            assert said in " ".join(connector.capabilities.cannot_find)

    def test_a_wrong_key_is_named_with_its_mend(self) -> None:
        # A wrong key is named with its mend.
        for changes, said in (
            ({"endpoint_url": "http://s3.example.com"}, "endpoint_url is wrong: use https"),
            ({"endpoint_url": "https://key:secret@s3.example.com"}, "without credentials"),
            ({"endpoint_url": "ftp://127.0.0.1"}, "use https"),
            ({"secret_access_key": None}, "both access_key_id and secret_access_key"),
            ({"access_key_id": "AKIAEXAMPLE"}, "write a secret as a reference"),
            ({"bucket": "No_Bucket"}, "bucket is wrong"),
            ({"match": {"by": "magic"}}, "match is wrong"),
            ({"match": {"by": "metadata", "keys": {}}}, "keys is wrong"),
            ({"match": {"by": "metadata", "keys": {"who": "name"}}}, "is wrong"),
            ({"match": {"by": "key", "template": "{customer_id}"}}, "put a / after {customer_id}"),
            ({"match": {"by": "key", "template": "{phone}"}}, "no digit after {phone}"),
            ({"match": {"by": "key", "template": "{name}/"}}, "use {customer_id}"),
            ({"match": {"by": "key", "template": "calls/*/"}}, "name an identifier"),
            ({"match": {"by": "contact", "alias": "a/b"}}, "alias is wrong"),
        ):
            good = settings("calls", BY_METADATA, "https://s3.example.com").model_dump(
                exclude={"access_key_id", "secret_access_key"}
            )
            raw = {**good, "access_key_id": "env:A", "secret_access_key": "env:B", **changes}
            with pytest.raises(Misconfigured, match=said):
                validate(S3Settings, raw, "rightsflow.toml [systems.recordings]")
        for url in ("http://127.0.0.1:8333", "http://[::1]:8333", "http://localhost:9000"):
            assert settings("calls", BY_METADATA, url).endpoint_url == url


class TestTemplate:
    @pytest.mark.apart
    @given(mine=ids, other=ids, rest=st.text(max_size=8))
    def test_a_customers_keys_are_listed_and_read_and_nobody_elses(self, mine: str, other: str, rest: str) -> None:
        template = KeyTemplate("calls/{customer_id}/…")
        who = known_as(customer_id=mine)
        prefixes = tuple(template.prefixes(who, "DE"))
        for one in (mine, other):
            key = f"calls/{one}/{rest}"
            read = template.read(key, "DE")
            assert read is not None
            assert (read[0] == who) == (one == mine)
            assert key.startswith(prefixes) == (one == mine)
            assert f"calls/{quote(one, safe='')}/".startswith(prefixes) == (one == mine)

    @given(number=st.from_regex(r"4930[1-9][0-9]{5,7}", fullmatch=True))
    def test_every_spelling_that_is_listed_is_read_back(self, number: str) -> None:
        template = KeyTemplate("{phone}_")
        who = known_as(phone=f"+{number}")
        for prefix in template.prefixes(who, "DE"):
            read = template.read(f"{prefix.removesuffix('_')}_1.wav", "DE")
            assert read
            # 49… without a plus is read as such only if the number is assigned.
            assert who <= read[0] or number in prefix.replace(f"+{number}", "").replace(f"00{number}", "")

    def test_a_key_is_read_and_what_cannot_be_a_prefix_is_walked(self) -> None:
        # What cannot be a prefix is walked.
        for template, who, prefixes in (
            ("{customer_id}/{phone}/", {"customer_id": "C"}, ["C/"]),
            ("{customer_id}/{phone}/", {"phone": PHONE}, [""]),
            ("{customer_id}/{phone}/", {"customer_id": "C", "phone": PHONE}, [""]),
            ("{customer_id}/", {"customer_id": "a:1"}, ["a%3A1/", "a:1/"]),
            ("a/{date}/{customer_id}/", {"customer_id": "C"}, ["a/"]),
            ("a/{email}/", {"email": "anna@example.com"}, ["a/"]),
            ("a/{email}/", {"customer_id": "C"}, []),
        ):
            assert KeyTemplate(template).prefixes(known_as(**who), "DE") == prefixes
        # A key is read.
        for template, key, who, day in (
            ("{date}/{phone}_", "2026/01/31/030901820_1.wav", {"phone": PHONE}, date(2026, 1, 31)),
            ("*/{email}/", "x/Anna%40Example.com/1", {"email": "anna@example.com"}, None),
            ("**/{customer_id}/{date}", "a/b/C-1/20260131.wav", {"customer_id": "C-1"}, date(2026, 1, 31)),
            ("in-{phone}-{phone}-", f"in-030901821-{PHONE}-1.wav", {"phone": PHONE}, None),
        ):
            read = KeyTemplate(template).read(key, "DE")
            assert read is not None
            assert known_as(**who) <= read[0]
            assert read[1] == day


class TestNames:
    def test_a_name_tells_kind_instant_and_type(self) -> None:
        # The kind goes by the ending.
        for key, kind in (
            ("a/1.WAV", "recording"),
            ("1.json", "transcript"),
            ("1.mp4", "screen-recording"),
            ("1", "recording"),
        ):
            assert kind_of(key) == kind
        # The instant in a name.
        for name, start in (
            ("x_20240126T03:07_UTC.wav", datetime(2024, 1, 26, 3, 7, tzinfo=UTC)),
            ("x_20240126T03%3A07_UTC.wav", datetime(2024, 1, 26, 3, 7, tzinfo=UTC)),
            ("x_analysis_2024-01-26T03:07:05Z.json", datetime(2024, 1, 26, 3, 7, 5, tzinfo=UTC)),
            ("x_20241399T03:07_UTC.wav", None),
            ("x.wav", None),
        ):
            assert started_at(f"a/{name}") == start
        assert file_name("a/b%2Fc%3Ad.wav") == "b_c:d.wav"
        assert file_name("/") == "recording"
        # The media type.
        for said, key, found in (
            ("binary/octet-stream", "1.wav", "audio/wav"),
            ("audio/x-wav", "1", "audio/wav"),
            ("audio/ogg", "1.wav", "audio/ogg"),
            ("", "1.unheardof", "application/octet-stream"),
        ):
            assert media_type(said, key) == found


class TestWav:
    @given(channels=st.integers(1, 2), rate=st.sampled_from([8000, 16000, 44100]), frames=st.integers(1, 3000))
    def test_it_agrees_with_the_standard_library(self, channels: int, rate: int, frames: int) -> None:
        file = io.BytesIO()
        with wave.open(file, "wb") as writer:
            writer.setparams((channels, 2, rate, frames, "NONE", ""))
            writer.writeframes(b"\0" * (2 * channels * frames))
        content = file.getvalue()
        seconds = round(frames / rate, 3)
        expected = WavHeader(channels=channels, sample_rate=rate, seconds=seconds)
        assert read_header(content[:HEADER_SIZE], len(content)) == expected

    def test_a_length_that_was_never_written_comes_from_the_size(self) -> None:
        content = bytearray(wav(seconds=1, channels=1))
        at = content.index(b"data") + 4
        content[at : at + 4] = b"\xff" * 4
        header = read_header(bytes(content[:HEADER_SIZE]), len(content))
        assert header
        assert header.seconds == 1

    @given(st.binary(max_size=64))
    def test_anything_else_is_none_and_no_error(self, content: bytes) -> None:
        assert read_header(content, len(content)) is None
        read_header(b"RIFF\0\0\0\0WAVE" + content, 12 + len(content))


def test_an_instant_is_read_in_each_form_that_answers_have() -> None:
    for written, instant in (
        ("2026-11-27T15:00:00.123Z", datetime(2026, 11, 27, 15, 0, 0, 123000, UTC)),
        ("2026-11-27T17:00:00+02:00", datetime(2026, 11, 27, 15, tzinfo=UTC)),
        ("Fri, 27 Nov 2026 15:00:00 GMT", datetime(2026, 11, 27, 15, tzinfo=UTC)),
        (1795791600, datetime(2026, 11, 27, 15, tzinfo=UTC)),
        ("1795791600", datetime(2026, 11, 27, 15, tzinfo=UTC)),
    ):
        assert read_instant(written) == instant


class TestPool:
    def test_results_come_in_order_as_the_work_is_done(self) -> None:
        # Results come in order and few items are taken ahead.
        taken = itertools.count()
        results = bounded_map(lambda item: item * 2, taken, workers=3)
        assert list(itertools.islice(results, 50)) == list(range(0, 100, 2))
        assert next(taken) < 60
        results.close()  # type: ignore[attr-defined]
        # The first error comes out and the rest is dropped.
        begun: set[int] = set()

        def work(item: int) -> int:
            begun.add(item)
            if item == 2:
                raise Misconfigured("stop")
            return item

        results = bounded_map(work, range(1000), workers=2)
        assert [next(results), next(results)] == [0, 1]
        with pytest.raises(Misconfigured):
            next(results)
        assert len(begun) < 20
        # What makes no call takes no thread and keeps its place.
        here, threads = threading.get_ident(), []

        def work(item: int) -> int:
            threads.append((item, threading.get_ident()))
            return item

        assert list(bounded_map(work, range(40), workers=2, makes_call=lambda item: item % 3 == 0)) == list(range(40))
        assert {item % 3 == 0 for item, thread in threads if thread != here} == {True}
        assert {item % 3 for item, thread in threads if thread == here} == {1, 2}
        together = threading.Barrier(4, timeout=5)
        assert len(list(bounded_map(lambda _: together.wait(), range(4), workers=4))) == 4


@pytest.mark.parametrize("code", ["InvalidAccessKeyId", "SlowDown"])
def test_a_request_id_that_repeats_what_was_asked_is_hashed(code: str, caplog: pytest.LogCaptureFixture) -> None:
    said: Any = {"Error": {"Code": code}, "ResponseMetadata": {"RequestId": "for anna@example.com"}}
    with pytest.raises(RightsflowError) as raised, translated("calls", "probe"):
        raise ClientError(said, "ListObjects")
    assert "request sha256:" in str(raised.value)
    assert "anna" not in str(raised.value) + caplog.text


def test_every_searchable_kind_can_stand_in_a_template() -> None:
    for kind in (item for item in declared_kinds() if item.finds):
        assert KeyTemplate(f"{{{kind}}}/").kinds == {kind}


class TestContents:
    @given(st.binary(max_size=64), st.integers(1, 64))
    def test_a_content_is_told_by_its_digest_however_it_is_read(self, content: bytes, chunk: int) -> None:
        chunks = [content[start : start + chunk] for start in range(0, len(content), chunk)]
        marks = list(read_marks_of(len(content), chunks))
        whole, part = hashlib.md5(content), hashlib.md5(hashlib.md5(content).digest())
        one_part = f"{part.hexdigest()}-1" if content else marks[1].rpartition(" ")[2]
        assert marks == [exact_mark(len(content), f'"{whole.hexdigest()}"'), exact_mark(len(content), one_part)]

    @pytest.mark.apart
    def test_the_etag_of_parts_is_found_for_the_sizes_that_programs_use(self) -> None:
        content, part = bytes(range(256)) * 4096 * 17, 8 << 20
        digests = [hashlib.md5(content[at : at + part]).digest() for at in range(0, len(content), part)]
        etag = f"{hashlib.md5(b''.join(digests)).hexdigest()}-{len(digests)}"
        assert len(digests) == 3
        assert exact_mark(len(content), etag) in set(read_marks_of(len(content), [content]))


def test_a_version_is_the_subjects_by_more_than_a_number_that_others_use() -> None:
    account = Identifier(IdentifierKind.CUSTOMER_ID, "C1")
    number = Identifier(IdentifierKind.PHONE, "+4930901820", is_contested=True)
    only, both = frozenset({number}), frozenset({account, number})
    assert not is_mine(only, [only], both)
    assert is_mine(both, [only], both)
    assert is_mine(only, [only], frozenset({account, replace(number, is_contested=False)}))


NOW = datetime(2026, 3, 5, tzinfo=UTC)
ORDER = Version(key="calls/orders/1.wav", version_id="a", is_marker=False, is_latest=True, modified_at=NOW)


class Shelf:
    """A bucket with one object; counts what is read."""

    def __init__(self) -> None:
        self.reads: list[str] = []

    def head(self, version: Version) -> ObjectHead | None:
        self.reads.append("head")
        metadata = {"desk": "orders"}
        return ObjectHead(
            media_type="audio/wav", size=1, modified_at=NOW, metadata=metadata, storage_class="", is_readable=True
        )

    def tags(self, version: Version) -> dict[str, str] | None:
        self.reads.append("tags")
        return {"Class": "order"}


def classed(version: Version, shelf: Shelf, *rules: dict[str, Any]) -> DocumentClass | None:
    read = tuple(DocumentRule.model_validate(rule | {"document_class": "recording"}) for rule in rules)
    return document_class(cast("Bucket", shelf), version, read)


def test_a_rule_fits_where_every_condition_holds_and_is_whole() -> None:
    # Found: recordings of client orders could not be told from those of a support line.
    for rule, fits, reads in (
        ({"prefix": "calls/orders/"}, True, []),
        ({"prefix": "calls/support/"}, False, []),
        ({"metadata": "Desk", "value": "orders"}, True, ["head"]),
        ({"metadata": "desk", "value": "support"}, False, ["head"]),
        ({"tag": "Class", "value": "order"}, True, ["tags"]),
        ({"tag": "class", "value": "order"}, False, ["tags"]),
        ({"prefix": "calls/support/", "tag": "Class", "value": "order"}, False, []),
    ):
        shelf = Shelf()
        assert classed(ORDER, shelf, rule) == (DocumentClass.RECORDING if fits else None)
        assert shelf.reads == reads, "what no rule needs is not read"
    # A rule without a whole condition is refused.
    for rule in ({}, {"metadata": "a"}, {"value": "a"}, {"metadata": "a", "tag": "b", "value": "c"}):
        with pytest.raises(ValidationError):
            DocumentRule.model_validate(rule | {"document_class": "none"})


def test_metadata_are_read_once_and_a_delete_marker_has_none() -> None:
    shelf = Shelf()
    rules = [{"metadata": "desk", "value": "a"}, {"metadata": "desk", "value": "b"}]
    assert classed(ORDER, shelf, *rules) is None
    assert shelf.reads == ["head"]
    marker = Version(key=ORDER.key, version_id="b", is_marker=True, is_latest=True, modified_at=NOW)
    assert classed(marker, shelf, *rules, {"tag": "Class", "value": "order"}) is None
    assert shelf.reads == ["head"]
