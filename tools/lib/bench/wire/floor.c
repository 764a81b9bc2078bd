// The least that a search's way over loopback costs on this machine: the daemon's threads and system calls, in C, with nothing
// in between but the calls themselves.
//
//   client ──TCP──▶ event loop ──condition──▶ worker (works) ──eventfd──▶ event loop ──TCP──▶ client
//
// Client and server are processes. The worker reads `sweep` bytes of memory again and again for `work` microseconds, as a model's
// weights pass through the caches, and tells how long that took; what the client saw less that is printed, in microseconds.
//
// Usage: floor COUNT WORK_US SWEEP_BYTES REQUEST_BYTES REPLY_BYTES     Output: p50 p99
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long work_ns, sweep_bytes, request_bytes, reply_bytes;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wanted = PTHREAD_COND_INITIALIZER;
static int waiting, done_fd;
static int64_t received_at, took;

static void check(int ok, const char *what) {
    if (!ok) { perror(what); exit(1); }
}

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void *worker(void *unused) {
    (void)unused;
    char *memory = malloc(sweep_bytes + 64);
    volatile char sink = 0;
    check(memory != NULL, "malloc");
    memset(memory, 1, sweep_bytes + 64);
    for (;;) {
        pthread_mutex_lock(&lock);
        while (!waiting) pthread_cond_wait(&wanted, &lock);
        waiting = 0;
        pthread_mutex_unlock(&lock);
        while (now() - received_at < work_ns)
            for (long i = 0; i < sweep_bytes; i += 64) sink += memory[i];
        took = now() - received_at;
        uint64_t one = 1;
        check(write(done_fd, &one, 8) == 8, "write to eventfd");
    }
    return NULL;
}

static void watch(int epoll, int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    check(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
}

static void serve(int listener) {
    int one = 1, connection = accept(listener, NULL, NULL), epoll = epoll_create1(0);
    check(connection >= 0 && epoll >= 0, "accept");
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    done_fd = eventfd(0, 0);
    watch(epoll, connection);
    watch(epoll, done_fd);
    pthread_t thread;
    check(pthread_create(&thread, NULL, worker, NULL) == 0, "pthread_create");
    char *buffer = calloc(1, request_bytes > reply_bytes ? request_bytes : reply_bytes);
    for (long got = 0;;) {
        struct epoll_event event;
        if (epoll_wait(epoll, &event, 1, -1) != 1) continue;
        if (event.data.fd == connection) {
            long n = read(connection, buffer, request_bytes - got);
            if (n <= 0) exit(0);
            if ((got += n) < request_bytes) continue;
            got = 0;
            pthread_mutex_lock(&lock);
            received_at = now();
            waiting = 1;
            pthread_cond_signal(&wanted);
            pthread_mutex_unlock(&lock);
        } else {
            uint64_t count;
            check(read(done_fd, &count, 8) == 8, "read from eventfd");
            memcpy(buffer, &took, 8);
            check(write(connection, buffer, reply_bytes) == reply_bytes, "write");
        }
    }
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    check(argc == 6, "usage: floor COUNT WORK_US SWEEP_BYTES REQUEST_BYTES REPLY_BYTES");
    long count = atol(argv[1]);
    work_ns = atol(argv[2]) * 1000, sweep_bytes = atol(argv[3]), request_bytes = atol(argv[4]), reply_bytes = atol(argv[5]);
    check(count > 0 && request_bytes > 0 && reply_bytes >= 8 && reply_bytes < 32768, "arguments");
    int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    check(bind(listener, (void *)&address, size) == 0 && listen(listener, 1) == 0, "listen");
    getsockname(listener, (void *)&address, &size);
    if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        serve(listener);
    }
    int connection = socket(AF_INET, SOCK_STREAM, 0), epoll = epoll_create1(0);
    check(connect(connection, (void *)&address, size) == 0, "connect");
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    watch(epoll, connection);
    char *buffer = calloc(1, request_bytes > reply_bytes ? request_bytes : reply_bytes);
    double *times = calloc(count, sizeof *times);
    for (long i = -20; i < count; i++) {
        int64_t begin = now(), server;
        check(write(connection, buffer, request_bytes) == request_bytes, "write");
        for (long got = 0; got < reply_bytes;) {
            struct epoll_event event;
            if (epoll_wait(epoll, &event, 1, -1) != 1) continue;
            long n = read(connection, buffer + got, reply_bytes - got);
            check(n > 0, "read");
            got += n;
        }
        int64_t all = now() - begin;
        memcpy(&server, buffer, 8);
        if (i >= 0) times[i] = (all - server) / 1000.0;
    }
    qsort(times, count, sizeof *times, by_value);
    printf("%.1f %.1f\n", times[(count - 1) / 2], times[(long)(0.99 * (count - 1))]);
    close(connection);
    wait(NULL);
    return 0;
}
