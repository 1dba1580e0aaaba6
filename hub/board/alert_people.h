/* alert_people.h - whom an alert is about, as its deliveries name them to the person who looks: kept with the visit, and gone with it. The
 * board has no other names: each page that shows one asks the hub anew (Show), which filters and audits before it answers. */
#ifndef BOARD_ALERT_PEOPLE_H
#define BOARD_ALERT_PEOPLE_H

#include "board/board.h"

enum { IDENTIFIER_KEY_BYTES = 80 }; /* a scheme's name and 64 bytes */

typedef struct alert_person {
    uint64_t person,
        sequence;     /* the newest event that gives their name to this person, or the newest about them where none does, */
    uint32_t subject; /* and at which place, from 1; both 0: it came with a move of the alert, and its record is not told */
    bool is_named, is_child, is_adult; /* by what any of the events says; both: agencies differ, or they grew up meanwhile */
    html_page said;                    /* "Kim Example, born 1 Feb 2018 (child)" */
    char number[IDENTIFIER_KEY_BYTES]; /* "nhs:9990001286", for Find: the newest that may be told; "" = none */
} alert_person;

/* Takes what the delivery tells of the people of its alert, as far as it says who they are. */
void alert_people_learn(visit *v, const Mash__V1__Delivery *delivery);
/* The hub's number of the event's subject at this place, from 0; 0 = not told. */
uint64_t alert_people_number(const Mash__V1__Delivery *delivery, size_t place);
/* NULL: no event that this person may read names them. Valid until the next one is learnt. */
const alert_person *alert_people_find(const visit *v, uint64_t number);
/* "Kim Example, born 1 Feb 2018 (child) (person 9)"; "Person 9" when nobody has said who that is. */
void alert_people_put(const visit *v, html_page *page, uint64_t number);
/* Behind somebody whom an event does not name: ", known as Kim Example, born 1 Feb 2018 (child) (person 9)"; " (person 9)". */
void alert_people_put_known(const visit *v, html_page *page, uint64_t number);
/* With v->names_later these two leave a mark alone, since the hub tells an alert page by page. When all is learnt, this puts `part` at the end of
 * `page`, with what the marks stand for. */
void alert_people_fill(const visit *v, html_page *page, const html_page *part);
void alert_people_free(struct alert_people *people);

/* As far as an alert is read: of 50 deliveries each, or half a megabyte. */
enum { ALERT_PAGES_MAX = 400 };
/* Asks the hub for the alert "A17" and calls `next`, unless the visit has ended meanwhile. `why` NULL: they are known now; otherwise why not. */
typedef void alert_people_cb(visit *v, const char *why);
void alert_people_ask(visit *v, const char *item, alert_people_cb *next);

#endif
