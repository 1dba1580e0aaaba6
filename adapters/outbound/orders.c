#include "orders.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/files.h"
#include "host/log.h"

enum { ORDER_BYTES_MAX = 2048, ORDERS_A_TURN = 200, HEX = 2 * HUB_ID_BYTES };

typedef struct order {
    hub_id id;
    enum { ORDER_STOP, ORDER_RETRY } what;
    char who[OWED_NAME_MAX];
    char why[OWED_CAUSE_MAX];
} order;

static bool read_name(const char *name, order *out)
{
    char hex[HEX + 1];
    if (strlen(name) < HEX + 1 || name[HEX] != '.') return false;
    (void)snprintf(hex, sizeof hex, "%.*s", HEX, name);
    out->what = strcmp(name + HEX, ".stop") == 0 ? ORDER_STOP : ORDER_RETRY;
    return hub_id_parse(hex, &out->id) && (out->what == ORDER_STOP || strcmp(name + HEX, ".retry") == 0);
}

static hub_status read_order(const char *path, order *out, hub_error *err)
{
    hub_buffer text = {0};
    hub_status status = host_file_read(path, ORDER_BYTES_MAX, &text, err);
    const char *who = hub_buffer_text(&text);
    size_t first = strcspn(who, "\n");
    const char *why = who[first] == '\n' ? who + first + 1 : "";
    if (status == HUB_OK && !hub_is_clean_text(who, strlen(who))) status = hub_fail(err, HUB_ERR_INVALID, "not clean text");
    if (status == HUB_OK && (first == 0 || why[0] == '\0' || why[0] == '\n'))
        status = hub_fail(err, HUB_ERR_INVALID, "it does not say who, and why");
    if (status == HUB_OK) {
        (void)snprintf(out->who, sizeof out->who, "%.*s", (int)first, who);
        (void)snprintf(out->why, sizeof out->why, "%.*s", (int)strcspn(why, "\n"), why);
    }
    hub_buffer_free(&text);
    return status;
}

static hub_status obey(const order *given, engine *e, int64_t now_ms, hub_error *err)
{
    char id[HEX + 1];
    hub_hex(given->id.bytes, HUB_ID_BYTES, id);
    hub_status status = given->what == ORDER_STOP ? engine_stop(e, &given->id, given->who, given->why, now_ms, err)
                                                  : engine_retry(e, &given->id, given->who, given->why, now_ms, err);
    if (status == HUB_OK)
        host_log(HOST_LOG_WARNING,
                 given->what == ORDER_STOP ? "a delivery was stopped by a person"
                                           : "a delivery is tried again by a person's word",
                 "delivery", id, NULL);
    return status;
}

static bool is_ours(hub_status status)
{
    return status == HUB_ERR_IO || status == HUB_ERR_FULL || status == HUB_ERR_MEMORY;
}

/* Said once, not each second. */
static void say_kept(const char *cause, char trouble[256])
{
    if (cause[0] != '\0' && strcmp(cause, trouble) != 0)
        host_log(HOST_LOG_ERROR, "an order cannot be read, or removed when it was done: let this instance's user own its folder",
                 "cause", cause, NULL);
    (void)snprintf(trouble, 256, "%s", cause);
}

hub_status orders_take(const char *folder, engine *e, int64_t now_ms, char trouble[256], hub_error *err)
{
    DIR *listing = opendir(folder);
    struct dirent *entry = NULL;
    hub_status status = HUB_OK;
    char kept[256] = "";
    if (listing == NULL && errno != ENOENT) (void)snprintf(kept, sizeof kept, "%s: %s", folder, strerror(errno));
    for (int taken = 0; listing != NULL && status == HUB_OK && taken < ORDERS_A_TURN && (entry = readdir(listing)) != NULL;) {
        order given = {0};
        char path[KIT_PATH_MAX + 300];
        hub_error why = {{0}};
        if (!read_name(entry->d_name, &given)) continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        hub_status one = read_order(path, &given, &why);
        if (is_ours(one)) {
            if (kept[0] == '\0') (void)snprintf(kept, sizeof kept, "%s", why.text);
            continue;
        }
        taken++;
        if (one == HUB_OK) one = obey(&given, e, now_ms, &why);
        if (is_ours(one)) {
            status = hub_fail(err, one, "%s", why.text);
            continue;
        }
        if (one != HUB_OK) host_log(HOST_LOG_WARNING, "an order could not be done", "cause", why.text, NULL);
        if (unlink(path) != 0 && errno != ENOENT && kept[0] == '\0')
            (void)snprintf(kept, sizeof kept, "%s: cannot be removed: %s", path, strerror(errno));
    }
    if (listing != NULL) (void)closedir(listing);
    say_kept(kept, trouble);
    return status;
}
