/* cin_facts.h - what one child's record in a census says, as facts that can be compared from file to file. */
#ifndef CHILDREN_CIN_FACTS_H
#define CHILDREN_CIN_FACTS_H

#include "formats/memory.h"

enum { CIN_FACTS_MAX = 512, CIN_FACTORS_MAX = 32, CIN_TEXT_MAX = 64 };

typedef enum cin_kind {
    CIN_REFERRAL,
    CIN_ASSESSMENT,
    CIN_SECTION_47,
    CIN_CHILD_PROTECTION_PLAN,
    CIN_CHILD_PROTECTION_REVIEW,
    CIN_CHILD_PROTECTION_END,
    CIN_PLAN,
    CIN_PLAN_END,
    CIN_CLOSURE,
    CIN_LOOKED_AFTER,     /* started; `change` of the fact */
    CIN_LOOKED_AFTER_END, /* ended */
} cin_kind;

/* One module of a CINdetails. Dates of year 0 are not stated. */
typedef struct cin_fact {
    cin_kind kind;
    char number[CIN_TEXT_MAX]; /* the source's own for it: with it dates may be corrected; "": it has none */
    formats_date referral;     /* of the CINdetails it stands in */
    formats_date on;           /* start, end, review or closure: with kind and referral the fact's own key */
    formats_date completed;    /* assessment authorised; initial conference */
    char code[CIN_TEXT_MAX];   /* source of referral, category of abuse, reason for closure */
    Mash__V1__Presence flag;   /* referral: no further action; section 47: conference not required */
    bool is_open;              /* the CINdetails has no closure date */
    bool is_moved;             /* looked after: another placement, no beginning */
    Mash__V1__FactorKind factors[CIN_FACTORS_MAX];
    uint32_t factor_count;
    uint32_t line;
    uint32_t column; /* 0: not known */
} cin_fact;

typedef struct cin_child {
    char id[CIN_TEXT_MAX]; /* LAchildID */
    char upn[CIN_TEXT_MAX];
    hub_bytes family_name; /* BORROWED, as the next two; the census has none */
    hub_bytes given_name;
    hub_bytes postcode;
    formats_date birth;
    formats_date expected;
    formats_date death;
    Mash__V1__Sex sex;
    cin_fact facts[CIN_FACTS_MAX];
    uint32_t count;
    uint32_t line;
    uint32_t column; /* 0: not known */
} cin_child;

typedef enum cin_use {
    CIN_BASELINE, /* first file of an authority: remember, tell nothing */
    CIN_UPDATE,   /* tell what is new */
    CIN_WITHDRAW, /* take back what was told */
} cin_use;

/* Remembers who the child is, or tells what is newly stated of it: UPN, birth, death. Call before its facts. */
hub_status cin_put_child(kit_sink *sink, const kit_mapping_options *options, const char *authority, const cin_child *child,
                         cin_use use);
/* Remembers or tells one fact. `fact` is one of the child's. HUB_OK also when it was parked; anything else ends the input.
 *   authority  the LEA code of the file's header */
hub_status cin_put_fact(kit_sink *sink, const kit_mapping_options *options, const char *authority, const cin_child *child,
                        const cin_fact *fact, cin_use use);

/* Adds "3A" as DOMESTIC_ABUSE; 21 says that there is none. false: no code of the census; what it stood for would be lost unseen. */
bool cin_add_factor(cin_fact *fact, hub_bytes code);
Mash__V1__AbuseCategory cin_category(const char *code);
/* true, TRUE, 1 / false, FALSE, 0; unspecified for anything else. */
Mash__V1__Presence cin_presence(hub_bytes text);

#endif
