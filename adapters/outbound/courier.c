#include "courier.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch/fetch.h"
#include "fetch/mail.h"
#include "host/files.h"
#include "host/log.h"
#include "kit/tokens.h"

enum { ANSWER_BYTES_MAX = 64 * 1024, LOOKS = 512 };
static const char MARKER[] =
    ".mash-outbound"; /* a folder without it is not the one that was written to: an empty mount point, say */

typedef struct job {
    uv_work_t work;
    courier *courier;
    const outbound_channel *channel; /* BORROWED */
    unsigned index;
    char id[MESSAGE_ID_TEXT];
    int64_t timestamp_s;
    bool makes_folder; /* a file channel's, never used before */
    hub_buffer body;
    char to[OUTBOUND_TO_MAX][OUTBOUND_ADDRESS_MAX];
    bool to_school;
    chain_outcome outcome;
    char cause[OWED_CAUSE_MAX];
} job;

typedef enum file_fate { FILE_LEFT, FILE_TAKEN, FILE_REFUSED } file_fate;

/* What became of some files of a channel: looked at on a thread, since a share that hangs must not stop the others. */
typedef struct look {
    uv_work_t work;
    courier *courier;
    const outbound_channel *channel; /* BORROWED */
    enum { LOOK_IDLE, LOOK_UNDER_WAY, LOOK_DONE } state;
    uint64_t place; /* how far the newest look came */
    size_t count;
    hub_id ids[LOOKS];
    bool is_stale[LOOKS]; /* written anew since; the loop's alone */
    file_fate found[LOOKS];
    bool has_marker;
} look;

struct courier {
    courier_options options;
    look *looks[OUTBOUND_CHANNELS_MAX];         /* of file channels */
    bool is_folder_made[OUTBOUND_CHANNELS_MAX]; /* noted in the store */
    uv_loop_t *loop;
    const schools *schools;
    atomic_bool stop;
    unsigned under_way;
    bool closed;
};

/* ---- on a thread ---- */

static void fail(job *j, const char *cause)
{
    j->outcome = CHAIN_FAILED;
    (void)hub_format(j->cause, sizeof j->cause, "%s", cause);
}

chain_outcome courier_judge(long code, char cause[OWED_CAUSE_MAX])
{
    static const struct {
        long from, to;
        chain_outcome outcome;
        const char *words;
    } ROWS[] = {
        {300, 399, CHAIN_FAILED, "its address has moved, and nobody is followed; put the new one into the configuration"},
        {401, 401, CHAIN_FAILED, "it does not believe our signature or token; compare the secrets on both sides"},
        {403, 403, CHAIN_FAILED, "it does not let us in; compare the secrets, and what it allows us"},
        {404, 404, CHAIN_FAILED, "it knows no such path; look at the URL"},
        {410, 410, CHAIN_FAILED,
         "it says that it wants no more of these; ask whoever runs it, then put the URL right, or stop what is owed"},
        {429, 429, CHAIN_FAILED, "it asks us to go slower"},
        {408, 408, CHAIN_FAILED, "it did not get all of it in time"},
        {405, 405, CHAIN_FAILED, "it takes no POST there; look at the URL"},
        {400, 499, CHAIN_REFUSED, "it does not take this delivery; ask whoever runs it what it lacks"},
        {500, 599, CHAIN_FAILED, "it is in trouble itself"},
    };
    cause[0] = '\0';
    if (code >= 200 && code <= 299) return CHAIN_CONFIRMED;
    chain_outcome outcome = CHAIN_FAILED;
    const char *words = "that is no answer we know";
    for (size_t i = sizeof ROWS / sizeof ROWS[0]; i > 0; i--) {
        if (code < ROWS[i - 1].from || code > ROWS[i - 1].to) continue;
        outcome = ROWS[i - 1].outcome;
        words = ROWS[i - 1].words;
    }
    (void)hub_format(cause, OWED_CAUSE_MAX, "answered %ld: %s", code, words);
    return outcome;
}

