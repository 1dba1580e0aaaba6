#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "fetch/fetch.h"
#include "fetch/mail.h"
#include "kit/config_parts.h"

static const int64_t SECOND_MS = 1000;
static const int64_t DAY_MS = 24LL * 60 * 60 * 1000;

/* ---- values ---- */

/* "90s", "15m", "4h", "1d" in ms. */
static int64_t read_span(const yaml_node *node, yaml_problems *problems)
{
    static const struct {
        char unit;
        int64_t ms;
    } UNITS[] = {{'s', 1000}, {'m', 60 * 1000}, {'h', 60 * 60 * 1000}, {'d', 24 * 60 * 60 * 1000}};
    const char *text = yaml_text(node, 16, problems);
    char *end = NULL;
    long amount = strtol(text, &end, 10);
    int64_t span = 0;
    for (size_t i = 0; i < sizeof UNITS / sizeof UNITS[0] && amount >= 1 && amount <= 100000; i++) {
        if (end != text && end[0] == UNITS[i].unit && end[1] == '\0') span = amount * UNITS[i].ms;
    }
    if (node != NULL && (span < SECOND_MS || span > 7 * DAY_MS))
        yaml_complain(node, problems, "a span of 1s to 7d, as in 90s, 15m, 4h");
    return span;
}

bool outbound_is_address(const char *text)
{
    const char *at = strchr(text, '@');
    size_t size = strlen(text);
    if (size >= OUTBOUND_ADDRESS_MAX || at == NULL || at == text || at[1] == '\0' || strchr(at + 1, '@') != NULL) return false;
    for (const char *c = text; *c != '\0'; c++) {
        if (*c <= ' ' || *c > '~' || strchr("<>()[]\\,;:\"", *c) != NULL) return false;
    }
    return text[0] != '-' && strstr(text, "..") == NULL;
}

static void read_address(const yaml_node *node, char out[OUTBOUND_ADDRESS_MAX], yaml_problems *problems)
{
    kit_config_text(node, out, OUTBOUND_ADDRESS_MAX, problems);
    if (node != NULL && !outbound_is_address(out)) yaml_complain(node, problems, "no address, as in duty@example.test");
}

static void read_content(const yaml_node *node, outbound_content otherwise, outbound_channel *out, yaml_problems *problems)
{
    const char *text = node == NULL ? "" : yaml_text(node, 16, problems);
    out->content = otherwise;
    if (node == NULL) return;
    if (strcmp(text, "delivery") == 0) {
        out->content = OUTBOUND_DELIVERY;
    } else if (strcmp(text, "notice") == 0) {
        out->content = OUTBOUND_NOTICE;
    } else {
        yaml_complain(node, problems,
                      "`delivery` (all that this queue may see) or `notice` (reference, rating and due time alone)");
    }
}

static void read_seconds(const yaml_node *node, int64_t otherwise, outbound_channel *out, yaml_problems *problems)
{
    out->timeout_ms = kit_config_number(node, otherwise, 1, 120, problems) * SECOND_MS;
}

static void read_optional_file(const kit_config *config, const yaml_node *node, char out[KIT_PATH_MAX], yaml_problems *problems)
{
    if (node != NULL) kit_config_file(config, node, out, problems);
}

/* ---- channels ---- */

static void read_webhook(const yaml_node *node, const kit_config *common, outbound_channel *out, yaml_problems *problems)
{
    if (!yaml_only(node, problems, "url", "secrets", "token_file", "ca", "timeout_seconds", "content", NULL)) return;
    const yaml_node *url = yaml_need(node, "url", problems);
    kit_config_text(url, out->url, sizeof out->url, problems);
    if (url != NULL && !fetch_is_allowed(out->url))
        yaml_complain(url, problems, "no https URL (http goes to this machine alone), without user, password or fragment");
    kit_config_file(common, yaml_need(node, "secrets", problems), out->secrets, problems);
    read_optional_file(common, yaml_get(node, "token_file"), out->token_file, problems);
    read_optional_file(common, yaml_get(node, "ca"), out->ca, problems);
    read_seconds(yaml_get(node, "timeout_seconds"), 10, out, problems);
    read_content(yaml_get(node, "content"), OUTBOUND_DELIVERY, out, problems);
}

