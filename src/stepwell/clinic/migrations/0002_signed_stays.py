"""What is signed or said to the law never changes, and a held seat goes to nobody else: the database refuses it."""

from django.db import migrations

NEVER_CHANGED = [
    "clinic_notesignature",
    "clinic_addendum",
    "clinic_keptapartnote",
    "clinic_keptapartrevision",
    "clinic_plansignature",
    "clinic_placement",
    "clinic_placementtable",
    "clinic_levelreview",
    "clinic_handoverpacket",
    "clinic_consentrevocation",
    "clinic_disclosure",
    "clinic_alertacknowledgement",
    "clinic_alerttold",
    "clinic_diagnosisevent",
    "clinic_dimensionalrating",
    "clinic_authorizationdecision",
    "clinic_statement",
    "clinic_dose",
    "clinic_takehome",
    "clinic_titrationstep",
    "clinic_startcheck",
    "clinic_safetyfact",
    "clinic_supply",
    "clinic_noknownallergies",
    "clinic_reconciliation",
    "clinic_reconciliationline",
    "clinic_sideeffectfollowup",
    "clinic_naloxoneoffer",
    "clinic_withdrawalreading",
    "clinic_followupattempt",
    "clinic_planreview",
    "clinic_objectiveverdict",
    "clinic_inquiryevent",
    "clinic_eligibilityfile",
    "clinic_provideridentity",
    "clinic_estimatenotneeded",
    "clinic_estimateasked",
    "clinic_goodfaithestimate",
    "clinic_labfile",
    "clinic_labmessage",
    "clinic_sealedseed",
    "clinic_randomdraw",
    "clinic_testorder",
    "clinic_testnotice",
    "clinic_testexcuse",
    "clinic_collection",
    "clinic_custodystep",
    "clinic_rewardentry",
]

FUNCTIONS = r"""
CREATE FUNCTION clinic_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is never changed: % refused.', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION clinic_signed_note_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.signed_at IS NOT NULL THEN
        -- The one thing that may still happen to a signed note is its co-signature.
        IF TG_OP = 'UPDATE' AND OLD.cosigned_at IS NULL AND NEW.cosigned_at IS NOT NULL
           AND (to_jsonb(NEW) - 'cosigned_at') = (to_jsonb(OLD) - 'cosigned_at') THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'A signed note is never changed.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION clinic_signed_part_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    in_note bigint := CASE WHEN TG_OP = 'INSERT' THEN NEW.note_id ELSE OLD.note_id END;
BEGIN
    IF EXISTS (SELECT 1 FROM clinic_note WHERE id = in_note AND signed_at IS NOT NULL) THEN
        RAISE EXCEPTION 'A part of a signed note is never changed.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION clinic_locked_attendance_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.locked_at IS NOT NULL THEN
        RAISE EXCEPTION 'Attendance in a signed note is never changed.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION clinic_signed_plan_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.signed_at IS NOT NULL AND (TG_OP = 'DELETE'
       OR (to_jsonb(NEW) - 'superseded_at') <> (to_jsonb(OLD) - 'superseded_at')) THEN
        RAISE EXCEPTION 'A signed plan is never changed; write a new version.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;

-- Both sides are looked at, so that a part can neither leave a signed plan nor move into one.
CREATE FUNCTION clinic_signed_plan_part_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    sides jsonb[] := CASE TG_OP WHEN 'INSERT' THEN ARRAY[to_jsonb(NEW)] WHEN 'DELETE' THEN ARRAY[to_jsonb(OLD)]
                     ELSE ARRAY[to_jsonb(OLD), to_jsonb(NEW)] END;
    side jsonb;
    in_plan bigint;
BEGIN
    FOREACH side IN ARRAY sides LOOP
        CASE TG_TABLE_NAME
            WHEN 'clinic_problem', 'clinic_deferreddiagnosis' THEN in_plan := (side->>'plan_id')::bigint;
            WHEN 'clinic_goal' THEN
                SELECT p.plan_id INTO in_plan FROM clinic_problem p WHERE p.id = (side->>'problem_id')::bigint;
            WHEN 'clinic_objective' THEN
                SELECT p.plan_id INTO in_plan FROM clinic_goal g JOIN clinic_problem p ON p.id = g.problem_id
                WHERE g.id = (side->>'goal_id')::bigint;
            ELSE
                SELECT p.plan_id INTO in_plan FROM clinic_objective o JOIN clinic_goal g ON g.id = o.goal_id
                JOIN clinic_problem p ON p.id = g.problem_id WHERE o.id = (side->>'objective_id')::bigint;
        END CASE;
        IF EXISTS (SELECT 1 FROM clinic_plan WHERE id = in_plan AND signed_at IS NOT NULL) THEN
            RAISE EXCEPTION 'A part of a signed plan is never changed; write a new version.'
                USING ERRCODE = 'restrict_violation';
        END IF;
    END LOOP;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION clinic_signed_consent_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.signed_at IS NOT NULL AND (TG_OP = 'DELETE'
       OR (to_jsonb(NEW) - 'superseded_at' - 'superseded_by_id' - 'event_occurred_at')
          <> (to_jsonb(OLD) - 'superseded_at' - 'superseded_by_id' - 'event_occurred_at')) THEN
        RAISE EXCEPTION 'A signed consent is never changed; record a new one.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION clinic_signed_summary_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.signed_at IS NOT NULL THEN
        RAISE EXCEPTION 'A signed discharge summary is never changed.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION clinic_signed_interview_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.signed_at IS NOT NULL THEN
        RAISE EXCEPTION 'A signed interview is never changed; write a new version.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION clinic_signed_use_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_interview bigint := CASE WHEN TG_OP = 'INSERT' THEN NEW.interview_id ELSE OLD.interview_id END;
BEGIN
    IF EXISTS (SELECT 1 FROM clinic_intakeinterview WHERE id = of_interview AND signed_at IS NOT NULL) THEN
        RAISE EXCEPTION 'A part of a signed interview is never changed.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;

-- The last guard behind the lock on the session: one number is never a seat of one and an offer to another.
CREATE FUNCTION clinic_held_seat_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'clinic_seat' THEN
        IF NEW.released_at IS NULL AND EXISTS (
            SELECT 1 FROM clinic_makeupoffer o WHERE o.occurrence_id = NEW.occurrence_id AND o.number = NEW.number
            AND o.answered_at IS NULL AND o.held_until > NEW.at AND o.patient_id <> NEW.patient_id) THEN
            RAISE EXCEPTION 'The seat is held for somebody.' USING ERRCODE = 'unique_violation',
                CONSTRAINT = 'held_seat_stays_held';
        END IF;
    ELSIF EXISTS (SELECT 1 FROM clinic_seat s WHERE s.occurrence_id = NEW.occurrence_id
                  AND s.number = NEW.number AND s.released_at IS NULL) THEN
        RAISE EXCEPTION 'The seat is taken.' USING ERRCODE = 'unique_violation', CONSTRAINT = 'held_seat_is_free';
    END IF;
    RETURN NEW;
END $$;
"""

