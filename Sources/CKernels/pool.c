// Candidate pools; see tandem_pool.h. Every visit puts its better neighbours into a pool of a hundred or so: a third of a walk was spent on that when it was a search by halves and a memmove for each.
#include "tandem_pool.h"

#include <string.h>

#include "distance_table.h"

#if defined(__x86_64__)
#include <immintrin.h>
#define TARGET __attribute__((target("avx512f")))
#endif
#define PART static inline __attribute__((always_inline))

PART uint64_t entry_of(float similarity, uint32_t ordinal) {
    uint32_t bits;
    memcpy(&bits, &similarity, 4);
    const uint32_t order = bits & 0x80000000u ? ~bits : bits | 0x80000000u;
    return (uint64_t)order << 32 | ordinal;
}

// How many of the numbers, the largest first, are larger. Without a branch that depends on what is compared: nobody can predict those, and one that was predicted wrong
// costs as much as five steps.
PART size_t rank_among(const uint64_t *numbers, size_t count, uint64_t number) {
    const uint64_t *from = numbers;
    while (count > 1) {
        const size_t half = count / 2;
        from = __builtin_unpredictable(from[half - 1] > number) ? from + half : from;
        count -= half;
    }
    return (size_t)(from - numbers) + (count == 1 && *from > number);
}

PART size_t put_baseline(uint64_t *entries, size_t *count, size_t capacity, uint64_t entry) {
    const size_t place = rank_among(entries, *count, entry);
    if (place >= capacity) return capacity;
    const size_t end = *count < capacity ? *count : capacity - 1;
    memmove(entries + place + 1, entries + place, (end - place) * sizeof entry);
    entries[place] = entry;
    *count = end + 1;
    return place;
}

#if defined(__x86_64__)
// Comparing and moving are one pass from the end, eight entries at a time, up to the first that is larger.
TARGET PART size_t put_avx512(uint64_t *entries, size_t *count, size_t capacity, uint64_t entry) {
    size_t end = *count;
    if (end == capacity) {
        if (entries[end - 1] > entry) return capacity;
        end--;
    }
    *count = end + 1;
    const __m512i one = _mm512_set1_epi64((long long)entry);
    size_t place = end;
    while (place >= 8) {
        const __m512i eight = _mm512_loadu_si512(entries + place - 8);
        const __mmask8 behind = _mm512_cmple_epu64_mask(eight, one);
        _mm512_mask_storeu_epi64(entries + place - 7, behind, eight);
        if (behind != 0xff) {
            place -= (size_t)__builtin_popcount(behind);
            entries[place] = entry;
            return place;
        }
        place -= 8;
    }
    const __mmask8 rest = (__mmask8)((1u << place) - 1);
    const __m512i few = _mm512_maskz_loadu_epi64(rest, entries);
    const __mmask8 behind = _mm512_mask_cmple_epu64_mask(rest, few, one);
    _mm512_mask_storeu_epi64(entries + 1, behind, few);
    place -= (size_t)__builtin_popcount(behind);
    entries[place] = entry;
    return place;
}
#endif

// The loops over candidates, once for each level.
#define TAKE(level, ...)                                                                                                                          \
    __VA_ARGS__ static size_t insert_##level(uint64_t *entries, size_t *count, size_t capacity, float similarity, uint32_t ordinal) {             \
        return put_##level(entries, count, capacity, entry_of(similarity, ordinal));                                                              \
    }                                                                                                                                             \
    __VA_ARGS__ static ptrdiff_t take_##level(uint64_t *entries, size_t *count, size_t capacity, const uint32_t *ordinals,                        \
                                              const float *similarities, uint32_t which, const uint64_t *visited, uint32_t nodes, size_t next) {  \
        size_t number = *count;                                                                                                                   \
        while (which != 0) {                                                                                                                      \
            const unsigned i = (unsigned)__builtin_ctz(which);                                                                                    \
            which &= which - 1;                                                                                                                   \
            const uint32_t ordinal = ordinals[i];                                                                                                 \
            if (ordinal >= nodes) return TANDEM_POOL_DAMAGED;                                                                                     \
            if (visited[ordinal >> 6] >> (ordinal & 63) & 1) continue;                                                                            \
            const size_t place = put_##level(entries, &number, capacity, entry_of(similarities[i], ordinal));                                     \
            next = place < next ? place : next;                                                                                                   \
        }                                                                                                                                         \
        *count = number;                                                                                                                          \
        return (ptrdiff_t)next;                                                                                                                   \
    }                                                                                                                                             \
    __VA_ARGS__ static size_t take_above_##level(uint64_t *entries, size_t *count, size_t capacity, const uint32_t *ordinals,                     \
                                                 const float *similarities, size_t n, float bar, size_t next) {                                   \
        size_t number = *count;                                                                                                                   \
        for (size_t i = 0; i < n; i++) {                                                                                                          \
            if (!(similarities[i] > bar)) continue;                                                                                               \
            const size_t place = put_##level(entries, &number, capacity, entry_of(similarities[i], ordinals[i]));                                 \
            next = place < next ? place : next;                                                                                                   \
        }                                                                                                                                         \
        *count = number;                                                                                                                          \
        return next;                                                                                                                              \
    }
TAKE(baseline, )
#if defined(__x86_64__)
TAKE(avx512, TARGET)
#define CHOOSE(function, ...) (tandem_kernels_level() == TANDEM_LEVEL_AVX512 ? function##_avx512(__VA_ARGS__) : function##_baseline(__VA_ARGS__))
#else
#define CHOOSE(function, ...) function##_baseline(__VA_ARGS__)
#endif

size_t tandem_pool_insert(uint64_t *entries, size_t *count, size_t capacity, float similarity, uint32_t ordinal) {
    return CHOOSE(insert, entries, count, capacity, similarity, ordinal);
}

ptrdiff_t tandem_pool_take(uint64_t *entries, size_t *count, size_t capacity, const uint32_t *ordinals, const float *similarities, uint32_t which,
                           const uint64_t *visited, uint32_t nodes, size_t next) {
    return CHOOSE(take, entries, count, capacity, ordinals, similarities, which, visited, nodes, next);
}

size_t tandem_pool_take_above(uint64_t *entries, size_t *count, size_t capacity, const uint32_t *ordinals, const float *similarities, size_t n,
                              float bar, size_t next) {
    return CHOOSE(take_above, entries, count, capacity, ordinals, similarities, n, bar, next);
}