static void read_to(const yaml_node *node, outbound_channel *out, yaml_problems *problems)
{
    size_t count = yaml_count(node);
    if (node != NULL && (!yaml_is_list(node) || count < 1 || count > OUTBOUND_TO_MAX)) {
        yaml_complain(node, problems, "a list of 1 to %d addresses, as in [duty@example.test]", OUTBOUND_TO_MAX);
        return;
    }
    for (size_t i = 0; i < count; i++)
        read_address(yaml_item(node, i), out->to[out->to_count++], problems);
}

static void read_mail(const yaml_node *node, const kit_config *common, outbound_channel *out, yaml_problems *problems)
{
    if (!yaml_only(node, problems, "server", "from", "to", "user", "password_file", "ca", "tls", "timeout_seconds", NULL)) return;
    out->content = OUTBOUND_NOTICE;
    const yaml_node *server = yaml_need(node, "server", problems);
    const yaml_node *tls = yaml_get(node, "tls");
    out->clear = tls != NULL && !yaml_bool(tls, problems);
    kit_config_text(server, out->url, sizeof out->url, problems);
    if (server != NULL && !mail_is_allowed(out->url, MAIL_TLS))
        yaml_complain(server, problems,
                      "no mail server, as in smtp://mail.example.test:587 (STARTTLS) or smtps://mail.example.test:465");
    if (out->clear && !mail_is_allowed(out->url, MAIL_CLEAR))
        yaml_complain(tls, problems, "mail leaves this machine under TLS alone; `tls: no` is for smtp://127.0.0.1");
    read_address(yaml_need(node, "from", problems), out->from, problems);
    read_to(yaml_get(node, "to"), out, problems);
    const yaml_node *user = yaml_get(node, "user");
    kit_config_text(user, out->user, sizeof out->user, problems);
    if (user != NULL) kit_config_file(common, yaml_need(node, "password_file", problems), out->secrets, problems);
    read_optional_file(common, yaml_get(node, "ca"), out->ca, problems);
    read_seconds(yaml_get(node, "timeout_seconds"), 30, out, problems);
}

static void read_file(const yaml_node *node, const kit_config *common, outbound_channel *out, yaml_problems *problems)
{
    if (!yaml_only(node, problems, "folder", "content", NULL)) return;
    kit_config_file(common, yaml_need(node, "folder", problems), out->folder, problems);
    read_content(yaml_get(node, "content"), OUTBOUND_DELIVERY, out, problems);
}

static void read_channel(const yaml_node *channels, size_t index, outbound_config *out, yaml_problems *problems)
{
    static const char *const WAYS[] = {[OUTBOUND_WEBHOOK] = "webhook", [OUTBOUND_MAIL] = "mail", [OUTBOUND_FILE] = "file"};
    typedef void reader(const yaml_node *node, const kit_config *common, outbound_channel *channel, yaml_problems *complaints);
    static reader *const READERS[] = {
        [OUTBOUND_WEBHOOK] = read_webhook, [OUTBOUND_MAIL] = read_mail, [OUTBOUND_FILE] = read_file};
    outbound_channel *channel = &out->channels[out->channel_count++];
    const yaml_node *node = yaml_value(channels, index);
    const char *name = yaml_key(channels, index);
    if (strlen(name) >= sizeof channel->name) yaml_complain(yaml_key_node(channels, index), problems, "a shorter name, please");
    (void)hub_format(channel->name, sizeof channel->name, "%s", name);
    if (!yaml_only(node, problems, "webhook", "mail", "file", NULL)) return;
    unsigned found = 0;
    for (size_t i = 0; i < sizeof WAYS / sizeof WAYS[0]; i++) {
        const yaml_node *way = yaml_get(node, WAYS[i]);
        if (way == NULL) continue;
        found++;
        channel->way = (outbound_way)i;
        READERS[i](way, &out->common, channel, problems);
    }
    if (found != 1) yaml_complain(node, problems, "one of `webhook`, `mail` and `file`");
}

