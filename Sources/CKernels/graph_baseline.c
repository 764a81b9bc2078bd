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
            entries[b] = (uint8_t)(entry < TANDEM_SIGN_ENTRY_MAX ? (entry > 0 ? entry : 0) : TANDEM_SIGN_ENTRY_MAX);
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

// MARK: 4-bit codes

void tandem_query_4bit_fill(const float *query, size_t n, int8_t *codes, int32_t *offset, float *scale) {
    float largest = 0;
    for (size_t i = 0; i < n; i++) {
        float magnitude = __builtin_fabsf(query[i]);
        largest = magnitude > largest ? magnitude : largest;
    }
    const float inverse = largest > 0 ? 127 / largest : 0;
    memset(codes, 0, 2 * TANDEM_CODE4_BYTES(n));
    int32_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        // Half a step is added to a positive number, so that no rounding mode matters.
        int32_t code = (int32_t)(query[i] * inverse + 128.5f) - 128;
        // Group of 64, half of it, byte: where the row's nibble is.
        codes[i / 128 * 128 + (i >> 5 & 1) * 64 + (i >> 6 & 1) * 32 + (i & 31)] = (int8_t)code;
        sum += code;
    }
    *offset = 15 * sum;
    *scale = largest / 127;
}

void tandem_encode_4bit(const int8_t *row, float row_scale, size_t n, uint8_t *code, float *slope) {
    int32_t square = 0;  // at most 4096 * 127 * 127 < 2^31
    for (size_t i = 0; i < n; i++) square += (int32_t)row[i] * row[i];
    const float deviation = __builtin_sqrtf((float)square / (float)n);
    const float inverse = deviation > 0 ? 1 / (0.335f * deviation) : 0;
    int32_t cross = 0;
    for (size_t group = 0; group < n; group += 64) {
        for (size_t j = 0; j < 32; j++) {
            int32_t nibbles[2];
            for (size_t half = 0; half < 2; half++) {
                int32_t x = row[group + 32 * half + j];
                // Positive before it is cut, so that cutting rounds down.
                int32_t c = (int32_t)((float)x * inverse + 1024.0f) - 1024 + 8;
                c = c < 0 ? 0 : c > 15 ? 15 : c;
                cross += x * (2 * c - 15);
                nibbles[half] = c;
            }
            code[group / 2 + j] = (uint8_t)(nibbles[0] | nibbles[1] << 4);
        }
    }
    // What the code's dot product with the row itself is short of: without bias for a query in any direction.
    *slope = cross > 0 ? row_scale * (float)square / (float)cross : 0;
}

void tandem_estimate_4bit_at_baseline(const tandem_query_4bit *query, const uint8_t *codes, size_t stride, const uint32_t *ordinals,
                                      const float *slopes, size_t count, float *estimates) {
    for (size_t r = 0; r < count; r++) {
        const uint8_t *code = codes + ordinals[r] * stride;
        int32_t sum = 0;
        for (size_t i = 0; i < query->bytes; i += 64) {
            const int8_t *low = query->codes + 2 * i, *high = low + 64;
            for (size_t j = 0; j < 64; j++) sum += (int32_t)low[j] * (code[i + j] & 15) + (int32_t)high[j] * (code[i + j] >> 4);
        }
        estimates[r] = slopes[r] * (query->scale * (float)(2 * sum - query->offset));
    }
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
