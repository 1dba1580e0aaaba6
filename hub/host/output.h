/* output.h - what a program printed, at its end: whole, or said to be cut. */
#ifndef HOST_OUTPUT_H
#define HOST_OUTPUT_H

/* Sends what is left on standard output and gives the program's exit code: `code`, or `failed` when that is 0 and not everything left - a
 * full disk must not pass for a whole report - which is said on standard error. A reader who has gone (| head) had what they wanted. */
int host_output_end(const char *program, int code, int failed);

#endif
