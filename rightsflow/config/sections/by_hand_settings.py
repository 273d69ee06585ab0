"""The section of a system without an interface: which colleague looks in it by hand, and what lies there."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from rightsflow.config.sections.asked_settings import AskedSettings
from rightsflow.config.sections.processor_settings import OpenDsrSettings, SubProcessor
from rightsflow.config.sections.system_settings import Line, SystemSettings
from rightsflow.domain.processors.terms import Action, ProcessorChannel, ProcessorRole
from rightsflow.domain.request import Right


class ByHandSettings(AskedSettings):
    """A system that no program reaches, such as an archive: its owner is asked in each case, and has to answer.

    Args:
        name: The system, as letters name it.
        owner: Who looks in it: a colleague, or their team. The task and its mails address them so; no letter to the
            person names them.
        contact: Where tasks go.
        management_contact: Whom to write to where they stay silent.
        purposes: Why the data are processed, Art. 15(1)(a).
        categories: Which data, Art. 15(1)(b).
        source: Where they come from, Art. 15(1)(g).
        recipients: Who gets them, by name (Art. 15(1)(c)); ``"none"`` where there are none.
        retention: How long they are kept, in words, Art. 15(1)(d).
        transfers: Transfers to third countries and their safeguards, Art. 15(2); ``"none"`` where there are none.
        identifiers: By which kinds of identifier they find a person, the best one first: ``email``, ``phone``,
            ``customer_id``, ``account_id``. They are told those of the first kind that is known of the person.
        rights: In which requests they are asked: ``access``, ``erasure``, ``rectification``, ``restriction``,
            ``objection``, ``consent-withdrawal``; all of them where nothing is said.
        channel: How a task reaches them: ``manual``, where a person passes the text on; ``email``, where the mail
            server of ``[delivery.mail]`` does, and reminds them, with a one-time link to the page on which they answer.
        answers_within_days: Within how many days they have agreed to answer.
        proof: What they have to return: ``counts``, how many records; ``file``, a document such as a log.
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
