#include "pack.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board/feed.h"
#include "board/pack_file.h"
#include "board/pack_page.h"
#include "host/clock.h"
#include "host/files.h"
#include "host/log.h"
#include "host/random.h"

enum {
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    SEAL_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    ASK_ITEMS = 50,
    FAULTS_MAX = 5,       /* in a row: the hub does not answer reads now */
    RETRY_MS = 10 * 1000, /* after a pack that could not be made */
    GRACE_MS = 60 * 1000, /* a board that starts has its lists by then */
    LATE_INTERVALS = 3,   /* no pack for so long is trouble, whatever the cause */
};
static const char REASON[] = "continuity pack";

typedef enum pack_state { PACK_RESTING, PACK_ASKING, PACK_WRITING } pack_state;

/* What is open, by alert number. */
typedef struct pack_item {
    uint64_t alert;
    uint64_t text_of; /* record that the text is of; 0 = none */
    uint64_t wanted;  /* record that it should be of */
    uint8_t *sealed;  /* GIVEN; nonce, then the text */
    size_t size;
} pack_item;

typedef struct secrets {
    uint8_t memory_key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
    pack_key file_key;
} secrets;

/* One text's place in the page that is written. */
typedef struct cut {
    size_t at; /* in `page` */
    uint32_t item;
} cut;

struct pack {
    board *b;
    secrets *secrets; /* GIVEN; memory that is not swapped or dumped */
    pack_state state;
    bool is_closing, is_stale;  /* stale: the policy changed while it was read or written */
    int64_t opened_ms, next_ms; /* boot time */
    int64_t heard_ms;           /* hub time when the hub was last there; 0 = not since the start */
    pack_item *items;           /* GIVEN; sorted by alert. While WRITING the thread reads them, and nobody changes them */
    uint32_t item_count;
    size_t bytes; /* of all sealed texts */
    /* asking */
    uint32_t at, faults;
    uint32_t failed; /* items that were asked for, and not read */
    uint64_t after;
    pack_text text;
    /* writing */
    uv_work_t work;
    html_page page;
    cut *cuts; /* GIVEN */
    uint32_t cut_count;
    pack_head head;
    hub_status status;
    hub_error err;
    pack_standing newest;
    char trouble[PACK_TROUBLE_BYTES];
};

/* ---- trouble ------------------------------------------------------------------------------------------------------------------ */
/* Said in the log when it is another one than before. "": there is none. */
static void say(pack *p, const char *trouble)
{
    if (strcmp(p->trouble, trouble) == 0) return;
    (void)snprintf(p->trouble, sizeof p->trouble, "%s", trouble);
    if (trouble[0] != '\0') host_log(HOST_LOG_ERROR, "continuity pack", "trouble", trouble, NULL);
}

static void rest(pack *p, int64_t ms)
{
    p->state = PACK_RESTING;
    p->next_ms = host_boot_ms() + ms;
}

/* ---- texts in memory (Y3) ----------------------------------------------------------------------------------------------------- */
static void drop_text(pack *p, pack_item *item)
{
    p->bytes -= item->size;
    free(item->sealed);
    item->sealed = NULL;
    item->size = 0;
    item->text_of = 0;
}

static void drop_texts(pack *p)
{
    for (uint32_t i = 0; i < p->item_count; i++)
        drop_text(p, &p->items[i]);
}

/* An older text stays when there is no room for the newer one. */
static void keep_text(pack *p, pack_item *item, hub_bytes text)
{
    size_t size = NONCE_BYTES + text.size + SEAL_BYTES;
    uint8_t *sealed = p->bytes - item->size + size > PACK_TEXTS_BYTES_MAX ? NULL : malloc(size);
    if (sealed == NULL) return;
    host_random_fill(sealed, NONCE_BYTES);
    int failed = crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + NONCE_BYTES, NULL, text.data, text.size, NULL, 0, NULL,
                                                            sealed, p->secrets->memory_key);
    HUB_ASSERT(failed == 0);
    drop_text(p, item);
    item->sealed = sealed;
    item->size = size;
    item->text_of = item->wanted;
    p->bytes += size;
}

static int by_alert(const void *left, const void *right)
{
    const pack_item *a = left, *b = right;
    return a->alert < b->alert ? -1 : a->alert > b->alert;
}

static pack_item *item_of(const pack *p, uint64_t alert)
{
    const pack_item key = {.alert = alert};
    return p->item_count == 0 ? NULL : bsearch(&key, p->items, p->item_count, sizeof *p->items, by_alert);
}

