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

#define LANES 16

static inline float tree(float *lanes) {
    for (size_t half = LANES / 2; half > 0; half /= 2) {
        for (size_t j = 0; j < half; j++) lanes[j] += lanes[j + half];
    }
    return lanes[0];
}

void tandem_encode_neighbour(const int8_t *node, float node_scale, const int8_t *neighbour, float neighbour_scale, size_t n,
                             size_t slot, uint8_t *codes, float *slope, float *offset) {
    int32_t cross = 0, square = 0;  // at most 4096 * 127 * 127 < 2^31
    for (size_t i = 0; i < n; i++) {
        cross += (int32_t)node[i] * neighbour[i];
        square += (int32_t)node[i] * node[i];
    }
    const float factor = square > 0 ? neighbour_scale * (float)cross / (node_scale * (float)square) : 0;
    float residual[TANDEM_NEIGHBOURS * 128];  // n at most 4096
    float norms[LANES] = {0}, ones[LANES] = {0}, along[LANES] = {0};
    const float node_part = factor * node_scale;
    for (size_t i = 0; i < n; i += LANES) {
        for (size_t j = 0; j < LANES; j++) {
            float v = (float)node[i + j];
            float r = neighbour_scale * (float)neighbour[i + j] - node_part * v;
            residual[i + j] = r;
            norms[j] += r * r;
            ones[j] += r >= 0 ? r : -r;
            along[j] += r >= 0 ? v : -v;
        }
    }
    const float square_norm = tree(norms), one_norm = tree(ones), node_signs = tree(along) * node_scale;
    // <r, signs> = |r|_1, so |r|^2 / |r|_1 is what a dot product with the signs is short of: RaBitQ's unbiased estimator.
    *slope = one_norm > 0 ? square_norm / one_norm : 0;
    // The query's part along the node is known exactly when the node is visited, so only the rest of it is estimated.
    *offset = factor - *slope * node_signs * (square > 0 ? 1 / (node_scale * node_scale * (float)square) : 0);
    for (size_t g = 0; g < n / 4; g++) {
        const float *r = residual + 4 * g;
        unsigned bits = (unsigned)(r[0] >= 0) | (unsigned)(r[1] >= 0) << 1 | (unsigned)(r[2] >= 0) << 2 | (unsigned)(r[3] >= 0) << 3;
        codes[g / 2 * 32 + slot] |= (uint8_t)(bits << (4 * (g & 1)));
    }
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
