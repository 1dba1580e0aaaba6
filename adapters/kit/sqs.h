/* sqs.h - takes messages from an Amazon SQS queue: HMPPS domain events come this way, bare or in the envelope of an SNS topic.
 *
 *     receive (long poll, on a thread) -> desk: all of them, one batch -> delete those that are safe -> receive ...
 *                                               '- what could not be stored now stays at hand, held, and is put to the desk again
 *
 * Invariants
 *   Q1  a message is deleted only after the desk has answered for it (desk.h K1); one that was parked is safe too: it is in the quarantine
 *   Q2  a message that comes again (it was not deleted in time) makes no second event: it is known by the topic's number, or the queue's
 *   Q3  messages go on in the order in which the queue gave them
 *   Q5  what we have is held (its time of invisibility begins anew) until it is deleted, also while the hub is away for hours: a redrive policy
 *       counts how often a message was received, and one that could not be stored is no poison. What is no message of the mapping's at all is let
 *       go: it comes again, and the policy moves it aside
 *   Q4  while the queue cannot be reached it is asked ever more slowly, once a minute at last, and the cause is said once
 */
#ifndef KIT_SQS_H
#define KIT_SQS_H

#include "desk.h"

typedef struct kit_sqs kit_sqs;

typedef struct kit_sqs_options {
    kit_desk *desk;          /* BORROWED; closed after the queue */
    kit_intake *intake;      /* BORROWED; KIT_UNREADABLE_PARKS */
    const char *queue_url;   /* BORROWED for its life, as the two below */
    const char *endpoint;    /* where the service is asked; "" = at the queue_url's host */
    const char *region;      /* "eu-west-2" */
    const char *credentials; /* path of a file (sqs_call.h) */
    uint32_t visibility_s;   /* how long a message is ours before it is given out again */
    unsigned wait_s;         /* of a long poll; 0 = 20 */
    int64_t hold_ms;         /* how often messages are held; 0 = half of visibility_s */
    int64_t (*now_ms)(void *context);
    void *context;
} kit_sqs_options;

typedef struct kit_sqs_counts {
    uint64_t received, deleted;
} kit_sqs_counts;

/* HUB_ERR_INVALID: a URL that is neither https nor on loopback; HUB_ERR_MEMORY. */
hub_status kit_sqs_open(uv_loop_t *loop, const kit_sqs_options *options, kit_sqs **out, hub_error *err);
/* Ends a poll under way within a second; the memory goes when the loop has let go of it. NULL is allowed. */
void kit_sqs_close(kit_sqs *sqs);
void kit_sqs_counts_of(const kit_sqs *sqs, kit_sqs_counts *out);
const char *kit_sqs_trouble(const kit_sqs *sqs); /* why nothing comes from the queue, BORROWED; "" = it is heard */

#endif
