"""Any relational system that the configuration describes.

Call detail records with their recordings are one, a home-grown ticket database or a table of customers another.
"""

from connectors.sql.connector import CONNECTOR, SqlConnector
from connectors.sql.settings import SqlSettings

__all__ = ["CONNECTOR", "SqlConnector", "SqlSettings"]
