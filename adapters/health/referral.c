/* referral.c - REF messages: a referral sent (I12), changed (I13), cancelled (I14). I15 asks for a status and tells nothing. */
#include "health/message.h"

#include "formats/json.h"

#define CHANGE(name) MASH__V1__REFERRAL_CHANGE__REFERRAL_CHANGE_##name

/* RF1-1 [HL7 table 0283]. */
static const struct {
    const char *code;
    Mash__V1__ReferralChange change;
} STATUSES[] = {{"A", CHANGE(ACCEPTED)}, {"R", CHANGE(DECLINED)}, {"E", CHANGE(ENDED)}};

static Mash__V1__ReferralChange change_of(const health_message *m)
{
    hub_bytes status = health_value(m, "RF1", 1, 1);
    if (formats_bytes_are(m->trigger, "I14")) return CHANGE(ENDED_EARLY);
    for (size_t i = 0; i < sizeof STATUSES / sizeof STATUSES[0]; i++) {
        if (formats_bytes_are(status, STATUSES[i].code)) return STATUSES[i].change;
    }
    return CHANGE(SENT);
}

/* Each thing that becomes of a referral is a fact of its own: sent, accepted, ended. Its number is the sender's (RF1-6), else the other's. */
static void know_referral(health_message *m, Mash__V1__ReferralChange change)
{
    char word[2] = {(char)('0' + (int)change), '\0'};
    hub_bytes number = health_value(m, "RF1", 6, 1);
    if (number.size == 0) number = health_value(m, "RF1", 11, 1);
    const hub_bytes PARTS[] = {health_value(m, "MSH", 3, 1), health_value(m, "MSH", 4, 1), number, hub_bytes_of_text(word)};
    m->has_key = number.size > 0;
    m->key = formats_key_of("referral", PARTS, sizeof PARTS / sizeof PARTS[0]);
}

/* Of the provider referred to (PRD-1 RT): its organisation (v2.6 on), else its place's facility. */
static char *to_service(health_message *m)
{
    uint32_t number;
    for (uint32_t n = 0;; n++) {
        hub_bytes prd = formats_hl7_segment(m->hl7, "PRD", n, &number);
        if (prd.size == 0) return formats_word(m->draft, "");
        if (!formats_bytes_are(formats_hl7_part(m->hl7, prd, 1, 0, 1, 0), "RT")) continue;
        char *name = health_text(m, formats_hl7_part(m->hl7, prd, 10, 0, 1, 0));
        return name[0] != '\0' ? name : health_text(m, formats_hl7_part(m->hl7, prd, 4, 0, 4, 0));
    }
}

bool health_fill_referral(health_message *message)
{
    static const char *const OURS[] = {"I12", "I13", "I14"};
    bool is_ours = false;
    for (size_t i = 0; i < sizeof OURS / sizeof OURS[0]; i++)
        is_ours = is_ours || formats_bytes_are(message->trigger, OURS[i]);
    if (!is_ours) return false;
    Mash__V1__ReferralChange change = change_of(message);
    Mash__V1__Referral *referral = FORMATS_PAYLOAD(message->draft, REFERRAL, referral, referral);
    bool is_sent = change == CHANGE(SENT);
    know_referral(message, change);
    referral->kind = MASH__V1__REFERRAL_KIND__REFERRAL_KIND_HEALTH;
    referral->change = change;
    referral->to_service = to_service(message);
    referral->reason = health_text(message, health_value(message, "RF1", 10, 2));
    if (referral->reason[0] == '\0') referral->reason = health_text(message, health_value(message, "RF1", 10, 1));
    message->draft->event.occurred_at = message->sent_ms != 0 ? message->sent_ms : 1;
    message->draft->event.summary =
        formats_word(message->draft, is_sent ? "Referred by a health service" : "Referral by a health service: another status");
    health_add_patient(message, message->sent_ms != 0 ? message->sent_ms : message->options->received_ms);
    return true;
}