static void read_channels(const yaml_node *node, outbound_config *out, yaml_problems *problems)
{
    size_t count = yaml_count(node);
    if (node != NULL && (!yaml_is_map(node) || count < 1 || count > OUTBOUND_CHANNELS_MAX)) {
        yaml_complain(node, problems, "1 to %d channels by name, as in {duty-mail: {mail: ...}}", OUTBOUND_CHANNELS_MAX);
        return;
    }
    for (size_t i = 0; i < count; i++)
        read_channel(node, i, out, problems);
}

/* ---- queues ---- */

static unsigned channel_named(const outbound_config *config, const char *name)
{
    unsigned i = 0;
    while (i < config->channel_count && strcmp(config->channels[i].name, name) != 0)
        i++;
    return i;
}

static void read_enough(const yaml_node *node, outbound_hop *hop, const outbound_config *config, yaml_problems *problems)
{
    if (node == NULL) return;
    const char *text = yaml_text(node, 16, problems);
    hop->enough_sent = strcmp(text, "sent") == 0;
    if (strcmp(text, "sent") != 0 && strcmp(text, "confirmed") != 0)
        yaml_complain(node, problems, "`confirmed` (somebody has it), or `sent` where nobody can confirm");
    if (hop->enough_sent && config->channels[hop->channel].way == OUTBOUND_WEBHOOK)
        yaml_complain(node, problems, "a webhook confirms by its answer; leave this out");
}

static void read_hop(const yaml_node *node, outbound_queue *queue, const outbound_config *config, yaml_problems *problems)
{
    outbound_hop *hop = &queue->hops[queue->hop_count];
    if (!yaml_only(node, problems, "by", "to", "within", "enough", NULL)) return;
    const yaml_node *by = yaml_need(node, "by", problems);
    unsigned channel = channel_named(config, yaml_text(by, OWED_NAME_MAX - 1, problems));
    hop->within_ms = read_span(yaml_need(node, "within", problems), problems);
    if (by == NULL) return;
    if (channel == config->channel_count) {
        yaml_complain(by, problems, "no channel of this name under `channels`");
        return;
    }
    hop->channel = channel;
    const outbound_channel *to = &config->channels[channel];
    for (unsigned i = 0; i < queue->hop_count; i++) {
        if (queue->hops[i].channel == channel)
            yaml_complain(by, problems, "a channel that stands in this chain already; it goes on being tried by itself");
    }
    const yaml_node *whom = yaml_get(node, "to");
    if (whom != NULL && strcmp(yaml_text(whom, 16, problems), "school") != 0)
        yaml_complain(whom, problems, "`to: school` is the only one: the school whose number the delivery names");
    hop->to_school = whom != NULL;
    if (hop->to_school && to->way != OUTBOUND_MAIL) yaml_complain(whom, problems, "a school is told by a `mail` channel");
    if (hop->to_school && config->schools[0] == '\0') yaml_complain(whom, problems, "needs `schools`, the directory of them");
    if (!hop->to_school && to->way == OUTBOUND_MAIL && to->to_count == 0)
        yaml_complain(by, problems, "this channel has no `to`; give it one, or write `to: school` here");
    read_enough(yaml_get(node, "enough"), hop, config, problems);
    queue->hop_count++;
}

