// The graph's kernels in AVX-512: a register holds two bytes of each of the 32 neighbours, so four groups at a time.
#if defined(__x86_64__)
#include <immintrin.h>

#include "distance_table.h"
#include "graph_parts.h"

#pragma STDC FP_CONTRACT OFF

#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))
#define TARGET_INLINE static inline __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"), always_inline))

TARGET void tandem_rotate_avx512(const uint16_t *order, const float *signs, size_t n, const float *x, float *out) {
    rotate_inline(order, signs, n, x, out);
}

TARGET void tandem_sign_query_fill_avx512(const float *query, size_t n, uint8_t *tables, float *base, float *step) {
    const float inverse = sign_query_range(query, n, base, step);
    const __m512 factor = _mm512_set1_ps(inverse), half = _mm512_set1_ps(0.5f);
    for (size_t g = 0; g < n / 4; g++) {
        const float *q = query + 4 * g;
        __m512 sums = _mm512_set1_ps(start_of_group(q));
        sums = _mm512_mask_add_ps(sums, 0xAAAA, sums, _mm512_set1_ps(q[0]));
        sums = _mm512_mask_add_ps(sums, 0xCCCC, sums, _mm512_set1_ps(q[1]));
        sums = _mm512_mask_add_ps(sums, 0xF0F0, sums, _mm512_set1_ps(q[2]));
        sums = _mm512_mask_add_ps(sums, 0xFF00, sums, _mm512_set1_ps(q[3]));
        __m512i codes = _mm512_cvttps_epi32(_mm512_add_ps(_mm512_mul_ps(sums, factor), half));
        codes = _mm512_min_epi32(_mm512_max_epi32(codes, _mm512_setzero_si512()), _mm512_set1_epi32(TANDEM_SIGN_ENTRY_MAX));
        __m128i entries = _mm512_cvtepi32_epi8(codes);
        _mm256_storeu_si256((__m256i *)table_of_group(tables, g), _mm256_broadcastsi128_si256(entries));
    }
}

TARGET void tandem_encode_neighbour_avx512(const int8_t *node, float node_scale, const int8_t *neighbour, float neighbour_scale,
                                         size_t n, size_t slot, uint8_t *codes, float *slope, float *offset) {
    encode_inline(node, node_scale, neighbour, neighbour_scale, n, slot, codes, slope, offset);
}

// Two registers of 16 sums each, in the neighbours' order.
TARGET_INLINE void sums_of(const tandem_sign_query *query, const uint8_t *codes, __m512i out[2]) {
    const __m512i nibble = _mm512_set1_epi8(15);
    // Bytes in pairs as words: `even` takes low + 256 * high, `odd` the high ones alone.
    __m512i even = _mm512_setzero_si512(), odd = even;
    for (size_t g = 0; g < query->n / 4; g += 8) {
        const uint8_t *table = query->tables + 32 * g;
        const __m512i first = _mm512_loadu_si512(codes + 16 * g), second = _mm512_loadu_si512(codes + 16 * g + 64);
        const __m512i a = _mm512_shuffle_epi8(_mm512_loadu_si512(table), _mm512_and_si512(first, nibble));
        const __m512i b = _mm512_shuffle_epi8(_mm512_loadu_si512(table + 64), _mm512_and_si512(_mm512_srli_epi16(first, 4), nibble));
        const __m512i c = _mm512_shuffle_epi8(_mm512_loadu_si512(table + 128), _mm512_and_si512(second, nibble));
        const __m512i d = _mm512_shuffle_epi8(_mm512_loadu_si512(table + 192), _mm512_and_si512(_mm512_srli_epi16(second, 4), nibble));
        const __m512i four = _mm512_add_epi8(_mm512_add_epi8(a, b), _mm512_add_epi8(c, d));
        even = _mm512_add_epi16(even, four), odd = _mm512_add_epi16(odd, _mm512_srli_epi16(four, 8));
    }
    even = _mm512_sub_epi16(even, _mm512_slli_epi16(odd, 8));
    // The two halves hold different groups of the same neighbours; together they still fit in 16 bits.
    const __m256i e = _mm256_add_epi16(_mm512_castsi512_si256(even), _mm512_extracti64x4_epi64(even, 1));
    const __m256i o = _mm256_add_epi16(_mm512_castsi512_si256(odd), _mm512_extracti64x4_epi64(odd, 1));
    const __m256i low = _mm256_unpacklo_epi16(e, o), high = _mm256_unpackhi_epi16(e, o);
    out[0] = _mm512_cvtepu16_epi32(_mm256_permute2x128_si256(low, high, 0x20));
    out[1] = _mm512_cvtepu16_epi32(_mm256_permute2x128_si256(low, high, 0x31));
}

TARGET void tandem_neighbour_sums_avx512(const tandem_sign_query *query, const uint8_t *codes, uint32_t *sums) {
    __m512i parts[2];
    sums_of(query, codes, parts);
    _mm512_storeu_si512(sums, parts[0]);
    _mm512_storeu_si512(sums + 16, parts[1]);
}

