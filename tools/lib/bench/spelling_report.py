"""What tools/bench-spelling counts, its tables, and the bound that Tandem is held against."""

import statistics

from . import console
from .console import count
from .dense_reference import ndcg
from .languages_paired import p_value
from .spelling_sets import KINDS

RIGHT, WRONG, NONE = VERDICTS = ("right", "wrong", "none")
RIVALS = {"top": "symspellpy", "compound": "compound"}
DEPTH = 10


def verdict(suggestion, wanted):
    """Of a suggested text; None: nothing is suggested."""
    return NONE if suggestion is None else RIGHT if suggestion.casefold() == wanted.casefold() else WRONG


def share(values):
    values = list(values)
    return sum(values) / len(values) if values else 0.0


def shares(queries, verdicts):
    """Of each verdict; of the right ones also by the number of edits and by the kind of query."""
    found = {name: share(value == name for value in verdicts) for name in VERDICTS}
    for group, values in (("edits", (1, 2)), ("kind", KINDS)):
        found[group] = {
            str(value): share(verdict == RIGHT for query, verdict in zip(queries, verdicts) if getattr(query, group) == value) for value in values}
    return found


def quality(queries, suggestions):
    """Engine -> its shares, and how likely chance alone makes as many right as the first engine. `suggestions`: engine -> text or None for each query."""
    verdicts = {name: [verdict(text, query.unharmed) for query, text in zip(queries, texts)] for name, texts in suggestions.items()}
    found = {name: shares(queries, values) for name, values in verdicts.items()}
    ours = verdicts["tandem"]
    for name in found.keys() - {"tandem"}:
        found[name]["p"] = p_value([(mine == RIGHT) - (theirs == RIGHT) for mine, theirs in zip(ours, verdicts[name])])
    return found


def known_item(rankings, packages):
    """nDCG@10 and success@10 of finding one document by each query."""
    return {
        "ndcg@10": share(ndcg(ids, {package: 1}, DEPTH) for ids, package in zip(rankings, packages)),
        "success@10": share(package in ids[:DEPTH] for ids, package in zip(rankings, packages))}


def percentile(values, share):
    """The smallest value that this share of all does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)] if ordered else 0


def latency(microseconds):
    return {"p50": statistics.median(microseconds), "p99": percentile(microseconds, 99)}


def markdown(result, machine, load):
    languages = result["languages"]
    return "\n\n".join([
        "**Suggestions** for queries with one misspelt word, in percent. Right: the suggested text is the query before the mistake.", right_table(languages),
        "**Other corrections**, of the same queries.", other_table(languages),
        "**False alarms**: queries without a mistake for which something is suggested, in percent.", alarm_table(languages),
        "**Finding** the package whose summary the query was taken from, by the harmed query, by the same with `retry`, by what symspellpy makes of "
        "it, and by the query before the mistake.",
        finding_table(languages),
        "**Time** in the daemon in ms, median and 99th percentile; *spelling*: the stage of that name alone.", time_table(languages),
        f"{result['peer']}; {console.count(result['queries'])} queries a language and kind at most, seed {result['seed']}. {machine}. {load}."])


def percent(value):
    return f"{100 * value:.1f}"


def right_table(languages):
    header = ["", "documents", "words", "queries", "right", "1 edit", "2 edits", "1 word", "2 words", "3+ words", "symspellpy", "+/−", "p", "compound", "+/−", "p"]
    rows = []
    for language, entry in languages.items():
        ours = entry["quality"]["tandem"]
        row = [language, count(entry["documents"]), count(entry["words"]), count(entry["queries"]), percent(ours[RIGHT])]
        row += [*map(percent, ours["edits"].values()), *map(percent, ours["kind"].values())]
        for name in RIVALS:
            theirs = entry["quality"][name]
            row += [percent(theirs[RIGHT]), f"{100 * (ours[RIGHT] - theirs[RIGHT]):+.1f}", "< .001" if theirs["p"] < 0.001 else f"{theirs['p']:.3f}"]
        rows.append(row)
    return console.table(header, rows)


def other_table(languages):
    header = ["", "wrong", "none", "of these found by a form", "symspellpy wrong", "none", "compound wrong", "none"]
    rows = []
    for language, entry in languages.items():
        row = [language]
        for name, found in entry["quality"].items():
            row += [percent(found[WRONG]), percent(found[NONE])]
            row += [percent(entry["found_by_form"])] if name == "tandem" else []
        rows.append(row)
    return console.table(header, rows)


def alarm_table(languages):
    names = ["Tandem", *RIVALS.values()]
    header = ["", *(f"known words: {name}" for name in names), "new words", *names]
    rows = []
    for language, entry in languages.items():
        known, new = entry["alarms"]["known"], entry["alarms"]["new"]
        rows.append([language, *map(percent, known.values()), count(entry["alarms"]["new_words"]), *map(percent, new.values())])
    return console.table(header, rows)


def finding_table(languages):
    ways = {"harmed": "harmed", "retry": "retry", "peer": "symspellpy", "unharmed": "unharmed"}
    rows = [
        [language, *(f"{entry['finding'][way][measure]:.4f}" for measure in ("ndcg@10", "success@10") for way in ways)]
        for language, entry in languages.items()]
    return console.table(["", *(f"{measure}: {way}" if way == "harmed" else way for measure in ("nDCG@10", "success@10") for way in ways.values())], rows)


def time_table(languages):
    ways = {"off": "harmed: off", "suggest": "suggest", "stage": "spelling", "unharmed": "unharmed: off", "unharmed_suggest": "suggest", "unharmed_stage": "spelling"}
    rows = [
        [language, *(f"{entry['time'][way]['p50'] / 1000:.2f} / {entry['time'][way]['p99'] / 1000:.2f}" for way in ways)] for language, entry in languages.items()]
    return console.table(["", *ways.values()], rows)


def check(languages, most):
    """Says where Tandem is right less often than symspellpy's best suggestion, by more than `most`. True where it is nowhere."""
    good = True
    for language, entry in languages.items():
        difference = entry["quality"]["tandem"][RIGHT] - entry["quality"]["top"][RIGHT]
        if difference < -most:
            console.failure(f"{language}: {100 * difference:+.1f} points right to symspellpy" + (f", the bound is {-100 * most:g}" if most else ""))
            good = False
    if good:
        console.ok("no language is right less often than symspellpy" + (f" by more than {100 * most:g} points" if most else ""))
    return good
