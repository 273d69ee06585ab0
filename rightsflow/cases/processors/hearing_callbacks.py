"""Hear a processor's callback: whose it is is proved first; then the status that it speaks of is read from there.

A callback moves nothing by itself: what a request's status is, its signed answer to our own call says.
"""

from __future__ import annotations

from collections.abc import Mapping

from rightsflow.cases.app import App
from rightsflow.cases.processors.asking_over_opendsr import read_now
from rightsflow.domain.errors import Refused


def hear_callback(app: App, body: bytes, headers: Mapping[str, str]) -> bool:
    """Take a callback; returns whether an instruction moved on by it.

    Args:
        app: What it works with.
        body: Its bytes, as they came.
        headers: Its headers.

    Raises:
        Refused: It is not proved to be a processor's that is to call back, or is about nothing of ours.
        Transient: The processor or the case store does not answer.
    """
    named = {name.lower(): value for name, value in headers.items()}
    domain = (named.get(_DOMAIN) or named.get(_BEFORE_VERSION_2) or "").strip().lower()
    for key, section in app.settings.processors.items():
        config = section.opendsr
        if config is None or not config.calls_back or config.domain.lower() != domain or app.open_opendsr is None:
            continue
        processor = app.open_opendsr(key, config, app.now)
        return read_now(app, key, processor, processor.told_by_callback(body, headers))
    raise Refused("The callback is of no processor that is to call back.", system="", operation="callback")


_DOMAIN = "x-opendsr-processor-domain"
_BEFORE_VERSION_2 = "x-opengdpr-processor-domain"
