from django.urls import path

from stepwell.desk.chart import documents
from stepwell.desk.chart import views as chart
from stepwell.desk.people import access, details, sites, staff, views

urlpatterns = [
    path("patients/", views.patients, name="patients"),
    path("patients/new/", views.new_patient, name="new_patient"),
    path("patients/<slug:code>/", chart.overview, name="chart"),
    path("patients/<slug:code>/documents/", documents.documents, name="documents"),
    path("patients/<slug:code>/seen/", chart.who_saw, name="who_saw"),
    path("patients/<slug:code>/details/", details.details, name="patient_details"),
    path("patients/<slug:code>/details/contact/", details.safe_contact, name="safe_contact"),
    path("patients/<slug:code>/details/invitation/", details.patient_invitation, name="patient_invitation"),
    path("patients/<slug:code>/emergency-contacts/", details.new_contact, name="new_contact"),
    path(
        "patients/<slug:code>/emergency-contacts/<int:number>/removal/",
        details.contact_removal,
        name="contact_removal",
    ),
    path("patients/<slug:code>/family/", details.new_family_member, name="new_family_member"),
    path(
        "patients/<slug:code>/family/<int:number>/invitation/",
        details.family_invitation,
        name="family_invitation",
    ),
    path("patients/<slug:code>/family/<int:number>/removal/", details.family_removal, name="family_removal"),
    path("staff/", staff.staff, name="staff"),
    path("staff/new/", staff.new_staff, name="new_staff"),
    path("staff/<int:number>/", staff.staff_member, name="staff_member"),
    path("staff/<int:number>/roles/", staff.roles, name="staff_roles"),
    path("staff/<int:number>/credentials/", staff.new_credential, name="new_credential"),
    path("staff/<int:number>/invitation/", staff.staff_invitation, name="staff_invitation"),
    path("credentials/<int:number>/", staff.credential, name="credential"),
    path("sites/", sites.sites, name="sites"),
    path("sites/new/", sites.new_site, name="new_site"),
    path("sites/<int:number>/", sites.site, name="site"),
    path("sites/<int:number>/hours/", sites.opening_hours, name="site_hours"),
    path("sites/<int:number>/rooms/", sites.new_room, name="new_room"),
    path("rooms/<int:number>/", sites.room, name="room"),
    path("permissions/", access.permissions, name="permissions"),
    path("logins/", access.logins, name="logins"),
    path("logins/<int:number>/", access.login, name="login"),
    path("logins/<int:number>/sessions/end/", access.login_sessions_end, name="login_sessions_end"),
    path("logins/<int:number>/closing/", access.login_closing, name="login_closing"),
]
