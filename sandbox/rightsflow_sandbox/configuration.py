"""Writes the sections of ``rightsflow.toml`` that connect Rightsflow with a sandbox."""

from __future__ import annotations

import json
from pathlib import Path

from rightsflow_sandbox.helpdesk.helpdesk_data import ACCOUNT_FIELD
from rightsflow_sandbox.world.names import HOTLINE
from rightsflow_sandbox.world.world import TIMEZONE

_TEMPLATE = """\
[systems.helpdesk]
connector         = "zendesk"
base_url          = {helpdesk_url}
client_id         = {client_id}
client_secret     = {client_secret}
account_id_fields = {{ {account_field} = "payments" }}
default_locale    = "de"
calls_per_minute  = 700
job_poll_seconds  = 0.2
purposes          = ["handling service requests"]
categories        = ["contact data", "service tickets"]
source            = "the data subject"
recipients        = ["Callhouse Lisbon (processor)"]
retention         = "24 months after the ticket is closed"
transfers         = "none"
backup_days       = 0
document_classes  = {{ ticket = "none", call-recording = "none", partner-recording = "none" }}

[systems.payments]
connector         = "stripe"
api_key           = {payments_key}
api_base          = {payments_url}
keep_metadata     = ["order"]
unavailable       = ["checkout_sessions", "credit_notes", "quotes"]
purposes          = ["payment of orders", "accounting"]
categories        = ["contact data", "payment data"]
source            = "the data subject"
recipients        = ["payment provider (processor)"]
retention         = "8 years after the end of the year for vouchers"
transfers         = "none"
backup_days       = 0

[systems.recordings]
connector         = "sql"
url               = {database_url}
files             = {recordings_url}
files_marker      = {marker}
timezone          = {timezone}
own_numbers       = [{hotline}]
purposes          = ["telephone support", "proof of what was agreed"]
categories        = ["call detail records", "call recordings"]
source            = "the data subject, the telephone network"
recipients        = ["Callhouse Lisbon (processor)"]
retention         = "24 months after the call"
transfers         = "none"
backup_days       = 0

[[systems.recordings.tables]]
name              = "cdr"
kind              = "call"
title             = "call detail records"
key               = ["uniqueid", "sequence", "calldate", "dstchannel"]
occurred_at       = "calldate"
group             = "linkedid"
one_person        = false
identities        = [
  {{ column = "accountcode", kind = "customer_id" }},
  {{ column = "src", kind = "phone", direction = "incoming", countries = ["DE"] }},
  {{ column = "dst", kind = "phone", direction = "outgoing", countries = ["DE"] }},
  {{ column = "clid", kind = "phone", form = "caller_id" }},
]
hide              = [
  "channel", "dstchannel", "dcontext", "lastapp", "lastdata", "amaflags", "peeraccount", "sequence",
  "clid", "cnam", "dst_cnam", "outbound_cnam",
]
document_class    = "none"
file              = {{ column = "recordingfile", folder = "%Y/%m/%d", document_class = "none" }}
manual_step       = "Delete the telephone system's own log files of that day, which name the number too."

[systems.recordings.tables.labels]
calldate          = "Call date"
src               = "Caller"
dst               = "Number called"
duration          = "Seconds in all"
billsec           = "Seconds of speech"
disposition       = "Result"
accountcode       = "Your customer number"
uniqueid          = "Number of the call"
did               = "Line called"
cnum              = "Number shown for the caller"
outbound_cnum     = "Our number shown to you"
linkedid          = "Number of the whole call"
channel           = "Telephone line of the caller's side"
dstchannel        = "Telephone line of the other side"
dcontext          = "Part of the dial plan"
lastapp           = "Last step of the dial plan"
lastdata          = "Settings of that step"
amaflags          = "Mark for billing"
peeraccount       = "Account of the other side"
sequence          = "Running number of the entry"
clid              = "Name and number as the caller's line sent them"
cnam              = "Name shown for the caller"
dst_cnam          = "Name shown for the line called"
outbound_cnam     = "Our name shown to you"

[systems.recordings.tables.codes.disposition]
answered          = "Answered"
"no answer"       = "Not answered"
busy              = "Busy"
failed            = "Failed"
"""

PROCESSORS_TOML = """
[processors.callhouse]
name                = "Callhouse Lisbon"
contract            = "DPA-2025-014"
contact             = "privacy@callhouse.example"
management_contact  = "director@callhouse.example"
systems             = ["helpdesk", "recordings"]
categories          = ["call notes", "copies of call recordings"]
holds_own_records   = false
identifiers         = ["customer_id", "email", "phone"]
answers_within_days = 10
sub_processors      = [{ name = "Subcalls Porto" }]
"""
"""The section of the invented company that takes the calls."""


def systems_toml(
    *,
    helpdesk_url: str,
    client_id: str,
    client_secret: Path,
    payments_url: str,
    payments_key: Path,
    database_url: Path,
    recordings: Path,
    marker: str,
) -> str:
    """Return the sections ``[systems.helpdesk]``, ``[systems.payments]`` and ``[systems.recordings]``.

    Args:
        helpdesk_url: Where the helpdesk is.
        client_id: Its OAuth client.
        client_secret: The file with that client's secret.
        payments_url: Where the payment provider is.
        payments_key: The file with its key.
        database_url: The file with the URL of the call detail records.
        recordings: The folder of the recordings.
        marker: The file that always lies in that folder.
    """
    values = {
        "helpdesk_url": helpdesk_url,
        "client_id": client_id,
        "client_secret": f"file:{client_secret}",
        "account_field": ACCOUNT_FIELD,
        "payments_key": f"file:{payments_key}",
        "payments_url": payments_url,
        "database_url": f"file:{database_url}",
        "recordings_url": recordings.as_uri(),
        "marker": marker,
        "timezone": TIMEZONE,
        "hotline": HOTLINE,
    }
    # A JSON string is a basic string of TOML.
    return _TEMPLATE.format(**{name: json.dumps(value) for name, value in values.items()})
