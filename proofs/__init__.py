"""Proofs that judge what Rightsflow did by means of their own."""

import tests  # noqa: F401 - its variables, such as short waits between attempts, are read while modules are imported
