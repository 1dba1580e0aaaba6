/* board.h - those whom stories about people are about: a hub with acting.yaml, a gateway for its people, and an alert for them. */
#ifndef SYSTEM_HUB_BOARD_H
#define SYSTEM_HUB_BOARD_H

#include "harness.h"

#define CHILDS_NUMBER "9990000018"

typedef struct board_story {
    hub_run hub;
    peer *op, *adapter, *board;
    char full[96]; /* the audit store takes nothing while this file is there; for who names it before the start */
} board_story;

/* Starts the hub that was made, and opens the sessions of all three. */
void board_story_start(board_story *story);
/* cmocka tear-down. */
int board_story_remove(void **state);

/* "board": consumes bench-team, acts for the people of bench-practice. Not yet connected. */
peer *enrol_board(peer *by);
/* Likewise under another name, of 1 or of 2 teams: with bench-visitors, of the queue bench-1. */
peer *enrol_board_of(peer *by, const char *name, size_t team_count);
/* A concern about the child of CHILDS_NUMBER; the first one opens alert A1. Waits until it is stored. */
void publish_concern(peer *adapter, uint64_t link_seq);
void publish_concern_of(peer *adapter, uint64_t link_seq, Mash__V1__Sensitivity sensitivity);

#endif
