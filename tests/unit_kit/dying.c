#include "dying.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "kit_support.h"

enum { NEVER = -1, WRITES_LEAST = 30, WRITES_MOST = 1000 };
static int writes_left = NEVER;
static dying_when die_when;

static void before(void)
{
    if (writes_left == 0 && die_when == DYING_BEFORE) (void)kill(getpid(), SIGKILL);
}
static long after(long result)
{
    if (writes_left == 0 && die_when == DYING_AFTER) (void)kill(getpid(), SIGKILL);
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

/* true: it lived to its end. */
static bool lives(const dying_story *story, const char *folder, int n, dying_when when)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        (void)dup2(null, 2); /* the log of hundreds of starts helps nobody */
        die_when = when;
        writes_left = n;
        _exit(story->work(folder));
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
    return WIFEXITED(status);
}

void dying_at_every_write(const dying_story *story, dying_when when)
{
    int n = 0;
    for (bool lived = false; !lived; n++) {
        void *folder = NULL;
        assert_int_equal(kit_folder_make(&folder), 0);
        if (story->prepare != NULL) story->prepare(folder);
        lived = lives(story, folder, n, when);
        assert_true(lives(story, folder, NEVER, when));
        story->check(folder, n);
        assert_int_equal(kit_folder_remove(&folder), 0);
        assert_true(n < WRITES_MOST);
    }
    assert_true(n > WRITES_LEAST); /* the faults did reach the database */
}
