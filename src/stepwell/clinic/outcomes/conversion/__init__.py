"""From the first request to the first session: how many get there, how long it takes, and why others do not."""
