/* A disk that lies, for the controls of the power cut: preloaded, what ANTIPODE_LIE names is not flushed, and told to be.
 *
 *   all             everything
 *   office          by `antipode serve`            workers   by `antipode worker`
 *   files           files of the spool             folders   folders, wherever they are
 *   journal, vault  the database of that name, with its log
 *
 * The gateway gives its workers an environment of its own making, so the variables are handed on where it starts them.
 * Each lie leaves a letter in the file ANTIPODE_LIES (o by the office, w by a worker): a control in which nobody lied
 * would prove nothing. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const handed_on[] = {"LD_PRELOAD", "ANTIPODE_LIE", "ANTIPODE_LIES"};
enum { HANDED_ON = sizeof handed_on / sizeof *handed_on };

static char who = '?';

__attribute__((constructor)) static void look_who_this_is(int count, char **arguments) {
    if (count > 1 && !strcmp(arguments[1], "serve")) who = 'o';
    if (count > 1 && !strcmp(arguments[1], "worker")) who = 'w';
}

static int is_lied_about(int descriptor) {
    const char *what = getenv("ANTIPODE_LIE");
    char link[64], path[4096];
    struct stat status;
    if (!what || who == '?') return 0;
    if (!strcmp(what, "all")) return 1;
    if (!strcmp(what, "office")) return who == 'o';
    if (!strcmp(what, "workers")) return who == 'w';
    if (fstat(descriptor, &status)) return 0;
    if (!strcmp(what, "folders")) return S_ISDIR(status.st_mode);
    if (!S_ISREG(status.st_mode)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    if (!strcmp(what, "files")) return strstr(path, "/objects/") || strstr(path, "/incoming/");
    const char *name = strrchr(path, '/');
    return name && !strncmp(name + 1, what, strlen(what));
}

static void count_it(void) {
    const char *path = getenv("ANTIPODE_LIES");
    int file = path ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (file < 0) return;
    if (write(file, &who, 1) < 0) { /* One less is counted. */ }
    close(file);
}

#define LYING(name)                                                   \
    int name(int descriptor) {                                        \
        static int (*real)(int);                                      \
        if (!real) *(void **)&real = dlsym(RTLD_NEXT, #name);         \
        if (!is_lied_about(descriptor)) return real(descriptor);      \
        count_it();                                                   \
        return 0;                                                     \
    }
LYING(fsync)
LYING(fdatasync)

int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *attributes, char *const arguments[], char *const environment[]) {
    static int (*real)(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
                       char *const[], char *const[]);
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, "posix_spawn");
    size_t count = 0;
    while (environment && environment[count]) count++;
    char **more = calloc(count + HANDED_ON + 1, sizeof *more);
    if (!more) return 12;
    if (count) memcpy(more, environment, count * sizeof *more);
    size_t end = count;
    for (size_t i = 0; i < HANDED_ON; i++) {
        const char *value = getenv(handed_on[i]);
        if (value && asprintf(&more[end], "%s=%s", handed_on[i], value) > 0) end++;
    }
    more[end] = NULL;
    int code = real(pid, path, actions, attributes, arguments, more);
    for (size_t i = count; i < end; i++) free(more[i]);
    free(more);
    return code;
}
