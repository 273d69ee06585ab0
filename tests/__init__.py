"""The tests. Set before any package is imported: a failing step is tried again at once instead of after minutes."""

import os

os.environ["RIGHTSFLOW_RETRY_SECONDS"] = "[0.05, 0.05]"
