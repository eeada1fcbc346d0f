"""Times of the week at which somebody can come: checked, put in order, and asked whether a session fits."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import time
from enum import IntEnum
from itertools import pairwise

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, kw_only=True, order=True)
class Window:
    """A time of each week, in wall time of the site; weekday 0 is Monday."""

    weekday: int
    starts_at: time
    ends_at: time
    preferred: bool = True
    on_site: bool = True
    video: bool = True


def window_of(row: object) -> Window:
    """A time as it is kept, from whatever has columns of these names."""
    return Window(**{one.name: getattr(row, one.name) for one in fields(Window)})


class Fit(IntEnum):
    """How a session suits somebody; a higher one is better."""

    NO = 0
    POSSIBLE = 1
    PREFERRED = 2


def problems(windows: Iterable[Window]) -> tuple[str, ...]:
    """What keeps this set from being saved, one sentence each; none when it is fine."""
    found: list[str] = []
    ordered = sorted(windows)
    for window in ordered:
        day = _DAYS[window.weekday] if 0 <= window.weekday <= 6 else "A day"
        if not 0 <= window.weekday <= 6:
            found.append("Choose a day of the week for each time.")
        if window.ends_at <= window.starts_at:
            found.append(f"{day}: {span_words(window)} ends before it begins. Change one of the times.")
        if not (window.on_site or window.video):
            found.append(f"{day}, {span_words(window)}: choose on site, by video, or both.")
    for one, other in pairwise(ordered):
        if one.weekday == other.weekday and other.starts_at < one.ends_at:
            found.append(
                f"{_DAYS[one.weekday]}: {span_words(one)} and {span_words(other)} overlap. "
                "Join them or make one shorter."
            )
    return tuple(dict.fromkeys(found))


def tidy(windows: Iterable[Window]) -> tuple[Window, ...]:
    """In order of the week; the same row twice is one, and rows alike that touch become one."""
    done: list[Window] = []
    for window in sorted(set(windows)):
        last = done[-1] if done else None
        if last is not None and _alike(last, window) and last.ends_at == window.starts_at:
            done[-1] = _with_end(last, window.ends_at)
        else:
            done.append(window)
    return tuple(done)


def fit(windows: Iterable[Window], weekday: int, starts_at: time, ends_at: time, mode: str) -> Fit:
    """Whether a session from `starts_at` to `ends_at` suits, held as `mode`: "on_site", "video" or "both".

    Windows that touch count as one, and the least wanted part decides: an hour half preferred is possible.
    """
    if ends_at <= starts_at:
        return Fit.NO
    here = sorted(w for w in windows if w.weekday == weekday and _suits(w, mode))
    reached, worst = starts_at, Fit.PREFERRED
    for window in here:
        if window.ends_at <= reached:
            continue
        if window.starts_at > reached:
            return Fit.NO
        worst = worst if window.preferred else Fit.POSSIBLE
        reached = window.ends_at
        if reached >= ends_at:
            return worst
    return Fit.NO


def spans_on(windows: Iterable[Window], weekday: int, mode: str) -> tuple[tuple[time, time], ...]:
    """The times of a day at which `fit` finds that a session of this mode suits, those that touch as one."""
    spans: list[tuple[time, time]] = []
    for starts, ends in sorted(
        (w.starts_at, w.ends_at) for w in windows if w.weekday == weekday and _suits(w, mode)
    ):
        if spans and starts <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], ends))
        else:
            spans.append((starts, ends))
    return tuple(spans)


def joined(windows: Iterable[Window]) -> tuple[Window, ...]:
    """The windows, and where some of a day touch, one possible window over all of them for a session across the seam."""
    ordered = tidy(windows)
    more: list[Window] = []
    run: list[Window] = []
    for window in (*ordered, None):
        if (
            run
            and window is not None
            and window.weekday == run[-1].weekday
            and window.starts_at <= run[-1].ends_at
        ):
            run.append(window)
            continue
        on_site, video = all(w.on_site for w in run), all(w.video for w in run)
        if len(run) > 1 and (on_site or video):
            more.append(
                Window(
                    weekday=run[0].weekday,
                    starts_at=run[0].starts_at,
                    ends_at=max(w.ends_at for w in run),
                    preferred=all(w.preferred for w in run),
                    on_site=on_site,
                    video=video,
                )
            )
        run = [window] if window is not None else []
    return tuple(sorted((*ordered, *more)))


def span_words(window: Window) -> str:
    """'9:00 am to 12:30 pm'."""
    return f"{_clock(window.starts_at)} to {_clock(window.ends_at)}"


def _suits(window: Window, mode: str) -> bool:
    return {"on_site": window.on_site, "video": window.video}.get(mode, window.on_site or window.video)


def _alike(one: Window, other: Window) -> bool:
    return (one.weekday, one.preferred, one.on_site, one.video) == (
        other.weekday,
        other.preferred,
        other.on_site,
        other.video,
    )


def _with_end(window: Window, ends_at: time) -> Window:
    return Window(
        weekday=window.weekday,
        starts_at=window.starts_at,
        ends_at=ends_at,
        preferred=window.preferred,
        on_site=window.on_site,
        video=window.video,
    )


def _clock(at: time) -> str:
    return f"{at.hour % 12 or 12}:{at.minute:02} {'am' if at.hour < 12 else 'pm'}"
