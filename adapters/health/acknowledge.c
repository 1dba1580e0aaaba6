/* acknowledge.c - what is taken, and the answer to it in HL7's original acknowledgement mode.
 *
 *     AA  durable, or deliberately no event     AE  understood, content refused and parked: sending it again unchanged is no use
 *     AR  another type, version or processing id, or could not be stored now: may be sent again
 *
 * [HL7 v2 chapter 2, "Processing the message"; MSH-15 by table 0155]
 */
#include "health/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "formats/json.h"

/* X: result, MSA-1, error code of HL7 table 0357 and its words. */
static const struct {
    kit_input_result result;
    const char *code;
    const char *error; /* NULL: no ERR segment */
    const char *words;
} ANSWERS[] = {
    {KIT_INPUT_DONE, "AA", NULL, ""},
    {KIT_INPUT_REPEATED, "AA", NULL, ""},
    {KIT_INPUT_PARKED, "AE", "102", "Data type error"},
    {KIT_INPUT_UNREADABLE, "AE", "100", "Segment sequence error"},
    {KIT_INPUT_UNSUPPORTED, "AR", "200", "Unsupported message type"},
    {KIT_INPUT_FAILED, "AR", "207", "Application internal error"},
};

static const char *const VERSIONS[] = {"2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.7.1", "2.8", "2.8.1", "2.8.2"};

static bool is_known_version(hub_bytes version)
{
    for (size_t i = 0; i < sizeof VERSIONS / sizeof VERSIONS[0]; i++) {
        if (formats_bytes_are(version, VERSIONS[i])) return true;
    }
    return false;
}

static hub_bytes header(const formats_hl7 *hl7, uint32_t field, uint32_t component)
{
    return formats_hl7_value(hl7, "MSH", field, component);
}

bool health_is_live(const formats_hl7 *hl7)
{
    hub_bytes processing = header(hl7, 11, 1);
    return !formats_bytes_are(processing, "T") && !formats_bytes_are(processing, "D");
}

/* Why a message is not taken: error code of table 0357 and its words, and our own. */
typedef struct cause {
    kit_input_result result;
    const char *error;
    const char *words;
    const char *reason;
} cause;
static const cause TAKEN = {KIT_INPUT_DONE, NULL, "", ""};
static const cause OTHER_TYPE = {KIT_INPUT_UNSUPPORTED, "200", "Unsupported message type",
                                 "MSH-9: only SIU, ADT and REF messages are taken"};
static const cause OTHER_VERSION = {KIT_INPUT_UNSUPPORTED, "203", "Unsupported version id",
                                    "MSH-12: only versions 2.3 to 2.8 are taken"};
static const cause OTHER_PROCESSING = {KIT_INPUT_UNSUPPORTED, "202", "Unsupported processing id",
                                       "MSH-11: only P, T and D are known here"};
/* Required: without it a repeat cannot be told from a second message. */
static const cause NO_CONTROL_ID = {KIT_INPUT_PARKED, "101", "Required field missing",
                                    "MSH-10: empty; each message needs its own"};

const char *health_processing_fault(const formats_hl7 *hl7)
{
    bool is_known = formats_bytes_are(header(hl7, 11, 1), "P") || !health_is_live(hl7);
    return is_known ? NULL : OTHER_PROCESSING.reason;
}

static const cause *judge(const formats_hl7 *hl7)
{
    hub_bytes code = header(hl7, 9, 1);
    bool is_known = formats_bytes_are(code, "SIU") || formats_bytes_are(code, "ADT") || formats_bytes_are(code, "REF");
    if (!is_known) return &OTHER_TYPE;
    if (!is_known_version(header(hl7, 12, 1))) return &OTHER_VERSION;
    if (health_processing_fault(hl7) != NULL) return &OTHER_PROCESSING;
    return header(hl7, 10, 1).size == 0 ? &NO_CONTROL_ID : &TAKEN;
}

kit_input_result health_accepts(hub_bytes input, char key[256], const char **reason)
{
    key[0] = '\0';
    *reason = "out of memory; send it again later";
    formats_hl7 *hl7 = malloc(sizeof *hl7);
    if (hl7 == NULL) return KIT_INPUT_FAILED;
    kit_input_result result = KIT_INPUT_UNSUPPORTED;
    *reason = "it does not begin with a readable MSH segment";
    if (formats_hl7_read(input, hl7, NULL) == HUB_OK) {
        const cause *why = judge(hl7);
        const hub_bytes PARTS[] = {header(hl7, 3, 0), header(hl7, 4, 0), header(hl7, 10, 1)};
        result = why->result;
        *reason = why->reason;
        if (why == &TAKEN) (void)snprintf(key, 256, "%s", formats_key_of("message", PARTS, 3).text);
    }
    free(hl7);
    return result;
}

/* "20260112093015+0000" */
static void put_time(hub_buffer *out, int64_t now_ms)
{
    formats_date day = formats_date_of_instant(now_ms);
    int64_t second = now_ms / 1000 % 86400;
    hub_buffer_put_format(out, "%04d%02d%02d%02d%02d%02d+0000|", day.year, day.month, day.day, (int)(second / 3600),
                          (int)(second / 60 % 60), (int)(second % 60));
}

/* Our own MSH-10: derived from the message, so that the same message gets the same answer. */
static void put_control_id(hub_buffer *out, hub_bytes input)
{
    uint8_t digest[HUB_SHORT_DIGEST_BYTES];
    char hex[17];
    hub_short_digest_of(input, digest);
    hub_hex(digest, 8, hex);
    hub_buffer_put_format(out, "%s|", hex);
}

