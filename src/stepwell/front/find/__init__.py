"""Find a program: by place, level, time of day, language, insurance and next start; the page of one program.

What says something about who asks (a ZIP code, whom a program is made for) goes by POST and comes back in the
answer: it stands in no address, so in no history, no log and no referrer, and it is kept nowhere. All other
choices stand in the address, so that a list can be kept, sent on and opened again.
"""