/* A receiver of webhooks has no page to show: this one is a proxy's, or asks to sign in, and nobody has the delivery. */
static bool is_page(hub_buffer *answer)
{
    static const char *const BEGINNINGS[] = {"<!doctype html", "<html"};
    const char *text = answer->size > 0 ? hub_buffer_text(answer) : "";
    text += strspn(text, "\xEF\xBB\xBF \t\r\n");
    for (size_t i = 0; i < sizeof BEGINNINGS / sizeof BEGINNINGS[0]; i++) {
        if (strncasecmp(text, BEGINNINGS[i], strlen(BEGINNINGS[i])) == 0) return true;
    }
    return false;
}

/* A file of secrets whose first line is asked for. */
static hub_status read_line(const char *path, const char *before, hub_buffer *out, hub_error *err)
{
    hub_buffer text = {0};
    hub_status status = kit_secret_read(path, &text, err);
    const char *line = hub_buffer_text(&text);
    if (status == HUB_OK) hub_buffer_put_format(out, "%s%.*s", before, (int)strcspn(line, "\r\n"), line);
    if (text.data != NULL) explicit_bzero(text.data, text.size);
    hub_buffer_free(&text);
    return status;
}

static void wipe(hub_buffer *secret)
{
    if (secret->data != NULL) explicit_bzero(secret->data, secret->size);
    hub_buffer_free(secret);
}

/* After the last ": " stand our own words; before it the URL. */
static const char *own_words(const hub_error *err)
{
    const char *words = err->text;
    for (const char *at = strstr(words, ": "); at != NULL; at = strstr(words, ": "))
        words = at + 2;
    return words;
}

static void post(job *j)
{
    const outbound_channel *channel = j->channel;
    hub_buffer secrets = {0}, signature = {0}, token = {0}, answer = {0};
    hub_error err = {{0}};
    char id[64], at[48];
    long code = 0;
    hub_status status = kit_secret_read(channel->secrets, &secrets, &err);
    if (status == HUB_OK) {
        hub_buffer_put_text(&signature, "");
        status = message_sign(hub_buffer_bytes(&secrets), j->id, j->timestamp_s, hub_buffer_bytes(&j->body), &signature, &err);
    }
    if (status == HUB_OK && channel->token_file[0] != '\0')
        status = read_line(channel->token_file, "Authorization: Bearer ", &token, &err);
    wipe(&secrets);
    if (status != HUB_OK) {
        fail(j, err.text);
    } else {
        hub_buffer header = {0};
        hub_buffer_put_format(&header, "webhook-signature: %s", hub_buffer_text(&signature));
        (void)hub_format(id, sizeof id, "webhook-id: %s", j->id);
        (void)hub_format(at, sizeof at, "webhook-timestamp: %lld", (long long)j->timestamp_s);
        const char *headers[] = {"Content-Type: application/json",
                                 "Accept: application/json",
                                 "Expect:",
                                 id,
                                 at,
                                 hub_buffer_text(&header),
                                 token.size > 0 ? hub_buffer_text(&token) : NULL,
                                 NULL};
        fetch_request request = {.url = channel->url,
                                 .body = hub_buffer_bytes(&j->body),
                                 .headers = headers,
                                 .agent = "mash-outbound/" MASHHUB_VERSION,
                                 .ca_file = channel->ca[0] != '\0' ? channel->ca : NULL,
                                 .timeout_ms = channel->timeout_ms,
                                 .bytes_max = ANSWER_BYTES_MAX,
                                 .stop = &j->courier->stop};
        status = fetch(&request, &code, &answer, &err);
        if (status == HUB_OK) j->outcome = courier_judge(code, j->cause);
        if (status == HUB_OK && j->outcome == CHAIN_CONFIRMED && is_page(&answer)) {
            (void)hub_fail(
                &err, HUB_ERR_IO,
                "answered %ld with a web page, as a proxy or a page to sign in does; look at the URL, and at what stands between",
                code);
            fail(j, err.text);
        }
        if (status != HUB_OK) fail(j, own_words(&err));
        hub_buffer_free(&header);
    }
    wipe(&token);
    hub_buffer_free(&signature);
    hub_buffer_free(&answer);
}

