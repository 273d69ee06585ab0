"""A mail server for a bench's letters, and identity that is confirmed by a code mailed there."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import replace

from rightsflow.app import current_app, installed
from rightsflow.cases.course.contacts_on_file import addresses_on_file
from rightsflow.cases.course.identity import (
    GivenBack,
    check_identity_code,
    send_identity_code,
)
from rightsflow.config.sections.mail_server import MailServer
from tests.support.identity import ON_FILE_SINCE

CODE = re.compile(r"^ {4}(\d{4} \d{4})\r?$", re.MULTILINE)


@contextmanager
def mailing(bench, port, *, attach_package_up_to_mb=7, **changes):
    """The bench with a mail server for letters and codes."""
    mail = MailServer(
        **({"host": "127.0.0.1", "port": port, "security": "none", "sender": "mail@example.com"} | changes)
    )
    before, settings = bench.runtime, bench.runtime.settings
    changed = {"mail": mail, "attach_package_up_to_mb": attach_package_up_to_mb}
    delivery = settings.delivery.model_copy(update=changed)
    bench.runtime = replace(before, settings=settings.model_copy(update={"delivery": delivery}))
    with installed(bench.runtime):
        yield
    bench.runtime = before


def identify_by_code(case_id, box, *, mandate=None):
    """Identity is confirmed by a code that the software mails to the first address on file."""
    found = addresses_on_file(current_app(), case_id, by="Ida").addresses[0]
    send_identity_code(current_app(), case_id, found.choice, since=ON_FILE_SINCE, by="Ida")
    code = CODE.search(box.messages[-1].get_content())[1]
    check_identity_code(current_app(), case_id, code, GivenBack.PHONE, by="Ida", mandate=mandate)
    return found.address
