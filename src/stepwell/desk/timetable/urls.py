from django.urls import path

from stepwell.desk.timetable import programs, schedule, week

urlpatterns = [
    path("week/", week.week, name="week"),
    path("programs/", programs.programs, name="programs"),
    path("programs/new/", programs.new_program, name="new_program"),
    path("programs/<int:program_id>/tracks/new/", programs.new_track, name="new_track"),
    path("groups/new/", programs.new_group, name="new_group"),
    path("groups/<int:group_id>/", programs.group, name="group"),
    path("groups/<int:group_id>/meetings/<int:meeting_id>/end/", programs.end_meeting, name="end_meeting"),
    path("patients/<slug:code>/schedule/", schedule.schedule, name="schedule"),
    path("patients/<slug:code>/schedule/seats/", schedule.seats, name="book_seat"),
    path("patients/<slug:code>/schedule/seats/<int:seat_id>/release/", schedule.release, name="release_seat"),
    path("patients/<slug:code>/schedule/groups/", schedule.groups, name="enroll"),
    path(
        "patients/<slug:code>/schedule/groups/<int:enrollment_id>/leave/", schedule.leave, name="leave_group"
    ),
    path("patients/<slug:code>/schedule/sessions/", schedule.new_session, name="new_session"),
]
