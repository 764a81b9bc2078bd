// AVX-512F: four rows a step, gathered from two loads by one permutation.
#if defined(__x86_64__)
#include "unpack_kernels.h"

#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f")))

// Four rows start within 128 bits of a lane's first word w, so their low words are among w ... w + 3 and their high words
// among w + 1 ... w + 4: two loads of 64 bytes and one permutation for both. In the last step w * 16 + 80 bytes are read,
// which is at most 80 bytes past the block (TANDEM_UNPACK_SLACK).
static inline AVX512 __m512i rows_at(const uint8_t *in, uint32_t row, __m512i offsets, uint32_t bits, __m512i mask) {
    const uint32_t position = row * bits, word = position >> 5;
    const uint8_t *base = in + 16 * (size_t)word;
    const __m512i at = _mm512_add_epi32(offsets, _mm512_set1_epi32((int)(position & 31)));
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3);
    const __m512i index = _mm512_add_epi32(_mm512_slli_epi32(_mm512_srli_epi32(at, 5), 2), lanes);
    const __m512i right = _mm512_and_si512(at, _mm512_set1_epi32(31));
    const __m512i left = _mm512_sub_epi32(_mm512_set1_epi32(32), right);
    const __m512i low = _mm512_permutexvar_epi32(index, _mm512_loadu_si512(base));
    const __m512i high = _mm512_permutexvar_epi32(index, _mm512_loadu_si512(base + 16));
    // Variable shifts by 32 give zero. 0xA8: (a | b) & c.
    return _mm512_ternarylogic_epi32(_mm512_srlv_epi32(low, right), _mm512_sllv_epi32(high, left), mask, 0xA8);
}

static inline AVX512 __m512i row_offsets(uint32_t bits) {
    const int b = (int)bits;
    return _mm512_setr_epi32(0, 0, 0, 0, b, b, b, b, 2 * b, 2 * b, 2 * b, 2 * b, 3 * b, 3 * b, 3 * b, 3 * b);
}

static AVX512 void unpack_avx512(const uint8_t *in, uint32_t bits, uint32_t addend, uint32_t *out) {
    if (bits == 0) { tandem_unpack_zeros(addend, out); return; }
    const __m512i mask = _mm512_set1_epi32((int)tandem_unpack_mask(bits)), add = _mm512_set1_epi32((int)addend);
    const __m512i offsets = row_offsets(bits);
    for (uint32_t row = 0; row < 32; row += 4)
        _mm512_storeu_si512(out + 4 * row, _mm512_add_epi32(rows_at(in, row, offsets, bits, mask), add));
}

static AVX512 void unpack_delta_avx512(const uint8_t *in, uint32_t bits, uint32_t previous, uint32_t *out) {
    if (bits == 0) { tandem_unpack_zero_deltas(previous, out); return; }
    const __m512i mask = _mm512_set1_epi32((int)tandem_unpack_mask(bits)), one = _mm512_set1_epi32(1);
    const __m512i offsets = row_offsets(bits), zero = _mm512_setzero_si512(), fifteen = _mm512_set1_epi32(15);
    __m512i last = _mm512_set1_epi32((int)previous);
    for (uint32_t row = 0; row < 32; row += 4) {
        // Prefix sum of 16 in four steps (Hillis & Steele); only the carry waits for the step before.
        __m512i sum = _mm512_add_epi32(rows_at(in, row, offsets, bits, mask), one);
        sum = _mm512_add_epi32(sum, _mm512_alignr_epi32(sum, zero, 15));
        sum = _mm512_add_epi32(sum, _mm512_alignr_epi32(sum, zero, 14));
        sum = _mm512_add_epi32(sum, _mm512_alignr_epi32(sum, zero, 12));
        sum = _mm512_add_epi32(sum, _mm512_alignr_epi32(sum, zero, 8));
        sum = _mm512_add_epi32(sum, last);
        _mm512_storeu_si512(out + 4 * row, sum);
        last = _mm512_permutexvar_epi32(fifteen, sum);
    }
}

const tandem_unpack_kernels tandem_unpack_kernels_avx512 = {"avx512", unpack_avx512, unpack_delta_avx512};
#endif
