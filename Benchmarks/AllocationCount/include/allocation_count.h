// How often the calling thread has asked for memory. Linked into a benchmark only.
#ifndef TANDEM_ALLOCATION_COUNT_H
#define TANDEM_ALLOCATION_COUNT_H

#include <stdint.h>

/// Calls of malloc, calloc, realloc, aligned_alloc, memalign and posix_memalign by this thread so far, from Swift, C and C++ alike.
uint64_t allocation_count(void);

#endif
