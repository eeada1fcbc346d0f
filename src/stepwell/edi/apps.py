"""Makes the errands known to the job machinery."""

from django.apps import AppConfig


class EdiConfig(AppConfig):
    """No tables of its own: they are the clinic's."""

    name = "stepwell.edi"
    label = "stepwell_edi"
