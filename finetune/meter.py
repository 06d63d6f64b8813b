"""What a step took of this machine, under MLflow's names for system metrics."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

_STATM = Path("/proc/self/statm")


@dataclass
class Meter:
    """Samples this process; processor time is what was used since the sample before."""

    device: str = "cpu"
    _clock: float = field(default_factory=time.perf_counter)
    _used: float = field(default_factory=time.process_time)

    def sample(self) -> dict[str, float]:
        """Memory in MB and the processor's use in per cent of one core; on a GPU its memory too."""
        clock, used = time.perf_counter(), time.process_time()
        share = (used - self._used) / max(clock - self._clock, 1e-9)
        self._clock, self._used = clock, used
        found = {
            "system/system_memory_usage_megabytes": resident() / 1e6,
            "system/cpu_utilization_percentage": 100 * share,
        }
        if self.device == "cuda":
            import torch

            found["system/gpu_0_memory_usage_megabytes"] = torch.cuda.memory_allocated() / 1e6
        return found


def resident() -> int:
    """Bytes of memory that this process holds now; the most that it held where the system does not tell."""
    try:
        return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
