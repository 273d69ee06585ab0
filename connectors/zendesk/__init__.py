"""Zendesk Support: service tickets, Talk recordings, suspended tickets and the profiles of customers."""

from connectors.registry import ConnectorType
from connectors.zendesk.connector import ZendeskConnector, build
from connectors.zendesk.settings import ZendeskSettings

__all__ = ["CONNECTOR", "ZendeskConnector", "ZendeskSettings"]

CONNECTOR = ConnectorType(settings=ZendeskSettings, build=build)
