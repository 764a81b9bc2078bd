// Selection of the documents of a window that may be among the best.
#include "tandem_window.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>

// A hit is rare, and each costs a branch that cannot be foretold: four registers share one.
__attribute__((target("avx512bw"))) static size_t select_avx512(uint16_t *sums, size_t count, uint16_t threshold, uint16_t *slots, uint16_t *values) {
    const __m512i least = _mm512_set1_epi16((short)threshold), zero = _mm512_setzero_si512();
    size_t found = 0;
    for (size_t i = 0; i < count; i += 128) {
        __m512i lanes[4];
        for (size_t j = 0; j < 4; j++) lanes[j] = _mm512_loadu_si512(sums + i + 32 * j);
        const __m512i most = _mm512_max_epu16(_mm512_max_epu16(lanes[0], lanes[1]), _mm512_max_epu16(lanes[2], lanes[3]));
        if (_mm512_cmpge_epu16_mask(most, least)) {
            for (size_t j = 0; j < 4; j++) {
                uint32_t hits = _mm512_cmpge_epu16_mask(lanes[j], least);
                while (hits) {
                    const size_t slot = i + 32 * j + (size_t)__builtin_ctz(hits);
                    slots[found] = (uint16_t)slot;
                    values[found++] = sums[slot];
                    hits &= hits - 1;
                }
            }
        }
        for (size_t j = 0; j < 4; j++) _mm512_storeu_si512(sums + i + 32 * j, zero);
    }
    return found;
}

__attribute__((target("avx2"))) static size_t select_avx2(uint16_t *sums, size_t count, uint16_t threshold, uint16_t *slots, uint16_t *values) {
    const __m256i least = _mm256_set1_epi16((short)threshold);
    size_t found = 0;
    for (size_t i = 0; i < count; i += 16) {
        const __m256i lanes = _mm256_loadu_si256((const __m256i *)(sums + i));
        // max(a, t) == a where a >= t: there is no unsigned comparison.
        uint32_t hits = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi16(_mm256_max_epu16(lanes, least), lanes)) & 0x55555555u;
        while (hits) {
            const size_t slot = i + (size_t)(__builtin_ctz(hits) >> 1);
            slots[found] = (uint16_t)slot;
            values[found++] = sums[slot];
            hits &= hits - 1;
        }
        _mm256_storeu_si256((__m256i *)(sums + i), _mm256_setzero_si256());
    }
    return found;
}
#endif

static size_t select_baseline(uint16_t *sums, size_t count, uint16_t threshold, uint16_t *slots, uint16_t *values) {
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        if (sums[i] < threshold) continue;
        slots[found] = (uint16_t)i;
        values[found++] = sums[i];
    }
    memset(sums, 0, count * sizeof *sums);
    return found;
}

typedef size_t (*select_kernel)(uint16_t *, size_t, uint16_t, uint16_t *, uint16_t *);

// Filled before main() and never written again.
static select_kernel active = select_baseline;

__attribute__((constructor)) static void choose(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512bw")) active = select_avx512;
    else if (__builtin_cpu_supports("avx2")) active = select_avx2;
#endif
}

size_t tandem_window_select(uint16_t *sums, size_t count, uint16_t threshold, uint16_t *slots, uint16_t *values) {
    return active(sums, count, threshold, slots, values);
}

size_t tandem_window_select_level(int level, uint16_t *sums, size_t count, uint16_t threshold, uint16_t *slots, uint16_t *values) {
#if defined(__x86_64__)
    if (level >= 2 && __builtin_cpu_supports("avx512bw")) return select_avx512(sums, count, threshold, slots, values);
    if (level >= 1 && __builtin_cpu_supports("avx2")) return select_avx2(sums, count, threshold, slots, values);
#endif
    (void)level;
    return select_baseline(sums, count, threshold, slots, values);
}
