from django.urls import path

from stepwell.desk.arrivals import kiosk, views

urlpatterns = [
    path("kiosk/", kiosk.kiosk, name="kiosk"),
    path("kiosks/", views.kiosks, name="kiosks"),
    path("kiosks/<int:kiosk_id>/closing/", views.kiosk_closing, name="kiosk_closing"),
    path("today/code/", views.code_check_in, name="code_check_in"),
]
