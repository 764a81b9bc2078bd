"""Quality of every search mode on three test collections; see tools/eval-collections."""

import argparse
import json
import os
import subprocess
import sys
import time

from . import console, environment, machine, report
from .console import count
from .daemon import MeasurementError, children_cpu_seconds
from .kept_collections import KeptCollections

# Of the reranked sample: queries (of each language where queries name one) and depth. Reranking costs about a CPU second a query
# here, so the samples are what ends within some ten minutes on two cores. `hybrid` is measured on the same sample beside it.
COLLECTIONS = {
    "scifact": {"sample": 100, "arguments": []},
    "tldr_en": {"sample": 400, "arguments": []},
    # One collection for all languages; each is searched within itself.
    "xquad": {"sample": 50, "arguments": ["--same-language"]},
}
DEPTH = 20
MODES = ["lexical", "semantic", "hybrid", "reranked"]

# What scifact must reach: section 7 of the plan's issue.
BOUNDS = {"lexical": 0.67, "hybrid": 0.72}
SEMANTIC_DIFFERENCE_MAX = 0.005


def arguments():
    parser = argparse.ArgumentParser(
        prog="tools/eval-collections",
        description="Imports scifact, tldr_en and xquad with the default models into a data folder that is kept, and measures nDCG@10, "
        "MRR@10 and recall@100 of lexical, semantic and hybrid search on all queries, and of reranked search (depth 20, default blend) "
        "beside hybrid on a sample of evenly spaced queries: 100 of scifact, 400 of tldr_en, 50 of each language of xquad. What was "
        "measured with the same build is not measured again.",
        epilog="Exit code: 0, 1 when a bound is missed, 2 for a wrong command line. TANDEM_BIN names the folder of tandemd, tandem and "
        "bench-load; without it they are built. TANDEM_DATA, TANDEM_MODELS: the test collections, the models.")
    parser.add_argument("--collections", default=",".join(COLLECTIONS), metavar="LIST", help="which, with commas between (default: all)")
    parser.add_argument("--modes", default="lexical,semantic,hybrid,reranked", metavar="LIST", help="which modes (default: all)")
    parser.add_argument("--quick", action="store_true", help="a fifth of the reranked sample, at most 200 queries (of each language) of the rest; bounds are told, not enforced")
    parser.add_argument("--in-flight", type=int, default=2, metavar="N", help="searches under way at a time (default: 2)")
    parser.add_argument("--fresh", action="store_true", help="import the collections anew")
    parser.add_argument("--again", action="store_true", help="measure again what this build has measured already")
    parser.add_argument("--compare-python", metavar="PY", help="interpreter with sentence-transformers: compare the semantic leg with it")
    parser.add_argument("--compare-collections", default="scifact", metavar="LIST", help="for which collections (default: scifact)")
    environment.add_common(parser)
    return parser.parse_args()


def names(text, known, option):
    chosen = [name.strip() for name in text.split(",") if name.strip()]
    for name in chosen:
        if name not in known:
            environment.usage(f"{option} '{name}': expected {', '.join(known)}")
    return chosen


class Measurements:
    """Results of `tandem eval` by build and arguments, kept in a file after each, so that an interrupted run goes on."""

    def __init__(self, kept, again):
        self.kept, self.again = kept, again
        self.path = kept.place.cache / "eval-runs.json"
        self.runs = {} if again else {k: v for k, v in (report.read_json(self.path) or {}).items() if v.get("build") == kept.build}

    def get(self, name, source, options, modes, extra):
        command = [
            "eval", name, "--queries", source / "queries.jsonl", "--qrels", source / "qrels.tsv", "--modes", ",".join(modes),
            "--in-flight", options.in_flight, *extra]
        key = " ".join(map(str, ["eval", name, ",".join(modes), *extra]))
        if key in self.runs:
            console.progress(f"{key}: measured before")
            return self.runs[key]["result"]
        console.progress(key)
        daemon = self.kept.daemon
        ours = machine.Neighbours(lambda: daemon.cpu_seconds() + children_cpu_seconds())
        cpu, began = daemon.cpu_seconds(), time.monotonic()
        result = daemon.tandem_json(*command, show_progress=True)
        for mode, values in result.items():
            if values.get("degraded"):
                raise MeasurementError(f"{name}: {values['degraded']} of {values['queries']} '{mode}' searches were degraded, so that is no measurement")
        self.runs[key] = {
            "build": self.kept.build, "result": result, "seconds": time.monotonic() - began, "daemon_cpu_seconds": daemon.cpu_seconds() - cpu,
            "others_share": ours.share()}
        report.save_json(self.path, self.runs)
        return result


