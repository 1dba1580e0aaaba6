#include "agree.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/clock.h"
#include "host/log.h"

static const int64_t DAY_MS = 24LL * 60 * 60 * 1000;
static const int64_t ANSWER_MS = 60 * 1000; /* without one it is asked again */
#define DIFFERENCE "difference from the hub's count"

static uint64_t settled_of(const outbox *box)
{
    outbox_counts counts;
    outbox_counts_of(box, &counts);
    return counts.stored + counts.duplicate + counts.refused;
}

static bool is_quiet(const adapter_agreement *a, const link_status *link)
{
    outbox_counts counts;
    outbox_counts_of(a->box, &counts);
    return link->open && link->in_flight == 0 && counts.waiting == 0;
}

bool adapter_agreement_due(adapter_agreement *a, const link_status *link, int64_t now_ms)
{
    if ((!a->wanted && now_ms < a->next_ms) || !is_quiet(a, link)) return false;
    a->settled = settled_of(a->box);
    a->asked = true;
    a->wanted = false;
    a->next_ms = now_ms + ANSWER_MS;
    return true;
}

/* The difference noted last; false: none yet. */
static bool noted_difference(const adapter_agreement *a, int64_t *out)
{
    hub_buffer text = {0};
    bool found = outbox_noted(a->box, DIFFERENCE, &text, NULL) == HUB_OK && text.size > 0;
    *out = found ? strtoll(hub_buffer_text(&text), NULL, 10) : 0;
    hub_buffer_free(&text);
    return found;
}

static void say(const adapter_agreement *a, int64_t change, bool is_first, char *out, size_t size)
{
    char sum[24];
    (void)snprintf(sum, sizeof sum, "%" PRIu64, a->settled);
    if (change < 0) {
        (void)snprintf(out, size,
                       "the hub counts %" PRId64
                       " events fewer than were settled here: mashctl outbox check FOLDER names them; after a "
                       "restore of the hub this is said once",
                       -change);
        host_log(HOST_LOG_ERROR, "counts do not agree", "settled", sum, "cause", out, NULL);
    } else if (change > 0 && !is_first) {
        (void)snprintf(out, size,
                       "the hub counts %" PRId64 " events more than were settled here: does another program use this key?",
                       change);
        host_log(HOST_LOG_ERROR, "counts do not agree", "settled", sum, "cause", out, NULL);
    } else {
        (void)snprintf(out, size, "agree");
        host_log(HOST_LOG_INFO, "counts agree with the hub's", "settled", sum, NULL);
    }
}

hub_status adapter_agreement_heard(adapter_agreement *a, const Mash__V1__Status *status, int64_t now_ms, int64_t wall_ms,
                                   hub_error *err)
{
    char words[240], text[320], stamp[32], number[24];
    int64_t before = 0;
    if (!a->asked || status->n_peers != 1) return HUB_OK; /* an older hub tells nobody of themselves */
    a->asked = false;
    if (settled_of(a->box) != a->settled) { /* more was settled meanwhile: asked again as soon as nothing is on its way */
        a->wanted = true;
        return HUB_OK;
    }
    a->next_ms = now_ms + DAY_MS;
    const Mash__V1__PeerStatus *own = status->peers[0];
    int64_t difference = (int64_t)(own->stored + own->duplicates + own->refused) - (int64_t)a->settled;
    bool is_first = !noted_difference(a, &before);
    say(a, difference - before, is_first, words, sizeof words);
    host_time_text(wall_ms, HOST_TIME_ISO, stamp, sizeof stamp);
    (void)snprintf(text, sizeof text, "%s; looked at %s", words, stamp);
    (void)snprintf(number, sizeof number, "%" PRId64, difference);
    hub_status noted = outbox_note(a->box, "agreement", text, err);
    return noted == HUB_OK ? outbox_note(a->box, DIFFERENCE, number, err) : noted;
}
