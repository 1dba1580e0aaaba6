/* board.h - a gateway for the people of acting.yaml, and an alert for them. */
#ifndef SYSTEM_HUB_BOARD_H
#define SYSTEM_HUB_BOARD_H

#include "harness.h"

#define CHILDS_NUMBER "9990000018"

/* "board": consumes bench-team, acts for the people of bench-practice. Not yet connected. */
peer *enrol_board(peer *by);
/* A concern about the child of CHILDS_NUMBER; the first one opens alert A1. Waits until it is stored. */
void publish_concern(peer *adapter, uint64_t link_seq);
void publish_concern_of(peer *adapter, uint64_t link_seq, Mash__V1__Sensitivity sensitivity);

#endif