def measure(options, kept, chosen, modes):
    place, results = kept.place, {}
    measurements = Measurements(kept, options.again)
    for name in chosen:
        source, plan = place.test_data(name), COLLECTIONS[name]
        state, stamp = kept.bring(name, source, options.fresh)
        console.step(f"Measuring {name}")
        sample = max(1, plan["sample"] // 5) if options.quick else plan["sample"]
        entry = {
            "documents": state["documents"], "texts_cut": state["texts_cut"], "import": stamp, "all": {}, "sample": {}, "depth": DEPTH,
            "alpha": state["schema"].get("alpha"), "rerank_weight": state["schema"].get("rerank_weight")}
        # Mode by mode, so that an interrupted run loses little.
        for mode in (m for m in modes if m != "reranked"):
            limit = ["--limit-queries", 200] if options.quick else []
            entry["all"] |= measurements.get(name, source, options, [mode], [*plan["arguments"], *limit])
        if "reranked" in modes:
            for mode in ("hybrid", "reranked"):
                rerank = ["--rerank", DEPTH] if mode == "reranked" else []
                entry["sample"] |= measurements.get(name, source, options, [mode], [*plan["arguments"], "--limit-queries", sample, *rerank])
        results[name] = entry
    return results, measurements


def compare(options, place, results, measurements, chosen):
    """The same texts through sentence-transformers and a brute-force cosine search."""
    compared = {}
    for name in chosen:
        source = place.test_data(name)
        console.step(f"{name} through sentence-transformers (256 tokens, float32)")
        done = subprocess.run(
            [options.compare_python, "-m", "bench.dense_reference", "--model", place.models / "all-MiniLM-L6-v2", "--data", source,
             "--cache", place.cache / f"sentence-transformers-{name}.npz"],
            stdout=subprocess.PIPE, text=True)
        if done.returncode:
            raise MeasurementError(f"{options.compare_python} -m bench.dense_reference ended with {done.returncode}")
        reference = json.loads(done.stdout)
        compared[name] = {"sentence_transformers": reference}
        ours = results.get(name, {}).get("all", {}).get("semantic")
        if ours:
            compared[name]["difference"] = ours["ndcg@10"] - reference["ndcg@10"]
            compared[name]["tandem"] = ours
    return compared


def figure(values, key="ndcg@10"):
    return f"{values[key]:.3f}" if values else "–"


def rows_of(name, entry):
    """(label, values by mode of all queries, values by mode of the sample), first the collection, then its languages."""
    yield name, entry["all"], entry["sample"]
    languages = sorted({l for v in [*entry["all"].values(), *entry["sample"].values()] for l in v.get("languages", {})})
    if len(languages) > 1:
        for language in languages:
            yield (
                f"· {language}",
                {m: v.get("languages", {}).get(language) for m, v in entry["all"].items()},
                {m: v.get("languages", {}).get(language) for m, v in entry["sample"].items()})


def table_of_quality(results):
    rows = []
    for name, entry in results.items():
        for label, values, sample in rows_of(name, entry):
            queries = next((v["queries"] for v in values.values() if v), 0)
            sampled = next((v["queries"] for v in sample.values() if v), 0)
            rows.append((
                label, count(queries) if queries else "–", *(figure(values.get(m)) for m in MODES[:3]), count(sampled) if sampled else "–",
                figure(sample.get("hybrid")), figure(sample.get("reranked"))))
    return console.table(["nDCG@10", "queries", "BM25", "semantic", "hybrid", "sample", "its hybrid", "reranked"], rows)


def table_of_details(results):
    rows = []
    for name, entry in results.items():
        for part, values in (("all", entry["all"]), ("sample", entry["sample"])):
            for mode in MODES:
                if v := values.get(mode):
                    rows.append((
                        f"{name}, {mode}" + (" (sample)" if part == "sample" else ""), count(v["queries"]), figure(v), figure(v, "mrr@10"),
                        figure(v, "recall@100"), f"{1000 * v['seconds'] / max(1, v['queries']):.1f}"))
    return console.table(["collection, mode", "queries", "nDCG@10", "MRR@10", "recall@100", "ms a query"], rows)


def short_markdown(results, comparison):
    settings = sorted({(e.get("alpha"), e.get("rerank_weight")) for e in results.values()}, key=str)
    told = "; ".join(f"alpha {a}, the cross-encoder's share {w}" for a, w in settings)
    notes = [
        f"Measured by `tandem eval` with the default models and settings ({told}; `tools/eval-collections`). *reranked*: the best {DEPTH} by "
        "the cross-encoder, blended, on evenly spaced queries; *its hybrid*: the same queries without it."]
    if "xquad" in results:
        notes.append("xquad: each language is searched within itself; the default models were trained on English.")
    for name, values in comparison.items():
        if "difference" in values:
            notes.append(
                f"{name}, semantic: sentence-transformers on the same texts reaches {values['sentence_transformers']['ndcg@10']:.4f}, "
                f"Tandem {values['tandem']['ndcg@10']:.4f} (difference {values['difference']:+.4f}).")
    return table_of_quality(results) + "\n\n" + "\n".join(notes)


def long_markdown(results, comparison, description, runs):
    imports = []
    for name, entry in results.items():
        took = entry["import"]
        if "seconds" in took:
            imports.append(f"{name} {took['seconds']:.0f} s ({took['cpu_seconds']:.0f} s of CPU)")
    shares = [r["others_share"] for r in runs.values()]
    load = f" CPU that others used meanwhile: {100 * min(shares):.0f} to {100 * max(shares):.0f} %." if shares else ""
    tail = f"Import until complete: {', '.join(imports)}. " if imports else ""
    return (
        short_markdown(results, comparison) + "\n\n" + table_of_details(results)
        + f"\n\n*ms a query*: wall time with the searches of `--in-flight` under way. {tail}{description}.{load}")


def checks(results, comparison):
    """(name, whether it holds, figures)."""
    scifact = results.get("scifact")
    if scifact:
        for mode, bound in BOUNDS.items():
            if mode in scifact["all"]:
                value = scifact["all"][mode]["ndcg@10"]
                yield f"scifact, {mode}", value >= bound, f"{value:.4f}, at least {bound}"
        sample = scifact["sample"]
        if sample:
            hybrid, reranked = sample["hybrid"]["ndcg@10"], sample["reranked"]["ndcg@10"]
            yield "scifact, reranked not below hybrid", reranked >= hybrid, f"{reranked:.4f} and {hybrid:.4f} on {sample['hybrid']['queries']} queries"
    for name, values in comparison.items():
        if "difference" in values:
            yield (
                f"{name}, semantic against sentence-transformers", abs(values["difference"]) <= SEMANTIC_DIFFERENCE_MAX,
                f"{values['difference']:+.4f}, at most ±{SEMANTIC_DIFFERENCE_MAX}")


def main():
    options = arguments()
    chosen = names(options.collections, COLLECTIONS, "--collections")
    modes = names(options.modes, MODES, "--modes")
    to_compare = names(options.compare_collections, COLLECTIONS, "--compare-collections") if options.compare_python else []
    if options.compare_python and not os.access(options.compare_python, os.X_OK):
        environment.usage(f"--compare-python {options.compare_python}: no such program")
    place = environment.Place(options)
    place.need_models()
    with KeptCollections(place) as kept:
        results, measurements = measure(options, kept, chosen, modes)
    comparison = compare(options, place, results, measurements, to_compare)
    description = machine.describe(place.root)
    short = short_markdown(results, comparison)
    body = long_markdown(results, comparison, description, measurements.runs)
    result = {"machine": description, "quick": options.quick, "collections": results, "comparison": comparison, "runs": measurements.runs}
    if options.write and options.quick:
        console.warn("--quick: a sample is not written into the pages")
        options.write = False
    place.finish("eval-collections", result, body, options)
    if options.write:
        report.publish(place.root / "README.md", "results", short)
    good = True
    for name, holds, figures in checks(results, comparison):
        if options.quick and not holds:
            console.warn(f"{name}: {figures} (a bound is for the whole collection, so --quick does not fail)")
            continue
        (console.ok if holds else console.failure)(f"{name}: {figures}")
        good &= holds
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(environment.run(main))
