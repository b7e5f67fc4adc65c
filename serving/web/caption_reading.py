"""A lesson's captions as one reader may see them, entered in the disclosure log before they go."""

from __future__ import annotations

from collections.abc import Sequence

from lessons.captions import Caption, captions_of
from lessons.policy import Action, Credential, Resource
from serving.web.authorization import authorize
from serving.web.services import Services


async def captions_for(services: Services, reader: Credential, lesson_id: str) -> list[Caption]:
    """Return those final captions of a lesson that the reader may see, corrections applied.

    Raises:
        NotAllowed: the reader may see none.
        NotFound: the tenant has no such lesson.
    """
    access = await authorize(services, reader, Action.READ, Resource.CAPTION, lesson_id=lesson_id)
    events = await services.caption_records.events(reader.tenant_id, lesson_id)
    return [item for item in captions_of(events) if access.covers(item.participant_id)]


async def disclose_captions(
    services: Services,
    reader: Credential,
    lesson_id: str,
    captions: Sequence[Caption],
    purpose: str | None,
) -> None:
    """Enter whose captions a reader is about to see.

    Raises:
        Unavailable: it cannot be entered, so nothing must be shown.
    """
    speakers = {item.participant_id for item in captions}
    await services.disclosures.record(
        reader, "captions", lesson_id=lesson_id, participant_ids=speakers, purpose=purpose
    )
