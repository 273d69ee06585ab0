"""The telephone system: a database of call detail records and a folder of recordings, as Asterisk/FreePBX keep them.

The table is the one of ``asteriskcdrdb``: no primary key, ``calldate`` in local time without a zone, several rows per
call that share ``linkedid`` and the recording's bare name. The recordings lie in folders by day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Column, DateTime, Index, Integer, MetaData, String, Table, create_engine
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import SQLAlchemyError

from rightsflow_sandbox.processes import SandboxError
from rightsflow_sandbox.telephony.audio import record
from rightsflow_sandbox.world.model import Agent, PhoneCall
from rightsflow_sandbox.world.names import HOTLINE
from rightsflow_sandbox.world.world import TIMEZONE, World

METADATA = MetaData()

CDR = Table(
    "cdr",
    METADATA,
    Column("calldate", DateTime, nullable=False),
    *(Column(name, String(80), nullable=False, server_default="") for name in ("clid", "src", "dst", "dcontext")),
    *(Column(name, String(80), nullable=False, server_default="") for name in ("channel", "dstchannel", "lastapp")),
    Column("lastdata", String(80), nullable=False, server_default=""),
    Column("duration", Integer, nullable=False, server_default="0"),
    Column("billsec", Integer, nullable=False, server_default="0"),
    Column("disposition", String(45), nullable=False, server_default=""),
    Column("amaflags", Integer, nullable=False, server_default="0"),
    Column("accountcode", String(20), nullable=False, server_default=""),
    Column("uniqueid", String(32), nullable=False, server_default=""),
    Column("userfield", String(255), nullable=False, server_default=""),
    Column("did", String(50), nullable=False, server_default=""),
    Column("recordingfile", String(255), nullable=False, server_default=""),
    *(Column(name, String(80), nullable=False, server_default="") for name in ("cnum", "cnam", "outbound_cnum")),
    *(Column(name, String(80), nullable=False, server_default="") for name in ("outbound_cnam", "dst_cnam")),
    Column("linkedid", String(32), nullable=False, server_default=""),
    Column("peeraccount", String(80), nullable=False, server_default=""),
    Column("sequence", Integer, nullable=False, server_default="0"),
    *(Index(f"cdr_{name}", name) for name in ("calldate", "dst", "accountcode", "uniqueid", "did", "recordingfile")),
)
"""The field's usual table."""

_RINGING_SECONDS = 7
_DID = "0" + HOTLINE.removeprefix("+49")


def create_call_store(world: World, database_url: str, recordings: Path) -> None:
    """Create the table with all rows, and all recordings.

    Args:
        world: Whose calls.
        database_url: SQLAlchemy URL of a database without a table ``cdr``.
        recordings: The folder of the recordings; made if it is missing.

    Raises:
        SandboxError: The database cannot be used.
    """
    try:
        engine = engine_for(database_url)
        METADATA.create_all(engine, checkfirst=False)
        with engine.begin() as connection:
            connection.execute(CDR.insert(), [row for call in world.calls for row in rows_of(call, world.agents)])
        engine.dispose()
    except SQLAlchemyError as error:
        raise SandboxError(
            f"The call records cannot be made ({type(error).__name__}): check the database's URL, and that it has no "
            "table cdr yet."
        ) from None
    for call in world.calls:
        if call.recorded:
            path = recordings / recording_path(call)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(record(call.seconds, key=f"{world.seed}/{call.unique_id}", stereo=call.stereo).data)


def engine_for(database_url: str) -> Engine:
    """Return an engine for the database; a PostgreSQL URL need not name the driver."""
    url = make_url(database_url)
    return create_engine(url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url)


def local_time(call: PhoneCall) -> datetime:
    """Return the time at which the call began, in the telephone system's local time without a zone."""
    return call.started_at.astimezone(ZoneInfo(TIMEZONE)).replace(tzinfo=None)


def recording_name(call: PhoneCall) -> str:
    """Return the recording's bare name, ``{type}-{dest}-{from}-{date}-{time}-{uniqueid}.wav``; empty if none."""
    if not call.recorded:
        return ""
    ends = (_DID, call.shown_as) if call.direction == "in" else (call.shown_as, call.agents[0])
    return f"{call.direction}-{ends[0]}-{ends[1]}-{local_time(call):%Y%m%d-%H%M%S}-{call.unique_id}.wav"


def recording_path(call: PhoneCall) -> Path:
    """Return the recording's path below the folder of the recordings: in the folder of the day the call began."""
    return Path(f"{local_time(call):%Y/%m/%d}") / recording_name(call)


def unique_ids_of(call: PhoneCall) -> tuple[str, ...]:
    """Return the keys of all rows of a call, one per leg."""
    epoch = int(call.started_at.timestamp())
    return tuple(f"{epoch}.{call.counter + 2 * leg}" for leg in range(len(call.agents)))


def rows_of(call: PhoneCall, agents: tuple[Agent, ...]) -> Iterator[dict[str, Any]]:
    """Yield the rows of a call: one per agent it was passed on to."""
    names = {agent.extension: agent.name for agent in agents}
    for leg, (extension, unique_id) in enumerate(zip(call.agents, unique_ids_of(call), strict=True)):
        ends = _inbound if call.direction == "in" else _outbound
        yield {
            "calldate": local_time(call),
            "dcontext": "ext-queues" if call.direction == "in" else "from-internal",
            "duration": call.seconds + _RINGING_SECONDS,
            "billsec": call.seconds if call.recorded else 0,
            "disposition": "ANSWERED" if call.recorded else "NO ANSWER",
            "amaflags": 3,
            "accountcode": call.account_code,
            "uniqueid": unique_id,
            "userfield": "",
            "recordingfile": recording_name(call),
            "linkedid": call.unique_id,
            "peeraccount": "",
            "sequence": call.counter + leg,
            **ends(call, extension, names[extension]),
        }


def _inbound(call: PhoneCall, extension: str, agent: str) -> dict[str, str]:
    return {
        "clid": f'"{call.caller_name or call.shown_as}" <{call.shown_as}>',
        "src": call.shown_as,
        "dst": extension,
        "channel": f"PJSIP/trunk-{call.counter:08x}",
        "dstchannel": f"PJSIP/{extension}-{call.counter + 1:08x}",
        "lastapp": "Queue",
        "lastdata": "600,t,,,",
        "did": _DID,
        "cnum": call.shown_as,
        "cnam": call.caller_name,
        "outbound_cnum": "",
        "outbound_cnam": "",
        "dst_cnam": agent,
    }


def _outbound(call: PhoneCall, extension: str, agent: str) -> dict[str, str]:
    return {
        "clid": f'"{agent}" <{extension}>',
        "src": extension,
        "dst": call.shown_as,
        "channel": f"PJSIP/{extension}-{call.counter:08x}",
        "dstchannel": f"PJSIP/trunk-{call.counter + 1:08x}",
        "lastapp": "Dial",
        "lastdata": f"PJSIP/{call.shown_as}@trunk,300,T",
        "did": "",
        "cnum": extension,
        "cnam": agent,
        "outbound_cnum": _DID,
        "outbound_cnam": "",
        "dst_cnam": call.caller_name,
    }
