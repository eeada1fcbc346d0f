"""The one place that knows X12 (docs/decisions/0010): envelopes, segments, 270 and 271 of 005010X279A1, receipts.

Pure text in, plain values out; no Django, no clock, no tables.
"""

from .answering import Line, write_271
from .asking import Envelope, write_270
from .reading import X12File, read_file
from .segments import LARGEST, NotX12

__all__ = ["LARGEST", "Envelope", "Line", "NotX12", "X12File", "read_file", "write_270", "write_271"]
