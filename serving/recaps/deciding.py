"""What people do with a recap: edit it, approve it, hold it; each is an event of the lesson."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from lessons.errors import Conflict, InvalidInput, NotFound
from lessons.events import EventDraft, RecapApproved, RecapEdited, RecapHeld
from lessons.recaps.content import RecapContent, RecapLine
from lessons.recaps.parts import told_in
from lessons.recaps.record import Recap
from lessons.store import Ledger
from operations.recaps.discretion import Others
from serving.recaps.keeping import drafts_of, grade_of
from serving.recaps.standing import NEEDED_CONSENT, LessonRecaps, RecapStanding


@dataclass(frozen=True, slots=True)
class RecapDecisions:
    """Decides on one recap at a time, by the version that the person has read."""

    standing: RecapStanding
    ledger: Ledger

    async def edit(
        self, found: LessonRecaps, recap: Recap, version: int, content: RecapContent, actor: str
    ) -> LessonRecaps:
        """Store what a person made of it.

        Raises:
            Conflict: it has changed since the person read it.
            InvalidInput: it names another learner, rests on claims that the draft has not, or has
                a line that would need two people's keys.
        """
        _require_version(recap, version)
        _require_known_claims(recap, content)
        _require_no_others(found, recap, content)
        content = _with_their_claims(recap, content)
        _require_one_owner(found, recap, content)
        grade = await asyncio.to_thread(grade_of, content, found.names_for(recap.participant_id))
        data = RecapEdited(
            recap_version=version + 1, content=content, reading_grade=grade, edited_by=actor
        )
        speakers = found.speakers(recap.participant_id)
        return await self._append(found, drafts_of(recap.participant_id, data, speakers))

    async def approve(
        self, found: LessonRecaps, recap: Recap, version: int, actor: str
    ) -> LessonRecaps:
        """Let it go to the child's guardians.

        Raises:
            Conflict: it has changed since the person read it, or its summary holds no more.
            ConsentMissing: consent does not cover it.
        """
        _require_version(recap, version)
        found.consents[recap.participant_id].require(NEEDED_CONSENT, recap.participant_id)
        if recap.status == "held" and recap.held_reason != "tutor":
            raise Conflict(
                "What it rests on has changed.",
                field="version",
                fix="Wait a moment: it is drafted again as soon as there is a summary.",
            )
        data = RecapApproved(recap_version=version, approved_by=actor)
        return await self._append(found, [EventDraft(data, None, recap.participant_id)])

    async def hold(
        self, found: LessonRecaps, recap: Recap, version: int, remark: str | None, actor: str
    ) -> LessonRecaps:
        """Let it go to nobody.

        Raises:
            Conflict: it has changed since the person read it.
        """
        _require_version(recap, version)
        data = RecapHeld(recap_version=version, reason="tutor", held_by=actor, remark=remark)
        return await self._append(found, [EventDraft(data, None, recap.participant_id)])

    async def _append(self, found: LessonRecaps, drafts: Sequence[EventDraft]) -> LessonRecaps:
        where = (found.lesson.tenant_id, found.lesson.id)
        try:
            await self.ledger.append(*where, drafts)
        except Conflict as taken:
            raise _changed() from taken
        return await self.standing.read(*where)


def recap_of(found: LessonRecaps, participant_id: str) -> Recap:
    """Return the recap about a learner.

    Raises:
        NotFound: there is none.
    """
    recap = found.about(participant_id)
    if recap is None or participant_id not in found.participants:
        raise NotFound(
            "There is no recap about this learner.",
            field="participant_id",
            fix="It is drafted once the lesson has a summary, and where consent covers it.",
        )
    return recap


def _require_version(recap: Recap, version: int) -> None:
    if version != recap.version:
        raise _changed()


def _changed() -> Conflict:
    return Conflict(
        "The recap has changed meanwhile.", field="version", fix="Read it again, then decide."
    )


def _require_known_claims(recap: Recap, content: RecapContent) -> None:
    known = {
        claim
        for line in (*recap.drafted.content.lines(), *recap.content.lines())
        for claim in line.claim_ids
    }
    for name, lines in content.sections():
        for number, line in enumerate(lines):
            if not known.issuperset(line.claim_ids):
                raise InvalidInput(
                    "The draft rests on no such claim.",
                    field=f"content.{name}[{number}].claim_ids",
                    fix="Leave claim_ids empty for a line of your own.",
                )


def _require_no_others(found: LessonRecaps, recap: Recap, content: RecapContent) -> None:
    rest = [one for one in found.learners if one.id != recap.participant_id]
    others = Others((one.id for one in rest), (one.name for one in rest), match_case=True)
    for name, lines in content.sections():
        for number, line in enumerate(lines):
            if others.are_in(line.text):
                raise InvalidInput(
                    "It names another learner, whom this child's guardians are told nothing of.",
                    field=f"content.{name}[{number}].text",
                    fix="Say it without the name, as “a classmate”.",
                )


def _with_their_claims(recap: Recap, content: RecapContent) -> RecapContent:
    """Return it with the claims of lines that were kept as they are: so their owners are known."""
    known = {line.text: line for line in (*recap.drafted.content.lines(), *recap.content.lines())}

    def kept(line: RecapLine) -> RecapLine:
        return known.get(line.text, line) if not line.claim_ids else line

    return RecapContent.model_validate(
        {name: [kept(line) for line in lines] for name, lines in content.sections()}
    )


def _require_one_owner(found: LessonRecaps, recap: Recap, content: RecapContent) -> None:
    """Refuse lines in somebody's words that are another's too: no one key could seal them."""
    speakers = found.speakers(recap.participant_id)
    child = found.participants[recap.participant_id]
    about_child = Others([child.id], [child.name], match_case=True)
    for name, lines in content.sections():
        for number, line in enumerate(lines):
            told = told_in(line, speakers)
            if len(told) > 1 or (told and about_child.are_in(line.text)):
                raise InvalidInput(
                    "It tells somebody's words, and another's or the child's name with them: "
                    "erasing one of the two could not take it out.",
                    field=f"content.{name}[{number}].text",
                    fix="Say it without the name, as a line of each, or in words of your own with "
                    "claim_ids left empty.",
                )
