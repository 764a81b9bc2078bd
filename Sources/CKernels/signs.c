// 1-bit codes of a block by rows, for processors with AVX-512 VBMI, whose tables of 64 bytes hold four groups at once. See
// tandem_graph.h.
#include <string.h>

#include "distance_table.h"

#if defined(__x86_64__)
#include <immintrin.h>
#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512vbmi")))
#endif

// Components of a unit: eight groups of four, in two registers of 16 rows by 4 bytes.
#define UNIT 32
#define UNIT_BYTES 128
// How far ahead of its reads a scan asks for memory: two and a half blocks of 384 components. From the third-level cache of a Xeon (Sapphire Rapids) a vector takes 2.0 ns with it and
// 2.3 without, from the second level 1.05 to 1.2 and 1.3 to 1.6. Two lines at a time, between the lookups: a block's 25 at once take the places of the misses that are waited for.
#define AHEAD_BYTES 4096

int tandem_signs_go_by_rows(void) {
#if defined(__x86_64__)
    return tandem_kernels_level() == TANDEM_LEVEL_AVX512 && __builtin_cpu_supports("avx512vbmi");
#else
    return 0;
#endif
}

void tandem_signs_arrange(const uint8_t *codes, size_t n, uint8_t *by_rows) {
    for (size_t u = 0; u < n / UNIT; u++) {
        for (size_t row = 0; row < TANDEM_NEIGHBOURS; row++) {
            for (size_t j = 0; j < 4; j++) {
                // Group g is a nibble of byte 32 * (g / 2) + row.
                const size_t low = 8 * u + j, high = low + 4;
                const unsigned first = codes[low / 2 * 32 + row] >> (4 * (low & 1)) & 15, second = codes[high / 2 * 32 + row] >> (4 * (high & 1)) & 15;
                by_rows[UNIT_BYTES * u + 4 * row + j] = (uint8_t)(first | second << 4);
            }
        }
    }
}

void tandem_sign_query_pack(uint8_t *tables, size_t n) {
    uint8_t *packed = tables + TANDEM_SIGN_PACKED_OFFSET(n);
    for (size_t g = 0; g < n / 4; g++) memcpy(packed + 16 * g, tables + g / 4 * 128 + (g & 1) * 64 + (g >> 1 & 1) * 32, 16);
}

// One level's multiplications and additions, as tandem_neighbours_above with offsets of zero.
static float estimate_of(const tandem_sign_query *query, uint32_t sum, int16_t slope, float slope_unit) {
    const float base = query->base * slope_unit, step = query->step * slope_unit;
    return (float)slope * (base + step * (float)(int32_t)sum);
}

// A block's rows that are in first ..< end, as bits.
static inline uint32_t inside(size_t block, size_t first, size_t end) {
    const size_t start = block * TANDEM_NEIGHBOURS;
    uint32_t rows = UINT32_MAX;
    if (start < first) rows &= UINT32_MAX << (first - start);
    if (start + TANDEM_NEIGHBOURS > end) rows &= ~(UINT32_MAX << (end - start));
    return rows;
}

static uint32_t above_plain(const tandem_sign_query *query, const uint8_t *codes, const int16_t *slopes, float slope_unit, float bar, float *estimates) {
    const uint8_t *packed = query->tables + TANDEM_SIGN_PACKED_OFFSET(query->n);
    uint32_t above = 0;
    for (size_t row = 0; row < TANDEM_NEIGHBOURS; row++) {
        uint32_t sum = 0;
        for (size_t u = 0; u < query->n / UNIT; u++) {
            const uint8_t *bytes = codes + UNIT_BYTES * u + 4 * row;
            for (size_t j = 0; j < 4; j++) {
                sum += packed[16 * (8 * u + j) + (bytes[j] & 15)];
                sum += packed[16 * (8 * u + 4 + j) + (bytes[j] >> 4)];
            }
        }
        estimates[row] = estimate_of(query, sum, slopes[row], slope_unit);
        above |= (uint32_t)(estimates[row] > bar) << row;
    }
    return above;
}

#if defined(__x86_64__)
typedef struct {
    __m512 halves[2];
} estimates_vbmi;

