"""Texts of notifications: Jinja over the event of a notice. No personal data of the subject."""

from __future__ import annotations

from typing import Final

from tasks.prefect_io.notices import CASE_EVENT

SUBJECT: Final = (
    "[Rightsflow] {{ event.resource.name }}: "
    f"{{{{ event.event | replace('{CASE_EVENT}.', '') | replace('-', ' ') }}}} ({{{{ event.payload.right }}}})"
    "{% if event.payload.reminder %}, reminder {{ event.payload.reminder }}{% endif %}"
)

BODY: Final = """\
{{ event.payload.text }}

Case: {{ event.resource.name }} ({{ event.payload.right }} request)
Date: {{ event.payload.date }}
{%- if event.payload.link %}
Look: {{ event.payload.link }}
{%- endif %}
{%- if event.payload.reminder %}

This is reminder {{ event.payload.reminder }}: no one has acknowledged this alert yet.
{%- endif %}

{% if event.payload.link and '/desk/' in event.payload.link -%}
To acknowledge it, open the case there, and take note of it under More actions.
{%- else -%}
To acknowledge it, run
rightsflow case acknowledge {{ event.resource.name }} --by NAME
{%- endif %}
"""

SILENCE_SUBJECT: Final = "[Rightsflow] The deadline watch is silent"

SILENCE_BODY: Final = """\
The watch over the requests' deadlines has not run for {minutes}. Until it runs again no alert of a deadline is sent.

Please see to it at once:
1. Does the worker run? Without one no run of watch-deadlines starts; `rightsflow up` or your service manager starts it.
2. Is the schedule of the deployment watch-deadlines switched on in Prefect's UI, and how did its last runs end?
3. Does the case store answer? `rightsflow doctor` says so.
4. Which cases are due meanwhile? `rightsflow board` lists them.

This comes again for as long as the silence lasts.
"""


def silence_body(seconds: float) -> str:
    """Return the text about a silent watch.

    Args:
        seconds: For how long it may be.
    """
    minutes = max(1, round(seconds / 60))
    return SILENCE_BODY.format(minutes="1 minute" if minutes == 1 else f"{minutes} minutes")
