/* people.h - the people of a police incident: `included` resources of type person, and what the relationships say they are. */
#ifndef POLICE_PEOPLE_H
#define POLICE_PEOPLE_H

#include "formats/draft.h"
#include "formats/json.h"

/* Where and why the document cannot be mapped; rule NULL: nothing is wrong. */
typedef struct police_fault {
    char field[96];
    const char *rule;
    const json_t *holder; /* of the document: what the fault is in */
    char key[48];         /* of it; "": all of it */
} police_fault;

/* Keeps the first fault. `key` in `holder` is where it stands, `field` what it is called in a reason. */
void police_set_fault(police_fault *fault, const json_t *holder, const char *key, const char *field, const char *rule);

/* Names that other models use for what this one calls otherwise: read as absent, they would be lost in silence. */
typedef struct police_name {
    const char *wrong;
    const char *rule; /* "the model's name is ..." */
} police_name;
void police_check_names(police_fault *fault, const json_t *holder, const police_name *names, size_t count, const char *within);

/* Adds everybody whom data.relationships names in a role, once each, with roles, identifiers, home address and the relationships
 * between them that their own resources state. Sets `fault` and stops at the first thing that cannot be mapped. */
void police_add_people(formats_draft *draft, const json_t *root, police_fault *fault);

/* The included resource that a relationship names, or NULL. `index` counts the relationship's data. */
const json_t *police_related(const json_t *root, const json_t *resource, const char *relationship, size_t index);

#endif
