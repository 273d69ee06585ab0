"""Pictures: whole, without what cameras and programs write beside them (EXIF with places, XMP, comments, thumbnails).

The text of a picture is not read: a person looks at it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Final

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from rightsflow.files.kinds.job import CannotOpen, FilePass

MOST_PIXELS: Final = 60_000_000
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_KEPT_CHUNKS: Final = frozenset(
    {
        b"IHDR",
        b"PLTE",
        b"IDAT",
        b"IEND",
        b"tRNS",
        b"gAMA",
        b"cHRM",
        b"sRGB",
        b"sBIT",
        b"pHYs",
        b"bKGD",
        b"acTL",
        b"fcTL",
        b"fdAT",
    }
)
_KEPT_SEGMENTS: Final = frozenset({0xE0, 0xEE})
"""JFIF without its thumbnail, and the colours of Adobe's programs."""
_FIRST_SEGMENT, _LAST_SEGMENT, _COMMENT, _SCAN, _END = 0xE0, 0xEF, 0xFE, 0xDA, 0xD9
_RESTARTS: Final = (0xD0, 0xD7)
_JFIF_BYTES: Final = 14
_ORIENTATION: Final = 0x0112
_FORMATS: Final = {"JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP"}

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
ImageFile.LOAD_TRUNCATED_IMAGES = False


def walk(content: bytes, job: FilePass, where: str, depth: int) -> bytes:  # noqa: ARG001 - the form of a kind
    """Go through a picture.

    Args:
        content: The picture.
        job: The pass.
        where: Its place.
        depth: How deep it lies.

    Raises:
        CannotOpen: It is broken or too large.
    """
    given = clean_picture(content)
    if given != content:
        job.remove("data beside a picture (EXIF, places, thumbnails)")
    job.skip(where, "a picture, whose text is not read")
    return given


def clean_picture(content: bytes) -> bytes:
    """Return a picture without the data beside it.

    Args:
        content: The picture.

    Raises:
        CannotOpen: It is broken or too large.
    """
    try:
        with Image.open(BytesIO(content), formats=sorted(_FORMATS)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise CannotOpen(f"the picture has more than {MOST_PIXELS // 1_000_000} million pixels")
            turned = picture.getexif().get(_ORIENTATION, 1) != 1
            kind = picture.format or ""
            if kind == "JPEG" and not turned:
                return b"".join(_jpeg(content))
            if kind == "PNG" and not turned:
                return b"".join(_png(content))
            if kind in {"GIF", "BMP"} and not turned:
                return _rewritten(picture, kind) if picture.info.get("comment") else content
            return _rewritten(ImageOps.exif_transpose(picture), kind)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise CannotOpen("the picture is broken, or too large") from error
    except (TypeError, KeyError, IndexError, AttributeError, OverflowError, zlib.error) as error:
        raise CannotOpen("the picture is broken") from error


def _rewritten(picture: Image.Image, kind: str) -> bytes:
    made = BytesIO()
    frames = getattr(picture, "n_frames", 1)
    picture.load()
    fresh = picture.copy()
    fresh.info = {key: value for key, value in picture.info.items() if key in {"transparency", "duration", "loop"}}
    fresh.getexif().clear()
    more = {"save_all": True} if frames > 1 and kind in {"GIF", "WEBP", "TIFF"} else {}
    if more:
        picture.save(made, kind, exif=b"", **more)
    elif kind == "JPEG":
        fresh.save(made, kind, quality=92, exif=b"")
    else:
        fresh.save(made, kind)
    return made.getvalue()


def _jpeg(content: bytes) -> Iterator[bytes]:
    """Yield the segments of a JPEG that show it, and nothing behind its end."""
    yield content[:2]
    at = 2
    while at + 2 <= len(content):
        if content[at] != 0xFF:
            raise CannotOpen("the picture is broken")
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        size = int.from_bytes(content[at + 2 : at + 4], "big")
        segment = content[at : at + 2 + size]
        if marker == _END:
            yield content[at : at + 2]
            return
        if marker == _FIRST_SEGMENT:
            yield segment[:2] + (16).to_bytes(2, "big") + segment[4 : 2 + _JFIF_BYTES].ljust(12, b"\0")[:12] + b"\0\0"
        elif marker in _KEPT_SEGMENTS or not (_FIRST_SEGMENT < marker <= _LAST_SEGMENT or marker == _COMMENT):
            yield segment
        at += 2 + size
        if marker == _SCAN:
            end = _end_of_scan(content, at)
            yield content[at:end]
            at = end
    raise CannotOpen("the picture is cut short")


def _end_of_scan(content: bytes, at: int) -> int:
    """Return the place of the marker that ends the packed pixels; zeros and restarts belong to them."""
    while (at := content.find(b"\xff", at)) >= 0 and at + 1 < len(content):
        if content[at + 1] and not _RESTARTS[0] <= content[at + 1] <= _RESTARTS[1]:
            return at
        at += 2
    raise CannotOpen("the picture is cut short")


def _png(content: bytes) -> Iterator[bytes]:
    """Yield the chunks of a PNG that show it, and nothing behind its end."""
    yield _PNG
    at = len(_PNG)
    while at + 12 <= len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        kind = content[at + 4 : at + 8]
        if kind in _KEPT_CHUNKS:
            yield content[at : at + 12 + size]
        if kind == b"IEND":
            return
        at += 12 + size
    raise CannotOpen("the picture is cut short")
