"""First tables.

Revision: 0001, after nothing.
"""

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('audit_entry',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('tag', sa.String(length=60), nullable=False),
    sa.Column('subject', sa.String(length=60), nullable=False),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.Column('previous_mac', sa.String(length=64), nullable=False),
    sa.Column('mac', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entry'))
    )
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_entry_subject'), ['subject'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_entry_tag'), ['tag'], unique=False)

    op.create_table('counter',
    sa.Column('series', sa.String(length=40), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('series', name=op.f('pk_counter'))
    )
    op.create_table('division',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('department', sa.String(length=80), nullable=False),
    sa.Column('valid_from_on', sa.Date(), nullable=False),
    sa.Column('valid_until_on', sa.Date(), nullable=True),
    sa.CheckConstraint('valid_until_on IS NULL OR valid_until_on >= valid_from_on', name=op.f('ck_division_period_in_order')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_division'))
    )
    op.create_table('exposure_plan',
    sa.Column('planned_on', sa.Date(), nullable=False),
    sa.Column('made_at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('planned_on', name=op.f('pk_exposure_plan'))
    )
    op.create_table('fact_snapshot',
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('packed', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_fact_snapshot'))
    )
    op.create_table('matching_reading',
    sa.Column('side', sa.String(40), nullable=False),
    sa.Column('record', sa.String(length=20), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('reader', sa.String(length=80), nullable=False),
    sa.Column('encoder', sa.String(length=40), nullable=False),
    sa.Column('texts', sa.LargeBinary(), nullable=False),
    sa.Column('vector', sa.LargeBinary(), nullable=True),
    sa.Column('read_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint("(encoder = '') = (vector IS NULL)", name=op.f('ck_matching_reading_vector_iff_encoder')),
    sa.PrimaryKeyConstraint('side', 'record', name=op.f('pk_matching_reading'))
    )
    op.create_table('municipality',
    sa.Column('code', sa.String(length=6), nullable=False),
    sa.Column('prefecture', sa.String(40), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('kana', sa.String(length=60), nullable=False),
    sa.Column('region', sa.String(length=20), nullable=True),
    sa.Column('area', sa.String(length=20), nullable=True),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_municipality'))
    )
    with op.batch_alter_table('municipality', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_municipality_prefecture'), ['prefecture'], unique=False)

    op.create_table('past_proposal',
    sa.Column('code', sa.String(length=12), nullable=False),
    sa.Column('calendar_year', sa.Integer(), nullable=False),
    sa.Column('scheme', sa.String(length=120), nullable=False),
    sa.Column('level', sa.String(length=40), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('proposer', sa.String(length=200), nullable=False),
    sa.Column('proposer_type', sa.String(length=60), nullable=False),
    sa.Column('theme', sa.String(length=60), nullable=False),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('result', sa.String(length=20), nullable=False),
    sa.Column('result_detail', sa.Text(), nullable=False),
    sa.Column('department', sa.String(length=200), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('source_url', sa.String(length=500), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_past_proposal'))
    )
    with op.batch_alter_table('past_proposal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_past_proposal_calendar_year'), ['calendar_year'], unique=False)

    op.create_table('programme_budget',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('programme', sa.String(length=80), nullable=False),
    sa.Column('basic_programme_code', sa.String(length=10), nullable=False),
    sa.Column('basic_programme', sa.String(length=80), nullable=False),
    sa.Column('fy', sa.Integer(), nullable=False),
    sa.Column('budget_thousand_yen', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(length=60), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_programme_budget'))
    )
    op.create_table('sign_in_attempt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account_hash', sa.String(length=64), nullable=False),
    sa.Column('source_hash', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('has_failed', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_attempt'))
    )
    with op.batch_alter_table('sign_in_attempt', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_in_attempt_account_hash'), ['account_hash'], unique=False)
        batch_op.create_index(batch_op.f('ix_sign_in_attempt_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_sign_in_attempt_source_hash'), ['source_hash'], unique=False)

    op.create_table('user_account',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=False),
    sa.Column('email_confirmed_at', sa.DateTime(), nullable=True),
    sa.Column('suspended_at', sa.DateTime(), nullable=True),
    sa.Column('is_demo', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user_account')),
    sa.UniqueConstraint('email', name=op.f('uq_user_account_email'))
    )
    op.create_table('exposure_settings',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('companies', sa.Integer(), nullable=False),
    sa.Column('within_days', sa.Integer(), nullable=False),
    sa.Column('reserved_slots', sa.Integer(), nullable=False),
    sa.Column('open_request_cap', sa.Integer(), nullable=False),
    sa.Column('warning_days', sa.Integer(), nullable=False),
    sa.Column('suitable_points', sa.Integer(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('saved_at', sa.DateTime(), nullable=False),
    sa.Column('saved_by_id', sa.Integer(), nullable=False),
    sa.CheckConstraint('companies >= 1', name=op.f('ck_exposure_settings_companies_positive')),
    sa.CheckConstraint('open_request_cap >= 1', name=op.f('ck_exposure_settings_open_request_cap_positive')),
    sa.CheckConstraint('reserved_slots >= 1', name=op.f('ck_exposure_settings_reserved_slots_positive')),
    sa.CheckConstraint('suitable_points BETWEEN 0 AND 1000', name=op.f('ck_exposure_settings_suitable_points_in_range')),
    sa.CheckConstraint('warning_days >= 0 AND warning_days < within_days', name=op.f('ck_exposure_settings_warning_days_within')),
    sa.CheckConstraint('within_days >= 1', name=op.f('ck_exposure_settings_within_days_positive')),
    sa.ForeignKeyConstraint(['saved_by_id'], ['user_account.id'], name=op.f('fk_exposure_settings_saved_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exposure_settings'))
    )
    op.create_table('notice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('to_email', sa.String(length=254), nullable=False),
    sa.Column('to_user_id', sa.Integer(), nullable=True),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('queued_at', sa.DateTime(), nullable=False),
    sa.Column('next_try_at', sa.DateTime(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('claimed_at', sa.DateTime(), nullable=True),
    sa.Column('sent_at', sa.DateTime(), nullable=True),
    sa.Column('given_up_at', sa.DateTime(), nullable=True),
    sa.Column('last_error', sa.String(length=200), nullable=False),
    sa.CheckConstraint('claimed_at IS NULL OR (sent_at IS NULL AND given_up_at IS NULL)', name=op.f('ck_notice_claimed_while_undecided')),
    sa.CheckConstraint('sent_at IS NULL OR given_up_at IS NULL', name=op.f('ck_notice_sent_or_given_up')),
    sa.ForeignKeyConstraint(['to_user_id'], ['user_account.id'], name=op.f('fk_notice_to_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice'))
    )
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.create_index('ix_notice_due', ['next_try_at'], unique=False, sqlite_where=sa.text('sent_at IS NULL AND given_up_at IS NULL'), postgresql_where=sa.text('sent_at IS NULL AND given_up_at IS NULL'))
        batch_op.create_index(batch_op.f('ix_notice_to_user_id'), ['to_user_id'], unique=False)

    op.create_table('official_figure',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('indicator', sa.String(length=40), nullable=False),
    sa.Column('reporting_fy', sa.Integer(), nullable=False),
    sa.Column('measure', sa.String(40), nullable=False),
    sa.Column('value', sa.BigInteger(), nullable=False),
    sa.Column('data_year_label', sa.String(length=20), nullable=False),
    sa.Column('source', sa.String(length=300), nullable=False),
    sa.Column('entered_by_id', sa.Integer(), nullable=True),
    sa.Column('entered_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint("source <> ''", name=op.f('ck_official_figure_has_source')),
    sa.CheckConstraint('value >= 0', name=op.f('ck_official_figure_not_negative')),
    sa.ForeignKeyConstraint(['entered_by_id'], ['user_account.id'], name=op.f('fk_official_figure_entered_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_official_figure'))
    )
    with op.batch_alter_table('official_figure', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_official_figure_indicator'), ['indicator'], unique=False)

    op.create_table('organisation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=12), nullable=False),
    sa.Column('side', sa.String(40), nullable=False),
    sa.Column('legal_form', sa.String(40), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('kana', sa.String(length=120), nullable=False),
    sa.Column('corporate_number', sa.String(length=13), nullable=True),
    sa.Column('prefecture', sa.String(40), nullable=True),
    sa.Column('municipality_code', sa.String(length=6), nullable=True),
    sa.Column('address', sa.String(length=200), nullable=False),
    sa.Column('website', sa.String(length=300), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('industry', sa.String(40), nullable=True),
    sa.Column('contact_name', sa.String(length=80), nullable=False),
    sa.Column('contact_email', sa.String(length=254), nullable=False),
    sa.Column('contact_phone', sa.String(length=20), nullable=False),
    sa.Column('verification', sa.String(40), nullable=False),
    sa.Column('checked_at', sa.DateTime(), nullable=True),
    sa.Column('checked_by_id', sa.Integer(), nullable=True),
    sa.Column('check_note', sa.Text(), nullable=False),
    sa.Column('source_url', sa.String(length=500), nullable=False),
    sa.Column('search_text', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(verification = 'waiting') = (checked_at IS NULL)", name=op.f('ck_organisation_checked_at_iff_checked')),
    sa.CheckConstraint("verification <> 'refused' OR check_note <> ''", name=op.f('ck_organisation_refusal_has_reason')),
    sa.ForeignKeyConstraint(['checked_by_id'], ['user_account.id'], name=op.f('fk_organisation_checked_by_id_user_account')),
    sa.ForeignKeyConstraint(['municipality_code'], ['municipality.code'], name=op.f('fk_organisation_municipality_code_municipality')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organisation')),
    sa.UniqueConstraint('corporate_number', name=op.f('uq_organisation_corporate_number')),
    sa.UniqueConstraint('number', name=op.f('uq_organisation_number'))
    )
    with op.batch_alter_table('organisation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_organisation_municipality_code'), ['municipality_code'], unique=False)
        batch_op.create_index(batch_op.f('ix_organisation_side'), ['side'], unique=False)
        batch_op.create_index(batch_op.f('ix_organisation_verification'), ['verification'], unique=False)

    op.create_table('ruleset_version',
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('label', sa.String(length=20), nullable=False),
    sa.Column('ruleset', sa.JSON(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('in_force_from_on', sa.Date(), nullable=False),
    sa.Column('made_by_id', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_ruleset_version_has_reason')),
    sa.CheckConstraint('number > 1', name=op.f('ck_ruleset_version_number_after_built_in')),
    sa.ForeignKeyConstraint(['made_by_id'], ['user_account.id'], name=op.f('fk_ruleset_version_made_by_id_user_account')),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_ruleset_version')),
    sa.UniqueConstraint('label', name=op.f('uq_ruleset_version_label'))
    )
    with op.batch_alter_table('ruleset_version', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ruleset_version_in_force_from_on'), ['in_force_from_on'], unique=False)

    op.create_table('sign_in',
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('browser', sa.String(length=60), nullable=False),
    sa.Column('started_at', sa.DateTime(), nullable=False),
    sa.Column('last_seen_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_sign_in_user_id_user_account')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_sign_in'))
    )
    with op.batch_alter_table('sign_in', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_in_user_id'), ['user_id'], unique=False)

    op.create_table('staff_role',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.String(40), nullable=False),
    sa.Column('division_id', sa.Integer(), nullable=True),
    sa.Column('granted_by_id', sa.Integer(), nullable=True),
    sa.Column('granted_at', sa.DateTime(), nullable=False),
    sa.Column('ended_at', sa.DateTime(), nullable=True),
    sa.CheckConstraint("role <> 'division' OR division_id IS NOT NULL", name=op.f('ck_staff_role_division_role_has_division')),
    sa.ForeignKeyConstraint(['division_id'], ['division.id'], name=op.f('fk_staff_role_division_id_division')),
    sa.ForeignKeyConstraint(['granted_by_id'], ['user_account.id'], name=op.f('fk_staff_role_granted_by_id_user_account')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_staff_role_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_role'))
    )
    with op.batch_alter_table('staff_role', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_staff_role_user_id'), ['user_id'], unique=False)

    op.create_table('attachment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('file_name', sa.String(length=200), nullable=False),
    sa.Column('media_type', sa.String(length=100), nullable=False),
    sa.Column('size_bytes', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('stored_name', sa.String(length=64), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('uploaded_by_id', sa.Integer(), nullable=False),
    sa.Column('uploaded_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint('size_bytes > 0', name=op.f('ck_attachment_not_empty')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_attachment_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['uploaded_by_id'], ['user_account.id'], name=op.f('fk_attachment_uploaded_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachment')),
    sa.UniqueConstraint('public_id', name=op.f('uq_attachment_public_id')),
    sa.UniqueConstraint('stored_name', name=op.f('uq_attachment_stored_name'))
    )
    with op.batch_alter_table('attachment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_attachment_organisation_id'), ['organisation_id'], unique=False)

    op.create_table('interest',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=12), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(40), nullable=False),
    sa.Column('policy', sa.Text(), nullable=False),
    sa.Column('is_undecided', sa.Boolean(), nullable=False),
    sa.Column('refusal_note', sa.Text(), nullable=False),
    sa.Column('shows_name', sa.Boolean(), nullable=False),
    sa.Column('valid_until_on', sa.Date(), nullable=True),
    sa.Column('source_url', sa.String(length=500), nullable=False),
    sa.Column('search_text', sa.Text(), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('saved_at', sa.DateTime(), nullable=False),
    sa.Column('activated_at', sa.DateTime(), nullable=True),
    sa.Column('expiry_notice_at', sa.DateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("status <> 'active' OR valid_until_on IS NOT NULL", name=op.f('ck_interest_active_has_expiry')),
    sa.ForeignKeyConstraint(['created_by_id'], ['user_account.id'], name=op.f('fk_interest_created_by_id_user_account')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_interest_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_interest')),
    sa.UniqueConstraint('number', name=op.f('uq_interest_number'))
    )
    with op.batch_alter_table('interest', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_interest_activated_at'), ['activated_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_interest_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_interest_status'), ['status'], unique=False)
        batch_op.create_index(batch_op.f('ix_interest_valid_until_on'), ['valid_until_on'], unique=False)

    op.create_table('membership',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('joined_at', sa.DateTime(), nullable=False),
    sa.Column('ended_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_membership_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_membership_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_membership'))
    )
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.create_index('ix_membership_one_current', ['user_id', 'organisation_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.create_index(batch_op.f('ix_membership_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_membership_user_id'), ['user_id'], unique=False)

    op.create_table('one_time_link',
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(40), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('organisation_id', sa.Integer(), nullable=True),
    sa.Column('made_at', sa.DateTime(), nullable=False),
    sa.Column('expires_at', sa.DateTime(), nullable=False),
    sa.Column('used_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_one_time_link_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_one_time_link_user_id_user_account')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_one_time_link'))
    )
    with op.batch_alter_table('one_time_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_one_time_link_user_id'), ['user_id'], unique=False)

    op.create_table('organisation_field',
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('field', sa.String(40), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_organisation_field_organisation_id_organisation'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('organisation_id', 'field', name=op.f('pk_organisation_field'))
    )
    op.create_table('proposal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('draft_number', sa.String(length=12), nullable=False),
    sa.Column('number', sa.String(length=12), nullable=True),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(40), nullable=False),
    sa.Column('is_published', sa.Boolean(), nullable=False),
    sa.Column('open_until_on', sa.Date(), nullable=True),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('issue', sa.Text(), nullable=False),
    sa.Column('evidence', sa.Text(), nullable=False),
    sa.Column('aim', sa.Text(), nullable=False),
    sa.Column('beneficiaries', sa.Text(), nullable=False),
    sa.Column('goals', sa.Text(), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('schedule', sa.Text(), nullable=False),
    sa.Column('team', sa.Text(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=True),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('role_npo', sa.Text(), nullable=False),
    sa.Column('role_prefecture', sa.Text(), nullable=False),
    sa.Column('role_municipality', sa.Text(), nullable=False),
    sa.Column('role_company', sa.Text(), nullable=False),
    sa.Column('reason_together', sa.Text(), nullable=False),
    sa.Column('budget_yen', sa.BigInteger(), nullable=True),
    sa.Column('own_funds_yen', sa.BigInteger(), nullable=True),
    sa.Column('budget_detail', sa.Text(), nullable=False),
    sa.Column('other_grants', sa.Text(), nullable=False),
    sa.Column('declares_no_politics_or_religion', sa.Boolean(), nullable=False),
    sa.Column('declares_no_organised_crime', sa.Boolean(), nullable=False),
    sa.Column('preferred_form', sa.String(40), nullable=True),
    sa.Column('publishes_plan', sa.Boolean(), nullable=False),
    sa.Column('publishes_budget', sa.Boolean(), nullable=False),
    sa.Column('source_url', sa.String(length=500), nullable=False),
    sa.Column('search_text', sa.Text(), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('saved_at', sa.DateTime(), nullable=False),
    sa.Column('submitted_at', sa.DateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("NOT is_published OR title <> ''", name=op.f('ck_proposal_published_has_title')),
    sa.CheckConstraint('(submitted_at IS NULL) = (number IS NULL)', name=op.f('ck_proposal_number_iff_submitted')),
    sa.CheckConstraint('budget_yen IS NULL OR budget_yen >= 0', name=op.f('ck_proposal_budget_not_negative')),
    sa.CheckConstraint('ends_on IS NULL OR starts_on IS NULL OR ends_on >= starts_on', name=op.f('ck_proposal_period_in_order')),
    sa.CheckConstraint('own_funds_yen IS NULL OR own_funds_yen >= 0', name=op.f('ck_proposal_own_funds_not_negative')),
    sa.ForeignKeyConstraint(['created_by_id'], ['user_account.id'], name=op.f('fk_proposal_created_by_id_user_account')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_proposal_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proposal')),
    sa.UniqueConstraint('draft_number', name=op.f('uq_proposal_draft_number')),
    sa.UniqueConstraint('number', name=op.f('uq_proposal_number'))
    )
    with op.batch_alter_table('proposal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_proposal_is_published'), ['is_published'], unique=False)
        batch_op.create_index(batch_op.f('ix_proposal_open_until_on'), ['open_until_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_proposal_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_proposal_status'), ['status'], unique=False)
        batch_op.create_index(batch_op.f('ix_proposal_submitted_at'), ['submitted_at'], unique=False)

    op.create_table('decision',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('stage', sa.String(40), nullable=False),
    sa.Column('outcome', sa.String(40), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('next_step', sa.Text(), nullable=False),
    sa.Column('drafted_by_id', sa.Integer(), nullable=False),
    sa.Column('drafted_at', sa.DateTime(), nullable=False),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', sa.DateTime(), nullable=True),
    sa.Column('released_at', sa.DateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(stage = 'released') = (released_at IS NOT NULL)", name=op.f('ck_decision_released_at_iff_released')),
    sa.CheckConstraint("(stage IN ('decided', 'released')) = (decided_at IS NOT NULL)", name=op.f('ck_decision_decided_at_iff_decided')),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_decision_has_reason')),
    sa.CheckConstraint('(decided_at IS NULL) = (decided_by_id IS NULL)', name=op.f('ck_decision_decided_at_iff_decided_by')),
    sa.CheckConstraint('decided_by_id IS NULL OR decided_by_id <> drafted_by_id', name=op.f('ck_decision_two_people')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user_account.id'], name=op.f('fk_decision_decided_by_id_user_account')),
    sa.ForeignKeyConstraint(['drafted_by_id'], ['user_account.id'], name=op.f('fk_decision_drafted_by_id_user_account')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_decision_proposal_id_proposal')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decision'))
    )
    with op.batch_alter_table('decision', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_decision_proposal_id'), ['proposal_id'], unique=False)

    op.create_table('exposure',
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('shown_on', sa.Date(), nullable=False),
    sa.Column('is_reserved', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_exposure_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_exposure_proposal_id_proposal')),
    sa.PrimaryKeyConstraint('proposal_id', 'organisation_id', 'shown_on', name=op.f('pk_exposure'))
    )
    with op.batch_alter_table('exposure', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_exposure_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_exposure_shown_on'), ['shown_on'], unique=False)

    op.create_table('exposure_alarm',
    sa.Column('planned_on', sa.Date(), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(40), nullable=False),
    sa.Column('last_day_on', sa.Date(), nullable=False),
    sa.Column('shown', sa.Integer(), nullable=False),
    sa.Column('reachable', sa.Integer(), nullable=False),
    sa.Column('wanted', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['planned_on'], ['exposure_plan.planned_on'], name=op.f('fk_exposure_alarm_planned_on_exposure_plan')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_exposure_alarm_proposal_id_proposal')),
    sa.PrimaryKeyConstraint('planned_on', 'proposal_id', name=op.f('pk_exposure_alarm'))
    )
    with op.batch_alter_table('exposure_alarm', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_exposure_alarm_proposal_id'), ['proposal_id'], unique=False)

    op.create_table('guaranteed_proposal',
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('since_on', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_guaranteed_proposal_proposal_id_proposal')),
    sa.PrimaryKeyConstraint('proposal_id', name=op.f('pk_guaranteed_proposal'))
    )
    op.create_table('interest_offer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('interest_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(40), nullable=False),
    sa.Column('detail', sa.String(length=200), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=True),
    sa.Column('unit', sa.String(40), nullable=True),
    sa.CheckConstraint('(amount IS NULL) = (unit IS NULL)', name=op.f('ck_interest_offer_amount_iff_unit')),
    sa.CheckConstraint('amount IS NULL OR amount > 0', name=op.f('ck_interest_offer_amount_positive')),
    sa.ForeignKeyConstraint(['interest_id'], ['interest.id'], name=op.f('fk_interest_offer_interest_id_interest'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_interest_offer')),
    sa.UniqueConstraint('interest_id', 'position', name=op.f('uq_interest_offer_interest_id_position'))
    )
    with op.batch_alter_table('interest_offer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_interest_offer_interest_id'), ['interest_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_interest_offer_kind'), ['kind'], unique=False)

    op.create_table('interest_refusal',
    sa.Column('interest_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(40), nullable=False),
    sa.Column('value', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['interest_id'], ['interest.id'], name=op.f('fk_interest_refusal_interest_id_interest'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('interest_id', 'kind', 'value', name=op.f('pk_interest_refusal'))
    )
    op.create_table('interest_region',
    sa.Column('interest_id', sa.Integer(), nullable=False),
    sa.Column('place_code', sa.String(length=20), nullable=False),
    sa.ForeignKeyConstraint(['interest_id'], ['interest.id'], name=op.f('fk_interest_region_interest_id_interest'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('interest_id', 'place_code', name=op.f('pk_interest_region'))
    )
    with op.batch_alter_table('interest_region', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_interest_region_place_code'), ['place_code'], unique=False)

    op.create_table('interest_theme',
    sa.Column('interest_id', sa.Integer(), nullable=False),
    sa.Column('theme', sa.String(40), nullable=False),
    sa.ForeignKeyConstraint(['interest_id'], ['interest.id'], name=op.f('fk_interest_theme_interest_id_interest'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('interest_id', 'theme', name=op.f('pk_interest_theme'))
    )
    with op.batch_alter_table('interest_theme', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_interest_theme_theme'), ['theme'], unique=False)

    op.create_table('introduction',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('interest_id', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(40), nullable=False),
    sa.Column('asked_by_side', sa.String(40), nullable=False),
    sa.Column('asked_by_id', sa.Integer(), nullable=False),
    sa.Column('asked_at', sa.DateTime(), nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('match', sa.JSON(), nullable=False),
    sa.Column('answered_by_id', sa.Integer(), nullable=True),
    sa.Column('answered_at', sa.DateTime(), nullable=True),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('decline_reason', sa.String(40), nullable=True),
    sa.Column('decline_fingerprint', sa.String(length=64), server_default='', nullable=False),
    sa.Column('closed_at', sa.DateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name=op.f('ck_introduction_closed_at_iff_closed')),
    sa.CheckConstraint("(status = 'declined') = (decline_reason IS NOT NULL)", name=op.f('ck_introduction_reason_iff_declined')),
    sa.CheckConstraint("decline_fingerprint = '' OR status = 'declined'", name=op.f('ck_introduction_fingerprint_of_declined')),
    sa.CheckConstraint("status <> 'asked' OR answered_at IS NULL", name=op.f('ck_introduction_asked_is_unanswered')),
    sa.CheckConstraint("status NOT IN ('talking', 'declined') OR answered_at IS NOT NULL", name=op.f('ck_introduction_answer_has_moment')),
    sa.ForeignKeyConstraint(['answered_by_id'], ['user_account.id'], name=op.f('fk_introduction_answered_by_id_user_account')),
    sa.ForeignKeyConstraint(['asked_by_id'], ['user_account.id'], name=op.f('fk_introduction_asked_by_id_user_account')),
    sa.ForeignKeyConstraint(['interest_id'], ['interest.id'], name=op.f('fk_introduction_interest_id_interest')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_introduction_proposal_id_proposal')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_introduction'))
    )
    with op.batch_alter_table('introduction', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_introduction_interest_id'), ['interest_id'], unique=False)
        batch_op.create_index('ix_introduction_one_open', ['proposal_id', 'interest_id'], unique=True, sqlite_where=sa.text("status IN ('asked', 'talking')"), postgresql_where=sa.text("status IN ('asked', 'talking')"))
        batch_op.create_index(batch_op.f('ix_introduction_proposal_id'), ['proposal_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_introduction_status'), ['status'], unique=False)

    op.create_table('project',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=12), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=True),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('status', sa.String(40), nullable=False),
    sa.Column('form', sa.String(40), nullable=True),
    sa.Column('form_agreed_on', sa.Date(), nullable=True),
    sa.Column('starts_on', sa.Date(), nullable=True),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('budget_yen', sa.BigInteger(), nullable=True),
    sa.Column('reported_by_id', sa.Integer(), nullable=True),
    sa.Column('reported_at', sa.DateTime(), nullable=True),
    sa.Column('confirmed_by_id', sa.Integer(), nullable=True),
    sa.Column('confirmed_at', sa.DateTime(), nullable=True),
    sa.Column('search_text', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('(confirmed_at IS NULL) = (confirmed_by_id IS NULL)', name=op.f('ck_project_confirmed_at_iff_confirmed_by')),
    sa.CheckConstraint('(form IS NULL) = (form_agreed_on IS NULL)', name=op.f('ck_project_agreed_on_iff_form')),
    sa.CheckConstraint('budget_yen IS NULL OR budget_yen >= 0', name=op.f('ck_project_budget_not_negative')),
    sa.CheckConstraint('ends_on IS NULL OR starts_on IS NULL OR ends_on >= starts_on', name=op.f('ck_project_period_in_order')),
    sa.CheckConstraint('form IS NULL OR (starts_on IS NOT NULL AND ends_on IS NOT NULL)', name=op.f('ck_project_form_has_period')),
    sa.CheckConstraint('reported_by_id IS NULL OR confirmed_by_id <> reported_by_id', name=op.f('ck_project_two_people')),
    sa.ForeignKeyConstraint(['confirmed_by_id'], ['user_account.id'], name=op.f('fk_project_confirmed_by_id_user_account')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_project_proposal_id_proposal')),
    sa.ForeignKeyConstraint(['reported_by_id'], ['user_account.id'], name=op.f('fk_project_reported_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project')),
    sa.UniqueConstraint('number', name=op.f('uq_project_number')),
    sa.UniqueConstraint('proposal_id', name=op.f('uq_project_proposal_id'))
    )
    with op.batch_alter_table('project', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_project_ends_on'), ['ends_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_project_starts_on'), ['starts_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_project_status'), ['status'], unique=False)

    op.create_table('proposal_attachment',
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('attachment_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['attachment_id'], ['attachment.id'], name=op.f('fk_proposal_attachment_attachment_id_attachment')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_proposal_attachment_proposal_id_proposal'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('proposal_id', 'attachment_id', name=op.f('pk_proposal_attachment')),
    sa.UniqueConstraint('attachment_id', name=op.f('uq_proposal_attachment_attachment_id'))
    )
    op.create_table('proposal_division',
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('division_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['division_id'], ['division.id'], name=op.f('fk_proposal_division_division_id_division')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_proposal_division_proposal_id_proposal'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('proposal_id', 'division_id', name=op.f('pk_proposal_division'))
    )
    op.create_table('proposal_field',
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('field', sa.String(40), nullable=False),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_proposal_field_proposal_id_proposal'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('proposal_id', 'field', name=op.f('pk_proposal_field'))
    )
    with op.batch_alter_table('proposal_field', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_proposal_field_field'), ['field'], unique=False)

    op.create_table('proposal_need',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(40), nullable=False),
    sa.Column('detail', sa.String(length=200), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=True),
    sa.Column('unit', sa.String(40), nullable=True),
    sa.CheckConstraint('(amount IS NULL) = (unit IS NULL)', name=op.f('ck_proposal_need_amount_iff_unit')),
    sa.CheckConstraint('amount IS NULL OR amount > 0', name=op.f('ck_proposal_need_amount_positive')),
    sa.CheckConstraint('position BETWEEN 1 AND 5', name=op.f('ck_proposal_need_at_most_five')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_proposal_need_proposal_id_proposal'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proposal_need')),
    sa.UniqueConstraint('proposal_id', 'position', name=op.f('uq_proposal_need_proposal_id_position'))
    )
    with op.batch_alter_table('proposal_need', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_proposal_need_kind'), ['kind'], unique=False)
        batch_op.create_index(batch_op.f('ix_proposal_need_proposal_id'), ['proposal_id'], unique=False)

    op.create_table('proposal_place',
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('place_code', sa.String(length=20), nullable=False),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_proposal_place_proposal_id_proposal'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('proposal_id', 'place_code', name=op.f('pk_proposal_place'))
    )
    with op.batch_alter_table('proposal_place', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_proposal_place_place_code'), ['place_code'], unique=False)

    op.create_table('proposal_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('saved_at', sa.DateTime(), nullable=False),
    sa.Column('saved_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_proposal_version_proposal_id_proposal')),
    sa.ForeignKeyConstraint(['saved_by_id'], ['user_account.id'], name=op.f('fk_proposal_version_saved_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proposal_version')),
    sa.UniqueConstraint('proposal_id', 'number', name=op.f('uq_proposal_version_proposal_id_number'))
    )
    with op.batch_alter_table('proposal_version', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_proposal_version_proposal_id'), ['proposal_id'], unique=False)

    op.create_table('reserved_slot',
    sa.Column('planned_on', sa.Date(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('days_left', sa.Integer(), nullable=False),
    sa.Column('still_needed', sa.Integer(), nullable=False),
    sa.Column('is_planned', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_reserved_slot_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['planned_on'], ['exposure_plan.planned_on'], name=op.f('fk_reserved_slot_planned_on_exposure_plan')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_reserved_slot_proposal_id_proposal')),
    sa.PrimaryKeyConstraint('planned_on', 'organisation_id', 'proposal_id', name=op.f('pk_reserved_slot'))
    )
    op.create_table('review_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('action', sa.String(40), nullable=False),
    sa.Column('from_status', sa.String(40), nullable=False),
    sa.Column('to_status', sa.String(40), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('fix_due_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['actor_id'], ['user_account.id'], name=op.f('fk_review_event_actor_id_user_account')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_review_event_proposal_id_proposal')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_event'))
    )
    with op.batch_alter_table('review_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_review_event_proposal_id'), ['proposal_id'], unique=False)

    op.create_table('saved_search',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(40), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=True),
    sa.Column('interest_id', sa.Integer(), nullable=True),
    sa.Column('filters', sa.JSON(), nullable=False),
    sa.Column('threshold_points', sa.Integer(), nullable=True),
    sa.Column('frequency', sa.String(40), nullable=False),
    sa.Column('weekday', sa.String(40), nullable=True),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('next_at', sa.DateTime(), nullable=False),
    sa.Column('paused_at', sa.DateTime(), nullable=True),
    sa.Column('last_told_at', sa.DateTime(), nullable=True),
    sa.CheckConstraint("(frequency = 'weekly') = (weekday IS NOT NULL)", name=op.f('ck_saved_search_weekday_iff_weekly')),
    sa.CheckConstraint("(kind = 'interest-matches') = (interest_id IS NOT NULL)", name=op.f('ck_saved_search_interest_iff_its_matches')),
    sa.CheckConstraint("(kind = 'proposal-matches') = (proposal_id IS NOT NULL)", name=op.f('ck_saved_search_proposal_iff_its_matches')),
    sa.CheckConstraint("(kind = 'proposals') = (threshold_points IS NULL)", name=op.f('ck_saved_search_threshold_iff_matches')),
    sa.ForeignKeyConstraint(['interest_id'], ['interest.id'], name=op.f('fk_saved_search_interest_id_interest')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_saved_search_proposal_id_proposal')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_saved_search_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_search'))
    )
    with op.batch_alter_table('saved_search', schema=None) as batch_op:
        batch_op.create_index('ix_saved_search_due', ['next_at'], unique=False, sqlite_where=sa.text('paused_at IS NULL'), postgresql_where=sa.text('paused_at IS NULL'))
        batch_op.create_index(batch_op.f('ix_saved_search_interest_id'), ['interest_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_saved_search_proposal_id'), ['proposal_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_saved_search_user_id'), ['user_id'], unique=False)

    op.create_table('project_division',
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('division_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['division_id'], ['division.id'], name=op.f('fk_project_division_division_id_division')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_project_division_project_id_project'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('project_id', 'division_id', name=op.f('pk_project_division'))
    )
    op.create_table('project_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('action', sa.String(40), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['user_account.id'], name=op.f('fk_project_event_actor_id_user_account')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_project_event_project_id_project')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project_event'))
    )
    with op.batch_alter_table('project_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_project_event_project_id'), ['project_id'], unique=False)

    op.create_table('project_partner',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.String(40), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_project_partner_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_project_partner_project_id_project'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project_partner'))
    )
    with op.batch_alter_table('project_partner', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_project_partner_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_project_partner_project_id'), ['project_id'], unique=False)

    op.create_table('saved_list',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=True),
    sa.Column('interest_id', sa.Integer(), nullable=True),
    sa.Column('organisation_id', sa.Integer(), nullable=True),
    sa.Column('introduction_id', sa.Integer(), nullable=True),
    sa.Column('saved_by_id', sa.Integer(), nullable=False),
    sa.Column('saved_at', sa.DateTime(), nullable=False),
    sa.Column('on_day', sa.Date(), nullable=False),
    sa.Column('ruleset', sa.JSON(), nullable=False),
    sa.Column('ruleset_digest', sa.String(length=64), nullable=False),
    sa.Column('knowledge', sa.JSON(), nullable=False),
    sa.Column('inputs', sa.LargeBinary(), nullable=False),
    sa.Column('lines', sa.LargeBinary(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.CheckConstraint('(proposal_id IS NULL) <> (interest_id IS NULL)', name=op.f('ck_saved_list_of_one_record')),
    sa.CheckConstraint('introduction_id IS NULL OR organisation_id IS NOT NULL', name=op.f('ck_saved_list_introduction_has_organisation')),
    sa.ForeignKeyConstraint(['interest_id'], ['interest.id'], name=op.f('fk_saved_list_interest_id_interest')),
    sa.ForeignKeyConstraint(['introduction_id'], ['introduction.id'], name=op.f('fk_saved_list_introduction_id_introduction')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_saved_list_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_saved_list_proposal_id_proposal')),
    sa.ForeignKeyConstraint(['saved_by_id'], ['user_account.id'], name=op.f('fk_saved_list_saved_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_list'))
    )
    with op.batch_alter_table('saved_list', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_saved_list_interest_id'), ['interest_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_saved_list_introduction_id'), ['introduction_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_saved_list_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_saved_list_proposal_id'), ['proposal_id'], unique=False)

    op.create_table('saved_search_sighting',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('search_id', sa.Integer(), nullable=True),
    sa.Column('item', sa.String(length=30), nullable=False),
    sa.Column('told_at', sa.DateTime(), nullable=True),
    sa.CheckConstraint('(search_id IS NULL) = (told_at IS NOT NULL)', name=op.f('ck_saved_search_sighting_told_or_on_the_list')),
    sa.ForeignKeyConstraint(['search_id'], ['saved_search.id'], name=op.f('fk_saved_search_sighting_search_id_saved_search'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_saved_search_sighting_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_search_sighting'))
    )
    with op.batch_alter_table('saved_search_sighting', schema=None) as batch_op:
        batch_op.create_index('ix_saved_search_sighting_seen_once', ['search_id', 'item'], unique=True, sqlite_where=sa.text('search_id IS NOT NULL'), postgresql_where=sa.text('search_id IS NOT NULL'))
        batch_op.create_index('ix_saved_search_sighting_told_once', ['user_id', 'item'], unique=True, sqlite_where=sa.text('told_at IS NOT NULL'), postgresql_where=sa.text('told_at IS NOT NULL'))



def downgrade() -> None:
    with op.batch_alter_table('saved_search_sighting', schema=None) as batch_op:
        batch_op.drop_index('ix_saved_search_sighting_told_once', sqlite_where=sa.text('told_at IS NOT NULL'), postgresql_where=sa.text('told_at IS NOT NULL'))
        batch_op.drop_index('ix_saved_search_sighting_seen_once', sqlite_where=sa.text('search_id IS NOT NULL'), postgresql_where=sa.text('search_id IS NOT NULL'))

    op.drop_table('saved_search_sighting')
    with op.batch_alter_table('saved_list', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_saved_list_proposal_id'))
        batch_op.drop_index(batch_op.f('ix_saved_list_organisation_id'))
        batch_op.drop_index(batch_op.f('ix_saved_list_introduction_id'))
        batch_op.drop_index(batch_op.f('ix_saved_list_interest_id'))

    op.drop_table('saved_list')
    with op.batch_alter_table('project_partner', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_project_partner_project_id'))
        batch_op.drop_index(batch_op.f('ix_project_partner_organisation_id'))

    op.drop_table('project_partner')
    with op.batch_alter_table('project_event', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_project_event_project_id'))

    op.drop_table('project_event')
    op.drop_table('project_division')
    with op.batch_alter_table('saved_search', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_saved_search_user_id'))
        batch_op.drop_index(batch_op.f('ix_saved_search_proposal_id'))
        batch_op.drop_index(batch_op.f('ix_saved_search_interest_id'))
        batch_op.drop_index('ix_saved_search_due', sqlite_where=sa.text('paused_at IS NULL'), postgresql_where=sa.text('paused_at IS NULL'))

    op.drop_table('saved_search')
    with op.batch_alter_table('review_event', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_review_event_proposal_id'))

    op.drop_table('review_event')
    op.drop_table('reserved_slot')
    with op.batch_alter_table('proposal_version', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_proposal_version_proposal_id'))

    op.drop_table('proposal_version')
    with op.batch_alter_table('proposal_place', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_proposal_place_place_code'))

    op.drop_table('proposal_place')
    with op.batch_alter_table('proposal_need', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_proposal_need_proposal_id'))
        batch_op.drop_index(batch_op.f('ix_proposal_need_kind'))

    op.drop_table('proposal_need')
    with op.batch_alter_table('proposal_field', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_proposal_field_field'))

    op.drop_table('proposal_field')
    op.drop_table('proposal_division')
    op.drop_table('proposal_attachment')
    with op.batch_alter_table('project', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_project_status'))
        batch_op.drop_index(batch_op.f('ix_project_starts_on'))
        batch_op.drop_index(batch_op.f('ix_project_ends_on'))

    op.drop_table('project')
    with op.batch_alter_table('introduction', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_introduction_status'))
        batch_op.drop_index(batch_op.f('ix_introduction_proposal_id'))
        batch_op.drop_index('ix_introduction_one_open', sqlite_where=sa.text("status IN ('asked', 'talking')"), postgresql_where=sa.text("status IN ('asked', 'talking')"))
        batch_op.drop_index(batch_op.f('ix_introduction_interest_id'))

    op.drop_table('introduction')
    with op.batch_alter_table('interest_theme', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_interest_theme_theme'))

    op.drop_table('interest_theme')
    with op.batch_alter_table('interest_region', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_interest_region_place_code'))

    op.drop_table('interest_region')
    op.drop_table('interest_refusal')
    with op.batch_alter_table('interest_offer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_interest_offer_kind'))
        batch_op.drop_index(batch_op.f('ix_interest_offer_interest_id'))

    op.drop_table('interest_offer')
    op.drop_table('guaranteed_proposal')
    with op.batch_alter_table('exposure_alarm', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_exposure_alarm_proposal_id'))

    op.drop_table('exposure_alarm')
    with op.batch_alter_table('exposure', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_exposure_shown_on'))
        batch_op.drop_index(batch_op.f('ix_exposure_organisation_id'))

    op.drop_table('exposure')
    with op.batch_alter_table('decision', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_decision_proposal_id'))

    op.drop_table('decision')
    with op.batch_alter_table('proposal', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_proposal_submitted_at'))
        batch_op.drop_index(batch_op.f('ix_proposal_status'))
        batch_op.drop_index(batch_op.f('ix_proposal_organisation_id'))
        batch_op.drop_index(batch_op.f('ix_proposal_open_until_on'))
        batch_op.drop_index(batch_op.f('ix_proposal_is_published'))

    op.drop_table('proposal')
    op.drop_table('organisation_field')
    with op.batch_alter_table('one_time_link', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_one_time_link_user_id'))

    op.drop_table('one_time_link')
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_membership_user_id'))
        batch_op.drop_index(batch_op.f('ix_membership_organisation_id'))
        batch_op.drop_index('ix_membership_one_current', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.drop_table('membership')
    with op.batch_alter_table('interest', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_interest_valid_until_on'))
        batch_op.drop_index(batch_op.f('ix_interest_status'))
        batch_op.drop_index(batch_op.f('ix_interest_organisation_id'))
        batch_op.drop_index(batch_op.f('ix_interest_activated_at'))

    op.drop_table('interest')
    with op.batch_alter_table('attachment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_attachment_organisation_id'))

    op.drop_table('attachment')
    with op.batch_alter_table('staff_role', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_staff_role_user_id'))

    op.drop_table('staff_role')
    with op.batch_alter_table('sign_in', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sign_in_user_id'))

    op.drop_table('sign_in')
    with op.batch_alter_table('ruleset_version', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ruleset_version_in_force_from_on'))

    op.drop_table('ruleset_version')
    with op.batch_alter_table('organisation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_organisation_verification'))
        batch_op.drop_index(batch_op.f('ix_organisation_side'))
        batch_op.drop_index(batch_op.f('ix_organisation_municipality_code'))

    op.drop_table('organisation')
    with op.batch_alter_table('official_figure', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_official_figure_indicator'))

    op.drop_table('official_figure')
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_notice_to_user_id'))
        batch_op.drop_index('ix_notice_due', sqlite_where=sa.text('sent_at IS NULL AND given_up_at IS NULL'), postgresql_where=sa.text('sent_at IS NULL AND given_up_at IS NULL'))

    op.drop_table('notice')
    op.drop_table('exposure_settings')
    op.drop_table('user_account')
    with op.batch_alter_table('sign_in_attempt', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sign_in_attempt_source_hash'))
        batch_op.drop_index(batch_op.f('ix_sign_in_attempt_at'))
        batch_op.drop_index(batch_op.f('ix_sign_in_attempt_account_hash'))

    op.drop_table('sign_in_attempt')
    op.drop_table('programme_budget')
    with op.batch_alter_table('past_proposal', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_past_proposal_calendar_year'))

    op.drop_table('past_proposal')
    with op.batch_alter_table('municipality', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_municipality_prefecture'))

    op.drop_table('municipality')
    op.drop_table('matching_reading')
    op.drop_table('fact_snapshot')
    op.drop_table('exposure_plan')
    op.drop_table('division')
    op.drop_table('counter')
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_audit_entry_tag'))
        batch_op.drop_index(batch_op.f('ix_audit_entry_subject'))

    op.drop_table('audit_entry')
