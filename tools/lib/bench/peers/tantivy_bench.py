"""tantivy's side of tools/bench-lexical: `tantivy_bench.py DATA INDEX OPTION K PASSES HITS SET...` builds the index where it is missing
(OPTION: freq or position), then times each set on one thread. Runs in the environment that has tantivy; prints one JSON object.

A query object is made before its clock starts, since Tandem's are, too; the answer's way into Python's objects is inside, which is
microseconds. HITS is a folder for the answers.
"""

import gc
import importlib.metadata
import json
import math
import pathlib
import sys
import time

import tantivy

# One thread's share of memory must stay below 4 GB; a big one leaves few segments to merge.
HEAP_BYTES = 2_000_000_000
TOKENIZER = "between_blanks"


def schema(option):
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("t", stored=False, tokenizer_name=TOKENIZER, index_option=option)
    return builder.build()


def analyzer():
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()


def build(texts, folder, option):
    """CPU seconds of tantivy's own threads. What this one does, making Python objects of lines, is the binding's and left out."""
    folder.mkdir(parents=True)
    index = tantivy.Index(schema(option), path=str(folder))
    index.register_tokenizer(TOKENIZER, analyzer())
    process, own = time.process_time(), time.thread_time()
    writer = index.writer(heap_size=HEAP_BYTES, num_threads=1)
    with open(texts, encoding="utf-8", newline="\n") as lines:
        for line in lines:
            document = tantivy.Document()
            document.add_text("t", line.rstrip("\n"))
            writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    return (time.process_time() - process) - (time.thread_time() - own)


def query(fields, name, text):
    words = text.split(" ")
    if name == "phrase" and len(words) > 1:
        return tantivy.Query.phrase_query(fields, "t", words)
    terms = [tantivy.Query.term_query(fields, "t", word, index_option="freq") for word in words]
    occur = tantivy.Occur.Must if name == "and" else tantivy.Occur.Should
    return terms[0] if len(terms) == 1 else tantivy.Query.boolean_query([(occur, term) for term in terms])


def answer(hits):
    return " ".join(f"{address.doc if address.segment_ord == 0 else '?'}:{score}" for score, address in hits)


def time_set(searcher, queries, k, passes):
    """(best microseconds of every query, answers of the first pass)."""
    best, answers = [math.inf] * len(queries), []
    for number in range(passes):
        for i, one in enumerate(queries):
            begin = time.thread_time_ns()
            hits = searcher.search(one, k, count=False).hits
            best[i] = min(best[i], (time.thread_time_ns() - begin) * 1e-3)
            if number == 0:
                answers.append(answer(hits))
    return best, answers


def summary(name, times):
    times = sorted(times)

    def rank(share):
        return times[math.ceil(share * len(times)) - 1]

    return {"set": name, "queries": len(times), "mean": sum(times) / len(times), "p50": rank(0.5), "p99": rank(0.99)}


def main(data, index, option, k, passes, hits, *sets):
    data, folder = pathlib.Path(data), pathlib.Path(index)
    seconds = 0 if folder.exists() else build(data / "docs.txt", folder, option)
    opened = tantivy.Index.open(str(folder))
    opened.register_tokenizer(TOKENIZER, analyzer())
    searcher = opened.searcher()
    gc.disable()
    results = []
    for name in sets:
        texts = (data / f"q_{name}.txt").read_text(encoding="utf-8").splitlines()
        best, answers = time_set(searcher, [query(opened.schema, name, text) for text in texts], int(k), int(passes))
        pathlib.Path(hits, f"{name}.txt").write_text("".join(f"{name}\t{t}\t{a}\n" for t, a in zip(texts, answers)), encoding="utf-8")
        results.append(summary(name, best))
    print(json.dumps({
        "build_cpu_seconds": seconds, "documents": searcher.num_docs, "segments": searcher.num_segments,
        "bytes": sum(path.stat().st_size for path in folder.iterdir()), "version": importlib.metadata.version("tantivy"), "sets": results}))


if __name__ == "__main__":
    main(*sys.argv[1:])
