"""Bring the whole process, the kept counts, and editable vocabularies and rules

Revision: 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('participation_snapshot',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('fy', sa.Integer(), nullable=False),
    sa.Column('edition', sa.Integer(), nullable=False),
    sa.Column('as_of', sa.DateTime(), nullable=False),
    sa.Column('members', sa.JSON(), nullable=False),
    sa.CheckConstraint('edition >= 1', name=op.f('ck_participation_snapshot_edition_counts_from_one')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_participation_snapshot')),
    sa.UniqueConstraint('fy', 'edition', name=op.f('uq_participation_snapshot_fy_edition'))
    )
    op.create_table('project_sent_reminder',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('subject', sa.String(length=60), nullable=False),
    sa.Column('stage', sa.String(length=40), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project_sent_reminder')),
    sa.UniqueConstraint('subject', 'stage', name='uq_project_sent_reminder_once')
    )
    op.create_table('vocabulary_content',
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('packed', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_vocabulary_content'))
    )
    op.create_table('call',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=12), nullable=False),
    sa.Column('fiscal_year_fy', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('aim', sa.Text(), nullable=False),
    sa.Column('eligibility', sa.Text(), nullable=False),
    sa.Column('publication_rules', sa.Text(), nullable=False),
    sa.Column('accepts_free_theme', sa.Boolean(), nullable=False),
    sa.Column('consultation_from_on', sa.Date(), nullable=True),
    sa.Column('opens_at', sa.DateTime(), nullable=False),
    sa.Column('closes_at', sa.DateTime(), nullable=False),
    sa.Column('grace_minutes', sa.Integer(), nullable=False),
    sa.Column('pass_percent', sa.Integer(), nullable=True),
    sa.Column('published_at', sa.DateTime(), nullable=True),
    sa.Column('cancelled_at', sa.DateTime(), nullable=True),
    sa.Column('cancel_reason', sa.Text(), nullable=False),
    sa.Column('copied_from_id', sa.Integer(), nullable=True),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(cancelled_at IS NULL) = (cancel_reason = '')", name=op.f('ck_call_cancelled_at_iff_reason')),
    sa.CheckConstraint('closes_at > opens_at', name=op.f('ck_call_period_in_order')),
    sa.CheckConstraint('grace_minutes BETWEEN 0 AND 1440', name=op.f('ck_call_grace_at_most_a_day')),
    sa.CheckConstraint('pass_percent IS NULL OR pass_percent BETWEEN 1 AND 100', name=op.f('ck_call_pass_percent_in_range')),
    sa.ForeignKeyConstraint(['copied_from_id'], ['call.id'], name=op.f('fk_call_copied_from_id_call')),
    sa.ForeignKeyConstraint(['created_by_id'], ['user_account.id'], name=op.f('fk_call_created_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_call')),
    sa.UniqueConstraint('number', name=op.f('uq_call_number'))
    )
    with op.batch_alter_table('call', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_call_fiscal_year_fy'), ['fiscal_year_fy'], unique=False)

    op.create_table('consultation_slot',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('division_id', sa.Integer(), nullable=True),
    sa.Column('starts_at', sa.DateTime(), nullable=False),
    sa.Column('ends_at', sa.DateTime(), nullable=False),
    sa.Column('is_online', sa.Boolean(), nullable=False),
    sa.Column('place', sa.String(length=200), nullable=False),
    sa.Column('seats', sa.Integer(), nullable=False),
    sa.Column('offered_by_id', sa.Integer(), nullable=False),
    sa.Column('offered_at', sa.DateTime(), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(), nullable=True),
    sa.Column('withdraw_reason', sa.Text(), nullable=False),
    sa.CheckConstraint("(withdrawn_at IS NULL) = (withdraw_reason = '')", name=op.f('ck_consultation_slot_withdrawn_at_iff_reason')),
    sa.CheckConstraint("place <> ''", name=op.f('ck_consultation_slot_has_place')),
    sa.CheckConstraint('ends_at > starts_at', name=op.f('ck_consultation_slot_period_in_order')),
    sa.CheckConstraint('seats BETWEEN 1 AND 20', name=op.f('ck_consultation_slot_seats_in_range')),
    sa.ForeignKeyConstraint(['division_id'], ['division.id'], name=op.f('fk_consultation_slot_division_id_division')),
    sa.ForeignKeyConstraint(['offered_by_id'], ['user_account.id'], name=op.f('fk_consultation_slot_offered_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consultation_slot'))
    )
    with op.batch_alter_table('consultation_slot', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_consultation_slot_division_id'), ['division_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_consultation_slot_starts_at'), ['starts_at'], unique=False)

    op.create_table('counting_rule_edition',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('rule', sa.JSON(), nullable=False),
    sa.Column('in_force_from_fy', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('drafted_by_id', sa.Integer(), nullable=False),
    sa.Column('drafted_at', sa.DateTime(), nullable=False),
    sa.Column('adopted_by_id', sa.Integer(), nullable=True),
    sa.Column('adopted_at', sa.DateTime(), nullable=True),
    sa.Column('dropped_at', sa.DateTime(), nullable=True),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_counting_rule_edition_has_reason')),
    sa.CheckConstraint('(adopted_at IS NULL) = (adopted_by_id IS NULL)', name=op.f('ck_counting_rule_edition_adopted_at_iff_adopted_by')),
    sa.CheckConstraint('(dropped_at IS NULL) OR (adopted_at IS NULL)', name=op.f('ck_counting_rule_edition_dropped_or_adopted')),
    sa.CheckConstraint('adopted_by_id IS NULL OR adopted_by_id <> drafted_by_id', name=op.f('ck_counting_rule_edition_two_people')),
    sa.CheckConstraint('version >= 2', name=op.f('ck_counting_rule_edition_after_the_built_in')),
    sa.ForeignKeyConstraint(['adopted_by_id'], ['user_account.id'], name=op.f('fk_counting_rule_edition_adopted_by_id_user_account')),
    sa.ForeignKeyConstraint(['drafted_by_id'], ['user_account.id'], name=op.f('fk_counting_rule_edition_drafted_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_counting_rule_edition')),
    sa.UniqueConstraint('version', name=op.f('uq_counting_rule_edition_version'))
    )
    op.create_table('disclosure_request',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=12), nullable=False),
    sa.Column('requester', sa.String(length=200), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('received_on', sa.Date(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('verdict', sa.String(40), nullable=True),
    sa.Column('decision_reason', sa.Text(), nullable=False),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', sa.DateTime(), nullable=True),
    sa.Column('opens_on', sa.Date(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(verdict IS NULL) = (decision_reason = '')", name=op.f('ck_disclosure_request_verdict_iff_reason')),
    sa.CheckConstraint("subject <> '' AND requester <> ''", name=op.f('ck_disclosure_request_says_who_and_what')),
    sa.CheckConstraint('(decided_by_id IS NULL) = (decided_at IS NULL)', name=op.f('ck_disclosure_request_decided_by_iff_decided_at')),
    sa.CheckConstraint('(verdict IS NULL) = (decided_at IS NULL)', name=op.f('ck_disclosure_request_verdict_iff_decided_at')),
    sa.CheckConstraint('(verdict IS NULL) = (opens_on IS NULL)', name=op.f('ck_disclosure_request_verdict_iff_opens_on')),
    sa.CheckConstraint('due_on >= received_on', name=op.f('ck_disclosure_request_due_after_received')),
    sa.ForeignKeyConstraint(['created_by_id'], ['user_account.id'], name=op.f('fk_disclosure_request_created_by_id_user_account')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user_account.id'], name=op.f('fk_disclosure_request_decided_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_disclosure_request')),
    sa.UniqueConstraint('number', name=op.f('uq_disclosure_request_number'))
    )
    op.create_table('ledger_snapshot',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('fy', sa.Integer(), nullable=False),
    sa.Column('edition', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(40), nullable=False),
    sa.Column('as_of', sa.DateTime(), nullable=False),
    sa.Column('taken_at', sa.DateTime(), nullable=False),
    sa.Column('taken_by_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('rule', sa.JSON(), nullable=False),
    sa.Column('value', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.CheckConstraint("kind <> 'correction' OR reason <> ''", name=op.f('ck_ledger_snapshot_correction_has_reason')),
    sa.CheckConstraint('as_of <= taken_at', name=op.f('ck_ledger_snapshot_as_of_not_ahead')),
    sa.CheckConstraint('edition >= 1', name=op.f('ck_ledger_snapshot_edition_counts_from_one')),
    sa.CheckConstraint('value >= 0', name=op.f('ck_ledger_snapshot_value_not_negative')),
    sa.ForeignKeyConstraint(['taken_by_id'], ['user_account.id'], name=op.f('fk_ledger_snapshot_taken_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_snapshot')),
    sa.UniqueConstraint('fy', 'edition', name=op.f('uq_ledger_snapshot_fy_edition'))
    )
    with op.batch_alter_table('ledger_snapshot', schema=None) as batch_op:
        batch_op.create_index('ix_ledger_snapshot_one_closing', ['fy'], unique=True, sqlite_where=sa.text("kind = 'closing'"), postgresql_where=sa.text("kind = 'closing'"))

    op.create_table('nudge',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('items', sa.Integer(), nullable=False),
    sa.Column('sent_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint('items > 0', name=op.f('ck_nudge_reminds_of_something')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_nudge_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_nudge')),
    sa.UniqueConstraint('user_id', 'on', name=op.f('uq_nudge_user_id_on'))
    )
    with op.batch_alter_table('nudge', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_nudge_on'), ['on'], unique=False)

    op.create_table('progress_assessment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('fy', sa.Integer(), nullable=False),
    sa.Column('edition', sa.Integer(), nullable=False),
    sa.Column('degree', sa.String(40), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('drafted_by_id', sa.Integer(), nullable=False),
    sa.Column('drafted_at', sa.DateTime(), nullable=False),
    sa.Column('approved_by_id', sa.Integer(), nullable=True),
    sa.Column('approved_at', sa.DateTime(), nullable=True),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_progress_assessment_has_reason')),
    sa.CheckConstraint('(approved_at IS NULL) = (approved_by_id IS NULL)', name=op.f('ck_progress_assessment_approved_at_iff_approved_by')),
    sa.CheckConstraint('approved_by_id IS NULL OR approved_by_id <> drafted_by_id', name=op.f('ck_progress_assessment_two_people')),
    sa.CheckConstraint('edition >= 1', name=op.f('ck_progress_assessment_edition_counts_from_one')),
    sa.ForeignKeyConstraint(['approved_by_id'], ['user_account.id'], name=op.f('fk_progress_assessment_approved_by_id_user_account')),
    sa.ForeignKeyConstraint(['drafted_by_id'], ['user_account.id'], name=op.f('fk_progress_assessment_drafted_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_progress_assessment')),
    sa.UniqueConstraint('fy', 'edition', name=op.f('uq_progress_assessment_fy_edition'))
    )
    op.create_table('promise',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(40), nullable=False),
    sa.Column('business_days', sa.Integer(), nullable=False),
    sa.Column('release_days', sa.Integer(), nullable=True),
    sa.Column('valid_from_on', sa.Date(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('made_by_id', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_promise_has_reason')),
    sa.CheckConstraint('business_days BETWEEN 1 AND 250', name=op.f('ck_promise_days_in_range')),
    sa.CheckConstraint('release_days IS NULL OR release_days BETWEEN 1 AND 250', name=op.f('ck_promise_release_days_in_range')),
    sa.ForeignKeyConstraint(['made_by_id'], ['user_account.id'], name=op.f('fk_promise_made_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_promise'))
    )
    with op.batch_alter_table('promise', schema=None) as batch_op:
        batch_op.create_index('ix_promise_kind_valid_from_on', ['kind', 'valid_from_on'], unique=False)

    op.create_table('report_round',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('fy', sa.Integer(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('opened_by_id', sa.Integer(), nullable=False),
    sa.Column('opened_at', sa.DateTime(), nullable=False),
    sa.Column('closed_by_id', sa.Integer(), nullable=True),
    sa.Column('closed_at', sa.DateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('(closed_at IS NULL) = (closed_by_id IS NULL)', name=op.f('ck_report_round_closed_at_iff_closed_by')),
    sa.CheckConstraint('closed_at IS NULL OR closed_at >= opened_at', name=op.f('ck_report_round_closed_after_opening')),
    sa.ForeignKeyConstraint(['closed_by_id'], ['user_account.id'], name=op.f('fk_report_round_closed_by_id_user_account')),
    sa.ForeignKeyConstraint(['opened_by_id'], ['user_account.id'], name=op.f('fk_report_round_opened_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report_round')),
    sa.UniqueConstraint('fy', name=op.f('uq_report_round_fy'))
    )
    op.create_table('series_break',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('indicator', sa.String(length=40), nullable=False),
    sa.Column('fy', sa.Integer(), nullable=False),
    sa.Column('is_break', sa.Boolean(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('entered_by_id', sa.Integer(), nullable=False),
    sa.Column('entered_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint("note <> ''", name=op.f('ck_series_break_has_note')),
    sa.ForeignKeyConstraint(['entered_by_id'], ['user_account.id'], name=op.f('fk_series_break_entered_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_series_break'))
    )
    with op.batch_alter_table('series_break', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_series_break_indicator'), ['indicator'], unique=False)

    op.create_table('vocabulary_change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('table_name', sa.String(length=30), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('row', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('changed_by_id', sa.Integer(), nullable=False),
    sa.Column('changed_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_vocabulary_change_has_reason')),
    sa.ForeignKeyConstraint(['changed_by_id'], ['user_account.id'], name=op.f('fk_vocabulary_change_changed_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_vocabulary_change')),
    sa.UniqueConstraint('table_name', 'key', name=op.f('uq_vocabulary_change_table_name_key'))
    )
    op.create_table('vocabulary_edition',
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('label', sa.String(length=20), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('changes', sa.JSON(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('in_force_from_on', sa.Date(), nullable=False),
    sa.Column('made_by_id', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_vocabulary_edition_has_reason')),
    sa.CheckConstraint('number > 1', name=op.f('ck_vocabulary_edition_number_after_built_in')),
    sa.ForeignKeyConstraint(['digest'], ['vocabulary_content.digest'], name=op.f('fk_vocabulary_edition_digest_vocabulary_content')),
    sa.ForeignKeyConstraint(['made_by_id'], ['user_account.id'], name=op.f('fk_vocabulary_edition_made_by_id_user_account')),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_vocabulary_edition')),
    sa.UniqueConstraint('label', name=op.f('uq_vocabulary_edition_label'))
    )
    with op.batch_alter_table('vocabulary_edition', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_vocabulary_edition_in_force_from_on'), ['in_force_from_on'], unique=False)

    op.create_table('call_criterion',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('call_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('weight', sa.Integer(), nullable=False),
    sa.Column('least_score', sa.Integer(), nullable=False),
    sa.Column('most_score', sa.Integer(), nullable=False),
    sa.CheckConstraint("name <> ''", name=op.f('ck_call_criterion_has_name')),
    sa.CheckConstraint('most_score > least_score AND least_score >= 0 AND most_score <= 10', name=op.f('ck_call_criterion_scores_in_order')),
    sa.CheckConstraint('weight BETWEEN 1 AND 10', name=op.f('ck_call_criterion_weight_in_range')),
    sa.ForeignKeyConstraint(['call_id'], ['call.id'], name=op.f('fk_call_criterion_call_id_call'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_call_criterion')),
    sa.UniqueConstraint('call_id', 'position', name=op.f('uq_call_criterion_call_id_position'))
    )
    with op.batch_alter_table('call_criterion', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_call_criterion_call_id'), ['call_id'], unique=False)

    op.create_table('call_edition',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('call_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('saved_at', sa.DateTime(), nullable=False),
    sa.Column('saved_by_id', sa.Integer(), nullable=False),
    sa.CheckConstraint("number = 1 OR reason <> ''", name=op.f('ck_call_edition_change_has_reason')),
    sa.ForeignKeyConstraint(['call_id'], ['call.id'], name=op.f('fk_call_edition_call_id_call')),
    sa.ForeignKeyConstraint(['saved_by_id'], ['user_account.id'], name=op.f('fk_call_edition_saved_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_call_edition')),
    sa.UniqueConstraint('call_id', 'number', name=op.f('uq_call_edition_call_id_number'))
    )
    with op.batch_alter_table('call_edition', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_call_edition_call_id'), ['call_id'], unique=False)

    op.create_table('call_stage',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('call_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(40), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('place', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['call_id'], ['call.id'], name=op.f('fk_call_stage_call_id_call'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_call_stage')),
    sa.UniqueConstraint('call_id', 'kind', name=op.f('uq_call_stage_call_id_kind'))
    )
    with op.batch_alter_table('call_stage', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_call_stage_call_id'), ['call_id'], unique=False)

    op.create_table('call_theme',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=12), nullable=False),
    sa.Column('call_id', sa.Integer(), nullable=False),
    sa.Column('division_id', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('issue', sa.Text(), nullable=False),
    sa.Column('wish', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['call_id'], ['call.id'], name=op.f('fk_call_theme_call_id_call'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['division_id'], ['division.id'], name=op.f('fk_call_theme_division_id_division')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_call_theme')),
    sa.UniqueConstraint('number', name=op.f('uq_call_theme_number'))
    )
    with op.batch_alter_table('call_theme', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_call_theme_call_id'), ['call_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_call_theme_division_id'), ['division_id'], unique=False)

    op.create_table('organisation_name',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('kana', sa.String(length=120), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=True),
    sa.Column('until_on', sa.Date(), nullable=False),
    sa.Column('merged_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('from_on IS NULL OR until_on >= from_on', name=op.f('ck_organisation_name_period_in_order')),
    sa.ForeignKeyConstraint(['merged_id'], ['organisation.id'], name=op.f('fk_organisation_name_merged_id_organisation')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_organisation_name_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organisation_name'))
    )
    with op.batch_alter_table('organisation_name', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_organisation_name_organisation_id'), ['organisation_id'], unique=False)

    op.create_table('panel_affiliation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('judge_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(40), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=True),
    sa.Column('division_id', sa.Integer(), nullable=True),
    sa.Column('entered_at', sa.DateTime(), nullable=False),
    sa.Column('entered_by_id', sa.Integer(), nullable=True),
    sa.Column('ended_at', sa.DateTime(), nullable=True),
    sa.CheckConstraint("kind IN ('officer', 'employer')", name=op.f('ck_panel_affiliation_kind_of_record')),
    sa.CheckConstraint("name <> ''", name=op.f('ck_panel_affiliation_has_name')),
    sa.CheckConstraint('organisation_id IS NULL OR division_id IS NULL', name=op.f('ck_panel_affiliation_one_body')),
    sa.ForeignKeyConstraint(['division_id'], ['division.id'], name=op.f('fk_panel_affiliation_division_id_division')),
    sa.ForeignKeyConstraint(['entered_by_id'], ['user_account.id'], name=op.f('fk_panel_affiliation_entered_by_id_user_account')),
    sa.ForeignKeyConstraint(['judge_id'], ['user_account.id'], name=op.f('fk_panel_affiliation_judge_id_user_account')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_panel_affiliation_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_panel_affiliation'))
    )
    with op.batch_alter_table('panel_affiliation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_panel_affiliation_judge_id'), ['judge_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_panel_affiliation_organisation_id'), ['organisation_id'], unique=False)

    op.create_table('presentation_day',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('call_id', sa.Integer(), nullable=True),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('place', sa.String(length=200), nullable=False),
    sa.Column('starts_at', sa.DateTime(), nullable=False),
    sa.Column('talk_minutes', sa.Integer(), nullable=False),
    sa.Column('questions_minutes', sa.Integer(), nullable=False),
    sa.Column('changeover_minutes', sa.Integer(), nullable=False),
    sa.Column('published_at', sa.DateTime(), nullable=True),
    sa.Column('questions_released_at', sa.DateTime(), nullable=True),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("title <> ''", name=op.f('ck_presentation_day_has_title')),
    sa.CheckConstraint('changeover_minutes BETWEEN 0 AND 60', name=op.f('ck_presentation_day_changeover_in_range')),
    sa.CheckConstraint('questions_minutes BETWEEN 0 AND 120', name=op.f('ck_presentation_day_questions_in_range')),
    sa.CheckConstraint('talk_minutes BETWEEN 1 AND 120', name=op.f('ck_presentation_day_talk_in_range')),
    sa.ForeignKeyConstraint(['call_id'], ['call.id'], name=op.f('fk_presentation_day_call_id_call')),
    sa.ForeignKeyConstraint(['created_by_id'], ['user_account.id'], name=op.f('fk_presentation_day_created_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_presentation_day'))
    )
    with op.batch_alter_table('presentation_day', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_presentation_day_call_id'), ['call_id'], unique=False)

    op.create_table('report_round_answer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('division_id', sa.Integer(), nullable=False),
    sa.Column('handed_in_by_id', sa.Integer(), nullable=True),
    sa.Column('handed_in_at', sa.DateTime(), nullable=True),
    sa.Column('has_none', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('(handed_in_at IS NULL) = (handed_in_by_id IS NULL)', name=op.f('ck_report_round_answer_handed_in_at_iff_by')),
    sa.CheckConstraint('NOT has_none OR handed_in_at IS NOT NULL', name=op.f('ck_report_round_answer_none_is_handed_in')),
    sa.ForeignKeyConstraint(['division_id'], ['division.id'], name=op.f('fk_report_round_answer_division_id_division')),
    sa.ForeignKeyConstraint(['handed_in_by_id'], ['user_account.id'], name=op.f('fk_report_round_answer_handed_in_by_id_user_account')),
    sa.ForeignKeyConstraint(['round_id'], ['report_round.id'], name=op.f('fk_report_round_answer_round_id_report_round')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report_round_answer')),
    sa.UniqueConstraint('round_id', 'division_id', name=op.f('uq_report_round_answer_round_id_division_id'))
    )
    with op.batch_alter_table('report_round_answer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_report_round_answer_division_id'), ['division_id'], unique=False)

    op.create_table('report_round_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('division_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=False),
    sa.Column('action', sa.String(40), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['user_account.id'], name=op.f('fk_report_round_event_actor_id_user_account')),
    sa.ForeignKeyConstraint(['division_id'], ['division.id'], name=op.f('fk_report_round_event_division_id_division')),
    sa.ForeignKeyConstraint(['round_id'], ['report_round.id'], name=op.f('fk_report_round_event_round_id_report_round')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report_round_event'))
    )
    with op.batch_alter_table('report_round_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_report_round_event_round_id'), ['round_id'], unique=False)

    op.create_table('result_release',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('call_id', sa.Integer(), nullable=False),
    sa.Column('release_at', sa.DateTime(), nullable=False),
    sa.Column('ordered_by_id', sa.Integer(), nullable=False),
    sa.Column('ordered_at', sa.DateTime(), nullable=False),
    sa.Column('done_at', sa.DateTime(), nullable=True),
    sa.Column('cancelled_at', sa.DateTime(), nullable=True),
    sa.Column('refusal', sa.Text(), nullable=False),
    sa.CheckConstraint("refusal = '' OR done_at IS NULL", name=op.f('ck_result_release_refused_is_not_done')),
    sa.CheckConstraint('done_at IS NULL OR cancelled_at IS NULL', name=op.f('ck_result_release_done_or_cancelled')),
    sa.ForeignKeyConstraint(['call_id'], ['call.id'], name=op.f('fk_result_release_call_id_call')),
    sa.ForeignKeyConstraint(['ordered_by_id'], ['user_account.id'], name=op.f('fk_result_release_ordered_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_result_release'))
    )
    with op.batch_alter_table('result_release', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_result_release_call_id'), ['call_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_result_release_release_at'), ['release_at'], unique=False)

    op.create_table('roll_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('entered_by_id', sa.Integer(), nullable=False),
    sa.Column('entered_at', sa.DateTime(), nullable=False),
    sa.Column('left_by_id', sa.Integer(), nullable=True),
    sa.Column('left_at', sa.DateTime(), nullable=True),
    sa.CheckConstraint('(left_at IS NULL) = (left_by_id IS NULL)', name=op.f('ck_roll_entry_left_at_iff_left_by')),
    sa.CheckConstraint('left_at IS NULL OR left_at >= entered_at', name=op.f('ck_roll_entry_leaves_after_entering')),
    sa.ForeignKeyConstraint(['entered_by_id'], ['user_account.id'], name=op.f('fk_roll_entry_entered_by_id_user_account')),
    sa.ForeignKeyConstraint(['left_by_id'], ['user_account.id'], name=op.f('fk_roll_entry_left_by_id_user_account')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_roll_entry_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_roll_entry'))
    )
    with op.batch_alter_table('roll_entry', schema=None) as batch_op:
        batch_op.create_index('ix_roll_entry_one_open', ['organisation_id'], unique=True, sqlite_where=sa.text('left_at IS NULL'), postgresql_where=sa.text('left_at IS NULL'))

    op.create_table('third_party_consultation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('request_id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('sent_by_id', sa.Integer(), nullable=False),
    sa.Column('sent_at', sa.DateTime(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('objects', sa.Boolean(), nullable=True),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('answered_by_id', sa.Integer(), nullable=True),
    sa.Column('answered_at', sa.DateTime(), nullable=True),
    sa.CheckConstraint("objects IS NULL OR NOT objects OR words <> ''", name=op.f('ck_third_party_consultation_objection_says_why')),
    sa.CheckConstraint('(objects IS NULL) = (answered_at IS NULL)', name=op.f('ck_third_party_consultation_answer_iff_answered_at')),
    sa.ForeignKeyConstraint(['answered_by_id'], ['user_account.id'], name=op.f('fk_third_party_consultation_answered_by_id_user_account')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_third_party_consultation_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['request_id'], ['disclosure_request.id'], name=op.f('fk_third_party_consultation_request_id_disclosure_request')),
    sa.ForeignKeyConstraint(['sent_by_id'], ['user_account.id'], name=op.f('fk_third_party_consultation_sent_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_third_party_consultation')),
    sa.UniqueConstraint('request_id', 'organisation_id', name=op.f('uq_third_party_consultation_request_id_organisation_id'))
    )
    with op.batch_alter_table('third_party_consultation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_third_party_consultation_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_third_party_consultation_request_id'), ['request_id'], unique=False)

    op.create_table('presentation_attendance',
    sa.Column('day_id', sa.Integer(), nullable=False),
    sa.Column('division_id', sa.Integer(), nullable=False),
    sa.Column('people', sa.Integer(), nullable=False),
    sa.CheckConstraint('people BETWEEN 1 AND 999', name=op.f('ck_presentation_attendance_people_in_range')),
    sa.ForeignKeyConstraint(['day_id'], ['presentation_day.id'], name=op.f('fk_presentation_attendance_day_id_presentation_day'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['division_id'], ['division.id'], name=op.f('fk_presentation_attendance_division_id_division')),
    sa.PrimaryKeyConstraint('day_id', 'division_id', name=op.f('pk_presentation_attendance'))
    )
    op.create_table('circulation_request',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('division_id', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(40), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('sent_by_id', sa.Integer(), nullable=True),
    sa.Column('sent_at', sa.DateTime(), nullable=False),
    sa.Column('stalled_at', sa.DateTime(), nullable=True),
    sa.Column('reminded_at', sa.DateTime(), nullable=True),
    sa.Column('ended_at', sa.DateTime(), nullable=True),
    sa.Column('end_reason', sa.Text(), nullable=False),
    sa.Column('moved_from_id', sa.Integer(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(ended_at IS NULL) = (end_reason = '')", name=op.f('ck_circulation_request_end_has_reason')),
    sa.CheckConstraint("(status IN ('withdrawn', 'moved', 'closed')) = (ended_at IS NOT NULL)", name=op.f('ck_circulation_request_ended_at_iff_ended')),
    sa.CheckConstraint("status <> 'stalled' OR stalled_at IS NOT NULL", name=op.f('ck_circulation_request_stalled_has_moment')),
    sa.CheckConstraint('moved_from_id IS NULL OR moved_from_id <> id', name=op.f('ck_circulation_request_moved_from_another')),
    sa.ForeignKeyConstraint(['division_id'], ['division.id'], name=op.f('fk_circulation_request_division_id_division')),
    sa.ForeignKeyConstraint(['moved_from_id'], ['circulation_request.id'], name=op.f('fk_circulation_request_moved_from_id_circulation_request')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_circulation_request_proposal_id_proposal')),
    sa.ForeignKeyConstraint(['sent_by_id'], ['user_account.id'], name=op.f('fk_circulation_request_sent_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_circulation_request'))
    )
    with op.batch_alter_table('circulation_request', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_circulation_request_division_id'), ['division_id'], unique=False)
        batch_op.create_index('ix_circulation_request_one_open', ['proposal_id', 'division_id'], unique=True, sqlite_where=sa.text("status IN ('waiting', 'stalled')"), postgresql_where=sa.text("status IN ('waiting', 'stalled')"))
        batch_op.create_index(batch_op.f('ix_circulation_request_proposal_id'), ['proposal_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_circulation_request_status'), ['status'], unique=False)

    op.create_table('consultation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slot_id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=True),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('booked_by_id', sa.Integer(), nullable=False),
    sa.Column('booked_at', sa.DateTime(), nullable=False),
    sa.Column('cancelled_at', sa.DateTime(), nullable=True),
    sa.Column('cancelled_by_id', sa.Integer(), nullable=True),
    sa.Column('cancel_reason', sa.Text(), nullable=False),
    sa.Column('reminded_at', sa.DateTime(), nullable=True),
    sa.CheckConstraint("cancelled_at IS NULL OR cancel_reason <> ''", name=op.f('ck_consultation_cancelled_has_reason')),
    sa.CheckConstraint("proposal_id IS NOT NULL OR subject <> ''", name=op.f('ck_consultation_has_subject')),
    sa.CheckConstraint('(cancelled_at IS NULL) = (cancelled_by_id IS NULL)', name=op.f('ck_consultation_cancelled_at_iff_by')),
    sa.ForeignKeyConstraint(['booked_by_id'], ['user_account.id'], name=op.f('fk_consultation_booked_by_id_user_account')),
    sa.ForeignKeyConstraint(['cancelled_by_id'], ['user_account.id'], name=op.f('fk_consultation_cancelled_by_id_user_account')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_consultation_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_consultation_proposal_id_proposal')),
    sa.ForeignKeyConstraint(['slot_id'], ['consultation_slot.id'], name=op.f('fk_consultation_slot_id_consultation_slot')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consultation'))
    )
    with op.batch_alter_table('consultation', schema=None) as batch_op:
        batch_op.create_index('ix_consultation_one_standing', ['slot_id', 'organisation_id'], unique=True, sqlite_where=sa.text('cancelled_at IS NULL'), postgresql_where=sa.text('cancelled_at IS NULL'))
        batch_op.create_index(batch_op.f('ix_consultation_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_consultation_proposal_id'), ['proposal_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_consultation_slot_id'), ['slot_id'], unique=False)

    op.create_table('disclosure_item',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('request_id', sa.Integer(), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(40), nullable=False),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_disclosure_item_proposal_id_proposal')),
    sa.ForeignKeyConstraint(['request_id'], ['disclosure_request.id'], name=op.f('fk_disclosure_item_request_id_disclosure_request'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_disclosure_item')),
    sa.UniqueConstraint('request_id', 'proposal_id', 'kind', name=op.f('uq_disclosure_item_request_id_proposal_id_kind'))
    )
    with op.batch_alter_table('disclosure_item', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_disclosure_item_proposal_id'), ['proposal_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_disclosure_item_request_id'), ['request_id'], unique=False)

    op.create_table('field_level',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('question', sa.String(40), nullable=False),
    sa.Column('is_by_office', sa.Boolean(), nullable=False),
    sa.Column('level', sa.String(40), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('until_on', sa.Date(), nullable=True),
    sa.Column('reason', sa.String(40), nullable=True),
    sa.Column('set_by_id', sa.Integer(), nullable=False),
    sa.Column('set_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint("reason IS NULL OR reason <> 'deliberation' OR until_on IS NOT NULL", name=op.f('ck_field_level_deliberation_ends')),
    sa.CheckConstraint('is_by_office = (reason IS NOT NULL)', name=op.f('ck_field_level_office_says_why')),
    sa.CheckConstraint('until_on IS NULL OR until_on >= from_on', name=op.f('ck_field_level_period_in_order')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_field_level_proposal_id_proposal'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['set_by_id'], ['user_account.id'], name=op.f('fk_field_level_set_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_field_level')),
    sa.UniqueConstraint('proposal_id', 'question', 'is_by_office', name=op.f('uq_field_level_proposal_id_question_is_by_office'))
    )
    with op.batch_alter_table('field_level', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_field_level_proposal_id'), ['proposal_id'], unique=False)

    op.create_table('panel_assignment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('judge_id', sa.Integer(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('assigned_by_id', sa.Integer(), nullable=False),
    sa.Column('assigned_at', sa.DateTime(), nullable=False),
    sa.Column('ended_at', sa.DateTime(), nullable=True),
    sa.Column('ended_by_id', sa.Integer(), nullable=True),
    sa.Column('end_reason', sa.Text(), nullable=False),
    sa.CheckConstraint("(ended_at IS NULL) = (end_reason = '')", name=op.f('ck_panel_assignment_ended_at_iff_reason')),
    sa.ForeignKeyConstraint(['assigned_by_id'], ['user_account.id'], name=op.f('fk_panel_assignment_assigned_by_id_user_account')),
    sa.ForeignKeyConstraint(['ended_by_id'], ['user_account.id'], name=op.f('fk_panel_assignment_ended_by_id_user_account')),
    sa.ForeignKeyConstraint(['judge_id'], ['user_account.id'], name=op.f('fk_panel_assignment_judge_id_user_account')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_panel_assignment_proposal_id_proposal')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_panel_assignment'))
    )
    with op.batch_alter_table('panel_assignment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_panel_assignment_judge_id'), ['judge_id'], unique=False)
        batch_op.create_index('ix_panel_assignment_one_current', ['proposal_id', 'judge_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.create_index(batch_op.f('ix_panel_assignment_proposal_id'), ['proposal_id'], unique=False)

    op.create_table('panel_decision',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('stage', sa.String(40), nullable=False),
    sa.Column('outcome', sa.String(40), nullable=True),
    sa.Column('held_on', sa.Date(), nullable=True),
    sa.Column('chair', sa.String(length=80), nullable=False),
    sa.Column('quorum', sa.Integer(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('recorded_by_id', sa.Integer(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint("(outcome IS NULL) = (chair = '')", name=op.f('ck_panel_decision_chair_iff_meeting')),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_panel_decision_has_reason')),
    sa.CheckConstraint('(outcome IS NULL) = (held_on IS NULL)', name=op.f('ck_panel_decision_held_on_iff_meeting')),
    sa.CheckConstraint('(outcome IS NULL) = (quorum IS NULL)', name=op.f('ck_panel_decision_quorum_iff_meeting')),
    sa.CheckConstraint('quorum IS NULL OR quorum >= 1', name=op.f('ck_panel_decision_quorum_positive')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_panel_decision_proposal_id_proposal')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['user_account.id'], name=op.f('fk_panel_decision_recorded_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_panel_decision'))
    )
    with op.batch_alter_table('panel_decision', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_panel_decision_proposal_id'), ['proposal_id'], unique=False)

    op.create_table('presentation_slot',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('day_id', sa.Integer(), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(40), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('talk_started_at', sa.DateTime(), nullable=True),
    sa.Column('questions_started_at', sa.DateTime(), nullable=True),
    sa.Column('ended_at', sa.DateTime(), nullable=True),
    sa.CheckConstraint("(state = 'held') = (ended_at IS NOT NULL)", name=op.f('ck_presentation_slot_ended_at_iff_held')),
    sa.CheckConstraint("(state IN ('no-show', 'cancelled')) = (reason <> '')", name=op.f('ck_presentation_slot_reason_iff_not_held')),
    sa.CheckConstraint('questions_started_at IS NULL OR talk_started_at IS NOT NULL', name=op.f('ck_presentation_slot_talk_before_questions')),
    sa.ForeignKeyConstraint(['day_id'], ['presentation_day.id'], name=op.f('fk_presentation_slot_day_id_presentation_day')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_presentation_slot_proposal_id_proposal')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_presentation_slot')),
    sa.UniqueConstraint('day_id', 'proposal_id', name=op.f('uq_presentation_slot_day_id_proposal_id'))
    )
    with op.batch_alter_table('presentation_slot', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_presentation_slot_day_id'), ['day_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_presentation_slot_proposal_id'), ['proposal_id'], unique=False)

    op.create_table('proxy_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('channel', sa.String(40), nullable=False),
    sa.Column('entered_by_id', sa.Integer(), nullable=False),
    sa.Column('entered_at', sa.DateTime(), nullable=False),
    sa.Column('asked_at', sa.DateTime(), nullable=True),
    sa.Column('link_hash', sa.String(length=64), nullable=False),
    sa.Column('code_hash', sa.String(length=64), nullable=False),
    sa.Column('code_made_at', sa.DateTime(), nullable=True),
    sa.Column('code_tries', sa.Integer(), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(), nullable=True),
    sa.Column('confirmed_by', sa.String(40), nullable=True),
    sa.Column('confirmed_mark', sa.String(length=20), nullable=False),
    sa.Column('refused_at', sa.DateTime(), nullable=True),
    sa.Column('refused_reason', sa.Text(), nullable=False),
    sa.CheckConstraint("(refused_at IS NULL) = (refused_reason = '')", name=op.f('ck_proxy_entry_refused_at_iff_reason')),
    sa.CheckConstraint('(confirmed_at IS NULL) = (confirmed_by IS NULL)', name=op.f('ck_proxy_entry_confirmed_at_iff_way')),
    sa.CheckConstraint('code_tries >= 0', name=op.f('ck_proxy_entry_tries_counted')),
    sa.CheckConstraint('confirmed_at IS NULL OR refused_at IS NULL', name=op.f('ck_proxy_entry_confirmed_or_refused')),
    sa.ForeignKeyConstraint(['entered_by_id'], ['user_account.id'], name=op.f('fk_proxy_entry_entered_by_id_user_account')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_proxy_entry_proposal_id_proposal')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proxy_entry')),
    sa.UniqueConstraint('proposal_id', name=op.f('uq_proxy_entry_proposal_id'))
    )
    with op.batch_alter_table('proxy_entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_proxy_entry_entered_by_id'), ['entered_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_proxy_entry_link_hash'), ['link_hash'], unique=False)

    op.create_table('reception_check',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('item_key', sa.String(length=40), nullable=False),
    sa.Column('answer', sa.String(40), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('checked_by_id', sa.Integer(), nullable=False),
    sa.Column('checked_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint("answer = 'yes' OR note <> ''", name=op.f('ck_reception_check_note_unless_yes')),
    sa.CheckConstraint('round > 0', name=op.f('ck_reception_check_round_counts')),
    sa.ForeignKeyConstraint(['checked_by_id'], ['user_account.id'], name=op.f('fk_reception_check_checked_by_id_user_account')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_reception_check_proposal_id_proposal')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reception_check')),
    sa.UniqueConstraint('proposal_id', 'round', 'item_key', name=op.f('uq_reception_check_proposal_id_round_item_key'))
    )
    with op.batch_alter_table('reception_check', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reception_check_proposal_id'), ['proposal_id'], unique=False)

    op.create_table('recusal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(40), nullable=False),
    sa.Column('kind', sa.String(40), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('recused_at', sa.DateTime(), nullable=False),
    sa.Column('recused_by_id', sa.Integer(), nullable=True),
    sa.Column('lifted_at', sa.DateTime(), nullable=True),
    sa.Column('lifted_by_id', sa.Integer(), nullable=True),
    sa.Column('lift_reason', sa.Text(), nullable=False),
    sa.Column('record', sa.String(length=40), nullable=False),
    sa.CheckConstraint("(lifted_at IS NULL) = (lift_reason = '')", name=op.f('ck_recusal_lifted_at_iff_reason')),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_recusal_has_reason')),
    sa.CheckConstraint('(lifted_at IS NULL) = (lifted_by_id IS NULL)', name=op.f('ck_recusal_lifted_at_iff_lifted_by')),
    sa.ForeignKeyConstraint(['lifted_by_id'], ['user_account.id'], name=op.f('fk_recusal_lifted_by_id_user_account')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_recusal_proposal_id_proposal')),
    sa.ForeignKeyConstraint(['recused_by_id'], ['user_account.id'], name=op.f('fk_recusal_recused_by_id_user_account')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_recusal_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recusal'))
    )
    with op.batch_alter_table('recusal', schema=None) as batch_op:
        batch_op.create_index('ix_recusal_one_standing', ['proposal_id', 'user_id'], unique=True, sqlite_where=sa.text('lifted_at IS NULL'), postgresql_where=sa.text('lifted_at IS NULL'))
        batch_op.create_index(batch_op.f('ix_recusal_proposal_id'), ['proposal_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_recusal_user_id'), ['user_id'], unique=False)

    op.create_table('circulation_answer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('request_id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(40), nullable=False),
    sa.Column('comment', sa.Text(), nullable=False),
    sa.Column('contact', sa.String(length=200), nullable=False),
    sa.Column('suggested_division_id', sa.Integer(), nullable=True),
    sa.Column('answered_by_id', sa.Integer(), nullable=False),
    sa.Column('answered_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint("code = 'interested' OR comment <> ''", name=op.f('ck_circulation_answer_comment_unless_interested')),
    sa.CheckConstraint("suggested_division_id IS NULL OR code = 'outside-remit'", name=op.f('ck_circulation_answer_suggestion_if_outside_remit')),
    sa.ForeignKeyConstraint(['answered_by_id'], ['user_account.id'], name=op.f('fk_circulation_answer_answered_by_id_user_account')),
    sa.ForeignKeyConstraint(['request_id'], ['circulation_request.id'], name=op.f('fk_circulation_answer_request_id_circulation_request')),
    sa.ForeignKeyConstraint(['suggested_division_id'], ['division.id'], name=op.f('fk_circulation_answer_suggested_division_id_division')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_circulation_answer'))
    )
    with op.batch_alter_table('circulation_answer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_circulation_answer_request_id'), ['request_id'], unique=False)

    op.create_table('consultation_note',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('consultation_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.Column('attendees', sa.String(length=300), nullable=False),
    sa.Column('said', sa.Text(), nullable=False),
    sa.Column('agreed', sa.Text(), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(), nullable=True),
    sa.Column('confirmed_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("confirmed_at IS NULL OR agreed <> ''", name=op.f('ck_consultation_note_confirmed_has_agreement')),
    sa.CheckConstraint("said <> ''", name=op.f('ck_consultation_note_has_words')),
    sa.CheckConstraint('(confirmed_at IS NULL) = (confirmed_by_id IS NULL)', name=op.f('ck_consultation_note_confirmed_at_iff_by')),
    sa.ForeignKeyConstraint(['author_id'], ['user_account.id'], name=op.f('fk_consultation_note_author_id_user_account')),
    sa.ForeignKeyConstraint(['confirmed_by_id'], ['user_account.id'], name=op.f('fk_consultation_note_confirmed_by_id_user_account')),
    sa.ForeignKeyConstraint(['consultation_id'], ['consultation.id'], name=op.f('fk_consultation_note_consultation_id_consultation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consultation_note'))
    )
    with op.batch_alter_table('consultation_note', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_consultation_note_consultation_id'), ['consultation_id'], unique=False)

    op.create_table('count_decision',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('snapshot_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('project_number', sa.String(length=12), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('form', sa.String(length=40), nullable=False),
    sa.Column('parties', sa.Text(), nullable=False),
    sa.Column('divisions', sa.Text(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('is_counted', sa.Boolean(), nullable=False),
    sa.Column('obstacles', sa.String(length=200), nullable=False),
    sa.Column('reasons', sa.Text(), nullable=False),
    sa.CheckConstraint("is_counted = (obstacles = '')", name=op.f('ck_count_decision_counted_iff_no_obstacle')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_count_decision_project_id_project')),
    sa.ForeignKeyConstraint(['snapshot_id'], ['ledger_snapshot.id'], name=op.f('fk_count_decision_snapshot_id_ledger_snapshot')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_count_decision')),
    sa.UniqueConstraint('snapshot_id', 'position', name=op.f('uq_count_decision_snapshot_id_position')),
    sa.UniqueConstraint('snapshot_id', 'project_id', name=op.f('uq_count_decision_snapshot_id_project_id'))
    )
    with op.batch_alter_table('count_decision', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_count_decision_project_id'), ['project_id'], unique=False)

    op.create_table('decision_ground',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('decision_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('criterion_key', sa.String(length=40), nullable=False),
    sa.Column('criterion_name', sa.String(length=60), nullable=False),
    sa.Column('source_key', sa.String(length=80), nullable=False),
    sa.Column('source_label', sa.String(length=200), nullable=False),
    sa.Column('second_source_key', sa.String(length=80), nullable=False),
    sa.Column('second_source_label', sa.String(length=200), nullable=False),
    sa.Column('score', sa.String(length=120), nullable=False),
    sa.Column('finding', sa.Text(), nullable=False),
    sa.CheckConstraint("finding <> ''", name=op.f('ck_decision_ground_has_finding')),
    sa.CheckConstraint("source_label <> ''", name=op.f('ck_decision_ground_has_source')),
    sa.ForeignKeyConstraint(['decision_id'], ['decision.id'], name=op.f('fk_decision_ground_decision_id_decision'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decision_ground')),
    sa.UniqueConstraint('decision_id', 'position', name=op.f('uq_decision_ground_decision_id_position'))
    )
    with op.batch_alter_table('decision_ground', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_decision_ground_decision_id'), ['decision_id'], unique=False)

    op.create_table('letter',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('decision_id', sa.Integer(), nullable=False),
    sa.Column('document_number', sa.String(length=40), nullable=True),
    sa.Column('dated_on', sa.Date(), nullable=True),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('sender', sa.String(length=120), nullable=False),
    sa.Column('public_text', sa.Text(), nullable=False),
    sa.Column('edited_by_id', sa.Integer(), nullable=True),
    sa.Column('edited_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("subject <> '' AND body <> '' AND public_text <> '' AND sender <> ''", name=op.f('ck_letter_is_written')),
    sa.CheckConstraint('(document_number IS NULL) = (dated_on IS NULL)', name=op.f('ck_letter_number_iff_day')),
    sa.ForeignKeyConstraint(['decision_id'], ['decision.id'], name=op.f('fk_letter_decision_id_decision')),
    sa.ForeignKeyConstraint(['edited_by_id'], ['user_account.id'], name=op.f('fk_letter_edited_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letter')),
    sa.UniqueConstraint('decision_id', name=op.f('uq_letter_decision_id')),
    sa.UniqueConstraint('document_number', name=op.f('uq_letter_document_number'))
    )
    op.create_table('panel_decision_member',
    sa.Column('decision_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('dissent', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['decision_id'], ['panel_decision.id'], name=op.f('fk_panel_decision_member_decision_id_panel_decision'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_panel_decision_member_user_id_user_account')),
    sa.PrimaryKeyConstraint('decision_id', 'user_id', name=op.f('pk_panel_decision_member'))
    )
    op.create_table('panel_decision_reason',
    sa.Column('decision_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=20), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_panel_decision_reason_has_reason')),
    sa.ForeignKeyConstraint(['decision_id'], ['panel_decision.id'], name=op.f('fk_panel_decision_reason_decision_id_panel_decision'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('decision_id', 'position', name=op.f('pk_panel_decision_reason'))
    )
    op.create_table('presentation_question',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slot_id', sa.Integer(), nullable=False),
    sa.Column('asked_by', sa.String(40), nullable=False),
    sa.Column('asker', sa.String(length=80), nullable=False),
    sa.Column('question', sa.Text(), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('recorded_by_id', sa.Integer(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint("question <> ''", name=op.f('ck_presentation_question_has_question')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['user_account.id'], name=op.f('fk_presentation_question_recorded_by_id_user_account')),
    sa.ForeignKeyConstraint(['slot_id'], ['presentation_slot.id'], name=op.f('fk_presentation_question_slot_id_presentation_slot')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_presentation_question'))
    )
    with op.batch_alter_table('presentation_question', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_presentation_question_slot_id'), ['slot_id'], unique=False)

    op.create_table('project_agreement',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('form', sa.String(40), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=False),
    sa.Column('party_keys', sa.JSON(), nullable=False),
    sa.Column('written_by_id', sa.Integer(), nullable=False),
    sa.Column('written_at', sa.DateTime(), nullable=False),
    sa.Column('effective_on', sa.Date(), nullable=True),
    sa.CheckConstraint("text <> ''", name=op.f('ck_project_agreement_has_text')),
    sa.CheckConstraint('ends_on >= starts_on', name=op.f('ck_project_agreement_period_in_order')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_project_agreement_project_id_project')),
    sa.ForeignKeyConstraint(['written_by_id'], ['user_account.id'], name=op.f('fk_project_agreement_written_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project_agreement')),
    sa.UniqueConstraint('project_id', 'number', name='uq_project_agreement_number')
    )
    with op.batch_alter_table('project_agreement', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_project_agreement_project_id'), ['project_id'], unique=False)

    op.create_table('project_allocation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('programme', sa.String(length=80), nullable=False),
    sa.Column('fy', sa.Integer(), nullable=False),
    sa.Column('yen', sa.BigInteger(), nullable=False),
    sa.Column('over_reason', sa.Text(), nullable=False),
    sa.Column('allocated_by_id', sa.Integer(), nullable=False),
    sa.Column('allocated_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint('yen >= 0', name=op.f('ck_project_allocation_not_negative')),
    sa.ForeignKeyConstraint(['allocated_by_id'], ['user_account.id'], name=op.f('fk_project_allocation_allocated_by_id_user_account')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_project_allocation_project_id_project')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project_allocation')),
    sa.UniqueConstraint('project_id', 'programme', 'fy', name='uq_project_allocation_year')
    )
    with op.batch_alter_table('project_allocation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_project_allocation_fy'), ['fy'], unique=False)
        batch_op.create_index(batch_op.f('ix_project_allocation_project_id'), ['project_id'], unique=False)

    op.create_table('project_change_request',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(40), nullable=False),
    sa.Column('status', sa.String(40), nullable=False),
    sa.Column('what', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('asked_by_id', sa.Integer(), nullable=False),
    sa.Column('asked_by_key', sa.String(length=40), nullable=False),
    sa.Column('asked_by_name', sa.String(length=200), nullable=False),
    sa.Column('asked_at', sa.DateTime(), nullable=False),
    sa.Column('answered_by_id', sa.Integer(), nullable=True),
    sa.Column('answered_by_name', sa.String(length=200), nullable=False),
    sa.Column('answered_at', sa.DateTime(), nullable=True),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.CheckConstraint("(status IN ('accepted', 'declined')) = (answered_at IS NOT NULL)", name=op.f('ck_project_change_request_answer_has_moment')),
    sa.CheckConstraint("status <> 'declined' OR answer <> ''", name=op.f('ck_project_change_request_no_says_why')),
    sa.ForeignKeyConstraint(['answered_by_id'], ['user_account.id'], name=op.f('fk_project_change_request_answered_by_id_user_account')),
    sa.ForeignKeyConstraint(['asked_by_id'], ['user_account.id'], name=op.f('fk_project_change_request_asked_by_id_user_account')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_project_change_request_project_id_project')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project_change_request')),
    sa.UniqueConstraint('project_id', 'number', name='uq_project_change_request_number')
    )
    with op.batch_alter_table('project_change_request', schema=None) as batch_op:
        batch_op.create_index('ix_project_change_request_one_open', ['project_id'], unique=True, sqlite_where=sa.text("status = 'open'"), postgresql_where=sa.text("status = 'open'"))
        batch_op.create_index(batch_op.f('ix_project_change_request_project_id'), ['project_id'], unique=False)

    op.create_table('project_coordinator',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('asked_by_id', sa.Integer(), nullable=False),
    sa.Column('asked_at', sa.DateTime(), nullable=False),
    sa.Column('ended_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['asked_by_id'], ['user_account.id'], name=op.f('fk_project_coordinator_asked_by_id_user_account')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_project_coordinator_project_id_project')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_project_coordinator_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project_coordinator'))
    )
    with op.batch_alter_table('project_coordinator', schema=None) as batch_op:
        batch_op.create_index('ix_project_coordinator_one_current', ['project_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.create_index(batch_op.f('ix_project_coordinator_project_id'), ['project_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_project_coordinator_user_id'), ['user_id'], unique=False)

    op.create_table('project_delivery_report',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(40), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('status', sa.String(40), nullable=False),
    sa.Column('done', sa.Text(), nullable=False),
    sa.Column('results', sa.Text(), nullable=False),
    sa.Column('problems', sa.Text(), nullable=False),
    sa.Column('spent_yen', sa.BigInteger(), nullable=True),
    sa.Column('sent_by_id', sa.Integer(), nullable=True),
    sa.Column('sent_by_key', sa.String(length=40), nullable=False),
    sa.Column('sent_at', sa.DateTime(), nullable=True),
    sa.Column('answered_by_id', sa.Integer(), nullable=True),
    sa.Column('answered_at', sa.DateTime(), nullable=True),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(status IN ('sent', 'accepted', 'returned')) = (sent_at IS NOT NULL)", name=op.f('ck_project_delivery_report_sent_has_moment')),
    sa.CheckConstraint("status NOT IN ('returned', 'waived') OR answer <> ''", name=op.f('ck_project_delivery_report_answer_says_why')),
    sa.CheckConstraint('answered_by_id IS NULL OR answered_by_id <> sent_by_id', name=op.f('ck_project_delivery_report_two_people')),
    sa.CheckConstraint('spent_yen IS NULL OR spent_yen >= 0', name=op.f('ck_project_delivery_report_spent_not_negative')),
    sa.ForeignKeyConstraint(['answered_by_id'], ['user_account.id'], name=op.f('fk_project_delivery_report_answered_by_id_user_account')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_project_delivery_report_project_id_project')),
    sa.ForeignKeyConstraint(['sent_by_id'], ['user_account.id'], name=op.f('fk_project_delivery_report_sent_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project_delivery_report')),
    sa.UniqueConstraint('project_id', 'number', name='uq_project_delivery_report_number')
    )
    with op.batch_alter_table('project_delivery_report', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_project_delivery_report_due_on'), ['due_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_project_delivery_report_project_id'), ['project_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_project_delivery_report_status'), ['status'], unique=False)

    op.create_table('project_form_choice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('form', sa.String(40), nullable=False),
    sa.Column('has_public_cost', sa.Boolean(), nullable=False),
    sa.Column('prefecture_specifies', sa.Boolean(), nullable=False),
    sa.Column('procedure', sa.String(40), nullable=False),
    sa.Column('grounds', sa.Text(), nullable=False),
    sa.Column('chosen_by_id', sa.Integer(), nullable=False),
    sa.Column('chosen_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint("grounds <> ''", name=op.f('ck_project_form_choice_has_grounds')),
    sa.ForeignKeyConstraint(['chosen_by_id'], ['user_account.id'], name=op.f('fk_project_form_choice_chosen_by_id_user_account')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_project_form_choice_project_id_project')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project_form_choice'))
    )
    with op.batch_alter_table('project_form_choice', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_project_form_choice_project_id'), ['project_id'], unique=False)

    op.create_table('project_meeting',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('begins', sa.String(length=5), nullable=False),
    sa.Column('place', sa.String(length=120), nullable=False),
    sa.Column('purpose', sa.String(length=200), nullable=False),
    sa.Column('is_public', sa.Boolean(), nullable=False),
    sa.Column('minutes', sa.Text(), nullable=False),
    sa.Column('minutes_at', sa.DateTime(), nullable=True),
    sa.Column('cancelled_at', sa.DateTime(), nullable=True),
    sa.Column('cancel_reason', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(cancelled_at IS NULL) = (cancel_reason = '')", name=op.f('ck_project_meeting_cancelled_says_why')),
    sa.CheckConstraint('cancelled_at IS NULL OR minutes_at IS NULL', name=op.f('ck_project_meeting_cancelled_has_no_minutes')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_project_meeting_project_id_project')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project_meeting')),
    sa.UniqueConstraint('project_id', 'number', name='uq_project_meeting_number')
    )
    with op.batch_alter_table('project_meeting', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_project_meeting_held_on'), ['held_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_project_meeting_project_id'), ['project_id'], unique=False)

    op.create_table('project_milestone',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('reached_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_project_milestone_project_id_project')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project_milestone'))
    )
    with op.batch_alter_table('project_milestone', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_project_milestone_project_id'), ['project_id'], unique=False)

    op.create_table('project_task',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('task', sa.String(length=120), nullable=False),
    sa.Column('npo', sa.String(length=200), nullable=False),
    sa.Column('prefecture', sa.String(length=200), nullable=False),
    sa.Column('municipality', sa.String(length=200), nullable=False),
    sa.Column('company', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_project_task_project_id_project')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project_task'))
    )
    with op.batch_alter_table('project_task', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_project_task_project_id'), ['project_id'], unique=False)

    op.create_table('reconsideration',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('decision_id', sa.Integer(), nullable=True),
    sa.Column('asked_by_id', sa.Integer(), nullable=False),
    sa.Column('asked_at', sa.DateTime(), nullable=False),
    sa.Column('answer_due_on', sa.Date(), nullable=False),
    sa.Column('verdict', sa.String(40), nullable=True),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('drafted_by_id', sa.Integer(), nullable=True),
    sa.Column('drafted_at', sa.DateTime(), nullable=True),
    sa.Column('sent_back_reason', sa.Text(), nullable=False),
    sa.Column('sent_back_answer', sa.Text(), nullable=False),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', sa.DateTime(), nullable=True),
    sa.Column('document_number', sa.String(length=40), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(verdict IS NULL) = (answer = '')", name=op.f('ck_reconsideration_verdict_iff_answer')),
    sa.CheckConstraint('(decided_by_id IS NULL) = (decided_at IS NULL)', name=op.f('ck_reconsideration_decided_by_iff_decided_at')),
    sa.CheckConstraint('(document_number IS NULL) = (decided_at IS NULL)', name=op.f('ck_reconsideration_number_iff_decided')),
    sa.CheckConstraint('(drafted_by_id IS NULL) = (drafted_at IS NULL)', name=op.f('ck_reconsideration_drafted_by_iff_drafted_at')),
    sa.CheckConstraint('(drafted_by_id IS NULL) = (verdict IS NULL)', name=op.f('ck_reconsideration_drafted_iff_verdict')),
    sa.CheckConstraint('decided_by_id IS NULL OR decided_by_id <> drafted_by_id', name=op.f('ck_reconsideration_two_people')),
    sa.CheckConstraint('decided_by_id IS NULL OR drafted_by_id IS NOT NULL', name=op.f('ck_reconsideration_decided_was_drafted')),
    sa.ForeignKeyConstraint(['asked_by_id'], ['user_account.id'], name=op.f('fk_reconsideration_asked_by_id_user_account')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user_account.id'], name=op.f('fk_reconsideration_decided_by_id_user_account')),
    sa.ForeignKeyConstraint(['decision_id'], ['decision.id'], name=op.f('fk_reconsideration_decision_id_decision')),
    sa.ForeignKeyConstraint(['drafted_by_id'], ['user_account.id'], name=op.f('fk_reconsideration_drafted_by_id_user_account')),
    sa.ForeignKeyConstraint(['event_id'], ['review_event.id'], name=op.f('fk_reconsideration_event_id_review_event')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_reconsideration_proposal_id_proposal')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reconsideration')),
    sa.UniqueConstraint('document_number', name=op.f('uq_reconsideration_document_number')),
    sa.UniqueConstraint('event_id', name=op.f('uq_reconsideration_event_id'))
    )
    with op.batch_alter_table('reconsideration', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reconsideration_decision_id'), ['decision_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_reconsideration_proposal_id'), ['proposal_id'], unique=False)

    op.create_table('redaction',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('field_key', sa.String(length=80), nullable=False),
    sa.Column('reason', sa.String(40), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['disclosure_item.id'], name=op.f('fk_redaction_item_id_disclosure_item'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_redaction')),
    sa.UniqueConstraint('item_id', 'field_key', name=op.f('uq_redaction_item_id_field_key'))
    )
    with op.batch_alter_table('redaction', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_redaction_item_id'), ['item_id'], unique=False)

    op.create_table('referral',
    sa.Column('decision_id', sa.Integer(), nullable=False),
    sa.Column('broker', sa.String(length=120), nullable=False),
    sa.Column('until_on', sa.Date(), nullable=True),
    sa.CheckConstraint("(broker = '') = (until_on IS NULL)", name=op.f('ck_referral_broker_iff_until')),
    sa.ForeignKeyConstraint(['decision_id'], ['decision.id'], name=op.f('fk_referral_decision_id_decision'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('decision_id', name=op.f('pk_referral'))
    )
    op.create_table('reflection_round',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('stage', sa.String(40), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('begun_by_id', sa.Integer(), nullable=False),
    sa.Column('begun_at', sa.DateTime(), nullable=False),
    sa.Column('unsealed_at', sa.DateTime(), nullable=True),
    sa.Column('opened_early_reason', sa.Text(), nullable=False),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('summary_edition', sa.Integer(), nullable=False),
    sa.Column('published_at', sa.DateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("opened_early_reason = '' OR unsealed_at IS NOT NULL", name=op.f('ck_reflection_round_early_reason_needs_opening')),
    sa.CheckConstraint("published_at IS NULL OR summary <> ''", name=op.f('ck_reflection_round_published_has_summary')),
    sa.CheckConstraint('position >= 1', name=op.f('ck_reflection_round_position_counts_from_one')),
    sa.CheckConstraint('published_at IS NULL OR unsealed_at IS NOT NULL', name=op.f('ck_reflection_round_published_after_unsealed')),
    sa.ForeignKeyConstraint(['begun_by_id'], ['user_account.id'], name=op.f('fk_reflection_round_begun_by_id_user_account')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_reflection_round_project_id_project')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reflection_round')),
    sa.UniqueConstraint('project_id', 'position', name=op.f('uq_reflection_round_project_id_position'))
    )
    with op.batch_alter_table('reflection_round', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reflection_round_project_id'), ['project_id'], unique=False)

    op.create_table('report_round_carry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('answer_id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('following_id', sa.Integer(), nullable=True),
    sa.Column('choice', sa.String(40), nullable=False),
    sa.Column('said_by_id', sa.Integer(), nullable=False),
    sa.Column('said_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint("(choice = 'ended') = (following_id IS NULL)", name=op.f('ck_report_round_carry_following_unless_ended')),
    sa.CheckConstraint('following_id IS NULL OR following_id <> project_id', name=op.f('ck_report_round_carry_not_its_own_following')),
    sa.ForeignKeyConstraint(['answer_id'], ['report_round_answer.id'], name=op.f('fk_report_round_carry_answer_id_report_round_answer')),
    sa.ForeignKeyConstraint(['following_id'], ['project.id'], name=op.f('fk_report_round_carry_following_id_project')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_report_round_carry_project_id_project')),
    sa.ForeignKeyConstraint(['said_by_id'], ['user_account.id'], name=op.f('fk_report_round_carry_said_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report_round_carry')),
    sa.UniqueConstraint('answer_id', 'project_id', name=op.f('uq_report_round_carry_answer_id_project_id'))
    )
    with op.batch_alter_table('report_round_carry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_report_round_carry_following_id'), ['following_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_report_round_carry_project_id'), ['project_id'], unique=False)

    op.create_table('report_round_pair',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('first_id', sa.Integer(), nullable=False),
    sa.Column('second_id', sa.Integer(), nullable=False),
    sa.Column('verdict', sa.String(40), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('decided_by_id', sa.Integer(), nullable=False),
    sa.Column('decided_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_report_round_pair_pair_has_reason')),
    sa.CheckConstraint('first_id < second_id', name=op.f('ck_report_round_pair_pair_in_order')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user_account.id'], name=op.f('fk_report_round_pair_decided_by_id_user_account')),
    sa.ForeignKeyConstraint(['first_id'], ['project.id'], name=op.f('fk_report_round_pair_first_id_project')),
    sa.ForeignKeyConstraint(['second_id'], ['project.id'], name=op.f('fk_report_round_pair_second_id_project')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report_round_pair')),
    sa.UniqueConstraint('first_id', 'second_id', name=op.f('uq_report_round_pair_first_id_second_id'))
    )
    with op.batch_alter_table('report_round_pair', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_report_round_pair_second_id'), ['second_id'], unique=False)

    op.create_table('result_release_decision',
    sa.Column('release_id', sa.Integer(), nullable=False),
    sa.Column('decision_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['decision_id'], ['decision.id'], name=op.f('fk_result_release_decision_decision_id_decision')),
    sa.ForeignKeyConstraint(['release_id'], ['result_release.id'], name=op.f('fk_result_release_decision_release_id_result_release'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('release_id', 'decision_id', name=op.f('pk_result_release_decision'))
    )
    op.create_table('score_sheet',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('assignment_id', sa.Integer(), nullable=False),
    sa.Column('stage', sa.String(40), nullable=False),
    sa.Column('reopenings', sa.Integer(), nullable=False),
    sa.Column('comment', sa.Text(), nullable=False),
    sa.Column('saved_at', sa.DateTime(), nullable=False),
    sa.Column('submitted_at', sa.DateTime(), nullable=True),
    sa.Column('is_late', sa.Boolean(), nullable=False),
    sa.Column('excluded_at', sa.DateTime(), nullable=True),
    sa.Column('exclude_reason', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(excluded_at IS NULL) = (exclude_reason = '')", name=op.f('ck_score_sheet_excluded_at_iff_reason')),
    sa.CheckConstraint('NOT is_late OR submitted_at IS NOT NULL', name=op.f('ck_score_sheet_late_is_submitted')),
    sa.CheckConstraint('reopenings >= 0', name=op.f('ck_score_sheet_reopenings_not_negative')),
    sa.ForeignKeyConstraint(['assignment_id'], ['panel_assignment.id'], name=op.f('fk_score_sheet_assignment_id_panel_assignment')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_score_sheet')),
    sa.UniqueConstraint('assignment_id', 'stage', 'reopenings', name=op.f('uq_score_sheet_assignment_id_stage_reopenings'))
    )
    with op.batch_alter_table('score_sheet', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_score_sheet_assignment_id'), ['assignment_id'], unique=False)

    op.create_table('tie_declaration',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('assignment_id', sa.Integer(), nullable=False),
    sa.Column('has_tie', sa.Boolean(), nullable=False),
    sa.Column('kind', sa.String(40), nullable=True),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('statement', sa.Text(), nullable=False),
    sa.Column('declared_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint("NOT has_tie OR words <> ''", name=op.f('ck_tie_declaration_tie_has_words')),
    sa.CheckConstraint("statement <> ''", name=op.f('ck_tie_declaration_has_statement')),
    sa.CheckConstraint('has_tie = (kind IS NOT NULL)', name=op.f('ck_tie_declaration_kind_iff_tie')),
    sa.ForeignKeyConstraint(['assignment_id'], ['panel_assignment.id'], name=op.f('fk_tie_declaration_assignment_id_panel_assignment')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tie_declaration'))
    )
    with op.batch_alter_table('tie_declaration', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_tie_declaration_assignment_id'), ['assignment_id'], unique=False)

    op.create_table('project_instalment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(40), nullable=False),
    sa.Column('planned_on', sa.Date(), nullable=False),
    sa.Column('planned_yen', sa.BigInteger(), nullable=False),
    sa.Column('paid_on', sa.Date(), nullable=True),
    sa.Column('paid_yen', sa.BigInteger(), nullable=True),
    sa.Column('over_reason', sa.Text(), nullable=False),
    sa.Column('cancel_reason', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('allocation_id', sa.Integer(), nullable=False),
    sa.CheckConstraint("cancel_reason = '' OR paid_on IS NULL", name=op.f('ck_project_instalment_paid_is_not_cancelled')),
    sa.CheckConstraint('(paid_on IS NULL) = (paid_yen IS NULL)', name=op.f('ck_project_instalment_paid_on_iff_paid')),
    sa.CheckConstraint('planned_yen >= 0 AND (paid_yen IS NULL OR paid_yen >= 0)', name=op.f('ck_project_instalment_not_negative')),
    sa.ForeignKeyConstraint(['allocation_id'], ['project_allocation.id'], name=op.f('fk_project_instalment_allocation_id_project_allocation')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_project_instalment_project_id_project')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project_instalment')),
    sa.UniqueConstraint('project_id', 'number', name='uq_project_instalment_number')
    )
    with op.batch_alter_table('project_instalment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_project_instalment_allocation_id'), ['allocation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_project_instalment_project_id'), ['project_id'], unique=False)

    op.create_table('project_meeting_attendance',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('party_key', sa.String(length=40), nullable=False),
    sa.Column('party_name', sa.String(length=200), nullable=False),
    sa.Column('people', sa.String(length=300), nullable=False),
    sa.ForeignKeyConstraint(['meeting_id'], ['project_meeting.id'], name=op.f('fk_project_meeting_attendance_meeting_id_project_meeting'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project_meeting_attendance')),
    sa.UniqueConstraint('meeting_id', 'party_key', name='uq_project_meeting_attendance_party')
    )
    with op.batch_alter_table('project_meeting_attendance', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_project_meeting_attendance_meeting_id'), ['meeting_id'], unique=False)

    op.create_table('project_signature',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('party_key', sa.String(length=40), nullable=False),
    sa.Column('party_name', sa.String(length=200), nullable=False),
    sa.Column('signer', sa.String(length=80), nullable=False),
    sa.Column('title', sa.String(length=80), nullable=False),
    sa.Column('signed_on', sa.Date(), nullable=False),
    sa.Column('is_on_paper', sa.Boolean(), nullable=False),
    sa.Column('recorded_by_id', sa.Integer(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint("signer <> ''", name=op.f('ck_project_signature_has_signer')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['user_account.id'], name=op.f('fk_project_signature_recorded_by_id_user_account')),
    sa.ForeignKeyConstraint(['version_id'], ['project_agreement.id'], name=op.f('fk_project_signature_version_id_project_agreement')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project_signature')),
    sa.UniqueConstraint('version_id', 'party_key', name='uq_project_signature_party')
    )
    with op.batch_alter_table('project_signature', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_project_signature_version_id'), ['version_id'], unique=False)

    op.create_table('reconsideration_point',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('reconsideration_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('criterion_key', sa.String(length=40), nullable=False),
    sa.Column('criterion_name', sa.String(length=60), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_reconsideration_point_has_reason')),
    sa.ForeignKeyConstraint(['reconsideration_id'], ['reconsideration.id'], name=op.f('fk_reconsideration_point_reconsideration_id_reconsideration'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reconsideration_point')),
    sa.UniqueConstraint('reconsideration_id', 'position', name=op.f('uq_reconsideration_point_reconsideration_id_position'))
    )
    with op.batch_alter_table('reconsideration_point', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reconsideration_point_reconsideration_id'), ['reconsideration_id'], unique=False)

    op.create_table('referral_division',
    sa.Column('referral_id', sa.Integer(), nullable=False),
    sa.Column('division_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['division_id'], ['division.id'], name=op.f('fk_referral_division_division_id_division')),
    sa.ForeignKeyConstraint(['referral_id'], ['referral.decision_id'], name=op.f('fk_referral_division_referral_id_referral'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('referral_id', 'division_id', name=op.f('pk_referral_division'))
    )
    op.create_table('referral_grant',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('referral_id', sa.Integer(), nullable=False),
    sa.Column('grant_key', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('url', sa.String(length=500), nullable=False),
    sa.ForeignKeyConstraint(['referral_id'], ['referral.decision_id'], name=op.f('fk_referral_grant_referral_id_referral'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_referral_grant')),
    sa.UniqueConstraint('referral_id', 'grant_key', name=op.f('uq_referral_grant_referral_id_grant_key'))
    )
    with op.batch_alter_table('referral_grant', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_referral_grant_referral_id'), ['referral_id'], unique=False)

    op.create_table('reflection_consent',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('party', sa.String(40), nullable=False),
    sa.Column('edition', sa.Integer(), nullable=False),
    sa.Column('given_by_id', sa.Integer(), nullable=False),
    sa.Column('given_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['given_by_id'], ['user_account.id'], name=op.f('fk_reflection_consent_given_by_id_user_account')),
    sa.ForeignKeyConstraint(['round_id'], ['reflection_round.id'], name=op.f('fk_reflection_consent_round_id_reflection_round')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reflection_consent')),
    sa.UniqueConstraint('round_id', 'party', 'edition', name=op.f('uq_reflection_consent_round_id_party_edition'))
    )
    with op.batch_alter_table('reflection_consent', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reflection_consent_round_id'), ['round_id'], unique=False)

    op.create_table('reflection_lesson',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('section', sa.Integer(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.CheckConstraint("words <> ''", name=op.f('ck_reflection_lesson_has_words')),
    sa.CheckConstraint('section BETWEEN 1 AND 5', name=op.f('ck_reflection_lesson_section_of_a_proposal')),
    sa.ForeignKeyConstraint(['round_id'], ['reflection_round.id'], name=op.f('fk_reflection_lesson_round_id_reflection_round'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reflection_lesson')),
    sa.UniqueConstraint('round_id', 'section', name=op.f('uq_reflection_lesson_round_id_section'))
    )
    with op.batch_alter_table('reflection_lesson', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reflection_lesson_round_id'), ['round_id'], unique=False)

    op.create_table('reflection_sheet',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('party', sa.String(40), nullable=False),
    sa.Column('saved_by_id', sa.Integer(), nullable=False),
    sa.Column('saved_at', sa.DateTime(), nullable=False),
    sa.Column('handed_in_at', sa.DateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['round_id'], ['reflection_round.id'], name=op.f('fk_reflection_sheet_round_id_reflection_round')),
    sa.ForeignKeyConstraint(['saved_by_id'], ['user_account.id'], name=op.f('fk_reflection_sheet_saved_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reflection_sheet')),
    sa.UniqueConstraint('round_id', 'party', name=op.f('uq_reflection_sheet_round_id_party'))
    )
    with op.batch_alter_table('reflection_sheet', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reflection_sheet_round_id'), ['round_id'], unique=False)

    op.create_table('reflection_talk',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('notes', sa.Text(), nullable=False),
    sa.Column('written_by_id', sa.Integer(), nullable=False),
    sa.Column('written_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint("notes <> ''", name=op.f('ck_reflection_talk_has_notes')),
    sa.ForeignKeyConstraint(['round_id'], ['reflection_round.id'], name=op.f('fk_reflection_talk_round_id_reflection_round')),
    sa.ForeignKeyConstraint(['written_by_id'], ['user_account.id'], name=op.f('fk_reflection_talk_written_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reflection_talk'))
    )
    with op.batch_alter_table('reflection_talk', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reflection_talk_round_id'), ['round_id'], unique=False)

    op.create_table('sheet_entry',
    sa.Column('sheet_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=20), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('weight', sa.Integer(), nullable=False),
    sa.Column('least_score', sa.Integer(), nullable=False),
    sa.Column('most_score', sa.Integer(), nullable=False),
    sa.Column('score', sa.Integer(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.CheckConstraint('most_score > least_score AND least_score >= 0', name=op.f('ck_sheet_entry_scores_in_order')),
    sa.CheckConstraint('score IS NULL OR score BETWEEN least_score AND most_score', name=op.f('ck_sheet_entry_score_in_range')),
    sa.CheckConstraint('weight > 0', name=op.f('ck_sheet_entry_weight_positive')),
    sa.ForeignKeyConstraint(['sheet_id'], ['score_sheet.id'], name=op.f('fk_sheet_entry_sheet_id_score_sheet'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('sheet_id', 'position', name=op.f('pk_sheet_entry'))
    )
    op.create_table('reflection_answer',
    sa.Column('sheet_id', sa.Integer(), nullable=False),
    sa.Column('question', sa.String(), nullable=False),
    sa.Column('score', sa.Integer(), nullable=True),
    sa.Column('words', sa.Text(), nullable=False),
    sa.CheckConstraint("score IS NULL OR words = ''", name=op.f('ck_reflection_answer_score_or_words')),
    sa.CheckConstraint('score IS NULL OR score BETWEEN 1 AND 5', name=op.f('ck_reflection_answer_score_in_range')),
    sa.ForeignKeyConstraint(['sheet_id'], ['reflection_sheet.id'], name=op.f('fk_reflection_answer_sheet_id_reflection_sheet'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('sheet_id', 'question', name=op.f('pk_reflection_answer'))
    )
    with op.batch_alter_table('decision', schema=None) as batch_op:
        batch_op.add_column(sa.Column('drafted_from', sa.String(40), nullable=False, server_default='accepted'))
        batch_op.add_column(sa.Column('held_until_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('awaits', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('reopened_at', sa.DateTime(), nullable=True))

    with op.batch_alter_table('division', schema=None) as batch_op:
        batch_op.add_column(sa.Column('successor_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_division_successor_id_division'), 'division', ['successor_id'], ['id'])

    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.add_column(sa.Column('unsubscribe_url', sa.String(length=500), server_default='', nullable=False))

    with op.batch_alter_table('official_figure', schema=None) as batch_op:
        batch_op.add_column(sa.Column('state', sa.String(40), server_default='approved', nullable=False))
        batch_op.add_column(sa.Column('approved_by_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('approved_at', sa.DateTime(), nullable=True))
        batch_op.create_index('ix_official_figure_one_waiting', ['indicator', 'reporting_fy', 'measure'], unique=True, sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))
        batch_op.create_foreign_key(batch_op.f('fk_official_figure_approved_by_id_user_account'), 'user_account', ['approved_by_id'], ['id'])

    with op.batch_alter_table('organisation', schema=None) as batch_op:
        batch_op.add_column(sa.Column('merged_into_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('merged_on', sa.Date(), nullable=True))
        batch_op.create_index(batch_op.f('ix_organisation_merged_into_id'), ['merged_into_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_organisation_merged_into_id_organisation'), 'organisation', ['merged_into_id'], ['id'])

    with op.batch_alter_table('project', schema=None) as batch_op:
        batch_op.add_column(sa.Column('settled_yen', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('stalled_from', sa.String(40), nullable=True))
        batch_op.add_column(sa.Column('waiting_key', sa.String(length=40), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('waiting_name', sa.String(length=120), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('waiting_since_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('contracted_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('continues_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('merged_into_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('merged_on', sa.Date(), nullable=True))
        batch_op.create_index(batch_op.f('ix_project_merged_into_id'), ['merged_into_id'], unique=False)
        batch_op.create_unique_constraint(batch_op.f('uq_project_continues_id'), ['continues_id'])
        batch_op.create_foreign_key(batch_op.f('fk_project_merged_into_id_project'), 'project', ['merged_into_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_project_continues_id_project'), 'project', ['continues_id'], ['id'])

    with op.batch_alter_table('proposal', schema=None) as batch_op:
        batch_op.add_column(sa.Column('call_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('theme_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('published_at', sa.DateTime(), nullable=True))
        batch_op.create_index(batch_op.f('ix_proposal_call_id'), ['call_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_proposal_theme_id'), ['theme_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_proposal_call_id_call'), 'call', ['call_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_proposal_theme_id_call_theme'), 'call_theme', ['theme_id'], ['id'])
    _fill_what_is_new()
    with op.batch_alter_table('decision') as batch_op:
        batch_op.create_check_constraint(batch_op.f('ck_decision_held_until_iff_awaits'), "(held_until_on IS NULL) = (awaits = '')")
        batch_op.create_check_constraint(batch_op.f('ck_decision_reopened_was_released'), "reopened_at IS NULL OR stage = 'released'")
    with op.batch_alter_table('division') as batch_op:
        batch_op.create_check_constraint(batch_op.f('ck_division_no_own_successor'), 'successor_id IS NULL OR successor_id <> id')
        batch_op.create_check_constraint(batch_op.f('ck_division_successor_of_ended'), 'successor_id IS NULL OR valid_until_on IS NOT NULL')
    with op.batch_alter_table('official_figure') as batch_op:
        batch_op.create_check_constraint(batch_op.f('ck_official_figure_approved_at_iff_approved_by'), '(approved_by_id IS NULL) = (approved_at IS NULL)')
        batch_op.create_check_constraint(batch_op.f('ck_official_figure_approved_by_of_approved'), "approved_by_id IS NULL OR state = 'approved'")
        batch_op.create_check_constraint(batch_op.f('ck_official_figure_two_people'), 'approved_by_id IS NULL OR approved_by_id <> entered_by_id')
    with op.batch_alter_table('organisation') as batch_op:
        batch_op.create_check_constraint(batch_op.f('ck_organisation_not_merged_into_itself'), 'merged_into_id IS NULL OR merged_into_id <> id')
        batch_op.create_check_constraint(batch_op.f('ck_organisation_merged_on_iff_merged'), '(merged_into_id IS NULL) = (merged_on IS NULL)')
    with op.batch_alter_table('project') as batch_op:
        batch_op.create_check_constraint(batch_op.f('ck_project_waiting_since_iff_stalled'), "(status = 'stalled') = (waiting_since_on IS NOT NULL)")
        batch_op.create_check_constraint(batch_op.f('ck_project_not_merged_into_itself'), 'merged_into_id IS NULL OR merged_into_id <> id')
        batch_op.create_check_constraint(batch_op.f('ck_project_settled_not_negative'), 'settled_yen IS NULL OR settled_yen >= 0')
        batch_op.create_check_constraint(batch_op.f('ck_project_merged_into_iff_merged'), "(status = 'merged') = (merged_into_id IS NOT NULL)")
        batch_op.create_check_constraint(batch_op.f('ck_project_stalled_from_iff_stalled'), "(status = 'stalled') = (stalled_from IS NOT NULL)")
        batch_op.create_check_constraint(batch_op.f('ck_project_merged_on_iff_merged'), '(merged_into_id IS NULL) = (merged_on IS NULL)')
    with op.batch_alter_table('proposal') as batch_op:
        batch_op.create_check_constraint(batch_op.f('ck_proposal_theme_has_call'), 'theme_id IS NULL OR call_id IS NOT NULL')



def _fill_what_is_new() -> None:
    """Say of older records what the new columns need: since when a proposal is shown, who a standstill waits for."""
    op.execute("UPDATE proposal SET published_at = COALESCE(submitted_at, created_at) WHERE is_published")
    op.execute(
        "UPDATE project SET stalled_from = CASE WHEN form IS NULL THEN 'working' ELSE 'in-progress' END, "
        "waiting_since_on = (SELECT DATE(MAX(project_event.at)) FROM project_event "
        "WHERE project_event.project_id = project.id) WHERE status = 'stalled'"
    )
    # No result is shown without its letter: those told before letters were kept get one that says what was told.
    op.execute(
        "INSERT INTO letter (decision_id, document_number, dated_on, subject, body, sender, public_text, edited_at, "
        "version) SELECT id, CASE WHEN stage = 'released' THEN '記録-' || id END, "
        "CASE WHEN stage = 'released' THEN DATE(released_at) END, '提案の審査の結果について', "
        "reason || CASE WHEN next_step = '' THEN '' ELSE '\n\n' || next_step END, '三重県環境生活部 NPO担当課', "
        "reason, drafted_at, 1 FROM decision WHERE stage <> 'sent-back'"
    )


def downgrade() -> None:
    with op.batch_alter_table('decision') as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_decision_held_until_iff_awaits'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_decision_reopened_was_released'), type_='check')
    with op.batch_alter_table('division') as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_division_no_own_successor'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_division_successor_of_ended'), type_='check')
    with op.batch_alter_table('official_figure') as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_official_figure_approved_at_iff_approved_by'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_official_figure_approved_by_of_approved'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_official_figure_two_people'), type_='check')
    with op.batch_alter_table('organisation') as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_organisation_not_merged_into_itself'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_organisation_merged_on_iff_merged'), type_='check')
    with op.batch_alter_table('project') as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_project_waiting_since_iff_stalled'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_project_not_merged_into_itself'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_project_settled_not_negative'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_project_merged_into_iff_merged'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_project_stalled_from_iff_stalled'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_project_merged_on_iff_merged'), type_='check')
    with op.batch_alter_table('proposal') as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_proposal_theme_has_call'), type_='check')
    with op.batch_alter_table('proposal', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_proposal_theme_id_call_theme'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_proposal_call_id_call'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_proposal_theme_id'))
        batch_op.drop_index(batch_op.f('ix_proposal_call_id'))
        batch_op.drop_column('published_at')
        batch_op.drop_column('theme_id')
        batch_op.drop_column('call_id')

    with op.batch_alter_table('project', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_project_continues_id_project'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_project_merged_into_id_project'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('uq_project_continues_id'), type_='unique')
        batch_op.drop_index(batch_op.f('ix_project_merged_into_id'))
        batch_op.drop_column('merged_on')
        batch_op.drop_column('merged_into_id')
        batch_op.drop_column('continues_id')
        batch_op.drop_column('contracted_on')
        batch_op.drop_column('waiting_since_on')
        batch_op.drop_column('waiting_name')
        batch_op.drop_column('waiting_key')
        batch_op.drop_column('stalled_from')
        batch_op.drop_column('settled_yen')

    with op.batch_alter_table('organisation', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_organisation_merged_into_id_organisation'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_organisation_merged_into_id'))
        batch_op.drop_column('merged_on')
        batch_op.drop_column('merged_into_id')

    with op.batch_alter_table('official_figure', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_official_figure_approved_by_id_user_account'), type_='foreignkey')
        batch_op.drop_index('ix_official_figure_one_waiting', sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))
        batch_op.drop_column('approved_at')
        batch_op.drop_column('approved_by_id')
        batch_op.drop_column('state')

    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_column('unsubscribe_url')

    with op.batch_alter_table('division', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_division_successor_id_division'), type_='foreignkey')
        batch_op.drop_column('successor_id')

    with op.batch_alter_table('decision', schema=None) as batch_op:
        batch_op.drop_column('reopened_at')
        batch_op.drop_column('awaits')
        batch_op.drop_column('held_until_on')
        batch_op.drop_column('drafted_from')

    op.drop_table('reflection_answer')
    op.drop_table('sheet_entry')
    with op.batch_alter_table('reflection_talk', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_reflection_talk_round_id'))

    op.drop_table('reflection_talk')
    with op.batch_alter_table('reflection_sheet', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_reflection_sheet_round_id'))

    op.drop_table('reflection_sheet')
    with op.batch_alter_table('reflection_lesson', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_reflection_lesson_round_id'))

    op.drop_table('reflection_lesson')
    with op.batch_alter_table('reflection_consent', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_reflection_consent_round_id'))

    op.drop_table('reflection_consent')
    with op.batch_alter_table('referral_grant', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_referral_grant_referral_id'))

    op.drop_table('referral_grant')
    op.drop_table('referral_division')
    with op.batch_alter_table('reconsideration_point', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_reconsideration_point_reconsideration_id'))

    op.drop_table('reconsideration_point')
    with op.batch_alter_table('project_signature', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_project_signature_version_id'))

    op.drop_table('project_signature')
    with op.batch_alter_table('project_meeting_attendance', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_project_meeting_attendance_meeting_id'))

    op.drop_table('project_meeting_attendance')
    with op.batch_alter_table('project_instalment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_project_instalment_project_id'))
        batch_op.drop_index(batch_op.f('ix_project_instalment_allocation_id'))

    op.drop_table('project_instalment')
    with op.batch_alter_table('tie_declaration', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_tie_declaration_assignment_id'))

    op.drop_table('tie_declaration')
    with op.batch_alter_table('score_sheet', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_score_sheet_assignment_id'))

    op.drop_table('score_sheet')
    op.drop_table('result_release_decision')
    with op.batch_alter_table('report_round_pair', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_report_round_pair_second_id'))

    op.drop_table('report_round_pair')
    with op.batch_alter_table('report_round_carry', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_report_round_carry_project_id'))
        batch_op.drop_index(batch_op.f('ix_report_round_carry_following_id'))

    op.drop_table('report_round_carry')
    with op.batch_alter_table('reflection_round', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_reflection_round_project_id'))

    op.drop_table('reflection_round')
    op.drop_table('referral')
    with op.batch_alter_table('redaction', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_redaction_item_id'))

    op.drop_table('redaction')
    with op.batch_alter_table('reconsideration', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_reconsideration_proposal_id'))
        batch_op.drop_index(batch_op.f('ix_reconsideration_decision_id'))

    op.drop_table('reconsideration')
    with op.batch_alter_table('project_task', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_project_task_project_id'))

    op.drop_table('project_task')
    with op.batch_alter_table('project_milestone', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_project_milestone_project_id'))

    op.drop_table('project_milestone')
    with op.batch_alter_table('project_meeting', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_project_meeting_project_id'))
        batch_op.drop_index(batch_op.f('ix_project_meeting_held_on'))

    op.drop_table('project_meeting')
    with op.batch_alter_table('project_form_choice', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_project_form_choice_project_id'))

    op.drop_table('project_form_choice')
    with op.batch_alter_table('project_delivery_report', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_project_delivery_report_status'))
        batch_op.drop_index(batch_op.f('ix_project_delivery_report_project_id'))
        batch_op.drop_index(batch_op.f('ix_project_delivery_report_due_on'))

    op.drop_table('project_delivery_report')
    with op.batch_alter_table('project_coordinator', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_project_coordinator_user_id'))
        batch_op.drop_index(batch_op.f('ix_project_coordinator_project_id'))
        batch_op.drop_index('ix_project_coordinator_one_current', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.drop_table('project_coordinator')
    with op.batch_alter_table('project_change_request', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_project_change_request_project_id'))
        batch_op.drop_index('ix_project_change_request_one_open', sqlite_where=sa.text("status = 'open'"), postgresql_where=sa.text("status = 'open'"))

    op.drop_table('project_change_request')
    with op.batch_alter_table('project_allocation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_project_allocation_project_id'))
        batch_op.drop_index(batch_op.f('ix_project_allocation_fy'))

    op.drop_table('project_allocation')
    with op.batch_alter_table('project_agreement', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_project_agreement_project_id'))

    op.drop_table('project_agreement')
    with op.batch_alter_table('presentation_question', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_presentation_question_slot_id'))

    op.drop_table('presentation_question')
    op.drop_table('panel_decision_reason')
    op.drop_table('panel_decision_member')
    op.drop_table('letter')
    with op.batch_alter_table('decision_ground', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_decision_ground_decision_id'))

    op.drop_table('decision_ground')
    with op.batch_alter_table('count_decision', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_count_decision_project_id'))

    op.drop_table('count_decision')
    with op.batch_alter_table('consultation_note', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_consultation_note_consultation_id'))

    op.drop_table('consultation_note')
    with op.batch_alter_table('circulation_answer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_circulation_answer_request_id'))

    op.drop_table('circulation_answer')
    with op.batch_alter_table('recusal', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_recusal_user_id'))
        batch_op.drop_index(batch_op.f('ix_recusal_proposal_id'))
        batch_op.drop_index('ix_recusal_one_standing', sqlite_where=sa.text('lifted_at IS NULL'), postgresql_where=sa.text('lifted_at IS NULL'))

    op.drop_table('recusal')
    with op.batch_alter_table('reception_check', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_reception_check_proposal_id'))

    op.drop_table('reception_check')
    with op.batch_alter_table('proxy_entry', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_proxy_entry_link_hash'))
        batch_op.drop_index(batch_op.f('ix_proxy_entry_entered_by_id'))

    op.drop_table('proxy_entry')
    with op.batch_alter_table('presentation_slot', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_presentation_slot_proposal_id'))
        batch_op.drop_index(batch_op.f('ix_presentation_slot_day_id'))

    op.drop_table('presentation_slot')
    with op.batch_alter_table('panel_decision', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_panel_decision_proposal_id'))

    op.drop_table('panel_decision')
    with op.batch_alter_table('panel_assignment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_panel_assignment_proposal_id'))
        batch_op.drop_index('ix_panel_assignment_one_current', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_panel_assignment_judge_id'))

    op.drop_table('panel_assignment')
    with op.batch_alter_table('field_level', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_field_level_proposal_id'))

    op.drop_table('field_level')
    with op.batch_alter_table('disclosure_item', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_disclosure_item_request_id'))
        batch_op.drop_index(batch_op.f('ix_disclosure_item_proposal_id'))

    op.drop_table('disclosure_item')
    with op.batch_alter_table('consultation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_consultation_slot_id'))
        batch_op.drop_index(batch_op.f('ix_consultation_proposal_id'))
        batch_op.drop_index(batch_op.f('ix_consultation_organisation_id'))
        batch_op.drop_index('ix_consultation_one_standing', sqlite_where=sa.text('cancelled_at IS NULL'), postgresql_where=sa.text('cancelled_at IS NULL'))

    op.drop_table('consultation')
    with op.batch_alter_table('circulation_request', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_circulation_request_status'))
        batch_op.drop_index(batch_op.f('ix_circulation_request_proposal_id'))
        batch_op.drop_index('ix_circulation_request_one_open', sqlite_where=sa.text("status IN ('waiting', 'stalled')"), postgresql_where=sa.text("status IN ('waiting', 'stalled')"))
        batch_op.drop_index(batch_op.f('ix_circulation_request_division_id'))

    op.drop_table('circulation_request')
    op.drop_table('presentation_attendance')
    with op.batch_alter_table('third_party_consultation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_third_party_consultation_request_id'))
        batch_op.drop_index(batch_op.f('ix_third_party_consultation_organisation_id'))

    op.drop_table('third_party_consultation')
    with op.batch_alter_table('roll_entry', schema=None) as batch_op:
        batch_op.drop_index('ix_roll_entry_one_open', sqlite_where=sa.text('left_at IS NULL'), postgresql_where=sa.text('left_at IS NULL'))

    op.drop_table('roll_entry')
    with op.batch_alter_table('result_release', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_result_release_release_at'))
        batch_op.drop_index(batch_op.f('ix_result_release_call_id'))

    op.drop_table('result_release')
    with op.batch_alter_table('report_round_event', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_report_round_event_round_id'))

    op.drop_table('report_round_event')
    with op.batch_alter_table('report_round_answer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_report_round_answer_division_id'))

    op.drop_table('report_round_answer')
    with op.batch_alter_table('presentation_day', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_presentation_day_call_id'))

    op.drop_table('presentation_day')
    with op.batch_alter_table('panel_affiliation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_panel_affiliation_organisation_id'))
        batch_op.drop_index(batch_op.f('ix_panel_affiliation_judge_id'))

    op.drop_table('panel_affiliation')
    with op.batch_alter_table('organisation_name', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_organisation_name_organisation_id'))

    op.drop_table('organisation_name')
    with op.batch_alter_table('call_theme', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_call_theme_division_id'))
        batch_op.drop_index(batch_op.f('ix_call_theme_call_id'))

    op.drop_table('call_theme')
    with op.batch_alter_table('call_stage', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_call_stage_call_id'))

    op.drop_table('call_stage')
    with op.batch_alter_table('call_edition', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_call_edition_call_id'))

    op.drop_table('call_edition')
    with op.batch_alter_table('call_criterion', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_call_criterion_call_id'))

    op.drop_table('call_criterion')
    with op.batch_alter_table('vocabulary_edition', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_vocabulary_edition_in_force_from_on'))

    op.drop_table('vocabulary_edition')
    op.drop_table('vocabulary_change')
    with op.batch_alter_table('series_break', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_series_break_indicator'))

    op.drop_table('series_break')
    op.drop_table('report_round')
    with op.batch_alter_table('promise', schema=None) as batch_op:
        batch_op.drop_index('ix_promise_kind_valid_from_on')

    op.drop_table('promise')
    op.drop_table('progress_assessment')
    with op.batch_alter_table('nudge', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_nudge_on'))

    op.drop_table('nudge')
    with op.batch_alter_table('ledger_snapshot', schema=None) as batch_op:
        batch_op.drop_index('ix_ledger_snapshot_one_closing', sqlite_where=sa.text("kind = 'closing'"), postgresql_where=sa.text("kind = 'closing'"))

    op.drop_table('ledger_snapshot')
    op.drop_table('disclosure_request')
    op.drop_table('counting_rule_edition')
    with op.batch_alter_table('consultation_slot', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_consultation_slot_starts_at'))
        batch_op.drop_index(batch_op.f('ix_consultation_slot_division_id'))

    op.drop_table('consultation_slot')
    with op.batch_alter_table('call', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_call_fiscal_year_fy'))

    op.drop_table('call')
    op.drop_table('vocabulary_content')
    op.drop_table('project_sent_reminder')
    op.drop_table('participation_snapshot')
