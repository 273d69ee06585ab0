"""The growth curves as a picture: cases a second with more workers, and seconds a case with more stored cases."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

INK = "#143a63"
Curve = Sequence[tuple[int, float]]


def draw(path: Path, by_workers: Curve, by_stored: Curve) -> None:
    """Draw both curves side by side."""
    from matplotlib import rcParams
    from matplotlib.figure import Figure

    # The same numbers give the same file: no date in it, no ids by chance.
    rcParams["svg.hashsalt"] = "growth"
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    _curve(left, by_workers, "workers", "cases a second", "{:.2f}")
    left.set_xticks([count for count, _ in by_workers])
    _curve(right, by_stored, "stored cases", "seconds a case, its steps in a row", "{:.2f}")
    right.set_xscale("log")
    figure.savefig(path, metadata={"Date": None})


def _curve(axes, curve: Curve, x: str, y: str, written: str) -> None:
    axes.plot(*zip(*curve, strict=True), marker="o", color=INK)
    for at, value in curve:
        axes.annotate(written.format(value), (at, value), textcoords="offset points", xytext=(0, 8), ha="center")
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.set_ylim(0, 1.3 * max(value for _, value in curve))
    axes.margins(x=0.1)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
