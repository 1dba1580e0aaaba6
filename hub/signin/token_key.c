#include "token_key.h"

#include <rhonabwy.h>
#include <sodium.h>
#include <string.h>

enum {
    KEYS_MAX = 64,           /* of one service: two or three while they change */
    NUMBER_BYTES_MAX = 1024, /* RSA of 8,192 bits */
    RSA_BYTES_LEAST = 256,   /* 2,048 bits: NIST SP 800-131A */
    EXPONENT_BYTES_MAX = 8,
    CURVE_BYTES = 32,
    CURVE_SIGNATURE_BYTES = 64,
};

typedef enum key_kind { KEY_RSA, KEY_POINT, KEY_ED25519 } key_kind;

struct token_algorithm {
    const char *name;
    const char *key_type;   /* kty */
    const char *curve;      /* crv; NULL: it has none */
    const char *numbers[2]; /* the public ones; NULL: no second */
    key_kind kind;
};

/* Asymmetric ones only (RFC 8725 sections 3.1, 3.2): no `none`, and no HMAC, for which a public key would be a secret. */
static const token_algorithm ALGORITHMS[] = {
    {"RS256", "RSA", NULL, {"n", "e"}, KEY_RSA},
    {"PS256", "RSA", NULL, {"n", "e"}, KEY_RSA},
    {"ES256", "EC", "P-256", {"x", "y"}, KEY_POINT},
    {"EdDSA", "OKP", "Ed25519", {"x", NULL}, KEY_ED25519},
};

const token_algorithm *token_algorithm_find(const char *name)
{
    for (size_t i = 0; i < sizeof ALGORITHMS / sizeof ALGORITHMS[0]; i++) {
        if (strcmp(ALGORITHMS[i].name, name) == 0) return &ALGORITHMS[i];
    }
    return NULL;
}

/* ---- choosing -------------------------------------------------------------------------------------------------------------- */

static bool member_is(const json_t *key, const char *member, const char *value)
{
    const char *text = json_string_value(json_object_get(key, member));
    return text != NULL && strcmp(text, value) == 0;
}

static bool may_verify(const json_t *key)
{
    const json_t *operations = json_object_get(key, "key_ops");
    if (operations == NULL) return true;
    for (size_t i = 0; i < json_array_size(operations); i++) {
        const char *operation = json_string_value(json_array_get(operations, i));
        if (operation != NULL && strcmp(operation, "verify") == 0) return true;
    }
    return false;
}

static bool suits(const json_t *key, const token_algorithm *algorithm)
{
    return member_is(key, "kty", algorithm->key_type) && (algorithm->curve == NULL || member_is(key, "crv", algorithm->curve)) &&
           (json_object_get(key, "use") == NULL || member_is(key, "use", "sig")) &&
           (json_object_get(key, "alg") == NULL || member_is(key, "alg", algorithm->name)) && may_verify(key);
}

/* With a kid the one key of that name, which then must suit; without one the one key that suits. */
static token_verdict choose(const json_t *keys, const char *key_id, const token_algorithm *algorithm, const json_t **out)
{
    size_t found = 0;
    for (size_t i = 0; i < json_array_size(keys); i++) {
        const json_t *key = json_array_get(keys, i);
        if (key_id != NULL ? !member_is(key, "kid", key_id) : !suits(key, algorithm)) continue;
        *out = key;
        found++;
    }
    if (found == 0) return TOKEN_KEY_UNKNOWN;
    if (found > 1) return TOKEN_KEY_AMBIGUOUS;
    return suits(*out, algorithm) ? TOKEN_GOOD : TOKEN_KEY_UNFIT;
}

/* ---- the key, built from its public numbers -------------------------------------------------------------------------------- */