TARGET uint32_t tandem_neighbours_above_avx512(const tandem_sign_query *query, const uint8_t *codes, const int16_t *slopes,
                                               const int16_t *offsets, float slope_unit, float offset_unit, float bar,
                                               float *estimates) {
    __m512i parts[2];
    sums_of(query, codes, parts);
    const __m512 base = _mm512_set1_ps(query->base * slope_unit), step = _mm512_set1_ps(query->step * slope_unit),
                 unit = _mm512_set1_ps(offset_unit), least = _mm512_set1_ps(bar);
    uint32_t above = 0;
    for (size_t i = 0; i < 2; i++) {
        __m512 slope = _mm512_cvtepi32_ps(_mm512_cvtepi16_epi32(_mm256_loadu_si256((const __m256i *)(slopes + 16 * i))));
        __m512 offset = _mm512_cvtepi32_ps(_mm512_cvtepi16_epi32(_mm256_loadu_si256((const __m256i *)(offsets + 16 * i))));
        __m512 sum = _mm512_add_ps(base, _mm512_mul_ps(step, _mm512_cvtepi32_ps(parts[i])));
        __m512 estimate = _mm512_add_ps(_mm512_mul_ps(offset, unit), _mm512_mul_ps(slope, sum));
        _mm512_storeu_ps(estimates + 16 * i, estimate);
        above |= (uint32_t)_mm512_cmp_ps_mask(estimate, least, _CMP_GT_OQ) << (16 * i);
    }
    return above;
}

// Rows whose codes are asked for before they are read.
#define ROWS_AHEAD 8

TARGET void tandem_estimate_4bit_at_avx512(const tandem_query_4bit *query, const uint8_t *codes, size_t stride, const uint32_t *ordinals,
                                           const float *slopes, size_t count, float *estimates) {
    const __m512i nibble = _mm512_set1_epi8(15);
    for (size_t r = 0; r < count; r++) {
        if (r + ROWS_AHEAD < count) {
            const uint8_t *ahead = codes + ordinals[r + ROWS_AHEAD] * stride;
            for (size_t i = 0; i < query->bytes; i += 64) _mm_prefetch((const char *)ahead + i, _MM_HINT_T0);
        }
        const uint8_t *code = codes + ordinals[r] * stride;
        __m512i low = _mm512_setzero_si512(), high = low;
        for (size_t i = 0; i < query->bytes; i += 64) {
            __m512i bytes = _mm512_loadu_si512(code + i);
            low = _mm512_dpbusd_epi32(low, _mm512_and_si512(bytes, nibble), _mm512_loadu_si512(query->codes + 2 * i));
            high = _mm512_dpbusd_epi32(high, _mm512_and_si512(_mm512_srli_epi16(bytes, 4), nibble),
                                       _mm512_loadu_si512(query->codes + 2 * i + 64));
        }
        int32_t sum = _mm512_reduce_add_epi32(_mm512_add_epi32(low, high));
        estimates[r] = slopes[r] * (query->scale * (float)(2 * sum - query->offset));
    }
}

TARGET void tandem_dot_i8_at_avx512(const int8_t *row, const int8_t *rows, size_t stride, const uint32_t *ordinals,
                                    size_t count, int32_t *dots) {
    // vpdpbusd takes one side unsigned: the other rows enter as code + 128, and 128 * sum(row) is taken off again.
    const __m512i flip = _mm512_set1_epi8((char)0x80), ones = _mm512_set1_epi8(1);
    __m512i total = _mm512_setzero_si512();
    for (size_t i = 0; i < stride; i += 64) total = _mm512_dpbusd_epi32(total, ones, _mm512_loadu_si512(row + i));
    const int32_t offset = 128 * _mm512_reduce_add_epi32(total);
    for (size_t r = 0; r < count; r++) {
        if (r + 4 < count) {
            const int8_t *ahead = rows + ordinals[r + 4] * stride;
            for (size_t i = 0; i < stride; i += 64) _mm_prefetch((const char *)ahead + i, _MM_HINT_T0);
        }
        const int8_t *other = rows + ordinals[r] * stride;
        __m512i sum = _mm512_setzero_si512(), sum2 = sum;
        size_t i = 0;
        for (; i + 128 <= stride; i += 128) {
            sum = _mm512_dpbusd_epi32(sum, _mm512_xor_si512(_mm512_loadu_si512(other + i), flip), _mm512_loadu_si512(row + i));
            sum2 = _mm512_dpbusd_epi32(sum2, _mm512_xor_si512(_mm512_loadu_si512(other + i + 64), flip),
                                       _mm512_loadu_si512(row + i + 64));
        }
        if (i < stride) sum = _mm512_dpbusd_epi32(sum, _mm512_xor_si512(_mm512_loadu_si512(other + i), flip), _mm512_loadu_si512(row + i));
        dots[r] = _mm512_reduce_add_epi32(_mm512_add_epi32(sum, sum2)) - offset;
    }
}
#endif
