from django.urls import path

from stepwell.desk.timetable.curriculum import files, groups, session

urlpatterns = [
    path("curricula/", files.curricula, name="curricula"),
    path("curricula/preview/", files.preview, name="curriculum_preview"),
    path("curricula/taking/", files.taking, name="curriculum_taking"),
    path("curricula/schema/", files.schema, name="curriculum_schema"),
    path("curricula/of/<slug:key>/", files.curriculum, name="curriculum"),
    path("curricula/of/<slug:key>/file/", files.curriculum_file, name="curriculum_file"),
    path("curricula/of/<slug:key>/hand-outs/<slug:topic>/", files.handout, name="handout"),
    path("groups/<int:group_id>/topics/", groups.group_topics, name="group_topics"),
    path("groups/<int:group_id>/curriculum/", groups.group_curriculum, name="group_curriculum"),
    path("sessions/<int:session_id>/topic/", groups.session_topic, name="session_topic"),
    path("sessions/<int:session_id>/topic/homework/", session.topic_homework, name="topic_homework"),
]
