"""What the peers of tools/bench-dense have in common: a process that answers requests, one line of JSON each, until it is told to quit.

An engine gives `build(rows, options)`, `save(path)`, `load(path, rows)`, `set(parameter)`, `search(queries, k)` and `parts(rows)`; `serve` does
the rest. Rows are mapped from the file, so that anonymous memory is what the library itself takes. One thread: the orchestrator pins the
process to one processor, and the variables below keep the libraries' pools at one, whatever they find.
"""

import ctypes
import gc
import json
import os
import statistics
import sys
import time

os.environ.update({"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"})

import numpy  # noqa: E402


def anonymous_bytes():
    """Anonymous resident memory, after what the allocator holds without need is given back."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/status", encoding="utf-8") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("RssAnon:"))


def build(engine, request):
    vectors = numpy.load(request["vectors"], mmap_mode="r")
    rows, engine.queries = vectors[:request["rows"]], numpy.array(vectors[len(vectors) - request["queries"]:])
    kept = request.get("kept")
    if kept and os.path.exists(kept + ".json"):
        engine.load(kept, rows)
        with open(kept + ".json", encoding="utf-8") as file:
            return json.load(file) | {"kept": True}
    before = anonymous_bytes()
    cpu, wall = time.process_time(), time.perf_counter()
    engine.build(rows, request.get("options", {}))
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    grown = anonymous_bytes() - before
    answer = {
        "cpu_s": cpu, "wall_s": wall, "bytes": grown, "parts": engine.parts(len(rows)), "label": engine.label, "settings": engine.settings,
        "call_us": empty_call_us(engine)}
    if kept:
        engine.save(kept)
        # Last, so that it says that the index is whole.
        with open(kept + ".json", "w", encoding="utf-8") as file:
            json.dump(answer, file)
    return answer


def empty_call_us(engine):
    """What the way into the library and back takes: calls with no query at all."""
    nothing = engine.queries[:0]
    engine.set(engine.smallest)
    try:
        engine.search(nothing, 10)
    except (RuntimeError, ValueError):
        return None
    began = time.perf_counter()
    for _ in range(1000):
        engine.search(nothing, 10)
    return (time.perf_counter() - began) * 1000


# A query's own time is the median of so many calls: what an interruption of the machine adds to one of them is not the query's.
PASSES = 5


def search(engine, request, warm):
    """Every query by itself, then all as one call: the smaller mean counts, percentiles are those of the single calls."""
    parameter, k, queries = request["parameter"], request["k"], engine.queries
    engine.set(parameter)
    if json.dumps(parameter) not in warm:
        warm.add(json.dumps(parameter))
        for number in range(len(queries)):
            engine.search(queries[number:number + 1], k)
    times, ids = [], numpy.full((len(queries), k), -1, numpy.int32)
    gc.disable()
    cpu = time.process_time()
    for number in range(len(queries)):
        began = time.perf_counter()
        found = engine.search(queries[number:number + 1], k)
        times.append(time.perf_counter() - began)
        ids[number, :found.shape[1]] = found[0]
    cpu = time.process_time() - cpu
    batch_cpu, batch_wall = time.process_time(), time.perf_counter()
    engine.search(queries, k)
    batch_cpu, batch_wall = time.process_time() - batch_cpu, time.perf_counter() - batch_wall
    own = [times[:]]
    for _ in range(1, PASSES):
        own.append([])
        for number in range(len(queries)):
            began = time.perf_counter()
            engine.search(queries[number:number + 1], k)
            own[-1].append(time.perf_counter() - began)
    gc.enable()
    medians = sorted(statistics.median(of_query) for of_query in zip(*own))
    ids.tofile(request["ids_to"])
    times.sort()
    micro = 1e6 / len(queries)
    return {
        "mean_us": min(sum(times), batch_wall) * micro, "p50_us": times[len(times) // 2] * 1e6, "p99_us": times[int(0.99 * (len(times) - 1))] * 1e6,
        "own_mean_us": sum(medians) * micro, "own_p99_us": medians[int(0.99 * (len(medians) - 1))] * 1e6,
        "cpu_us": min(cpu, batch_cpu) * micro, "single_us": sum(times) * micro, "batch_us": batch_wall * micro}


def serve(engine):
    warm = set()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["do"] == "quit":
                return
            answers = {"build": lambda: build(engine, request), "search": lambda: search(engine, request, warm)}
            answer = answers[request["do"]]()
        except Exception as error:  # The orchestrator says which engine it was, and goes on with the others.
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)
