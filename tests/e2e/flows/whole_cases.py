"""Cases from the form to the answer, as the tests of the flows play them."""

from __future__ import annotations

from flows.access import access_request
from flows.erasure import erasure_request

FLOWS = {"access": access_request, "erasure": erasure_request}


def go(right, case_id):
    return FLOWS[right](case_id, return_state=True)


def letters(bench, case_id):
    with bench.file(case_id) as file:
        return {letter.template_id: letter.body for letter in file.outbox.letters()}
