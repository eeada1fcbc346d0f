"""HL7 version 2 with laboratories: results in (ORU^R01), acknowledgements out.

`cutting` finds the messages in what came, `segments` takes one apart, `results` says what it tells, `answering` writes the
acknowledgement, `framing` knows MLLP and nothing else. Bytes are read, never changed: what is kept is what came.
The reader is Stepwell's own: the libraries at hand decode with one character set before they look at MSH-18, and hand
back text where the bytes have to be kept.
"""

from stepwell.edi.hl7.answering import acknowledge
from stepwell.edi.hl7.cutting import LARGEST, content_key, cut
from stepwell.edi.hl7.framing import Broken, Frame, Frames, Outside, TooLong, framed

__all__ = [
    "LARGEST", "Broken", "Frame", "Frames", "Outside", "TooLong", "acknowledge", "content_key", "cut", "framed",
]  # fmt: skip
