#include "draft.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "session.h"

typedef struct kept {
    char account[SESSION_ACCOUNT_BYTES]; /* "" = the slot is empty */
    char key[DRAFT_KEY_BYTES_MAX + 1];
    int64_t kept_ms;
    uint8_t *text; /* GIVEN */
    size_t size;
} kept;

struct drafts {
    kept rows[DRAFTS_MAX];
    size_t bytes; /* of all texts */
    bool is_changed;
};

hub_status drafts_open(drafts **out)
{
    HUB_ASSERT(out != NULL);
    *out = calloc(1, sizeof **out);
    return *out != NULL ? HUB_OK : HUB_ERR_MEMORY;
}

static void drop(drafts *all, kept *row)
{
    HUB_ASSERT(all->bytes >= row->size);
    all->bytes -= row->size;
    if (row->text != NULL) sodium_memzero(row->text, row->size);
    free(row->text);
    sodium_memzero(row, sizeof *row);
    all->is_changed = true;
}

static void drop_all(drafts *all)
{
    for (size_t i = 0; i < DRAFTS_MAX; i++)
        drop(all, &all->rows[i]);
}

void drafts_close(drafts *all)
{
    if (all == NULL) return;
    drop_all(all);
    free(all);
}

static bool is_over(const kept *row, int64_t now_ms)
{
    return now_ms - row->kept_ms >= DRAFT_KEPT_MS;
}

static bool is_of(const kept *row, const char *account, const char *key)
{
    return strcmp(row->account, account) == 0 && strcmp(row->key, key) == 0;
}

/* The row for (account, key), or an empty one for it; NULL: full. */
static kept *slot_for(drafts *all, const char *account, const char *key, int64_t now_ms)
{
    kept *empty = NULL;
    unsigned own = 0;
    for (size_t i = 0; i < DRAFTS_MAX; i++) {
        kept *row = &all->rows[i];
        if (row->account[0] != '\0' && is_over(row, now_ms)) drop(all, row);
        if (row->account[0] == '\0') {
            empty = row;
        } else if (is_of(row, account, key)) {
            return row;
        } else {
            own += strcmp(row->account, account) == 0;
        }
    }
    return own < DRAFTS_OF_ACCOUNT_MAX ? empty : NULL;
}

hub_status draft_keep(drafts *all, const char *account, const char *key, hub_bytes text, int64_t now_ms)
{
    HUB_ASSERT(all != NULL && account != NULL && key != NULL);
    HUB_ASSERT(account[0] != '\0' && strlen(account) < SESSION_ACCOUNT_BYTES);
    size_t key_size = strlen(key);
    if (key_size == 0 || key_size > DRAFT_KEY_BYTES_MAX || !hub_is_clean_text(key, key_size)) return HUB_ERR_INVALID;
    if (text.size > DRAFT_TEXT_BYTES_MAX) return HUB_ERR_INVALID;
    kept *row = slot_for(all, account, key, now_ms);
    if (row == NULL || all->bytes - row->size + text.size > DRAFTS_BYTES_MAX) return HUB_ERR_FULL;
    uint8_t *copy = malloc(text.size + 1);
    if (copy == NULL) return HUB_ERR_MEMORY;
    if (text.size > 0) memcpy(copy, text.data, text.size);
    drop(all, row);
    (void)hub_format(row->account, sizeof row->account, "%s", account);
    (void)hub_format(row->key, sizeof row->key, "%s", key);
    row->kept_ms = now_ms;
    row->text = copy;
    row->size = text.size;
    all->bytes += text.size;
    all->is_changed = true;
    return HUB_OK;
}

static draft as_draft(const kept *row)
{
    return (draft){.key = row->key, .text = hub_bytes_of(row->text, row->size), .kept_ms = row->kept_ms};
}

