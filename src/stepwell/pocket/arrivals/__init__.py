"""“I am here”: the code that the kiosk or the desk takes, and the kiosk's own code confirmed on the phone."""
