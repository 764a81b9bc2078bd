// libpowercut.so: a disk that forgets, for tests of durability. See README.md.
//
// Preloaded into a process, it keeps beside the folder TANDEM_POWERCUT_DIR an image of what a power cut would leave of it:
// a file's bytes as of its last fsync, a folder's entries as of the folder's last fsync. After the process has been killed,
// `powercut-rollback` puts the image in the folder's place.
//
// Image, in TANDEM_POWERCUT_DIR + ".durable":
//   files/<id>        durable bytes of a file (id: given by this shim at creation, since inode numbers are used again)
//   dirs/<id>/f<name> hard link to files/<id>: a durable entry
//   dirs/<id>/d<name> text file holding the id of a durable sub-folder
//   whole             empty; made once what was there at the start is in the image
//   lock              held by the process whose effects are recorded; children and later processes pass through
// The root folder has id 1.
//
// Only creation, writing and syncing are watched. Renames and unlinks need no record: an fsync of a folder takes its entries
// as they are then, and what was renamed or removed without one simply stays as it was in the image.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define TRACKED_FDS 65536
#define BUCKETS 4096

// A file or folder under the watched one.
struct node {
    ino_t inode;
    uint64_t id;
    off_t dirty_from, dirty_to;  // bytes written since the last fsync; empty if from >= to
    int whole;                   // written in ways that are not seen byte by byte (stdio, a shared mapping): copy it all
    struct node *next;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int active;
static int forgets;  // TANDEM_POWERCUT_FORGETS: a disk that says yes to an fsync and keeps nothing
static char root[PATH_MAX], image[PATH_MAX];
static size_t root_length;
static dev_t device;
static uint64_t next_id = 1;
static struct node *buckets[BUCKETS];
static unsigned char synchronous[TRACKED_FDS];  // opened with O_SYNC or O_DSYNC

#define REAL(name) static __typeof__(&name) real_##name
REAL(open); REAL(open64); REAL(openat); REAL(openat64); REAL(creat); REAL(creat64);
REAL(fopen); REAL(fopen64); REAL(mkdir); REAL(mkdirat);
REAL(write); REAL(pwrite); REAL(pwrite64); REAL(writev); REAL(pwritev); REAL(pwritev64);
REAL(copy_file_range); REAL(ftruncate); REAL(ftruncate64); REAL(fallocate); REAL(fallocate64);
REAL(posix_fallocate); REAL(posix_fallocate64);
REAL(fsync); REAL(fdatasync); REAL(mmap); REAL(mmap64); REAL(unlink); REAL(unlinkat);

static void resolve(void) {
#define FIND(name) real_##name = (__typeof__(real_##name))dlsym(RTLD_NEXT, #name)
    FIND(open); FIND(open64); FIND(openat); FIND(openat64); FIND(creat); FIND(creat64);
    FIND(fopen); FIND(fopen64); FIND(mkdir); FIND(mkdirat);
    FIND(write); FIND(pwrite); FIND(pwrite64); FIND(writev); FIND(pwritev); FIND(pwritev64);
    FIND(copy_file_range); FIND(ftruncate); FIND(ftruncate64); FIND(fallocate); FIND(fallocate64);
    FIND(posix_fallocate); FIND(posix_fallocate64);
    FIND(fsync); FIND(fdatasync); FIND(mmap); FIND(mmap64); FIND(unlink); FIND(unlinkat);
}

// The image must never be wrong in silence: a test would then prove nothing.
static void fail(const char *what, const char *path) {
    char text[PATH_MAX + 128];
    int n = snprintf(text, sizeof text, "powercut: %s %s: %s\n", what, path, strerror(errno));
    if (n > 0) real_write(2, text, (size_t)n < sizeof text ? (size_t)n : sizeof text);
    abort();
}

// MARK: nodes

static struct node *find(ino_t inode) {
    struct node *n = buckets[inode % BUCKETS];
    while (n && n->inode != inode) n = n->next;
    return n;
}

static struct node *number(ino_t inode) {
    struct node *n = find(inode);
    if (!n) {
        n = calloc(1, sizeof *n);
        if (!n) fail("allocate", "node");
        n->inode = inode;
        n->next = buckets[inode % BUCKETS];
        buckets[inode % BUCKETS] = n;
    }
    n->id = next_id++;
    n->dirty_from = n->dirty_to = 0;
    n->whole = 0;
    return n;
}

static void file_path(char *out, uint64_t id) { snprintf(out, PATH_MAX, "%s/files/%llu", image, (unsigned long long)id); }
static void dir_path(char *out, uint64_t id) { snprintf(out, PATH_MAX, "%s/dirs/%llu", image, (unsigned long long)id); }

static struct node *new_file(ino_t inode) {
    struct node *n = number(inode);
    char path[PATH_MAX];
    file_path(path, n->id);
    int fd = real_open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) fail("create", path);
    close(fd);
    return n;
}

