"""The pages, as granian serves them: `stepwell.project.wsgi:application`."""

import gc
import os
import signal

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

from stepwell.project.carried_postgres import die_with_parent
from stepwell.project.environment import Environment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stepwell.project.settings")
if os.environ.get("STEPWELL_SUPERVISED") == "1":
    # A page process whose granian was killed would keep the port and answer with old code.
    die_with_parent(signal.SIGKILL)

application = get_wsgi_application()

# Everything that stays for good is loaded now and never looked at again for cycles: a full collection over it
# takes a tenth of a second, and would come every dozen requests, in the middle of one. What requests leave behind
# is collected less often than Python would: a page of 500 people makes more than 700 things.
get_resolver().url_patterns  # noqa: B018 - a property that imports every view
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)

_proxies = list(Environment.read().trusted_proxies)
if _proxies:
    # From here on the address of the person who asks is theirs, not the proxy's: lockouts and the
    # audit trail go by it.
    application = wrap_wsgi_with_proxy_headers(application, trusted_hosts=_proxies)
