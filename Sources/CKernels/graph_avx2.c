// The graph's kernels in AVX2: a register holds a byte of each of the 32 neighbours.
#if defined(__x86_64__)
#include <immintrin.h>

#include "distance_table.h"
#include "graph_parts.h"

#pragma STDC FP_CONTRACT OFF

#define TARGET __attribute__((target("avx2")))
#define TARGET_INLINE static inline __attribute__((target("avx2"), always_inline))

TARGET void tandem_rotate_avx2(const uint16_t *order, const float *signs, size_t n, const float *x, float *out) {
    rotate_inline(order, signs, n, x, out);
}

TARGET void tandem_sign_query_fill_avx2(const float *query, size_t n, uint8_t *tables, float *base, float *step) {
    const float inverse = sign_query_range(query, n, base, step);
    const __m256 factor = _mm256_set1_ps(inverse), half = _mm256_set1_ps(0.5f);
    const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    __m256 chosen[3];
    for (int bit = 0; bit < 3; bit++) {
        __m256i mask = _mm256_cmpgt_epi32(_mm256_and_si256(lanes, _mm256_set1_epi32(1 << bit)), _mm256_setzero_si256());
        chosen[bit] = _mm256_castsi256_ps(mask);
    }
    for (size_t g = 0; g < n / 4; g++) {
        const float *q = query + 4 * g;
        __m256 low = _mm256_set1_ps(start_of_group(q));
        // Adding a zero where the bit is not set leaves the bits as they are: the start is not -0.
        for (int bit = 0; bit < 3; bit++) low = _mm256_add_ps(low, _mm256_and_ps(chosen[bit], _mm256_set1_ps(q[bit])));
        __m256 high = _mm256_add_ps(low, _mm256_set1_ps(q[3]));
        __m256i a = _mm256_cvttps_epi32(_mm256_add_ps(_mm256_mul_ps(low, factor), half));
        __m256i b = _mm256_cvttps_epi32(_mm256_add_ps(_mm256_mul_ps(high, factor), half));
        __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
        __m128i words2 = _mm_packs_epi32(_mm256_castsi256_si128(b), _mm256_extracti128_si256(b, 1));
        __m128i entries = _mm_min_epu8(_mm_packus_epi16(words, words2), _mm_set1_epi8(TANDEM_SIGN_ENTRY_MAX));
        _mm256_storeu_si256((__m256i *)table_of_group(tables, g), _mm256_broadcastsi128_si256(entries));
    }
}

TARGET void tandem_encode_neighbour_avx2(const int8_t *node, float node_scale, const int8_t *neighbour, float neighbour_scale,
                                         size_t n, size_t slot, uint8_t *codes, float *slope, float *offset) {
    encode_inline(node, node_scale, neighbour, neighbour_scale, n, slot, codes, slope, offset);
}

// The four registers of 8 sums each, in the neighbours' order.
TARGET_INLINE void sums_of(const tandem_sign_query *query, const uint8_t *codes, __m256i out[4]) {
    const __m256i nibble = _mm256_set1_epi8(15);
    // Bytes in pairs as words: `even` takes low + 256 * high, `odd` the high ones alone.
    __m256i even = _mm256_setzero_si256(), odd = even;
    for (size_t g = 0; g < query->n / 4; g += 4) {
        const uint8_t *table = query->tables + 32 * g;
        const __m256i first = _mm256_loadu_si256((const __m256i *)(codes + 16 * g));
        const __m256i second = _mm256_loadu_si256((const __m256i *)(codes + 16 * g + 32));
        const __m256i a = _mm256_shuffle_epi8(_mm256_loadu_si256((const __m256i *)table), _mm256_and_si256(first, nibble));
        const __m256i b = _mm256_shuffle_epi8(_mm256_loadu_si256((const __m256i *)(table + 32)), _mm256_and_si256(second, nibble));
        const __m256i c = _mm256_shuffle_epi8(_mm256_loadu_si256((const __m256i *)(table + 64)),
                                              _mm256_and_si256(_mm256_srli_epi16(first, 4), nibble));
        const __m256i d = _mm256_shuffle_epi8(_mm256_loadu_si256((const __m256i *)(table + 96)),
                                              _mm256_and_si256(_mm256_srli_epi16(second, 4), nibble));
        const __m256i four = _mm256_add_epi8(_mm256_add_epi8(a, b), _mm256_add_epi8(c, d));
        even = _mm256_add_epi16(even, four), odd = _mm256_add_epi16(odd, _mm256_srli_epi16(four, 8));
    }
    even = _mm256_sub_epi16(even, _mm256_slli_epi16(odd, 8));
    // Per half of 128 bits: neighbours 0 ... 7 and 8 ... 15 of its sixteen.
    const __m256i first = _mm256_unpacklo_epi16(even, odd), second = _mm256_unpackhi_epi16(even, odd);
    out[0] = _mm256_cvtepu16_epi32(_mm256_castsi256_si128(first));
    out[1] = _mm256_cvtepu16_epi32(_mm256_castsi256_si128(second));
    out[2] = _mm256_cvtepu16_epi32(_mm256_extracti128_si256(first, 1));
    out[3] = _mm256_cvtepu16_epi32(_mm256_extracti128_si256(second, 1));
}

