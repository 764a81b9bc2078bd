// Small things about memory that Swift has no words for.
#ifndef TANDEM_MEMORY_H
#define TANDEM_MEMORY_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Asks for the cache line of an address, which need not be readable.
static inline void tandem_prefetch_line(const void *address) { __builtin_prefetch(address); }

/// Asks for the cache lines of `bytes` bytes from an address on.
static inline void tandem_prefetch_lines(const void *address, size_t bytes) {
    for (size_t i = 0; i < bytes; i += 64) __builtin_prefetch((const char *)address + i);
}

/// The first eight bytes as a big-endian number, zeros behind a shorter string: no loop, and nothing read past its end.
static inline uint64_t tandem_big_endian_prefix(const void *bytes, size_t count) {
    const uint8_t *b = (const uint8_t *)bytes;
    if (count >= 8) {
        uint64_t all;
        memcpy(&all, b, 8);
        return __builtin_bswap64(all);
    }
    if (count >= 4) {
        // Two words that overlap; what both have is the same.
        uint32_t head, tail;
        memcpy(&head, b, 4);
        memcpy(&tail, b + count - 4, 4);
        return (uint64_t)__builtin_bswap32(head) << 32 | (uint64_t)__builtin_bswap32(tail) << (8 * (8 - count));
    }
    uint64_t prefix = 0;
    for (size_t i = 0; i < count; i++) prefix |= (uint64_t)b[i] << (56 - 8 * i);
    return prefix;
}

#ifdef __cplusplus
}
#endif
#endif
