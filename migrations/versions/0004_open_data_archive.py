"""Keep open data as it was published on each day

Revision: 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('open_data_archive',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('published_on', sa.Date(), nullable=False),
    sa.Column('dataset', sa.String(length=40), nullable=False),
    sa.Column('ending', sa.String(length=8), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('published_sha256', sa.String(length=64), nullable=False),
    sa.Column('size_bytes', sa.BigInteger(), nullable=False),
    sa.Column('row_count', sa.Integer(), nullable=False),
    sa.Column('corrected_at', sa.DateTime(), nullable=True),
    sa.Column('correction_reason', sa.Text(), nullable=False),
    sa.CheckConstraint("(corrected_at IS NULL) = (correction_reason = '')", name=op.f('ck_open_data_archive_corrected_at_iff_reason')),
    sa.CheckConstraint('corrected_at IS NOT NULL OR sha256 = published_sha256', name=op.f('ck_open_data_archive_only_corrections_differ')),
    sa.CheckConstraint('row_count >= 0 AND size_bytes > 0', name=op.f('ck_open_data_archive_has_content')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_open_data_archive')),
    sa.UniqueConstraint('published_on', 'dataset', 'ending', name=op.f('uq_open_data_archive_published_on_dataset_ending'))
    )
    with op.batch_alter_table('open_data_archive', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_open_data_archive_sha256'), ['sha256'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('open_data_archive', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_open_data_archive_sha256'))

    op.drop_table('open_data_archive')
