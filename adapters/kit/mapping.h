/* mapping.h - what an agency's format module gives to the kit, and what the kit gives to it.
 *
 * A mapping turns one input (a file, an HL7 message, an HTTP body) into events. It does no I/O and reads no clock: the same input gives
 * the same events. The kit completes each event (agency, source system, event id, mapping version, recorded_at when absent), checks
 * it with the hub's own code, and puts all events of one input, together with the mapping's remembered state, into the outbox in one
 * transaction: after a crash either all of the input is there or none of it.
 *
 * Invariants
 *   M1  a mapping never guesses: what the input does not state is left empty
 *   M2  free text is carried, never parsed for meaning
 *   M3  a bad row is parked with line, column, field and rule; the good rows of the same input go on
 *   M4  no parked reason, log line or error repeats a value from the input
 */
#ifndef KIT_MAPPING_H
#define KIT_MAPPING_H

#include "base/arena.h"
#include "base/bytes.h"
#include "event/event.h"

struct yaml_problems;             /* yaml/yaml.h */
typedef struct kit_sink kit_sink; /* the kit's side; opaque to mappings (tests bring their own through kit_sink_ops) */

/* Where in the input something stands. line and column count from 1; 0 = not known. */
typedef struct kit_place {
    uint32_t line;
    uint32_t column;
    const char *field; /* the format's own name, "PID-3", "childPresent[1].dateOfBirth", "NHS Number"; BORROWED for the call */
} kit_place;

typedef struct kit_sink_ops {
    /* Takes one event. `source_reference` is the source's own number for the message or record, or NULL: then the kit uses the
     * SHA-256 of `record` (the bytes of this one record). `discriminator` tells apart several events of one payload kind from one
     * record (NULL otherwise). The event lives in the sink's arena. HUB_OK, or HUB_ERR_INVALID after parking it with the check's
     * reason, or an operating error that ends the input. */
    hub_status (*event)(kit_sink *sink, Mash__V1__Event *event, const char *source_reference, const char *discriminator,
                        hub_bytes record, kit_place place);
    /* Parks a record that cannot be mapped. `rule` is words of ours ("date does not exist"). */
    hub_status (*park)(kit_sink *sink, hub_bytes record, kit_place place, const char *rule);
    /* Tells whoever runs the adapter what was left out of an event that goes on without it: one line of the log, no value. */
    void (*note)(kit_sink *sink, const char *field, const char *rule);
    /* Remembered state of this mapping, by key (at most 128 bytes); written with the input's transaction.
     * get: HUB_ERR_NOT_FOUND when there is none. put: an empty value forgets. */
    hub_status (*get)(kit_sink *sink, const char *key, hub_buffer *out);
    hub_status (*put)(kit_sink *sink, const char *key, hub_bytes value);
    /* HUB_OK: this event was published and the hub refused it. HUB_ERR_NOT_FOUND: it did not. */
    hub_status (*was_refused)(kit_sink *sink, const hub_id *event_id);
} kit_sink_ops;

struct kit_sink {
    const kit_sink_ops *ops;
    hub_arena *
        arena; /* for events and everything in them; reset after each input, and between two records by mappings that keep nothing in it */
    void *context;
};

/* From the adapter's configuration. All BORROWED. */
typedef struct kit_mapping_options {
    const char *source_system; /* "niche/44" */
    const char *area;          /* ONS code used where the input states none */
    const char *legal_gateway;
    Mash__V1__Agency agency; /* whose source it is: for a mapping that is of no agency */
    const void *settings;    /* of the mapping's own file: kit_mapping.settings_read; NULL: it has none */
    int64_t received_ms;     /* when the input came: recorded_at where the input states none */
    int this_year;
    hub_bytes
        detail; /* what stood at `detail_url`; empty = the input has none, or nothing is fetched here (none configured, a dry run) */
    /* UTC offset in minutes of civil time in the source's zone at a civil instant given as ms (civil, as if UTC): Europe/London. */
    int (*zone_offset_minutes)(int64_t civil_ms);
} kit_mapping_options;

typedef enum kit_input_result { /* for transports that answer (MLLP, HTTP) */
                                KIT_INPUT_DONE, /* all of it durable in the outbox (or deliberately no event: a kind that is not ours to report) */
                                KIT_INPUT_REPEATED,    /* seen before: same answer, no second event */
                                KIT_INPUT_PARKED,      /* understood, but (some of) its content is bad: parked with reasons */
                                KIT_INPUT_UNSUPPORTED, /* another message type, version or processing id */
                                KIT_INPUT_FAILED,      /* could not be stored now: the sender may retry */
                                KIT_INPUT_UNREADABLE,  /* not of this format at all: parked whole. Outboxes keep these numbers */
} kit_input_result;

typedef struct kit_mapping {
    const char *name; /* "police-incident-json" */
    uint32_t version;
    Mash__V1__Agency agency;  /* UNSPECIFIED: any; the configuration names it */
    const char *transport;    /* what it usually comes by: "folder" or "mllp" */
    const char *file_suffix;  /* "json", "xml", "csv", "hl7" */
    const char *other_suffix; /* a second form of the same; NULL: none */
    /* Maps one whole input. `input_name`: file name without folder, or "". Returns HUB_OK also when rows were parked; HUB_ERR_INVALID
     * when the input as a whole cannot be read (not JSON, truncated XML, unknown headers): err has line:column, field and rule, no value. */
    hub_status (*map)(const kit_mapping_options *options, hub_bytes input, const char *input_name, kit_sink *sink,
                      hub_error *err);
    /* Where the rest of this input is to be fetched, before it is mapped: true and its URL, as the input states it. NULL or false: it is whole. */
    bool (*detail_url)(hub_bytes input, char url[1024]);
    /* Is this what could stand there? Otherwise (a page to sign in, a proxy's own) it is the service's fault, and asked for again. NULL: anything is. */
    bool (*detail_sound)(hub_bytes detail);
    /* For answering transports: is this input one the mapping takes at all, and the source's own key of the message for repeats
     * (HL7: MSH-3, MSH-4, MSH-10; at most 200 bytes). Otherwise KIT_INPUT_PARKED or KIT_INPUT_UNSUPPORTED, and why in `reason` (words of
     * ours that stay; unchanged when it is taken). NULL when the transport does not answer. */
    kit_input_result (*accepts)(hub_bytes input, char key[256], const char **reason);
    /* Writes the protocol's own answer (an HL7 ACK; nothing when the sender wants none). NULL when the transport does not answer. */
    const char *answer_type; /* media type of that answer, for HTTP; NULL: HL7's */
    hub_status (*answer)(hub_bytes input, kit_input_result result, const char *reason, int64_t now_ms, hub_buffer *out);
    /* A mapping with a file of its own (a table of columns): read once at the start, every complaint with file:line:column. GIVEN, end with
     * settings_free; NULL when it cannot be used. Both NULL: the mapping has no file. */
    void *(*settings_read)(const char *path, struct yaml_problems *problems);
    void (*settings_free)(void *settings); /* NULL is allowed */
} kit_mapping;

/* Every mapping the adapter knows, ended by NULL (adapters/mappings.c). */
extern const kit_mapping *const KIT_MAPPINGS[];

#endif
