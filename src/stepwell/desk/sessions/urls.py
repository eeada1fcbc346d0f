from django.urls import path

from stepwell.desk.sessions import changing, joining, kept_apart, notes, room, saving, today
from stepwell.desk.sessions.single import recording

urlpatterns = [
    path("today/", today.today, name="today"),
    path("today/board/", today.today_board, name="today_board"),
    path("today/sessions/<int:session_id>/", today.today_session, name="today_session"),
    path("sessions/seats/<int:seat_id>/check-in/", today.check_in, name="check_in"),
    path("sessions/<int:session_id>/", room.room, name="session"),
    path("sessions/<int:session_id>/roster/", room.roster, name="session_roster"),
    path("sessions/<int:session_id>/all-here/", saving.all_here, name="all_here"),
    path("sessions/<int:session_id>/attendance/", saving.attendance, name="attendance"),
    path(
        "sessions/<int:session_id>/attendance/taking-back/",
        saving.attendance_taken_back,
        name="attendance_taken_back",
    ),
    path("sessions/<int:session_id>/walk-in/", joining.walk_in, name="walk_in"),
    path("sessions/<int:session_id>/guests/", joining.guests, name="guests"),
    path(
        "sessions/<int:session_id>/guests/<int:guest_id>/leaving/",
        joining.guest_leaving,
        name="guest_leaving",
    ),
    path(
        "sessions/<int:session_id>/guests/<int:guest_id>/taking-back/",
        joining.guest_taken_back,
        name="guest_taken_back",
    ),
    path("sessions/<int:session_id>/draft/", saving.draft, name="session_draft"),
    path("sessions/<int:session_id>/homework/", recording.session_homework, name="session_homework"),
    path("sessions/<int:session_id>/no-risk/", saving.no_risk, name="no_risk"),
    path("sessions/<int:session_id>/signature/", saving.signature, name="signature"),
    path("sessions/<int:session_id>/co-signature/", changing.cosignature, name="cosignature"),
    path("sessions/<int:session_id>/hand-over/", changing.hand_over, name="hand_over"),
    path("sessions/<int:session_id>/cancellation/", changing.cancellation, name="cancellation"),
    path("notes/", notes.notes, name="notes"),
    path("patients/<slug:code>/notes/", notes.chart_notes, name="chart_notes"),
    path("patients/<slug:code>/kept-apart/", kept_apart.kept_apart, name="kept_apart"),
    path(
        "patients/<slug:code>/kept-apart/<int:kept_id>/", kept_apart.kept_apart_note, name="kept_apart_note"
    ),
    path("patients/<slug:code>/notes/<int:note_id>/", notes.chart_note, name="chart_note"),
    path("patients/<slug:code>/notes/<int:note_id>/print/", notes.printed, name="chart_note_print"),
    path("patients/<slug:code>/notes/<int:note_id>/addenda/", notes.addenda, name="addenda"),
]
