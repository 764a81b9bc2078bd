// AVX-512 with VNNI. vpdpbusd multiplies four unsigned by four signed bytes and adds them to an int32, without
// saturation; rows enter as code + 128 (code ^ 0x80) and the query's `offset` takes 128 * sum(query) off again.
#if defined(__x86_64__)
#include <immintrin.h>

#include "distance_table.h"

// Bounds have the same bits at every level, and so has the number of rows refined.
#pragma STDC FP_CONTRACT OFF

#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))
#define TARGET_INLINE static inline __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"), always_inline))

// Four rows share each load of the query; eight independent sums hide vpdpbusd's latency.
TARGET_INLINE __m128i dot4(const tandem_query_i8 *query, const int8_t *r0, const int8_t *r1, const int8_t *r2,
                           const int8_t *r3, size_t stride) {
    const __m512i flip = _mm512_set1_epi8((char)0x80);
    __m512i h0 = _mm512_setzero_si512(), h1 = h0, h2 = h0, h3 = h0, l0 = h0, l1 = h0, l2 = h0, l3 = h0;
    for (size_t i = 0; i < stride; i += 64) {
        __m512i high = _mm512_loadu_si512(query->high + i), low = _mm512_loadu_si512(query->low + i);
        __m512i u0 = _mm512_xor_si512(_mm512_loadu_si512(r0 + i), flip);
        __m512i u1 = _mm512_xor_si512(_mm512_loadu_si512(r1 + i), flip);
        __m512i u2 = _mm512_xor_si512(_mm512_loadu_si512(r2 + i), flip);
        __m512i u3 = _mm512_xor_si512(_mm512_loadu_si512(r3 + i), flip);
        h0 = _mm512_dpbusd_epi32(h0, u0, high), l0 = _mm512_dpbusd_epi32(l0, u0, low);
        h1 = _mm512_dpbusd_epi32(h1, u1, high), l1 = _mm512_dpbusd_epi32(l1, u1, low);
        h2 = _mm512_dpbusd_epi32(h2, u2, high), l2 = _mm512_dpbusd_epi32(l2, u2, low);
        h3 = _mm512_dpbusd_epi32(h3, u3, high), l3 = _mm512_dpbusd_epi32(l3, u3, low);
    }
    __m512i t0 = _mm512_add_epi32(_mm512_slli_epi32(h0, 6), l0), t1 = _mm512_add_epi32(_mm512_slli_epi32(h1, 6), l1);
    __m512i t2 = _mm512_add_epi32(_mm512_slli_epi32(h2, 6), l2), t3 = _mm512_add_epi32(_mm512_slli_epi32(h3, 6), l3);
    // 1. Pairs of lanes of rows (0, 1) and (2, 3); 2. pairs of pairs, after which each 128 bits hold one partial sum
    // of every row; 3. the four quarters. Wrapping sums: the total fits.
    __m512i s01 = _mm512_add_epi32(_mm512_unpacklo_epi32(t0, t1), _mm512_unpackhi_epi32(t0, t1));
    __m512i s23 = _mm512_add_epi32(_mm512_unpacklo_epi32(t2, t3), _mm512_unpackhi_epi32(t2, t3));
    __m512i s = _mm512_add_epi32(_mm512_unpacklo_epi64(s01, s23), _mm512_unpackhi_epi64(s01, s23));
    __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(s), _mm512_extracti64x4_epi64(s, 1));
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
    return _mm_sub_epi32(sum, _mm_set1_epi32(query->offset));
}

// Addresses are numbers here: asking for memory past the end of an array is no access to it.
TARGET_INLINE void fetch(uintptr_t from, size_t bytes) {
    for (size_t i = 0; i < bytes; i += 64) _mm_prefetch((const char *)(from + i), _MM_HINT_T0);
}

TARGET static void scan(const tandem_query_i8 *query, const int8_t *rows, size_t stride, size_t count, int32_t *dots) {
    size_t r = 0;
    for (; r + 4 <= count; r += 4) {
        const int8_t *row = rows + r * stride;
        fetch((uintptr_t)row + TANDEM_SCAN_AHEAD_BYTES, 4 * stride);
        __m128i sums = dot4(query, row, row + stride, row + 2 * stride, row + 3 * stride, stride);
        _mm_storeu_si128((__m128i *)(dots + r), sums);
    }
    if (r < count) {
        // The missing ones of the last four repeat the last row.
        const int8_t *row = rows + r * stride;
        size_t left = count - r;
        __m128i sums = dot4(query, row, row + (left > 1 ? stride : 0), row + (left > 2 ? 2 * stride : 0), row, stride);
        _mm_mask_storeu_epi32(dots + r, (__mmask8)((1u << left) - 1), sums);
    }
}

