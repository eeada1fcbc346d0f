from django.urls import path

from stepwell.desk.consent import views

urlpatterns = [
    path("patients/<slug:code>/consent/", views.consents, name="consent"),
    path("patients/<slug:code>/consent/new/", views.new_consent, name="new_consent"),
    path(
        "patients/<slug:code>/consent/<int:consent_id>/revocation/",
        views.revocation,
        name="consent_revocation",
    ),
    path("patients/<slug:code>/consent/<int:consent_id>/event/", views.event, name="consent_event"),
    path("patients/<slug:code>/consent/disclosure/", views.new_disclosure, name="new_disclosure"),
    path("disclosures/", views.disclosures, name="disclosures"),
]
