/* act_page.h - the pages of an act: the form, check your answers, what became of it. page_act.c says when which of them is drawn. */
#ifndef BOARD_ACT_PAGE_H
#define BOARD_ACT_PAGE_H

#include "board/act_form.h"

typedef struct acting acting;
typedef void act_page_cb(visit *v, const acting *a);
struct acting {
    const act_form *form;
    char item[VISIT_CODE_MAX];
    char alert[VISIT_CODE_MAX]; /* of the item: where one goes back to */
    const board_row *row;       /* as the person sees it; NULL: not in this board's lists */
    const Mash__V1__Act *act;
    act_page_cb *show;   /* the page that is drawn when its people are known */
    const char *unnamed; /* why they are not; NULL: they are, or the act is about nobody */
    const char *field;   /* name of the input that the problem is with; NULL, or one that the form has not: with the whole */
    hub_error problem;   /* "" = none */
    const char *changed; /* HTML of who changed what meanwhile, */
    uint32_t version;    /* and how the item stands now */
};

/* Where one goes back to: the alert, the item, the list that it was done from. */
void act_page_back(const visit *v, const acting *a, char out[128]);
/* The address of the form, and of what is done with it: `end` "" or "/send". */
void act_page_path(const acting *a, const char *end, char out[VISIT_CODE_MAX * 3]);
/* The form's inputs that are seen, by position: its fields, then the reason. NULL: that was the last. */
const act_field *act_page_input(const act_form *form, size_t at);
/* Which of the alert's people: nobody types them, and everybody must see who it is. */
bool act_page_is_person(const act_field *field);

/* Each ends the visit. */
void act_page_form(visit *v, const acting *a);  /* with what is wrong with it, where there is a problem */
void act_page_check(visit *v, const acting *a); /* check your answers */
void act_page_stale(visit *v, const acting *a); /* the answers again, and who changed what meanwhile */
/* It was sent, or was about to be, and nobody said that it was done: sent again it is the same act (B2). */
void act_page_unsent(visit *v, const acting *a, unsigned status);
/* HTML of who changed what, in the arena. */
const char *act_page_changes(visit *v, const Mash__V1__ActReply *reply);

#endif
