"""Addresses of the public's pages: short, and neutral in a browser's history. Each in both languages."""

from django.urls import include, path

from stepwell.front import screen, views
from stepwell.front.cost import views as cost
from stepwell.front.find import views as find
from stepwell.front.languages import public_path
from stepwell.front.packet import views as packet

app_name = "front"

PAGES = [
    public_path("", views.home, "home"),
    public_path("about/", views.about, "about"),
    public_path("questions/", screen.screen, "fit"),
    public_path("find/", find.finder, "find"),
    public_path("find/<int:program_id>/", find.program, "program"),
    public_path("cost/", cost.cost, "cost"),
    public_path("ask/", views.ask, "ask"),
    public_path("ask/answers/", views.ask_with, "ask_with"),
    public_path("ask/sent/", views.sent, "sent"),
    public_path("p/<str:token>/", packet.papers, "papers"),
    public_path("p/<str:token>/questions/<slug:part>/", packet.papers_part, "papers_part"),
    public_path("p/<str:token>/paper/<slug:paper>/", packet.papers_paper, "papers_paper"),
    public_path("p/<str:token>/sending/", packet.papers_sending, "papers_sending"),
    public_path("p/<str:token>/copy/", packet.papers_copy, "papers_copy"),
]

urlpatterns = [*PAGES, path("es/", include((PAGES, "es")))]