static void read_queue(const yaml_node *node, outbound_config *out, yaml_problems *problems)
{
    outbound_queue *queue = &out->queues[out->queue_count];
    if (!yaml_only(node, problems, "queue", "consumer", "channels", NULL)) return;
    const yaml_node *name = yaml_need(node, "queue", problems);
    kit_config_text(name, queue->name, sizeof queue->name, problems);
    for (unsigned i = 0; i < out->queue_count; i++) {
        if (strcmp(out->queues[i].name, queue->name) == 0) yaml_complain(name, problems, "a queue that stands here already");
    }
    kit_config_text(yaml_need(node, "consumer", problems), queue->consumer, sizeof queue->consumer, problems);
    const yaml_node *hops = yaml_need(node, "channels", problems);
    size_t count = yaml_count(hops);
    if (hops != NULL && (!yaml_is_list(hops) || count < 1 || count > OWED_STEPS_MAX)) {
        yaml_complain(hops, problems, "a list of 1 to %d channels in their order, as in [{by: duty-mail, within: 15m}]",
                      OWED_STEPS_MAX);
        return;
    }
    for (size_t i = 0; i < count; i++)
        read_hop(yaml_item(hops, i), queue, out, problems);
    if (queue->hop_count > 1 && queue->hops[queue->hop_count - 1].to_school)
        yaml_complain(hops, problems, "a school that is not found must lead somewhere: put the authority's own contact last");
    if (queue->hop_count == 1 && queue->hops[0].to_school)
        yaml_complain(hops, problems, "a school that is not found must lead somewhere: add the authority's own contact");
    out->queue_count++;
}

static void read_queues(const yaml_node *node, outbound_config *out, yaml_problems *problems)
{
    size_t count = yaml_count(node);
    if (node != NULL && (!yaml_is_list(node) || count < 1 || count > OUTBOUND_QUEUES_MAX)) {
        yaml_complain(node, problems, "a list of 1 to %d queues", OUTBOUND_QUEUES_MAX);
        return;
    }
    for (size_t i = 0; i < count; i++)
        read_queue(yaml_item(node, i), out, problems);
}

static void read_schools(const yaml_node *node, outbound_config *out, yaml_problems *problems)
{
    out->opens_minute = 8 * 60 + 30;
    if (node == NULL || !yaml_only(node, problems, "file", "opens", NULL)) return;
    kit_config_file(&out->common, yaml_need(node, "file", problems), out->schools, problems);
    const yaml_node *opens = yaml_get(node, "opens");
    if (opens != NULL) out->opens_minute = yaml_time_of_day(opens, problems);
}

static void read_store(const yaml_node *node, outbound_config *out, yaml_problems *problems)
{
    if (node != NULL && !yaml_only(node, problems, "waiting_max", "keep_days", NULL)) return;
    out->waiting_max = (uint32_t)kit_config_number(yaml_get(node, "waiting_max"), 20000, 1, 200000, problems);
    out->keep_ms = kit_config_number(yaml_get(node, "keep_days"), 100, 7, 400, problems) * DAY_MS;
}

void outbound_config_read(const char *path, outbound_config *out, yaml_problems *problems)
{
    memset(out, 0, sizeof *out);
    (void)hub_format(out->common.file, sizeof out->common.file, "%s", path);
    yaml_document *document = yaml_read_file(path, problems);
    if (document == NULL) return;
    const yaml_node *root = yaml_root(document);
    if (yaml_only(root, problems, "name", "folder", "hub", "key", "telephone", "board", "channels", "schools", "queues", "store",
                  "metrics", NULL)) {
        kit_config_common(root, &out->common, problems);
        kit_config_hub(yaml_need(root, "hub", problems), &out->common, problems);
        kit_config_telephone(yaml_need(root, "telephone", problems), &out->common, problems);
        const yaml_node *board = yaml_get(root, "board");
        kit_config_text(board, out->board, sizeof out->board, problems);
        if (board != NULL && !fetch_is_allowed(out->board)) yaml_complain(board, problems, "no https URL of the board");
        read_channels(yaml_need(root, "channels", problems), out, problems);
        read_schools(yaml_get(root, "schools"), out, problems);
        read_queues(yaml_need(root, "queues", problems), out, problems);
        read_store(yaml_get(root, "store"), out, problems);
        yaml_address(yaml_get(root, "metrics"), out->common.metrics_address, sizeof out->common.metrics_address,
                     &out->common.metrics_port, problems);
    }
    yaml_close(document);
}
