#include "event/limits.h"

#include <string.h>

#include "mash/v1/act.pb-c.h"
#include "mash/v1/event.pb-c.h"

typedef struct limit {
    const ProtobufCMessageDescriptor *message;
    const char *field;
    int64_t most;
    int64_t least; /* numbers only */
} limit;

enum { TEXT_BYTES = 4000, LIST_COUNT = 64, NUMBER_MAX = 1000000 }; /* where nothing else is stated */

static const limit TEXTS[] = {
    {&mash__v1__event__descriptor, "source_system", 64, 0},  {&mash__v1__event__descriptor, "source_reference", 128, 0},
    {&mash__v1__event__descriptor, "legal_gateway", 200, 0}, {&mash__v1__event__descriptor, "summary", 300, 0},
    {&mash__v1__event__descriptor, "reported_by", 200, 0},   {&mash__v1__event__descriptor, "contact_back", 200, 0},
    {&mash__v1__event__descriptor, "mapping", 64, 0},        {&mash__v1__subject__descriptor, "family_name", 200, 0},
    {&mash__v1__subject__descriptor, "given_names", 200, 0}, {&mash__v1__subject__descriptor, "worker", 200, 0},
    {&mash__v1__identifier__descriptor, "value", 64, 0},     {&mash__v1__identifier__descriptor, "system", 64, 0},
    {&mash__v1__relationship__descriptor, "source", 200, 0}, {&mash__v1__factor__descriptor, "note", 1000, 0},
    {&mash__v1__picture__descriptor, "strengths", 1000, 0},  {&mash__v1__grade__descriptor, "tool", 32, 0},
    {&mash__v1__grade__descriptor, "tool_version", 32, 0},   {&mash__v1__grade__descriptor, "answers", 64, 0},
};

/* act.proto: names of the roster and of the policy have at most 47 bytes; what people write is given beside each field. */
static const limit WORDS[] = {
    {&mash__v1__act__descriptor, "on_behalf_of", 47, 0},
    {&mash__v1__act__descriptor, "item", 49, 0},
    {&mash__v1__hand_over__descriptor, "to", 47, 0},
    {&mash__v1__request_information__descriptor, "agency", 47, 0},
    {&mash__v1__answer__descriptor, "text", 16000, 0},
    {&mash__v1__decide__descriptor, "outcome", 47, 0},
    {&mash__v1__decide__descriptor, "legal_basis", 400, 0},
    {&mash__v1__decide__descriptor, "feedback", 2000, 0},
    {&mash__v1__reassign__descriptor, "queue", 47, 0},
    {&mash__v1__hold__descriptor, "second", 47, 0},
    {&mash__v1__restate__descriptor, "clock", 47, 0},
    {&mash__v1__withhold__descriptor, "agency", 47, 0},
    {&mash__v1__declare_party__descriptor, "staff", 47, 0},
    {&mash__v1__clear_party__descriptor, "staff", 47, 0},
    {&mash__v1__share__descriptor, "agency", 47, 0},
    {&mash__v1__dispute__descriptor, "with_team", 47, 0},
    {&mash__v1__dispute__descriptor, "position", 16000, 0},
    {&mash__v1__dispute__descriptor, "again", 47, 0},
    {&mash__v1__respond__descriptor, "position", 16000, 0},
    {&mash__v1__settle__descriptor, "agreement", 16000, 0},
    {&mash__v1__record_outcome__descriptor, "outcome", 16000, 0},
};

static const limit COUNTS[] = {
    {&mash__v1__event__descriptor, "legal_basis", 4, 0},
    {&mash__v1__subject__descriptor, "roles", 8, 0},
    {&mash__v1__subject__descriptor, "identifiers", 16, 0},
    {&mash__v1__subject__descriptor, "given_names", 8, 0},
    {&mash__v1__subject__descriptor, "addresses", 16, 0},
    {&mash__v1__subject__descriptor, "relationships", 32, 0},
    {&mash__v1__address__descriptor, "lines", 6, 0},
    {&mash__v1__picture__descriptor, "vulnerability_factors", 32, 0},
    {&mash__v1__picture__descriptor, "protective_factors", 32, 0},
    {&mash__v1__picture__descriptor, "strengths", 16, 0},
    {&mash__v1__domestic_abuse_incident__descriptor, "grades", 16, 0},
    {&mash__v1__domestic_abuse_incident__descriptor, "markers", 16, 0},
};

static const limit NUMBERS[] = {
    {&mash__v1__address__descriptor, "uprn", 999999999999, 0},  {&mash__v1__grade__descriptor, "score", 1000, -1},
    {&mash__v1__birth__descriptor, "gestation_weeks", 45, 0},   {&mash__v1__early_help__descriptor, "level", 5, 0},
    {&mash__v1__transition__descriptor, "age_months", 1500, 0},
};

static const limit PAST[] = {
    {&mash__v1__event__descriptor, "occurred_at", 0, 0},
    {&mash__v1__event__descriptor, "recorded_at", 0, 0},
    {&mash__v1__event__descriptor, "stated_receipt_at", 0, 0},
    {&mash__v1__subject__descriptor, "date_of_birth", 0, 0},
    {&mash__v1__subject__descriptor, "date_of_death", 0, 0},
    {&mash__v1__factor__descriptor, "since", 0, 0},
    {&mash__v1__consent__descriptor, "given_on", 0, 0},
    {&mash__v1__death__descriptor, "date", 0, 0},
    {&mash__v1__capacity_decision__descriptor, "assessed_on", 0, 0},
    {&mash__v1__assessment__descriptor, "completed_on", 0, 0},
    {&mash__v1__plan_action__descriptor, "done_on", 0, 0},
    {&mash__v1__missing__descriptor, "last_seen_at", 0, 0},
    {&mash__v1__found__descriptor, "found_at", 0, 0},
};

static const limit *find(const limit *table, size_t count, const ProtobufCMessageDescriptor *message,
                         const ProtobufCFieldDescriptor *field)
{
    for (size_t i = 0; i < count; i++) {
        if (table[i].message == message && strcmp(table[i].field, field->name) == 0) return &table[i];
    }
    return NULL;
}
#define FIND(table) find(table, sizeof table / sizeof table[0], message, field)

size_t event_limit_text_bytes(const ProtobufCMessageDescriptor *message, const ProtobufCFieldDescriptor *field)
{
    const limit *found = FIND(TEXTS);
    if (found == NULL) found = FIND(WORDS);
    return found == NULL ? TEXT_BYTES : (size_t)found->most;
}

size_t event_limit_count(const ProtobufCMessageDescriptor *message, const ProtobufCFieldDescriptor *field)
{
    const limit *found = FIND(COUNTS);
    return found == NULL ? LIST_COUNT : (size_t)found->most;
}

bool event_limit_number(const ProtobufCMessageDescriptor *message, const ProtobufCFieldDescriptor *field, int64_t number)
{
    const limit *found = FIND(NUMBERS);
    if (found == NULL) return number >= 0 && number <= NUMBER_MAX;
    return number >= found->least && number <= found->most;
}

bool event_limit_is_past(const ProtobufCMessageDescriptor *message, const ProtobufCFieldDescriptor *field)
{
    return FIND(PAST) != NULL;
}
