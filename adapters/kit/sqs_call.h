/* sqs_call.h - the three calls of Amazon SQS that an adapter makes, in its JSON protocol, signed by AWS Signature 4. Blocking: for a thread.
 *
 * libcurl signs (dependencies: 7.88 signs the bodies of POST rightly and query strings wrongly; there are none here). The credentials file is read
 * at each call, so that short-lived ones may be replaced under a running adapter; it has the form of AWS's own:
 *
 *     [default]
 *     aws_access_key_id = ...        aws_secret_access_key = ...        aws_session_token = ... (with short-lived ones)
 */
#ifndef KIT_SQS_CALL_H
#define KIT_SQS_CALL_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/bytes.h"

enum { KIT_SQS_MESSAGES_MAX = 10 }; /* of one receive and one delete: the service's own limit */

typedef struct kit_sqs_place { /* BORROWED for the call */
    const char *queue_url;
    const char *endpoint; /* where the service is asked; "" = at the queue_url's host */
    const char *region;
    const char *credentials; /* path */
    const atomic_bool *stop;
} kit_sqs_place;

typedef struct kit_sqs_message {
    char *id;      /* GIVEN, as the two below */
    char *receipt; /* handle for deleting */
    hub_buffer body;
} kit_sqs_message;

typedef struct kit_sqs_messages {
    kit_sqs_message items[KIT_SQS_MESSAGES_MAX];
    unsigned count;
} kit_sqs_messages;

/* Can the credentials file be used? HUB_OK, or as kit_sqs_receive: err says what to look at. */
hub_status kit_sqs_credentials_check(const char *path, hub_error *err);
/* Waits up to wait_s for messages; they stay invisible to others for visibility_s. HUB_ERR_IO, HUB_ERR_REFUSED (credentials, rights, no such queue),
 * HUB_ERR_INVALID (an answer that is none, or the credentials file): err says what to look at. */
hub_status kit_sqs_receive(const kit_sqs_place *place, unsigned wait_s, uint32_t visibility_s, kit_sqs_messages *out,
                           hub_error *err);
/* The same from the text of an answer. */
hub_status kit_sqs_messages_read(hub_bytes text, kit_sqs_messages *out, hub_error *err);
/* Makes those whose place in `which` is true invisible to others for so long from now; 0: they come again at once. As kit_sqs_delete. */
hub_status kit_sqs_hold(const kit_sqs_place *place, const kit_sqs_messages *messages, const bool *which, uint32_t visibility_s,
                        hub_error *err);
/* Deletes those whose place in `which` is true. HUB_ERR_IO when one could not be: it comes again. */
hub_status kit_sqs_delete(const kit_sqs_place *place, const kit_sqs_messages *messages, const bool *which, hub_error *err);
void kit_sqs_messages_free(kit_sqs_messages *messages);

/* Takes what a topic put around a message off again: the Message of an SNS notification, else the body itself. `number` (64 bytes or more) is the
 * topic's number of it, or "" when there is no envelope. `out` is appended to. */
void kit_sqs_unwrap(hub_bytes body, char number[128], hub_buffer *out);

#endif
