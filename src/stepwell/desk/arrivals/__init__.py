"""Check-in without the desk: the kiosk at the door, the devices that are one, and the code of a phone at the desk."""
