"""Only imports each step's models, in the order of the journey."""

from stepwell.clinic.people.models import *  # noqa: F403, I001 - the order is the journey's
from stepwell.clinic.consent.models import *  # noqa: F403
from stepwell.clinic.inquiry.models import *  # noqa: F403
from stepwell.clinic.coverage.models import *  # noqa: F403
from stepwell.clinic.assessment.models import *  # noqa: F403
from stepwell.clinic.placement.models import *  # noqa: F403
from stepwell.clinic.plan.models import *  # noqa: F403
from stepwell.clinic.authorization.models import *  # noqa: F403
from stepwell.clinic.timetable.models import *  # noqa: F403
from stepwell.clinic.sessions.models import *  # noqa: F403
from stepwell.clinic.medication.models import *  # noqa: F403
from stepwell.clinic.drug_tests.models import *  # noqa: F403
from stepwell.clinic.recovery.models import *  # noqa: F403
from stepwell.clinic.billing.models import *  # noqa: F403
from stepwell.clinic.aftercare.models import *  # noqa: F403