TARGET void tandem_neighbour_sums_avx2(const tandem_sign_query *query, const uint8_t *codes, uint32_t *sums) {
    __m256i parts[4];
    sums_of(query, codes, parts);
    for (size_t i = 0; i < 4; i++) _mm256_storeu_si256((__m256i *)(sums + 8 * i), parts[i]);
}

TARGET uint32_t tandem_neighbours_above_avx2(const tandem_sign_query *query, const uint8_t *codes, const int16_t *slopes,
                                             const int16_t *offsets, float slope_unit, float offset_unit, float bar,
                                             float *estimates) {
    __m256i parts[4];
    sums_of(query, codes, parts);
    const __m256 base = _mm256_set1_ps(query->base * slope_unit), step = _mm256_set1_ps(query->step * slope_unit),
                 unit = _mm256_set1_ps(offset_unit), least = _mm256_set1_ps(bar);
    uint32_t above = 0;
    for (size_t i = 0; i < 4; i++) {
        __m256 slope = _mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)(slopes + 8 * i))));
        __m256 offset = _mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)(offsets + 8 * i))));
        __m256 sum = _mm256_add_ps(base, _mm256_mul_ps(step, _mm256_cvtepi32_ps(parts[i])));
        __m256 estimate = _mm256_add_ps(_mm256_mul_ps(offset, unit), _mm256_mul_ps(slope, sum));
        _mm256_storeu_ps(estimates + 8 * i, estimate);
        above |= (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(estimate, least, _CMP_GT_OQ)) << (8 * i);
    }
    return above;
}

// Magnitude times signed: pairs of products of codes within -127 ... 127 fit in 16 bits.
// Rows whose codes are asked for before they are read.
#define ROWS_AHEAD 8

TARGET void tandem_estimate_4bit_at_avx2(const tandem_query_4bit *query, const uint8_t *codes, size_t stride, const uint32_t *ordinals,
                                         const float *slopes, size_t count, float *estimates) {
    const __m256i nibble = _mm256_set1_epi8(15), ones = _mm256_set1_epi16(1);
    for (size_t r = 0; r < count; r++) {
        if (r + ROWS_AHEAD < count) {
            const uint8_t *ahead = codes + ordinals[r + ROWS_AHEAD] * stride;
            for (size_t i = 0; i < query->bytes; i += 64) _mm_prefetch((const char *)ahead + i, _MM_HINT_T0);
        }
        const uint8_t *code = codes + ordinals[r] * stride;
        __m256i total = _mm256_setzero_si256();
        for (size_t i = 0; i < query->bytes; i += 32) {
            // Half a line of the code, and its half of the query's two lines.
            const int8_t *part = query->codes + i / 64 * 128 + i % 64;
            __m256i bytes = _mm256_loadu_si256((const __m256i *)(code + i));
            // Two products of 15 * 127 at most fit in 16 bits, and so do four.
            __m256i low = _mm256_maddubs_epi16(_mm256_and_si256(bytes, nibble), _mm256_loadu_si256((const __m256i *)part));
            __m256i high = _mm256_maddubs_epi16(_mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble),
                                                _mm256_loadu_si256((const __m256i *)(part + 64)));
            total = _mm256_add_epi32(total, _mm256_madd_epi16(_mm256_add_epi16(low, high), ones));
        }
        __m128i half = _mm_add_epi32(_mm256_castsi256_si128(total), _mm256_extracti128_si256(total, 1));
        half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4E));
        half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0xB1));
        int32_t sum = _mm_cvtsi128_si32(half);
        estimates[r] = slopes[r] * (query->scale * (float)(2 * sum - query->offset));
    }
}

TARGET void tandem_dot_i8_at_avx2(const int8_t *row, const int8_t *rows, size_t stride, const uint32_t *ordinals, size_t count,
                                  int32_t *dots) {
    const __m256i ones = _mm256_set1_epi16(1);
    for (size_t r = 0; r < count; r++) {
        if (r + 4 < count) {
            const int8_t *ahead = rows + ordinals[r + 4] * stride;
            for (size_t i = 0; i < stride; i += 64) _mm_prefetch((const char *)ahead + i, _MM_HINT_T0);
        }
        const int8_t *other = rows + ordinals[r] * stride;
        __m256i sum = _mm256_setzero_si256();
        for (size_t i = 0; i < stride; i += 32) {
            __m256i a = _mm256_loadu_si256((const __m256i *)(row + i)), b = _mm256_loadu_si256((const __m256i *)(other + i));
            __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(a), _mm256_sign_epi8(b, a));
            sum = _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, ones));
        }
        __m128i s = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
        s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4E));
        dots[r] = _mm_cvtsi128_si32(_mm_add_epi32(s, _mm_shuffle_epi32(s, 0xB1)));
    }
}
#endif
