#include "account.h"

#include <stdlib.h>
#include <string.h>

#include "host/files.h"
#include "password.h"
#include "visible.h"

struct accounts {
    size_t count;
    account *rows; /* GIVEN */
};

static const char NAME_LETTERS[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
static const char PERSON_LETTERS[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

static void copy(char *to, size_t capacity, const char *text)
{
    (void)hub_format(to, capacity, "%s", text);
}

static void read_word(const yaml_node *node, const char *what, const char *letters, char *out, yaml_problems *problems)
{
    const char *text = yaml_text(node, ACCOUNT_NAME_BYTES - 1, problems);
    if (node == NULL || text[0] == '\0') return;
    if (strspn(text, letters) != strlen(text)) {
        yaml_complain(node, problems, "%s has %s only", what,
                      letters == PERSON_LETTERS ? "a-z, 0-9 and '-'" : "a-z, 0-9, '.', '_' and '-'");
        return;
    }
    copy(out, ACCOUNT_NAME_BYTES, text);
}

static void read_hash(const yaml_node *node, account *row, yaml_problems *problems)
{
    if (node == NULL) return;
    const char *text = yaml_text(node, ACCOUNT_HASH_BYTES - 1, problems);
    if (text[0] == '\0') return;
    if (!password_hash_is_ours(text)) {
        yaml_complain(node, problems, "this is no line of 'mash-board password'; run it and put what it prints here, in quotes");
        return;
    }
    copy(row->password_hash, sizeof row->password_hash, text);
}

static void read_identity(const yaml_node *node, account *row, yaml_problems *problems)
{
    if (node == NULL || !yaml_only(node, problems, "issuer", "subject", NULL)) return;
    const yaml_node *issuer = yaml_need(node, "issuer", problems), *subject = yaml_need(node, "subject", problems);
    const char *issuer_text = yaml_text(issuer, ACCOUNT_ISSUER_BYTES - 1, problems);
    const char *subject_text = yaml_text(subject, ACCOUNT_SUBJECT_BYTES - 1, problems);
    if (issuer_text[0] == '\0' || subject_text[0] == '\0') return;
    bool is_url = strncmp(issuer_text, "https://", 8) == 0 || strncmp(issuer_text, "http://", 7) == 0;
    if (!is_url || !is_visible(issuer_text)) {
        yaml_complain(issuer, problems, "an issuer is a URL ('https://...'), written as the sign-in service writes its own");
        return;
    }
    if (!is_visible(subject_text)) {
        yaml_complain(subject, problems, "a subject is ASCII without spaces, as the sign-in service gives it");
        return;
    }
    copy(row->issuer, sizeof row->issuer, issuer_text);
    copy(row->subject, sizeof row->subject, subject_text);
}

static void check_one(const yaml_node *node, const account *row, yaml_problems *problems)
{
    if (row->person[0] == '\0' && !row->is_operator && !row->is_manager) {
        yaml_complain(node, problems, "nobody: name the 'person' of the roster, or say 'operator: yes' or 'manager: yes'");
    }
    if (row->name[0] == '\0')
        yaml_complain(node, problems, "'name' is missing here: without a person it is what is typed at sign-in");
    if (row->password_hash[0] == '\0' && row->issuer[0] == '\0') {
        yaml_complain(node, problems, "no way to sign in: add 'password' (mash-board password) or 'oidc'");
    }
}

static void check_repeats(const accounts *list, const yaml_node *node, const account *row, yaml_problems *problems)
{
    for (size_t i = 0; i < list->count; i++) {
        const account *other = &list->rows[i];
        if (row->person[0] != '\0' && strcmp(other->person, row->person) == 0) {
            yaml_complain(node, problems, "person '%s' has an account already; put password and oidc into one", row->person);
        } else if (row->name[0] != '\0' && strcmp(other->name, row->name) == 0) {
            yaml_complain(node, problems, "the name '%s' is taken by another account; names are typed, so each is one person's",
                          row->name);
        }
        if (row->issuer[0] != '\0' && strcmp(other->issuer, row->issuer) == 0 && strcmp(other->subject, row->subject) == 0) {
            yaml_complain(node, problems, "this issuer and subject stand at another account already; one identity is one person");
        }
    }
}

static void read_row(const yaml_node *node, accounts *list, yaml_problems *problems)
{
    uint32_t before = problems->count;
    if (!yaml_only(node, problems, "person", "name", "operator", "manager", "password", "oidc", NULL)) return;
    account *row = &list->rows[list->count];
    *row = (account){0};
    const yaml_node *name = yaml_get(node, "name"), *person = yaml_get(node, "person");
    const yaml_node *is_operator = yaml_get(node, "operator"), *is_manager = yaml_get(node, "manager");
    read_word(person, "a person's id", PERSON_LETTERS, row->person, problems);
    read_word(name, "a name", NAME_LETTERS, row->name, problems);
    if (name == NULL) copy(row->name, sizeof row->name, row->person);
    row->is_operator = is_operator != NULL && yaml_bool(is_operator, problems);
    row->is_manager = is_manager != NULL && yaml_bool(is_manager, problems);
    read_hash(yaml_get(node, "password"), row, problems);
    read_identity(yaml_get(node, "oidc"), row, problems);
    if (problems->count == before) check_one(node, row, problems);
    if (problems->count == before) check_repeats(list, node, row, problems);
    if (problems->count == before) list->count++;
}

static accounts *read_document(yaml_document *document, yaml_problems *problems)
{
    uint32_t before = problems->count;
    const yaml_node *root = yaml_root(document);
    if (!yaml_is_list(root)) {
        yaml_complain(root, problems, "expected a list of accounts ('- person: hc-3' ...)");
        return NULL;
    }
    size_t count = yaml_count(root);
    if (count > ACCOUNTS_MAX) {
        yaml_complain(root, problems, "%zu accounts, and %d is the most", count, ACCOUNTS_MAX);
        return NULL;
    }
    accounts *list = calloc(1, sizeof *list);
    if (list != NULL) list->rows = calloc(count + 1, sizeof *list->rows);
    if (list == NULL || list->rows == NULL) {
        yaml_complain(root, problems, "out of memory");
        accounts_close(list);
        return NULL;
    }
    for (size_t i = 0; i < count; i++)
        read_row(yaml_item(root, i), list, problems);
    if (problems->count == before) return list;
    accounts_close(list);
    return NULL;
}

accounts *accounts_read(const char *name, hub_bytes text, yaml_problems *problems)
{
    HUB_ASSERT(name != NULL && problems != NULL);
    uint32_t before = problems->count;
    yaml_document *document = yaml_read(name, text, problems);
    accounts *list = document != NULL ? read_document(document, problems) : NULL;
    yaml_close(document);
    HUB_ASSERT((list == NULL) == (problems->count > before));
    return list;
}

accounts *accounts_read_file(const char *path, yaml_problems *problems)
{
    HUB_ASSERT(path != NULL && problems != NULL);
    hub_error err = {""};
    hub_buffer text = {0};
    hub_status status = host_file_is_private(path, &err);
    if (status == HUB_OK) status = host_file_read(path, (size_t)1024 * 1024, &text, &err);
    accounts *list = NULL;
    if (status == HUB_OK) {
        list = accounts_read(path, hub_buffer_bytes(&text), problems);
    } else {
        problems->count++;
        hub_buffer_put_format(&problems->text, "%s\n", err.text);
    }
    hub_buffer_free(&text);
    return list;
}

void accounts_close(accounts *list)
{
    if (list == NULL) return;
    free(list->rows);
    free(list);
}

size_t accounts_count(const accounts *list)
{
    return list->count;
}

const account *accounts_at(const accounts *list, size_t index)
{
    HUB_ASSERT(index < list->count);
    return &list->rows[index];
}

const account *accounts_find(const accounts *list, const char *name)
{
    for (size_t i = 0; name[0] != '\0' && i < list->count; i++) {
        if (strcmp(list->rows[i].name, name) == 0) return &list->rows[i];
    }
    return NULL;
}

const account *accounts_find_subject(const accounts *list, const char *issuer, const char *subject)
{
    for (size_t i = 0; issuer[0] != '\0' && i < list->count; i++) {
        const account *row = &list->rows[i];
        if (strcmp(row->issuer, issuer) == 0 && strcmp(row->subject, subject) == 0) return row;
    }
    return NULL;
}

void account_mark(const account *of, uint8_t out[HUB_SHORT_DIGEST_BYTES])
{
    static const uint8_t OPEN_KEY[HUB_SECRET_BYTES] = {0}; /* no secret: only so that parts are told apart by their lengths */
    const hub_bytes parts[] = {hub_bytes_of_text(of->name), hub_bytes_of_text(of->person), hub_bytes_of_text(of->password_hash),
                               hub_bytes_of_text(of->issuer), hub_bytes_of_text(of->subject)};
    hub_keyed_digest(OPEN_KEY, "account", parts, sizeof parts / sizeof parts[0], out);
}
