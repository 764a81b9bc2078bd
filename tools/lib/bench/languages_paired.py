"""Whether two engines differ on the same queries: Fisher's randomization test on pairs, two-sided.

Source: Smucker, Allan & Carterette, "A comparison of statistical significance tests for information retrieval evaluation", CIKM 2007.
"""

import itertools
import random

ROUNDS = 10_000


def p_value(differences, rounds=ROUNDS, seed=1):
    """How often signs by chance make a mean as far from 0 as this one. 1 where no pair differs.

    Pairs that do not differ change no sum, so only the others are drawn. With signs s the sum is twice that of the positive ones less the whole."""
    sizes = [abs(difference) for difference in differences if difference]
    if not sizes:
        return 1.0
    # Sums of the same numbers in another order differ in their last bits.
    observed, whole = abs(sum(differences)) - 1e-9, sum(sizes)
    source, width = random.Random(seed), len(sizes)
    extreme = 0
    for _ in range(rounds):
        positive = map(int, f"{source.getrandbits(width):0{width}b}")
        extreme += abs(2 * sum(itertools.compress(sizes, positive)) - whole) >= observed
    return (extreme + 1) / (rounds + 1)
