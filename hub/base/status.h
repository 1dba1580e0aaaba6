/* status.h - how functions say that they could not do their work.
 *
 * Three kinds of failure have three means. A programmer's error trips HUB_ASSERT, in release too. An operating error (disk, network,
 * input that cannot be read) is a hub_status with a text for a person in a hub_error. A refusal by policy is neither: it is a value
 * decided by the core and recorded.
 */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#include <stdarg.h>
#include <stdnoreturn.h>

/* X(name, words) */
#define HUB_STATUS_LIST(X)                                                                                                       \
    X(HUB_OK, "done")                                                                                                            \
    X(HUB_ERR_MEMORY, "out of memory")                                                                                           \
    X(HUB_ERR_IO, "input or output failed")                                                                                      \
    X(HUB_ERR_CORRUPT, "stored data is damaged")                                                                                 \
    X(HUB_ERR_INVALID, "invalid input")                                                                                          \
    X(HUB_ERR_NOT_FOUND, "not found")                                                                                            \
    X(HUB_ERR_EXISTS, "exists already")                                                                                          \
    X(HUB_ERR_FULL, "full")                                                                                                      \
    X(HUB_ERR_UNKNOWN, "outcome unknown")                                                                                        \
    X(HUB_ERR_AGAIN, "try again later")                                                                                          \
    X(HUB_ERR_REFUSED, "refused")                                                                                                \
    X(HUB_ERR_VERSION, "written by a newer version")

/* A status that nobody looks at is a failure that nobody hears of: the compiler complains. Write (void) in front where that is right. */
#if defined __has_c_attribute
#if __has_c_attribute(nodiscard)
#define HUB_LOOKED_AT [[nodiscard]]
#endif
#endif
#ifndef HUB_LOOKED_AT
#define HUB_LOOKED_AT
#endif
__extension__ typedef enum HUB_LOOKED_AT hub_status {
#define X(name, words) name,
    HUB_STATUS_LIST(X)
#undef X
} hub_status;

/* The text of an operating error: what, where, what to do. Never personal data. */
typedef struct hub_error {
    char text[512];
} hub_error;

/* Writes the formatted text (cut at the end of the buffer) and returns `status`, so that one line reports and returns.
 *   err  may be NULL: the caller does not want the text */
hub_status hub_fail(hub_error *err, hub_status status, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Puts "context: " in front of the text that is there, and returns `status`. */
hub_status hub_fail_within(hub_error *err, hub_status status, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Words for a status, e.g. "stored data is damaged". Never NULL. */
const char *hub_status_text(hub_status status);

/* Prints the broken condition to stderr and aborts. Use HUB_ASSERT. */
noreturn void hub_assert_failed(const char *condition, const char *file, int line);

/* Kept in release: a hub that has lost an invariant must stop rather than go on deciding. One condition, no side effects, never on
 * bytes from outside. */
#define HUB_ASSERT(condition)                                                                                                    \
    do {                                                                                                                         \
        if (!(condition)) hub_assert_failed(#condition, __FILE__, __LINE__);                                                     \
    } while (0)

#endif
