"""Coverage of a patient: policies, benefits as heard, the sliding fee, the price of the planned episode."""
