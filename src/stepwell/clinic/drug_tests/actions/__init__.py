"""Every write of drug tests: seal and draw, order, tell, excuse, collect, hand on, read, review, take in, reward."""

from stepwell.clinic.drug_tests.actions.collecting import KINDS, collect, hand_over
from stepwell.clinic.drug_tests.actions.drawing import order_random_tests, seal_seed, weekdays_from
from stepwell.clinic.drug_tests.actions.laboratory import (
    Explained,
    Received,
    file_report,
    receive_results,
    set_report_aside,
    take_out_report,
)
from stepwell.clinic.drug_tests.actions.ordering import IN_PERSON, excuse_test, order_test, tell_of_test
from stepwell.clinic.drug_tests.actions.results import record_result, review_result
from stepwell.clinic.drug_tests.actions.rewards import begin_rewards, end_rewards, hand_reward, reward_test

__all__ = [
    "IN_PERSON",
    "KINDS",
    "Explained",
    "Received",
    "begin_rewards",
    "collect",
    "end_rewards",
    "excuse_test",
    "file_report",
    "hand_over",
    "hand_reward",
    "order_random_tests",
    "order_test",
    "receive_results",
    "record_result",
    "review_result",
    "reward_test",
    "seal_seed",
    "set_report_aside",
    "take_out_report",
    "tell_of_test",
    "weekdays_from",
]  # fmt: skip