static struct node *new_dir(ino_t inode) {
    struct node *n = number(inode);
    char path[PATH_MAX];
    dir_path(path, n->id);
    if (real_mkdir(path, 0700) != 0) fail("create", path);
    return n;
}

// True if an absolute or relative path, as the caller gave it, lies under the watched folder.
static int inside(const char *path) {
    return strncmp(path, root, root_length) == 0 && (path[root_length] == '/' || path[root_length] == 0);
}

static int path_inside(int at, const char *path) {
    char full[PATH_MAX];
    if (path[0] == '/') return inside(path);
    if (at == AT_FDCWD) {
        if (!getcwd(full, sizeof full)) return 0;
    } else {
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", at);
        ssize_t n = readlink(link, full, sizeof full - 1);
        if (n < 0) return 0;
        full[n] = 0;
    }
    // Enough for the callers at hand: no ".." leads into or out of the folder.
    size_t used = strlen(full);
    snprintf(full + used, sizeof full - used, "/%s", path);
    return inside(full);
}

// The node behind a descriptor, or null if it is not a file or folder of ours. With the mutex held.
static struct node *node_of(int fd, struct stat *info) {
    if (fstat(fd, info) != 0 || info->st_dev != device) return NULL;
    if (!S_ISREG(info->st_mode) && !S_ISDIR(info->st_mode)) return NULL;
    return find(info->st_ino);
}

// MARK: syncing

static void copy_range(int from, int to, off_t at, off_t end) {
    static char buffer[1 << 20];  // the mutex is held
    while (at < end) {
        size_t want = (size_t)(end - at) < sizeof buffer ? (size_t)(end - at) : sizeof buffer;
        ssize_t got = pread(from, buffer, want, at);
        if (got < 0) fail("read", "a file being synced");
        if (got == 0) return;
        if (real_pwrite(to, buffer, (size_t)got, at) != got) fail("write", image);
        at += got;
    }
}

static void sync_file(int fd, struct node *n, const struct stat *info) {
    if (!n->whole && n->dirty_from >= n->dirty_to) return;
    char path[PATH_MAX], self[64];
    file_path(path, n->id);
    int to = real_open(path, O_WRONLY | O_CLOEXEC);
    if (to < 0) {
        if (errno == ENOENT) return;  // removed meanwhile: nobody will look for it
        fail("open", path);
    }
    // The descriptor may be write-only.
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    int from = real_open(self, O_RDONLY | O_CLOEXEC);
    if (from < 0) {
        close(to);
        if (errno == ENOENT) return;
        fail("open", self);
    }
    if (n->whole) copy_range(from, to, 0, info->st_size);
    else copy_range(from, to, n->dirty_from, n->dirty_to < info->st_size ? n->dirty_to : info->st_size);
    if (real_ftruncate(to, info->st_size) != 0) fail("truncate", path);
    close(from);
    close(to);
    n->dirty_from = n->dirty_to = 0;
}

static void put_text(const char *path, uint64_t id) {
    char text[32];
    int length = snprintf(text, sizeof text, "%llu\n", (unsigned long long)id);
    int fd = real_open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || real_write(fd, text, (size_t)length) != length) fail("write", path);
    close(fd);
}

