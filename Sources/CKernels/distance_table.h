// One function per kernel and level; dispatch.c fills the tables. Private to the target.
#ifndef TANDEM_DISTANCE_TABLE_H
#define TANDEM_DISTANCE_TABLE_H

#include "tandem_distance.h"

typedef struct {
    int level;
    void (*scan)(const tandem_query_i8 *, const int8_t *, size_t, size_t, int32_t *);
    void (*scan_at)(const tandem_query_i8 *, const int8_t *, size_t, const uint32_t *, size_t, int32_t *);
    size_t (*select)(const tandem_query_i8 *, const int32_t *, const float *, const float *, const float *, size_t,
                     double, uint32_t *, double *, double *);
    double (*dot)(const float *, const float *, size_t);
    void (*dot_each)(const float *, size_t, const float *const *, size_t, double *);
} tandem_distance_table;

extern const tandem_distance_table tandem_distance_baseline;
#if defined(__x86_64__)
extern const tandem_distance_table tandem_distance_avx2;
extern const tandem_distance_table tandem_distance_avx512;
#endif

// How far ahead of its reads a scan in sequence asks for memory. Measured over 38 MB of codes, one core, strides 64 to
// 1024 (EPYC, Zen 5): 1170 us without, 900 at 4 KiB, 750 at 8, 690 at 12, 710 at 16. Asking past the end is harmless.
#define TANDEM_SCAN_AHEAD_BYTES 12288

#endif
