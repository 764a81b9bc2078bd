// SSE2: one row of four lanes a step. Part of x86-64, so always there on that architecture.
#if defined(__x86_64__)
#include "unpack_kernels.h"

#include <emmintrin.h>

// The high word is read always: what it adds beyond `bits` the mask removes, and a shift by 32 gives zero. That costs less
// than a branch, and reads at most 16 bytes past the block (TANDEM_UNPACK_SLACK).
static inline __m128i row_at(const uint8_t *in, uint32_t row, uint32_t bits, __m128i mask) {
    const uint32_t word = (row * bits) >> 5, shift = (row * bits) & 31;
    const __m128i low = _mm_loadu_si128((const __m128i *)(in + 16 * (size_t)word));
    const __m128i high = _mm_loadu_si128((const __m128i *)(in + 16 * (size_t)word + 16));
    const __m128i right = _mm_srl_epi32(low, _mm_cvtsi32_si128((int)shift));
    const __m128i left = _mm_sll_epi32(high, _mm_cvtsi32_si128((int)(32 - shift)));
    return _mm_and_si128(_mm_or_si128(right, left), mask);
}

static void unpack_sse2(const uint8_t *in, uint32_t bits, uint32_t addend, uint32_t *out) {
    if (bits == 0) { tandem_unpack_zeros(addend, out); return; }
    const __m128i mask = _mm_set1_epi32((int)tandem_unpack_mask(bits)), add = _mm_set1_epi32((int)addend);
    for (uint32_t row = 0; row < 32; row++)
        _mm_storeu_si128((__m128i *)(out + 4 * row), _mm_add_epi32(row_at(in, row, bits, mask), add));
}

static void unpack_delta_sse2(const uint8_t *in, uint32_t bits, uint32_t previous, uint32_t *out) {
    if (bits == 0) { tandem_unpack_zero_deltas(previous, out); return; }
    const __m128i mask = _mm_set1_epi32((int)tandem_unpack_mask(bits)), one = _mm_set1_epi32(1);
    __m128i last = _mm_set1_epi32((int)previous);
    for (uint32_t row = 0; row < 32; row++) {
        __m128i sum = _mm_add_epi32(row_at(in, row, bits, mask), one);
        sum = _mm_add_epi32(sum, _mm_slli_si128(sum, 4));
        sum = _mm_add_epi32(sum, _mm_slli_si128(sum, 8));
        sum = _mm_add_epi32(sum, last);
        _mm_storeu_si128((__m128i *)(out + 4 * row), sum);
        last = _mm_shuffle_epi32(sum, 0xFF);
    }
}

const tandem_unpack_kernels tandem_unpack_kernels_sse2 = {"sse2", unpack_sse2, unpack_delta_sse2};
#endif
