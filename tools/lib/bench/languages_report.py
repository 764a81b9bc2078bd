"""The table of tools/bench-languages, and the bound that it holds each language against."""

from . import console
from .console import count, size
from .languages_paired import p_value
from .languages_peer import mean

SETTINGS = ("alone", "joint")
SIGNIFICANT = 0.05


def compare(ours, theirs):
    """Means of both, and of their differences on the same queries. Both: query -> nDCG@10."""
    differences = [value - theirs[query] for query, value in ours.items()]
    return {
        "tandem": mean(ours.values()), "bm25s": mean([theirs[query] for query in ours]), "difference": mean(differences), "p": p_value(differences)}


def block(name):
    """Of the page."""
    return f"bench-languages-{name}"


def markdown(name, result, machine):
    settings = [setting for setting in SETTINGS if any(setting in entry for entry in result["languages"].values())]
    return "\n\n".join([table(name, result, settings), *(told(result, setting) for setting in settings), f"{result['peer']}. {machine}."])


def table(name, result, settings):
    header = [name, "documents", "queries", "index"]
    if "alone" in settings:
        header += ["alone", "bm25s", "its treatment", "+/−", "p"]
    if "joint" in settings:
        header += ["joint", "bm25s, not told", "bm25s, told", "+/−", "p"]
    rows = [row(language, entry, settings) for language, entry in result["languages"].items()]
    return console.table(header, [*rows, means(result, settings)])


def row(language, entry, settings):
    cells = [language, count(entry["documents"]), count(entry["queries"]), size(entry["index_bytes"])]
    if "alone" in settings:
        alone = entry["alone"]
        cells += [figure(alone["tandem"]), figure(alone["bm25s"]), alone["treatment"], *difference(alone)]
    if "joint" in settings:
        joint = entry["joint"]
        cells += [figure(joint["tandem"]), figure(joint["untold"]), figure(joint["told"]), *difference(joint)]
    return cells


def means(result, settings):
    """Of the languages, each counting the same."""
    entries = list(result["languages"].values())
    whole = result["joint"] or {"documents": sum(entry["documents"] for entry in entries), "index_bytes": sum(entry["index_bytes"] for entry in entries)}
    cells = ["mean", count(whole["documents"]), count(sum(entry["queries"] for entry in entries)), size(whole["index_bytes"])]
    for setting in settings:
        found = {key: mean([entry[setting][key] for entry in entries]) for key in ("tandem", "bm25s", "untold", "told", "difference") if key in entries[0][setting]}
        cells += [figure(found["tandem"]), *([figure(found["untold"]), figure(found["told"])] if setting == "joint" else [figure(found["bm25s"]), ""])]
        cells += [f"{found['difference']:+.4f}", ""]
    return cells


def figure(value):
    return f"{value:.4f}"


def difference(compared):
    return f"{compared['difference']:+.4f}", "< .001" if compared["p"] < 0.001 else f"{compared['p']:.3f}"


def told(result, setting):
    compared = {language: entry[setting] for language, entry in result["languages"].items()}
    where = {"alone": "Each language by itself", "joint": "All languages in one collection"}[setting]
    clear = [language for language, found in compared.items() if found["p"] < SIGNIFICANT]
    below = [language for language in compared if compared[language]["difference"] < 0]
    lost = [language for language in clear if language in below]
    return (
        f"{where}: Tandem is at or above bm25s in {len(compared) - len(below)} of {len(compared)} languages, above in "
        f"{sum(found['difference'] > 0 for found in compared.values())} (p < {SIGNIFICANT:g}: above in {len(clear) - len(lost)}, below in {len(lost)}"
        + (f": {', '.join(lost)})." if lost else ")."))


def below(result, most):
    """(language, setting, difference) wherever Tandem's mean is more than `most` below bm25s's."""
    for language, entry in result["languages"].items():
        for setting in SETTINGS:
            if setting in entry and entry[setting]["difference"] < -most:
                yield language, setting, entry[setting]["difference"]


def check(name, result, most):
    """Says what misses the bound. True if nothing does."""
    missed = list(below(result, most))
    for language, setting, found in missed:
        console.failure(f"{name}, {language}, {setting}: {found:+.4f} to bm25s" + (f", the bound is {-most:g}" if most else ""))
    if not missed:
        console.ok(f"{name}: no language is below bm25s" + (f" by more than {most:g}" if most else ""))
    return not missed
