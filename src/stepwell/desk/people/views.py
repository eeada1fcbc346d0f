from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.people import actions, queries
from stepwell.desk.pages import refusals_on, render, staff_page
from stepwell.desk.people.forms import NewPatient


@staff_page(P.PEOPLE_READ)
def patients(request: HttpRequest) -> HttpResponse:
    """Everybody in treatment here, or who was found by name, date of birth or phone."""
    asked = request.GET.get("q", "").strip()
    found = queries.patients_for(request.actor, P.PEOPLE_READ).order_by("family_name", "given_name")
    return render(request, "desk/people/patients.html", {"patients": found[:100], "asked": asked})


@staff_page(P.PEOPLE_REGISTER)
def new_patient(request: HttpRequest) -> HttpResponse:
    form = NewPatient(request.POST or None)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        with refusals_on(form):
            patient = actions.register_patient(
                by=request.actor,
                at=request.at,
                site=queries.site_of(request.actor),
                given_name=facts["given_name"],
                family_name=facts["family_name"],
                birth_date=facts["birth_date"],
                facts={"phone": facts["phone"]},
            )
            return redirect("desk:chart", patient.code)
    return render(request, "desk/people/new_patient.html", {"form": form})
