"""The section of a system without an interface: which colleague looks in it by hand, and what lies there."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from rightsflow.config.sections.asked_settings import AskedSettings
from rightsflow.config.sections.processor_settings import OpenDsrSettings, SubProcessor
from rightsflow.config.sections.system_settings import Line, SystemSettings
from rightsflow.domain.processors.terms import Action, ProcessorChannel, ProcessorRole
from rightsflow.domain.vocabulary.rights import Right


class ByHandSettings(AskedSettings):
    """A system that no program reaches, such as an archive: its owner is asked in each case, and has to answer.

    Args:
        name: The system, as letters name it.
        owner: The colleague or team that searches it. Tasks and their mails address them by this name; no letter to the
            person names them.
        contact: The e-mail address for tasks.
        management_contact: The e-mail address for reminders if they do not answer.
        purposes: The purposes of the processing, Art. 15(1)(a).
        categories: The categories of data, Art. 15(1)(b).
        source: The source of the data, Art. 15(1)(g).
        recipients: The recipients of the data, by name (Art. 15(1)(c)); ``"none"`` if there are none.
        retention: The period of retention, in words, Art. 15(1)(d).
        transfers: Transfers to third countries and their safeguards, Art. 15(2); ``"none"`` if there are none.
        identifiers: The kinds of identifier by which they search for a person, the best one first: ``email``,
            ``phone``, ``customer_id``, ``account_id``. A task names the identifiers of the first kind that is known of
            the person.
        rights: The requests in which they get a task: ``access``, ``erasure``, ``rectification``, ``restriction``,
            ``objection``, ``consent-withdrawal``; all of them by default.
        channel: The way in which a task is sent: ``manual``, by a person; ``email``, by the mail server of
            ``[delivery.mail]``, with reminders and a one-time link to the page for the answer.
        answers_within_days: The agreed number of days for an answer.
        proof: The required proof: ``counts``, the number of records; ``file``, a document such as a log.
    """

    owner: str = Field(min_length=1, max_length=120)
    purposes: tuple[Line, ...] = Field(min_length=1)
    source: Line
    recipients: tuple[Line, ...] | Literal["none"]
    retention: Line
    transfers: Line
    rights: tuple[Right, ...] = tuple(Right)
    channel: Literal[ProcessorChannel.MANUAL, ProcessorChannel.EMAIL] = ProcessorChannel.MANUAL

    @property
    def role(self) -> ProcessorRole:
        """The owner's role towards the controller: a colleague."""
        return ProcessorRole.COLLEAGUE

    @property
    def contract(self) -> str:
        """No contract: they are of the controller's own house."""
        return ""

    @property
    def systems(self) -> tuple[str, ...]:
        """No systems: no program searches those that the owner looks in."""
        return ()

    @property
    def sub_processors(self) -> tuple[SubProcessor, ...]:
        """No sub-processors."""
        return ()

    @property
    def opendsr(self) -> OpenDsrSettings | None:
        """No interface."""
        return None

    def channel_for(self, _action: Action) -> ProcessorChannel:
        """Return the channel by which a task is sent, the same for every action."""
        return self.channel

    @property
    def processing(self) -> SystemSettings:
        """The record of processing of the system."""
        return SystemSettings(
            connector="by hand",
            purposes=self.purposes,
            categories=self.categories,
            source=self.source,
            recipients=self.recipients,
            retention=self.retention,
            transfers=self.transfers,
        )
