"""The table of tools/bench-analysis."""

from . import console, machine
from .console import count, size

HEADER = ["", "bytes", "words", "surface", "64 KiB", "every form", "64 KiB", "terms a word", "allocations a word"]


def markdown(result):
    parts = []
    if result["languages"]:
        parts += [console.table(HEADER, [row(language, entry) for language, entry in result["languages"].items()])]
    if result.get("agreement"):
        parts += [agreement(result["agreement"])]
    return "\n\n".join([*parts, f"{result['machine']}; {machine.load_note(result['others_share'])}."])


def row(language, entry):
    surface, every = entry["surface"], entry["every"]
    return [
        language or "–", size(entry["bytes"]), count(entry["words"]), speed(surface["megabytesPerSecond"]), speed(surface["megabytesPerSecondJoined"]),
        speed(every["megabytesPerSecond"]), speed(every["megabytesPerSecondJoined"]), f"{every['terms'] / max(entry['words'], 1):.2f}",
        f"{surface['allocationsPerWord']:.3f} / {every['allocationsPerWord']:.3f}"]


def speed(megabytes):
    return f"{megabytes:.1f}" if megabytes < 100 else f"{megabytes:.0f}"


def agreement(found):
    differences = "no difference" if not found["differences"] else f"**{count(found['differences'])} differ**"
    return (
        f"Fast path and ICU alone: {count(found['texts'])} texts compared ({size(found['bytes'])}, {count(found['tokens'])} tokens; {count(found['real'])} texts cut "
        f"from real ones, the others made; seed {found['seed']}), {differences}.")


def check(result):
    """Says whether the analyses agree."""
    found = result.get("agreement")
    if not found:
        return True
    if found["differences"]:
        console.failure(f"{count(found['differences'])} of {count(found['texts'])} texts have other terms by the fast path; see above; seed {found['seed']}")
        return False
    console.ok(f"{count(found['texts'])} texts have the same terms by the fast path and by ICU")
    return True
