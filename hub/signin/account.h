/* account.h - people.yaml of a board: who may sign in, how they prove it, and which person of the hub's roster they are.
 *
 *     - person: hc-3                       # an id of the roster in the hub's policy
 *       password: "$argon2id$v=19$..."     # the line that `mash-board password` prints
 *     - person: hc-4
 *       name: duty-desk                    # what is typed at sign-in; left out: the person's id
 *       manager: yes                       # sees the managers' page
 *       oidc: {issuer: "https://login.council.test", subject: "248289761001"}
 *     - name: night-operator               # an operator needs to be nobody of the roster
 *       operator: yes
 *       password: "$argon2id$v=19$..."
 *
 * One entry is one human being. It has a password, an oidc identity, or both. An identity is issuer and subject, never an e-mail address:
 * addresses are given to the next person. An account gives no right to anything of the hub: teams, roles and acts are the roster's.
 *
 * Pure, but for accounts_read_file. Passwords themselves: password.h. */
#ifndef SIGNIN_ACCOUNT_H
#define SIGNIN_ACCOUNT_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "yaml/yaml.h"

enum {
    ACCOUNTS_MAX = 2000,         /* people of one board: a large partnership has some hundreds */
    ACCOUNT_NAME_BYTES = 48,     /* with the NUL; as a roster id in act.proto, on_behalf_of */
    ACCOUNT_HASH_BYTES = 128,    /* crypto_pwhash_STRBYTES */
    ACCOUNT_ISSUER_BYTES = 256,  /* with the NUL */
    ACCOUNT_SUBJECT_BYTES = 256, /* with the NUL: OpenID Connect Core 1.0 section 2 allows 255 */
};

typedef struct account {
    char name[ACCOUNT_NAME_BYTES];          /* unique in the file: a-z 0-9 . _ -; what is typed, and what a session names */
    char person[ACCOUNT_NAME_BYTES];        /* roster id, unique in the file: a-z 0-9 -; "" = nobody of the roster */
    bool is_operator, is_manager;           /* may open the operators' page, the managers' page */
    char password_hash[ACCOUNT_HASH_BYTES]; /* "" = does not sign in by password */
    char issuer[ACCOUNT_ISSUER_BYTES];      /* "" = does not sign in by OpenID Connect */
    char subject[ACCOUNT_SUBJECT_BYTES];
} account;

typedef struct accounts accounts; /* opaque; never changed after it was read: read the file again and swap */

/* Reads people.yaml from `text`; `name` (BORROWED) is what complaints begin with.
 *   problems  every mistake as "file:line:column: what is wrong; what to do"; never a hash, never a subject
 * Returns the accounts, GIVEN, end with accounts_close(); NULL after at least one complaint (then nothing of the file counts). */
accounts *accounts_read(const char *name, hub_bytes text, yaml_problems *problems);
/* As accounts_read, from the file `path`. A missing file, and one that others than its owner may read, is a complaint too. */
accounts *accounts_read_file(const char *path, yaml_problems *problems);
void accounts_close(accounts *list); /* NULL is allowed */

size_t accounts_count(const accounts *list);
const account *accounts_at(const accounts *list, size_t index); /* BORROWED; index below the count */

/* The account of a name, of an identity. BORROWED from `list`; NULL: there is none. Compared byte by byte. */
const account *accounts_find(const accounts *list, const char *name);
const account *accounts_find_subject(const accounts *list, const char *issuer, const char *subject);

/* What a session of this account holds with: another human being, password or identity under the same name has another mark. */
void account_mark(const account *of, uint8_t out[HUB_SHORT_DIGEST_BYTES]);

#endif
