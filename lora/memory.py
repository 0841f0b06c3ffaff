"""How much memory this process needs at its highest, and how much there is: of the GPU, or of the machine.

On a CPU the kernel keeps the mark (Linux: `VmHWM` in /proc, wiped by writing 5 to clear_refs). Where nobody keeps it
the answers are None, and nothing is refused.
"""

from pathlib import Path

import torch

_MB = 1e6
_STATUS, _WIPE = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_CGROUP = Path("/sys/fs/cgroup")


def forget_peak(device: torch.device) -> None:
    """Start measuring anew."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(device)
    elif device.type == "cpu" and _WIPE.exists():
        _WIPE.write_text("5")


def peak_mb(device: torch.device) -> float | None:
    """The highest use since `forget_peak`, in millions of bytes."""
    if device.type == "cuda":
        return torch.cuda.max_memory_reserved(device) / _MB
    return _status_mb("VmHWM") if device.type == "cpu" else None


def room_mb(device: torch.device) -> float | None:
    """What this process could hold in all: what it holds now and what is free."""
    if device.type == "cuda":
        return (torch.cuda.mem_get_info(device)[0] + torch.cuda.memory_reserved(device)) / _MB
    held, free = _status_mb("VmRSS"), _free_mb()
    return None if device.type != "cpu" or held is None or free is None else held + free


def _status_mb(name: str) -> float | None:
    if not _STATUS.exists():
        return None
    rows = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines() if ":" in line)
    return int(rows[name].split()[0]) * 1024 / _MB if name in rows else None


def _free_mb() -> float | None:
    """Free memory of the machine, or of the container where that allows less."""
    machine = Path("/proc/meminfo")
    if not machine.exists():
        return None
    rows = dict(line.split(":", 1) for line in machine.read_text().splitlines())
    free = int(rows["MemAvailable"].split()[0]) * 1024 / _MB
    limit, used = (_CGROUP / name for name in ("memory.max", "memory.current"))
    if limit.exists() and used.exists() and limit.read_text().strip().isdigit():
        free = min(free, (int(limit.read_text()) - int(used.read_text())) / _MB)
    return free
