/* compiler.h - what the readers of policy sections share. Private to hub/policy.
 *
 * A policy is a set of files; any file may hold any section, and a section that is a list may be spread over files. Sections
 * are read in the order of their needs (areas before routes, calendars before clocks), within a section in byte order of file
 * names and then from top to bottom: so positions in the tables depend on the sources alone.
 *
 * Every table's row begins with its name, a char array: one function finds rows of every table and suggests the nearest. */
#ifndef POLICY_COMPILER_H
#define POLICY_COMPILER_H

#include "base/arena.h"
#include "policy.h"

enum {
    POLICY_FILES_MAX = 64,
    POLICY_AREAS_MAX = 64,
    POLICY_SERVICES_MAX = 64,
    POLICY_ROUTES_MAX = 4096,
    POLICY_FORCES_MAX = 256, /* source systems of all forces, and room to notice one more */
    POLICY_CALENDARS_MAX = 64,
    POLICY_SCHOOLS_MAX = 4096,
    POLICY_STAFF_NUMBER_MAX = 1000000,
    POLICY_DAYS_MAX = 2000, /* bank holidays, terms or INSET days in one list */
    POLICY_MEMORY_MAX = 64 * 1024 * 1024,
};

typedef struct policy_service {
    char name[CORE_NAME_MAX];
    const yaml_node *node;
} policy_service;

/* Days on which calendars of a nation are closed. */
typedef struct policy_holidays {
    char name[CORE_NAME_MAX];
    const int32_t *days;
    uint32_t count;
    int32_t known_until_day;
} policy_holidays;

typedef struct policy_terms {
    char name[CORE_NAME_MAX];
    const core_day_span *terms;
    uint32_t term_count;
    const int32_t *inset_days;
    uint32_t inset_count;
} policy_terms;

typedef struct policy_compiler {
    hub_arena *arena;    /* the policy's own */
    core_policy *policy; /* being filled */
    yaml_problems *problems;
    yaml_document *documents[POLICY_FILES_MAX];
    const char *shown[POLICY_FILES_MAX]; /* their names in complaints; in the arena */
    size_t document_count;
    policy_service *services;
    uint32_t service_count;
    policy_holidays *holidays;
    uint32_t holiday_count;
    policy_terms *terms;
    uint32_t terms_count;
    core_clock_row *clocks; /* = policy->clocks, while it grows */
    uint32_t clock_room;    /* rows that policy->clocks has memory for */
    core_review *reviews;   /* = policy->reviews, while it grows; room for a row of every section that may say one */
    uint32_t named_clocks;  /* those before this position have names of their own */
} policy_compiler;

/* Pointers to the sources in byte order of their names, into `ordered` (POLICY_FILES_MAX); false when two have one name. */
bool policy_sources_order(const policy_sources *sources, const policy_source *ordered[]);

/* The n-th row of a list section, over all files; NULL past the end. */
const yaml_node *policy_row(const policy_compiler *c, const char *section, size_t index);
/* An array with room for the section's rows, zeroed; NULL (after a complaint) when there are none or more than `rows_max`. */
void *policy_table(policy_compiler *c, const char *section, size_t row_size, uint32_t rows_max);

/* How many rows the section has, over all files. */
size_t policy_row_count(const policy_compiler *c, const char *section);
/* As policy_table, for a section that a policy may lack: no complaint when there are none. Policies adopted before a section was
 * known are compiled again at every start. */
void *policy_table_if_any(policy_compiler *c, const char *section, size_t row_size, uint32_t rows_max);
/* The first file's section of that name which is no list; NULL when no file has it. */
const yaml_node *policy_section(const policy_compiler *c, const char *section);

/* Copies a text of at most size-1 bytes into `out`. */
void policy_copy_text(policy_compiler *c, const yaml_node *node, char *out, size_t size);
/* As policy_copy_text, and the text must be there and not empty. */
void policy_need_text(policy_compiler *c, const yaml_node *map, const char *key, char *out, size_t size);
/* Copies a name ([A-Za-z0-9_.-]) that none of the `count` rows before has. false after a complaint. */
bool policy_new_name(policy_compiler *c, const yaml_node *node, const char *what, char *out, size_t size, const void *rows,
                     uint32_t count, size_t row_size);
/* Position of the row this node names, or -1 after a complaint ("unknown queue 'x'; did you mean 'y'?"). */
int32_t policy_find(policy_compiler *c, const yaml_node *node, const char *what, const void *rows, uint32_t count,
                    size_t row_size);
/* Where the row stands, for what is said of it after compiling. */
core_place policy_place(const policy_compiler *c, const yaml_node *row);
/* Keeps the row's `review`, where it says one: a policy from before it was known has none. */
void policy_review(policy_compiler *c, const yaml_node *row, const char *what, const char *name);
/* `from` and `until` of a row. */
core_effective policy_effective(policy_compiler *c, const yaml_node *row);
bool policy_overlap(const core_effective *a, const core_effective *b);
/* The value of an enum named by `node`; 0 after a complaint, also for "unspecified": not stated is no value. */
int policy_enum(policy_compiler *c, const yaml_node *node, const char *what, const ProtobufCEnumDescriptor *values);
/* A service that is declared, into `out`. */
void policy_service_name(policy_compiler *c, const yaml_node *node, char out[CORE_NAME_MAX]);
/* The code of an area that is declared, into `out`. */
void policy_area_code(policy_compiler *c, const yaml_node *node, char out[16]);
/* Names of clocks as positions; returns how many. */
uint32_t policy_clock_list(policy_compiler *c, const yaml_node *list, uint32_t clocks[8]);
int32_t policy_find_clock(policy_compiler *c, const yaml_node *node);
int32_t policy_find_queue(policy_compiler *c, const yaml_node *node);
int32_t policy_find_role(policy_compiler *c, const yaml_node *node);
/* The word's position in a list ended by NULL; complains ("expected `shown`") and gives 0 for another word. */
int policy_word(policy_compiler *c, const yaml_node *node, const char *const words[], const char *shown);
/* `area` and `service` of a row that may be for every one: "" for 'every', and for an area that is not said. */
void policy_area_or_every(policy_compiler *c, const yaml_node *node, char out[16]);

/* A time written where it is used, {kind, amount, calendar}, as a clock row behind the named ones: positions of named clocks are
 * bits of a set (CORE_POLICY_CLOCKS_MAX). What the row is for is copied from `like`; its id is "<ladder>/<suffix>", which no
 * author can write. Position, or 0 after a complaint. */
uint32_t policy_clock_inline(policy_compiler *c, const yaml_node *node, const char *ladder, const char *suffix,
                             const core_clock_row *like);

/* The sections, in this order. */
void policy_read_partnership(policy_compiler *c); /* partnership, areas, services, alarms */
void policy_read_sharing(policy_compiler *c);     /* audiences */
void policy_read_queues(policy_compiler *c);      /* queues, agencies, routes, forces */
void policy_read_calendars(policy_compiler *c);   /* bank_holidays, school_terms, schools, calendars */
void policy_read_clocks(policy_compiler *c);      /* clocks, ratings, feedback */
void policy_read_roster(policy_compiler *c);      /* roles, teams, people, outcomes */
void policy_read_rules(policy_compiler *c);       /* rules */
void policy_read_ladders(policy_compiler *c); /* escalation, disagreement: after the rules, so that none can name their times */
void policy_read_conditions(policy_compiler *c, const yaml_node *list, core_rule *rule);

#endif