static uint32_t count_old(const pack *p)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < p->item_count; i++)
        count += p->items[i].text_of != p->items[i].wanted;
    return count;
}

/* ---- what is open ------------------------------------------------------------------------------------------------------------- */
/* A visit of nobody: who the pack is made for, and when. NULL: it can be made; otherwise why not. */
static const char *look(const pack *p, visit *paper)
{
    board *b = p->b;
    *paper = (visit){.b = b, .now_ms = link_hub_now_ms(b->gate), .is_paper = true};
    if (b->policy == NULL || !feed_is_whole(b->feed)) return "none is made before the lists have come from the hub";
    if (!feed_is_cut_off(b->feed) && feed_behind(b->feed) > 0) return "none is made while the lists are behind the hub";
    if (!people_find(b->policy, b->config.pack.as, people_day(b->policy, paper->now_ms), &paper->who))
        return "the person of `pack: as` in board.yaml is not on today's roster";
    paper->sees = sight_of(b->rows, &b->config, &paper->who, b->config.pack.as);
    return NULL;
}

/* GIVEN. NULL: no memory. */
static row_ref *list_open(const pack *p, const visit *paper, uint32_t *count)
{
    row_ref *rows = malloc((rows_count(p->b->rows) + 1) * sizeof *rows);
    if (rows != NULL) *count = sight_open(&paper->sees, rows, rows_count(p->b->rows));
    return rows;
}

/* The items are those of `rows` now; texts go along, and those of items that are not open any more, or not for this person, go. */
static bool take_items(pack *p, const row_ref *rows, uint32_t count)
{
    pack_item *items = calloc(count + 1, sizeof *items);
    if (items == NULL) return false;
    for (uint32_t i = 0; i < count; i++) {
        const board_row *row = rows_at(p->b->rows, rows[i]);
        pack_item *before = item_of(p, row->alert);
        if (before != NULL) {
            items[i] = *before;
            *before = (pack_item){.alert = row->alert};
        }
        items[i].alert = row->alert;
        items[i].wanted = row->sequence;
    }
    for (uint32_t i = 0; i < p->item_count; i++)
        drop_text(p, &p->items[i]);
    free(p->items);
    qsort(items, count, sizeof *items, by_alert);
    p->items = items;
    p->item_count = count;
    return true;
}

/* ---- writing ------------------------------------------------------------------------------------------------------------------ */
static bool put_text(pack *p, pack_writer *w, const pack_item *item)
{
    size_t size = item->size - NONCE_BYTES - SEAL_BYTES;
    uint8_t *text = malloc(size + 1);
    if (text == NULL) return false;
    bool is_good =
        crypto_aead_xchacha20poly1305_ietf_decrypt(text, NULL, NULL, item->sealed + NONCE_BYTES, item->size - NONCE_BYTES, NULL,
                                                   0, item->sealed, p->secrets->memory_key) == 0;
    if (is_good) pack_writer_put(w, hub_bytes_of(text, size));
    sodium_memzero(text, size);
    free(text);
    return is_good;
}

static void on_thread(uv_work_t *work)
{
    pack *p = work->data;
    const int64_t kept_ms = p->head.expires_ms - p->head.made_ms;
    pack_writer *w = NULL;
    p->status =
        pack_writer_begin(p->b->config.pack.folder, &p->secrets->file_key, p->head.made_ms, p->head.expires_ms, &w, &p->err);
    if (p->status != HUB_OK) return;
    size_t from = 0;
    bool is_good = true;
    for (uint32_t i = 0; i < p->cut_count; i++) {
        pack_writer_put(w, hub_bytes_of(p->page.data + from, p->cuts[i].at - from));
        from = p->cuts[i].at;
        is_good = is_good && put_text(p, w, &p->items[p->cuts[i].item]);
    }
    pack_writer_put(w, hub_bytes_of(p->page.data + from, p->page.size - from));
    if (is_good) {
        p->status = pack_writer_end(w, p->head.made_ms - kept_ms, &p->err);
    } else {
        pack_writer_drop(w);
        p->status = hub_fail(&p->err, HUB_ERR_MEMORY, "no memory to write a pack");
    }
}

static void free_pack(pack *p)
{
    drop_texts(p);
    pack_text_clear(&p->text);
    free(p->items);
    sodium_free(p->secrets);
    free(p);
}

