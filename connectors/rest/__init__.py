"""Systems with a REST API, each described in a file: one engine, many descriptions."""

from connectors.registry import ConnectorType
from connectors.rest.connector import RestConnector, build
from connectors.rest.settings import RestSettings

__all__ = ["CONNECTOR", "RestConnector", "RestSettings"]

CONNECTOR = ConnectorType(settings=RestSettings, build=build)
