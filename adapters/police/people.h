/* people.h - the people of a police incident: `included` resources of type person, and what the relationships say they are. */
#ifndef POLICE_PEOPLE_H
#define POLICE_PEOPLE_H

#include "formats/draft.h"
#include "formats/json.h"

/* Where and why the document cannot be mapped; rule NULL: nothing is wrong. */
typedef struct police_fault {
    char field[96];
    const char *rule;
} police_fault;

/* Adds everybody whom data.relationships names in a role, once each, with roles, identifiers, home address and the relationships
 * between them that their own resources state. Sets `fault` and stops at the first thing that cannot be mapped. */
void police_add_people(formats_draft *draft, const json_t *root, police_fault *fault);

/* The included resource that a relationship names, or NULL. `index` counts the relationship's data. */
const json_t *police_related(const json_t *root, const json_t *resource, const char *relationship, size_t index);
size_t police_related_count(const json_t *resource, const char *relationship);

#endif
