"""The letters that a case has written."""

from __future__ import annotations


def letters(bench, case_id):
    with bench.file(case_id) as file:
        return {letter.template_id: " ".join(letter.body.split()) for letter in file.outbox.letters()}
