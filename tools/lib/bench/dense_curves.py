"""Curves of recall against time: the points of an engine, what it takes to reach a recall, medians over rounds."""

import bisect
import math
import statistics

TARGETS = (0.95, 0.97, 0.99)
# Points outside say nothing that is asked: the sweep ends above, and keeps one below.
RECALL_MIN, RECALL_MAX = 0.90, 0.995
TIMES = ("cpu_us", "mean_us", "p50_us", "p99_us", "single_us", "batch_us", "own_mean_us", "own_p99_us")


def explore(parameters, recall_of):
    """[(parameter, recall)] worth timing: from the last below RECALL_MIN to the first that reaches RECALL_MAX. A sweep that gains
    nothing more in three steps has come to its end."""
    found = []
    for parameter in parameters:
        found.append((parameter, recall_of(parameter)))
        best = max(recall for _, recall in found)
        if best >= RECALL_MAX or len(found) > 3 and best > RECALL_MIN and max(recall for _, recall in found[-3:]) <= max(recall for _, recall in found[:-3]):
            break
    first = next((number for number, (_, recall) in enumerate(found) if recall >= RECALL_MIN), len(found) - 1)
    return found[max(0, first - 1):]


def point(parameter, recall, rounds):
    """The medians of a parameter's rounds, and the rounds themselves."""
    times = {name: statistics.median(answer[name] for answer in rounds) for name in TIMES if name in rounds[0]}
    return {"parameter": parameter, "recall": recall, **times, "rounds": [answer["cpu_us"] for answer in rounds]}


def frontier(points, time="cpu_us"):
    """The points that no other beats in both, the fastest first."""
    best, kept = 0.0, []
    for candidate in sorted(points, key=lambda p: (p[time], -p["recall"])):
        if candidate["recall"] > best:
            kept.append(candidate)
            best = candidate["recall"]
    return kept


def at(points, recall, value="cpu_us"):
    """The value (a time) at a recall: between the neighbours on the frontier, the logarithm linear. Where the fastest point has
    more recall already, its own value; None where no point reaches it."""
    kept = frontier(points)
    recalls = [p["recall"] for p in kept]
    place = bisect.bisect_left(recalls, recall)
    if place == len(kept):
        return None
    if place == 0 or recalls[place] == recall:
        return kept[place][value]
    low, high = kept[place - 1], kept[place]
    share = (recall - low["recall"]) / (high["recall"] - low["recall"])
    return math.exp(math.log(low[value]) + share * (math.log(high[value]) - math.log(low[value])))


def is_below(points, recall):
    """Whether the recall lies below the whole curve, so that `at` gives the fastest point."""
    return bool(points) and frontier(points)[0]["recall"] > recall


def round_ratio(ours, theirs, recall):
    """The median over rounds of theirs / ours at a recall, each round by itself: what the host's speed does to one, it does to the other."""
    ratios = []
    for number in range(min(len(p["rounds"]) for p in [*ours, *theirs])):
        values = [at([{**p, "cpu_us": p["rounds"][number]} for p in points], recall) for points in (ours, theirs)]
        if None in values:
            return None
        ratios.append(values[1] / values[0])
    return statistics.median(ratios) if ratios else None
