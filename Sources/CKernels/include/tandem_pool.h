// The pool of candidates of a walk over a graph: sorted numbers, the best first, into which every visit puts what it found.
//
// An entry is one number: the similarity in the upper half, as an unsigned integer of the same order, and below it the node's ordinal. So entries of equal similarity
// are sorted too, and the same candidates make the same pool at every level of instruction set. Not a number comes first or last and does no harm.
#ifndef TANDEM_POOL_H
#define TANDEM_POOL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// An ordinal that is not below the number of nodes: the graph is damaged.
#define TANDEM_POOL_DAMAGED (-1)

/// Puts one candidate into `entries[0 ..< *count]`, which has room for `capacity` entries, at least one; the last one leaves a pool that is full.
/// Returns its place, or `capacity` where it is none of the best.
/// Complexity: O(count), eight entries an instruction with AVX-512; else O(log count) and a move of what follows.
size_t tandem_pool_insert(uint64_t *entries, size_t *count, size_t capacity, float similarity, uint32_t ordinal);

/// The same for each candidate i whose bit i is set in `which`, unless its bit is set in `visited`.
/// visited: a bit for each of `nodes` ordinals.
/// Returns the smallest of their places and `next`; TANDEM_POOL_DAMAGED for an ordinal that is no node's.
ptrdiff_t tandem_pool_take(uint64_t *entries, size_t *count, size_t capacity, const uint32_t *ordinals, const float *similarities, uint32_t which,
                           const uint64_t *visited, uint32_t nodes, size_t next);

/// The same for each of n candidates whose similarity is above `bar`.
size_t tandem_pool_take_above(uint64_t *entries, size_t *count, size_t capacity, const uint32_t *ordinals, const float *similarities, size_t n,
                              float bar, size_t next);

#ifdef __cplusplus
}
#endif
#endif
