"""Keep what was on record of a project at any moment, digests of counts of companies, and lists entered for divisions

Revision: 0003, after 0002.
"""

import hashlib
import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('project_state',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('status', sa.String(40), nullable=False),
    sa.Column('form', sa.String(40), nullable=True),
    sa.Column('starts_on', sa.Date(), nullable=True),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('confirmed_at', sa.DateTime(), nullable=True),
    sa.Column('merged_into_id', sa.Integer(), nullable=True),
    sa.Column('merged_on', sa.Date(), nullable=True),
    sa.Column('partners', sa.JSON(), nullable=False),
    sa.Column('division_ids', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['merged_into_id'], ['project.id'], name=op.f('fk_project_state_merged_into_id_project')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_project_state_project_id_project')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project_state'))
    )
    with op.batch_alter_table('project_state', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_project_state_merged_into_id'), ['merged_into_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_project_state_project_id'), ['project_id'], unique=False)
    with op.batch_alter_table('ledger_snapshot', schema=None) as batch_op:
        batch_op.add_column(sa.Column('note', sa.Text(), server_default='', nullable=False))
    with op.batch_alter_table('participation_snapshot', schema=None) as batch_op:
        batch_op.add_column(sa.Column('digest', sa.String(length=64), nullable=True))
    _fill_digests()
    with op.batch_alter_table('participation_snapshot', schema=None) as batch_op:
        batch_op.alter_column('digest', existing_type=sa.String(length=64), nullable=False)
    _fill_states()
    with op.batch_alter_table('report_round_answer', schema=None) as batch_op:
        batch_op.add_column(sa.Column('proxy_source', sa.String(length=200), server_default='', nullable=False))
        batch_op.add_column(sa.Column('confirmed_by_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('confirmed_at', sa.DateTime(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_report_round_answer_confirmed_by_id_user_account'), 'user_account', ['confirmed_by_id'], ['id'])
    with op.batch_alter_table('report_round_answer', schema=None) as batch_op:
        batch_op.create_check_constraint(batch_op.f('ck_report_round_answer_proxy_is_handed_in'), "proxy_source = '' OR handed_in_at IS NOT NULL")
        batch_op.create_check_constraint(batch_op.f('ck_report_round_answer_confirmed_at_iff_confirmed_by'), '(confirmed_at IS NULL) = (confirmed_by_id IS NULL)')
        batch_op.create_check_constraint(batch_op.f('ck_report_round_answer_confirmed_is_proxy'), "confirmed_at IS NULL OR proxy_source <> ''")
        batch_op.create_check_constraint(batch_op.f('ck_report_round_answer_two_people'), 'confirmed_by_id IS NULL OR confirmed_by_id <> handed_in_by_id')
    with op.batch_alter_table('report_round_pair', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_report_round_pair_first_id_second_id'), type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_report_round_pair_first_id_second_id_verdict'), ['first_id', 'second_id', 'verdict'])


def _fill_digests() -> None:
    """Older counts get the digest of what they hold now: from here on a change of them is seen."""
    counts = sa.table('participation_snapshot', sa.column('id', sa.Integer), sa.column('fy', sa.Integer),
                      sa.column('as_of', sa.DateTime), sa.column('members', sa.JSON), sa.column('digest', sa.String))
    connection = op.get_bind()
    for row in connection.execute(sa.select(counts)).all():
        content = {'fy': row.fy, 'as_of': row.as_of.replace(tzinfo=UTC).isoformat(), 'members': row.members}
        written = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(',', ':'))
        found = hashlib.sha256(written.encode()).hexdigest()
        connection.execute(counts.update().where(counts.c.id == row.id).values(digest=found))


def _fill_states() -> None:
    """What is on record of each project now is the oldest that is known of it."""
    names = ('title', 'status', 'form', 'starts_on', 'ends_on', 'confirmed_at', 'merged_into_id', 'merged_on')
    types = {'starts_on': sa.Date, 'ends_on': sa.Date, 'merged_on': sa.Date, 'confirmed_at': sa.DateTime, 'merged_into_id': sa.Integer}
    columns = [sa.column(name, types.get(name, sa.String)) for name in names]
    projects = sa.table('project', sa.column('id', sa.Integer), *columns)
    partners = sa.table('project_partner', sa.column('id', sa.Integer), sa.column('project_id', sa.Integer), sa.column('kind', sa.String),
                        sa.column('name', sa.String), sa.column('organisation_id', sa.Integer))
    divisions = sa.table('project_division', sa.column('project_id', sa.Integer), sa.column('division_id', sa.Integer))
    states = sa.table('project_state', sa.column('project_id', sa.Integer), sa.column('at', sa.DateTime), *[sa.column(one.name, one.type) for one in columns],
                      sa.column('partners', sa.JSON), sa.column('division_ids', sa.JSON))
    connection = op.get_bind()
    parties: dict[int, list[list[object]]] = {}
    for row in connection.execute(sa.select(partners).order_by(partners.c.id)):
        parties.setdefault(row.project_id, []).append([row.kind, row.name, row.organisation_id])
    taking_part: dict[int, list[int]] = {}
    for row in connection.execute(sa.select(divisions).order_by(divisions.c.division_id)):
        taking_part.setdefault(row.project_id, []).append(row.division_id)
    at = datetime.now(UTC).replace(tzinfo=None)
    rows = [
        {'project_id': row.id, 'at': at, 'partners': parties.get(row.id, []), 'division_ids': taking_part.get(row.id, [])}
        | {name: getattr(row, name) for name in names}
        for row in connection.execute(sa.select(projects).order_by(projects.c.id))
    ]
    if rows:
        connection.execute(states.insert(), rows)


def downgrade() -> None:
    # Two reports that were parted again had two rows; only the later one holds.
    op.execute(
        "DELETE FROM report_round_pair WHERE verdict = 'same' AND EXISTS (SELECT 1 FROM report_round_pair AS later "
        "WHERE later.first_id = report_round_pair.first_id AND later.second_id = report_round_pair.second_id "
        "AND later.id > report_round_pair.id)"
    )
    with op.batch_alter_table('report_round_pair', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_report_round_pair_first_id_second_id_verdict'), type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_report_round_pair_first_id_second_id'), ['first_id', 'second_id'])
    with op.batch_alter_table('report_round_answer', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_report_round_answer_proxy_is_handed_in'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_report_round_answer_confirmed_at_iff_confirmed_by'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_report_round_answer_confirmed_is_proxy'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_report_round_answer_two_people'), type_='check')
    with op.batch_alter_table('report_round_answer', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_report_round_answer_confirmed_by_id_user_account'), type_='foreignkey')
        batch_op.drop_column('confirmed_at')
        batch_op.drop_column('confirmed_by_id')
        batch_op.drop_column('proxy_source')
    with op.batch_alter_table('participation_snapshot', schema=None) as batch_op:
        batch_op.drop_column('digest')
    with op.batch_alter_table('ledger_snapshot', schema=None) as batch_op:
        batch_op.drop_column('note')
    op.drop_table('project_state')
