"""Opens a file of any kind, also one that lies in another one."""

from __future__ import annotations

from rightsflow.files.kinds.job import CannotOpen, FilePass, Walk, apart, composed, inside, replaced
from rightsflow.files.kinds.recognition import FileKind, recognise, why_not
from rightsflow.files.kinds.text_encodings import other_readings, text_of


def inner_file(content: bytes, job: FilePass, where: str, depth: int) -> bytes:
    """Go through a file in a file; returns it as it is given.

    Args:
        content: The file.
        job: The pass.
        where: Its place in the outermost file.
        depth: How deep it lies there.

    Raises:
        CannotOpen: It cannot be opened, or a limit is reached.
    """
    return walk(content, job, where, depth)[1]


def walk(content: bytes, job: FilePass, where: str = "", depth: int = 0) -> tuple[FileKind, bytes]:
    """Go through a file; returns its kind, and the file as it is given.

    Args:
        content: The file.
        job: The pass.
        where: Its place in the outermost file.
        depth: How deep it lies there.

    Raises:
        CannotOpen: It cannot be opened, or a limit is reached.
    """
    job.enter(depth)
    if what := why_not(content):
        raise CannotOpen(f"{what}, which the software does not open")
    kind = recognise(content)
    if kind is None:
        raise CannotOpen("its kind is not known, or it is damaged")
    if kind.is_text:
        return kind, _text(content, job, where)
    return kind, _walk_of(kind)(content, job, where, depth)


def _text(content: bytes, job: FilePass, where: str) -> bytes:
    read = text_of(content)
    if read is None:
        raise CannotOpen("its encoding is not known")
    whole = composed(read.text)
    spans = list(job.take(whole, where))
    for other in other_readings(content, read) if whole == read.text else ():
        if other.strip():
            spans += job.take(other, inside(where, "in another encoding"))
    return read.written(replaced(whole, apart(spans))) if spans else content


def _walk_of(kind: FileKind) -> Walk:
    """Return the function of a kind; the libraries of most are loaded for their own files only."""
    # ruff: noqa: PLC0415
    if kind is FileKind.MAIL:
        from rightsflow.files.kinds.mail import walk
    elif kind in {FileKind.ZIP, FileKind.TAR, FileKind.PACKED}:
        from rightsflow.files.kinds.archives import walk
    else:
        return _with_libraries(kind)
    return walk


def _with_libraries(kind: FileKind) -> Walk:
    try:
        if kind is FileKind.PDF:
            from rightsflow.files.kinds.pdf import walk
        elif kind is FileKind.PICTURE:
            from rightsflow.files.kinds.pictures import walk
        else:
            from rightsflow.files.kinds.office import walk
    except ImportError as missing:
        raise CannotOpen(f"{kind.value}: install rightsflow[files], which reads it") from missing
    return walk
