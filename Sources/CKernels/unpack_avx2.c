// AVX2: two rows a step, each with its own shift.
#if defined(__x86_64__)
#include "unpack_kernels.h"

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

static inline AVX2 __m256i load_pair(const uint8_t *in, uint32_t first, uint32_t second) {
    return _mm256_inserti128_si256(
        _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)(in + 16 * (size_t)first))),
        _mm_loadu_si128((const __m128i *)(in + 16 * (size_t)second)), 1);
}

// Reads at most 16 bytes past the block, as in unpack_sse2.c; variable shifts by 32 give zero.
static inline AVX2 __m256i rows_at(const uint8_t *in, uint32_t row, uint32_t bits, __m256i mask) {
    const uint32_t a = row * bits, b = a + bits;
    const __m256i low = load_pair(in, a >> 5, b >> 5), high = load_pair(in, (a >> 5) + 1, (b >> 5) + 1);
    const __m256i right = _mm256_inserti128_si256(_mm256_set1_epi32((int)(a & 31)), _mm_set1_epi32((int)(b & 31)), 1);
    const __m256i left = _mm256_sub_epi32(_mm256_set1_epi32(32), right);
    return _mm256_and_si256(_mm256_or_si256(_mm256_srlv_epi32(low, right), _mm256_sllv_epi32(high, left)), mask);
}

static AVX2 void unpack_avx2(const uint8_t *in, uint32_t bits, uint32_t addend, uint32_t *out) {
    if (bits == 0) { tandem_unpack_zeros(addend, out); return; }
    const __m256i mask = _mm256_set1_epi32((int)tandem_unpack_mask(bits)), add = _mm256_set1_epi32((int)addend);
    for (uint32_t row = 0; row < 32; row += 2)
        _mm256_storeu_si256((__m256i *)(out + 4 * row), _mm256_add_epi32(rows_at(in, row, bits, mask), add));
}

static AVX2 void unpack_delta_avx2(const uint8_t *in, uint32_t bits, uint32_t previous, uint32_t *out) {
    if (bits == 0) { tandem_unpack_zero_deltas(previous, out); return; }
    const __m256i mask = _mm256_set1_epi32((int)tandem_unpack_mask(bits)), one = _mm256_set1_epi32(1);
    const __m256i seven = _mm256_set1_epi32(7);
    __m256i last = _mm256_set1_epi32((int)previous);
    for (uint32_t row = 0; row < 32; row += 2) {
        __m256i sum = _mm256_add_epi32(rows_at(in, row, bits, mask), one);
        sum = _mm256_add_epi32(sum, _mm256_slli_si256(sum, 4));
        sum = _mm256_add_epi32(sum, _mm256_slli_si256(sum, 8));
        // The shifts stop at 128 bits: carry the lower half's total into the upper half.
        const __m256i totals = _mm256_shuffle_epi32(sum, 0xFF);
        sum = _mm256_add_epi32(sum, _mm256_permute2x128_si256(totals, totals, 0x08));
        sum = _mm256_add_epi32(sum, last);
        _mm256_storeu_si256((__m256i *)(out + 4 * row), sum);
        last = _mm256_permutevar8x32_epi32(sum, seven);
    }
}

const tandem_unpack_kernels tandem_unpack_kernels_avx2 = {"avx2", unpack_avx2, unpack_delta_avx2};
#endif
