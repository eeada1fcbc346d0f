"""What is known already is offered with its source, and the newest and most exact source wins."""

from datetime import date

from stepwell.clinic.assessment.rules import AskedFor, Earlier, HandedOver, Offered, prefill

MARCH, APRIL = date(2026, 3, 3), date(2026, 4, 4)


def test_nothing_known_offers_nothing() -> None:
    assert prefill() == {}


def test_the_newest_inquiry_is_what_is_offered() -> None:
    newer = AskedFor(APRIL, "It came back.", "web", "self", "")
    older = AskedFor(MARCH, "Help me.", "phone", "family", "Dr. Lee")
    told = prefill(inquiries=[newer, older])
    assert told == {
        "reason": Offered("It came back.", "told when asking for help, 4 Apr 2026"),
        "reason.route": Offered("self", "told when asking for help, 4 Apr 2026"),
        "reason.referred": Offered("Dr. Lee", "told when asking for help, 3 Mar 2026"),
    }


def test_intake_papers_fill_home_transport_language_and_family() -> None:
    papers = {
        "housing": "rent", "home_safe": "no", "transport": "bus", "language": "es", "household": 3, "children": 1,
        "emergency_name": "Rosa", "emergency_relation": "mother",
    }  # fmt: skip
    source = "from the intake papers, 3 Mar 2026"
    assert prefill(papers=papers, papers_on=MARCH, language="en") == {
        "housing.kind": Offered("rent", source),
        "trauma.safe": Offered("no", source),
        "work-school.transport": Offered("bus", source),
        "culture.language": Offered("Spanish", source),
        "family": Offered("3 in the household, 1 of them children. In an emergency: Rosa (mother).", source),
    }


def test_an_odd_paper_is_not_taken_over() -> None:
    assert prefill(papers={"housing": "castle", "transport": ["x"], "home_safe": None}, papers_on=MARCH) == {}


def test_a_hand_off_fills_health_history_and_route_by_kind() -> None:
    rows = [
        HandedOver("problem", "Alcohol dependence", "F10.20", MARCH),
        HandedOver("problem", "Depression", "F33.1", MARCH),
        HandedOver("problem", "Hypertension", "I10", MARCH),
        HandedOver("problem", "Hypertension", "I10", MARCH),
        HandedOver("medication", "Sertraline 50 mg", "", MARCH),
        HandedOver("allergy", "Penicillin", "", MARCH),
        HandedOver("encounter", "Inpatient stay, Grady", "", MARCH),
    ]
    source = "from the hand-off of 3 Mar 2026"
    assert prefill(handed_over=rows) == {
        "substances": Offered("Alcohol dependence", source),
        "mental-health.diagnosed": Offered("Depression", source),
        "health": Offered("Hypertension", source),
        "health.medicines": Offered("Sertraline 50 mg", source),
        "health.allergies": Offered("Penicillin", source),
        "treatment-history": Offered("Inpatient stay, Grady.", source),
        "reason.route": Offered("inpatient", source),
    }


def test_earlier_episodes_are_counted_and_told() -> None:
    told = prefill(earlier=[Earlier(MARCH, APRIL, "2.1 Intensive outpatient", "completed")])
    source = "from earlier episodes here, last 3 Mar 2026"
    assert told == {
        "treatment-history": Offered(
            "Here from 3 Mar 2026 to 4 Apr 2026, 2.1 Intensive outpatient: completed.", source
        ),
        "treatment-history.iop": Offered("1", source),
    }
