// What the compiler's default target has: the reference for the other levels, and what runs where nothing better is there. Also the kernels that are
// used only when a vector is written, which have one version for all levels.
#include <string.h>

#include "distance_table.h"

// Bounds have the same bits at every level, and so has the number of rows refined.
#pragma STDC FP_CONTRACT OFF

#if defined(__SSE2__)
#include <emmintrin.h>

// What every x86-64 has. Codes are widened to words by doubling each byte and shifting the sign down.
static inline int32_t dot_i8(const int16_t *query, const int8_t *row, size_t stride) {
    __m128i even = _mm_setzero_si128(), odd = even;
    for (size_t i = 0; i < stride; i += 16) {
        __m128i codes = _mm_loadu_si128((const __m128i *)(row + i));
        __m128i low = _mm_srai_epi16(_mm_unpacklo_epi8(codes, codes), 8);
        __m128i high = _mm_srai_epi16(_mm_unpackhi_epi8(codes, codes), 8);
        even = _mm_add_epi32(even, _mm_madd_epi16(low, _mm_loadu_si128((const __m128i *)(query + i))));
        odd = _mm_add_epi32(odd, _mm_madd_epi16(high, _mm_loadu_si128((const __m128i *)(query + i + 8))));
    }
    __m128i sum = _mm_add_epi32(even, odd);
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4E));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xB1));
    return _mm_cvtsi128_si32(sum);
}
#else
static inline int32_t dot_i8(const int16_t *query, const int8_t *row, size_t stride) {
    int32_t sum = 0;  // partial sums fit as well as the total: each is at most stride * 128 * 4095 < 2^31
    for (size_t i = 0; i < stride; i++) sum += (int32_t)query[i] * row[i];
    return sum;
}
#endif

static void scan(const tandem_query_i8 *query, const int8_t *rows, size_t stride, size_t count, int32_t *dots) {
    for (size_t r = 0; r < count; r++) dots[r] = dot_i8(query->wide, rows + r * stride, stride);
}

static void scan_at(const tandem_query_i8 *query, const int8_t *rows, size_t stride, const uint32_t *ordinals, size_t count,
                    int32_t *dots) {
    for (size_t r = 0; r < count; r++) dots[r] = dot_i8(query->wide, rows + ordinals[r] * stride, stride);
}

static size_t select_rows(const tandem_query_i8 *query, const int32_t *dots, const float *scales, const float *residuals,
                          const float *norms, size_t count, double threshold, uint32_t *index, double *lower, double *upper) {
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        double estimate = (double)dots[i] * query->scale * (double)scales[i];
        double error = (double)residuals[i] * query->norm + (double)norms[i] * query->slack;
        // Written at once, kept if it counts: no branch to mispredict.
        index[found] = (uint32_t)i;
        lower[found] = estimate - error;
        upper[found] = estimate + error;
        found += !(upper[found] < threshold);
    }
    return found;
}

#define LANES 32

static inline double tree(double *lanes) {
    for (size_t half = LANES / 2; half > 0; half /= 2) {
        for (size_t j = 0; j < half; j++) lanes[j] += lanes[j + half];
    }
    return lanes[0];
}

static double dot(const float *a, const float *b, size_t n) {
    double lanes[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        for (size_t j = 0; j < LANES; j++) lanes[j] += (double)a[i + j] * (double)b[i + j];
    }
    // A lane that starts at +0 never becomes -0, so leaving out the tail's absent elements equals adding their zeros.
    for (size_t j = 0; i + j < n; j++) lanes[j] += (double)a[i + j] * (double)b[i + j];
    return tree(lanes);
}

static void dot_each(const float *query, size_t n, const float *const *rows, size_t count, double *scores) {
    for (size_t r = 0; r < count; r++) scores[r] = dot(query, rows[r], n);
}

const tandem_distance_table tandem_distance_baseline = {
    TANDEM_LEVEL_BASELINE, scan, scan_at, select_rows, dot, dot_each,
    tandem_neighbour_sums_baseline, tandem_neighbours_above_baseline, tandem_estimate_4bit_at_baseline, tandem_dot_i8_at_baseline,
    tandem_rotate_baseline, tandem_sign_query_fill_baseline,
    tandem_encode_neighbour_baseline,
};

// MARK: For writing vectors

void tandem_query_quantize(const float *values, size_t n, double scale, int16_t *codes, double sums[3]) {
    double squares[LANES] = {0}, code_squares[LANES] = {0}, errors[LANES] = {0};
    // Adding 1.5 * 2^52 leaves no room for a fraction: the addition itself rounds to nearest even.
    const double magic = 6755399441055744.0, inverse = scale > 0 ? 1 / scale : 0, most = TANDEM_QUERY_CODE_MAX;
    for (size_t i = 0; i < n; i += LANES) {
        for (size_t j = 0; j < LANES && i + j < n; j++) {
            double x = (double)values[i + j];
            double code = x * inverse;
            code = code > most ? most : code < -most ? -most : code;
            code = (code + magic) - magic;
            double rounded = scale * code;
            codes[i + j] = (int16_t)code;
            squares[j] += x * x;
            code_squares[j] += rounded * rounded;
            errors[j] += (x - rounded) * (x - rounded);
        }
    }
    sums[0] = tree(squares), sums[1] = tree(code_squares), sums[2] = tree(errors);
}

int32_t tandem_query_split(const int16_t *codes, size_t count, int8_t *high, int8_t *low) {
    int32_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        // Floor of (code + 32) / 64: the remainder lies in -32 ... 31. An arithmetic shift, as in every compiler we use.
        int32_t h = (codes[i] + 32) >> 6;
        high[i] = (int8_t)h;
        low[i] = (int8_t)(codes[i] - h * 64);
        sum += codes[i];
    }
    return sum * 128;  // at most 4096 * 4095 * 128 < 2^31
}

void tandem_quantize_i8(const float *values, size_t n, float inverse_scale, int8_t *codes) {
    // Adding 1.5 * 2^23 leaves no room for a fraction, so the addition itself rounds to nearest even, and the low bits
    // of the sum are the integer: true for magnitudes below 2^22, which the clamp before it guarantees.
    const float magic = 12582912.0f;
    for (size_t i = 0; i < n; i++) {
        float x = values[i] * inverse_scale;
        x = x > 127.0f ? 127.0f : x;
        x = x < -127.0f ? -127.0f : x;
        float shifted = x + magic;
        int32_t bits;
        memcpy(&bits, &shifted, sizeof bits);
        codes[i] = (int8_t)(bits - 0x4B400000);
    }
}

double tandem_residual_i8(const float *values, const int8_t *codes, float scale, size_t n) {
    double lanes[LANES] = {0};
    for (size_t i = 0; i < n; i++) {
        double difference = (double)values[i] - (double)scale * (double)codes[i];
        lanes[i % LANES] += difference * difference;
    }
    return tree(lanes);
}

float tandem_magnitude_f32(const float *values, size_t n) {
    float lanes[LANES] = {0};
    for (size_t i = 0; i < n; i++) {
        float magnitude = __builtin_fabsf(values[i]);
        lanes[i % LANES] = magnitude > lanes[i % LANES] ? magnitude : lanes[i % LANES];
    }
    float most = 0;
    for (size_t j = 0; j < LANES; j++) most = lanes[j] > most ? lanes[j] : most;
    return most;
}
