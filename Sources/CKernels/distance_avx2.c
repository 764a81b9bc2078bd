// AVX2 and FMA. Latency and throughput per instruction: a row of 384 codes takes 24 widen + multiply-add + add.
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "distance_table.h"

// Bounds have the same bits at every level, and so has the number of rows refined.
#pragma STDC FP_CONTRACT OFF

#define TARGET __attribute__((target("avx2,fma")))
#define TARGET_INLINE static inline __attribute__((target("avx2,fma"), always_inline))

TARGET_INLINE int32_t sum_lanes(__m256i v) {
    __m128i s = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4E));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xB1));
    return _mm_cvtsi128_si32(s);
}

TARGET_INLINE __m256i widen(const int8_t *p) { return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)p)); }

// Codes are widened to 16 bits: maddubs on bytes would saturate its pairwise sums, madd on words cannot
// (2 * 128 * 4095 < 2^31).
TARGET_INLINE void dot2(const int16_t *query, const int8_t *a, const int8_t *b, size_t stride, int32_t *out) {
    __m256i a0 = _mm256_setzero_si256(), a1 = a0, b0 = a0, b1 = a0;
    for (size_t i = 0; i < stride; i += 32) {
        __m256i q0 = _mm256_loadu_si256((const __m256i *)(query + i));
        __m256i q1 = _mm256_loadu_si256((const __m256i *)(query + i + 16));
        a0 = _mm256_add_epi32(a0, _mm256_madd_epi16(q0, widen(a + i)));
        a1 = _mm256_add_epi32(a1, _mm256_madd_epi16(q1, widen(a + i + 16)));
        b0 = _mm256_add_epi32(b0, _mm256_madd_epi16(q0, widen(b + i)));
        b1 = _mm256_add_epi32(b1, _mm256_madd_epi16(q1, widen(b + i + 16)));
    }
    out[0] = sum_lanes(_mm256_add_epi32(a0, a1));
    out[1] = sum_lanes(_mm256_add_epi32(b0, b1));
}

// Addresses are numbers here: asking for memory past the end of an array is no access to it.
TARGET_INLINE void fetch(uintptr_t from, size_t bytes) {
    for (size_t i = 0; i < bytes; i += 64) _mm_prefetch((const char *)(from + i), _MM_HINT_T0);
}

TARGET static void scan(const tandem_query_i8 *query, const int8_t *rows, size_t stride, size_t count, int32_t *dots) {
    size_t r = 0;
    for (; r + 2 <= count; r += 2) {
        const int8_t *row = rows + r * stride;
        fetch((uintptr_t)row + TANDEM_SCAN_AHEAD_BYTES, 2 * stride);
        dot2(query->wide, row, row + stride, stride, dots + r);
    }
    if (r < count) {
        int32_t pair[2];
        dot2(query->wide, rows + r * stride, rows + r * stride, stride, pair);
        dots[r] = pair[0];
    }
}

TARGET static void scan_at(const tandem_query_i8 *query, const int8_t *rows, size_t stride, const uint32_t *ordinals,
                           size_t count, int32_t *dots) {
    size_t r = 0;
    for (; r + 2 <= count; r += 2) {
        for (size_t next = r + 6; next < r + 8 && next < count; next++) fetch((uintptr_t)(rows + ordinals[next] * stride), stride);
        dot2(query->wide, rows + ordinals[r] * stride, rows + ordinals[r + 1] * stride, stride, dots + r);
    }
    if (r < count) {
        int32_t pair[2];
        const int8_t *row = rows + ordinals[r] * stride;
        dot2(query->wide, row, row, stride, pair);
        dots[r] = pair[0];
    }
}

