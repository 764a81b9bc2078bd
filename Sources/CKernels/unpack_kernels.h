// Private to the unpack kernels: one constant table per instruction set.
#ifndef TANDEM_UNPACK_KERNELS_H
#define TANDEM_UNPACK_KERNELS_H

#include "tandem_unpack.h"

#if defined(__x86_64__)
extern const tandem_unpack_kernels tandem_unpack_kernels_sse2;
extern const tandem_unpack_kernels tandem_unpack_kernels_avx2;
extern const tandem_unpack_kernels tandem_unpack_kernels_avx512;
#endif

static inline uint32_t tandem_unpack_mask(uint32_t bits) {
    return bits >= 32 ? UINT32_MAX : ((uint32_t)1 << bits) - 1;
}

// Width 0 stores nothing: every value is zero.
static inline void tandem_unpack_zeros(uint32_t addend, uint32_t *out) {
    for (uint32_t i = 0; i < TANDEM_UNPACK_COUNT; i++) out[i] = addend;
}

static inline void tandem_unpack_zero_deltas(uint32_t previous, uint32_t *out) {
    for (uint32_t i = 0; i < TANDEM_UNPACK_COUNT; i++) out[i] = previous + 1 + i;
}

#endif
