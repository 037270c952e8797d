// slowdisk: a disk whose flush takes a while. Preloaded, each fsync, fdatasync and syncfs sleeps ANTIPODE_SLOW_MS
// milliseconds before it does its work. A process that is started with an environment of its own gets the two variables
// all the same, since the gateway gives its workers only what they need.
//
//   cc -O2 -shared -fPIC -o slowdisk.so slowdisk.c -ldl
//   LD_PRELOAD=./slowdisk.so ANTIPODE_SLOW_MS=5 antipode serve …
#define _GNU_SOURCE
#include <dlfcn.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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
        wait_as_a_disk();                                             \
        return real(descriptor);                                      \
    }
SLOW(fsync)
SLOW(fdatasync)
SLOW(syncfs)

int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *attributes, char *const arguments[], char *const environment[]) {
    static int (*real)(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
                       char *const[], char *const[]);
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, "posix_spawn");
    static const char *const names[] = {"LD_PRELOAD", "ANTIPODE_SLOW_MS"};
    size_t count = 0;
    while (environment && environment[count]) count++;
    char **more = calloc(count + 3, sizeof *more);
    if (!more) return 12;
    for (size_t i = 0; i < count; i++) more[i] = environment[i];
    size_t end = count;
    for (size_t n = 0; n < 2; n++) {
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
