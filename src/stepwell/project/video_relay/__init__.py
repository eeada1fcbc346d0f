"""Between the browsers of group sessions and the Janus gateway: one process, started where STEPWELL_JANUS is set.

Browsers never reach the gateway's own interface. They hand Stepwell the descriptions of their streams (rows that
live for seconds); this process takes them, speaks with the gateway over its Unix socket, and hands the answers
back. Pictures and voices then run between browser and gateway directly. Somebody who left or was taken out is
kicked from the gateway's room at once, and the one-time token with which they were let in is long used up.
"""
