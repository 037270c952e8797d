// slowdisk: a disk that is slower than it is, or that forgets. Preloaded, each fsync, fdatasync and syncfs sleeps ANTIPODE_SLOW_MS
// milliseconds before it does its work. With ANTIPODE_DISK_FORGETS, to learn what receiving would be without its disk, they do
// nothing: `images` those of the spool's files, `flushes` all of them, `files` those of the spool's files, which are not even written but
// for short pieces. A process that is started with an environment of its own gets the variables
// all the same, since the gateway gives its workers only what they need.
//
//   cc -O2 -shared -fPIC -o slowdisk.so slowdisk.c -ldl
//   LD_PRELOAD=./slowdisk.so ANTIPODE_SLOW_MS=5 antipode serve …
#define _GNU_SOURCE
#include <dlfcn.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int forgets(const char *what) {
    const char *text = getenv("ANTIPODE_DISK_FORGETS");
    return text && !strcmp(text, what);
}

static int is_of_the_spool(int descriptor) {
    char link[64], path[4096];
    struct stat status;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t count = readlink(link, path, sizeof path - 1);
    if (count < 0 || fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return 0;
    path[count] = 0;
    return strstr(path, "/spool/") != NULL;
}

static int is_forgotten(int descriptor) {
    return forgets("flushes") || ((forgets("images") || forgets("files")) && is_of_the_spool(descriptor));
}

static void wait_as_a_disk(void) {
    const char *text = getenv("ANTIPODE_SLOW_MS");
    double ms = text ? atof(text) : 0;
    struct timespec pause = {(time_t)(ms / 1000), (long)((ms - 1000 * (double)(long)(ms / 1000)) * 1e6)};
    while (nanosleep(&pause, &pause)) {}
}

#define SLOW(name)                                                    \
    int name(int descriptor) {                                        \
        static int (*real)(int);                                      \
        if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, #name);      \
        if (is_forgotten(descriptor)) return 0;                       \
        wait_as_a_disk();                                             \
        return real(descriptor);                                      \
    }
SLOW(fsync)
SLOW(fdatasync)
SLOW(syncfs)

#define WRITE(name)                                                                                          \
    ssize_t name(int descriptor, const void *bytes, size_t count, off_t place) {                             \
        static ssize_t (*real)(int, const void *, size_t, off_t);                                            \
        if (!real) real = (ssize_t (*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, #name);            \
        if (count >= 32 << 10 && forgets("files") && is_of_the_spool(descriptor)) return (ssize_t)count;     \
        return real(descriptor, bytes, count, place);                                                        \
    }
WRITE(pwrite)
WRITE(pwrite64)

int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *attributes, char *const arguments[], char *const environment[]) {
    static int (*real)(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
                       char *const[], char *const[]);
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, "posix_spawn");
    static const char *const names[] = {"LD_PRELOAD", "ANTIPODE_SLOW_MS", "ANTIPODE_DISK_FORGETS"};
    const size_t known = sizeof names / sizeof *names;
    size_t count = 0;
    while (environment && environment[count]) count++;
    char **more = calloc(count + known + 1, sizeof *more);
    if (!more) return 12;
    for (size_t i = 0; i < count; i++) more[i] = environment[i];
    size_t end = count;
    for (size_t n = 0; n < known; n++) {
        const char *value = getenv(names[n]);
        size_t length = strlen(names[n]);
        int there = 0;
        for (size_t i = 0; i < count; i++) there |= !strncmp(more[i], names[n], length) && more[i][length] == '=';
        if (!value || there) continue;
        char *word = malloc(length + strlen(value) + 2);
        if (!word) continue;
        strcpy(word, names[n]);
        word[length] = '=';
        strcpy(word + length + 1, value);
        more[end++] = word;
    }
    int code = real(pid, path, actions, attributes, arguments, more);
    for (size_t i = count; i < end; i++) free(more[i]);
    free(more);
    return code;
}
