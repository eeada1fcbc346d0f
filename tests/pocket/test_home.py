from __future__ import annotations

from django.test import Client

from stepwell.accounts.roles import Role
from tests.making import make_staff


def test_a_login_leads_everybody_to_the_own_pages(site, phone, mothers_phone, phone_of):
    assert phone.get("/home/")["Location"] == "/my/"
    assert mothers_phone.get("/home/")["Location"] == "/family/"
    biller = phone_of(make_staff(site, Role.BILLER).user)
    assert biller.get(biller.get("/home/")["Location"]).status_code == 200
    assert Client().get("/home/")["Location"].startswith("/accounts/login/")
