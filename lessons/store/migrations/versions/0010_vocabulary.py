"""Finding what a lesson's own words are taken from, however much else was said in it."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# Few events are of these types, so the index is small, and an append of any other does not pay.
INDEX = """
CREATE INDEX learning_events_vocabulary ON learning_events (lesson_day, lesson_id, sequence)
    WHERE type IN (
        'caption.corrected', 'lesson_plan.item_started', 'objective.covered', 'content.opened')
"""


def upgrade() -> None:
    """Make the index; partitions that are there and those to come get theirs."""
    op.execute(INDEX)


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP INDEX learning_events_vocabulary")
