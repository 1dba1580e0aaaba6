/* spoil.c - what a broken hub leaves out, or says otherwise than it should. */
#include "spoil.h"

#include <string.h>

typedef bool is_left_out(const Mash__V1__Fact *fact);

static bool is_telling(const Mash__V1__Fact *fact, Mash__V1__DeliveryKind kind)
{
    return fact->body_case == MASH__V1__FACT__BODY_DELIVERED && fact->delivered->kind == kind;
}

static bool step_told(const Mash__V1__Fact *fact)
{
    return is_telling(fact, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ESCALATED);
}

static bool step_taken(const Mash__V1__Fact *fact)
{
    return fact->body_case == MASH__V1__FACT__BODY_ESCALATED;
}

static bool is_clock(const Mash__V1__Fact *fact, Mash__V1__ClockPurpose purpose)
{
    return fact->body_case == MASH__V1__FACT__BODY_CLOCK_STARTED && fact->clock_started->purpose == purpose;
}

static bool next_step(const Mash__V1__Fact *fact)
{
    return is_clock(fact, MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ESCALATION) && fact->clock_started->step > 1;
}

static bool any_step(const Mash__V1__Fact *fact)
{
    return is_clock(fact, MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ESCALATION);
}

static bool lapse_told(const Mash__V1__Fact *fact)
{
    return is_telling(fact, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_CLOCK_LAPSED);
}

static bool claim_expired(const Mash__V1__Fact *fact)
{
    return fact->body_case == MASH__V1__FACT__BODY_OWNER_CHANGED &&
           fact->owner_changed->cause == MASH__V1__OWNER_CAUSE__OWNER_CAUSE_EXPIRED;
}

/* A disagreement begins at the second stage here, with a clock of step 2. */
static bool stage_moved(const Mash__V1__Fact *fact)
{
    bool is_time = is_clock(fact, MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_STAGE) ||
                   is_clock(fact, MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ACKNOWLEDGE);
    if (is_time) return fact->clock_started->step > 2;
    return fact->body_case == MASH__V1__FACT__BODY_DISAGREEMENT_MOVED &&
           fact->disagreement_moved->cause == MASH__V1__STAGE_CAUSE__STAGE_CAUSE_LAPSED;
}

static bool stage_told(const Mash__V1__Fact *fact)
{
    return is_telling(fact, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_DISAGREEMENT);
}

static bool contradiction(const Mash__V1__Fact *fact)
{
    return fact->body_case == MASH__V1__FACT__BODY_FACTS_CONTRADICTED;
}

static const struct {
    const char *way;
    is_left_out *leaves_out;
} WAYS[] = {
    {"step-told", step_told},   {"step-taken", step_taken},       {"next-step", next_step},
    {"any-step", any_step},     {"lapse-told", lapse_told},       {"stage-moved", stage_moved},
    {"stage-told", stage_told}, {"claim-expired", claim_expired}, {"contradiction", contradiction},
};

bool sim_spoils(const sim_options *options, const char *way)
{
    return options->spoil != NULL && strcmp(options->spoil, way) == 0;
}

/* Clocks are numbered in the order in which they start: only the last ones of a decision can be left out. */
static void leave_out(is_left_out *leaves_out, Mash__V1__Control *control)
{
    size_t kept = control->n_facts;
    bool clock_stays = false;
    for (size_t i = control->n_facts; i > 0; i--) {
        Mash__V1__Fact *fact = control->facts[i - 1];
        bool is_clock_started = fact->body_case == MASH__V1__FACT__BODY_CLOCK_STARTED;
        if (leaves_out(fact) && !(is_clock_started && clock_stays)) continue;
        clock_stays = clock_stays || is_clock_started;
        control->facts[--kept] = fact;
    }
    control->n_facts -= kept;
    memmove(control->facts, control->facts + kept, control->n_facts * sizeof *control->facts);
}

/* ---- otherwise than it should ----------------------------------------------------------------------------------------------- */
typedef void say_otherwise(Mash__V1__Fact *fact);

/* Built by the list of the front door. */
static void audience(Mash__V1__Fact *fact)
{
    if (fact->body_case == MASH__V1__FACT__BODY_DELIVERED) fact->delivered->audience = 1;
}

/* To the agency, by its own list, whatever it is. */
static void class_of_event(Mash__V1__Fact *fact)
{
    enum { SCHOOLS = 3, SCHOOL_AUDIENCE = 2 };
    if (!is_telling(fact, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ALERT_JOINED)) return;
    fact->delivered->queue = SCHOOLS;
    fact->delivered->audience = SCHOOL_AUDIENCE;
}

static void early(Mash__V1__Fact *fact)
{
    if (is_clock(fact, MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ESCALATION)) fact->clock_started->due_ms -= 1000;
}

static void owner(Mash__V1__Fact *fact)
{
    bool is_claim = fact->body_case == MASH__V1__FACT__BODY_OWNER_CHANGED && fact->owner_changed->staff != 0;
    if (is_claim) fact->owner_changed->staff = fact->owner_changed->staff == 1 ? 2 : 1;
}

static const struct {
    const char *way;
    say_otherwise *say;
} OTHERWISE[] = {{"audience", audience}, {"class", class_of_event}, {"early", early}, {"owner", owner}};

void sim_spoil(const sim_options *options, Mash__V1__Control *control)
{
    for (size_t w = 0; w < sizeof WAYS / sizeof WAYS[0]; w++) {
        if (sim_spoils(options, WAYS[w].way)) leave_out(WAYS[w].leaves_out, control);
    }
    for (size_t w = 0; w < sizeof OTHERWISE / sizeof OTHERWISE[0]; w++) {
        for (size_t i = 0; sim_spoils(options, OTHERWISE[w].way) && i < control->n_facts; i++)
            OTHERWISE[w].say(control->facts[i]);
    }
}
