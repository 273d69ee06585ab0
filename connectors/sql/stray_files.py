"""Files of a location that no entry leads to: no person can be found for them. And folders beside the layouts."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from connectors.sql.files import FileStore, NamedFiles
from connectors.sql.layouts import Layout, is_inside
from connectors.sql.pointing import Pointing, required
from connectors.sql.rows import SqlSite
from rightsflow.domain.coverage import PlaceKind, SystemPlace

_MOST: Final = 500
"""So many files of a folder are looked at, those of the last days first."""
_MOST_ALIKE: Final = 20_000
"""The number of files among which one is looked for that is not where it was."""
_STRAYS: Final = "files that no entry names"
_BESIDE: Final = "files that no search reads"


@dataclass(frozen=True, slots=True)
class Strays:
    """The files in a folder of a layout that no entry names.

    Args:
        folder: The folder, as the layout begins; a dot for the location itself.
        looked_at: How many files were looked at.
        unnamed: How many of them no entry names.
    """

    folder: str
    looked_at: int
    unnamed: int


def strays(site: SqlSite) -> Iterator[Strays]:
    """Yield the folders of layouts with files that no entry names, by a bounded look."""
    if site.files is None:
        return
    site.files.check()
    for kind, layout in site.files.layouts.items():
        for folder in layout.folders:
            looked_at = list(islice(_files_below(site.files, folder), _MOST))
            if unnamed := _unnamed(site, kind, layout, looked_at):
                yield Strays(folder or ".", len(looked_at), unnamed)


def uncovered_files(site: SqlSite) -> Iterator[SystemPlace]:
    """Yield the folders with such files, and those beside the folders of the layouts."""
    for found in strays(site):
        lines = "# a pattern of file.layout is missing, or the entries of the files are gone"
        yield SystemPlace(kind=PlaceKind.PREFIX, name=found.folder, looks_like=_STRAYS, lines=lines)
    if site.files is None or any(not column.layout for _, column in site.with_files()):
        # Where entries name paths, a folder may be theirs.
        return
    used = {folder for layout in site.files.layouts.values() for folder in layout.folders}
    used |= {posixpath.dirname(table.csv.path) for table in site.settings.tables if table.csv}
    for parent in sorted({above for folder in used for above in _above(folder)}):
        for entry in required(site.files).listing(parent):
            path = posixpath.join(parent, entry.name)
            is_used = any(is_inside(path, folder) or is_inside(folder, path) for folder in used)
            if entry.is_folder and not is_used and not entry.name.startswith("."):
                lines = f'# to file.layout: "{path}/…{{id}}…"'
                yield SystemPlace(kind=PlaceKind.PREFIX, name=f"{path}/", looks_like=_BESIDE, lines=lines)


def unnamed_alike(pointing: Pointing, path: str) -> bool:
    """Return True if a file of the same name lies elsewhere in the location, by a bounded look, and no row names it.

    Args:
        pointing: Finds the rows that point at files.
        path: The file.
    """
    files = required(pointing.site.files)
    names = frozenset().union(*(files.names([path], column).last for _, column in pointing.site.with_files()))
    wanted = {name.casefold() for name in names}
    below = islice(_files_below(files, ""), _MOST_ALIKE)
    alike = [each for each in below if each != path and posixpath.basename(each).casefold() in wanted]
    return bool({*alike} - pointing.by_path(alike).keys())


def _above(folder: str) -> Iterator[str]:
    while folder:
        folder = posixpath.dirname(folder)
        yield folder


def _files_below(files: FileStore, folder: str) -> Iterator[str]:
    """The files below a folder, those in folders of the last days first."""
    entries = sorted(files.listing(folder), key=lambda entry: entry.name, reverse=True)
    for entry in (item for item in entries if not item.name.startswith(".") and not item.is_link):
        path = posixpath.join(folder, entry.name)
        if entry.is_folder:
            yield from _files_below(files, path)
        else:
            yield path


def _unnamed(site: SqlSite, kind: str, layout: Layout, paths: list[str]) -> int:
    registers = [table.csv.path.rpartition("/")[2] for table in site.settings.tables if table.csv]
    ids = {path: layout.ids_in(path) for path in paths if not path.endswith(tuple(registers))}
    sought = NamedFiles(last=frozenset(), whole=frozenset[str]().union(*ids.values()))
    named = {rows.file_value(row) for rows, _ in site.with_files(kind) for row in rows.naming_files(sought, "coverage")}
    return sum(not own & named for own in ids.values())