TARGET static size_t select_rows(const tandem_query_i8 *query, const int32_t *dots, const float *scales,
                                 const float *residuals, const float *norms, size_t count, double threshold,
                                 uint32_t *index, double *lower, double *upper) {
    size_t found = 0, i = 0;
    const __m256d query_scale = _mm256_set1_pd(query->scale), query_norm = _mm256_set1_pd(query->norm),
                  slack = _mm256_set1_pd(query->slack), least = _mm256_set1_pd(threshold);
    for (; i + 4 <= count; i += 4) {
        __m256d estimate = _mm256_mul_pd(
            _mm256_mul_pd(_mm256_cvtepi32_pd(_mm_loadu_si128((const __m128i *)(dots + i))), query_scale),
            _mm256_cvtps_pd(_mm_loadu_ps(scales + i)));
        __m256d error = _mm256_add_pd(_mm256_mul_pd(_mm256_cvtps_pd(_mm_loadu_ps(residuals + i)), query_norm),
                                      _mm256_mul_pd(_mm256_cvtps_pd(_mm_loadu_ps(norms + i)), slack));
        __m256d high = _mm256_add_pd(estimate, error);
        unsigned mask = (unsigned)_mm256_movemask_pd(_mm256_cmp_pd(high, least, _CMP_NLT_UQ));
        if (mask == 0) continue;
        double lows[4], highs[4];
        _mm256_storeu_pd(lows, _mm256_sub_pd(estimate, error));
        _mm256_storeu_pd(highs, high);
        for (; mask != 0; mask &= mask - 1) {
            unsigned lane = (unsigned)__builtin_ctz(mask);
            index[found] = (uint32_t)i + lane;
            lower[found] = lows[lane];
            upper[found] = highs[lane];
            found++;
        }
    }
    if (i < count) {
        size_t more = tandem_distance_baseline.select(query, dots + i, scales + i, residuals + i, norms + i, count - i,
                                                      threshold, index + found, lower + found, upper + found);
        for (size_t j = 0; j < more; j++) index[found + j] += (uint32_t)i;
        found += more;
    }
    return found;
}

TARGET_INLINE __m256d product_sum(const float *a, const float *b, __m256d sum) {
    return _mm256_fmadd_pd(_mm256_cvtps_pd(_mm_loadu_ps(a)), _mm256_cvtps_pd(_mm_loadu_ps(b)), sum);
}

TARGET_INLINE double dot_inline(const float *a, const float *b, size_t n) {
    __m256d lanes[8];
    for (int j = 0; j < 8; j++) lanes[j] = _mm256_setzero_pd();
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
        for (int j = 0; j < 8; j++) lanes[j] = product_sum(a + i + 4 * j, b + i + 4 * j, lanes[j]);
    }
    if (i < n) {
        float left[32] = {0}, right[32] = {0};
        memcpy(left, a + i, (n - i) * sizeof(float));
        memcpy(right, b + i, (n - i) * sizeof(float));
        for (int j = 0; j < 8; j++) lanes[j] = product_sum(left + 4 * j, right + 4 * j, lanes[j]);
    }
    for (int j = 0; j < 4; j++) lanes[j] = _mm256_add_pd(lanes[j], lanes[j + 4]);
    for (int j = 0; j < 2; j++) lanes[j] = _mm256_add_pd(lanes[j], lanes[j + 2]);
    __m256d four = _mm256_add_pd(lanes[0], lanes[1]);
    __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
    return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

TARGET static double dot(const float *a, const float *b, size_t n) { return dot_inline(a, b, n); }

TARGET static void dot_each(const float *query, size_t n, const float *const *rows, size_t count, double *scores) {
    if (count > 0) fetch((uintptr_t)rows[0], n * sizeof(float));
    for (size_t r = 0; r < count; r++) {
        if (r + 1 < count) fetch((uintptr_t)rows[r + 1], n * sizeof(float));
        scores[r] = dot_inline(query, rows[r], n);
    }
}

const tandem_distance_table tandem_distance_avx2 = {
    TANDEM_LEVEL_AVX2, scan, scan_at, select_rows, dot, dot_each,
    tandem_neighbour_sums_avx2, tandem_neighbours_above_avx2, tandem_estimate_4bit_at_avx2, tandem_dot_i8_at_avx2,
    tandem_rotate_avx2, tandem_sign_query_fill_avx2,
    tandem_encode_neighbour_avx2,
};
#endif