// Makes the image's entries of a folder those that it has now: additions first, so that a rename cut in two keeps a name.
static void sync_dir(int fd, struct node *n) {
    char base[PATH_MAX], entry[PATH_MAX + 300], target[PATH_MAX], temporary[PATH_MAX];
    dir_path(base, n->id);
    snprintf(temporary, sizeof temporary, "%s/new", image);
    int again = real_openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (again < 0) return;  // the folder was removed
    DIR *now = fdopendir(again);
    struct dirent *e;
    while ((e = readdir(now))) {
        struct stat info, old;
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")) continue;
        if (fstatat(fd, e->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
        struct node *child = find(info.st_ino);
        if (S_ISREG(info.st_mode)) {
            // A file from elsewhere (moved in): known by its entry, its bytes count as never synced.
            if (!child) child = new_file(info.st_ino);
            file_path(target, child->id);
            snprintf(entry, sizeof entry, "%s/f%s", base, e->d_name);
            struct stat linked;
            if (stat(target, &linked) != 0) continue;  // unlinked since readdir
            if (stat(entry, &old) == 0 && old.st_ino == linked.st_ino) continue;
            real_unlink(temporary);
            if (link(target, temporary) != 0 || rename(temporary, entry) != 0) fail("link", entry);
        } else if (S_ISDIR(info.st_mode)) {
            if (!child) child = new_dir(info.st_ino);
            snprintf(entry, sizeof entry, "%s/d%s", base, e->d_name);
            put_text(temporary, child->id);
            if (rename(temporary, entry) != 0) fail("write", entry);
        }
    }
    closedir(now);
    DIR *then = opendir(base);
    while (then && (e = readdir(then))) {
        struct stat info;
        if (e->d_name[0] != 'f' && e->d_name[0] != 'd') continue;
        int found = fstatat(fd, e->d_name + 1, &info, AT_SYMLINK_NOFOLLOW) == 0;
        if (found && (e->d_name[0] == 'd') == (S_ISDIR(info.st_mode) != 0)) continue;
        snprintf(entry, sizeof entry, "%s/%s", base, e->d_name);
        real_unlink(entry);
    }
    if (then) closedir(then);
}

static void synced(int fd) {
    struct stat info;
    struct node *n = node_of(fd, &info);
    if (!n) return;
    if (S_ISDIR(info.st_mode)) sync_dir(fd, n);
    else sync_file(fd, n, &info);
}

static void wrote(int fd, off_t from, ssize_t count) {
    if (!active || count <= 0) return;
    int saved = errno;
    pthread_mutex_lock(&mutex);
    struct stat info;
    struct node *n = node_of(fd, &info);
    if (n && S_ISREG(info.st_mode)) {
        // from < 0: the descriptor's own position, which the write has moved.
        off_t start = from >= 0 ? from : lseek(fd, 0, SEEK_CUR) - count;
        if (n->dirty_from >= n->dirty_to) n->dirty_from = start, n->dirty_to = start + count;
        if (start < n->dirty_from) n->dirty_from = start;
        if (start + count > n->dirty_to) n->dirty_to = start + count;
        if (fd < TRACKED_FDS && synchronous[fd]) sync_file(fd, n, &info);
    }
    pthread_mutex_unlock(&mutex);
    errno = saved;
}

// Length or blocks changed in ways that are not a write.
static void reshaped(int fd) {
    if (!active) return;
    int saved = errno;
    pthread_mutex_lock(&mutex);
    struct stat info;
    struct node *n = node_of(fd, &info);
    if (n) n->whole = 1;
    pthread_mutex_unlock(&mutex);
    errno = saved;
}

// MARK: start

static void adopt(const char *path);

static void adopt_entry(const char *path, struct node *parent, const char *name) {
    char child[PATH_MAX], entry[PATH_MAX + 300], target[PATH_MAX], base[PATH_MAX];
    struct stat info;
    snprintf(child, sizeof child, "%s/%s", path, name);
    if (lstat(child, &info) != 0) return;
    dir_path(base, parent->id);
    if (S_ISDIR(info.st_mode)) {
        struct node *n = new_dir(info.st_ino);
        snprintf(entry, sizeof entry, "%s/d%s", base, name);
        put_text(entry, n->id);
        adopt(child);
    } else if (S_ISREG(info.st_mode)) {
        struct node *n = find(info.st_ino);
        if (!n) {
            n = new_file(info.st_ino);
            n->whole = 1;
            int fd = real_open(child, O_RDONLY | O_CLOEXEC);
            if (fd < 0) fail("open", child);
            sync_file(fd, n, &info);
            n->whole = 0;
            close(fd);
        }
        file_path(target, n->id);
        snprintf(entry, sizeof entry, "%s/f%s", base, name);
        if (link(target, entry) != 0) fail("link", entry);
    }
}

// What is there at the start counts as durable.
static void adopt(const char *path) {
    struct stat info;
    if (stat(path, &info) != 0) fail("stat", path);
    struct node *self = find(info.st_ino);
    DIR *dir = opendir(path);
    if (!dir) fail("list", path);
    struct dirent *e;
    while ((e = readdir(dir))) {
        if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..")) adopt_entry(path, self, e->d_name);
    }
    closedir(dir);
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *where) {
    (void)info, (void)where;
    if ((type == FTW_DP ? rmdir(path) : real_unlink(path)) != 0) fail("remove", path);
    return 0;
}

static void clear_image(void) {
    static const char *const parts[] = {"files", "dirs"};
    char path[PATH_MAX];
    struct stat info;
    snprintf(path, sizeof path, "%s/whole", image);
    real_unlink(path);
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", image, parts[i]);
        if (stat(path, &info) == 0 && nftw(path, remove_entry, 32, FTW_DEPTH | FTW_PHYS) != 0) fail("remove", path);
    }
}

__attribute__((constructor)) static void start(void) {
    resolve();
    const char *folder = getenv("TANDEM_POWERCUT_DIR");
    if (!folder || !*folder) return;
    forgets = getenv("TANDEM_POWERCUT_FORGETS") != NULL;
    struct stat info;
    char path[PATH_MAX + 16];
    if (!realpath(folder, root) || stat(root, &info) != 0) fail("find", folder);
    root_length = strlen(root);
    device = info.st_dev;
    snprintf(image, sizeof image, "%.4000s.durable", root);
    if (real_mkdir(image, 0700) != 0 && errno != EEXIST) fail("create", image);
    snprintf(path, sizeof path, "%s/lock", image);
    int lock = real_open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0) fail("open", path);
    if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
        close(lock);  // another process is being watched: this one passes through
        return;
    }
    // A launcher (a shell, env) that ran another program in its place left an image behind, in which nothing of note
    // happened: begin anew. Any other image may be all that is left of a folder, so it is not touched.
    char text[32] = "";
    if (pread(lock, text, sizeof text - 1, 0) > 0 && atoi(text) == getpid()) clear_image();
    int length = snprintf(text, sizeof text, "%d\n", getpid());
    if (real_ftruncate(lock, 0) != 0 || real_pwrite(lock, text, (size_t)length, 0) != length) fail("write", path);
    snprintf(path, sizeof path, "%s/files", image);
    if (real_mkdir(path, 0700) != 0) {
        errno = EEXIST;
        fail("an image of an earlier run exists (roll back or remove it first):", path);
    }
    snprintf(path, sizeof path, "%s/dirs", image);
    if (real_mkdir(path, 0700) != 0) fail("create", path);
    new_dir(info.st_ino);  // id 1
    adopt(root);
    // Killed before this, the process has changed nothing, and the image is not to be used.
    snprintf(path, sizeof path, "%s/whole", image);
    int whole = real_open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (whole < 0) fail("create", path);
    close(whole);
    active = 1;
}

