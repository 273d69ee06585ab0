"""Recordings in an object store that speaks S3: Amazon S3, and others behind ``endpoint_url``.

``settings`` says how a person's objects are known, ``locate`` finds them so, ``bucket`` is the only module that calls
the store, and ``connector`` puts the contract of ``rightsflow.domain.connector`` around them.
"""

from connectors.registry import ConnectorType
from connectors.s3.connector import S3Connector
from connectors.s3.settings import S3Settings

__all__ = ["CONNECTOR", "S3Connector", "S3Settings"]

CONNECTOR = ConnectorType(settings=S3Settings, build=S3Connector)
