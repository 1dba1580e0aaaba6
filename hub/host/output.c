#include "output.h"

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

int host_output_end(const char *program, int code, int failed)
{
    if (fflush(stdout) == 0 && !ferror(stdout)) return code;
    struct pollfd reader = {.fd = STDOUT_FILENO, .events = POLLOUT};
    if (poll(&reader, 1, 0) == 1 && (reader.revents & POLLERR) != 0) return code;
    (void)fprintf(stderr, "%s: standard output took not all of the answer, which is cut short; is its disk full?\n", program);
    return code == 0 ? failed : code;
}
