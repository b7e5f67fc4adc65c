"""Courses, objectives and the learner's record on them."""

from alembic import op

from lessons.store.migrations.protection import protect

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CURRICULA = """
CREATE TABLE curricula (
    tenant_id text NOT NULL CHECK (tenant_id <> ''),
    id text NOT NULL,
    title text NOT NULL,
    external_id text,
    created_at timestamptz NOT NULL,
    imported_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX curricula_external ON curricula (tenant_id, external_id)
    WHERE external_id IS NOT NULL;

CREATE TABLE objectives (
    tenant_id text NOT NULL,
    id text NOT NULL,
    curriculum_id text NOT NULL,
    code text NOT NULL,
    statement text NOT NULL,
    external_id text,
    kind text,
    parent_id text,
    position integer NOT NULL,
    created_at timestamptz NOT NULL,
    retired_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, curriculum_id, code) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (tenant_id, curriculum_id) REFERENCES curricula,
    FOREIGN KEY (tenant_id, parent_id) REFERENCES objectives DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX objectives_in_order ON objectives (tenant_id, curriculum_id, position, id);
CREATE INDEX objectives_of_code ON objectives (tenant_id, code);
CREATE INDEX objectives_external ON objectives (tenant_id, external_id)
    WHERE external_id IS NOT NULL;

CREATE TABLE objective_prerequisites (
    tenant_id text NOT NULL,
    objective_id text NOT NULL,
    prerequisite_id text NOT NULL CHECK (prerequisite_id <> objective_id),
    PRIMARY KEY (tenant_id, objective_id, prerequisite_id),
    FOREIGN KEY (tenant_id, objective_id) REFERENCES objectives,
    FOREIGN KEY (tenant_id, prerequisite_id) REFERENCES objectives
);

CREATE TABLE courses (
    tenant_id text NOT NULL CHECK (tenant_id <> ''),
    id text NOT NULL,
    title text NOT NULL,
    curriculum_id text,
    external_id text,
    created_at timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, curriculum_id) REFERENCES curricula
);
CREATE INDEX courses_newest ON courses (tenant_id, created_at DESC, id DESC);
CREATE UNIQUE INDEX courses_external ON courses (tenant_id, external_id)
    WHERE external_id IS NOT NULL;

ALTER TABLE lessons ADD COLUMN course_id text;
ALTER TABLE lessons ADD FOREIGN KEY (tenant_id, course_id) REFERENCES courses;
CREATE INDEX role_assignments_of_course ON role_assignments (tenant_id, course_id)
    WHERE course_id IS NOT NULL;
CREATE INDEX lessons_of_course ON lessons (tenant_id, course_id, created_at DESC, id DESC)
    WHERE course_id IS NOT NULL;
"""

