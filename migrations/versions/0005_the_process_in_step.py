"""Bring the mail before a call closes, the checklist before a project begins, and the files of reports

Revision: 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
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
    op.create_table('project_start_check',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('item', sa.String(length=40), nullable=False),
    sa.Column('side', sa.String(length=40), nullable=False),
    sa.Column('checked_by_id', sa.Integer(), nullable=False),
    sa.Column('checked_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['checked_by_id'], ['user_account.id'], name=op.f('fk_project_start_check_checked_by_id_user_account')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_project_start_check_project_id_project')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project_start_check')),
    sa.UniqueConstraint('project_id', 'item', 'side', name=op.f('uq_project_start_check_project_id_item_side'))
    )
    with op.batch_alter_table('project_start_check', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_project_start_check_project_id'), ['project_id'], unique=False)
    op.create_table('project_report_file',
    sa.Column('report_id', sa.Integer(), nullable=False),
    sa.Column('attachment_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['attachment_id'], ['attachment.id'], name=op.f('fk_project_report_file_attachment_id_attachment')),
    sa.ForeignKeyConstraint(['report_id'], ['project_delivery_report.id'], name=op.f('fk_project_report_file_report_id_project_delivery_report')),
    sa.PrimaryKeyConstraint('report_id', 'attachment_id', name=op.f('pk_project_report_file')),
    sa.UniqueConstraint('attachment_id', name=op.f('uq_project_report_file_attachment_id'))
    )


def downgrade() -> None:
    op.drop_table('project_report_file')
    with op.batch_alter_table('project_start_check', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_project_start_check_project_id'))
    op.drop_table('project_start_check')
    with op.batch_alter_table('user_account', schema=None) as batch_op:
        batch_op.drop_column('call_mails_stopped_at')
    with op.batch_alter_table('call_reminder', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_call_reminder_user_id'))
    op.drop_table('call_reminder')
