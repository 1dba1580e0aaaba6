#include "forge.h"

#include <rhonabwy.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct forge_key {
    jwk_t *secret, *public;
};

forge_key *forge_make(forge_kind kind, const char *key_id, const forge_key *other)
{
    static const struct {
        int type;
        unsigned bits;
    } PAIRS[] = {[FORGE_RSA] = {R_KEY_TYPE_RSA, 2048},
                 [FORGE_EC] = {R_KEY_TYPE_EC, 256},
                 [FORGE_ED] = {R_KEY_TYPE_EDDSA, 256},
                 [FORGE_WEAK_RSA] = {R_KEY_TYPE_RSA, 1024},
                 [FORGE_EC_384] = {R_KEY_TYPE_EC, 384}};
    forge_key *key = calloc(1, sizeof *key);
    HUB_ASSERT(key != NULL && r_jwk_init(&key->secret) == RHN_OK && r_jwk_init(&key->public) == RHN_OK);
    if (kind != FORGE_HMAC_OF_RSA) {
        HUB_ASSERT(r_jwk_generate_key_pair(key->secret, key->public, PAIRS[kind].type, PAIRS[kind].bits, key_id) == RHN_OK);
        /* the library would write it into every header */
        if (key_id != NULL) HUB_ASSERT(r_jwk_delete_property_str(key->secret, "kid") == RHN_OK);
        return key;
    }
    unsigned char pem[2048];
    size_t size = sizeof pem;
    HUB_ASSERT(r_jwk_export_to_pem_der(other->public, R_FORMAT_PEM, pem, &size, R_FLAG_IGNORE_REMOTE) == RHN_OK);
    HUB_ASSERT(r_jwk_import_from_symmetric_key(key->secret, pem, size) == RHN_OK);
    return key;
}

forge_key *forge_of_text(const char *jwk, const char *key_id)
{
    forge_key *key = calloc(1, sizeof *key);
    HUB_ASSERT(key != NULL && r_jwk_init(&key->secret) == RHN_OK && r_jwk_init(&key->public) == RHN_OK);
    HUB_ASSERT(r_jwk_import_from_json_str(key->secret, jwk) == RHN_OK && r_jwk_import_from_json_str(key->public, jwk) == RHN_OK);
    HUB_ASSERT(r_jwk_delete_property_str(key->public, "d") == RHN_OK);
    HUB_ASSERT(r_jwk_set_property_str(key->public, "kid", key_id) == RHN_OK);
    return key;
}

void forge_free(forge_key *key)
{
    r_jwk_free(key->secret);
    r_jwk_free(key->public);
    free(key);
}

void forge_key_list(hub_buffer *out, const char *extra, const forge_key *first, ...)
{
    json_t *set = json_object(), *keys = json_array(), *more = json_loads(extra, 0, NULL);
    HUB_ASSERT(set != NULL && keys != NULL && more != NULL);
    va_list rest;
    va_start(rest, first);
    for (const forge_key *key = first; key != NULL; key = va_arg(rest, const forge_key *)) {
        json_t *shown = r_jwk_export_to_json_t(key->public);
        HUB_ASSERT(json_object_update(shown, more) == 0 && json_array_append_new(keys, shown) == 0);
    }
    va_end(rest);
    HUB_ASSERT(json_object_set_new(set, "keys", keys) == 0);
    char *text = json_dumps(set, JSON_COMPACT);
    hub_buffer_put_text(out, text);
    free(text);
    json_decref(more);
    json_decref(set);
}

void forge_token(hub_buffer *out, const forge_key *key, const char *header, const char *claims)
{
    jws_t *jws = NULL;
    json_t *parsed = json_loads(header, 0, NULL);
    HUB_ASSERT(parsed != NULL && r_jws_init(&jws) == RHN_OK);
    HUB_ASSERT(r_jws_set_full_header_json_t(jws, parsed) == RHN_OK);
    HUB_ASSERT(r_jws_set_alg(jws, r_str_to_jwa_alg(json_string_value(json_object_get(parsed, "alg")))) == RHN_OK);
    HUB_ASSERT(r_jws_set_payload(jws, (const unsigned char *)claims, strlen(claims)) == RHN_OK);
    char *text = r_jws_serialize_unsecure(jws, key->secret, R_FLAG_IGNORE_REMOTE);
    HUB_ASSERT(text != NULL);
    hub_buffer_put_text(out, text);
    r_free(text);
    r_jws_free(jws);
    json_decref(parsed);
}
