"""How questions reach a clearinghouse and answers come back: a folder, SFTP, or HTTPS as CAQH CORE describes it.

One way in for all three. What went wrong is either `Later`, worth another try with the same text, or `Refused`, where
only a person can help; both are one plain sentence without a password or a name in it.
"""

from .adapter import Came, Later, Refused, Transport, transport_for

__all__ = ["Came", "Later", "Refused", "Transport", "transport_for"]
