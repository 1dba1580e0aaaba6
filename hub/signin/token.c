#include "token.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "token_key.h"
#include "visible.h"

enum { PARTS = 3, AUDIENCES_MAX = 16 };
static const int64_t LEEWAY_MAX_MS = 5 * 60 * 1000;
static const double SECONDS_MAX = 253402300799.0; /* the end of the year 9999 */

const char *token_verdict_text(token_verdict verdict)
{
    switch (verdict) {
#define X(name, words)                                                                                                           \
    case name:                                                                                                                   \
        return words;
        TOKEN_VERDICT_LIST(X)
#undef X
    }
    return "unknown";
}

/* ---- shape ----------------------------------------------------------------------------------------------------------------- */

typedef struct token_parts {
    char *text;            /* the token, NUL-ended; GIVEN */
    uint8_t *decoded;      /* GIVEN; one after the other */
    hub_bytes part[PARTS]; /* header, payload, signature; BORROWED from decoded */
} token_parts;

static token_verdict split(hub_bytes token, token_parts *out)
{
    out->text = malloc(token.size + 1);
    out->decoded = malloc(token.size + 1);
    if (out->text == NULL || out->decoded == NULL) return TOKEN_MEMORY;
    if (token.size > 0) memcpy(out->text, token.data, token.size);
    out->text[token.size] = '\0';
    if (strlen(out->text) != token.size) return TOKEN_SHAPE;
    uint8_t *to = out->decoded;
    const char *at = out->text;
    for (size_t i = 0; i < PARTS; i++) {
        size_t size = strcspn(at, "."), decoded = 0;
        bool is_last = i == PARTS - 1;
        if ((size == 0 && !is_last) || (at[size] == '\0') != is_last)
            return TOKEN_SHAPE; /* none's empty signature: TOKEN_ALGORITHM */
        if (sodium_base642bin(to, size, at, size, NULL, &decoded, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
            return TOKEN_SHAPE;
        out->part[i] = hub_bytes_of(to, decoded);
        to += decoded;
        at += size + 1;
    }
    return TOKEN_GOOD;
}

static json_t *object_of(hub_bytes bytes)
{
    json_t *value = json_loadb((const char *)bytes.data, bytes.size, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(value)) return value;
    json_decref(value);
    return NULL;
}

/* ---- header ---------------------------------------------------------------------------------------------------------------- */

static token_verdict read_header(const json_t *header, const token_algorithm **algorithm, const char **key_id)
{
    const json_t *name = json_object_get(header, "alg"), *id = json_object_get(header, "kid"),
                 *type = json_object_get(header, "typ");
    *algorithm = json_is_string(name) ? token_algorithm_find(json_string_value(name)) : NULL;
    if (*algorithm == NULL) return TOKEN_ALGORITHM;
    static const char *const REFUSED[] = {"crit", "zip", "b64"}; /* zip would be blown up before the signature is looked at */
    for (size_t i = 0; i < sizeof REFUSED / sizeof REFUSED[0]; i++) {
        if (json_object_get(header, REFUSED[i]) != NULL) return TOKEN_HEADER;
    }
    if (type != NULL && (!json_is_string(type) || strcasecmp(json_string_value(type), "JWT") != 0)) return TOKEN_HEADER;
    if (id != NULL && !json_is_string(id)) return TOKEN_SHAPE;
    *key_id = json_string_value(id);
    return TOKEN_GOOD;
}

/* ---- claims ---------------------------------------------------------------------------------------------------------------- */

static bool text_is(const json_t *value, const char *expected)
{
    return json_is_string(value) && strcmp(json_string_value(value), expected) == 0;
}

static bool secret_is(const json_t *value, const char *expected)
{
    size_t size = strlen(expected);
    return json_is_string(value) && json_string_length(value) == size &&
           sodium_memcmp(json_string_value(value), expected, size) == 0;
}

/* A claim of seconds since 1970 (whole or not) as ms; false: not there, no number, or of no time. */
static bool time_of(const json_t *claims, const char *name, int64_t *ms)
{
    const json_t *value = json_object_get(claims, name);
    if (!json_is_number(value)) return false;
    double seconds = json_number_value(value);
    if (!(seconds >= 0 && seconds <= SECONDS_MAX)) return false;
    *ms = (int64_t)(seconds * 1000);
    return true;
}

static token_verdict check_audience(const json_t *claims, const char *client_id)
{
    const json_t *audience = json_object_get(claims, "aud"), *party = json_object_get(claims, "azp");
    size_t others = 0, ours = text_is(audience, client_id);
    if (json_is_array(audience) && json_array_size(audience) <= AUDIENCES_MAX) {
        for (size_t i = 0; i < json_array_size(audience); i++) {
            bool is_ours = text_is(json_array_get(audience, i), client_id);
            ours += is_ours;
            others += !is_ours;
        }
    }
    if (ours == 0) return TOKEN_AUDIENCE;
    if (party == NULL ? others > 0 : !text_is(party, client_id)) return TOKEN_PARTY;
    return TOKEN_GOOD;
}

static token_verdict check_times(const json_t *claims, const token_expect *expect)
{
    int64_t expires_ms, issued_ms, from_ms, early_ms = expect->now_ms - expect->leeway_ms,
                                            late_ms = expect->now_ms + expect->leeway_ms;
    if (!time_of(claims, "exp", &expires_ms) || expires_ms <= early_ms) return TOKEN_EXPIRED;
    if (!time_of(claims, "iat", &issued_ms) || issued_ms > late_ms || issued_ms < early_ms - TOKEN_AGE_MAX_MS)
        return TOKEN_ISSUED;
    if (json_object_get(claims, "nbf") != NULL && (!time_of(claims, "nbf", &from_ms) || from_ms > late_ms))
        return TOKEN_NOT_BEFORE;
    return TOKEN_GOOD;
}

static bool read_subject(const json_t *value, char out[TOKEN_SUBJECT_BYTES])
{
    size_t size = json_string_length(value);
    if (!json_is_string(value) || size == 0 || size >= TOKEN_SUBJECT_BYTES) return false;
    const char *text = json_string_value(value);
    if (!is_visible(text)) return false;
    memcpy(out, text, size + 1);
    return true;
}

static void read_name(const json_t *value, char out[TOKEN_NAME_BYTES])
{
    size_t size = json_string_length(value);
    if (!json_is_string(value) || size >= TOKEN_NAME_BYTES) return;
    const char *text = json_string_value(value);
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) return;
    }
    memcpy(out, text, size + 1);
}

