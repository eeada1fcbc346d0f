"""Sessions held by video: who may come in and when, who is in the room, and what browsers say to each other.

Pictures and voices never pass through Stepwell. It keeps the door, relays the short-lived words with which
browsers find each other, and proposes from who was there what attendance may say. Nothing is recorded.
"""
