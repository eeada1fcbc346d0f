"""The gallery stands open in a demo, and nowhere else."""

import pytest
from django.urls import include, path

pytestmark = pytest.mark.urls(__name__)

urlpatterns = [path("gallery/", include("stepwell.ui.urls"))]

ADDRESSES = ["/gallery/", "/gallery/week/", "/gallery/pocket/", "/gallery/public/", "/gallery/sheet/"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_gallery_opens_in_a_demo(client, settings, address):
    settings.STEPWELL_DEMO = True
    answer = client.get(address)
    assert answer.status_code == 200
    assert " style=" not in answer.content.decode()


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_clinic_has_no_gallery(rf, settings, address):
    from django.http import Http404

    from stepwell.ui import views

    settings.STEPWELL_DEMO, settings.DEBUG = False, False
    with pytest.raises(Http404):
        views.gallery(rf.get(address))
    with pytest.raises(Http404):
        views.gallery_page(rf.get(address), "week")


def test_a_page_that_the_gallery_does_not_have(rf, settings):
    from django.http import Http404

    from stepwell.ui import views

    settings.STEPWELL_DEMO = True
    with pytest.raises(Http404):
        views.gallery_page(rf.get("/gallery/../secrets/"), "secrets")
