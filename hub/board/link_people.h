/* link_people.h - whom an alert's records name, and who else bears such a name on such a birth date: asked of the hub for the forms of links. */
#ifndef BOARD_LINK_PEOPLE_H
#define BOARD_LINK_PEOPLE_H

#include "board/act_form.h"

enum {
    LINK_MENTIONS_MAX = 256,
    LINK_HERE_MAX = 160,   /* of the alert's own records, for pairs: the others are those whom somebody may be one with */
    LINK_SHOWN_OF_ONE = 3, /* records that name somebody, beside a pair */
    LINK_NAMES_ASKED = 8,  /* of the alert's people */
    LINK_KEY_MAX = 300,
};

/* What one record says of one person, as far as this person may read it. Texts are in the arena; `said` and `from` are HTML. */
typedef struct mention {
    uint64_t sequence, number, joined;
    uint32_t subject;
    Mash__V1__LinkEvidence known_by;
    bool is_here; /* a record of the alert */
    Mash__V1__Date born;
    const char *family, *given, *said, *from;
} mention;

/* Calls `next`, unless the visit has ended meanwhile. `why` NULL: they are known now; otherwise why not. */
typedef void link_people_cb(visit *v, const char *why);

struct link_people {
    mention items[LINK_MENTIONS_MAX]; /* each answer's the newest first */
    uint32_t count;
    bool is_cut; /* there was no room for everybody, or the hub has more records than were asked for */
    /* while the hub is asked: */
    const act_form *form;
    char item[VISIT_CODE_MAX], keys[LINK_NAMES_ASKED][LINK_KEY_MAX];
    uint32_t key_count, asked;
    link_people_cb *next;
};

void link_people_ask(visit *v, const act_form *form, const char *item, link_people_cb *next);
/* Takes one answer into v->links. `is_here`: it is of the alert's own records. */
void link_people_take(visit *v, const Mash__V1__FoundRecords *found, bool is_here);
/* The newest that named them themselves, and not somebody who was joined into them. NULL: nobody. `people` NULL: likewise. */
const mention *link_people_newest(const struct link_people *people, uint64_t number);

#endif
