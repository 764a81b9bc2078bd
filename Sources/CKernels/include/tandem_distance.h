// Distances: the int8 scan with its error bounds, and the final score in double.
//
// Every function gives the same bits at every level of instruction set:
//   - integer sums are exact (see the overflow bounds below);
//   - the product of two floats is exact in double (24 + 24 bits of significand fit in 53), so a fused multiply-add
//     rounds like a multiplication and an addition, and the sums go over 32 fixed lanes (element i to lane i mod 32)
//     and one fixed tree (lane j += lane j + 16, then + 8, + 4, + 2, + 1).
#ifndef TANDEM_DISTANCE_H
#define TANDEM_DISTANCE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Levels of instruction set. A level is used only where the processor and the system support all of it.
enum {
    TANDEM_LEVEL_BASELINE = 0,  // what the compiler's default target has (x86-64: SSE2)
    TANDEM_LEVEL_AVX2 = 1,      // AVX2, FMA
    TANDEM_LEVEL_AVX512 = 2,    // AVX-512 F, BW, DQ, VL and VNNI
};

// Level in use: the best supported one unless a test set another.
int tandem_kernels_level(void);
// Best level that this machine supports.
int tandem_kernels_supported_level(void);
// Uses `level`, or the best supported one below it; returns the level now in use. For tests and measurements: results
// do not depend on it. Safe to call at any time from any thread.
int tandem_kernels_set_level(int level);

// Codes of a row are padded with zeros to a multiple of this, so that kernels need no tail.
#define TANDEM_CODE_ALIGNMENT 64
// Largest magnitude of a row's code. -128 never is written; were it there, every sum would still be exact.
#define TANDEM_ROW_CODE_MAX 127
// Largest magnitude of a query's code. 128 * 4095 * 4096 < 2^31: a dot product over 4,096 dimensions fits in int32.
#define TANDEM_QUERY_CODE_MAX 4095
#define TANDEM_DIMENSIONS_MAX 4096

// A query with 13-bit codes, once as int16 and once split as 64 * high + low, |high| <= 64, |low| <= 32, so that
// instructions that multiply bytes (VNNI) need two passes over a row that is already in a register.
// All three arrays have the row's stride and zeros after the dimensions.
typedef struct {
    const int16_t *wide;
    const int8_t *high;
    const int8_t *low;
    int32_t offset;   // 128 * sum of codes: VNNI multiplies unsigned by signed, so rows enter as code + 128
    double scale;     // query = scale * code + error
    double norm;      // upper bound of ||scale * code||, times which a row's residual norm counts
    double slack;     // upper bound of ||error|| plus rounding, times which a row's norm counts
} tandem_query_i8;

// codes[i] = values[i] / scale, rounded to the nearest, within -4095 ... 4095. sums: of values^2, of (scale * code)^2 and of
// (values - scale * code)^2, in double over fixed lanes.
void tandem_query_quantize(const float *values, size_t n, double scale, int16_t *codes, double sums[3]);

// Splits `count` codes into the two planes; returns `offset`.
int32_t tandem_query_split(const int16_t *codes, size_t count, int8_t *high, int8_t *low);

// dots[i] = code dot product of query and row i, for `count` rows `stride` bytes apart (a multiple of
// TANDEM_CODE_ALIGNMENT, at most TANDEM_DIMENSIONS_MAX). Exact.
void tandem_scan_i8(const tandem_query_i8 *query, const int8_t *rows, size_t stride, size_t count, int32_t *dots);
// The same for the rows numbered `ordinals[0 ..< count]`.
void tandem_scan_i8_at(const tandem_query_i8 *query, const int8_t *rows, size_t stride, const uint32_t *ordinals,
                       size_t count, int32_t *dots);

// Bounds of the final score per row, and the rows whose upper bound is not below `threshold` (nor comparable, as in a
// damaged file). For each of those, in order: its index in 0 ..< count, lower and upper bound. Returns their number.
//   estimate = dot * query.scale * scales[i];  error = residuals[i] * query.norm + norms[i] * query.slack
// index, lower and upper have room for count + 8 elements.
size_t tandem_select_i8(const tandem_query_i8 *query, const int32_t *dots, const float *scales, const float *residuals,
                        const float *norms, size_t count, double threshold, uint32_t *index, double *lower, double *upper);

// Dot product in double, over fixed lanes and a fixed tree: the final score. n = 0 gives 0.
double tandem_dot_f32(const float *a, const float *b, size_t n);
// scores[i] = tandem_dot_f32(query, rows[i], n); fetches the next rows while it computes one.
void tandem_dot_f32_each(const float *query, size_t n, const float *const *rows, size_t count, double *scores);

// codes[i] = round to nearest even of values[i] * inverse_scale, within -127 ... 127. Values are finite.
void tandem_quantize_i8(const float *values, size_t n, float inverse_scale, int8_t *codes);
// Sum of (values[i] - scale * codes[i])^2 in double.
double tandem_residual_i8(const float *values, const int8_t *codes, float scale, size_t n);
// Largest magnitude of n finite values; 0 for n = 0.
float tandem_magnitude_f32(const float *values, size_t n);

#ifdef __cplusplus
}
#endif
#endif
