from django.urls import path

from stepwell.desk.consent import accounting, views

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
    path("patients/<slug:code>/consent/<int:consent_id>/print/", views.consent_sheet, name="consent_sheet"),
    path("patients/<slug:code>/consent/accounting/", accounting.accounting, name="accounting"),
    path(
        "patients/<slug:code>/consent/disclosures/<int:disclosure_id>/",
        accounting.disclosure_sheet,
        name="disclosure_sheet",
    ),
    path(
        "patients/<slug:code>/consent/without-consent/",
        accounting.grounds,
        name="disclosure_grounds",
    ),
    path(
        "patients/<slug:code>/consent/without-consent/<slug:ground>/",
        accounting.without_consent,
        name="disclosure_without_consent",
    ),
    path("disclosures/", views.disclosures, name="disclosures"),
]
