#include "warn.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "host/log.h"
#include "kit/check.h"
#include "kit/notice.h"

static const int64_t DAY_MS = 24LL * 60 * 60 * 1000;
static const int64_t MINUTE_MS = 60 * 1000; /* below it nobody is misled, and links are slow */

static void log_finding(void *context, kit_finding how, const char *step, const char *found, const char *fix)
{
    (void)context;
    if (how == KIT_FINDING_GOOD) return;
    host_log(how == KIT_FINDING_WRONG ? HOST_LOG_ERROR : HOST_LOG_WARNING, "somebody has to see to this", "step", step, "cause",
             found, "fix", fix, NULL);
}

void adapter_warn_daily(const kit_config *config, int64_t now_ms, int64_t *next_ms)
{
    if (now_ms < *next_ms) return;
    *next_ms = now_ms + DAY_MS;
    kit_check_ageing(config, log_finding, NULL);
}

void adapter_warn_clock(outbox *box, int64_t hub_ms, int64_t own_ms, char said[ADAPTER_CLOCK_TEXT])
{
    hub_error err = {{0}};
    char text[ADAPTER_CLOCK_TEXT] = "";
    int64_t ahead_ms = own_ms - hub_ms;
    int64_t minutes = (ahead_ms < 0 ? -ahead_ms : ahead_ms) / MINUTE_MS;
    if (minutes > 0)
        (void)snprintf(text, sizeof text, "%" PRId64 " min %s hub time", minutes, ahead_ms < 0 ? "behind" : "ahead of");
    if (strcmp(text, said) == 0) return;
    (void)snprintf(said, ADAPTER_CLOCK_TEXT, "%s", text);
    if (text[0] != '\0')
        host_log(HOST_LOG_ERROR, "this machine's clock and the hub's differ", "cause", text, "fix",
                 "which of them is wrong, this cannot tell: look at both (timedatectl), and set the wrong one right (timedatectl "
                 "set-ntp true); "
                 "while this one is more than 10 minutes ahead, what is dated by it is held until that time has come",
                 NULL);
    if (outbox_note(box, "clock", text, &err) != HUB_OK)
        host_log(HOST_LOG_WARNING, "the clock's error could not be noted", "cause", err.text, NULL);
}

void adapter_note_senders(adapter_notes *notes, outbox *box, const adapter_ways *ways)
{
    kit_mllp_counts counts;
    char text[sizeof notes->senders];
    if (ways->mllp == NULL || outbox_is_broken(box)) return;
    kit_mllp_counts_of(ways->mllp, &counts);
    (void)snprintf(text, sizeof text,
                   "%" PRIu64 " connections, %" PRIu64 " turned away, %" PRIu64 " messages, %" PRIu64 " not taken, %" PRIu64
                   " bytes outside any frame",
                   counts.connections, counts.turned_away, counts.messages, counts.not_taken, counts.junk_bytes);
    if (strcmp(text, notes->senders) == 0) return;
    (void)snprintf(notes->senders, sizeof notes->senders, "%s", text);
    hub_error err = {{0}};
    if (outbox_note(box, "senders", text, &err) != HUB_OK) {
        host_log(HOST_LOG_WARNING, "the count of messages could not be noted", "cause", err.text, NULL);
    }
}

static void give_notice(adapter_notes *notes, const kit_config *config, const char *trouble, int64_t now_ms)
{
    char folder[KIT_PATH_MAX + 32];
    hub_error err = {{0}};
    if (trouble[0] == '\0') {
        notes->source_since_ms = 0;
        notes->source_told = false;
        return;
    }
    if (notes->source_since_ms == 0) notes->source_since_ms = now_ms;
    if (notes->source_told || now_ms - notes->source_since_ms < config->urgent_notice_ms) return;
    notes->source_told = true;
    kit_config_path(config, "notices", folder);
    kit_notice notice = {.what = KIT_NOTICE_NOT_SEEN,
                         .folder = folder,
                         .adapter = config->name,
                         .telephone = config->telephone,
                         .trouble = trouble,
                         .put_ms = notes->source_since_ms,
                         .now_ms = now_ms};
    if (kit_notice_write(&notice, &err) != HUB_OK) /* on a full disk, say: it stands in the log */
        host_log(HOST_LOG_ERROR, "the notice could not be written as a file", "cause", err.text, NULL);
}

void adapter_note_source(adapter_notes *notes, outbox *box, const adapter_ways *ways, const char *input_trouble, int64_t now_ms)
{
    char text[sizeof notes->source] = "";
    hub_error err = {{0}};
    adapter_ways_trouble(ways, text, sizeof text);
    if (text[0] == '\0' && input_trouble[0] != '\0') (void)snprintf(text, sizeof text, "nothing is taken in: %s", input_trouble);
    give_notice(notes, ways->options.config, text, now_ms);
    if (outbox_is_broken(box) || (notes->source_noted && strcmp(text, notes->source) == 0)) return;
    if (outbox_note(box, "source", text, &err) != HUB_OK) return;
    notes->source_noted = true;
    (void)snprintf(notes->source, sizeof notes->source, "%s", text);
}

/* kit_say: what is wrong, and of that the disk before a certificate. */
static void keep_gravest(void *context, kit_finding how, const char *step, const char *found, const char *fix)
{
    Mash__V1__PeerTrouble *trouble = context;
    (void)found;
    (void)fix;
    if (how != KIT_FINDING_WRONG || *trouble == MASH__V1__PEER_TROUBLE__PEER_TROUBLE_DISK) return;
    *trouble =
        strcmp(step, "disk") == 0 ? MASH__V1__PEER_TROUBLE__PEER_TROUBLE_DISK : MASH__V1__PEER_TROUBLE__PEER_TROUBLE_CERTIFICATE;
}

Mash__V1__PeerTrouble adapter_trouble(const kit_config *config, const adapter_ways *ways, const char *input_trouble, bool stopped)
{
    char source[sizeof((adapter_notes *)0)->source];
    Mash__V1__PeerTrouble ageing = MASH__V1__PEER_TROUBLE__PEER_TROUBLE_UNSPECIFIED;
    kit_check_ageing(config, keep_gravest, &ageing);
    adapter_ways_trouble(ways, source, sizeof source);
    if (ageing == MASH__V1__PEER_TROUBLE__PEER_TROUBLE_DISK) return ageing;
    if (source[0] != '\0' || input_trouble[0] != '\0') return MASH__V1__PEER_TROUBLE__PEER_TROUBLE_SOURCE;
    return stopped ? MASH__V1__PEER_TROUBLE__PEER_TROUBLE_STOPPED : ageing;
}
