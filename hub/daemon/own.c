#include "daemon/own.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/files.h"

enum { PEOPLE_MAX = 4096, KEY_BYTES = 160 };

typedef struct own_row {
    char staff[CORE_NAME_MAX];
    char texts[DAEMON_OWN_KEYS_MAX][KEY_BYTES];
    const char *keys[DAEMON_OWN_KEYS_MAX];
    uint64_t uprns[DAEMON_OWN_HOMES_MAX];
    uint32_t key_count, uprn_count;
} own_row;

struct daemon_own {
    size_t count;
    own_row rows[];
};

/* `empty`: a state that knows nobody; the key's form is all that is asked. */
static void read_key(own_row *row, const yaml_node *node, core_state *empty, yaml_problems *problems)
{
    char *text = row->texts[row->key_count];
    core_case named;
    hub_error err;
    (void)snprintf(text, KEY_BYTES, "%s", yaml_text(node, KEY_BYTES - 1, problems));
    if (core_case_of_key(empty, text, &named, &err) != HUB_OK) {
        yaml_complain(node, problems, "%s", err.text);
    } else if (named.name.count > 0 && !named.is_dated) {
        yaml_complain(node, problems, "a name alone is many people's: write name:... born:2019-06-01");
    }
    row->keys[row->key_count++] = text;
}

static void read_row(own_row *row, const yaml_node *map, core_state *empty, yaml_problems *problems)
{
    if (!yaml_only(map, problems, "staff", "keys", "homes", NULL)) return;
    (void)snprintf(row->staff, sizeof row->staff, "%s",
                   yaml_text(yaml_need(map, "staff", problems), CORE_NAME_MAX - 1, problems));
    const yaml_node *keys = yaml_get(map, "keys"), *homes = yaml_get(map, "homes");
    if (yaml_count(keys) > DAEMON_OWN_KEYS_MAX) yaml_complain(keys, problems, "at most %d keys", DAEMON_OWN_KEYS_MAX);
    if (yaml_count(homes) > DAEMON_OWN_HOMES_MAX) yaml_complain(homes, problems, "at most %d homes", DAEMON_OWN_HOMES_MAX);
    for (size_t i = 0; i < yaml_count(keys) && row->key_count < DAEMON_OWN_KEYS_MAX; i++)
        read_key(row, yaml_item(keys, i), empty, problems);
    for (size_t i = 0; i < yaml_count(homes) && row->uprn_count < DAEMON_OWN_HOMES_MAX; i++)
        row->uprns[row->uprn_count++] = (uint64_t)yaml_int(yaml_item(homes, i), 1, INT64_C(999999999999), problems);
}

static daemon_own *read_people(const yaml_node *root, yaml_problems *problems)
{
    const yaml_node *people = yaml_only(root, problems, "people", NULL) ? yaml_need(root, "people", problems) : NULL;
    size_t count = yaml_count(people);
    if (count > PEOPLE_MAX) yaml_complain(people, problems, "at most %d people", PEOPLE_MAX);
    count = count > PEOPLE_MAX ? PEOPLE_MAX : count;
    daemon_own *own = calloc(1, sizeof *own + count * sizeof own->rows[0]);
    core_state *empty = NULL;
    if (own == NULL || core_open(&empty) != HUB_OK) {
        yaml_complain(root, problems, "out of memory");
    } else {
        own->count = count;
        for (size_t i = 0; i < count; i++)
            read_row(&own->rows[i], yaml_item(people, i), empty, problems);
    }
    core_close(empty);
    return own;
}

daemon_own *daemon_own_read(const char *path, yaml_problems *problems)
{
    hub_error err;
    uint32_t before = problems->count;
    if (host_file_is_private(path, &err) != HUB_OK) {
        hub_buffer_put_format(&problems->text, "%s\n", err.text);
        problems->count++;
        return NULL;
    }
    yaml_document *document = yaml_read_file(path, problems);
    daemon_own *own = document == NULL ? NULL : read_people(yaml_root(document), problems);
    yaml_close(document);
    if (problems->count == before) return own;
    daemon_own_free(own);
    return NULL;
}

void daemon_own_free(daemon_own *own)
{
    if (own == NULL) return;
    sodium_memzero(own->rows, own->count * sizeof own->rows[0]);
    free(own);
}

core_own daemon_own_of(const daemon_own *own, const char *staff)
{
    for (size_t i = 0; own != NULL && i < own->count; i++) {
        const own_row *row = &own->rows[i];
        if (strcmp(row->staff, staff) == 0) return (core_own){row->keys, row->uprns, row->key_count, row->uprn_count};
    }
    return (core_own){0};
}
