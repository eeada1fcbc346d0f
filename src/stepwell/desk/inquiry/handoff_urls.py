from django.urls import path

from stepwell.desk.inquiry import handoff

urlpatterns = [
    path("hand-offs/", handoff.handoffs, name="handoffs"),
    path("hand-offs/new/", handoff.new_handoff, name="new_handoff"),
    path("hand-offs/<slug:code>/", handoff.handoff, name="handoff"),
    path("hand-offs/<slug:code>/decisions/", handoff.handoff_decisions, name="handoff_decisions"),
    path("hand-offs/<slug:code>/person/", handoff.handoff_person, name="handoff_person"),
]