static void send_mail(job *j)
{
    const outbound_channel *channel = j->channel;
    hub_buffer password = {0};
    hub_error err = {{0}};
    const char *to[OUTBOUND_TO_MAX + 1] = {NULL};
    long code = 0;
    for (unsigned i = 0; i < OUTBOUND_TO_MAX && j->to[i][0] != '\0'; i++)
        to[i] = j->to[i];
    hub_status status = channel->user[0] != '\0' ? read_line(channel->secrets, "", &password, &err) : HUB_OK;
    if (status == HUB_OK) {
        mail_request request = {.url = channel->url,
                                .security = channel->clear ? MAIL_CLEAR : MAIL_TLS,
                                .user = channel->user[0] != '\0' ? channel->user : NULL,
                                .password = hub_buffer_text(&password),
                                .ca_file = channel->ca[0] != '\0' ? channel->ca : NULL,
                                .from = channel->from,
                                .to = to,
                                .message = hub_buffer_bytes(&j->body),
                                .timeout_ms = channel->timeout_ms,
                                .stop = &j->courier->stop};
        status = mail_send(&request, &code, &err);
    }
    wipe(&password);
    if (status == HUB_OK) {
        j->outcome = CHAIN_SENT;
    } else {
        fail(j, err.text);
        bool is_refused = code >= 550 && code <= 559; /* mostly mailbox or mail; courier.h */
        if (is_refused && j->to_school) j->outcome = CHAIN_REFUSED;
    }
}

static void file_path(const outbound_channel *channel, const char *folder, const char *name, const char *end,
                      char out[KIT_PATH_MAX + 80])
{
    (void)hub_format(out, KIT_PATH_MAX + 80, "%s%s/%s%s", channel->folder, folder, name, end);
}

static hub_status find_marker(const outbound_channel *channel, hub_error *err)
{
    char path[KIT_PATH_MAX + 80];
    file_path(channel, "", MARKER, "", path);
    if (access(path, F_OK) == 0) return HUB_OK;
    if (errno != ENOENT) return hub_fail(err, HUB_ERR_IO, "its folder cannot be read (%s)", strerror(errno));
    return hub_fail(
        err, HUB_ERR_NOT_FOUND,
        "its folder lacks %s: is its share not mounted? If the folder has moved, move all of the old one there, %s too", MARKER,
        MARKER);
}

/* Once in the life of a store. A folder that lacks its marker later is another one, and what is not there was not taken from it. */
static hub_status make_folder(const outbound_channel *channel, hub_error *err)
{
    char path[KIT_PATH_MAX + 80];
    bool is_new = access(channel->folder, F_OK) != 0 && errno == ENOENT;
    hub_status status = host_folder_make(channel->folder, 0770, err);
    if (status == HUB_OK && is_new) (void)chmod(channel->folder, 0770); /* whatever our umask: its reader is another user */
    if (status != HUB_OK) return status;
    status = find_marker(channel, err);
    file_path(channel, "", MARKER, "", path);
    return status == HUB_ERR_NOT_FOUND ? host_file_replace(path, hub_bytes_of_text("\n"), 0640, err) : status;
}

/* What its reader could not take stays for people to look at, under a name that does not count for the next try. */
static hub_status set_refused_aside(const job *j, hub_error *err)
{
    char path[KIT_PATH_MAX + 80], aside[KIT_PATH_MAX + 80];
    file_path(j->channel, "/failed", j->id, ".json", path);
    file_path(j->channel, "/failed", j->id, ".before.json", aside);
    if (rename(path, aside) == 0 || errno == ENOENT) return HUB_OK;
    return hub_fail(err, HUB_ERR_IO,
                    "its file in failed/ cannot be renamed (%s): let this instance write there, or remove the file",
                    strerror(errno));
}

