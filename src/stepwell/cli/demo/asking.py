"""Those who are not in treatment yet: inquiries of every age, people registered, people assessed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from stepwell.accounts.actor import the_public
from stepwell.cli.demo.admitting import assess, rating
from stepwell.cli.demo.registering import register
from stepwell.cli.demo.world import Clinic, Life, dice, texts
from stepwell.clinic.assessment.rules import safety_questions
from stepwell.clinic.inquiry import actions as inquiries
from stepwell.clinic.inquiry.rules import load_papers
from stepwell.clinic.placement import actions as placement
from stepwell.front.packet.words import words_of

_GATE_OPEN_FOR = {"Pablo Ibarra"}
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"


def foresee(clinic: Clinic) -> None:
    """Notes in the diary who asks when, and what is done about it."""
    diary = clinic.diary
    for life in clinic.lives:
        back = 6 if life.stage == "assessed" else 3
        if life.stage in ("registered", "assessed"):
            day = _workday(diary.today - timedelta(days=back))
            diary.note(
                diary.moment(day, "09:20", life.number % 30), lambda at, life=life: register(clinic, life, at)
            )
        if life.stage == "assessed":
            diary.note(
                diary.moment(day, "13:30", life.number % 30),
                lambda at, life=life: _assessed(clinic, life, at),
            )
    for number, asked in enumerate(texts("inquiries")):
        at = diary.now - timedelta(
            days=asked.get("days_ago", 0), hours=asked.get("hours_ago", 0), minutes=7 * number
        )
        diary.note(at, lambda then, asked=asked, number=number: _ask(clinic, number, asked, then))


def foresee_first_call(clinic: Clinic, life: Life, day: date, began: datetime) -> None:
    """Who was admitted asked first, was spoken with and came to an intake on the working day before `day`."""
    diary = clinic.diary
    came_on = _workday(day - timedelta(days=1))
    asked_on = _workday(came_on - timedelta(days=1 + life.number % 4))
    asked_at = diary.moment(asked_on, "10:00", life.number * 7 % 60)
    if asked_at < began:
        return  # before the clinic's own memory
    starts = diary.moment(came_on, f"{9 + life.number // 5 % 10:02}:00")
    diary.note(asked_at, lambda at: _ask_and_come(clinic, life, starts, at))


def _ask_and_come(clinic: Clinic, life: Life, starts: datetime, at: datetime) -> None:
    """The inquiry is `life.inquiry`; it becomes the patient's when the record is made."""
    desk, facts, number = clinic.actors["desk"], life.facts, life.number
    source = ("web", "phone", "phone", "referral")[number % 4]
    row = life.inquiry = inquiries.receive_inquiry(
        by=the_public(address="127.0.0.1") if source == "web" else desk,
        at=at,
        site=clinic.site,
        name=life.name,
        source=source,
        code=_code(1_000 + number),
        facts={
            "phone": facts["phone"],
            "may_call": True,
            "insurance": facts["payer"] if facts["payer"] in clinic.payers else "",
            "referred_by": "Sample General Hospital (invented)" if source == "referral" else "",
            "heard_from": _HEARD[number % len(_HEARD)],
            "language": facts["language"] if facts["language"] in ("en", "es") else "other",
        },
    )
    answered_at = at + timedelta(minutes=20 + 35 * (number % 9))

    def spoken_with(then: datetime) -> None:
        inquiries.answer_inquiry(by=desk, at=then, inquiry=row)
        intake = inquiries.book_intake(
            by=desk, at=then, inquiry=row, staff=clinic.staff["nurse"], room=None, starts=starts,
            minutes=45, mode="video",
        )  # fmt: skip
        clinic.diary.note(starts, lambda here: inquiries.arrive_intake(by=desk, at=here, intake=intake))

    clinic.diary.note(answered_at, spoken_with)


_HEARD = ("friend", "search", "provider", "hospital", "court", "alumni", "search", "insurer", "helpline")


def _assessed(clinic: Clinic, life: Life, at: datetime) -> None:
    """Rated and recommended; one of them with a safety question still open, which holds the admission up."""
    assess(clinic, life, at)
    gates: dict[str, bool | None] = {question.key: False for question in safety_questions()}
    if life.name in _GATE_OPEN_FOR:
        gates["severe_withdrawal_risk"] = None
    placement.rate_and_recommend(
        by=clinic.actors[clinic.counselor_of(life)], at=at + timedelta(minutes=70), patient=life.patient,
        ratings=rating("2.1"), gates=gates,
    )  # fmt: skip


