// powercut-rollback FOLDER: puts what libpowercut.so saw as durable in the place of FOLDER's content. See README.md.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static char image[PATH_MAX];

static void fail(const char *what, const char *path) {
    fprintf(stderr, "powercut-rollback: %s %s: %s\n", what, path, strerror(errno));
    exit(1);
}

static int drop(const char *path, const struct stat *info, int type, struct FTW *where) {
    (void)info, (void)type;
    // The folder itself stays: others may hold it open or have made it.
    if (where->level > 0 && remove(path) != 0) fail("remove", path);
    return 0;
}

// A copy, not a link: the image's files may share an inode that the next run will write to.
static void copy(const char *from, const char *to) {
    static char buffer[1 << 20];
    int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (in < 0) fail("open", from);
    if (out < 0) fail("create", to);
    ssize_t n;
    while ((n = read(in, buffer, sizeof buffer)) > 0) {
        if (write(out, buffer, (size_t)n) != n) fail("write", to);
    }
    if (n < 0) fail("read", from);
    close(in);
    close(out);
}

static void restore(const char *id, const char *to) {
    char base[PATH_MAX], from[PATH_MAX + 300], target[PATH_MAX];
    snprintf(base, sizeof base, "%.3000s/dirs/%.30s", image, id);
    DIR *dir = opendir(base);
    if (!dir) fail("list", base);
    struct dirent *e;
    while ((e = readdir(dir))) {
        if (e->d_name[0] != 'f' && e->d_name[0] != 'd') continue;
        snprintf(from, sizeof from, "%s/%s", base, e->d_name);
        snprintf(target, sizeof target, "%.3800s/%s", to, e->d_name + 1);
        if (e->d_name[0] == 'f') {
            copy(from, target);
            continue;
        }
        char child[32] = "";
        int fd = open(from, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || read(fd, child, sizeof child - 1) <= 0) fail("read", from);
        close(fd);
        child[strcspn(child, "\n")] = 0;
        if (mkdir(target, 0750) != 0) fail("create", target);
        restore(child, target);
    }
    closedir(dir);
}

int main(int count, char **arguments) {
    if (count != 2 || !strcmp(arguments[1], "--help")) {
        fprintf(count == 2 ? stdout : stderr,
                "usage: powercut-rollback FOLDER\n"
                "Gives FOLDER the content that it had on disk when the process watched by libpowercut.so was killed,\n"
                "as far as it was fsynced, and removes FOLDER.durable. See tools/powercut/README.md.\n");
        return count == 2 ? 0 : 2;
    }
    char root[PATH_MAX], path[PATH_MAX + 16];
    if (!realpath(arguments[1], root)) fail("find", arguments[1]);
    snprintf(image, sizeof image, "%.4000s.durable", root);
    snprintf(path, sizeof path, "%s/lock", image);
    int lock = open(path, O_RDWR | O_CLOEXEC);
    if (lock < 0) fail("open", path);
    if (flock(lock, LOCK_EX | LOCK_NB) != 0) fail("the watched process still runs; kill it first:", path);
    // Without this mark the process was killed before its first step: the folder is as it was, the image a part of it.
    snprintf(path, sizeof path, "%s/whole", image);
    if (access(path, F_OK) == 0) {
        if (nftw(root, drop, 64, FTW_DEPTH | FTW_PHYS) != 0) fail("empty", root);
        restore("1", root);
    }
    if (nftw(image, drop, 64, FTW_DEPTH | FTW_PHYS) != 0 || rmdir(image) != 0) fail("remove", image);
    return 0;
}
