"""`stepwell open-site`: the first site of a real clinic and its first director."""

import argparse
import getpass
import sys
from datetime import UTC, datetime

from stepwell.project.carried_postgres import database_at_hand
from stepwell.project.environment import Environment
from stepwell.project.unready import Unready

HELP = "Open a site with its first director, who then sets up everything else in the pages."


def arguments(parser: argparse.ArgumentParser) -> None:
    """Who and where; the password is asked for, or read from standard input."""
    parser.add_argument("--name", required=True, help="name of the site")
    parser.add_argument("--zone", required=True, help="IANA time zone, such as America/New_York")
    parser.add_argument("--director", required=True, metavar="NAME", help="the director's full name")
    parser.add_argument("--email", required=True, help="the director's e-mail address, for the login")


def run(options: argparse.Namespace) -> int:
    """Opens the site, all of it or nothing. Raises `Unready` with the rule's sentence."""
    import django

    environment = Environment.read()
    password = getpass.getpass("Password for the director: ") if sys.stdin.isatty() else sys.stdin.readline()
    with database_at_hand(environment):
        django.setup()
        open_with_director(options, password.rstrip("\n"))
    print(f"{options.name} is open. {options.director} can sign in with {options.email}.")
    return 0


def open_with_director(options: argparse.Namespace, password: str) -> None:
    """One transaction: the site, the staff member with both leading roles, the password."""
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError
    from django.core.validators import validate_email
    from django.db import transaction

    from stepwell.accounts.actor import stepwell_itself
    from stepwell.accounts.models import User
    from stepwell.accounts.roles import Role
    from stepwell.clinic.people import actions
    from stepwell.clinic.refusal import Refused

    at, by = datetime.now(UTC), stepwell_itself()
    try:
        validate_email(options.email)
        validate_password(password)
        with transaction.atomic():
            site = actions.open_site(by=by, at=at, name=options.name, zone=options.zone)
            director = actions.add_staff(
                by=by,
                at=at,
                site=site,
                name=options.director,
                short_name=options.director.split()[-1] if options.director.split() else "",
                email=options.email,
                roles=[Role.DIRECTOR, Role.SYSTEM_ADMIN],
            )
            login = User.objects.get(staff_record=director)
            login.set_password(password)
            login.save(update_fields=["password"])
    except ValidationError as unfit:
        raise Unready(f"{' '.join(unfit.messages)} Nothing was opened.") from unfit
    except Refused as no:
        raise Unready(no.sentence) from no
