"""``python -m proofs.kills.inbound_acts``: kill the process at every commit of what others send; they send it again.

As :mod:`proofs.kills.desk_acts` does with the desk's acts: a controller or an agent that saw no answer sends the same
again, and what is there has to be what one undisturbed call leaves. Exit status 1 if it is not.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from proofs.kills.desk_acts import kill, main
from proofs.kills.desk_cases import Ready
from rightsflow.app import current_app
from rightsflow.cases.agents.registered_agents import pair_agent
from rightsflow.cases.agents.taking_requests import revoke_agent_request, take_agent_request
from rightsflow.cases.agents.telling_agents import tell_agents
from rightsflow.cases.app import App
from rightsflow.cases.gates.gate_views import reach_gate
from rightsflow.cases.orders.following_orders import cancel_order
from rightsflow.cases.orders.taking_orders import take_order
from rightsflow.cases.orders.telling_controllers import tell_controllers
from rightsflow.config.settings import Settings
from rightsflow.domain.gates.decisions import Gate
from tests.support.agents import BUSINESS, CALLBACK_HOST, drp_section, envelope, exercise, pairing
from tests.support.bench import Bench
from tests.support.brand_and_site import BRAND_DOMAIN, CALLBACK_URL, inbound, order_said, write_keys

URL: Final = "https://localhost/v2"
AGENT: Final = "first"
_DRAWN: Final = re.compile(r"DSR-\d{4}-\w{6}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}")
"""Ids that are drawn, and hashes that are bound to them."""


def _settings(bench: Bench) -> Settings:
    keys = Path(bench.runtime.work_location).parent / "keys"
    write_keys(keys)
    served = inbound(URL, keys, callback_hosts=[BRAND_DOMAIN])
    both = served.model_copy(update={"drp": drp_section().drp})
    return bench.runtime.settings.model_copy(update={"inbound": both})


def _ready(settings: Settings, act: Callable[[App], object]) -> Ready:
    """An act on an application that takes what others send, and whose callbacks are taken by what is called."""

    def does(app: App) -> object:
        return act(replace(app, settings=settings, call_back=lambda *_: None, tell_agent=lambda *_: None))

    return Ready((), does, everything)


def everything(app: App) -> Mapping[str, object]:
    """What the store holds of all cases, and which agents have a token; without what is drawn.

    Args:
        app: The application on the store.
    """
    cases = []
    for one in app.store.summaries(closed_too=True):
        with app.store.case_file(one.case_id) as file:
            entries = [f"{each.event} by {each.actor}: {json.dumps(each.details)}" for each in file.ledger.entries()]
            order, agent = file.orders.present, file.agents.present
            told = (order.told if order else "", agent.told if agent else "")
        cases.append(f"{one.state.value} {told} {_DRAWN.sub('#', repr(sorted(entries)))}")
    return {"cases": {"cases": sorted(cases), "agents": app.store.agent_tokens.paired(BUSINESS)}}


def _take_order(bench: Bench) -> Ready:
    body = json.dumps(order_said(current_app())).encode()
    return _ready(_settings(bench), lambda app: take_order(app, "brand", body))


def _cancel_order(bench: Bench) -> Ready:
    settings = _settings(bench)
    order = take_order(
        replace(current_app(), settings=settings), "brand", json.dumps(order_said(current_app())).encode()
    )
    return _ready(settings, lambda app: cancel_order(app, order))


def _tell_controller(bench: Bench) -> Ready:
    settings = _settings(bench)
    said = order_said(current_app(), status_callback_urls=[CALLBACK_URL])
    app = replace(current_app(), settings=settings)
    cancel_order(app, take_order(app, "brand", json.dumps(said).encode()))
    return _ready(settings, tell_controllers)


def _pair(bench: Bench) -> Ready:
    settings, parent = _settings(bench), os.getpid()

    def ask(app: App) -> object:
        # An agent that saw no answer signs anew: the same message gets no second token.
        later = timedelta(seconds=30 if os.getpid() == parent else 60)
        said = pairing(app) | {"issued-at": (app.now() - later).isoformat()}
        token = pair_agent(app, AGENT, json.dumps(said).encode())
        assert token, "a token is given"
        return token

    return _ready(settings, ask)


def _take_agent_request(bench: Bench) -> Ready:
    plain = json.dumps(exercise(current_app())).encode()
    return _ready(_settings(bench), lambda app: take_agent_request(app, AGENT, plain, envelope(plain)))


def _asked(bench: Bench) -> tuple[Settings, App, str]:
    settings = _settings(bench)
    app, plain = replace(current_app(), settings=settings), json.dumps(exercise(current_app())).encode()
    return settings, app, take_agent_request(app, AGENT, plain, envelope(plain)).request.case_id


def _revoke(bench: Bench) -> Ready:
    settings, _, case_id = _asked(bench)
    return _ready(settings, lambda app: revoke_agent_request(app, AGENT, case_id, b'{"reason": "enough"}'))


def _tell_agent(bench: Bench) -> Ready:
    settings, app, case_id = _asked(bench)
    assert CALLBACK_HOST in settings.inbound.drp.agents[AGENT].callback_hosts if settings.inbound.drp else False
    reach_gate(app, case_id, Gate.IDENTITY)
    return _ready(settings, tell_agents)


INBOUND: Final[Mapping[str, Callable[[Bench], Ready]]] = {
    "an order is taken": _take_order,
    "an order is cancelled": _cancel_order,
    "a controller is told": _tell_controller,
    "an agent gets a token": _pair,
    "an agent's request is taken": _take_agent_request,
    "an agent's request is revoked": _revoke,
    "an agent is told": _tell_agent,
}
"""What others send, each prepared up to the moment at which it arrives."""


if __name__ == "__main__":
    sys.exit(main(lambda name, folder: kill(name, folder, INBOUND[name]), INBOUND))
