/* streams.h - standard input, output and error of a program, whatever it was started with.
 *
 * Why: who is started with one of them closed would give its number to the next file that is opened, and write words for people into an outbox or a
 * socket (libuv ends the process instead).
 */
#ifndef HOST_STREAMS_H
#define HOST_STREAMS_H

/* First of all in main: a stream that is closed reads as ended, and cannot be written to. */
void host_streams_open(void);

#endif