/* host/files.h begins with the path, which is not for the store: its last words alone. Ours hold none. */
static const char *folder_words(const hub_error *err)
{
    return strncmp(err->text, "its ", 4) == 0 ? err->text : own_words(err);
}

static void write_file(job *j)
{
    char path[KIT_PATH_MAX + 80];
    hub_error err = {{0}};
    hub_status status = j->makes_folder ? make_folder(j->channel, &err) : find_marker(j->channel, &err);
    if (status == HUB_OK) status = set_refused_aside(j, &err);
    file_path(j->channel, "", j->id, ".json", path);
    if (status == HUB_OK) status = host_file_replace(path, hub_buffer_bytes(&j->body), 0640, &err);
    if (status == HUB_OK) status = find_marker(j->channel, &err); /* the share may have gone before the write */
    if (status == HUB_OK) {
        j->outcome = CHAIN_SENT;
    } else {
        fail(j, status == HUB_ERR_FULL ? "the disk of its folder is full" : folder_words(&err));
    }
}

static void on_thread(uv_work_t *work)
{
    static void (*const WAYS[])(job *) = {[OUTBOUND_WEBHOOK] = post, [OUTBOUND_MAIL] = send_mail, [OUTBOUND_FILE] = write_file};
    job *j = work->data;
    WAYS[j->channel->way](j);
}

/* ---- on the loop ---- */

static void let_go(courier *c)
{
    if (!c->closed || c->under_way > 0) return;
    fetch_stop();
    for (unsigned i = 0; i < OUTBOUND_CHANNELS_MAX; i++)
        free(c->looks[i]);
    free(c);
}

static void folder_note(const courier *c, unsigned index, char out[OWED_NAME_MAX + 16])
{
    (void)hub_format(out, OWED_NAME_MAX + 16, "folder %s", c->options.config->channels[index].name);
}

/* Before anything counts as sent by it. */
static hub_status note_folder(courier *c, unsigned index, hub_error *err)
{
    char note[OWED_NAME_MAX + 16];
    folder_note(c, index, note);
    hub_status status = outbox_note(c->options.box, note, "made", err);
    c->is_folder_made[index] = status == HUB_OK;
    return status;
}

static void after(uv_work_t *work, int code)
{
    job *j = work->data;
    courier *c = j->courier;
    hub_error err = {{0}};
    (void)code;
    c->under_way--;
    if (!c->closed && j->makes_folder && j->outcome == CHAIN_SENT && note_folder(c, j->index, &err) != HUB_OK) fail(j, err.text);
    if (!c->closed) c->options.tried(c->options.context, j->index, j->outcome, j->cause);
    hub_buffer_free(&j->body);
    free(j);
    let_go(c);
}

/* Whom the mail goes to; false: to nobody, `cause` says why. */
static bool find_recipients(const courier *c, const engine_parcel *parcel, job *j)
{
    schools_contact contact;
    int minute = 0;
    const outbound_channel *channel = j->channel;
    j->to_school = parcel->queue->hops[parcel->hop].to_school;
    if (!j->to_school) {
        memcpy(j->to, channel->to, sizeof j->to);
        return true;
    }
    schools_answer answer =
        schools_find(c->schools, parcel->facts.school_urn, message_civil_day(parcel->frame.now_ms, &minute), &contact);
    if (answer != SCHOOLS_FOUND) {
        (void)hub_format(j->cause, sizeof j->cause, "%s", schools_answer_text(answer));
        return false;
    }
    for (unsigned i = 0; i < contact.count; i++)
        (void)hub_format(j->to[i], sizeof j->to[i], "%s", contact.to[i]);
    return true;
}

