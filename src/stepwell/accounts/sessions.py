"""Django's sessions in the database, read by one short statement: every page begins with it."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db
from django.db import connection
from django.utils import timezone


class SessionStore(db.SessionStore):
    """As Django's, which writes the same statement anew by its ORM at every request."""

    def _get_session_from_db(self) -> Any:
        key = self.session_key or ""
        with connection.cursor() as cursor:
            cursor.execute(
                'SELECT session_data, expire_date FROM "django_session" WHERE session_key = %s AND expire_date > %s',
                [key, timezone.now()],
            )
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return None
        return self.model(session_key=key, session_data=row[0], expire_date=row[1])