bool draft_find(const drafts *all, const char *account, const char *key, int64_t now_ms, draft *out)
{
    HUB_ASSERT(account[0] != '\0');
    for (size_t i = 0; i < DRAFTS_MAX; i++) {
        const kept *row = &all->rows[i];
        if (!is_of(row, account, key) || is_over(row, now_ms)) continue;
        *out = as_draft(row);
        return true;
    }
    return false;
}

size_t draft_list(const drafts *all, const char *account, int64_t now_ms, draft *out, size_t capacity)
{
    HUB_ASSERT(account[0] != '\0');
    size_t count = 0;
    for (size_t i = 0; i < DRAFTS_MAX; i++) {
        const kept *row = &all->rows[i];
        if (strcmp(row->account, account) != 0 || is_over(row, now_ms)) continue;
        size_t filled = count < capacity ? count : capacity, at = filled;
        while (at > 0 && out[at - 1].kept_ms < row->kept_ms)
            at--;
        if (at < capacity) {
            size_t moved = (filled < capacity ? filled : capacity - 1) - at;
            memmove(out + at + 1, out + at, moved * sizeof *out);
            out[at] = as_draft(row);
        }
        count++;
    }
    return count;
}

void draft_forget(drafts *all, const char *account, const char *key)
{
    HUB_ASSERT(account[0] != '\0');
    for (size_t i = 0; i < DRAFTS_MAX; i++) {
        if (is_of(&all->rows[i], account, key)) drop(all, &all->rows[i]);
    }
}

void drafts_forget_account(drafts *all, const char *account)
{
    HUB_ASSERT(account[0] != '\0');
    for (size_t i = 0; i < DRAFTS_MAX; i++) {
        if (strcmp(all->rows[i].account, account) == 0) drop(all, &all->rows[i]);
    }
}

bool drafts_changed(const drafts *all)
{
    return all->is_changed;
}

static bool is_to_save(const kept *row, int64_t now_ms)
{
    return row->account[0] != '\0' && !is_over(row, now_ms);
}

void drafts_pack(const drafts *all, int64_t now_ms, hub_buffer *out)
{
    uint32_t count = 0;
    for (size_t i = 0; i < DRAFTS_MAX; i++)
        count += is_to_save(&all->rows[i], now_ms);
    hub_buffer_put_u32(out, count);
    for (size_t i = 0; i < DRAFTS_MAX; i++) {
        const kept *row = &all->rows[i];
        if (!is_to_save(row, now_ms)) continue;
        cursor_put(out, hub_bytes_of_text(row->account));
        cursor_put(out, hub_bytes_of_text(row->key));
        hub_buffer_put_u64(out, (uint64_t)row->kept_ms);
        cursor_put(out, hub_bytes_of(row->text, row->size));
    }
}

void drafts_saved(drafts *all)
{
    all->is_changed = false;
}

hub_status drafts_unpack(drafts *all, hub_bytes *in)
{
    drop_all(all);
    uint32_t count = cursor_u32(in);
    hub_status status = !cursor_failed(in) && count <= DRAFTS_MAX ? HUB_OK : HUB_ERR_CORRUPT;
    for (uint32_t i = 0; status == HUB_OK && i < count; i++) {
        char account[SESSION_ACCOUNT_BYTES] = "", key[DRAFT_KEY_BYTES_MAX + 1] = "";
        bool good = cursor_text(in, account, sizeof account) && cursor_text(in, key, sizeof key) && account[0] != '\0';
        int64_t kept_ms = (int64_t)cursor_u64(in);
        hub_bytes text = cursor_sized(in);
        if (!good || cursor_failed(in)) {
            status = HUB_ERR_CORRUPT;
        } else {
            status = draft_keep(all, account, key, text, kept_ms);
            if (status != HUB_ERR_MEMORY && status != HUB_OK) status = HUB_ERR_CORRUPT;
        }
    }
    if (status != HUB_OK) drop_all(all);
    all->is_changed = false;
    return status;
}
