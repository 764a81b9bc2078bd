// The graph's kernels in plain C: the reference for the other levels, and what runs where nothing better is there. Also the
// parts that run once per query or per built node, which have one version for all levels.
#include <string.h>

#include "distance_table.h"
#include "graph_parts.h"

#pragma STDC FP_CONTRACT OFF

void tandem_rotate_baseline(const uint16_t *order, const float *signs, size_t n, const float *x, float *out) {
    rotate_inline(order, signs, n, x, out);
}

void tandem_sign_query_fill_baseline(const float *query, size_t n, uint8_t *tables, float *base, float *step) {
    const float inverse = sign_query_range(query, n, base, step);
    for (size_t g = 0; g < n / 4; g++) {
        const float *q = query + 4 * g;
        float sums[16];
        sums[0] = start_of_group(q);
        for (size_t bit = 0; bit < 4; bit++) {
            for (size_t b = 0; b < (size_t)1 << bit; b++) sums[((size_t)1 << bit) + b] = sums[b] + q[bit];
        }
        uint8_t entries[16];
        for (size_t b = 0; b < 16; b++) {
            int32_t entry = (int32_t)(sums[b] * inverse + 0.5f);
            entries[b] = (uint8_t)(entry < 255 ? (entry > 0 ? entry : 0) : 255);
        }
        uint8_t *place = table_of_group(tables, g);
        memcpy(place, entries, 16);
        memcpy(place + 16, entries, 16);
    }
}

void tandem_neighbour_sums_baseline(const tandem_sign_query *query, const uint8_t *codes, uint32_t *sums) {
    uint32_t total[TANDEM_NEIGHBOURS] = {0};
    for (size_t g = 0; g < query->n / 4; g += 2) {
        const uint8_t *low = query->tables + g / 4 * 128 + (g >> 1 & 1) * 32, *high = low + 64, *bytes = codes + 16 * g;
        for (size_t i = 0; i < TANDEM_NEIGHBOURS; i++) total[i] += (uint32_t)low[bytes[i] & 15] + high[bytes[i] >> 4];
    }
    memcpy(sums, total, sizeof total);
}

uint32_t tandem_neighbours_above_baseline(const tandem_sign_query *query, const uint8_t *codes, const int16_t *slopes,
                                          const int16_t *offsets, float slope_unit, float offset_unit, float bar,
                                          float *estimates) {
    uint32_t sums[TANDEM_NEIGHBOURS];
    tandem_neighbour_sums_baseline(query, codes, sums);
    const float base = query->base * slope_unit, step = query->step * slope_unit;
    uint32_t above = 0;
    for (size_t i = 0; i < TANDEM_NEIGHBOURS; i++) {
        float sum = base + step * (float)(int32_t)sums[i];
        estimates[i] = (float)offsets[i] * offset_unit + (float)slopes[i] * sum;
        above |= (uint32_t)(estimates[i] > bar) << i;
    }
    return above;
}

// MARK: Building

void tandem_encode_neighbour_baseline(const int8_t *node, float node_scale, const int8_t *neighbour, float neighbour_scale,
                                      size_t n, size_t slot, uint8_t *codes, float *slope, float *offset) {
    encode_inline(node, node_scale, neighbour, neighbour_scale, n, slot, codes, slope, offset);
}

void tandem_dot_i8_at_baseline(const int8_t *row, const int8_t *rows, size_t stride, const uint32_t *ordinals, size_t count,
                               int32_t *dots) {
    for (size_t r = 0; r < count; r++) {
        const int8_t *other = rows + ordinals[r] * stride;
        int32_t sum = 0;
        for (size_t i = 0; i < stride; i++) sum += (int32_t)row[i] * other[i];
        dots[r] = sum;
    }
}
