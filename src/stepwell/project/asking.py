"""Who asks: puts the `Actor` on the request, once, when first needed."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from stepwell.accounts.actor import Actor, Request, the_public
from stepwell.clinic.people import queries as people


class WhoAsks:
    """`request.actor` (an `Actor`) and `request.at` (the one look at the clock of this request)."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.at = timezone.now()  # type: ignore[attr-defined] # this is where it is set
        request.actor = SimpleLazyObject(lambda: actor_of(request))  # type: ignore[attr-defined,arg-type] # this is where it is set
        return self.answer(request)


def actor_of(request: Request) -> Actor:
    address = request.META.get("REMOTE_ADDR", "")
    request_id = getattr(request, "request_id", "") or uuid.uuid4().hex
    if not request.user.is_authenticated:
        return the_public(address=address, request_id=request_id)
    return people.actor_of(request.user, at=request.at, address=address, request_id=request_id)
