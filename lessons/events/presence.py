"""Who is in the lesson, in which role, and whether they are there at the moment."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from lessons.events.data import EventData
from lessons.events.families import Family
from lessons.events.values import Name
from lessons.roles import Role

_PARTICIPANT = "par_01kb9x5t7v0000000000000000"


class ParticipantJoined(EventData):
    """A participant connected to the lesson."""

    type = "participant.joined"
    shared = True
    example: ClassVar = {"participant_id": _PARTICIPANT, "name": "Ada", "role": "learner"}

    participant_id: str = Field(description="Who connected")
    name: str = Field(description="Name as shown in the lesson")
    role: Role = Field(description="Role in this lesson")


class ParticipantLeft(EventData):
    """A participant's connection ended; the reason says how."""

    type = "participant.left"
    shared = True
    example: ClassVar = {"participant_id": _PARTICIPANT, "reason": "left"}

    participant_id: str = Field(description="Whose connection ended")
    reason: str = Field(
        description="`left`, `connection lost`, `worker lost`, `removed` or `lesson ended`"
    )


class RoleChanged(EventData):
    """A participant has another role from here on; open streams follow it."""

    type = "role.changed"
    shared = True
    example: ClassVar = {
        "participant_id": _PARTICIPANT,
        "previous_role": "learner",
        "role": "teaching_assistant",
        "changed_by": "key_01kb9x5t7v0000000000000000",
    }

    participant_id: str = Field(description="Whose role it is")
    previous_role: Role = Field(description="Role until now")
    role: Role = Field(description="Role from now on")
    changed_by: str = Field(description="Id of the API key, person or participant that changed it")


class PresenceChanged(EventData):
    """The subject went away from the lesson or came back, without leaving it."""

    type = "presence.changed"
    needs_subject = True
    shared = True
    example: ClassVar = {"state": "away", "reason": "chosen"}

    state: Literal["present", "away"] = Field(description="How it is from here on")
    reason: Literal["chosen", "network", "device"] | None = Field(
        default=None,
        description="`chosen`: a break; `network`: it was cut; `device`: it slept",
    )
    device: Name | None = Field(
        default=None, description="The platform's id of the device, where there are several"
    )


PRESENCE = Family(
    "presence",
    "Presence",
    "Who is in the lesson and in which role. Lectern records connections and roles; a platform may "
    "add when somebody is away without having left.",
    recorded=(ParticipantJoined, ParticipantLeft, RoleChanged),
    posted=(PresenceChanged,),
)