static hub_status write_body(const courier *c, const engine_parcel *parcel, job *j)
{
    if (j->channel->way != OUTBOUND_MAIL) {
        return j->channel->content == OUTBOUND_NOTICE ? message_notice_json(&parcel->frame, parcel->delivery, &j->body)
                                                      : message_json(&parcel->frame, parcel->delivery, &j->body);
    }
    const char *to[OUTBOUND_TO_MAX + 1] = {NULL};
    for (unsigned i = 0; i < OUTBOUND_TO_MAX && j->to[i][0] != '\0'; i++)
        to[i] = j->to[i];
    message_mail mail = {.from = j->channel->from,
                         .to = to,
                         .reader = j->to_school ? MESSAGE_SCHOOL : MESSAGE_TEAM,
                         .due_ms = parcel->facts.due_ms,
                         .telephone = c->options.config->common.telephone};
    return message_mail_text(&parcel->frame, &mail, parcel->delivery, &j->body);
}

/* What was seen of its file is of the one before. */
static void forget_seen(const courier *c, const engine_parcel *parcel)
{
    look *l = c->looks[parcel->channel];
    for (size_t i = 0; l != NULL && i < l->count; i++)
        l->is_stale[i] = l->is_stale[i] || hub_id_equal(&l->ids[i], &parcel->id);
}

void courier_send(courier *c, const engine_parcel *parcel)
{
    job *j = calloc(1, sizeof *j);
    char cause[OWED_CAUSE_MAX] = "out of memory here";
    chain_outcome outcome = CHAIN_FAILED;
    bool goes = j != NULL;
    if (goes) {
        j->work.data = j;
        j->courier = c;
        j->index = parcel->channel;
        j->channel = &c->options.config->channels[parcel->channel];
        j->timestamp_s = parcel->frame.now_ms / 1000;
        j->makes_folder = j->channel->way == OUTBOUND_FILE && !c->is_folder_made[parcel->channel];
        forget_seen(c, parcel);
        message_id_text(&parcel->id, j->id);
        goes = find_recipients(c, parcel, j);
        if (!goes) outcome = CHAIN_NOBODY;
        if (!goes) (void)hub_format(cause, sizeof cause, "%s", j->cause);
    }
    if (goes) goes = write_body(c, parcel, j) == HUB_OK;
    if (goes) goes = uv_queue_work(c->loop, &j->work, on_thread, after) == 0;
    if (goes) {
        c->under_way++;
        return;
    }
    if (j != NULL) hub_buffer_free(&j->body);
    free(j);
    c->options.tried(c->options.context, parcel->channel, outcome, cause);
}

static hub_status read_notes(courier *c, hub_error *err)
{
    hub_status status = HUB_OK;
    for (unsigned i = 0; i < c->options.config->channel_count && status == HUB_OK; i++) {
        char note[OWED_NAME_MAX + 16];
        hub_buffer text = {0};
        folder_note(c, i, note);
        if (c->options.config->channels[i].way == OUTBOUND_FILE) status = outbox_noted(c->options.box, note, &text, err);
        if (status == HUB_ERR_NOT_FOUND) status = HUB_OK;
        c->is_folder_made[i] = text.size > 0;
        hub_buffer_free(&text);
    }
    return status;
}

hub_status courier_open(uv_loop_t *loop, const courier_options *options, courier **out, hub_error *err)
{
    HUB_ASSERT(options->tried != NULL);
    *out = NULL;
    courier *c = calloc(1, sizeof *c);
    if (c == NULL) return hub_fail(err, HUB_ERR_MEMORY, "out of memory");
    c->options = *options;
    c->loop = loop;
    hub_status status = read_notes(c, err);
    if (status == HUB_OK) status = fetch_start(err);
    if (status != HUB_OK) {
        free(c);
        return status;
    }
    atomic_init(&c->stop, false);
    *out = c;
    return HUB_OK;
}

void courier_close(courier *c)
{
    if (c == NULL) return;
    c->closed = true;
    atomic_store(&c->stop, true);
    let_go(c);
}