TARGET static inline estimates_vbmi estimate_vbmi(const tandem_sign_query *query, const uint8_t *codes, const int16_t *slopes, float slope_unit) {
    const uint8_t *packed = query->tables + TANDEM_SIGN_PACKED_OFFSET(query->n);
    // Byte j of a row looks up the j-th group: the table's index is 16 * j + nibble.
    const __m512i nibble = _mm512_set1_epi8(15), place = _mm512_set1_epi32(0x30201000), ones = _mm512_set1_epi8(1);
#define OR_AND 0xEA
    __m512i low0 = _mm512_setzero_si512(), low1 = low0, high0 = low0, high1 = low0;
    for (size_t u = 0; u < query->n / UNIT; u++) {
        const __m512i low = _mm512_loadu_si512(packed + UNIT_BYTES * u), high = _mm512_loadu_si512(packed + UNIT_BYTES * u + 64);
        const __m512i first = _mm512_loadu_si512(codes + UNIT_BYTES * u), second = _mm512_loadu_si512(codes + UNIT_BYTES * u + 64);
        __builtin_prefetch(codes + UNIT_BYTES * u + AHEAD_BYTES);
        __builtin_prefetch(codes + UNIT_BYTES * u + AHEAD_BYTES + 64);
        // The sum of a row's four bytes, to its 32 bits.
        low0 = _mm512_dpbusd_epi32(low0, _mm512_permutexvar_epi8(_mm512_ternarylogic_epi32(first, nibble, place, OR_AND), low), ones);
        low1 = _mm512_dpbusd_epi32(low1, _mm512_permutexvar_epi8(_mm512_ternarylogic_epi32(second, nibble, place, OR_AND), low), ones);
        high0 = _mm512_dpbusd_epi32(high0, _mm512_permutexvar_epi8(_mm512_ternarylogic_epi32(_mm512_srli_epi16(first, 4), nibble, place, OR_AND), high), ones);
        high1 = _mm512_dpbusd_epi32(high1, _mm512_permutexvar_epi8(_mm512_ternarylogic_epi32(_mm512_srli_epi16(second, 4), nibble, place, OR_AND), high), ones);
    }
    const __m512i sums[2] = {_mm512_add_epi32(low0, high0), _mm512_add_epi32(low1, high1)};
    const __m512 base = _mm512_set1_ps(query->base * slope_unit), step = _mm512_set1_ps(query->step * slope_unit);
    estimates_vbmi out;
    for (size_t i = 0; i < 2; i++) {
        const __m512 slope = _mm512_cvtepi32_ps(_mm512_cvtepi16_epi32(_mm256_loadu_si256((const __m256i *)(slopes + 16 * i))));
        out.halves[i] = _mm512_mul_ps(slope, _mm512_add_ps(base, _mm512_mul_ps(step, _mm512_cvtepi32_ps(sums[i]))));
    }
    return out;
}

TARGET static uint32_t above_vbmi(const tandem_sign_query *query, const uint8_t *codes, const int16_t *slopes, float slope_unit, float bar, float *estimates) {
    const estimates_vbmi found = estimate_vbmi(query, codes, slopes, slope_unit);
    const __m512 least = _mm512_set1_ps(bar);
    uint32_t above = 0;
    for (size_t i = 0; i < 2; i++) {
        _mm512_storeu_ps(estimates + 16 * i, found.halves[i]);
        above |= (uint32_t)_mm512_cmp_ps_mask(found.halves[i], least, _CMP_GT_OQ) << (16 * i);
    }
    return above;
}

TARGET static size_t pick_vbmi(const tandem_sign_query *query, const tandem_sign_blocks *rows, size_t first, size_t end, float bar, float margin, uint32_t *ordinals) {
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    size_t picked = 0;
    for (size_t block = first / TANDEM_NEIGHBOURS; block * TANDEM_NEIGHBOURS < end; block++) {
        const uint8_t *codes = rows->blocks + block * rows->block_bytes;
        const float unit = rows->slope_units[block];
        const estimates_vbmi found = estimate_vbmi(query, codes, (const int16_t *)(codes + 4 * query->n), unit);
        // Two statements, so that they are not fused.
        const float below = margin * unit;
        const __m512 least = _mm512_set1_ps(bar - below);
        const uint32_t above = inside(block, first, end)
            & ((uint32_t)_mm512_cmp_ps_mask(found.halves[0], least, _CMP_GT_OQ) | (uint32_t)_mm512_cmp_ps_mask(found.halves[1], least, _CMP_GT_OQ) << 16);
        if (above == 0) continue;
        for (size_t i = 0; i < 2; i++) {
            const __mmask16 half = (__mmask16)(above >> (16 * i));
            const __m512i numbers = _mm512_add_epi32(lanes, _mm512_set1_epi32((int)(block * TANDEM_NEIGHBOURS + 16 * i)));
            _mm512_storeu_si512(ordinals + picked, _mm512_maskz_compress_epi32(half, numbers));
            picked += (size_t)__builtin_popcount(half);
        }
    }
    return picked;
}
#endif

uint32_t tandem_signs_above(const tandem_sign_query *query, const uint8_t *codes, const int16_t *slopes, float slope_unit, float bar, float *estimates) {
#if defined(__x86_64__)
    if (tandem_signs_go_by_rows()) return above_vbmi(query, codes, slopes, slope_unit, bar, estimates);
#endif
    return above_plain(query, codes, slopes, slope_unit, bar, estimates);
}

size_t tandem_signs_pick(const tandem_sign_query *query, const tandem_sign_blocks *rows, size_t first, size_t end, float bar, float margin, uint32_t *ordinals) {
#if defined(__x86_64__)
    if (rows->by_rows && tandem_signs_go_by_rows()) return pick_vbmi(query, rows, first, end, bar, margin, ordinals);
#endif
    static const int16_t no_offsets[TANDEM_NEIGHBOURS];
    float estimates[TANDEM_NEIGHBOURS];
    size_t picked = 0;
    for (size_t block = first / TANDEM_NEIGHBOURS; block * TANDEM_NEIGHBOURS < end; block++) {
        const uint8_t *codes = rows->blocks + block * rows->block_bytes;
        const int16_t *slopes = (const int16_t *)(codes + 4 * query->n);
        const float unit = rows->slope_units[block], below = margin * unit, least = bar - below;
        uint32_t above = inside(block, first, end)
            & (rows->by_rows ? above_plain(query, codes, slopes, unit, least, estimates)
                             : tandem_neighbours_above(query, codes, slopes, no_offsets, unit, 0, least, estimates));
        for (; above != 0; above &= above - 1) ordinals[picked++] = (uint32_t)(block * TANDEM_NEIGHBOURS) + (uint32_t)__builtin_ctz(above);
    }
    return picked;
}
