/* made.h - deliveries as a hub would send them, and a policy of two teams, for tests of the projection. */
#ifndef UNIT_BOARD_MADE_H
#define UNIT_BOARD_MADE_H

#include "board/rows.h"
#include "board/sight.h"

typedef struct made {
    Mash__V1__Delivery delivery;
    Mash__V1__Position position;
    Mash__V1__Alert alert;
    Mash__V1__Clock clock, *clocks[1];
    Mash__V1__Party party, *parties[1];
    char id[24];
} made;

/* Alert `number` as it stands at record `sequence`: open, nobody's, green by rule R-X, of class official, its clock due at `due_ms` (0: none). */
Mash__V1__Delivery *made_delivery(made *m, uint64_t number, uint64_t sequence, int64_t due_ms);
/* This person is a party in it. */
void made_party(made *m, const char *staff);
/* front-door (queue `front`): ann, and bea whose role is cleared for restricted ones; adults (queue `adults`): cal; dot's row ended on day 100. */
const core_policy *made_policy(void);
/* A board of the queues front and adults, in this order. */
const board_config *made_config(void);

#endif
