#include "streams.h"

#include <fcntl.h>
#include <unistd.h>

void host_streams_open(void)
{
    int fd = -1;
    do {
        fd = open("/dev/null", O_RDONLY); /* takes the lowest number that is free */
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0) close(fd);
}
