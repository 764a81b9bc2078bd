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
/// codes: by document; table: [16][256]; most: no frequency is above it. touched: NULL, or where the slots are noted in order, with repetitions.
static inline void tandem_window_add(
    const uint32_t *documents, const uint32_t *frequencies, size_t count, uint32_t most, uint32_t base, const uint8_t *codes,
    const uint16_t *table, uint16_t *sums, uint16_t *touched) {
    // Three loops, so that none asks for what it knows before.
    if (touched) {
        for (size_t i = 0; i < count; i++) {
            const uint32_t document = documents[i], slot = document - base;
            const uint32_t frequency = frequencies[i] < TANDEM_BOUND_ROWS ? frequencies[i] : TANDEM_BOUND_ROWS - 1;
            sums[slot] += table[frequency * TANDEM_BOUND_ROW + codes[document]];
            touched[i] = (uint16_t)slot;
        }
    } else if (most < TANDEM_BOUND_ROWS) {
#pragma clang loop unroll_count(4)
        for (size_t i = 0; i < count; i++) {
            const uint32_t document = documents[i], slot = document - base;
            sums[slot] += table[frequencies[i] * TANDEM_BOUND_ROW + codes[document]];
        }
    } else {
#pragma clang loop unroll_count(4)
        for (size_t i = 0; i < count; i++) {
            const uint32_t document = documents[i], slot = document - base;
            const uint32_t frequency = frequencies[i] < TANDEM_BOUND_ROWS ? frequencies[i] : TANDEM_BOUND_ROWS - 1;
            sums[slot] += table[frequency * TANDEM_BOUND_ROW + codes[document]];
        }
    }
}

/// The first index from `from` on whose document is not below `document`; the last of the `count` rising documents must not be.
///
/// Eight comparisons at a time and no branch among them: what is looked for is near more often than not, and where it is cannot be foretold.
static inline size_t tandem_first_not_below(const uint32_t *documents, size_t from, size_t count, uint32_t document) {
    while (from + 8 <= count && documents[from + 7] < document) from += 8;
    if (from + 8 > count) {
        while (documents[from] < document) from++;
        return from;
    }
    size_t below = 0;
    for (size_t i = 0; i < 8; i++) below += documents[from + i] < document;
    return from + below;
}

/// Moves *i in a[0 ..< m] and *j in b[0 ..< n], both rising, on to the first element that both have.
///
/// Returns 0 when one of them has come to its end before. No branch depends on the data: lists of like density take one step an element, and
/// which of them takes it cannot be foretold.
static inline int tandem_align(const uint32_t *a, size_t *i, size_t m, const uint32_t *b, size_t *j, size_t n) {
    size_t p = *i, q = *j;
    int found = 0;
    while (p < m && q < n) {
        const uint32_t x = a[p], y = b[q];
        if (x == y) {
            found = 1;
            break;
        }
        p += x < y;
        q += y < x;
    }
    *i = p;
    *j = q;
    return found;
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

/// row[code] = min(1 + (uint16_t)(scale * inverse[code]), most), for first <= code <= last: rounded up.
static inline void tandem_x_row(const double *inverse, size_t first, size_t last, double scale, uint16_t most, uint16_t *row) {
    for (size_t code = first; code <= last; code++) {
        const double x = scale * inverse[code];
        row[code] = x < most ? (uint16_t)(1 + (int32_t)x) : most;
    }
}

/// saturation[i] = min(1 + (uint16_t)(scale * x / (k1 + x)), most) with x = i * unit, rounded up; 0 for i = 0, and `most` for the
/// last, which stands for any x beyond.
static inline void tandem_saturation(
    size_t count, double unit, double k1, double scale, uint16_t most, uint16_t *saturation) {
    for (size_t i = 1; i < count; i++) {
        const double x = (double)(int32_t)i * unit;
        const int32_t bound = 1 + (int32_t)(scale * (x / (k1 + x)));
        saturation[i] = (uint16_t)(bound < most ? bound : most);
    }
    saturation[0] = 0;
    saturation[count - 1] = most;
}

/// sums[s] += saturation[min(x[s], entries - 1)] for each distinct slot s of touched[0 ..< count]; x is zero there afterwards.
///
/// slots: NULL, or where the distinct slots are noted. Returns their number, 0 where `slots` is NULL.
static inline size_t tandem_window_fold(
    uint16_t *x, const uint16_t *touched, size_t count, const uint16_t *saturation, size_t entries, uint16_t *sums, uint16_t *slots) {
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        const uint16_t slot = touched[i];
        // A slot that comes again is zero then, and saturation[0] is.
        const uint16_t sum = x[slot];
        x[slot] = 0;
        sums[slot] = (uint16_t)(sums[slot] + saturation[sum < entries ? sum : entries - 1]);
        if (slots && sum) slots[found++] = slot;
    }
    return found;
}

/// Writes the slots whose sum reaches `threshold` (at least 1) to `slots`, in rising order, their sums to `values`, and sets all
/// sums to zero. count: a multiple of 128. Returns how many were written, at most count.
size_t tandem_window_select(uint16_t *sums, size_t count, uint16_t threshold, uint16_t *slots, uint16_t *values);

/// The same with the kernel of a level (0 portable, 1 AVX2, 2 AVX-512, at most what the processor has), for tests.
size_t tandem_window_select_level(
    int level, uint16_t *sums, size_t count, uint16_t threshold, uint16_t *slots, uint16_t *values);

#ifdef __cplusplus
}
#endif
#endif