// MARK: the calls

// Runs an open that may create, and gives a new file its number.
#define OPENING(at, path, flags, call)                                                                       \
    if (!real_open) resolve();                                                                               \
    int watched = active && path_inside(at, path);                                                           \
    if (!watched) return call;                                                                               \
    pthread_mutex_lock(&mutex);                                                                              \
    struct stat info;                                                                                        \
    int creates = ((flags)&O_CREAT) && fstatat(at, path, &info, 0) != 0;                                     \
    int fd = call;                                                                                           \
    opened(fd, flags, creates);                                                                              \
    pthread_mutex_unlock(&mutex);                                                                            \
    return fd;

static void opened(int fd, int flags, int creates) {
    struct stat info;
    int saved = errno;
    if (fd >= 0 && fstat(fd, &info) == 0 && info.st_dev == device && S_ISREG(info.st_mode)) {
        struct node *n = find(info.st_ino);
        if (creates) new_file(info.st_ino);
        else if (n && (flags & O_TRUNC) && (flags & O_ACCMODE) != O_RDONLY) n->whole = 1;
        if (fd < TRACKED_FDS) synchronous[fd] = (flags & (O_SYNC | O_DSYNC)) != 0;
    }
    errno = saved;
}

#define MODE(flags)                              \
    mode_t mode = 0;                             \
    if ((flags) & (O_CREAT | __O_TMPFILE)) {     \
        va_list list;                            \
        va_start(list, flags);                   \
        mode = (mode_t)va_arg(list, int);        \
        va_end(list);                            \
    }