TRIGGERS = [
    ("clinic_note", "UPDATE OR DELETE", "clinic_signed_note_stays"),
    ("clinic_notepart", "INSERT OR UPDATE OR DELETE", "clinic_signed_part_stays"),
    ("clinic_attendance", "UPDATE OR DELETE", "clinic_locked_attendance_stays"),
    ("clinic_plan", "UPDATE OR DELETE", "clinic_signed_plan_stays"),
    *[
        (f"clinic_{part}", "INSERT OR UPDATE OR DELETE", "clinic_signed_plan_part_stays")
        for part in ("problem", "goal", "objective", "intervention", "deferreddiagnosis")
    ],
    ("clinic_consent", "UPDATE OR DELETE", "clinic_signed_consent_stays"),
    ("clinic_dischargesummary", "UPDATE OR DELETE", "clinic_signed_summary_stays"),
    ("clinic_intakeinterview", "UPDATE OR DELETE", "clinic_signed_interview_stays"),
    ("clinic_substanceuse", "INSERT OR UPDATE OR DELETE", "clinic_signed_use_stays"),
    *[(table, "UPDATE OR DELETE", "clinic_refuse") for table in NEVER_CHANGED],
]


class Migration(migrations.Migration):
    dependencies = [("clinic", "0001_initial")]
    operations = [
        migrations.RunSQL(
            FUNCTIONS,
            ";".join(
                f"DROP FUNCTION {name}()"
                for name in [
                    "clinic_refuse",
                    "clinic_signed_note_stays",
                    "clinic_signed_part_stays",
                    "clinic_locked_attendance_stays",
                    "clinic_signed_plan_stays",
                    "clinic_signed_plan_part_stays",
                    "clinic_signed_consent_stays",
                    "clinic_signed_summary_stays",
                    "clinic_signed_interview_stays",
                    "clinic_signed_use_stays",
                    "clinic_held_seat_stays",
                ]
            ),
        ),
        *[
            migrations.RunSQL(
                f"CREATE TRIGGER signed_stays BEFORE {events} ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()",
                f"DROP TRIGGER signed_stays ON {table}",
            )
            for table, events, function in TRIGGERS
        ],
        *[
            migrations.RunSQL(
                f"CREATE TRIGGER held_seat_stays BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION clinic_held_seat_stays()",
                f"DROP TRIGGER held_seat_stays ON {table}",
            )
            for table in ("clinic_seat", "clinic_makeupoffer")
        ],
        # What browsers of a session by video say to each other, the chat too, stands in no write-ahead log and so in
        # no archive of one: after a crash of the database it is simply gone.
        migrations.RunSQL(
            "ALTER TABLE clinic_videosignal SET UNLOGGED", "ALTER TABLE clinic_videosignal SET LOGGED"
        ),
    ]