# Everything here is derived from the ledger and can be made again from it; learning_record_progress
# says how far each lesson's events have been read. Nothing of it refers to `lessons`: such a key
# would wait for, and hold up, whoever appends to a live lesson.
LEARNING_RECORD = """
CREATE TABLE learning_record_progress (
    tenant_id text NOT NULL,
    lesson_id text NOT NULL,
    sequence bigint NOT NULL,
    stale boolean NOT NULL DEFAULT false,  -- read from the first event on, for its course changed
    PRIMARY KEY (tenant_id, lesson_id)
);
CREATE INDEX learning_record_stale ON learning_record_progress (tenant_id, lesson_id) WHERE stale;

CREATE TABLE learning_record_cursors (
    tenant_id text PRIMARY KEY,
    cursor text NOT NULL,
    model_version text NOT NULL
);

CREATE TABLE attendances (
    tenant_id text NOT NULL,
    lesson_id text NOT NULL,
    person_id text NOT NULL,
    first_seen_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, lesson_id, person_id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES people
);
CREATE INDEX attendances_of_person ON attendances (tenant_id, person_id, first_seen_at);

-- `response` names what was answered or covered, so that a mark takes the place of the answer that
-- it marks, and reading an event twice changes nothing.
CREATE TABLE objective_evidence (
    tenant_id text NOT NULL,
    person_id text NOT NULL,
    objective_id text NOT NULL,
    lesson_id text NOT NULL,
    response text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('answer', 'practice', 'covered', 'milestone')),
    outcome double precision CHECK (outcome BETWEEN 0 AND 1),
    detail text,
    event_id text NOT NULL,
    sequence bigint NOT NULL,
    occurred_at timestamptz NOT NULL,
    lesson_time_ms bigint NOT NULL,
    PRIMARY KEY (tenant_id, person_id, objective_id, lesson_id, response),
    FOREIGN KEY (tenant_id, person_id) REFERENCES people,
    FOREIGN KEY (tenant_id, objective_id) REFERENCES objectives,
    CHECK ((kind = 'answer') = (outcome IS NOT NULL))
);
CREATE INDEX objective_evidence_newest ON objective_evidence
    (tenant_id, person_id, objective_id, occurred_at DESC, sequence DESC);
CREATE INDEX objective_evidence_of_lesson ON objective_evidence (tenant_id, lesson_id, kind);

CREATE TABLE objective_records (
    tenant_id text NOT NULL,
    person_id text NOT NULL,
    objective_id text NOT NULL,
    covered integer NOT NULL,
    covered_at timestamptz,
    practised integer NOT NULL,
    practised_at timestamptz,
    evidence_for integer NOT NULL,
    evidence_against integer NOT NULL,
    known double precision[] NOT NULL,
    weights double precision[] NOT NULL,
    known_at timestamptz,
    model_version text NOT NULL,
    PRIMARY KEY (tenant_id, person_id, objective_id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES people,
    FOREIGN KEY (tenant_id, objective_id) REFERENCES objectives
);

CREATE TABLE mastery_weeks (
    tenant_id text NOT NULL,
    person_id text NOT NULL,
    objective_id text NOT NULL,
    week date NOT NULL,  -- its Monday
    answers integer NOT NULL,
    known double precision[] NOT NULL,
    weights double precision[] NOT NULL,
    known_at timestamptz NOT NULL,
    model_version text NOT NULL,
    PRIMARY KEY (tenant_id, person_id, objective_id, week),
    FOREIGN KEY (tenant_id, person_id) REFERENCES people,
    FOREIGN KEY (tenant_id, objective_id) REFERENCES objectives
);

CREATE TABLE homework (
    tenant_id text NOT NULL,
    person_id text NOT NULL,
    homework_id text NOT NULL,
    course_id text,
    lesson_id text NOT NULL,
    title text,
    objective_ids text[] NOT NULL,
    assigned_at timestamptz,
    due_at timestamptz,
    completed_at timestamptz,
    assigned_event_id text,
    completed_event_id text,
    PRIMARY KEY (tenant_id, person_id, homework_id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES people
);
CREATE INDEX homework_open ON homework (tenant_id, person_id, due_at, homework_id)
    WHERE completed_at IS NULL;
"""

# Derived rows may go: when a lesson is read anew, by retention, and when a person is erased.
DERIVED = (
    "learning_record_cursors",
    "learning_record_progress",
    "attendances",
    "objective_evidence",
    "objective_records",
    "mastery_weeks",
    "homework",
)


def upgrade() -> None:
    """Make the tables and their row-level security; lessons get a course."""
    op.execute(CURRICULA)
    op.execute(LEARNING_RECORD)
    for table in ("curricula", "objectives", "courses"):
        protect(table)
    for table in ("objective_prerequisites", *DERIVED):
        protect(table, "SELECT, INSERT, UPDATE, DELETE")


def downgrade() -> None:
    """Drop the tables and the lessons' course."""
    op.execute("DROP INDEX role_assignments_of_course")
    op.execute("ALTER TABLE lessons DROP COLUMN course_id")
    for table in (
        *reversed(DERIVED),
        "courses",
        "objective_prerequisites",
        "objectives",
        "curricula",
    ):
        op.execute(f"DROP TABLE {table}")
