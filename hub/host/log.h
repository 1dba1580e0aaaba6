/* log.h - one JSON line an event of the program, on stderr: {"time":"...","level":"info","what":"...", ...}.
 *
 * No personal data, ever: fields are names of peers, queues, files, numbers and causes. Text is escaped; a line is one write.
 */
#ifndef HOST_LOG_H
#define HOST_LOG_H

#include <stdarg.h>
#include <stdint.h>

typedef enum host_log_level { HOST_LOG_DEBUG, HOST_LOG_INFO, HOST_LOG_WARNING, HOST_LOG_ERROR } host_log_level;

/* Lines below `level` are left out. INFO at start. */
void host_log_set_level(host_log_level level);
/* The program's name, put into every line. BORROWED for ever. */
void host_log_set_program(const char *name);

/* host_log(HOST_LOG_INFO, "session opened", "peer", name, "endpoint", "agency", NULL): text pairs, ended by NULL. */
void host_log(host_log_level level, const char *what, ...) __attribute__((sentinel));

#endif
