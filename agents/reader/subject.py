"""The table whose rows or things a task asks for."""

from __future__ import annotations

import re

from agents.reader.frame import Frame, Group
from agents.reader.marked import Marked, table_of


def subject_of(text: str, frame: Frame, marked: Marked) -> str:
    """The table that is asked for so far, else what is grouped by, else the first that the text names."""
    if frame.subject:
        return frame.subject
    if frame.groups and frame.groups[-1].table and not frame.groups[-1].column:
        return frame.groups[-1].table
    first = re.search(r"<t(\d+)>", text)
    return table_of(marked.hints[int(first[1])]) if first else ""


def by_subject(subject: str, frame: Frame) -> None:
    """Have a number of each subject asked for, where nothing is grouped by yet."""
    if not frame.groups:
        frame.groups.append(Group(table=subject))


def grouped_by(subject: str, frame: Frame) -> bool:
    """Whether there is a number of each subject."""
    return any(group.table == subject and not group.column for group in frame.groups)
