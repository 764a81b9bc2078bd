"""The tables of tools/bench-updates, and the bounds that it holds its result against."""

import dataclasses
import statistics

from . import console
from .console import count, milliseconds, size


@dataclasses.dataclass(frozen=True)
class Bound:
    name: str
    value: float
    limit: float
    text: str
    is_least: bool = False

    @property
    def holds(self):
        return self.value >= self.limit if self.is_least else self.value <= self.limit


def p99_ratio(found):
    """Of a round; without end where the daemon was overloaded."""
    if found["busy"] is None:
        return float("inf")
    return found["busy"]["client"]["p99"] / found["quiet"]["client"]["p99"]


def middle(result):
    """The round with the median ratio; of an even number the worse one of two."""
    return sorted(result["rounds"], key=p99_ratio)[len(result["rounds"]) // 2]


def recall_fall(result):
    """The most that a step lost against the first one."""
    recalls = [step["recall"] for step in result["steps"]]
    return max(recalls[0] - recall for recall in recalls)


def caught_up_rate(inserts):
    """Inserts a second until the last one's graph stood."""
    return inserts["documents"] / (inserts["seconds"] + inserts["catch_up_seconds"])


def bounds(result, options):
    # An upload that paces itself is never faster than its pace, so a hundredth is left to the clock.
    return [
        Bound("p99 while vectors are inserted / quiet", p99_ratio(middle(result)), options.p99_ratio_max, "{:.2f} ×"),
        Bound("inserts acknowledged a second", min(found["inserts"]["per_second"] for found in result["rounds"]), 0.99 * options.inserts_min, "{:,.0f}", is_least=True),
        Bound("recall@10 lost to the changes", recall_fall(result), options.recall_fall_max, "{:.4f}")]


def check(found):
    """Says which bounds hold. True if all do."""
    for bound in found:
        value, limit = bound.text.format(bound.value), bound.text.format(bound.limit)
        if bound.holds:
            console.ok(f"{bound.name}: {value} (bound {limit})")
        else:
            console.failure(f"{bound.name}: {value}, the bound is {limit}")
    return all(bound.holds for bound in found)


def markdown(result):
    return "\n\n".join([*([rounds_table(result)] if len(result["rounds"]) > 1 else []), searches_table(result), told(result), steps_table(result), footer(result)])


def rounds_table(result):
    rows = []
    for number, found in enumerate(result["rounds"], 1):
        quiet, busy = found["quiet"], found["busy"]
        rows.append((
            str(number), count(found["maximum"]["per_second"]), count(found["rate"]), *(_pair(part["client"]) if part else "overloaded" for part in (quiet, busy)),
            f"{p99_ratio(found):.2f}" if busy else "–", *(f"{part['cpu_seconds'] / part['seconds']:.2f}" if part else "–" for part in (quiet, busy))))
    header = ["round", "quiet maximum, searches a second", "open loop", "quiet, p50 / p99 in ms", "with inserts", "p99 with inserts / quiet", "the daemon's CPU, quiet", "with inserts"]
    return console.table(header, rows)


def _pair(distribution):
    return f"{milliseconds(distribution['p50'])} / {milliseconds(distribution['p99'])}"


def searches_table(result):
    found = middle(result)
    parts = [part for part in (found["quiet"], found["busy"]) if part]
    rows = [
        ("**client**, p50 / p99 in ms", *(f"**{_pair(part['client'])}**" for part in parts)),
        ("reply's own time", *(_pair(part["server"]) for part in parts))]
    stages = [name for name in ("queue", "semantic") if all(name in part["stages"] for part in parts)]
    rows += [(f"· {name}", *(_pair(part["stages"][name]) for part in parts)) for name in stages]
    rows += [
        ("p99 of the seconds, median", *(milliseconds(statistics.median(second["p99"] for second in part["by_second"])) for part in parts)),
        ("worst second's p99", *(milliseconds(max(second["p99"] for second in part["by_second"])) for part in parts)),
        ("searches", *(count(part["searches"]) for part in parts)),
        ("graphs walked by a search", *(f"{part['work']['graph_segments']:.1f}" for part in parts)),
        ("vectors that it estimates one by one, in 1 bit", *(count(part["work"]["estimated"]) for part in parts)),
        ("the same, most in a second", *(count(max(second["work"]["estimated"] for second in part["by_second"])) for part in parts)),
        ("vectors that it compares one by one, in 8 bits", *(count(part["work"]["scanned"]) for part in parts)),
        ("the daemon's CPU, processors", *(f"{part['cpu_seconds'] / part['seconds']:.2f}" for part in parts))]
    heading = f"{count(found['rate'])} searches a second, open loop"
    columns = ["quiet", f"with {count(result['insert_rate'])} inserts a second"]
    table = console.table([heading, *columns[:len(parts)]], rows)
    return table if found["busy"] else f"{table}\n\nOVERLOADED {columns[1]}: the daemon refuses searches at this rate."


def told(result):
    found = middle(result)
    inserts, filled, meter = found["inserts"], found["fill"], found["inserts"]["meter"]
    amplification = meter["graph_vectors_built"] / inserts["documents"]
    return (
        f"{'The round with the median ratio: quiet' if len(result['rounds']) > 1 else 'Quiet'} maximum: {count(found['maximum']['per_second'])} searches a second, "
        f"{found['maximum']['load']}; the open loop has {100 * found['rate'] / found['maximum']['per_second']:.0f} % of it. "
        f"p99 while vectors are inserted / quiet: {p99_ratio(found):.2f}. Inserts: {count(inserts['documents'])}, acknowledged at "
        f"{count(inserts['per_second'])} a second (a batch of {inserts['batch']} within {milliseconds(inserts['acknowledgement']['p99'])} ms at p99), at "
        f"{count(caught_up_rate(inserts))} a second counted until graphs had caught up, {inserts['catch_up_seconds']:.0f} s after the last one. Each vector was "
        f"put into {amplification:.2f} graphs, and {count(meter['bytes_written'] / inserts['documents'])} bytes were written for it; the daemon used "
        f"{meter['cpu_seconds']:.0f} s of CPU, searches included. The first {count(filled['documents'])} came at {count(filled['per_second'])} a second, and "
        f"{filled['catch_up_seconds']:.0f} s later their graphs stood ({filled['meter']['cpu_seconds']:.0f} s of CPU).")


def steps_table(result):
    header = ["after", "documents", "recall@10", "mean ms", "p99 ms", "exact, mean ms", "graphs / segments", "in graphs", "memory", "on disk"]
    rows = []
    for step in result["steps"]:
        rows.append((
            step["name"], count(step["documents"]), f"{step['recall']:.4f}", milliseconds(step["client"]["mean"]), milliseconds(step["client"]["p99"]),
            milliseconds(step["exact"]["mean"]), f"{step['graphs']} / {step['segments']}", f"{100 * step['vectors_in_graphs'] / max(1, step['vectors']):.0f} %",
            size(step["anonymous_bytes"]), size(step["disk_bytes"])))
    return console.table(header, rows)


def footer(result):
    others = ", ".join(f"{name} {100 * share:.0f} %" for name, share in result["others_share"].items())
    return (
        f"{result['vectors']}; {count(result['steps'][0]['queries'])} queries a step, one at a time; memory is anonymous, graphs included. "
        f"{result['machine']}. CPU that others used: {others}.")
