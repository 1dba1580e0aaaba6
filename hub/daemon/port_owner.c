#include "port_owner.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The inode of the socket that listens on `port`; 0 = none in this table. Format: proc(5), /proc/net/tcp. */
static unsigned long listening_inode(const char *table, unsigned port)
{
    FILE *file = fopen(table, "r");
    if (file == NULL) return 0;
    char line[512];
    unsigned long found = 0;
    while (found == 0 && fgets(line, sizeof line, file) != NULL) {
        unsigned local = 0, state = 0;
        unsigned long inode = 0;
        int fields =
            sscanf(line, " %*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*x:%*x %*x:%*x %*x %*u %*u %lu", &local, &state, &inode);
        if (fields == 3 && local == port && state == 0x0A) found = inode;
    }
    (void)fclose(file);
    return found;
}

static int process_holds(const char *pid, unsigned long inode)
{
    char path[PATH_MAX], wanted[64], target[64];
    (void)snprintf(wanted, sizeof wanted, "socket:[%lu]", inode);
    (void)snprintf(path, sizeof path, "/proc/%s/fd", pid);
    DIR *folder = opendir(path);
    if (folder == NULL) return 0;
    int holds = 0;
    for (const struct dirent *entry = readdir(folder); entry != NULL && !holds; entry = readdir(folder)) {
        (void)snprintf(path, sizeof path, "/proc/%s/fd/%s", pid, entry->d_name);
        ssize_t length = readlink(path, target, sizeof target - 1);
        if (length <= 0) continue;
        target[length] = '\0';
        holds = strcmp(target, wanted) == 0;
    }
    (void)closedir(folder);
    return holds;
}

static void name_of(const char *pid, char *out, size_t size)
{
    char path[PATH_MAX], name[64] = "a process";
    (void)snprintf(path, sizeof path, "/proc/%s/comm", pid);
    FILE *file = fopen(path, "r");
    if (file != NULL) {
        if (fgets(name, sizeof name, file) != NULL) name[strcspn(name, "\n")] = '\0';
        (void)fclose(file);
    }
    (void)snprintf(out, size, "%s (pid %s)", name, pid);
}

void daemon_port_owner(const char *endpoint, char *out, size_t size)
{
    (void)snprintf(out, size, "another process");
    const char *colon = strrchr(endpoint, ':');
    unsigned port = colon == NULL ? 0 : (unsigned)strtoul(colon + 1, NULL, 10);
    unsigned long inode = listening_inode("/proc/net/tcp", port);
    if (inode == 0) inode = listening_inode("/proc/net/tcp6", port);
    DIR *proc = inode == 0 ? NULL : opendir("/proc");
    if (proc == NULL) return;
    for (const struct dirent *entry = readdir(proc); entry != NULL; entry = readdir(proc)) {
        if (!isdigit((unsigned char)entry->d_name[0]) || !process_holds(entry->d_name, inode)) continue;
        name_of(entry->d_name, out, size);
        break;
    }
    (void)closedir(proc);
}
