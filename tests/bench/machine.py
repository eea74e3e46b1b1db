"""What the machine can do, measured in the same run as everything that is compared with it."""

import platform
import resource
import time
from pathlib import Path

import numpy as np

READ_BYTES = 512 * 1024 * 1024
MEGABYTE = 1_000_000


def processor() -> str:
    """Return the processor's name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def read_bandwidth(rounds: int = 5, size: int = READ_BYTES) -> float:
    """Return how many bytes a second one thread of numpy reads from memory: the fastest of two ways and all rounds."""
    numbers = np.ones(size // 8, dtype=np.float64)
    fastest = 0.0
    for _ in range(rounds):
        for read in (np.max, np.sum):
            begin = time.perf_counter()
            read(numbers)
            fastest = max(fastest, numbers.nbytes / (time.perf_counter() - begin))
    return fastest


def own_memory() -> float:
    """Return the memory of this process that no other one shares, in megabytes; 0.0 where the system does not tell."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) * 1024 / MEGABYTE
    except (OSError, StopIteration):
        return 0.0


def peak_memory() -> float:
    """Return the most memory this process has held so far, in megabytes."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        kibibytes = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        # Second best: a child begins with what its parent held.
        kibibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kibibytes * 1024 / MEGABYTE