static void end_page(pack *p)
{
    host_secret_free(&p->page);
    free(p->cuts);
    p->cuts = NULL;
    p->cut_count = 0;
}

static void say_how_it_stands(pack *p)
{
    char text[PACK_TROUBLE_BYTES] = "";
    if (p->status != HUB_OK) {
        (void)snprintf(text, sizeof text, "%s", p->err.text);
    } else if (p->head.is_hub_away) {
        (void)snprintf(text, sizeof text, "the hub is away: packs are made of what was known before");
    } else if (p->failed > 0) {
        (void)snprintf(text, sizeof text,
                       "%u of %u items have no text of their newest record: the hub did not show it, or there is no room",
                       p->failed, p->item_count);
    }
    say(p, text);
}

static void on_written(uv_work_t *work, int status)
{
    pack *p = work->data;
    (void)status;
    end_page(p);
    if (p->is_closing) {
        free_pack(p);
        return;
    }
    if (p->status == HUB_OK)
        p->newest = (pack_standing){
            .made_ms = p->head.made_ms, .known_ms = p->head.known_ms, .items = p->item_count, .not_newest = p->head.not_newest};
    say_how_it_stands(p);
    if (p->is_stale) drop_texts(p);
    p->is_stale = false;
    rest(p, p->status == HUB_OK ? (int64_t)p->b->config.pack.every_minutes * 60000 : RETRY_MS);
}

static void begin_page(pack *p, const visit *paper, const row_ref *rows, uint32_t count)
{
    bool is_away = feed_is_cut_off(p->b->feed);
    p->head = (pack_head){.person = p->b->config.pack.as,
                          .made_ms = paper->now_ms,
                          .known_ms = is_away ? p->heard_ms : paper->now_ms,
                          .expires_ms = paper->now_ms + (int64_t)p->b->config.pack.keep_hours * 3600000,
                          .is_hub_away = is_away};
    p->head.not_newest = count_old(p); /* more than failed: it went on while others were read */
    pack_page_begin(&p->page, paper, &p->head, rows, count);
    for (uint32_t i = 0; i < count; i++) {
        const board_row *row = rows_at(p->b->rows, rows[i]);
        const pack_item *item = item_of(p, row->alert);
        pack_page_item(&p->page, paper, row, item->text_of);
        if (item->text_of != 0) p->cuts[p->cut_count++] = (cut){.at = p->page.size, .item = (uint32_t)(item - p->items)};
        html(&p->page, "</div>");
    }
    pack_page_end(&p->page);
}

/* What was looked at when asking began is looked at again: somebody may see less by now (Y1). */
static void write_page(pack *p)
{
    visit paper;
    uint32_t count = 0;
    const char *why = look(p, &paper);
    row_ref *rows = why == NULL ? list_open(p, &paper, &count) : NULL;
    bool is_good = rows != NULL && take_items(p, rows, count);
    p->cuts = is_good ? malloc((count + 1) * sizeof *p->cuts) : NULL;
    if (p->cuts != NULL) begin_page(p, &paper, rows, count);
    free(rows);
    if (p->cuts == NULL || p->page.failed) {
        end_page(p);
        say(p, why == NULL ? "no memory for a pack" : why);
        rest(p, RETRY_MS);
        return;
    }
    p->state = PACK_WRITING;
    p->work.data = p;
    int failed = uv_queue_work(p->b->loop, &p->work, on_thread, on_written);
    HUB_ASSERT(failed == 0);
}

/* ---- asking (Y2) -------------------------------------------------------------------------------------------------------------- */
static void ask(pack *p);

static void take_shown(pack *p, const Mash__V1__Shown *shown)
{
    visit paper = {.b = p->b, .now_ms = link_hub_now_ms(p->b->gate), .is_paper = true};
    html_page text = {0};
    for (size_t i = 0; i < shown->n_items; i++)
        pack_text_take(&p->text, &paper, shown->items[i]);
    p->after = shown->next_after;
    if (p->after != 0) return;
    bool has_text = p->text.entry_count > 0;
    pack_text_end(&p->text, &paper, &text);
    if (has_text && !text.failed) keep_text(p, &p->items[p->at], hub_buffer_bytes(&text));
    host_secret_free(&text);
    p->at++;
}

static void on_shown(void *context, link_outcome outcome, const Mash__V1__HubFrame *answer)
{
    pack *p = context;
    if (outcome == LINK_ANSWERED && answer->body_case == MASH__V1__HUB_FRAME__BODY_SHOWN) {
        p->faults = 0;
        take_shown(p, answer->shown);
    } else { /* an older text of it stays */
        pack_text_clear(&p->text);
        p->after = 0;
        p->faults++;
        p->at++;
    }
    ask(p);
}

