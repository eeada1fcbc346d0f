"""Who the hand-off is about, and whom to call."""

from __future__ import annotations

from dataclasses import dataclass

from stepwell.clinic.inquiry.handoff.bundle import Bundle, Resource
from stepwell.clinic.inquiry.handoff.refused import HandoffRefused
from stepwell.clinic.inquiry.handoff.tree import Node, When, shown

NAME_LIMIT = 160
_NAME_ORDER = ("official", "usual", "", "temp", "anonymous", "nickname", "maiden", "old")
_RECORD_NUMBER = "MR"


@dataclass(frozen=True, slots=True)
class Address:
    """One postal address; `text` is the whole of it on one line."""

    lines: tuple[str, ...]
    city: str
    state: str
    postal_code: str
    country: str
    text: str


@dataclass(frozen=True, slots=True)
class PersonRead:
    """The patient as the file has it; every text exactly as written, empty when absent."""

    given: str
    family: str
    preferred_name: str
    other_names: tuple[str, ...]
    birth_date: When | None
    gender: str
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    address: Address | None
    language: str
    language_name: str
    marital: str
    record_number: str
    deceased: str
    resource_id: str
    path: str

    @property
    def name(self) -> str:
        """Given and family name as said aloud."""
        return " ".join(part for part in (self.given, self.family) if part)


@dataclass(frozen=True, slots=True)
class ContactRead:
    """Somebody close to the patient."""

    name: str
    relationship: str
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    address: str
    language: str
    path: str


def the_patient(bundle: Bundle) -> Resource:
    """The one Patient entry. Raises HandoffRefused when there is none, or more than one."""
    found = [r for r in bundle.resources if r.type == "Patient" and not r.inside]
    if not found:
        raise HandoffRefused(
            "This bundle has no Patient among the records at entry; ask the sender for the complete bundle.",
            "entry",
        )
    if len(found) > 1:
        raise HandoffRefused(
            f"This bundle has a second Patient at {found[1].path}; ask the sender for one bundle for each patient.",
            found[1].path,
        )
    return found[0]


def read_person(resource: Resource) -> PersonRead:
    """The patient's own facts. Raises HandoffRefused without a name or with an absurd date."""
    node = resource.node
    if node.has("modifierExtension") or node.has("implicitRules"):
        key = "modifierExtension" if node.has("modifierExtension") else "implicitRules"
        raise HandoffRefused(
            f"The Patient has a {key} at {node.at(key)} that may change what the record means; "
            "ask the sender for a bundle without it.",
            node.at(key),
        )
    names = sorted(node.nodes("name"), key=_name_rank)
    if not names or not whole_name(names[0]):
        raise HandoffRefused(
            f"The Patient at {node.at('name')} has no name; ask the sender for the complete bundle.",
            node.at("name"),
        )
    given, family = _parts(names[0])
    whole = " ".join(p for p in (given, family) if p)
    if len(whole) > NAME_LIMIT:
        raise HandoffRefused(
            f"The name at {names[0].path} is longer than {NAME_LIMIT} characters; ask the sender to correct the file.",
            names[0].path,
        )
    born = node.when("birthDate")
    phones, emails = telecom(node)
    addresses = [a for a in node.nodes("address") if a.text("use") != "old"]
    language = _language(node)
    marital = node.concept("maritalStatus")
    return PersonRead(
        given=given,
        family=family,
        preferred_name=next((whole_name(n) for n in names if n.text("use") == "nickname"), ""),
        other_names=tuple(whole_name(n) for n in names[1:] if n.text("use") != "nickname" and whole_name(n)),
        birth_date=born,
        gender=node.text("gender"),
        phones=phones,
        emails=emails,
        address=read_address(addresses[0]) if addresses else None,
        language=language[0],
        language_name=language[1],
        marital=marital.first.code or marital.text,
        record_number=_record_number(node),
        deceased=_deceased(node, born),
        resource_id=resource.id,
        path=resource.path,
    )


