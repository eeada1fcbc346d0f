"""The pages, as granian serves them: `stepwell.project.wsgi:application`."""

import os
import signal

from django.core.wsgi import get_wsgi_application
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

from stepwell.project.carried_postgres import die_with_parent
from stepwell.project.environment import Environment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stepwell.project.settings")
if os.environ.get("STEPWELL_SUPERVISED") == "1":
    # A page process whose granian was killed would keep the port and answer with old code.
    die_with_parent(signal.SIGKILL)

application = get_wsgi_application()

_proxies = list(Environment.read().trusted_proxies)
if _proxies:
    # From here on the address of the person who asks is theirs, not the proxy's: lockouts and the
    # audit trail go by it.
    application = wrap_wsgi_with_proxy_headers(application, trusted_hosts=_proxies)
