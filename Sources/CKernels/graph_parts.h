// Parts of the graph's kernels that every level compiles for itself. Private to the target.
#ifndef TANDEM_GRAPH_PARTS_H
#define TANDEM_GRAPH_PARTS_H

#include "tandem_graph.h"

#pragma STDC FP_CONTRACT OFF

#define PART static inline __attribute__((always_inline))

// Lanes of a block of the rotation.
#define BLOCK 16

PART void hadamard(float *x, size_t blocks, float scale) {
    for (size_t half = 1; half < blocks; half *= 2) {
        for (size_t i = 0; i < blocks; i += 2 * half) {
            for (size_t j = i; j < i + half; j++) {
                float *low = x + BLOCK * j, *high = x + BLOCK * (j + half);
                for (size_t lane = 0; lane < BLOCK; lane++) {
                    float a = low[lane], b = high[lane];
                    low[lane] = a + b;
                    high[lane] = a - b;
                }
            }
        }
    }
    for (size_t i = 0; i < BLOCK * blocks; i++) x[i] *= scale;
}

PART void rotate_inline(const uint16_t *order, const float *signs, size_t n, const float *x, float *out) {
    float other[4096];
    size_t blocks = TANDEM_ROTATION_ALIGNMENT / BLOCK;
    while (2 * blocks * BLOCK <= n) blocks *= 2;
    const float scale = 1.0f / __builtin_sqrtf((float)blocks);
    const float *from = x;
    for (size_t round = 0; round < TANDEM_ROTATION_ROUNDS; round++) {
        // The last round writes to out.
        float *to = (TANDEM_ROTATION_ROUNDS - round) % 2 == 1 ? out : other;
        for (size_t i = 0; i < n; i++) to[i] = signs[round * n + i] * from[order[round * n + i]];
        hadamard(round % 2 == 0 ? to : to + n - BLOCK * blocks, blocks, scale);
        from = to;
    }
}

// A table entry stands for the sum of four components with the signs of its index, less the least such sum, which is twice
// (this, and those components whose bit is set).
PART float start_of_group(const float *q) {
    float sum = 0;
    for (size_t j = 0; j < 4; j++) sum += q[j] < 0 ? -q[j] : 0;
    return sum;
}

// base and step of a query's tables; returns what half an entry's sum is multiplied by.
PART float sign_query_range(const float *query, size_t n, float *base, float *step) {
    float total = 0, widest = 0;
    for (size_t g = 0; g < n; g += 4) {
        float sum = 0;
        for (size_t j = 0; j < 4; j++) sum += __builtin_fabsf(query[g + j]);
        total += sum;
        widest = sum > widest ? sum : widest;
    }
    *base = -total;
    *step = widest > 0 ? 2 * widest / TANDEM_SIGN_ENTRY_MAX : 1;
    return widest > 0 ? TANDEM_SIGN_ENTRY_MAX / widest : 0;
}

// Where the entries of a group go, twice.
PART uint8_t *table_of_group(uint8_t *tables, size_t g) { return tables + g / 4 * 128 + (g & 1) * 64 + (g >> 1 & 1) * 32; }

#define LANES 16

PART float lane_sum(float *lanes) {
    for (size_t half = LANES / 2; half > 0; half /= 2) {
        for (size_t j = 0; j < half; j++) lanes[j] += lanes[j + half];
    }
    return lanes[0];
}

PART void encode_inline(const int8_t *node, float node_scale, const int8_t *neighbour, float neighbour_scale, size_t n,
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
    const float square_norm = lane_sum(norms), one_norm = lane_sum(ones), node_signs = lane_sum(along) * node_scale;
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

#endif
