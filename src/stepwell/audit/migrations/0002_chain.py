"""The chain: the database numbers and seals each entry itself, and refuses to change or lose one."""

from django.db import migrations

SEAL = r"""
CREATE FUNCTION audit_text(field text) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT length(coalesce(field, '')) || ':' || coalesce(field, '') $$;

CREATE FUNCTION audit_seal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last_seq bigint;
    last_hash text;
BEGIN
    -- One writer at a time, until its commit: the chain has no gaps and no forks.
    PERFORM pg_advisory_xact_lock(427201);
    SELECT seq, hash INTO last_seq, last_hash FROM audit_entry ORDER BY seq DESC LIMIT 1;
    NEW.seq := coalesce(last_seq, 0) + 1;
    NEW.prev_hash := coalesce(last_hash, '');
    NEW.hash := encode(sha256(convert_to(
        audit_text(NEW.seq::text) || audit_text(NEW.prev_hash)
        || audit_text(((extract(epoch from NEW.at) * 1000000)::bigint)::text)
        || audit_text(NEW.actor_id::text) || audit_text(NEW.actor_name) || audit_text(NEW.action)
        || audit_text(NEW.kind) || audit_text(NEW.patient_id::text) || audit_text(NEW.subject)
        || audit_text(NEW.why) || audit_text(NEW.address) || audit_text(NEW.request_id)
        || audit_text(NEW.detail::text), 'UTF8')), 'hex');
    RETURN NEW;
END $$;

CREATE TRIGGER audit_seal BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_seal();

CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit trail is append-only: % refused.', TG_OP USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER audit_never_changed BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_never_emptied BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
"""

UNDO = """
DROP TRIGGER audit_never_emptied ON audit_entry;
DROP TRIGGER audit_never_changed ON audit_entry;
DROP TRIGGER audit_seal ON audit_entry;
DROP FUNCTION audit_refuse();
DROP FUNCTION audit_seal();
DROP FUNCTION audit_text(text);
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(SEAL, UNDO)]
