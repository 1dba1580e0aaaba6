/* fhir_flag.c - flags on a patient's record that are about safeguarding.
 *
 * A hospital's flags are about falls, diets and interpreters as well as about children, so only those are told whose category or code is
 * one of a published list: NHS England's patient flags [CodeSystem/PatientFlagCategory; NRAF, reasonable adjustments, stays with
 * health], and the social care flags of the Interweave exchange. All others tell nothing.
 */
#include "health/fhir.h"

#include <stdio.h>

#define FACTOR(name) MASH__V1__FACTOR_KIND__FACTOR_KIND_##name

static const struct {
    const char *system; /* its last part */
    const char *code;
    const char *words;
    Mash__V1__FactorKind kind;
} FLAGS[] = {
    {"PatientFlagCategory", "CP-IS", "child protection information sharing", FACTOR(UNSPECIFIED)},
    {"PatientFlagCategory", "FGM", "female genital mutilation", FACTOR(FEMALE_GENITAL_MUTILATION)},
    {"Interweave-FlagType", "MARAC", "MARAC", FACTOR(DOMESTIC_ABUSE)},
    {"Interweave-FlagType", "MAPPA", "MAPPA", FACTOR(UNSPECIFIED)},
    {"Interweave-FlagType", "RTC", "risk to children", FACTOR(UNSPECIFIED)},
    {"Interweave-FlagCategory", "SGC", "safeguarding concern", FACTOR(UNSPECIFIED)}, /* last: MARAC, MAPPA and RTC say which */
};

enum { FLAG_COUNT = sizeof FLAGS / sizeof FLAGS[0] };

static bool says(const json_t *concept, size_t row)
{
    return formats_bytes_are(fhir_code(concept, FLAGS[row].system), FLAGS[row].code);
}

/* The first row that one of the categories or the code says; FLAG_COUNT: none. */
static size_t find_flag(const json_t *resource)
{
    for (size_t row = 0; row < FLAG_COUNT; row++) {
        size_t i;
        json_t *category;
        json_array_foreach(json_object_get(resource, "category"), i, category)
        {
            if (says(category, row)) return row;
        }
        if (says(json_object_get(resource, "code"), row)) return row;
    }
    return FLAG_COUNT;
}

static hub_status put(fhir_record *r, size_t row, Mash__V1__Change change, fhir_use use)
{
    static const char *const WORDS[] = {"Flag on: ", "Flag off: "};
    static const char *const KINDS[] = {"flag-on", "flag-off"};
    char summary[96];
    bool is_off = change == MASH__V1__CHANGE__CHANGE_ENDED;
    formats_key key = fhir_key(r, KINDS[is_off], "");
    formats_key other = fhir_key(r, KINDS[!is_off], "");
    hub_status status = fhir_open_draft(r);
    if (status != HUB_OK) return status;
    formats_draft *draft = r->about.draft;
    Mash__V1__RiskFlag *flag = FORMATS_PAYLOAD(draft, RISK_FLAG, risk_flag, risk_flag);
    const json_t *period = json_object_get(r->resource, "period");
    int64_t at_ms = fhir_instant(r, period, is_off ? "end" : "start", is_off ? "period.end" : "period.start");
    flag->code = formats_word(draft, FLAGS[row].code);
    flag->change = change;
    flag->kind = FLAGS[row].kind;
    flag->note = formats_text(draft, fhir_words(json_object_get(r->resource, "code")));
    if (at_ms != 0) flag->on = formats_date_message(draft, formats_date_of_instant(at_ms));
    (void)snprintf(summary, sizeof summary, "%s%s", WORDS[is_off], FLAGS[row].words);
    draft->event.summary = formats_word(draft, summary);
    draft->event.occurred_at = at_ms;
    r->about.birth = (formats_date){0};
    fhir_add_patient(r, json_object_get(r->resource, "subject"), "subject", r->f->options->received_ms);
    status = fhir_put_fact(r, &key, use);
    bool is_told = status == HUB_OK && r->rule == NULL && use == FHIR_IS_SO;
    return is_told ? formats_end(r->f->sink, &other) : status; /* a flag that is put again is news */
}

hub_status fhir_put_flag(fhir_record *r)
{
    hub_bytes word = formats_json_text(r->resource, "status");
    size_t row = find_flag(r->resource);
    if (row == FLAG_COUNT) return HUB_OK;
    if (formats_bytes_are(word, "active")) return put(r, row, MASH__V1__CHANGE__CHANGE_STARTED, FHIR_IS_SO);
    if (formats_bytes_are(word, "inactive")) return put(r, row, MASH__V1__CHANGE__CHANGE_ENDED, FHIR_IS_SO);
    if (!formats_bytes_are(word, "entered-in-error")) return fhir_park(r, "status", "not a status of a flag");
    hub_status status = put(r, row, MASH__V1__CHANGE__CHANGE_STARTED, FHIR_IS_WITHDRAWN);
    if (status != HUB_OK || r->rule != NULL) return status;
    return put(r, row, MASH__V1__CHANGE__CHANGE_ENDED, FHIR_IS_WITHDRAWN);
}
