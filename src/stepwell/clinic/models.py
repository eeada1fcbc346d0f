"""Only imports each step's models, in the order of the journey."""

from stepwell.clinic.people.models import *  # noqa: F403, I001 - the order is the journey's
from stepwell.clinic.consent.models import *  # noqa: F403 - every table, as above
from stepwell.clinic.inquiry.models import *  # noqa: F403 - every table, as above
from stepwell.clinic.coverage.models import *  # noqa: F403 - every table, as above
from stepwell.clinic.coverage.eligibility.models import *  # noqa: F403 - every table, as above
from stepwell.clinic.coverage.good_faith.models import *  # noqa: F403 - every table, as above
from stepwell.clinic.coverage.assistance.models import *  # noqa: F403 - every table, as above
from stepwell.clinic.assessment.models import *  # noqa: F403 - every table, as above
from stepwell.clinic.placement.models import *  # noqa: F403 - every table, as above
from stepwell.clinic.plan.models import *  # noqa: F403 - every table, as above
from stepwell.clinic.authorization.models import *  # noqa: F403 - every table, as above
from stepwell.clinic.timetable.models import *  # noqa: F403 - every table, as above
from stepwell.clinic.timetable.curriculum.models import *  # noqa: F403 - every table, as above
from stepwell.clinic.sessions.models import *  # noqa: F403 - every table, as above
from stepwell.clinic.sessions.video.models import *  # noqa: F403 - every table, as above
from stepwell.clinic.medication.models import *  # noqa: F403 - every table, as above
from stepwell.clinic.drug_tests.models import *  # noqa: F403 - every table, as above
from stepwell.clinic.recovery.models import *  # noqa: F403 - every table, as above
from stepwell.clinic.billing.models import *  # noqa: F403 - every table, as above
from stepwell.clinic.aftercare.models import *  # noqa: F403 - every table, as above
from stepwell.clinic.transition.models import *  # noqa: F403 - every table, as above
