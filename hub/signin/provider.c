#include "provider.h"

#include <jansson.h>
#include <string.h>

static const char WELL_KNOWN[] = "/.well-known/openid-configuration";

static bool lists(const json_t *list, const char *word)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));
        if (text != NULL && strcmp(text, word) == 0) return true;
    }
    return false;
}

static hub_status read_url(const json_t *document, const char *name, char out[FETCH_URL_BYTES_MAX + 1], hub_error *err)
{
    const char *url = json_string_value(json_object_get(document, name));
    if (url == NULL) return hub_fail(err, HUB_ERR_INVALID, "the sign-in service does not name its %s", name);
    if (!fetch_is_allowed(url)) return hub_fail(err, HUB_ERR_INVALID, "the sign-in service's %s is no https URL", name);
    (void)hub_format(out, FETCH_URL_BYTES_MAX + 1, "%s", url);
    return HUB_OK;
}

/* client_secret_basic is what a service takes that does not say (Discovery 1.0 section 3). */
static hub_status read_proof(const json_t *document, provider_proof *out, hub_error *err)
{
    const json_t *methods = json_object_get(document, "token_endpoint_auth_methods_supported");
    *out = PROVIDER_PROOF_BASIC;
    if (methods == NULL || lists(methods, "client_secret_basic") || lists(methods, "none")) return HUB_OK;
    *out = PROVIDER_PROOF_FORM;
    if (lists(methods, "client_secret_post")) return HUB_OK;
    return hub_fail(err, HUB_ERR_INVALID, "the sign-in service takes neither client_secret_basic nor client_secret_post");
}

static hub_status read_members(const json_t *document, const char *issuer, provider *out, hub_error *err)
{
    const char *named = json_string_value(json_object_get(document, "issuer"));
    if (named == NULL || strcmp(named, issuer) != 0)
        return hub_fail(err, HUB_ERR_INVALID,
                        "the sign-in service calls itself otherwise than the configured issuer; write it exactly as it does");
    const json_t *challenges = json_object_get(document, "code_challenge_methods_supported");
    if (challenges != NULL && !lists(challenges, "S256"))
        return hub_fail(err, HUB_ERR_INVALID, "the sign-in service does not take PKCE with S256");
    out->says_issuer = json_is_true(json_object_get(document, "authorization_response_iss_parameter_supported"));
    hub_status status = read_url(document, "authorization_endpoint", out->authorize_url, err);
    if (status == HUB_OK) status = read_url(document, "token_endpoint", out->token_url, err);
    if (status == HUB_OK) status = read_url(document, "jwks_uri", out->keys_url, err);
    if (status == HUB_OK) status = read_proof(document, &out->proof, err);
    return status;
}

/* Reads a discovery document (BORROWED) of `issuer`; keys are left empty. HUB_ERR_INVALID: err says what is missing or wrong. */
static hub_status read_discovery(hub_bytes document, const char *issuer, provider *out, hub_error *err)
{
    *out = (provider){0};
    json_t *read = json_loadb((const char *)document.data, document.size, JSON_REJECT_DUPLICATES, NULL);
    hub_status status = json_is_object(read)
                            ? read_members(read, issuer, out, err)
                            : hub_fail(err, HUB_ERR_INVALID, "the sign-in service's description is no JSON object");
    json_decref(read);
    if (status != HUB_OK) *out = (provider){0};
    return status;
}

static hub_status get(const provider_place *place, const char *url, hub_buffer *out, hub_error *err)
{
    fetch_request request = {.url = url, .agent = "mash-board", .ca_file = place->ca_file, .timeout_ms = place->timeout_ms};
    long code = 0;
    hub_status status = fetch(&request, &code, out, err);
    if (status == HUB_OK && code != 200)
        status = hub_fail(err, HUB_ERR_IO, "%.200s: answered with HTTP status %ld, not 200%s", url, code,
                          code >= 300 && code < 400 ? " (redirects are not followed)" : "");
    return status;
}

hub_status provider_fetch(const provider_place *place, provider *out, hub_error *err)
{
    HUB_ASSERT(place != NULL && out != NULL);
    *out = (provider){0};
    char url[FETCH_URL_BYTES_MAX + sizeof WELL_KNOWN];
    size_t size = strlen(place->issuer);
    if (size > 0 && place->issuer[size - 1] == '/') size--;
    (void)hub_format(url, sizeof url, "%.*s%s", (int)size, place->issuer, WELL_KNOWN);
    hub_buffer document = {0};
    hub_status status = get(place, url, &document, err);
    if (status == HUB_OK) status = read_discovery(hub_buffer_bytes(&document), place->issuer, out, err);
    if (status == HUB_OK) status = get(place, out->keys_url, &out->keys, err);
    hub_buffer_free(&document);
    if (status != HUB_OK) provider_clear(out);
    return status;
}

hub_status provider_copy(const provider *from, provider *out)
{
    *out = *from;
    out->keys = (hub_buffer){0};
    hub_buffer_put(&out->keys, from->keys.data, from->keys.size);
    if (!out->keys.failed) return HUB_OK;
    provider_clear(out);
    return HUB_ERR_MEMORY;
}

void provider_clear(provider *p)
{
    hub_buffer_free(&p->keys);
    *p = (provider){0};
}