static void ask(pack *p)
{
    while (p->at < p->item_count && p->items[p->at].text_of == p->items[p->at].wanted)
        p->at++;
    if (p->at == p->item_count || p->faults >= FAULTS_MAX || !link_is_open(p->b->gate)) {
        p->failed = count_old(p);
        write_page(p);
        return;
    }
    char item[24];
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    Mash__V1__Show show = MASH__V1__SHOW__INIT;
    (void)snprintf(item, sizeof item, "A%llu", (unsigned long long)p->items[p->at].alert);
    show.item = item;
    show.after_sequence = p->after;
    show.limit = ASK_ITEMS;
    show.read = MASH__V1__READ_KIND__READ_KIND_EXPORT;
    show.purpose = MASH__V1__PURPOSE__PURPOSE_SAFEGUARDING_DECISION;
    show.on_behalf_of = p->b->config.pack.as;
    show.reason = (char *)(uintptr_t)REASON;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_SHOW;
    frame.show = &show;
    link_ask(p->b->gate, &frame, on_shown, p);
}

static void begin(pack *p)
{
    visit paper;
    uint32_t count = 0;
    const char *why = look(p, &paper);
    row_ref *rows = why == NULL ? list_open(p, &paper, &count) : NULL;
    bool is_good = rows != NULL && take_items(p, rows, count);
    free(rows);
    if (!is_good) {
        if (why == NULL || host_boot_ms() - p->opened_ms >= GRACE_MS) say(p, why == NULL ? "no memory for a pack" : why);
        rest(p, RETRY_MS);
        return;
    }
    p->state = PACK_ASKING;
    p->at = p->faults = 0;
    p->after = 0;
    ask(p);
}

/* ---- life --------------------------------------------------------------------------------------------------------------------- */
hub_status pack_open(board *b, pack **out, hub_error *err)
{
    *out = NULL;
    if (b->config.pack.folder[0] == '\0') return HUB_OK;
    pack *p = calloc(1, sizeof *p);
    if (p != NULL) p->secrets = sodium_malloc(sizeof *p->secrets);
    if (p == NULL || p->secrets == NULL) {
        free(p);
        return hub_fail(err, HUB_ERR_MEMORY, "no memory for continuity packs");
    }
    p->b = b;
    p->opened_ms = host_boot_ms();
    host_random_fill(p->secrets->memory_key, sizeof p->secrets->memory_key);
    hub_status status = pack_key_read(b->config.pack.passphrase, &p->secrets->file_key, err);
    if (status != HUB_OK) {
        free_pack(p);
        return hub_fail_within(err, status, "board.yaml, pack");
    }
    p->newest.made_ms = pack_file_newest_ms(b->config.pack.folder);
    *out = p;
    return HUB_OK;
}

void pack_close(pack *p)
{
    if (p == NULL) return;
    link_forget(p->b->gate, p);
    p->is_closing = true;
    if (p->state != PACK_WRITING) free_pack(p); /* else on_written does */
}

void pack_forget(pack *p)
{
    if (p == NULL) return;
    if (p->state == PACK_WRITING) {
        p->is_stale = true;
        return;
    }
    link_forget(p->b->gate, p);
    pack_text_clear(&p->text);
    drop_texts(p);
    if (p->state == PACK_ASKING) rest(p, 0);
}

void pack_now(pack *p)
{
    if (p != NULL && p->state == PACK_RESTING) p->next_ms = 0;
}

void pack_second(pack *p)
{
    if (p == NULL) return;
    int64_t hub_ms = link_hub_now_ms(p->b->gate), every_ms = (int64_t)p->b->config.pack.every_minutes * 60000;
    if (!feed_is_cut_off(p->b->feed)) p->heard_ms = hub_ms;
    bool is_late = host_boot_ms() - p->opened_ms >= GRACE_MS && hub_ms - p->newest.made_ms > LATE_INTERVALS * every_ms;
    if (is_late && p->trouble[0] == '\0') say(p, "none could be put in place for some time: look at the folder and its volume");
    if (p->state == PACK_RESTING && host_boot_ms() >= p->next_ms) begin(p);
}

pack_standing pack_stands(const pack *p)
{
    pack_standing standing = p->newest;
    standing.trouble = p->trouble;
    return standing;
}
