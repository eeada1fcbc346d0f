"""How much a request may hold before anybody looks at it."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse


class NoMoreThanWords:
    """Who is not signed in sends the words of a form: whatever is larger is refused (400) before it is read.

    Django itself lets files of any size through to the disk, and no page of the public takes a file.
    """

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        told = request.META.get("CONTENT_LENGTH") or "0"
        large = told.isdecimal() and (len(told) > 18 or int(told) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        if large and not request.user.is_authenticated:
            raise RequestDataTooBig("More than the words of a form.")
        return self.answer(request)
