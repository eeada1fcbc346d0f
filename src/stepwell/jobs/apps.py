"""Makes the timers known to the job machinery."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """No tables of its own: jobs are procrastinate's rows."""

    name = "stepwell.jobs"
    label = "stepwell_jobs"