def read_contacts(node: Node) -> tuple[ContactRead, ...]:
    """Patient.contact, those of them with a name, a relationship or a way to be reached."""
    made = []
    for contact in node.nodes("contact"):
        inner = contact.node("name")
        made.append(contact_of(contact, whole_name(inner) if inner else "", address=contact.node("address")))
    return tuple(c for c in made if c.name or c.relationship or c.phones or c.emails)


def contact_of(node: Node, name: str, *, address: Node | None) -> ContactRead:
    """A Patient.contact or a RelatedPerson."""
    phones, emails = telecom(node)
    relationships = [c.display for c in node.concepts("relationship") if c.display]
    return ContactRead(
        name=name,
        relationship=", ".join(relationships),
        phones=phones,
        emails=emails,
        address=read_address(address).text if address else "",
        language=_language(node)[1],
        path=node.path,
    )


def contact_display(contact: ContactRead) -> str:
    """The contact in one line."""
    if contact.name and contact.relationship:
        return f"{contact.name} ({contact.relationship})"
    return contact.name or contact.relationship or "Contact without a name"


def contact_detail(contact: ContactRead) -> dict[str, object]:
    """The contact as the details of an item."""
    return {
        "name": contact.name,
        "relationship": contact.relationship,
        "phones": list(contact.phones),
        "emails": list(contact.emails),
        "address": contact.address,
        "language": contact.language,
    }


def whole_name(name: Node) -> str:
    """Given and family name in one line; the file's own text where it has no parts."""
    return " ".join(part for part in _parts(name) if part)


def telecom(node: Node) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Phones and e-mail addresses in the sender's order of preference, old ones left out."""
    ranked = sorted(
        (t for t in node.nodes("telecom") if t.text("use") != "old" and t.text("value").strip()),
        key=lambda t: int(r) if (r := t.text("rank")).isascii() and r.isdigit() and len(r) < 6 else 99,
    )
    phones = dict.fromkeys(t.text("value").strip() for t in ranked if t.text("system") in ("phone", "sms"))
    emails = dict.fromkeys(t.text("value").strip() for t in ranked if t.text("system") == "email")
    return tuple(phones), tuple(emails)


def read_address(node: Node) -> Address:
    """One address, its parts and the whole in one line."""
    lines = node.texts("line")
    city, state = node.text("city"), node.text("state")
    postal_code, country = node.text("postalCode"), node.text("country")
    place = " ".join(p for p in (state, postal_code) if p)
    parts = ", ".join(p for p in (*lines, city, place, country) if p)
    return Address(lines, city, state, postal_code, country, parts or node.text("text"))


def _name_rank(name: Node) -> int:
    """Official first; a name whose time is over comes last."""
    use = name.text("use")
    over = name.period("period")[1] is not None
    return (_NAME_ORDER.index(use) if use in _NAME_ORDER else len(_NAME_ORDER)) + (100 if over else 0)


def _parts(name: Node) -> tuple[str, str]:
    given = " ".join(g.strip() for g in name.texts("given") if g.strip())
    family = name.text("family").strip()
    if not given and not family:
        return "", name.text("text").strip()
    return given, family


def _language(node: Node) -> tuple[str, str]:
    """Code and name of the language spoken: the preferred one, else the first."""
    spoken = sorted(node.nodes("communication"), key=lambda c: not c.is_true("preferred"))
    for entry in spoken:
        language = entry.concept("language")
        if language.display:
            return language.first.code, language.display
    return "", ""


def _record_number(node: Node) -> str:
    """The sender's own record number; other identifiers (social security, passport) are never read."""
    for identifier in node.nodes("identifier"):
        if any(c.code == _RECORD_NUMBER for c in identifier.concept("type").codings):
            return identifier.text("value")
    return ""


def _deceased(node: Node, born: When | None) -> str:
    """Empty, `true`, or the date of death as written."""
    died = node.when("deceasedDateTime")
    if died:
        if born and died.last_day < born.first_day:
            raise HandoffRefused(
                f"The date of death {shown(died.text)} at {node.at('deceasedDateTime')} lies before the birth; "
                "ask the sender to correct the file.",
                node.at("deceasedDateTime"),
            )
        return died.text
    return "true" if node.is_true("deceasedBoolean") else ""
