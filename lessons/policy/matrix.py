"""The decision matrix: role x resource x action -> condition. `docs/roles.md` is made from it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lessons.policy.actions import Action, Resource
from lessons.policy.conditions import Condition
from lessons.roles import Role

NO = None
ANY = Condition.ALWAYS
NODE = Condition.OWN_NODE
CHARGE = Condition.OWN_CHARGE
COURSE = Condition.OWN_COURSE
LESSON = Condition.OWN_LESSON
SINGLE = Condition.ONE_TO_ONE
ROOM = Condition.SAME_BREAKOUT
GROUP = Condition.GROUP_HIDES_OTHERS
PUBLIC = Condition.NO_PERSONAL_DATA
SELF = Condition.OWN_DATA
CHILD = Condition.OWN_CHILD
LOGIN = Condition.ONESELF
CONTRACT = Condition.OWN_CONTRACT
FIVE = Condition.AGGREGATE_OF_5

COLUMNS = (
    Role.INSTRUCTOR,
    Role.TEACHING_ASSISTANT,
    Role.LEARNER,
    Role.OBSERVER,
    Role.CAPTIONER,
    Role.ADMINISTRATOR,
    Role.INSTITUTIONAL_CLIENT,
    Role.GUARDIAN,
)

# What is not here is allowed to nobody but an API key, within its scopes.
# fmt: off
_ROWS: Mapping[Resource, Mapping[Action, tuple[Condition | None, ...]]] = {
    Resource.TENANT: {
        #                 instructor assistant learner observer captioner admin client    guardian
        Action.CREATE:   (NO,        NO,       NO,     NO,     NO,       NODE, NO,       NO),
        Action.READ:     (NO,        NO,       NO,     NO,     NO,       NODE, NO,       NO),
        Action.LIST:     (NO,        NO,       NO,     NO,     NO,       NODE, NO,       NO),
        Action.UPDATE:   (NO,        NO,       NO,     NO,     NO,       NODE, NO,       NO),
    },
    Resource.MEMBER: {
        #                 instructor assistant learner observer captioner admin client    guardian
        Action.CREATE:   (NO,        NO,       NO,     NO,     NO,       NODE, NO,       NO),
        Action.READ:     (COURSE,    COURSE,   SELF,   SELF,   SELF,     NODE, SELF,     CHILD),
        Action.LIST:     (NO,        NO,       NO,     NO,     NO,       NODE, NO,       NO),
        Action.UPDATE:   (NO,        NO,       NO,     NO,     NO,       NODE, NO,       NO),
        Action.ERASE:    (NO,        NO,       NO,     NO,     NO,       NODE, NO,       NO),
    },
    Resource.CONTRACT: {
        #                 instructor assistant learner observer captioner admin client    guardian
        Action.CREATE:   (NO,        NO,       NO,     NO,     NO,       NODE, NO,       NO),
        Action.READ:     (NO,        NO,       NO,     NO,     NO,       NODE, CONTRACT, NO),
        Action.LIST:     (NO,        NO,       NO,     NO,     NO,       NODE, SELF,     NO),
        Action.UPDATE:   (NO,        NO,       NO,     NO,     NO,       NODE, NO,       NO),
    },
    Resource.API_KEY: {
        #                 instructor assistant learner observer captioner admin client    guardian
        Action.CREATE:   (NO,        NO,       NO,     NO,     NO,       NODE, NO,       NO),
        Action.READ:     (NO,        NO,       NO,     NO,     NO,       NODE, NO,       NO),
        Action.LIST:     (NO,        NO,       NO,     NO,     NO,       NODE, NO,       NO),
        Action.UPDATE:   (NO,        NO,       NO,     NO,     NO,       NODE, NO,       NO),
        Action.DELETE:   (NO,        NO,       NO,     NO,     NO,       NODE, NO,       NO),
    },
    Resource.COURSE: {
        #                 instructor assistant learner observer captioner admin client    guardian
        Action.CREATE:   (NO,        NO,       NO,     NO,     NO,       NODE, NO,       NO),
        Action.READ:     (COURSE,    COURSE,   COURSE, COURSE, NO,       NODE, NO,       CHILD),
        Action.LIST:     (CHARGE,    CHARGE,   NO,     NO,     NO,       NODE, NO,       NO),
        Action.UPDATE:   (CHARGE,    NO,       NO,     NO,     NO,       NODE, NO,       NO),
    },
    Resource.OBJECTIVE: {
        #                 instructor assistant learner observer captioner admin client    guardian
        Action.CREATE:   (CHARGE,    NO,       NO,     NO,     NO,       NODE, NO,       NO),
        Action.READ:     (COURSE,    COURSE,   COURSE, COURSE, NO,       NODE, NO,       CHILD),
        Action.LIST:     (COURSE,    COURSE,   COURSE, COURSE, NO,       NODE, NO,       CHILD),
        Action.UPDATE:   (CHARGE,    NO,       NO,     NO,     NO,       NODE, NO,       NO),
    },
    Resource.LESSON: {
        #                 instructor assistant learner observer captioner admin client    guardian
        Action.CREATE:   (CHARGE,    NO,       NO,     NO,     NO,       NODE, NO,       NO),
        Action.READ:     (CHARGE,    CHARGE,   LESSON, LESSON, LESSON,   NODE, NO,       CHILD),
        Action.LIST:     (CHARGE,    CHARGE,   SELF,   SELF,   SELF,     NODE, NO,       CHILD),
        Action.UPDATE:   (CHARGE,    NO,       NO,     NO,     NO,       NODE, NO,       NO),
        Action.START:    (CHARGE,    NO,       NO,     NO,     NO,       NODE, NO,       NO),
        Action.END:      (CHARGE,    NO,       NO,     NO,     NO,       NODE, NO,       NO),
    },
    Resource.PARTICIPANT: {
        #                 instructor assistant learner observer captioner admin client    guardian
        Action.CREATE:   (NO,        NO,       NO,     NO,     NO,       NODE, NO,       NO),
        Action.UPDATE:   (CHARGE,    NO,       NO,     NO,     NO,       NODE, NO,       NO),
        Action.DELETE:   (NO,        NO,       NO,     NO,     NO,       NODE, NO,       NO),
        Action.MINT:     (LOGIN,     LOGIN,    LOGIN,  LOGIN,  LOGIN,    NODE, NO,       NO),
    },
    Resource.MEDIA: {
        #                 instructor assistant learner observer captioner admin client    guardian
        Action.PUBLISH:  (LESSON,    LESSON,   LESSON, NO,     NO,       NODE, NO,       NO),
    },
    Resource.EVENT: {
        #                 instructor assistant learner observer captioner admin client    guardian
        Action.READ:     (CHARGE,    ROOM,     GROUP,  PUBLIC, PUBLIC,   NODE, NO,       CHILD),
        Action.POST:     (CHARGE,    CHARGE,   SELF,   NO,     NO,       NODE, NO,       NO),
    },
    Resource.CAPTION: {
        #                 instructor assistant learner observer captioner admin client    guardian
        Action.READ:     (CHARGE,    CHARGE,   LESSON, LESSON, LESSON,   NODE, NO,       CHILD),
        Action.CORRECT:  (CHARGE,    CHARGE,   NO,     NO,     LESSON,   NODE, NO,       NO),
        Action.POST:     (CHARGE,    CHARGE,   NO,     NO,     LESSON,   NODE, NO,       NO),
    },
    # How well the captions serve. Who relies on them may see it, and their pages report it.
    Resource.ACCESSIBILITY: {
        #                 instructor assistant learner observer captioner admin client    guardian
        Action.READ:     (CHARGE,    CHARGE,   LESSON, LESSON, LESSON,   NODE, NO,       CHILD),
        Action.POST:     (CHARGE,    CHARGE,   LESSON, LESSON, LESSON,   NODE, NO,       NO),
    },
    Resource.CAPTION_OUTPUT: {
        #                 instructor assistant learner observer captioner admin client    guardian
        Action.READ:     (CHARGE,    CHARGE,   NO,     NO,     NO,       NODE, NO,       NO),
        Action.UPDATE:   (CHARGE,    NO,       NO,     NO,     NO,       NODE, NO,       NO),
        Action.DELETE:   (CHARGE,    NO,       NO,     NO,     NO,       NODE, NO,       NO),
    },
    Resource.RECORDING: {
        #                 instructor assistant learner observer captioner admin client    guardian
        Action.CREATE:   (CHARGE,    NO,       NO,     NO,     NO,       NODE, NO,       NO),
        Action.READ:     (CHARGE,    CHARGE,   SINGLE, NO,     NO,       NODE, NO,       NO),
    },
    Resource.LEARNER_RECORD: {
        #                 instructor assistant learner observer captioner admin client    guardian
        Action.READ:     (COURSE,    COURSE,   SELF,   NO,     NO,       NODE, NO,       CHILD),
        Action.LIST:     (COURSE,    COURSE,   NO,     NO,     NO,       NODE, NO,       NO),
        Action.EXPORT:   (COURSE,    NO,       SELF,   NO,     NO,       NODE, NO,       CHILD),
    },
    Resource.BRIEFING: {
        #                 instructor assistant learner observer captioner admin client    guardian
        Action.READ:     (COURSE,    COURSE,   NO,     NO,     NO,       NODE, NO,       NO),
    },
    # Reading is of the page; a child and its guardians are shown it once it is approved.
    Resource.RECAP: {
        #                 instructor assistant learner observer captioner admin client    guardian
        Action.READ:     (CHARGE,    CHARGE,   SELF,   NO,     NO,       NODE, NO,       CHILD),
        Action.LIST:     (CHARGE,    CHARGE,   NO,     NO,     NO,       NODE, NO,       NO),
        Action.UPDATE:   (CHARGE,    CHARGE,   NO,     NO,     NO,       NODE, NO,       NO),
        Action.APPROVE:  (CHARGE,    NO,       NO,     NO,     NO,       NODE, NO,       NO),
    },
    Resource.AGGREGATE: {
        #                 instructor assistant learner observer captioner admin client    guardian
        Action.READ:     (CHARGE,    NO,       NO,     NO,     NO,       NODE, FIVE,     NO),
    },
    # What is inferred about learners. They and their guardians contest it; answers are events.
    Resource.ENGAGEMENT: {
        #                 instructor assistant learner observer captioner admin client    guardian
        Action.READ:     (CHARGE,    ROOM,     SELF,   NO,     NO,       NODE, NO,       CHILD),
        Action.LIST:     (CHARGE,    ROOM,     NO,     NO,     NO,       NODE, NO,       NO),
        Action.CONTEST:  (NO,        NO,       SELF,   NO,     NO,       NO,   NO,       CHILD),
    },
    # The same as numbers of a group: no names, and nothing of fewer than five learners.
    Resource.ENGAGEMENT_AGGREGATE: {
        #                 instructor assistant learner observer captioner admin client    guardian
        Action.READ:     (CHARGE,    CHARGE,   NO,     LESSON, NO,       NODE, NO,       NO),
    },
    # A learner reads what is the lesson's and what is their own; a guardian gets the recap.
    Resource.SUMMARY: {
        #                 instructor assistant learner observer captioner admin client    guardian
        Action.READ:     (CHARGE,    CHARGE,   SELF,   NO,     NO,       NODE, NO,       NO),
        Action.CORRECT:  (CHARGE,    CHARGE,   NO,     NO,     NO,       NODE, NO,       NO),
    },
    Resource.CONSENT: {
        #                 instructor assistant learner observer captioner admin client    guardian
        Action.CREATE:   (SELF,      SELF,     SELF,   SELF,   SELF,     NODE, NO,       CHILD),
        Action.READ:     (COURSE,    COURSE,   SELF,   SELF,   SELF,     NODE, NO,       CHILD),
        Action.LIST:     (COURSE,    COURSE,   SELF,   SELF,   SELF,     NODE, NO,       CHILD),
        Action.DELETE:   (SELF,      SELF,     SELF,   SELF,   SELF,     NODE, NO,       CHILD),
    },
    Resource.WEBHOOK: {
        #                 instructor assistant learner observer captioner admin client    guardian
        Action.CREATE:   (NO,        NO,       NO,     NO,     NO,       NODE, NO,       NO),
        Action.READ:     (NO,        NO,       NO,     NO,     NO,       NODE, NO,       NO),
        Action.LIST:     (NO,        NO,       NO,     NO,     NO,       NODE, NO,       NO),
        Action.UPDATE:   (NO,        NO,       NO,     NO,     NO,       NODE, NO,       NO),
        Action.DELETE:   (NO,        NO,       NO,     NO,     NO,       NODE, NO,       NO),
        Action.REPLAY:   (NO,        NO,       NO,     NO,     NO,       NODE, NO,       NO),
    },
    Resource.AUDIT: {
        #                 instructor assistant learner observer captioner admin client    guardian
        Action.READ:     (NO,        NO,       NO,     NO,     NO,       NODE, NO,       NO),
        Action.LIST:     (NO,        NO,       NO,     NO,     NO,       NODE, NO,       NO),
        Action.EXPORT:   (NO,        NO,       NO,     NO,     NO,       NODE, NO,       NO),
    },
    Resource.DISCLOSURE: {
        #                 instructor assistant learner observer captioner admin client    guardian
        Action.LIST:     (SELF,      SELF,     SELF,   SELF,   SELF,     NODE, NO,       CHILD),
    },
    Resource.RETENTION: {
        #                 instructor assistant learner observer captioner admin client    guardian
        Action.READ:     (NO,        NO,       NO,     NO,     NO,       NODE, NO,       NO),
    },
    Resource.PERSONAL_EXPORT: {
        #                 instructor assistant learner observer captioner admin client    guardian
        Action.EXPORT:   (SELF,      SELF,     SELF,   SELF,   SELF,     NODE, NO,       CHILD),
    },
    Resource.MODEL: {
        #                 instructor assistant learner observer captioner admin client    guardian
        Action.READ:     (ANY,       ANY,      ANY,    ANY,    ANY,      ANY,  ANY,      ANY),
    },
    Resource.SAMPLE: {
        #                 instructor assistant learner observer captioner admin client    guardian
        Action.CREATE:   (NO,        NO,       NO,     NO,     NO,       NODE, NO,       NO),
        Action.START:    (CHARGE,    NO,       NO,     NO,     NO,       NODE, NO,       NO),
    },
    # Speech without a lesson, so without anybody's consent to ask for: the platform vouches for it.
    Resource.TRANSCRIPTION: {
        #                 instructor assistant learner observer captioner admin client    guardian
        Action.CREATE:   (NO,        NO,       NO,     NO,     NO,       NO,   NO,       NO),
    },
    # Of the whole installation, so for platforms only.
    Resource.WORKER: {
        #                 instructor assistant learner observer captioner admin client    guardian
        Action.LIST:     (NO,        NO,       NO,     NO,     NO,       NO,   NO,       NO),
    },
}
# fmt: on

Cell = tuple[Resource, Action]

MATRIX: Mapping[Cell, Mapping[Role, Condition]] = MappingProxyType(
    {
        (resource, action): MappingProxyType(
            {
                role: condition
                for role, condition in zip(COLUMNS, cells, strict=True)
                if condition is not None
            }
        )
        for resource, rows in _ROWS.items()
        for action, cells in rows.items()
    }
)
"""For every resource and action the roles that may, each with its condition."""