void courier_set_schools(courier *c, const schools *list)
{
    c->schools = list;
}

/* ---- files that were sent ---- */

/* Gone is what its folder does not hold, and nothing else: a share that fails, or that went away meanwhile, has not been read by anybody. */
static file_fate look_at_file(const outbound_channel *channel, const hub_id *id)
{
    char path[KIT_PATH_MAX + 80];
    char name[MESSAGE_ID_TEXT];
    message_id_text(id, name);
    file_path(channel, "", name, ".json", path);
    if (access(path, F_OK) == 0 || errno != ENOENT) return FILE_LEFT;
    file_path(channel, "/failed", name, ".json", path);
    if (access(path, F_OK) == 0) return FILE_REFUSED;
    return errno == ENOENT && find_marker(channel, NULL) == HUB_OK ? FILE_TAKEN : FILE_LEFT;
}

static void look_on_thread(uv_work_t *work)
{
    look *l = work->data;
    l->has_marker = find_marker(l->channel, NULL) == HUB_OK;
    for (size_t i = 0; l->has_marker && i < l->count && !atomic_load(&l->courier->stop); i++)
        l->found[i] = look_at_file(l->channel, &l->ids[i]);
}

static void after_look(uv_work_t *work, int code)
{
    look *l = work->data;
    courier *c = l->courier;
    (void)code;
    l->state = LOOK_DONE;
    c->under_way--;
    let_go(c);
}

static hub_status tell_seen(courier *c, unsigned index, engine *e, int64_t now_ms, hub_error *err)
{
    static const char REFUSED[] = "its reader put it into failed/; look there, then retry or stop it";
    look *l = c->looks[index];
    hub_status status = HUB_OK;
    for (size_t i = 0; i < l->count && status == HUB_OK; i++) {
        if (l->found[i] == FILE_LEFT || l->is_stale[i]) continue;
        bool is_taken = l->found[i] == FILE_TAKEN;
        status =
            engine_heard(e, index, &l->ids[i], is_taken ? CHAIN_CONFIRMED : CHAIN_FAILED, is_taken ? "" : REFUSED, now_ms, err);
        if (status == HUB_ERR_NOT_FOUND) status = HUB_OK; /* stopped meanwhile */
    }
    l->state = LOOK_IDLE;
    return status;
}

static hub_status begin_look(courier *c, unsigned index, const engine *e, hub_error *err)
{
    look *l = c->looks[index];
    uint64_t place = l != NULL ? l->place : 0;
    if (l == NULL) l = calloc(1, sizeof *l);
    if (l == NULL) return hub_fail(err, HUB_ERR_MEMORY, "out of memory");
    *l = (look){.courier = c, .channel = &c->options.config->channels[index], .place = place};
    l->work.data = l;
    c->looks[index] = l;
    l->count = engine_sent(e, index, &l->place, l->ids, LOOKS);
    if (l->count < LOOKS) l->place = 0; /* from the first again */
    if (uv_queue_work(c->loop, &l->work, look_on_thread, after_look) != 0) return hub_fail(err, HUB_ERR_MEMORY, "out of threads");
    l->state = LOOK_UNDER_WAY;
    c->under_way++;
    return HUB_OK;
}

hub_status courier_look_at_files(courier *c, engine *e, int64_t now_ms, hub_error *err)
{
    hub_status status = HUB_OK;
    for (unsigned i = 0; i < c->options.config->channel_count && status == HUB_OK; i++) {
        if (c->options.config->channels[i].way != OUTBOUND_FILE) continue;
        if (c->looks[i] != NULL && c->looks[i]->state == LOOK_DONE) status = tell_seen(c, i, e, now_ms, err);
        bool is_idle = c->looks[i] == NULL || c->looks[i]->state == LOOK_IDLE;
        if (status == HUB_OK && is_idle) status = begin_look(c, i, e, err);
    }
    return status;
}
