"""The means of one operation for one person: the API, who is known, what was read already."""

from __future__ import annotations

from connectors.registry import ControllerPlace
from connectors.zendesk.client import Api
from connectors.zendesk.conversations import Conversations
from connectors.zendesk.people import UserDirectory
from connectors.zendesk.settings import ZendeskSettings
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.records import RecordRef


class Session:
    """The means of one operation.

    Args:
        api: The API during the operation.
        settings: The account's section of the configuration.
        place: Where the controller is.
        known: The subject's identifiers.
    """

    def __init__(self, api: Api, settings: ZendeskSettings, place: ControllerPlace, known: Identifiers) -> None:
        self.api = api
        self.settings = settings
        self.place = place
        self.known = known
        self.directory = UserDirectory(api, settings, place, known)
        self.conversations = Conversations(api, self.directory, known, place.country)

    def ref(self, kind: str, key: object) -> RecordRef:
        """The ref of a record of this system."""
        return RecordRef(self.api.http.system, kind, str(key))
