"""A question that is asked in a thread: it is in its conversation before it is answered, whichever face it came by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from data.stop import Stop

if TYPE_CHECKING:
    from agents.ask.state import Answer, Event
    from app.assembly import Lakewright
    from data.policy import Principal


def tell(
    lakewright: Lakewright,
    caller: Principal,
    question: str,
    write: Callable[[Event], None],
    *,
    thread: str | None = None,
    **options: Any,
) -> Answer:
    """What `Ask.tell` does. A thread's conversation has the question before, and the answer before it is heard."""
    from agents.ask.graph import checked
    from agents.ask.state import Answer

    if not thread:
        return lakewright.ask.tell(caller, question, write, **options)
    kept = lakewright.conversations
    id, number = kept.ask(caller.name, thread, checked(question))

    def heard(event: Event) -> None:
        if isinstance(event, Answer):
            kept.answered(caller.name, id, number, event.answer_id)
        write(event)

    return lakewright.ask.tell(caller, question, heard, thread=thread, **options)


def stream(
    lakewright: Lakewright, caller: Principal, question: str, *, stop: Stop | None = None, **options: Any
) -> Iterator[Event]:
    """Steps and tokens as they come, then the answer: what `tell` tells, while it works in a thread of its own."""
    from agents.ask.relay import relayed

    ends = stop or Stop()
    return relayed(lambda write: tell(lakewright, caller, question, write, stop=ends, **options), ends)


def forget(lakewright: Lakewright, caller: Principal, id: str) -> None:
    """Delete a conversation of the caller's, with what the agent remembers of it. NotFound where it is not theirs."""
    conversation = lakewright.conversations.get(caller.name, id)
    lakewright.ask.forget(caller, conversation.thread)
    lakewright.conversations.delete(caller.name, id)