def _ask(clinic: Clinic, number: int, asked: dict[str, Any], at: datetime) -> None:
    public = asked["source"] == "web"
    row = inquiries.receive_inquiry(
        by=the_public(address="127.0.0.1") if public else clinic.actors["desk"],
        at=at,
        site=clinic.site,
        name=asked["name"],
        source=asked["source"],
        code=_code(number),
        facts={
            "phone": asked["phone"],
            "may_call": True,
            "may_text": number % 2 == 0,
            "about": asked["about"],
            "insurance": asked["insurance"],
            "free_times": asked["free"],
            "red_flags": asked.get("flags", []),
            "referred_by": asked.get("referred_by", ""),
            "asking_for": "family" if "son" in asked["about"] else "self",
            "heard_from": asked.get("heard", ""),
            "heard_detail": asked.get("detail", ""),
            "language": asked.get("language", "en"),
            "safe_times": ("Evenings", "Any time", "Before noon")[number % 3],
        },
    )
    if asked["state"] != "new":
        # Some hours later, whatever the hour of loading: the desk's day is long in the demo.
        clinic.diary.note(at + timedelta(hours=5), lambda then: _work(clinic, row, asked, then))


def _work(clinic: Clinic, row: Any, asked: dict[str, Any], at: datetime) -> None:
    desk, state = clinic.actors["desk"], asked["state"]
    if state == "tried":
        inquiries.log_attempt(
            by=desk, at=at, inquiry=row, how="voicemail", note="Mailbox without a name; said nothing."
        )
        return
    if "danger_done" in asked:
        inquiries.act_on_danger(by=desk, at=at, inquiry=row, note=asked["danger_done"])
    if state == "screened_out":
        event = inquiries.screen_out(
            by=desk,
            at=at,
            inquiry=row,
            reason=asked["reason"],
            referred_to=asked["referred_to"],
            contact=asked["contact"],
        )
        if "arrived" in asked:
            inquiries.record_follow_up(
                by=desk, at=at + timedelta(days=1), follow_up=event.follow_ups.get(), outcome="arrived",
                note=asked["arrived"],
            )  # fmt: skip
        return
    inquiries.answer_inquiry(by=desk, at=at, inquiry=row, note="Spoke for ten minutes; wants to come.")
    if state == "closed":
        inquiries.close_inquiry(by=desk, at=at, inquiry=row, reason=asked["reason"])
    if state == "papers":
        clinic.diary.note(
            clinic.diary.now - timedelta(hours=6), lambda then: _papers(clinic, row, asked, then)
        )
    if state == "booked":
        clinic.diary.note(
            clinic.diary.now - timedelta(hours=20), lambda then: _book(clinic, row, asked, then)
        )


def _book(clinic: Clinic, row: Any, asked: dict[str, Any], at: datetime) -> None:
    """An intake on the next working day, late in the afternoon when the offices are free."""
    desk, life = clinic.actors["desk"], clinic.life(asked["name"])
    if life.patient is not None:
        row = inquiries.make_patient_of(by=desk, at=at, inquiry=row, existing=life.patient).inquiries.get()
    day = _workday(clinic.diary.today + timedelta(days=1), ahead=True)
    inquiries.book_intake(
        by=desk, at=at, inquiry=row, staff=clinic.staff["counselor"], room=clinic.rooms["Office 1"],
        starts=clinic.diary.moment(day, "17:00"), minutes=60,
    )  # fmt: skip


def _papers(clinic: Clinic, row: Any, asked: dict[str, Any], at: datetime) -> None:
    """An intake is booked, and the papers came back from her phone: answered, signed, one of them drawn."""
    desk, person, born = (
        clinic.actors["desk"],
        the_public(address="papers"),
        date.fromisoformat(asked["born"]),
    )
    day = _workday(clinic.diary.today + timedelta(days=2), ahead=True)
    inquiries.book_intake(
        by=desk, at=at, inquiry=row, staff=clinic.staff["counselor"], room=clinic.rooms["Office 1"],
        starts=clinic.diary.moment(day, "18:00"), minutes=60,
    )  # fmt: skip
    packet = inquiries.make_packet(by=desk, at=at, inquiry=row, birth_date=born, language=asked["language"])
    inquiries.mark_packet_sent(by=desk, at=at, packet=packet, how="text")
    inquiries.open_packet(by=person, at=at, packet=packet, birth_date=born)
    packet = inquiries.keep_answers(by=person, at=at, packet=packet, answers=texts("papers", "answers"))
    for paper in load_papers().papers:
        inquiries.sign_paper(
            by=person, at=at, packet=packet, paper=paper.key,
            words=words_of(paper, packet, at, asked["language"]), language=asked["language"],
            name=asked["name"], typed=asked["name"] if paper.key != "tpo" else "",
            drawing=texts("papers", "drawing") if paper.key == "tpo" else None,
        )  # fmt: skip
    inquiries.send_in_packet(by=person, at=at, packet=packet)


def _workday(day: date, *, ahead: bool = False) -> date:
    """The same day, or the nearest Monday to Friday."""
    while day.weekday() > 4:
        day += timedelta(days=1 if ahead else -1)
    return day


def _code(number: int) -> str:
    throw = dice("inquiry", number)
    return "".join(throw.choice(_LETTERS) for _ in range(6))
