// Where a number belongs among sorted ones: what a walk over a graph does for every neighbour that is good enough.
#ifndef TANDEM_POOL_H
#define TANDEM_POOL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// How many of `count` numbers, the largest first, are larger than `number`. By halves and without a branch that depends on what is compared: nobody can predict those, and one
/// that was predicted wrong costs as much as five steps. It is in C since the compiler, left to itself, makes such a branch.
/// Complexity: O(log count).
static inline size_t tandem_rank_among(const uint64_t *numbers, size_t count, uint64_t number) {
    const uint64_t *from = numbers;
    while (count > 1) {
        const size_t half = count / 2;
        from = __builtin_unpredictable(from[half - 1] > number) ? from + half : from;
        count -= half;
    }
    return (size_t)(from - numbers) + (count == 1 && *from > number);
}

#ifdef __cplusplus
}
#endif
#endif
