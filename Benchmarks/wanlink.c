// wanlink: a long-distance IP link between two network namespaces, in user space.
//
// It opens one TUN device in each namespace and carries packets between them with a
// one-way delay, a rate limit, a drop-tail queue and optional random loss, so real TCP
// (slow start, congestion control, window growth) runs over it. Use it where the kernel
// has no netem. Needs root.
//
//   wanlink NS_A NS_B --delay-ms 150 --rate-mbit 100 [--queue-ms 200] [--loss 0.0] [--seed 1] [--rate-file FILE]
//
// On SIGHUP it reads the rate anew from FILE, in Mbit/s: packets that are queued already keep their time.
// NS_A gets 10.77.0.1/30, NS_B 10.77.0.2/30. Prints "ready" when the link is up; runs until
// SIGTERM/SIGINT, then prints per-direction packets, bytes and drops.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { MTU = 1500 };

typedef struct packet { struct packet *next; uint64_t due_ns; int length; unsigned char data[]; } packet;

typedef struct {
    int in, out;                 // TUN descriptors: read from `in`, write to `out`
    packet *head, *tail;         // in flight, ordered by due time
    uint64_t wire_free_ns;       // when the bottleneck has sent everything queued so far
    uint64_t packets, bytes, dropped;
} direction;

static volatile sig_atomic_t stopping;
static volatile sig_atomic_t rate_changed;
static void on_signal(int s) { if (s == SIGHUP) rate_changed = 1; else stopping = 1; }

static double read_rate(const char *path, double otherwise) {
    double rate = 0;
    FILE *file = path ? fopen(path, "r") : NULL;
    if (file) {
        if (fscanf(file, "%lf", &rate) != 1) rate = 0;
        fclose(file);
    }
    return rate > 0 ? rate : otherwise;
}

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void die(const char *what) { fprintf(stderr, "wanlink: %s: %s\n", what, strerror(errno)); exit(1); }

static int open_tun(const char *netns, const char *address) {
    char path[256], command[512];
    snprintf(path, sizeof path, "/var/run/netns/%s", netns);
    int home = open("/proc/self/ns/net", O_RDONLY), there = open(path, O_RDONLY);
    if (home < 0 || there < 0) die(path);
    if (setns(there, CLONE_NEWNET)) die("setns");
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
    if (fd < 0) die("/dev/net/tun");
    struct ifreq request = {0};
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    strcpy(request.ifr_name, "wan0");
    if (ioctl(fd, TUNSETIFF, &request)) die("TUNSETIFF");
    if (setns(home, CLONE_NEWNET)) die("setns home");
    close(home); close(there);
    snprintf(command, sizeof command,
             "ip netns exec %s sh -c 'ip addr add %s/30 dev wan0 && ip link set wan0 mtu %d txqueuelen 10000 up && ip link set lo up'",
             netns, address, MTU);
    if (system(command)) { fprintf(stderr, "wanlink: could not set up wan0 in %s\n", netns); exit(1); }
    return fd;
}

int main(int argc, char **argv) {
    if (argc < 3) { fprintf(stderr, "usage: wanlink NS_A NS_B [--delay-ms N] [--rate-mbit N] [--queue-ms N] [--loss P] [--seed N] [--rate-file FILE]\n"); return 2; }
    double delay_ms = 150, rate_mbit = 100, queue_ms = 200, loss = 0;
    unsigned seed = 1;
    const char *rate_file = NULL;
    for (int i = 3; i + 1 < argc; i += 2) {
        if (!strcmp(argv[i], "--delay-ms")) delay_ms = atof(argv[i + 1]);
        else if (!strcmp(argv[i], "--rate-mbit")) rate_mbit = atof(argv[i + 1]);
        else if (!strcmp(argv[i], "--queue-ms")) queue_ms = atof(argv[i + 1]);
        else if (!strcmp(argv[i], "--loss")) loss = atof(argv[i + 1]);
        else if (!strcmp(argv[i], "--rate-file")) rate_file = argv[i + 1];
        else if (!strcmp(argv[i], "--seed")) seed = (unsigned)atoi(argv[i + 1]);
        else { fprintf(stderr, "wanlink: unknown option %s\n", argv[i]); return 2; }
    }
    srand48(seed);
    int a = open_tun(argv[1], "10.77.0.1"), b = open_tun(argv[2], "10.77.0.2");
    direction way[2] = {{.in = a, .out = b}, {.in = b, .out = a}};
    const uint64_t delay_ns = (uint64_t)(delay_ms * 1e6), queue_ns = (uint64_t)(queue_ms * 1e6);
    double ns_per_byte = 8000.0 / rate_mbit;
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    puts("ready");
    fflush(stdout);
    while (!stopping) {
        if (rate_changed) {
            rate_changed = 0;
            rate_mbit = read_rate(rate_file, rate_mbit);
            ns_per_byte = 8000.0 / rate_mbit;
        }
        uint64_t now = now_ns(), next = UINT64_MAX;
        for (int d = 0; d < 2; d++) {
            direction *w = &way[d];
            while (w->head && w->head->due_ns <= now) {
                packet *p = w->head;
                if (write(w->out, p->data, (size_t)p->length) < 0 && errno == EAGAIN) break;
                w->head = p->next;
                if (!w->head) w->tail = NULL;
                w->packets++;
                w->bytes += (uint64_t)p->length;
                free(p);
            }
            if (w->head && w->head->due_ns < next) next = w->head->due_ns;
        }
        struct pollfd polled[2] = {{.fd = a, .events = POLLIN}, {.fd = b, .events = POLLIN}};
        struct timespec wait = {1, 0};
        if (next != UINT64_MAX) {
            now = now_ns();
            uint64_t left = next > now ? next - now : 0;
            wait.tv_sec = (time_t)(left / 1000000000u);
            wait.tv_nsec = (long)(left % 1000000000u);
        }
        if (ppoll(polled, 2, &wait, NULL) < 0 && errno != EINTR) die("ppoll");
        for (int d = 0; d < 2; d++) {
            direction *w = &way[d];
            if (!(polled[d].revents & POLLIN)) continue;
            for (int burst = 0; burst < 256; burst++) {
                unsigned char buffer[65536];
                ssize_t n = read(w->in, buffer, sizeof buffer);
                if (n <= 0) break;
                now = now_ns();
                uint64_t start = w->wire_free_ns > now ? w->wire_free_ns : now;
                if (start - now > queue_ns || (loss > 0 && drand48() < loss)) { w->dropped++; continue; }
                w->wire_free_ns = start + (uint64_t)((double)n * ns_per_byte);
                packet *p = malloc(sizeof *p + (size_t)n);
                if (!p) die("malloc");
                p->next = NULL;
                p->due_ns = w->wire_free_ns + delay_ns;
                p->length = (int)n;
                memcpy(p->data, buffer, (size_t)n);
                if (w->tail) w->tail->next = p; else w->head = p;
                w->tail = p;
            }
        }
    }
    for (int d = 0; d < 2; d++)
        printf("%s: %llu packets, %llu bytes, %llu dropped\n", d ? "b->a" : "a->b",
               (unsigned long long)way[d].packets, (unsigned long long)way[d].bytes, (unsigned long long)way[d].dropped);
    return 0;
}
