"""Bring the mail before a call closes, and who wants none

Revision: 0005, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('call_reminder',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('call_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('sent_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['call_id'], ['call.id'], name=op.f('fk_call_reminder_call_id_call')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_call_reminder_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_call_reminder')),
    sa.UniqueConstraint('call_id', 'user_id', name=op.f('uq_call_reminder_call_id_user_id'))
    )
    with op.batch_alter_table('call_reminder', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_call_reminder_user_id'), ['user_id'], unique=False)
    with op.batch_alter_table('user_account', schema=None) as batch_op:
        batch_op.add_column(sa.Column('call_mails_stopped_at', sa.DateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('user_account', schema=None) as batch_op:
        batch_op.drop_column('call_mails_stopped_at')
    with op.batch_alter_table('call_reminder', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_call_reminder_user_id'))
    op.drop_table('call_reminder')
