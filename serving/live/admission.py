"""Who may publish in a lesson, and whether it is captioned: at the door, and as it stands later."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lessons.errors import Conflict, NotAllowed, NotFound
from lessons.policy import Action, Credential, Resource, Situation, Standing, Target, decide
from lessons.privacy.consent import ParticipantConsent, Purpose, purposes_of_track
from lessons.records import Lesson, Participant, TrackKind
from serving.live.caption_pace import CaptionPace
from serving.live.caption_rules import CaptionRules
from serving.live.publication import Publisher
from serving.live.worker_stores import Stores


@dataclass(frozen=True, slots=True)
class Admitted:
    """A publication that may begin.

    Attributes:
        lesson: the lesson as it was found; it may not have started.
        participant: who publishes.
        captioned: whether their speech goes to the captioner.
        goes_on: whether somebody publishes in the lesson already.
    """

    lesson: Lesson
    participant: Participant
    captioned: bool
    goes_on: bool


class Admission:
    """Decides what a worker takes in.

    Args:
        stores: the record.
        rules: whether a tenant's speech is captioned at all.
        pace: whether the captioner has room.
        is_held: tells whether this worker holds a lesson already.
    """

    def __init__(
        self,
        stores: Stores,
        rules: CaptionRules,
        pace: CaptionPace,
        is_held: Callable[[str], bool],
    ) -> None:
        self._stores = stores
        self._rules = rules
        self._pace = pace
        self._is_held = is_held

    async def admit(
        self, credential: Credential, lesson_id: str, kinds: Sequence[TrackKind]
    ) -> Admitted:
        """See that a participant may publish tracks of these kinds.

        Raises:
            NotFound: the caller is no participant, or there is no such lesson.
            NotAllowed: the token is for another lesson, or its role does not publish.
            ConsentMissing: the participant's consent does not cover the tracks.
            WrongRegion: the models run in another region than the tenant is bound to.
            Conflict: the lesson has ended.
            NoHeadroom: the captioner has no room for another lesson.
        """
        lesson, participant, consent = await self._look_up(credential, lesson_id, kinds)
        allowed = await self._rules.allow(lesson.tenant_id)
        captioned = allowed and consent.permits(Purpose.CAPTIONS)
        goes_on = await self._is_live(lesson)
        if captioned:
            await self._pace.admit(live=goes_on)
        return Admitted(lesson, participant, captioned, goes_on)

    async def may_publish(self, publisher: Publisher) -> bool:
        """Tell whether a publisher's role still publishes, as it stands now."""
        lesson = publisher.lesson.lesson
        participant = await self._stores.lessons.get_participant(
            lesson.tenant_id, lesson.id, publisher.participant.id
        )
        try:
            _require_publishing(lesson.tenant_id, lesson.id, participant)
        except NotAllowed:
            return False
        return True

    async def consent_of(self, publisher: Publisher) -> ParticipantConsent:
        """Return what a publisher consents to, as it stands now."""
        lesson = publisher.lesson.lesson
        return await self._stores.consents.of_participant(
            lesson.tenant_id, lesson.id, publisher.participant.id
        )

    async def _look_up(
        self, credential: Credential, lesson_id: str, kinds: Sequence[TrackKind]
    ) -> tuple[Lesson, Participant, ParticipantConsent]:
        tenant_id, participant_id = credential.tenant_id, credential.participant_id
        if participant_id is None:
            raise NotFound(
                "An API key is no participant.",
                field="Authorization",
                fix="Publish with a participant token: POST .../participants/{id}/token.",
            )
        participant = await self._stores.lessons.get_participant(
            tenant_id, lesson_id, participant_id
        )
        _require_publishing(tenant_id, credential.lesson_id, participant)
        lesson = await self._stores.lessons.get_lesson(tenant_id, lesson_id)
        if lesson.status == "ended":
            raise Conflict(
                "The lesson has ended.", field="lesson_id", fix="Create a new lesson for it."
            )
        consent = await self._stores.consents.of_participant(tenant_id, lesson_id, participant_id)
        for kind in kinds:
            consent.require(purposes_of_track(kind, "live"), participant_id)
        if consent.permits(Purpose.CAPTIONS):
            self._stores.pin.require_models(tenant_id)
        return lesson, participant, consent

    async def _is_live(self, lesson: Lesson) -> bool:
        """Whether somebody publishes in the lesson already, through this worker or another."""
        if self._is_held(lesson.id):
            return True
        if lesson.status == "scheduled":
            return False
        tracks = await self._stores.tracks.list_tracks(lesson.tenant_id, lesson.id)
        return any(track.ended_at_ms is None for track in tracks)


def _require_publishing(tenant_id: str, lesson_id: str | None, participant: Participant) -> None:
    """Hold a participant's role as it is now, not as their token says, against the policy.

    Args:
        lesson_id: the lesson that the token is for.

    Raises:
        NotAllowed: the role does not publish, or the token is for another lesson.
    """
    caller = Credential(tenant_id, "participant", lesson_id, participant.id)
    held = Standing(participant.role, tenant_id, lesson_id)
    target = Target((tenant_id,), participant.lesson_id)
    decide(caller, Action.PUBLISH, Resource.MEDIA, Situation((held,), target))
