// One function per kernel and level; dispatch.c fills the tables. Private to the target.
#ifndef TANDEM_DISTANCE_TABLE_H
#define TANDEM_DISTANCE_TABLE_H

#include "tandem_distance.h"
#include "tandem_graph.h"

typedef struct {
    int level;
    void (*scan)(const tandem_query_i8 *, const int8_t *, size_t, size_t, int32_t *);
    void (*scan_at)(const tandem_query_i8 *, const int8_t *, size_t, const uint32_t *, size_t, int32_t *);
    size_t (*select)(const tandem_query_i8 *, const int32_t *, const float *, const float *, const float *, size_t,
                     double, uint32_t *, double *, double *);
    double (*dot)(const float *, const float *, size_t);
    void (*dot_each)(const float *, size_t, const float *const *, size_t, double *);
    void (*neighbour_sums)(const tandem_sign_query *, const uint8_t *, uint32_t *);
    uint32_t (*neighbours_above)(const tandem_sign_query *, const uint8_t *, const int16_t *, const int16_t *, float, float,
                                 float, float *);
    void (*estimate_4bit_at)(const tandem_query_4bit *, const uint8_t *, size_t, const uint32_t *, const float *, size_t, float *);
    void (*dot_i8_at)(const int8_t *, const int8_t *, size_t, const uint32_t *, size_t, int32_t *);
    void (*rotate)(const uint16_t *, const float *, size_t, const float *, float *);
    void (*sign_query_fill)(const float *, size_t, uint8_t *, float *, float *);
    void (*encode_neighbour)(const int8_t *, float, const int8_t *, float, size_t, size_t, uint8_t *, float *, float *);
} tandem_distance_table;

// Of the graph's kernels, in graph_<level>.c.
#define TANDEM_DECLARE_GRAPH_KERNELS(level)                                                                              \
    void tandem_neighbour_sums_##level(const tandem_sign_query *, const uint8_t *, uint32_t *);                          \
    uint32_t tandem_neighbours_above_##level(const tandem_sign_query *, const uint8_t *, const int16_t *,                \
                                             const int16_t *, float, float, float, float *);                             \
    void tandem_estimate_4bit_at_##level(const tandem_query_4bit *, const uint8_t *, size_t, const uint32_t *,           \
                                         const float *, size_t, float *);                                                \
    void tandem_dot_i8_at_##level(const int8_t *, const int8_t *, size_t, const uint32_t *, size_t, int32_t *);          \
    void tandem_rotate_##level(const uint16_t *, const float *, size_t, const float *, float *);                         \
    void tandem_sign_query_fill_##level(const float *, size_t, uint8_t *, float *, float *);                              \
    void tandem_encode_neighbour_##level(const int8_t *, float, const int8_t *, float, size_t, size_t, uint8_t *, float *, float *)
TANDEM_DECLARE_GRAPH_KERNELS(baseline);
#if defined(__x86_64__)
TANDEM_DECLARE_GRAPH_KERNELS(avx2);
TANDEM_DECLARE_GRAPH_KERNELS(avx512);
#endif

// In signs.c: the tables that codes by rows look up, behind the others and from them.
void tandem_sign_query_pack(uint8_t *tables, size_t n);

extern const tandem_distance_table tandem_distance_baseline;
#if defined(__x86_64__)
extern const tandem_distance_table tandem_distance_avx2;
extern const tandem_distance_table tandem_distance_avx512;
#endif

// How far ahead of its reads a scan in sequence asks for memory. Measured over 38 MB of codes, one core, strides 64 to
// 1024 (EPYC, Zen 5): 1170 us without, 900 at 4 KiB, 750 at 8, 690 at 12, 710 at 16. Asking past the end is harmless.
#define TANDEM_SCAN_AHEAD_BYTES 12288

#endif