/* Delimiters of a field's text are ours to escape: the answer's own are |^~\&. */
static void put_escaped(hub_buffer *out, const char *text)
{
    static const char MARKS[] = "|^&~\\";
    static const char LETTERS[] = "FSTRE";
    for (; *text != '\0'; text++) {
        const char *mark = strchr(MARKS, *text);
        if (mark != NULL)
            hub_buffer_put_format(out, "\\%c\\", LETTERS[mark - MARKS]);
        else
            hub_buffer_put(out, *text == '\r' || *text == '\n' ? " " : text, 1);
    }
}

/* A part of the received header, in the answer's own delimiters. */
static void put_part(hub_buffer *out, const formats_hl7 *hl7, uint32_t field, uint32_t component)
{
    hub_buffer text = {0};
    formats_hl7_text(hl7, header(hl7, field, component), &text);
    put_escaped(out, hub_buffer_text(&text));
    if (text.failed) out->failed = true;
    hub_buffer_free(&text);
}

/* A header field of the received message (name, universal id, its type), in the answer's own delimiters. */
static void put_header(hub_buffer *out, const formats_hl7 *hl7, uint32_t field)
{
    int separators = 0;
    for (uint32_t component = 1; component <= 3; component++, separators++) {
        if (header(hl7, field, component).size == 0) continue;
        for (; separators > 0; separators--)
            hub_buffer_put(out, "^", 1);
        put_part(out, hl7, field, component);
    }
    hub_buffer_put(out, "|", 1);
}

static void put_msh(hub_buffer *out, const formats_hl7 *hl7, hub_bytes input, int64_t now_ms)
{
    hub_buffer_put_text(out, "MSH|^~\\&|");
    put_header(out, hl7, 5);
    put_header(out, hl7, 6);
    put_header(out, hl7, 3);
    put_header(out, hl7, 4);
    put_time(out, now_ms);
    hub_buffer_put_text(out, "|ACK^");
    put_part(out, hl7, 9, 2);
    hub_buffer_put_text(out, "^ACK|");
    put_control_id(out, input);
    put_part(out, hl7, 11, 1);
    hub_buffer_put_text(out, "|");
    put_part(out, hl7, 12, 1);
    hub_buffer_put_text(out, "\r");
}

/* Before 2.5 ERR-1 holds the code as a fourth component; from 2.5 on ERR-3, with severity and text. */
static void put_err(hub_buffer *out, const formats_hl7 *hl7, size_t row, bool before_2_5, const char *reason)
{
    if (ANSWERS[row].error == NULL) return;
    const cause *why = judge(hl7);
    bool told = why->result == ANSWERS[row].result;
    const char *error = told ? why->error : ANSWERS[row].error;
    const char *words = told ? why->words : ANSWERS[row].words;
    if (before_2_5) {
        hub_buffer_put_format(out, "ERR|^^^%s&%s&HL70357\r", error, words);
        return;
    }
    hub_buffer_put_format(out, "ERR|||%s^%s^HL70357|E||||", error, words);
    if (reason != NULL) put_escaped(out, reason);
    hub_buffer_put_text(out, "\r");
}

/* MSH-15: NE never, ER only errors, SU only success; AL and empty always. */
static bool wants_answer(const formats_hl7 *hl7, size_t row)
{
    hub_bytes asked = header(hl7, 15, 1);
    bool is_error = ANSWERS[row].error != NULL;
    if (formats_bytes_are(asked, "NE")) return false;
    if (formats_bytes_are(asked, "ER")) return is_error;
    return !formats_bytes_are(asked, "SU") || !is_error;
}

static void put_answer(hub_buffer *out, const formats_hl7 *hl7, hub_bytes input, size_t row, const char *reason, int64_t now_ms)
{
    hub_bytes version = header(hl7, 12, 1);
    bool before_2_5 = version.size >= 3 && version.data[0] == '2' && version.data[2] < '5';
    put_msh(out, hl7, input, now_ms);
    hub_buffer_put_format(out, "MSA|%s|", ANSWERS[row].code);
    put_part(out, hl7, 10, 1);
    if (before_2_5 && reason != NULL && ANSWERS[row].error != NULL) {
        hub_buffer_put_text(out, "|"); /* MSA-3 is the text in these versions */
        put_escaped(out, reason);
    }
    hub_buffer_put_text(out, "\r");
    put_err(out, hl7, row, before_2_5, reason);
}

/* No readable header: there is nothing to echo. */
static void put_blind_answer(hub_buffer *out, hub_bytes input, int64_t now_ms)
{
    hub_buffer_put_text(out, "MSH|^~\\&|||||");
    put_time(out, now_ms);
    hub_buffer_put_text(out, "|ACK|");
    put_control_id(out, input);
    hub_buffer_put_text(out, "P|2.4\rMSA|AR|\r");
}

hub_status health_answer(hub_bytes input, kit_input_result result, const char *reason, int64_t now_ms, hub_buffer *out)
{
    size_t row = 0;
    while (ANSWERS[row].result != result) {
        row++;
        HUB_ASSERT(row < sizeof ANSWERS / sizeof ANSWERS[0]);
    }
    formats_hl7 *hl7 = malloc(sizeof *hl7);
    if (hl7 == NULL) return HUB_ERR_MEMORY;
    if (formats_hl7_read(input, hl7, NULL) != HUB_OK)
        put_blind_answer(out, input, now_ms);
    else if (wants_answer(hl7, row))
        put_answer(out, hl7, input, row, reason, now_ms);
    free(hl7);
    return out->failed ? HUB_ERR_MEMORY : HUB_OK;
}
