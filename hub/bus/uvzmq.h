/* uvzmq.h - a ZeroMQ socket on a libuv loop, without losing a message.
 *
 * Why it is not simply a uv_poll: a socket's file descriptor is edge-triggered and says only "look again". What is there to do is told
 * by ZMQ_EVENTS alone, and every send or receive, anywhere, may swallow the edge. So a socket has four handles:
 *
 *     poll      wakes the loop, and does nothing else
 *     prepare   before the loop may sleep: is something ready that we want? then an idle handle keeps it awake
 *     check     after the poll: serves, at most until its owner says ENOUGH; the rest comes in the next turn
 *     idle      active only to make the loop's time-out zero
 *
 * Invariants
 *   U1  the loop never sleeps while a wanted message waits in the socket, provided that nobody uses the socket in a prepare callback
 *   U2  write interest is on only while its owner has something to write: a socket is nearly always writable, and would spin
 *   U3  memory is freed in the last of the four close callbacks, the socket closed after its poll handle
 */
#ifndef BUS_UVZMQ_H
#define BUS_UVZMQ_H

#include <uv.h>

#include "base/status.h"

typedef struct bus_uvzmq bus_uvzmq;

typedef enum bus_turn {
    BUS_TURN_AGAIN,  /* one was served, call me again in this turn */
    BUS_TURN_EMPTY,  /* nothing is left (receive or send answered EAGAIN) */
    BUS_TURN_ENOUGH, /* this turn's budget is used up; call me again in the next turn, whatever the socket says */
} bus_turn;

typedef enum bus_interest { BUS_INTEREST_OFF, BUS_INTEREST_ON } bus_interest;

typedef struct bus_uvzmq_options {
    void *context;                       /* BORROWED, given to each callback */
    bus_turn (*readable)(void *context); /* receives one message with ZMQ_DONTWAIT */
    bus_turn (*writable)(void *context); /* sends one; may be NULL */
    void (*served)(void *context);       /* after the callbacks of a turn in which at least one was called; may be NULL */
    void (*closed)(void *context);       /* after the last handle was closed; may be NULL */
} bus_uvzmq_options;

/* `socket` is TAKEN (also on failure). HUB_OK, HUB_ERR_MEMORY, HUB_ERR_IO. Reading is on, writing off. */
hub_status bus_uvzmq_open(uv_loop_t *loop, void *socket, const bus_uvzmq_options *options, bus_uvzmq **out, hub_error *err);
void *bus_uvzmq_socket(const bus_uvzmq *zmq); /* BORROWED */
void bus_uvzmq_want_read(bus_uvzmq *zmq, bus_interest interest);
void bus_uvzmq_want_write(bus_uvzmq *zmq, bus_interest interest);
/* Serves now, from wherever (not from a prepare callback): for an owner that wants this socket served before another. */
void bus_uvzmq_serve(bus_uvzmq *zmq);
/* No callback but `closed` comes after this. NULL is allowed. */
void bus_uvzmq_close(bus_uvzmq *zmq);

#endif
