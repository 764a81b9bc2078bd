// Upper-bound scores of a window of documents, in 16 bits: what decides which documents are scored exactly.
//
// A window's accumulators are u16, one a document; the caller scales so that no sum exceeds 65535.
#ifndef TANDEM_WINDOW_H
#define TANDEM_WINDOW_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Rows of a bound table: frequencies from the last row on share it. Row 0 is unused.
#define TANDEM_BOUND_ROWS 16
/// Entries of a row: one for each length code.
#define TANDEM_BOUND_ROW 256

/// sums[documents[i] - base] += table[min(frequencies[i], 15)][codes[documents[i]]], for i < count.
///
/// codes: by document; table: [16][256]. touched: NULL, or where the slots are noted in order, with repetitions.
static inline void tandem_window_add(
    const uint32_t *documents, const uint32_t *frequencies, size_t count, uint32_t base, const uint8_t *codes,
    const uint16_t *table, uint16_t *sums, uint16_t *touched) {
    for (size_t i = 0; i < count; i++) {
        const uint32_t document = documents[i], slot = document - base;
        const uint32_t frequency = frequencies[i] < TANDEM_BOUND_ROWS ? frequencies[i] : TANDEM_BOUND_ROWS - 1;
        sums[slot] = (uint16_t)(sums[slot] + table[frequency * TANDEM_BOUND_ROW + codes[document]]);
        if (touched) touched[i] = (uint16_t)slot;
    }
}

/// row[code] = min(1 + (uint16_t)(scale * x / (k1 + x)), most) with x = weight * inverse[code], for first <= code <= last:
/// rounded up for any x >= 0, k1 >= 0, of which one is above 0. scale: at most 65000.
static inline void tandem_bound_row(
    const double *inverse, size_t first, size_t last, double weight, double k1, double scale, uint16_t most, uint16_t *row) {
    for (size_t code = first; code <= last; code++) {
        const double x = weight * inverse[code];
        const int32_t bound = 1 + (int32_t)(scale * (x / (k1 + x)));
        row[code] = (uint16_t)(bound < most ? bound : most);
    }
}

/// Writes the slots whose sum reaches `threshold` (at least 1) to `slots`, in rising order, their sums to `values`, and sets all
/// sums to zero. count: a multiple of 64. Returns how many were written, at most count.
size_t tandem_window_select(uint16_t *sums, size_t count, uint16_t threshold, uint16_t *slots, uint16_t *values);

/// The same with the kernel of a level (0 portable, 1 AVX2, 2 AVX-512, at most what the processor has), for tests.
size_t tandem_window_select_level(
    int level, uint16_t *sums, size_t count, uint16_t threshold, uint16_t *slots, uint16_t *values);

#ifdef __cplusplus
}
#endif
#endif
