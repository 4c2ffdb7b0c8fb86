"""Has records read again that landed without texts which this version lets land.

Not here: comparing the lists and finding the records (`landing/allowed.py`).

Example: an order of 10:20 landed with `"channel_remark": "***"`. The next version reads
that key. Its first sync revokes what was proven of 10:00-11:00, so that the hour is due
again, and notes its list; later syncs find nothing new.
"""

from collections import defaultdict
from collections.abc import Iterable

from msgspec.structs import replace

from pipeline.extraction.coverage import due_horizon
from pipeline.extraction.windows import HOUR, Range, floor_hour, merged, within
from pipeline.landing import allowed, earlier
from pipeline.landing.allowed import Allowed, Withheld
from pipeline.landing.manifest import Served
from pipeline.sync.mending import take_back
from pipeline.sync.project import Project
from pipeline.sync.resources import permissions


def learn(project: Project) -> None:
    """Compare what may land with what might, and have read again what was withheld.

    Searched orders are read again by their hours, as far back as Mercado Libre answers;
    anything else by its id. Notes its list last, so that after a crash all is repeated.

    A folder without a list is taken to have this one: what an earlier version withheld
    because of its form would be withheld again.
    """
    landing = project.folder.landing
    now, before = allowed.of(permissions()), allowed.read(landing)
    if before is None:
        allowed.keep(landing, now)
    elif before.texts != now.texts:
        again = _taken_back(project, before, now.texts)
        allowed.keep(landing, replace(now, again=again))


def _taken_back(
    project: Project, before: Allowed, texts: dict[str, dict[str, str]]
) -> allowed.Again:
    """Revoke the hours of records that lack a text; returns what to ask for by id."""
    landing, run = project.folder.landing, project.run
    again = {name: dict(things) for name, things in before.again.items()}
    hours: dict[tuple[int, str], list[Range]] = defaultdict(list)
    answered = due_horizon(run.started_at, project.holdback)
    found: list[str] = []
    for resource, known in texts.items():
        paths = allowed.learned(before.texts.get(resource, {}), known)
        for one in allowed.withheld(landing, resource, paths) if paths else ():
            if one.search_pass is not None:
                span = within([_span(one)], answered)
                hours[one.seller_id, one.search_pass].extend(span)
            elif one.resource_id.isdecimal():  # a pair of currencies has no past
                again.setdefault(resource, {})[one.resource_id] = one.seller_id
            found.append(f"{resource}.{paths[0]}")
    windows = {
        Served(seller_id, search_pass, span.start, span.end, run.id)
        for (seller_id, search_pass), spans in hours.items()
        for span in merged(spans)
    }
    if found:
        project.notice(
            f"this version reads texts that earlier ones withheld, such as {found[0]}; "
            f"read again: hours of orders {_hours(windows)}, things "
            f"{sum(map(len, again.values()))}"
        )
        reason = f"withheld texts that can be read now, such as {found[0]}"
        take_back(project, dict.fromkeys(windows, reason), "learned")
        # What crashed runs landed lacks them too: none of it is to be continued.
        earlier.close_runs(landing)
    return again


def _span(one: Withheld) -> Range:
    """The hour of an order's update; without one the window that showed it."""
    if one.updated_at is None:
        return Range(one.window_from, one.window_to)
    start = floor_hour(one.updated_at)
    return Range(start, start + HOUR)


def _hours(windows: Iterable[Served]) -> int:
    spans: dict[int, list[Range]] = defaultdict(list)
    for one in windows:
        spans[one.seller_id].append(Range(one.window_from, one.window_to))
    return sum(one.hours for found in spans.values() for one in merged(found))


def things(project: Project, resource: str) -> list[tuple[int, int]]:
    """The ids of a resource that are to be asked for again, each with its seller."""
    told = allowed.read(project.folder.landing)
    again = told.again.get(resource, {}) if told else {}
    return [(int(one), seller_id) for one, seller_id in sorted(again.items())]


def note_answered(project: Project, resource: str, answered: Iterable[str]) -> None:
    """Strike what was answered, whatever the answer, off the things to ask for."""
    landing = project.folder.landing
    told = allowed.read(landing)
    if told and (again := told.again.get(resource)):
        gone = set(answered)
        left = {one: seller for one, seller in again.items() if one not in gone}
        allowed.keep(landing, replace(told, again=told.again | {resource: left}))