/* A member's bytes; 0 when it is no strict base64url, or too large. */
static size_t number_of(const json_t *key, const char *member, uint8_t out[NUMBER_BYTES_MAX])
{
    size_t size = 0;
    const char *text = json_string_value(json_object_get(key, member));
    bool good = text != NULL && sodium_base642bin(out, NUMBER_BYTES_MAX, text, strlen(text), NULL, &size, NULL,
                                                  sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0;
    return good ? size : 0;
}

/* Of a big-endian number without its leading zeros: services write some too many, or leave out those that RFC 7518 section 6.2.1 wants. */
static size_t significant_size(const json_t *key, const char *member)
{
    uint8_t bytes[NUMBER_BYTES_MAX];
    size_t size = number_of(key, member, bytes), zeros = 0;
    while (zeros < size && bytes[zeros] == 0)
        zeros++;
    return size - zeros;
}

static bool is_strong(const json_t *key, const token_algorithm *algorithm)
{
    uint8_t bytes[NUMBER_BYTES_MAX];
    size_t first = significant_size(key, algorithm->numbers[0]), size;
    switch (algorithm->kind) {
    case KEY_RSA:
        size = number_of(key, "e", bytes);
        bool is_one = significant_size(key, "e") == 1 && bytes[size - 1] == 1; /* to the power of one: anybody signs */
        return first >= RSA_BYTES_LEAST && size >= 1 && size <= EXPONENT_BYTES_MAX && !is_one;
    case KEY_POINT:
        size = significant_size(key, "y");
        return first >= 1 && first <= CURVE_BYTES && size >= 1 && size <= CURVE_BYTES;
    case KEY_ED25519:
        return number_of(key, "x", bytes) == CURVE_BYTES;
    }
    return false;
}

/* A key with its public numbers and nothing else: no x5u that would be fetched, no certificate, no private part. */
static jwk_t *public_key(const json_t *key, const token_algorithm *algorithm)
{
    json_t *numbers = json_object();
    bool good = numbers != NULL && json_object_set_new(numbers, "kty", json_string(algorithm->key_type)) == 0;
    if (good && algorithm->curve != NULL) good = json_object_set_new(numbers, "crv", json_string(algorithm->curve)) == 0;
    for (size_t i = 0; good && i < 2 && algorithm->numbers[i] != NULL; i++)
        good = json_object_set(numbers, algorithm->numbers[i], json_object_get(key, algorithm->numbers[i])) == 0;
    jwk_t *made = NULL;
    if (good && r_jwk_init(&made) == RHN_OK && r_jwk_import_from_json_t(made, numbers) != RHN_OK) {
        r_jwk_free(made);
        made = NULL;
    }
    json_decref(numbers);
    return made;
}

static bool is_signed_by(jwk_t *key, const char *token)
{
    jws_t *jws = NULL;
    if (r_jws_init(&jws) != RHN_OK) return false;
    bool good = r_jws_advanced_compact_parse(jws, token, R_PARSE_NONE, R_FLAG_IGNORE_REMOTE) == RHN_OK &&
                r_jws_verify_signature(jws, key, R_FLAG_IGNORE_REMOTE) == RHN_OK;
    r_jws_free(jws);
    return good;
}

token_verdict token_key_check(const token_algorithm *algorithm, hub_bytes jwks, const char *key_id, const char *token,
                              size_t signature_size)
{
    HUB_ASSERT(algorithm != NULL && token != NULL);
    json_t *set = json_loadb((const char *)jwks.data, jwks.size, JSON_REJECT_DUPLICATES, NULL);
    const json_t *keys = json_object_get(set, "keys"), *chosen = NULL;
    token_verdict verdict = TOKEN_KEYS;
    if (json_is_array(keys) && json_array_size(keys) <= KEYS_MAX) verdict = choose(keys, key_id, algorithm, &chosen);
    if (verdict == TOKEN_GOOD && !is_strong(chosen, algorithm)) verdict = TOKEN_KEY_UNFIT;
    if (verdict == TOKEN_GOOD && algorithm->kind != KEY_RSA && signature_size != CURVE_SIGNATURE_BYTES) verdict = TOKEN_SIGNATURE;
    if (verdict == TOKEN_GOOD) {
        jwk_t *key = public_key(chosen, algorithm);
        if (key == NULL) {
            verdict = TOKEN_KEY_UNFIT;
        } else if (!is_signed_by(key, token)) {
            verdict = TOKEN_SIGNATURE;
        }
        r_jwk_free(key);
    }
    json_decref(set);
    return verdict;
}
