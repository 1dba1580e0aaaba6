/* streams.h - standard input, output and error of a program: at its start, and whether all that it printed has left.
 *
 * Why: who is started with one of them closed would give its number to the next file that is opened, and write words for people into an outbox or a
 * socket (libuv ends the process instead).
 */
#ifndef HOST_STREAMS_H
#define HOST_STREAMS_H

/* First of all in main: a stream that is closed reads as ended, and cannot be written to. */
void host_streams_open(void);
/* Sends what is left on standard output and gives the program's exit code: `code`, or `failed` when that is 0 and not everything left - a
 * full disk must not pass for a whole report - which is said on standard error. A reader who has gone (| head) had what they wanted. */
int host_output_end(const char *program, int code, int failed);

#endif
