"""Rules of masks, for any record: a masked passage is in no file, a shown place is back, a mute touches no more."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.cases.work.access.masking import Masking, MaskingRules, digest_of
from rightsflow.documents.package import assemble
from rightsflow.domain.disclosure.mask_choices import Interval, MaskAct, MaskChoice, MaskGround, MaskState
from rightsflow.domain.disclosure.passages import hide_passages
from rightsflow.domain.disclosure.recordings import muted, read_wave
from rightsflow.domain.disclosure.texts import MARKS, masked_in
from rightsflow.domain.errors import BadInput
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.spellings.wordforms import Own, compose, fold
from rightsflow.domain.vocabulary.records import Document, RecordRef
from rightsflow.store.case.mask_choices import PartHashes
from rightsflow.vault import Keyring
from tests.support.packages import contents
from tests.support.waves import wave
from tests.unit.documents.package import sample

ANNA = frozenset({identifier(IdentifierKind.EMAIL, "anna@example.com")})
HASHES = PartHashes("DSR-2026-7K3M9Q", Keyring(index=b"i" * 32, intake=b"f" * 32))
REF = RecordRef("helpdesk", "ticket", "1")
PASSAGE = "Zadok Wíndlestone"
SPELLINGS = (
    PASSAGE,
    "ZADOK WINDLESTONE",
    "zadok\r\n\t windlestone",
    "Zadok\u00a0Wi\u0301ndlestone",
    "<p>Zadok</p><p>Windlestone</p>",
    "Za<b>dok</b> Windlestone",
    "Zadok&nbsp;W&iacute;ndlestone",
    "Zadok W&#237;ndlestone",
    "Za\u00addok&zwnj; Windle&shy;stone",
    "Zadok<!-- who? --> Windlestone",
)
WORDS = st.sampled_from(
    ("anna@example.com", "kettle", "boris@example.org", "+49 30 23125 099", "cid@example.net", "=1+1")
)
TEXTS = st.lists(st.one_of(WORDS, st.sampled_from(SPELLINGS)), max_size=6).map(" - ".join)
LEAVES = st.one_of(TEXTS, st.integers(), st.booleans(), st.none())
KEYS = st.one_of(st.sampled_from(("subject", "comments", "body")), TEXTS)
TREES = st.recursive(LEAVES, lambda one: st.lists(one) | st.dictionaries(KEYS, one), max_leaves=8)
CONTENTS = st.dictionaries(KEYS, TREES, max_size=5)
INFO = sample.info(systems=(sample.system("helpdesk", "Helpdesk"),), left_out=(), masked={})


def rules(*choices):
    return MaskingRules(
        subject=ANNA,
        own=Own(),
        country="DE",
        hashes=HASHES,
        choices={HASHES.of_record(REF): choices},
        copy_of=lambda number: b"copy %d" % number,
        zone=ZoneInfo("Europe/Berlin"),
    )


def document(content):
    return Document(record=REF, category="service tickets", content=content)


def recording(data):
    return replace(sample.blob("helpdesk", "call.wav", "audio/wav", data, "service tickets"), record=REF)


def choice(part, act, **more):
    return MaskChoice(record=HASHES.of_record(REF), part=HASHES.of_part(part), act=act, number=1, **more)


def test_people_whom_a_ticket_lists_are_others_in_its_files_too():
    ticket = replace(document({"subject": "kettle"}), others=frozenset({"Zadok Windlestone"}))
    notes = sample.blob("helpdesk", "for Zadok Windlestone.txt", "text/plain", b"Zadok Windlestone has it", "tickets")
    listed, other = replace(notes, record=REF), notes
    masking = Masking(rules())
    _, clean, untouched = masking.parts([ticket, listed, other])
    assert (b"".join(clean.open()), clean.name) == (b"[other person's name] has it", "for [other person's name].txt")
    assert (b"".join(untouched.open()), +masking.counts) == (b"Zadok Windlestone has it", {"name": 2})
    assert clean.metadata["withheld_in_the_file"] == {"name": 1}


def hidden(part, passage=PASSAGE):
    return choice(part, MaskAct.HIDE, passage=passage, ground=MaskGround.OTHER_PERSON)


@pytest.mark.apart
@given(CONTENTS)
def test_a_masked_passage_is_in_no_file_of_the_package(content):
    part = document(content)
    masking = Masking(rules(hidden(part)))
    [clean] = masking.parts([part])
    assert masking.counts["passage"] == masked_in(clean.content)["passage"]
    for name, written in contents(assemble(lambda: iter([clean]), INFO, sample.PASSPHRASE), sample.PASSPHRASE).items():
        text = fold(compose(written.decode(errors="replace")))
        assert "windlestone" not in text, name
        assert "zadok" not in text, name


@pytest.mark.apart
@given(CONTENTS, st.data())
def test_a_place_that_is_shown_is_back_and_no_other(content, data):
    part = document(content)
    hits = rules().hits(part)
    if not hits:
        return
    shown = data.draw(st.sampled_from(hits))
    masking = Masking(rules(choice(part, MaskAct.SHOW, place=shown.place, kind=shown.kind)))
    [clean], [without] = masking.parts([part]), Masking(rules()).parts([part])
    assert masking.made[1].fits
    assert masked_in(without.content) - masked_in(clean.content) == {shown.kind: 1}
    assert [one.place for one in rules().hits(part)] == [one.place for one in hits]
    everything = Masking(rules(*(choice(part, MaskAct.SHOW, place=one.place) for one in hits)))
    assert next(everything.parts([part])).content == part.content


@given(
    st.integers(1, 3),
    st.sampled_from((1, 2, 3, 4)),
    st.integers(0, 900),
    st.integers(1, 900),
    st.integers(0, 3),
    st.integers(1, 5000),
)
def test_a_muted_interval_is_silent_and_every_other_byte_is_as_it_was(channels, width, start, length, channel, size):
    plain = wave(seconds=1, channels=channels, width=width, rate=800) + b"LIST\x04\x00\x00\x00anna"
    interval = Interval(start, start + length, channel if channel <= channels else 0)
    changed = b"".join(muted((plain[at : at + size] for at in range(0, len(plain), size)), [interval]))
    frame, begins = channels * width, read_wave([plain]).begins
    first, last = start * 800 // 1000, -(-(start + length) * 800 // 1000)
    assert len(changed) == len(plain)
    for at, (before, after) in enumerate(zip(plain, changed, strict=True)):
        number, within = divmod(at - begins, frame)
        is_in = begins <= at < begins + 800 * frame and first <= number < last
        is_muted = is_in and interval.channel in {0, within // width + 1}
        assert after == ((0x80 if width == 1 else 0) if is_muted else before), at


@pytest.mark.parametrize("text", SPELLINGS)
def test_a_passage_is_found_however_its_system_writes_it(text):
    found = hide_passages(document({"body": f"Ask {text}."}), [PASSAGE])
    assert found.places[0] == 1
    assert found.part.content["body"].replace("<p>", "").replace("</p>", "") == f"Ask {MARKS['passage']}."


def test_a_passage_takes_the_marks_that_it_holds_along_and_cuts_none():
    part = document({"body": "Write to boris@example.org today; the other person's car."})
    masking = Masking(
        rules(hidden(part, "to [other person's e-mail] today"), replace(hidden(part, "person's"), number=2))
    )
    [clean] = masking.parts([part])
    assert clean.content["body"] == "Write [masked passage]; the other [masked passage] car."
    assert +masking.counts == {"passage": 2}


def test_of_a_part_that_changed_what_hides_goes_on_and_is_asked_again():
    before, after = (
        document({"body": f"{PASSAGE} of cid@example.net"}),
        document({"body": f"Dear {PASSAGE} cid@example.net"}),
    )
    place = rules().hits(before)[0].place
    masking = Masking(rules(hidden(before), replace(choice(before, MaskAct.SHOW, place=place), number=2)))
    [clean] = masking.parts([after])
    assert clean.content["body"] == "Dear [masked passage] [other person's e-mail]"
    assert [(one.fits, one.places) for one in masking.end([REF]).values()] == [(False, 1), (False, 0)]


def test_what_was_taken_back_takes_no_effect():
    part = document({"body": PASSAGE})
    masking = Masking(rules(replace(hidden(part), state=MaskState.LIFTED)))
    assert next(masking.parts([part])).content == part.content
    assert not masking.end([REF])[1].fits


def test_a_recording_is_muted_only_as_long_as_it_is_the_same():
    part = recording(wave())
    one = replace(choice(part, MaskAct.MUTE, interval=Interval(0, 500)), part=HASHES.of_part(part, digest_of(part)))
    masking = Masking(rules(one))
    assert b"".join(next(masking.parts([part])).open()) != wave()
    other = Masking(rules(one))
    assert b"".join(next(other.parts([recording(wave(seconds=2))])).open()) == wave(seconds=2)
    assert not other.end([REF])[1].fits


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"ID3\x03" * 400,
        b"RIFF\xff\xff\xff\xffWAVE" + b"LIST\xff\xff\xff\x7f" + b"x" * 100,
        wave()[:20],
        wave()[:20] + b"\x11\x00" + wave()[22:],  # ADPCM
        wave()[:22] + b"\x00\x00" + wave()[24:],  # no channel
        wave()[:24] + b"\x00\x00\x00\x00" + wave()[28:],  # no rate
        wave().replace(b"data", b"atad"),
    ],
)
def test_what_is_no_plain_wav_file_cannot_be_muted(data):
    with pytest.raises(BadInput, match="leave the record out"):
        read_wave([data])
