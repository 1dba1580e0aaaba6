/* explain.h - what the files that make plain English of a record share. Private to hub/core. */
#ifndef CORE_EXPLAIN_H
#define CORE_EXPLAIN_H

#include "core/describe.h"
#include "core/state.h"

enum { CORE_LINE_BYTES_MAX = 17 * 1024 }; /* an answer has up to 16,000 bytes */

typedef struct explaining {
    const core_view *view;
    const core_state *state;
    const core_record *record;
    const core_calendar *civil; /* NULL before the first policy */
    core_lines *lines;
    bool failed;
} explaining;

void core_explain_say(explaining *v, uint32_t indent, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* "Tue 7 Apr 2026 12:30 BST" */
const char *core_explain_when(const explaining *v, int64_t ms, char out[40]);
/* "domestic_abuse_incident" -> "domestic abuse incident"; name may be out itself */
const char *core_explain_spaced(const char *name, char out[64]);
/* The policy that was in force when the record was made; NULL before the first. */
const core_policy *core_explain_policy(const explaining *v);

/* A clock was started, ran out, was met or stopped, or moved. */
void core_explain_clock(explaining *v, const Mash__V1__Fact *fact);
/* What people did, and what the hub did because they did not; false: the fact is of another kind. */
bool core_explain_act(explaining *v, const Mash__V1__Fact *fact);

#endif
