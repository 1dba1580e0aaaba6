#include "dying.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int writes_left = -1; /* -1: no fault is planned */
static int die_after;        /* 1: the call is made first */

static void before(void)
{
    if (writes_left == 0 && die_after == 0) (void)kill(getpid(), SIGKILL);
}
static long after(long result)
{
    if (writes_left == 0 && die_after == 1) (void)kill(getpid(), SIGKILL);
    if (writes_left > 0) writes_left--;
    return result;
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t at);
ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t at)
{
    before();
    return after(syscall(SYS_pwrite64, fd, bytes, size, at));
}
ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at)
{
    return pwrite64(fd, bytes, size, at);
}
int fdatasync(int fd)
{
    before();
    return (int)after(syscall(SYS_fdatasync, fd));
}
int fsync(int fd)
{
    before();
    return (int)after(syscall(SYS_fsync, fd));
}
int ftruncate64(int fd, off_t size);
int ftruncate64(int fd, off_t size)
{
    before();
    return (int)after(syscall(SYS_ftruncate, fd, size));
}
int unlink(const char *path)
{
    before();
    return (int)after(syscall(SYS_unlink, path));
}
int rename(const char *from, const char *to)
{
    before();
    return (int)after(syscall(SYS_rename, from, to));
}

bool dying_lives(int (*work)(const char *folder), const char *folder, int n, int after_call)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        (void)dup2(null, 2); /* the log of hundreds of starts helps nobody */
        die_after = after_call;
        writes_left = n;
        _exit(work(folder));
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
    return WIFEXITED(status);
}
