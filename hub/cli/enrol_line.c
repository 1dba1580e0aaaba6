#include "cli/enrol_line.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "event/wire.h"

enum { CHECK_BYTES = 4, LINE_BYTES_MAX = 16 * 1024, GROUPS = 4 };
static_assert(HUB_SHORT_DIGEST_BYTES >= 4 * GROUPS, "four bytes for each group of digits");

static const char *const PREFIXES[] = {[ENROL_REQUEST] = "mash-request-1.", [ENROL_ANSWER] = "mash-answer-1."};
static const char *const NAMES[] = {
    [ENROL_REQUEST] = "a request (mash-request-1...)", [ENROL_ANSWER] = "an answer (mash-answer-1...)"};

/* The kind is part of it: nobody's request is read out as an answer. No secret is: both sides can say it. */
static void fingerprint_of(enrol_kind kind, hub_bytes packed, enrol_fingerprint *out)
{
    static const uint8_t NO_SECRET[HUB_SECRET_BYTES] = {0};
    uint8_t digest[HUB_SHORT_DIGEST_BYTES];
    char *at = out->text;
    hub_keyed_digest(NO_SECRET, PREFIXES[kind], &packed, 1, digest);
    for (int i = 0; i < GROUPS; i++)
        at += snprintf(at, (size_t)(out->text + sizeof out->text - at), "%s%05u", i > 0 ? " " : "",
                       hub_get_u32(digest + 4 * i) % 100000);
}

void enrol_line_put(enrol_kind kind, const ProtobufCMessage *message, hub_buffer *out, enrol_fingerprint *fingerprint)
{
    hub_buffer packed = {0};
    hub_digest digest;
    uint8_t *body = hub_buffer_extend(&packed, CHECK_BYTES + protobuf_c_message_get_packed_size(message));
    size_t text_size = sodium_base64_encoded_len(packed.size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    if (body != NULL) {
        (void)protobuf_c_message_pack(message, body + CHECK_BYTES);
        hub_digest_of(hub_bytes_of(body + CHECK_BYTES, packed.size - CHECK_BYTES), &digest);
        memcpy(body, digest.bytes, CHECK_BYTES);
        fingerprint_of(kind, hub_bytes_of(body + CHECK_BYTES, packed.size - CHECK_BYTES), fingerprint);
        hub_buffer_put_text(out, PREFIXES[kind]);
        char *text = (char *)hub_buffer_extend(out, text_size);
        if (text != NULL) {
            (void)sodium_bin2base64(text, text_size, packed.data, packed.size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
            out->size--; /* its NUL */
        }
    }
    out->failed = out->failed || packed.failed;
    hub_buffer_free(&packed);
}

static const ProtobufCMessageDescriptor *descriptor_of(enrol_kind kind)
{
    return kind == ENROL_REQUEST ? &mash__v1__enrol__descriptor : &mash__v1__enrol_answer__descriptor;
}

static hub_status read_bytes(enrol_kind kind, const char *line, uint8_t *bytes, size_t *size, hub_error *err)
{
    static const char BLANKS[] = " \t\r\n\"'>";
    enrol_kind other = kind == ENROL_REQUEST ? ENROL_ANSWER : ENROL_REQUEST;
    hub_digest digest;
    line += strspn(line, BLANKS);
    if (strncmp(line, PREFIXES[other], strlen(PREFIXES[other])) == 0)
        return hub_fail(err, HUB_ERR_INVALID, "this line is %s, and %s is wanted here", NAMES[other], NAMES[kind]);
    if (strncmp(line, PREFIXES[kind], strlen(PREFIXES[kind])) != 0)
        return hub_fail(err, HUB_ERR_INVALID, "this is no line of an enrolment: it begins with %s", PREFIXES[kind]);
    line += strlen(PREFIXES[kind]);
    if (strlen(line) > LINE_BYTES_MAX ||
        sodium_base642bin(bytes, LINE_BYTES_MAX, line, strlen(line), BLANKS, size, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        *size <= CHECK_BYTES)
        return hub_fail(err, HUB_ERR_INVALID,
                        "the line is cut, or has a character that was not there: copy all of it, from %s to its end",
                        PREFIXES[kind]);
    hub_digest_of(hub_bytes_of(bytes + CHECK_BYTES, *size - CHECK_BYTES), &digest);
    if (memcmp(digest.bytes, bytes, CHECK_BYTES) != 0)
        return hub_fail(err, HUB_ERR_INVALID,
                        "the line is not whole, or was changed on its way: copy all of it, from %s to its end", PREFIXES[kind]);
    return HUB_OK;
}

hub_status enrol_line_read(enrol_kind kind, const char *line, hub_arena *arena, ProtobufCMessage **out,
                           enrol_fingerprint *fingerprint, hub_error *err)
{
    static uint8_t bytes[LINE_BYTES_MAX];
    size_t size = 0;
    event_wire_fault fault;
    *out = NULL;
    hub_status status = read_bytes(kind, line, bytes, &size, err);
    if (status != HUB_OK) return status;
    fingerprint_of(kind, hub_bytes_of(bytes + CHECK_BYTES, size - CHECK_BYTES), fingerprint);
    status = event_wire_unpack(descriptor_of(kind), hub_bytes_of(bytes + CHECK_BYTES, size - CHECK_BYTES), arena, out, &fault);
    return status == HUB_OK ? HUB_OK
                            : hub_fail(err, HUB_ERR_INVALID, "the line was made by a newer or another program: %s", fault.cause);
}

bool enrol_fingerprint_is(const enrol_fingerprint *fingerprint, const char *typed)
{
    const char *at = fingerprint->text;
    for (; *typed != '\0'; typed++) {
        if (*typed < '0' || *typed > '9') continue;
        if (*at == ' ') at++;
        if (*at++ != *typed) return false;
    }
    return *at == '\0';
}
