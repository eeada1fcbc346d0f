"""What an estimate has to say, as codes with their numbers, and the same in English for the desk.

The public's pages have words of their own in each language for every `Point`; the numbers are the same.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from stepwell.clinic.saying import date_words, day_words

from .money import Money


class Point(StrEnum):
    """One thing to say. Reasons first, then what is taken for granted, then what is still unknown."""

    SELF_PAY = "self_pay"
    DEDUCTIBLE = "deductible"
    SHARE = "share"
    MAXIMUM = "maximum"
    YEAR_TURNS = "year_turns"
    NOT_COVERED = "not_covered"
    BALANCE = "balance"
    PLAN_PAYS_ALL = "plan_pays_all"
    SECOND = "second"
    EAP = "eap"
    SLIDING_FEE = "sliding_fee"
    SLIDING_FEE_NONE = "sliding_fee_none"
    SLIDING_FEE_ENDS = "sliding_fee_ends"
    GRANT = "grant"
    GRANT_ENDS = "grant_ends"
    RATE_CHANGES = "rate_changes"
    STAYS_OPEN = "stays_open"
    AT_MOST = "at_most"

    ONLY_AN_ESTIMATE = "only_an_estimate"
    HEARD_ON = "heard_on"
    NOT_CHECKED = "not_checked"
    NO_DAY_LIMIT = "no_day_limit"
    DAY_LIMIT_STAYS = "day_limit_stays"
    NO_FAMILY_AMOUNT = "no_family_amount"
    YEAR_AS_NOW = "year_as_now"
    YEAR_NOT_TURNED = "year_not_turned"
    AUTHORIZATION_UNKNOWN = "authorization_unknown"
    AUTHORIZATION_NEEDED = "authorization_needed"
    EAP_ALONE = "eap_alone"
    EAP_AFTER = "eap_after"
    FEE_BESIDE_PLAN = "fee_beside_plan"
    SECOND_STANDARD = "second_standard"
    SECOND_CARVE_OUT = "second_carve_out"

    ASK_COVERED = "ask_covered"
    ASK_ALLOWED = "ask_allowed"
    ASK_NETWORK = "ask_network"
    ASK_DEDUCTIBLE = "ask_deductible"
    ASK_SHARE = "ask_share"
    ASK_WHICH_SHARE = "ask_which_share"
    ASK_COPAY_FIRST = "ask_copay_first"
    ASK_MAXIMUM = "ask_maximum"
    ASK_YEAR_START = "ask_year_start"
    ASK_YEAR_AMOUNTS = "ask_year_amounts"
    ASK_CHARGE = "ask_charge"
    ASK_SECOND = "ask_second"
    ASK_COORDINATION = "ask_coordination"


@dataclass(frozen=True, kw_only=True)
class Said:
    """A point with its numbers; which of them are there is told by the sentence that takes them."""

    point: Point
    amount: Money | None = None
    on: date | None = None
    count: int | None = None
    word: str = ""


_ENGLISH: dict[Point, str] = {
    Point.SELF_PAY: "No insurance is used.",
    Point.DEDUCTIBLE: "{amount} goes to the deductible.",
    Point.SHARE: "{amount} is the patient's share of the rest.",
    Point.MAXIMUM: "The out-of-pocket maximum is reached on {day}; the plan pays the rest of that benefit year.",
    Point.YEAR_TURNS: "A new benefit year begins on {date}: deductible and maximum count from the start again.",
    Point.NOT_COVERED: "{count} not covered by the plan from {date} on: {amount}.",
    Point.BALANCE: "Outside the network, up to {amount} above what the plan allows may be billed as well.",
    Point.PLAN_PAYS_ALL: "The plan pays all of it.",
    Point.SECOND: "The second plan pays {amount} of what the first one leaves.",
    Point.EAP: "The employee assistance program pays the first {count}: {amount}.",
    Point.SLIDING_FEE: "The sliding fee takes off {amount}.",
    Point.SLIDING_FEE_NONE: "The sliding fee takes nothing off.",
    Point.SLIDING_FEE_ENDS: "The sliding fee holds until {date}; later visits are counted without it.",
    Point.GRANT: "{word} pays {amount}.",
    Point.GRANT_ENDS: "{word} is used up on {day}.",
    Point.RATE_CHANGES: "The charge for {word} becomes {amount} on {date}.",
    Point.STAYS_OPEN: "The price stays open until what is listed as unknown is known.",
    Point.AT_MOST: "The patient would pay at most {amount}.",
    Point.ONLY_AN_ESTIMATE: "This is an estimate, not a bill: the price follows what is attended and what the plan decides.",
    Point.HEARD_ON: "Benefits as the plan stated them on {date}.",
    Point.NOT_CHECKED: "Benefits as entered; nobody has checked them with the plan yet.",
    Point.NO_DAY_LIMIT: "The plan stated no limit on the number of days.",
    Point.DAY_LIMIT_STAYS: "The limit on days is taken for the whole episode; the new benefit year renews it only if the plan says so.",
    Point.NO_FAMILY_AMOUNT: "The plan stated no amounts for a family; the patient's own are counted.",
    Point.YEAR_AS_NOW: "The benefit year that begins on {date} is taken to ask for the amounts that are on file for it.",
    Point.YEAR_NOT_TURNED: "When the next benefit year begins was not told; it is taken to begin after the last visit.",
    Point.AUTHORIZATION_UNKNOWN: "Whether the plan wants an authorization is not known.",
    Point.AUTHORIZATION_NEEDED: "The plan must authorize the days before they are attended.",
    Point.EAP_ALONE: "The employee assistance program pays its visits alone; the plan is not asked for them and they do not count toward the deductible.",
    Point.EAP_AFTER: "The employee assistance program pays what the plan leaves of its visits.",
    Point.FEE_BESIDE_PLAN: "Beside a plan the patient pays the lesser of the own share and the sliding fee, where the plan's contract permits it.",
    Point.SECOND_STANDARD: "The second plan pays up to what it would pay alone, and never more than is left.",
    Point.SECOND_CARVE_OUT: "The second plan pays what it would pay alone, less what the first one paid.",
    Point.ASK_COVERED: "Whether the plan covers this service.",
    Point.ASK_ALLOWED: "What the plan allows for {word} on {date}.",
    Point.ASK_NETWORK: "Whether the program is in the plan's network.",
    Point.ASK_DEDUCTIBLE: "How much of the deductible is left.",
    Point.ASK_SHARE: "The copay or coinsurance.",
    Point.ASK_WHICH_SHARE: "Whether the copay or the coinsurance applies; both are on file.",
    Point.ASK_COPAY_FIRST: "Whether the deductible must be paid before the copay.",
    Point.ASK_MAXIMUM: "How much of the out-of-pocket maximum is left.",
    Point.ASK_YEAR_START: "When the plan's next benefit year begins.",
    Point.ASK_YEAR_AMOUNTS: "The deductible and the out-of-pocket maximum of the benefit year that begins on {date}.",
    Point.ASK_CHARGE: "The program's own fee for {word} on {date}.",
    Point.ASK_SECOND: "What the second plan pays: {word}",
    Point.ASK_COORDINATION: "How the second plan counts what the first one has paid.",
}


def in_english(said: Said) -> str:
    """The sentence for the desk."""
    days = "" if said.count is None else "1 visit" if said.count == 1 else f"{said.count} visits"
    return _ENGLISH[said.point].format(
        amount=said.amount,
        day="" if said.on is None else day_words(said.on),
        date="" if said.on is None else date_words(said.on),
        count=days,
        word=said.word,
    )
