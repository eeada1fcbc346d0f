"""The chain: the database numbers and seals each entry itself, and refuses to change or lose one."""

from django.db import migrations

SEAL = r"""
-- Each field is preceded by its length and a colon, in one expression: a group note seals twelve entries at once.
-- Its search for the last entry is planned once for each connection: without enable_seqscan = off a connection that
-- began while the table was empty would read all of it for every entry.
CREATE FUNCTION audit_seal() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    last_seq bigint;
    last_hash text;
    seq text;
    at text;
    actor text;
    patient text;
    detail text;
BEGIN
    -- One writer at a time, until its commit: the chain has no gaps and no forks.
    PERFORM pg_advisory_xact_lock(427201);
    SELECT e.seq, e.hash INTO last_seq, last_hash FROM audit_entry e ORDER BY e.seq DESC LIMIT 1;
    NEW.seq := coalesce(last_seq, 0) + 1;
    NEW.prev_hash := coalesce(last_hash, '');
    seq := NEW.seq;
    at := (extract(epoch from NEW.at) * 1000000)::bigint;
    actor := coalesce(NEW.actor_id::text, '');
    patient := coalesce(NEW.patient_id::text, '');
    detail := NEW.detail;
    NEW.hash := encode(sha256(convert_to(concat(
        length(seq), ':', seq, length(NEW.prev_hash), ':', NEW.prev_hash, length(at), ':', at,
        length(actor), ':', actor, length(NEW.actor_name), ':', NEW.actor_name,
        length(NEW.action), ':', NEW.action, length(NEW.kind), ':', NEW.kind,
        length(patient), ':', patient, length(NEW.subject), ':', NEW.subject,
        length(NEW.why), ':', NEW.why, length(NEW.address), ':', NEW.address,
        length(NEW.request_id), ':', NEW.request_id, length(detail), ':', detail), 'UTF8')), 'hex');
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
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(SEAL, UNDO)]
