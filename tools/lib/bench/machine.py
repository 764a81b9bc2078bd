"""The machine that was measured on, and who else was at work on it meanwhile."""

import datetime
import os
import pathlib
import shutil
import subprocess
import time


def describe(root):
    """One line: processor, cores, memory, system, commit."""
    model, flags = "unknown processor", ""
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            model = value.strip()
        if name.strip() == "flags":
            flags = value
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = "Linux"
    for line in pathlib.Path("/etc/os-release").read_text().splitlines():
        if line.startswith("PRETTY_NAME="):
            system = line.split("=", 1)[1].strip('"')
    simd = " ".join(f for f in ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16") if f in flags.split())
    cores = len(os.sched_getaffinity(0))
    return f"{model}, {cores} cores ({simd}), {memory:.0f} GiB, {system}, commit {commit(root)}, {datetime.date.today().isoformat()}"


def wire_floor(folder, work_us, sweep_bytes, request_bytes, reply_bytes, rounds=600):
    """(p50, p99) in µs of a search's way over loopback in bare C, with the same hops between threads: see wire/floor.c."""
    source = pathlib.Path(__file__).parent / "wire/floor.c"
    program = pathlib.Path(folder) / "wire-floor"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        compiler = shutil.which("cc") or shutil.which("clang")
        if not compiler:
            return None
        subprocess.run([compiler, "-O2", "-o", str(program), str(source), "-lpthread"], check=True)
    arguments = [str(x) for x in (rounds, work_us, sweep_bytes, request_bytes, reply_bytes)]
    p50, p99 = subprocess.run([str(program), *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    return float(p50), float(p99)


def commit(root):
    def git(*arguments):
        return subprocess.run(["git", "-C", str(root), *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.strip()

    name = git("rev-parse", "--short", "HEAD")
    if not name:
        return "unknown"
    return name + ("+" if git("status", "--porcelain", "--untracked-files=no", "--", "Sources") else "")


class Neighbours:
    """How much of the machine other processes used between two moments. A figure without it says little.

    `ours` returns the CPU seconds that the measured processes have used so far."""

    def __init__(self, ours):
        self.ours = ours
        self.begin()

    def begin(self):
        self.busy, self.mine, self.at = self._busy(), self.ours(), time.monotonic()

    @staticmethod
    def _busy():
        fields = [int(x) for x in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
        # user nice system idle iowait irq softirq steal; guest time is in user already.
        return (sum(fields[:8]) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")

    def share(self):
        """Share of all cores that others took since `begin`, 0 to 1."""
        seconds = max(1e-3, time.monotonic() - self.at) * (os.cpu_count() or 1)
        return min(1.0, max(0.0, (self._busy() - self.busy - (self.ours() - self.mine)) / seconds))


def load_note(share):
    word = "quiet" if share < 0.05 else "busy" if share < 0.3 else "very busy: take ratios, not absolutes"
    return f"others used {100 * share:.0f} % of the machine meanwhile ({word}), load average {os.getloadavg()[0]:.1f}"
