// Chooses the kernels once, by what the processor and the system support.
#include <stdatomic.h>

#include "distance_table.h"

static const tandem_distance_table *table_of(int level) {
#if defined(__x86_64__)
    if (level >= TANDEM_LEVEL_AVX512) return &tandem_distance_avx512;
    if (level == TANDEM_LEVEL_AVX2) return &tandem_distance_avx2;
#endif
    (void)level;
    return &tandem_distance_baseline;
}

int tandem_kernels_supported_level(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return TANDEM_LEVEL_BASELINE;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni")) {
        return TANDEM_LEVEL_AVX512;
    }
    return TANDEM_LEVEL_AVX2;
#else
    return TANDEM_LEVEL_BASELINE;
#endif
}

// Null until first used. Relaxed order is enough: the tables are constants, and two threads that both fill it in write
// the same value.
static _Atomic(const tandem_distance_table *) current;

static inline const tandem_distance_table *table(void) {
    const tandem_distance_table *now = atomic_load_explicit(&current, memory_order_relaxed);
    if (__builtin_expect(now == NULL, 0)) {
        now = table_of(tandem_kernels_supported_level());
        const tandem_distance_table *none = NULL;
        // A level that a test has set meanwhile stays.
        if (!atomic_compare_exchange_strong_explicit(&current, &none, now, memory_order_relaxed, memory_order_relaxed)) {
            now = none;
        }
    }
    return now;
}

int tandem_kernels_level(void) { return table()->level; }

int tandem_kernels_set_level(int level) {
    int supported = tandem_kernels_supported_level();
    const tandem_distance_table *chosen = table_of(level < supported ? level : supported);
    atomic_store_explicit(&current, chosen, memory_order_relaxed);
    return chosen->level;
}

void tandem_scan_i8(const tandem_query_i8 *query, const int8_t *rows, size_t stride, size_t count, int32_t *dots) {
    table()->scan(query, rows, stride, count, dots);
}

void tandem_scan_i8_at(const tandem_query_i8 *query, const int8_t *rows, size_t stride, const uint32_t *ordinals,
                       size_t count, int32_t *dots) {
    table()->scan_at(query, rows, stride, ordinals, count, dots);
}

size_t tandem_select_i8(const tandem_query_i8 *query, const int32_t *dots, const float *scales, const float *residuals,
                        const float *norms, size_t count, double threshold, uint32_t *index, double *lower, double *upper) {
    return table()->select(query, dots, scales, residuals, norms, count, threshold, index, lower, upper);
}

double tandem_dot_f32(const float *a, const float *b, size_t n) { return table()->dot(a, b, n); }

void tandem_dot_f32_each(const float *query, size_t n, const float *const *rows, size_t count, double *scores) {
    table()->dot_each(query, n, rows, count, scores);
}

void tandem_neighbour_sums(const tandem_sign_query *query, const uint8_t *codes, uint32_t *sums) {
    table()->neighbour_sums(query, codes, sums);
}

uint32_t tandem_neighbours_above(const tandem_sign_query *query, const uint8_t *codes, const int16_t *slopes,
                                 const int16_t *offsets, float slope_unit, float offset_unit, float bar, float *estimates) {
    return table()->neighbours_above(query, codes, slopes, offsets, slope_unit, offset_unit, bar, estimates);
}

void tandem_estimate_4bit_at(const tandem_query_4bit *query, const uint8_t *codes, size_t stride, const uint32_t *ordinals,
                             const float *slopes, size_t count, float *estimates) {
    table()->estimate_4bit_at(query, codes, stride, ordinals, slopes, count, estimates);
}

void tandem_dot_i8_at(const int8_t *row, const int8_t *rows, size_t stride, const uint32_t *ordinals, size_t count,
                      int32_t *dots) {
    table()->dot_i8_at(row, rows, stride, ordinals, count, dots);
}

void tandem_rotate(const uint16_t *order, const float *signs, size_t n, const float *x, float *out) {
    table()->rotate(order, signs, n, x, out);
}

void tandem_sign_query_fill(const float *query, size_t n, uint8_t *tables, float *base, float *step) {
    table()->sign_query_fill(query, n, tables, base, step);
    tandem_sign_query_pack(tables, n);
}

void tandem_encode_neighbour(const int8_t *node, float node_scale, const int8_t *neighbour, float neighbour_scale, size_t n,
                             size_t slot, uint8_t *codes, float *slope, float *offset) {
    table()->encode_neighbour(node, node_scale, neighbour, neighbour_scale, n, slot, codes, slope, offset);
}
