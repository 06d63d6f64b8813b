"""Rights: a user that owns nothing, no capability, and no way to gain one."""

from __future__ import annotations

import os
import resource

from data.sandbox.inside import kernel
from data.sandbox.inside.walls.plan import Plan

FIRST = 1_879_048_192
"""Users from here on are nobody's. Each cell has one of its own, so that the kernel counts its threads alone."""


def user(pid: int) -> int:
    """The user of the cell that this process keeps."""
    return FIRST + pid


def rights(plan: Plan) -> None:
    """Become that user. A cell in a user namespace has been nobody from its beginning; one without a view stays who
    it is, as the runtime may be for nobody else to read."""
    if os.geteuid() == 0 and plan.stands("files"):
        os.setgroups([])
        os.setresgid(plan.user, plan.user, plan.user)
        os.setresuid(plan.user, plan.user, plan.user)
    kernel.without_capabilities()
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    kernel.die_with_parent()  # a change of user has made the kernel forget it
