"""Restriction in the recording store: a tag on the subject's versions, on SeaweedFS."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors.s3 import S3Connector
from rightsflow.domain.errors import Permanent, Transient
from rightsflow.domain.vocabulary.records import ANOTHER_CASES, MarkState, Method, OutcomeKind, PresenceState
from tests.integration.connectors.s3.shop import BY_METADATA, CUSTOMER, OTHER_PHONE, PHONE, Shop, known_as

WHO = known_as(customer_id=CUSTOMER, phone=PHONE)
MINE, THEIRS = {"caller": PHONE}, {"caller": OTHER_PHONE}
TAG = "restricted"
FIRST, SECOND = "DSR-2026-7K3M9Q", "DSR-2026-8M4N2R"


def tags(shop: Shop, name: str) -> list[dict[str, str]]:
    found = []
    for one in shop.entries(name):
        answer = shop.s3.get_object_tagging(Bucket=shop.bucket, Key=one.key, VersionId=one.version_id)
        found.append({each["Key"]: each["Value"] for each in answer["TagSet"]})
    return found


def test_the_subjects_versions_alone_are_tagged_where_there_is_room(
    new_shop: Callable[..., Shop], connect: Callable[..., S3Connector]
) -> None:
    # The subject's versions alone are tagged beside their tags.
    shop = new_shop()
    shop.put("a.wav", Metadata=MINE, Tagging="queue=support")
    mine = shop.ref("a.wav")
    shop.put("a.wav", Metadata=THEIRS, mine=False)
    connector = connect(shop, BY_METADATA, restricted_tag=TAG)
    assert all(Method.RESTRICT in kind.methods for kind in connector.capabilities.kinds)
    for _ in range(2):
        (done,) = connector.erase([mine], Method.RESTRICT, WHO)
        assert (done.kind, done.reason) == (OutcomeKind.RESTRICTED, "")
    assert tags(shop, "a.wav") == [{}, {"queue": "support", TAG: "yes"}]
    (seen,) = connector.presence([mine], WHO)
    assert seen.state is PresenceState.PRESENT
    (lifted,) = connector.erase([mine], Method.LIFT, WHO)
    assert lifted.kind is OutcomeKind.RETAINED
    assert tags(shop, "a.wav") == [{}, {"queue": "support"}]
    # What has no room for a tag is kept and said.
    shop = new_shop()
    shop.put("a.wav", Metadata=MINE, Tagging="&".join(f"t{number}=x" for number in range(10)))
    (kept,) = connect(shop, BY_METADATA, restricted_tag=TAG).erase([shop.ref("a.wav")], Method.RESTRICT, WHO)
    assert (kept.kind, kept.refused) == (OutcomeKind.RETAINED, True)
    assert len(tags(shop, "a.wav")[0]) == 10


@pytest.mark.apart
def test_a_tag_that_is_lost_is_seen_and_what_took_a_recordings_place_is_another_one(
    new_shop: Callable[..., Shop], connect: Callable[..., S3Connector]
) -> None:
    shop = new_shop("plain")
    for name in ("a.wav", "b.wav", "c.wav"):
        shop.put(name, Metadata=MINE)
    refs = [shop.ref(name) for name in ("a.wav", "b.wav", "c.wav")]
    connector = connect(shop, BY_METADATA, restricted_tag=TAG)
    list(connector.erase(refs, Method.RESTRICT, WHO))
    assert {one.state for one in connector.marks(refs, WHO)} == {MarkState.MARKED}
    # The store counts in seconds: within the same one it is the same recording still.
    while shop.ref("a.wav") == refs[0]:
        shop.put("a.wav", Metadata=MINE)
    shop.put("b.wav", b"another day", Metadata=MINE)
    shop.put("c.wav", b"of another", mine=False, Metadata=THEIRS)
    before = shop.everything_else()
    seen = {one.record: one for one in connector.marks(refs, WHO)}
    assert [seen[ref].state for ref in refs] == [MarkState.UNMARKED, MarkState.GONE, MarkState.GONE]
    assert seen[refs[0]].now == shop.ref("a.wav") != refs[0]
    assert tags(shop, "a.wav") == [{}], "nothing is written"
    list(connector.erase(refs[:1], Method.RESTRICT, WHO))
    assert [one.state for one in connector.marks(refs[:1], WHO)] == [MarkState.MARKED]
    assert shop.everything_else() == before
    assert list(connector.marks([], WHO)) == []


def test_the_mark_names_its_case_where_there_is_room_and_another_cases_stays(
    new_shop: Callable[..., Shop], connect: Callable[..., S3Connector]
) -> None:
    shop = new_shop()
    shop.put("a.wav", Metadata=MINE, Tagging="queue=support")
    shop.put("full.wav", Metadata=MINE, Tagging="&".join(f"t{number}=x" for number in range(9)))
    ref, full = shop.ref("a.wav"), shop.ref("full.wav")
    connector = connect(shop, BY_METADATA, restricted_tag=TAG)
    list(connector.mark([ref, full], Method.RESTRICT, WHO, FIRST))
    assert tags(shop, "a.wav") == [{"queue": "support", TAG: "yes", f"{TAG}-case": FIRST}]
    assert [(one.state, one.case_id) for one in connector.marks([ref, full], WHO)] == [
        (MarkState.MARKED, FIRST),
        (MarkState.MARKED, ""),
    ]
    list(connector.mark([ref], Method.RESTRICT, WHO, SECOND))
    (stays,) = connector.mark([ref], Method.LIFT, WHO, FIRST)
    assert (stays.kind, stays.refused, stays.reason) == (OutcomeKind.RETAINED, False, ANOTHER_CASES)
    assert tags(shop, "a.wav") == [{"queue": "support", TAG: "yes", f"{TAG}-case": SECOND}]
    list(connector.mark([ref], Method.LIFT, WHO, SECOND))
    list(connector.mark([full], Method.LIFT, WHO, FIRST))
    assert tags(shop, "a.wav") == [{"queue": "support"}]
    assert len(tags(shop, "full.wav")[0]) == 9


def test_what_is_stored_in_a_recordings_place_while_it_is_marked_gets_no_tag_of_it(
    new_shop: Callable[..., Shop], connect: Callable[..., S3Connector]
) -> None:
    for moment in ("GetObjectTagging", "PutObjectTagging"):
        shop = new_shop("plain")
        shop.put("a.wav", Metadata=MINE, Tagging="queue=support")
        connector, ref = connect(shop, BY_METADATA, restricted_tag=TAG), shop.ref("a.wav")
        left = ["a.wav"]

        def happen(shop: Shop = shop, left: list[str] = left, **_: object) -> None:
            while left:
                shop.put(left.pop(), b"of another", mine=False, Metadata=THEIRS, Tagging="queue=sales")

        connector._clients.current().meta.events.register(f"before-send.s3.{moment}", happen)
        with pytest.raises(Transient if moment.startswith("Get") else Permanent, match="was replaced"):
            list(connector.mark([ref], Method.RESTRICT, WHO, FIRST))
        assert tags(shop, "a.wav") == ([{"queue": "sales"}] if moment.startswith("Get") else [{}])
        assert shop.s3.get_object(Bucket=shop.bucket, Key=shop.prefix + "a.wav")["Body"].read() == b"of another"
        assert [one.kind for one in connector.mark([ref], Method.RESTRICT, WHO, FIRST)] == [OutcomeKind.NOT_HELD]
