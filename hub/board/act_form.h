/* act_form.h - every act of act.proto as a form: one row of a table each. The form's fields bear the names of the contract's fields, so an act
 * is made from what was typed without knowing which act it is; a test compares the table with the contract. */
#ifndef BOARD_ACT_FORM_H
#define BOARD_ACT_FORM_H

#include "board/board.h"
#include "mash/v1/act.pb-c.h"

enum { ACT_FIELDS_MAX = 4 };

typedef enum act_input {
    INPUT_NONE,
    INPUT_LINE,   /* one line */
    INPUT_WORDS,  /* many lines */
    INPUT_FLAG,   /* a check box */
    INPUT_HIDDEN, /* comes with the link that opened the form: which person, which clock */
    INPUT_RATING, /* one of a list: */
    INPUT_OUTCOME,
    INPUT_AGENCY,
    INPUT_TEAM,  /* a long list, */
    INPUT_QUEUE, /* too */
    INPUT_SAME,
    INPUT_LINKED,     /* of the hub's people (link_form.h): the whole choice stands at this field, */
    INPUT_LINKED_TOO, /* and gives this one too */
    INPUT_ANYBODY,    /* a colleague, or oneself */
    INPUT_COLLEAGUE,
    INPUT_TAKER,  /* a colleague whose role may claim it, */
    INPUT_HOLDER, /* or hold it */
    INPUT_WHEN,   /* a day and a time in the partnership's civil time */
} act_input;

typedef struct act_field {
    const char *name; /* of the contract, "legal_basis" */
    act_input input;
    const char *label, *hint;
    bool is_needed;
} act_field;

typedef struct act_form {
    const char *code;  /* as a role's `may` has it, "hand-over" */
    const char *title; /* of the page and its button: "Hand over" */
    const char *plain; /* what it does, under the title */
    char item;         /* 'A', 'D', 'R', 'F', 'N', 'Q': what it is done to; a disagreement's clock is restated by its own row */
    Mash__V1__ActKind kind;
    bool has_reason, needs_reason;
    bool is_at_once; /* a button: no form, nothing to check */
    act_field fields[ACT_FIELDS_MAX];
} act_form;

extern const act_form ACT_FORMS[]; /* ended by a code of NULL */

/* NULL: there is no such act for this kind of item. */
const act_form *act_form_of(const char *code, char item);
/* The Act that v->form says, in v->arena: item and version from the form, `on_behalf_of` who is signed in, its command_id. NULL: something
 * is missing or does not fit; *field names the input (for the error's link) and err says what to do. */
const Mash__V1__Act *act_form_read(visit *v, const act_form *form, const char *item, const char **field, hub_error *err);

/* Whether this field has to be answered and was not: then err says so. */
bool act_form_is_missing(const visit *v, const act_field *field, hub_error *err);

/* What was typed, or came with the link that opened the form. */
const char *act_form_brought(const visit *v, const char *name);
/* The day and time of NAME-day and NAME-time; 0 = both empty; -1 = no such instant. */
int64_t act_form_when(const visit *v, const char *name);

/* Of outcomes: those that fit the person whom the form is about, a child or an adult, or the rest. Who is known as neither, or as both, may be
 * decided about in every way; nothing that the policy has is kept from who decides. */
typedef enum act_choices { CHOICES_FIT, CHOICES_REST, CHOICES_ALL } act_choices;
/* What may be chosen for an input: calls `each` with the value and what stands beside it; of a long list `hint` is the group that it stands in. */
typedef void act_choice_cb(void *context, const char *value, const char *text, const char *hint);
void act_form_choices(const visit *v, act_input input, const board_row *row, act_choices which, act_choice_cb *each,
                      void *context);

#endif
