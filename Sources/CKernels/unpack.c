// Portable kernels, packing, and the choice of kernels at start.
#include "unpack_kernels.h"

#include <string.h>

#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "files are little-endian and read in place"
#endif

static inline uint32_t word_at(const uint8_t *in, uint32_t index) {
    uint32_t word;
    memcpy(&word, in + 4 * (size_t)index, 4);
    return word;
}

static void unpack_scalar(const uint8_t *in, uint32_t bits, uint32_t addend, uint32_t *out) {
    if (bits == 0) { tandem_unpack_zeros(addend, out); return; }
    const uint32_t mask = tandem_unpack_mask(bits);
    for (uint32_t row = 0; row < 32; row++) {
        const uint32_t word = (row * bits) >> 5, shift = (row * bits) & 31;
        for (uint32_t lane = 0; lane < 4; lane++) {
            uint32_t value = word_at(in, word * 4 + lane) >> shift;
            // Here shift > 0, because bits <= 32, so 32 - shift < 32 is a legal shift.
            if (shift + bits > 32) value |= word_at(in, (word + 1) * 4 + lane) << (32 - shift);
            out[row * 4 + lane] = (value & mask) + addend;
        }
    }
}

static void unpack_delta_scalar(const uint8_t *in, uint32_t bits, uint32_t previous, uint32_t *out) {
    if (bits == 0) { tandem_unpack_zero_deltas(previous, out); return; }
    unpack_scalar(in, bits, 1, out);
    for (uint32_t i = 0; i < TANDEM_UNPACK_COUNT; i++) {
        previous += out[i];
        out[i] = previous;
    }
}

void tandem_pack(const uint32_t *in, uint32_t bits, uint8_t *out) {
    uint32_t words[TANDEM_UNPACK_COUNT] = {0};
    if (bits == 0) return;
    for (uint32_t row = 0; row < 32; row++) {
        const uint32_t word = (row * bits) >> 5, shift = (row * bits) & 31;
        for (uint32_t lane = 0; lane < 4; lane++) words[word * 4 + lane] |= in[row * 4 + lane] << shift;
        if (shift + bits > 32)
            for (uint32_t lane = 0; lane < 4; lane++) words[(word + 1) * 4 + lane] |= in[row * 4 + lane] >> (32 - shift);
    }
    memcpy(out, words, 16 * (size_t)bits);
}

static const tandem_unpack_kernels scalar = {"scalar", unpack_scalar, unpack_delta_scalar};

tandem_unpack_kernels tandem_unpack_active = {"scalar", unpack_scalar, unpack_delta_scalar};

const tandem_unpack_kernels *tandem_unpack_level(int level) {
    if (level == TANDEM_UNPACK_SCALAR) return &scalar;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (level == TANDEM_UNPACK_SSE2) return &tandem_unpack_kernels_sse2;  // part of x86-64
    if (level == TANDEM_UNPACK_AVX2 && __builtin_cpu_supports("avx2")) return &tandem_unpack_kernels_avx2;
    if (level == TANDEM_UNPACK_AVX512 && __builtin_cpu_supports("avx512f")) return &tandem_unpack_kernels_avx512;
#endif
    return NULL;
}

// Before main(), so that the table needs no lock and no first-use test.
__attribute__((constructor)) static void choose_unpack_kernels(void) {
    for (int level = TANDEM_UNPACK_LEVELS - 1; level >= 0; level--) {
        const tandem_unpack_kernels *kernels = tandem_unpack_level(level);
        if (kernels) { tandem_unpack_active = *kernels; return; }
    }
}
