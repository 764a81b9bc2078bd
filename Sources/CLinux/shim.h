// Linux system calls that Debian 12's C library has no function for, or none that Swift sees.
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/// The kernel's `struct sched_attr` in its first version, 48 bytes (sched_setattr(2)).
struct tandem_sched_attr {
    uint32_t size;
    uint32_t policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime;
    uint64_t deadline;
    uint64_t period;
};

/// Gives the calling thread the ordinary policy with this niceness and a time slice of so many nanoseconds, 100,000 to 100,000,000.
///
/// The slice is known to Linux from 6.12 on, and taken without effect by an older one. Returns 0, or -1 with `errno`.
static inline int tandem_set_niceness_and_slice(int32_t niceness, uint64_t slice) {
    struct tandem_sched_attr attributes = {.size = sizeof attributes, .policy = 0, .nice = niceness, .runtime = slice};
    return (int)syscall(SYS_sched_setattr, 0, &attributes, 0u);
}

/// The calling thread's niceness and time slice in nanoseconds, 0 where the kernel does not tell. Returns 0, or -1 with `errno`.
static inline int tandem_get_niceness_and_slice(int32_t *niceness, uint64_t *slice) {
    struct tandem_sched_attr attributes = {.size = sizeof attributes};
    if (syscall(SYS_sched_getattr, 0, &attributes, (unsigned)sizeof attributes, 0u) != 0) return -1;
    *niceness = attributes.nice;
    *slice = attributes.runtime;
    return 0;
}

/// Numbers of the processors that the calling thread may run on, ascending, to `processors`. Returns how many, at most `most`; 0 where the kernel does not tell.
static inline int tandem_allowed_processors(int32_t *processors, int most) {
    uint64_t mask[16] = {0};
    if (syscall(SYS_sched_getaffinity, 0, sizeof mask, mask) < 0) return 0;
    int count = 0;
    for (int processor = 0; processor < 1024 && count < most; processor++)
        if (mask[processor / 64] >> (processor % 64) & 1) processors[count++] = processor;
    return count;
}

/// Keeps the calling thread on a processor below 1,024. Returns 0, or -1 with `errno`.
static inline int tandem_pin_to_processor(int32_t processor) {
    uint64_t mask[16] = {0};
    mask[processor / 64] = 1ull << (processor % 64);
    return (int)syscall(SYS_sched_setaffinity, 0, sizeof mask, mask);
}

/// Lets the calling thread run where the process' first thread may. A thread inherits its processors from the one that makes it, so whatever is begun on demand asks for this first.
/// After the first call on a thread it costs nothing. Returns 0, or -1 with `errno`.
static inline int tandem_use_all_processors(void) {
    static _Thread_local int is_done = 0;
    if (is_done) return 0;
    uint64_t mask[16] = {0};
    if (syscall(SYS_sched_getaffinity, getpid(), sizeof mask, mask) < 0) return -1;
    if (syscall(SYS_sched_setaffinity, 0, sizeof mask, mask) != 0) return -1;
    is_done = 1;
    return 0;
}

/// Names the calling thread for `top` and profilers, which show the first 15 bytes.
static inline void tandem_name_thread(const char *name) {
    syscall(SYS_prctl, PR_SET_NAME, name, 0ul, 0ul, 0ul);
}
