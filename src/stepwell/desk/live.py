"""Pages that hear of news: the signed token of what a page may listen to, and the answer with a part of a page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

from stepwell.accounts.actor import Request
from stepwell.accounts.live_topics import sign_topics


def live_for(request: Request, *topics: str) -> dict[str, str]:
    """`src`, `token` and `topics` for `<sw-live>`."""
    return {
        "src": settings.ENVIRONMENT.live_url(request.get_host()),
        "token": sign_topics(
            user_id=request.user.pk, session_key=request.session.session_key or "", topics=topics
        ),
        "topics": " ".join(topics),
    }


def fragment(request: Request, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A part of a page, without rail and frame."""
    full = {"now": request.at, "by": request.actor, **context}
    return render(request, template, full, status=status, using="jinja2")
