"""All that Rightsflow takes from Prefect without a promise of Prefect's to keep it.

:mod:`.expected` says what that is and whether the installed Prefect has it; it imports nothing of it, so that it can
be asked first. ``tests/e2e/deployments/worker/test_internals.py`` holds more of it to Prefect's sources. What flows and
tasks take lies in :mod:`tasks.prefect_io.internals`, since they know nothing of this package.
"""
