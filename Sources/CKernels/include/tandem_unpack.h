// Bit-packed blocks of 128 unsigned integers: the body of a posting list (docs/formats/lexical-segment.md).
//
// Layout ("vertical", as in Lemire & Boytsov, "Decoding billions of integers per second through vectorization", 2015):
// value i lies in lane i % 4, row i / 4; a lane is a stream of 32-bit little-endian words, in which row r takes `bits` bits
// from bit r * bits on, lowest first; word w of the four lanes is the 16 bytes at 16 * w. A block takes exactly
// 16 * bits bytes. One layout serves every instruction set: SSE2 works row by row, AVX2 on two, AVX-512 on four rows at once.
//
// Every kernel gives the same integers. Costs measured per block of 128: see Tests/LexicalIndexTests.
#ifndef TANDEM_UNPACK_H
#define TANDEM_UNPACK_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Integers of a block.
#define TANDEM_UNPACK_COUNT 128
/// Bytes past a block's end that a kernel may read (and ignore): the caller must own them.
#define TANDEM_UNPACK_SLACK 80

typedef struct tandem_unpack_kernels {
    const char *name;
    /// out[i] = value[i] + addend (modulo 2^32). bits: 0...32; 0 reads nothing.
    void (*unpack)(const uint8_t *in, uint32_t bits, uint32_t addend, uint32_t *out);
    /// out[i] = previous + sum over j <= i of (value[j] + 1) (modulo 2^32): increasing numbers from their gaps less one.
    void (*unpack_delta)(const uint8_t *in, uint32_t bits, uint32_t previous, uint32_t *out);
} tandem_unpack_kernels;

/// Levels in rising order; each needs what its name says of the processor.
enum { TANDEM_UNPACK_SCALAR = 0, TANDEM_UNPACK_SSE2 = 1, TANDEM_UNPACK_AVX2 = 2, TANDEM_UNPACK_AVX512 = 3, TANDEM_UNPACK_LEVELS = 4 };

/// Kernels of a level, for tests; NULL where this processor or architecture lacks it.
const tandem_unpack_kernels *tandem_unpack_level(int level);

/// The best level of this processor; filled before main() and never written again.
extern tandem_unpack_kernels tandem_unpack_active;

static inline void tandem_unpack(const uint8_t *in, uint32_t bits, uint32_t addend, uint32_t *out) {
    tandem_unpack_active.unpack(in, bits, addend, out);
}

static inline void tandem_unpack_delta(const uint8_t *in, uint32_t bits, uint32_t previous, uint32_t *out) {
    tandem_unpack_active.unpack_delta(in, bits, previous, out);
}

/// Writes a block: 16 * bits bytes from in[0..<128], every one below 2^bits. bits: 0...32.
void tandem_pack(const uint32_t *in, uint32_t bits, uint8_t *out);

#ifdef __cplusplus
}
#endif
#endif
