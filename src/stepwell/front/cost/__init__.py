"""What will it cost? The price of an episode from what a stranger knows, by POST; it is kept and written down nowhere."""