int open(const char *path, int flags, ...) { MODE(flags) OPENING(AT_FDCWD, path, flags, real_open(path, flags, mode)) }
int open64(const char *path, int flags, ...) { MODE(flags) OPENING(AT_FDCWD, path, flags, real_open64(path, flags, mode)) }
int openat(int at, const char *path, int flags, ...) { MODE(flags) OPENING(at, path, flags, real_openat(at, path, flags, mode)) }
int openat64(int at, const char *path, int flags, ...) { MODE(flags) OPENING(at, path, flags, real_openat64(at, path, flags, mode)) }
int __open_2(const char *path, int flags) { OPENING(AT_FDCWD, path, flags, real_open(path, flags)) }
int __open64_2(const char *path, int flags) { OPENING(AT_FDCWD, path, flags, real_open64(path, flags)) }
int __openat_2(int at, const char *path, int flags) { OPENING(at, path, flags, real_openat(at, path, flags)) }
int __openat64_2(int at, const char *path, int flags) { OPENING(at, path, flags, real_openat64(at, path, flags)) }
int creat(const char *path, mode_t mode) { OPENING(AT_FDCWD, path, O_CREAT | O_TRUNC | O_WRONLY, real_creat(path, mode)) }
int creat64(const char *path, mode_t mode) { OPENING(AT_FDCWD, path, O_CREAT | O_TRUNC | O_WRONLY, real_creat64(path, mode)) }

// stdio writes inside libc, unseen: such a file is copied as a whole when it is synced.
static FILE *fopened(FILE *file, int creates, const char *how) {
    struct stat info;
    int saved = errno;
    if (file && fstat(fileno(file), &info) == 0 && info.st_dev == device && S_ISREG(info.st_mode)) {
        struct node *n = creates ? new_file(info.st_ino) : find(info.st_ino);
        if (n && (how[0] != 'r' || strchr(how, '+'))) n->whole = 1;
    }
    errno = saved;
    return file;
}

#define FOPENING(path, how, call)                                                        \
    if (!real_open) resolve();                                                           \
    if (!active || !path_inside(AT_FDCWD, path)) return call;                            \
    pthread_mutex_lock(&mutex);                                                          \
    struct stat info;                                                                    \
    int creates = (how)[0] != 'r' && stat(path, &info) != 0;                             \
    FILE *file = fopened(call, creates, how);                                            \
    pthread_mutex_unlock(&mutex);                                                        \
    return file;

FILE *fopen(const char *path, const char *how) { FOPENING(path, how, real_fopen(path, how)) }
FILE *fopen64(const char *path, const char *how) { FOPENING(path, how, real_fopen64(path, how)) }

static int made(int at, const char *path, int result) {
    struct stat info;
    int saved = errno;
    if (result == 0 && fstatat(at, path, &info, 0) == 0 && info.st_dev == device) new_dir(info.st_ino);
    errno = saved;
    return result;
}

int mkdir(const char *path, mode_t mode) {
    if (!real_open) resolve();
    if (!active || !path_inside(AT_FDCWD, path)) return real_mkdir(path, mode);
    pthread_mutex_lock(&mutex);
    int result = made(AT_FDCWD, path, real_mkdir(path, mode));
    pthread_mutex_unlock(&mutex);
    return result;
}

int mkdirat(int at, const char *path, mode_t mode) {
    if (!real_open) resolve();
    if (!active || !path_inside(at, path)) return real_mkdirat(at, path, mode);
    pthread_mutex_lock(&mutex);
    int result = made(at, path, real_mkdirat(at, path, mode));
    pthread_mutex_unlock(&mutex);
    return result;
}

// A removed file keeps its durable entries (hard links in the image); the name files/<id> is no longer needed, and would
// hold the space of every file that ever was.
static void removing(int at, const char *path, struct node **n) {
    struct stat info;
    *n = NULL;
    if (fstatat(at, path, &info, AT_SYMLINK_NOFOLLOW) == 0 && info.st_dev == device && S_ISREG(info.st_mode) && info.st_nlink == 1)
        *n = find(info.st_ino);
}

static int removed(int result, struct node *n) {
    int saved = errno;
    if (result == 0 && n) {
        char target[PATH_MAX];
        file_path(target, n->id);
        real_unlink(target);
    }
    errno = saved;
    return result;
}

int unlink(const char *path) {
    if (!real_open) resolve();
    if (!active || !path_inside(AT_FDCWD, path)) return real_unlink(path);
    struct node *n;
    pthread_mutex_lock(&mutex);
    removing(AT_FDCWD, path, &n);
    int result = removed(real_unlink(path), n);
    pthread_mutex_unlock(&mutex);
    return result;
}

