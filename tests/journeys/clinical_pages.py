"""The pages from assessment to tests, and the rows that stand for the braces in their addresses."""

from __future__ import annotations

from collections.abc import Callable

_JADA, _ZOE, _ANA = "/patients/{stepped}/", "/patients/{alerted}/", "/patients/{ana}/"
_ORDER, _HOME = "/patients/{dosed}/medication/", "/patients/{at_home}/medication/"
_TESTED = "/patients/{tested}/tests/{test}/"
_FACTS = ("pdmp", "liver", "pregnancy", "last_opioid")
_OFTEN = ("bam", "ciwa-ar", "c-ssrs", "taps", "craving")

CLINICAL: tuple[tuple[str, str], ...] = (
    *(("counselor", each) for each in ("/alerts/", "/questionnaires/", "/drug-tests/", "/medication/")),
    *(("counselor", f"{_ZOE}assessment/{each}") for each in ("", "alerts/{alert}/", "ratings/fourth/")),
    *(("counselor", f"{_ZOE}assessment/{each}") for each in ("diagnoses/?q=alcohol", "diagnoses/counted/")),
    *(("counselor", f"{_ZOE}assessment/{each}") for each in ("interview/versions/1/", "trends/phq-9/")),
    *(("counselor", f"{_ZOE}assessment/screenings/{{screening}}/{each}") for each in ("", "correction/")),
    *(("counselor", f"{_ANA}assessment/{each}") for each in ("tablet/", "trends/bam/")),
    *(("counselor", f"{_ANA}assessment/instruments/{each}/") for each in _OFTEN),
    ("", "/tablet/"),
    *(("director", f"{_JADA}placement/{each}") for each in ("", "step-down/", "transfer/", "discharge/")),
    *(("director", f"{_JADA}placement/{each}") for each in ("hand-over/", "hand-over/{packet}/")),
    *(("counselor", f"{_ANA}plan/{each}") for each in ("objectives/{objective}/", "review/", "order/")),
    *(("counselor", f"{_ANA}plan/{each}") for each in ("care-team/", "print/", "patient-signature/")),
    *(
        ("counselor", f"{_ANA}plan/versions/{{version}}/{each}")
        for each in ("", "changes/", "changes/print/")
    ),
    *(
        ("counselor", f"/patients/{{drafted}}/plan/draft/{each}")
        for each in ("", "library/", "strengths/", "problems/new/")
    ),
    *(
        ("nurse", f"/medication/{each}")
        for each in ("", "withdrawal/", "side-effects/", "refills/", "to-ask/")
    ),
    ("prescriber", _ORDER),
    *(("prescriber", f"{_ORDER}orders/{each}") for each in ("new/", "{order}/stop/")),
    *(("nurse", f"{_ORDER}orders/{{order}}/{each}") for each in ("doses/new/", "take-home/")),
    *(("nurse", f"{_ORDER}{each}") for each in ("allergies/new/", "naloxone/new/", "side-effects/new/")),
    *(("nurse", f"{_ORDER}list/{each}") for each in ("new/", "reconciliation/")),
    *(("nurse", f"{_ORDER}facts/{each}/new/") for each in _FACTS),
    ("nurse", f"{_HOME}orders/{{supplied}}/supply/"),
    ("nurse", "/patients/{upset}/medication/side-effects/{side_effect}/follow-up/"),
    *(
        ("nurse", f"/patients/{{watched}}/medication/withdrawal/{each}")
        for each in ("", "ciwa-ar/new/", "cows/new/", "{watch}/end/")
    ),
    *(("nurse", f"/drug-tests/{each}") for each in ("draws/", "draws/{draw}/", "random/", "laboratory/")),
    *(("nurse", f"/drug-tests/laboratory/{each}/") for each in ("{filed}", "{unfiled}")),
    *(("nurse", f"{_TESTED}{each}") for each in ("custody/", "result/")),
    ("nurse", "/patients/{to_collect}/tests/{uncollected}/collection/"),
    *(("nurse", f"/patients/{{tested}}/tests/{each}") for each in ("", "print/")),
    *(("nurse", f"/patients/{{rewarded}}/tests/rewards/{each}") for each in ("", "receipts/{receipt}/")),
    *(("patient", f"/my/{each}") for each in ("tests/", "questionnaires/phq-9/", "questionnaires/craving/")),
)