static token_verdict check_claims(const json_t *claims, const token_expect *expect, token_claims *out)
{
    if (!text_is(json_object_get(claims, "iss"), expect->issuer)) return TOKEN_ISSUER;
    token_verdict verdict = check_audience(claims, expect->client_id);
    if (verdict == TOKEN_GOOD) verdict = check_times(claims, expect);
    if (verdict != TOKEN_GOOD) return verdict;
    if (!secret_is(json_object_get(claims, "nonce"), expect->nonce)) return TOKEN_NONCE;
    token_claims read = {0};
    if (!read_subject(json_object_get(claims, "sub"), read.subject)) return TOKEN_SUBJECT;
    read_name(json_object_get(claims, "name"), read.name);
    *out = read;
    return TOKEN_GOOD;
}

/* ---- all of it ------------------------------------------------------------------------------------------------------------- */

static token_verdict check_parts(hub_bytes jwks, const token_parts *parts, const token_expect *expect, token_claims *out)
{
    const token_algorithm *algorithm = NULL;
    const char *key_id = NULL;
    json_t *header = object_of(parts->part[0]), *claims = NULL;
    token_verdict verdict = header != NULL ? read_header(header, &algorithm, &key_id) : TOKEN_SHAPE;
    if (verdict == TOKEN_GOOD) verdict = token_key_check(algorithm, jwks, key_id, parts->text, parts->part[2].size);
    if (verdict == TOKEN_GOOD) {
        claims = object_of(parts->part[1]);
        verdict = claims != NULL ? check_claims(claims, expect, out) : TOKEN_SHAPE;
    }
    json_decref(header);
    json_decref(claims);
    return verdict;
}

token_verdict token_check(hub_bytes jwks, hub_bytes id_token, const token_expect *expect, token_claims *out)
{
    HUB_ASSERT(expect != NULL && out != NULL);
    HUB_ASSERT(expect->nonce[0] != '\0' && expect->issuer[0] != '\0' && expect->client_id[0] != '\0');
    HUB_ASSERT(expect->leeway_ms >= 0 && expect->leeway_ms <= LEEWAY_MAX_MS);
    *out = (token_claims){0};
    if (id_token.size > TOKEN_BYTES_MAX || jwks.size > TOKEN_KEYS_BYTES_MAX) return TOKEN_TOO_LARGE;
    token_parts parts = {0};
    token_verdict verdict = split(id_token, &parts);
    if (verdict == TOKEN_GOOD) verdict = check_parts(jwks, &parts, expect, out);
    free(parts.text);
    free(parts.decoded);
    return verdict;
}