int unlinkat(int at, const char *path, int flags) {
    if (!real_open) resolve();
    if (!active || (flags & AT_REMOVEDIR) || !path_inside(at, path)) return real_unlinkat(at, path, flags);
    struct node *n;
    pthread_mutex_lock(&mutex);
    removing(at, path, &n);
    int result = removed(real_unlinkat(at, path, flags), n);
    pthread_mutex_unlock(&mutex);
    return result;
}

#define WRITING(fd, from, call)       \
    if (!real_open) resolve();        \
    ssize_t count = call;             \
    wrote(fd, from, count);           \
    return count;

ssize_t write(int fd, const void *bytes, size_t n) { WRITING(fd, -1, real_write(fd, bytes, n)) }
ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at) { WRITING(fd, at, real_pwrite(fd, bytes, n, at)) }
ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at) { WRITING(fd, at, real_pwrite64(fd, bytes, n, at)) }
ssize_t writev(int fd, const struct iovec *parts, int n) { WRITING(fd, -1, real_writev(fd, parts, n)) }
ssize_t pwritev(int fd, const struct iovec *parts, int n, off_t at) { WRITING(fd, at, real_pwritev(fd, parts, n, at)) }
ssize_t pwritev64(int fd, const struct iovec *parts, int n, off64_t at) { WRITING(fd, at, real_pwritev64(fd, parts, n, at)) }

ssize_t copy_file_range(int in, off64_t *in_at, int out, off64_t *out_at, size_t n, unsigned flags) {
    if (!real_open) resolve();
    ssize_t count = real_copy_file_range(in, in_at, out, out_at, n, flags);
    wrote(out, out_at ? *out_at - count : -1, count);
    return count;
}

#define RESHAPING(fd, ok, call)       \
    if (!real_open) resolve();        \
    int result = call;                \
    if (ok) reshaped(fd);             \
    return result;

int ftruncate(int fd, off_t length) { RESHAPING(fd, result == 0, real_ftruncate(fd, length)) }
int ftruncate64(int fd, off64_t length) { RESHAPING(fd, result == 0, real_ftruncate64(fd, length)) }
// Reserving room past the end (FALLOC_FL_KEEP_SIZE alone) changes no byte; RocksDB does it for every file.
int fallocate(int fd, int mode, off_t at, off_t n) {
    RESHAPING(fd, result == 0 && mode != FALLOC_FL_KEEP_SIZE, real_fallocate(fd, mode, at, n))
}
int fallocate64(int fd, int mode, off64_t at, off64_t n) {
    RESHAPING(fd, result == 0 && mode != FALLOC_FL_KEEP_SIZE, real_fallocate64(fd, mode, at, n))
}
int posix_fallocate(int fd, off_t at, off_t n) { RESHAPING(fd, result == 0, real_posix_fallocate(fd, at, n)) }
int posix_fallocate64(int fd, off64_t at, off64_t n) { RESHAPING(fd, result == 0, real_posix_fallocate64(fd, at, n)) }

static void mapped(int flags, int protection, int fd) {
    if ((flags & MAP_SHARED) && (protection & PROT_WRITE) && fd >= 0) reshaped(fd);
}

void *mmap(void *address, size_t n, int protection, int flags, int fd, off_t at) {
    if (!real_mmap) resolve();
    void *result = real_mmap(address, n, protection, flags, fd, at);
    if (result != MAP_FAILED) mapped(flags, protection, fd);
    return result;
}

void *mmap64(void *address, size_t n, int protection, int flags, int fd, off64_t at) {
    if (!real_mmap64) resolve();
    void *result = real_mmap64(address, n, protection, flags, fd, at);
    if (result != MAP_FAILED) mapped(flags, protection, fd);
    return result;
}

// The image is brought up to date before the call returns, so what a caller believes to be durable is in it. sync(),
// syncfs(), sync_file_range() and msync() are not taken as making anything durable: stricter than the kernel.
#define SYNCING(fd, call)                 \
    if (!real_open) resolve();            \
    int result = call;                    \
    if (result == 0 && active && !forgets) { \
        int saved = errno;                \
        pthread_mutex_lock(&mutex);       \
        synced(fd);                       \
        pthread_mutex_unlock(&mutex);     \
        errno = saved;                    \
    }                                     \
    return result;

int fsync(int fd) { SYNCING(fd, real_fsync(fd)) }
int fdatasync(int fd) { SYNCING(fd, real_fdatasync(fd)) }