TARGET static void scan_at(const tandem_query_i8 *query, const int8_t *rows, size_t stride, const uint32_t *ordinals,
                           size_t count, int32_t *dots) {
    size_t r = 0;
    for (; r + 4 <= count; r += 4) {
        for (size_t next = r + 8; next < r + 12 && next < count; next++) fetch((uintptr_t)(rows + ordinals[next] * stride), stride);
        __m128i sums = dot4(query, rows + ordinals[r] * stride, rows + ordinals[r + 1] * stride,
                            rows + ordinals[r + 2] * stride, rows + ordinals[r + 3] * stride, stride);
        _mm_storeu_si128((__m128i *)(dots + r), sums);
    }
    if (r < count) {
        size_t left = count - r;
        const int8_t *row = rows + ordinals[r] * stride;
        __m128i sums = dot4(query, row, left > 1 ? rows + ordinals[r + 1] * stride : row,
                            left > 2 ? rows + ordinals[r + 2] * stride : row, row, stride);
        _mm_mask_storeu_epi32(dots + r, (__mmask8)((1u << left) - 1), sums);
    }
}

TARGET static size_t select_rows(const tandem_query_i8 *query, const int32_t *dots, const float *scales,
                                 const float *residuals, const float *norms, size_t count, double threshold,
                                 uint32_t *index, double *lower, double *upper) {
    size_t found = 0;
    const __m512d query_scale = _mm512_set1_pd(query->scale), query_norm = _mm512_set1_pd(query->norm),
                  slack = _mm512_set1_pd(query->slack), least = _mm512_set1_pd(threshold);
    const __m256i iota = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    for (size_t i = 0; i < count; i += 8) {
        __mmask8 valid = count - i >= 8 ? 0xFF : (__mmask8)((1u << (count - i)) - 1);
        __m512d dot = _mm512_cvtepi32_pd(_mm256_maskz_loadu_epi32(valid, dots + i));
        __m512d scale = _mm512_cvtps_pd(_mm256_maskz_loadu_ps(valid, scales + i));
        __m512d residual = _mm512_cvtps_pd(_mm256_maskz_loadu_ps(valid, residuals + i));
        __m512d norm = _mm512_cvtps_pd(_mm256_maskz_loadu_ps(valid, norms + i));
        __m512d estimate = _mm512_mul_pd(_mm512_mul_pd(dot, query_scale), scale);
        __m512d error = _mm512_add_pd(_mm512_mul_pd(residual, query_norm), _mm512_mul_pd(norm, slack));
        __m512d high = _mm512_add_pd(estimate, error);
        __mmask8 mask = _mm512_mask_cmp_pd_mask(valid, high, least, _CMP_NLT_UQ);
        if (mask == 0) continue;
        __m256i at = _mm256_add_epi32(iota, _mm256_set1_epi32((int)i));
        // Compressed in a register and stored whole (the buffers have room): a compressing store is slow on some.
        _mm256_storeu_si256((__m256i *)(index + found), _mm256_maskz_compress_epi32(mask, at));
        _mm512_storeu_pd(lower + found, _mm512_maskz_compress_pd(mask, _mm512_sub_pd(estimate, error)));
        _mm512_storeu_pd(upper + found, _mm512_maskz_compress_pd(mask, high));
        found += (size_t)__builtin_popcount(mask);
    }
    return found;
}

TARGET_INLINE __m512d product_sum(const float *a, const float *b, __m512d sum) {
    return _mm512_fmadd_pd(_mm512_cvtps_pd(_mm256_loadu_ps(a)), _mm512_cvtps_pd(_mm256_loadu_ps(b)), sum);
}

TARGET_INLINE __m512d product_sum_tail(const float *a, const float *b, size_t from, size_t n, __m512d sum) {
    if (from >= n) return sum;
    __mmask8 valid = n - from >= 8 ? 0xFF : (__mmask8)((1u << (n - from)) - 1);
    return _mm512_fmadd_pd(_mm512_cvtps_pd(_mm256_maskz_loadu_ps(valid, a + from)),
                           _mm512_cvtps_pd(_mm256_maskz_loadu_ps(valid, b + from)), sum);
}

TARGET_INLINE double dot_inline(const float *a, const float *b, size_t n) {
    __m512d s0 = _mm512_setzero_pd(), s1 = s0, s2 = s0, s3 = s0;
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
        s0 = product_sum(a + i, b + i, s0);
        s1 = product_sum(a + i + 8, b + i + 8, s1);
        s2 = product_sum(a + i + 16, b + i + 16, s2);
        s3 = product_sum(a + i + 24, b + i + 24, s3);
    }
    if (i < n) {
        s0 = product_sum_tail(a, b, i, n, s0);
        s1 = product_sum_tail(a, b, i + 8, n, s1);
        s2 = product_sum_tail(a, b, i + 16, n, s2);
        s3 = product_sum_tail(a, b, i + 24, n, s3);
    }
    __m512d eight = _mm512_add_pd(_mm512_add_pd(s0, s2), _mm512_add_pd(s1, s3));
    __m256d four = _mm256_add_pd(_mm512_castpd512_pd256(eight), _mm512_extractf64x4_pd(eight, 1));
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

const tandem_distance_table tandem_distance_avx512 = {
    TANDEM_LEVEL_AVX512, scan, scan_at, select_rows, dot, dot_each,
    tandem_neighbour_sums_avx512, tandem_neighbours_above_avx512, tandem_estimate_4bit_at_avx512, tandem_dot_i8_at_avx512,
    tandem_rotate_avx512, tandem_sign_query_fill_avx512,
    tandem_encode_neighbour_avx512,
};
#endif
