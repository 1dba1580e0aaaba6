/* audit.h - who read what, for what purpose: a second journal (state/audit.db unless hub.yaml says otherwise) with a chain, keys and heads of
 * its own. It is never folded, and nothing that the hub decides rests on it.
 *
 *     question --> purpose, person --> read, as ever --> note what is shown --> audit record durable --> answer
 *
 * Invariants
 *   U1  no answer to a question about people leaves before the record that tells of it is durable; what that record says was shown is at
 *       least what was
 *   U2  a record holds no identifier: the keyed hash of what was searched for, the hub's own names, the sequences shown; the asker's words
 *       lie in the sealed part
 *   U3  a store that takes no records stops these questions, which are answered BUSY, and nothing else
 *   U4  each term begins with a record without personal part, so that no record key meets the same nonce twice (R2 in journal/record.h)
 *
 * A record is found under the keyed hash of what was asked for, and under every key by which a record that was shown is found: "who looked
 * at this child's records" is one look into the index.
 */
#ifndef DAEMON_AUDIT_H
#define DAEMON_AUDIT_H

#include "daemon/shell.h"

enum { DAEMON_REASON_MAX = 1000 };

/* One question about people, while it is under way. */
typedef struct daemon_reading {
    Mash__V1__ReadKind read;
    Mash__V1__Purpose purpose;
    bool says_own;   /* that it concerns themselves or their own household */
    bool only_own;   /* AuditQuery: flagged reads alone are asked for */
    bool is_audited; /* false: a record of the hub alone, by its sequence */
    uint32_t peer;
    uint32_t staff;   /* number on the roster; 0 = the key's own */
    uint64_t key;     /* keyed hash of what is asked for; 0 = none */
    core_case sought; /* Query, and Explain with case_of: only what belongs to it is shown; count 0 = everything */
    char item[40];
    char reason[DAEMON_REASON_MAX + 1];
} daemon_reading;

/* As the question has them. */
typedef struct daemon_stated {
    const char *question; /* "query" */
    Mash__V1__Purpose purpose;
    const char *on_behalf_of, *reason;
} daemon_stated;

/* Fills purpose, person and reason. false: it may not be answered, and the asker has been told why. */
bool daemon_reading_of(daemon_shell *d, bus_session *session, uint64_t request, const daemon_stated *stated, daemon_reading *out);

/* For whom a gateway asks, into *staff: somebody on today's roster in a team that the key may act for; 0 for any other key, which names
 * nobody. false: the asker has been told why not. */
bool daemon_reader_of(daemon_shell *d, bus_session *session, uint64_t request, const char *question, const char *on_behalf_of,
                      uint32_t *staff);
/* Says that this is told for a purpose only. */
void daemon_reading_ask_purpose(daemon_shell *d, bus_session *session, uint64_t request, const char *question);

/* Fill item and key from a Query's key that core_query_ref takes, or from an Explain's id. */
void daemon_reading_name_key(daemon_shell *d, const char *key, daemon_reading *out);
void daemon_reading_name_id(daemon_shell *d, const char *id, daemon_reading *out);

/* Opens the store, makes it when there is none, and begins a term. A store that cannot be used is said in the log and the status, and the
 * hub goes on (U3). HUB_OK or HUB_ERR_MEMORY. */
hub_status daemon_audit_start(daemon_shell *d);
/* Stops the threads; handles go when the loop runs on. */
void daemon_audit_stop(daemon_shell *d);
void daemon_audit_free(daemon_shell *d);
/* Why no question about people is answered now, for a person; NULL = they are. */
const char *daemon_audit_trouble(const daemon_shell *d);

/* The answer to `reading`, in this order and without another question between: begin, each record that is shown, answer. */
void daemon_audit_begin(daemon_shell *d, const daemon_reading *reading);
void daemon_audit_shown(daemon_shell *d, const daemon_reading *reading, const core_record *record);
/* After the last record: does it concern the person who asked, or their own household? To be said in the answer. */
bool daemon_audit_is_own(const daemon_shell *d, const daemon_reading *reading);
void daemon_audit_answer(daemon_shell *d, bus_session *session, const daemon_reading *reading, const Mash__V1__HubFrame *frame);

/* ---- audit_store.c ---------------------------------------------------------------------------------------------------------- */
typedef struct daemon_audit_store {
    journal *j;
    journal_keys *keys;
    journal_writer *writer;
    journal_end end; /* as it was found */
} daemon_audit_store;
/* On failure everything is closed again; err says what to do. */
hub_status daemon_audit_store_open(const daemon_shell *d, daemon_audit_store *out, hub_error *err);
void daemon_audit_store_close(daemon_audit_store *store);

/* ---- for audit_query.c ------------------------------------------------------------------------------------------------------ */
daemon_read_thread *daemon_audit_reader(const daemon_shell *d);
uint64_t daemon_audit_durable(const daemon_shell *d);

#endif
