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

#endif