CLINICAL_DARK: tuple[tuple[str, str], ...] = (
    ("counselor", f"{_ZOE}assessment/"),
    ("counselor", f"{_ZOE}assessment/ratings/"),
    ("director", f"{_JADA}placement/"),
    ("counselor", f"{_ANA}plan/"),
    ("nurse", "/medication/"),
    ("nurse", "/patients/{watched}/medication/withdrawal/"),
    ("nurse", "/patients/{tested}/tests/"),
    ("patient", "/my/questionnaires/phq-9/"),
    ("", "/tablet/"),
)

_CODE = "(SELECT code FROM clinic_patient WHERE id = x.patient_id)"
_STATEMENTS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("alerted", "alert"), "SELECT CODE, x.id FROM clinic_alert x WHERE x.sentence LIKE 'PHQ-9%%'"
     " AND NOT EXISTS (SELECT 1 FROM clinic_alertacknowledgement a WHERE a.alert_id = x.id)"),
    (("screening",), "SELECT s.id FROM clinic_screening s JOIN clinic_alert x ON x.patient_id = s.patient_id"
     " WHERE x.sentence LIKE 'PHQ-9%%' AND s.instrument = 'phq-9' AND s.complete"
     " AND NOT EXISTS (SELECT 1 FROM clinic_alertacknowledgement a WHERE a.alert_id = x.id)"),
    (("stepped", "packet"), "SELECT p.code, k.id FROM clinic_handoverpacket k"
     " JOIN clinic_episode e ON e.id = k.episode_id JOIN clinic_patient p ON p.id = e.patient_id"),
    (("version", "objective"), "SELECT n.id, o.id FROM clinic_plan n JOIN clinic_episode e ON e.id = n.episode_id"
     " JOIN clinic_patient p ON p.id = e.patient_id JOIN clinic_problem b ON b.plan_id = n.id"
     " JOIN clinic_goal g ON g.problem_id = b.id JOIN clinic_objective o ON o.goal_id = g.id"
     " WHERE p.given_name = 'Ana' AND p.family_name = 'Reyes' AND n.signed_at IS NOT NULL"),
    (("dosed", "order"), "SELECT CODE, x.id FROM clinic_medicationorder x WHERE x.given_here"
     " AND x.stopped_at IS NULL AND EXISTS (SELECT 1 FROM clinic_dose d WHERE d.order_id = x.id)"),
    (("at_home", "supplied"), "SELECT CODE, x.id FROM clinic_medicationorder x WHERE NOT x.given_here"
     " AND x.stopped_at IS NULL AND EXISTS (SELECT 1 FROM clinic_supply s WHERE s.order_id = x.id)"),
    (("upset", "side_effect"), "SELECT CODE, x.id FROM clinic_sideeffect x WHERE x.closed_at IS NULL"),
    (("watched", "watch"), "SELECT CODE, x.id FROM clinic_withdrawalwatch x WHERE x.ended_at IS NULL"),
    (("draw",), "SELECT id FROM clinic_randomdraw ORDER BY last_on"),
    (("filed",), "SELECT id FROM clinic_labreport WHERE state = 'filed'"),
    (("unfiled",), "SELECT id FROM clinic_labreport WHERE state = 'waiting'"),
    (("tested", "test"), "SELECT CODE, x.id FROM clinic_testorder x JOIN clinic_collection c ON c.order_id = x.id"
     " JOIN clinic_panelresult r ON r.order_id = x.id WHERE NOT c.refused AND r.reviewed_at IS NULL"),
    (("to_collect", "uncollected"), "SELECT CODE, x.id FROM clinic_testorder x WHERE x.due_on <= CURRENT_DATE"
     " AND NOT EXISTS (SELECT 1 FROM clinic_collection c WHERE c.order_id = x.id)"),
    (("rewarded", "receipt"), "SELECT CODE, x.number FROM clinic_rewardentry x WHERE x.kind = 'handed'"),
    (("drafted",), "SELECT p.code FROM clinic_plan n JOIN clinic_episode e ON e.id = n.episode_id"
     " JOIN clinic_patient p ON p.id = e.patient_id WHERE n.signed_at IS NULL AND n.superseded_at IS NULL"),
)  # fmt: skip


def clinical_places(query: Callable[..., list[tuple[object, ...]]]) -> dict[str, object]:
    """One row of each kind; the first is asked for, so that each name is there."""
    return {
        name: value
        for names, statement in _STATEMENTS
        for name, value in zip(names, query(statement.replace("CODE", _CODE) + " LIMIT 1")[0], strict=True)
    }
