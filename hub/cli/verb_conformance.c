/* conformance - tries a candidate adapter against a hub that misbehaves on purpose, and writes a certificate. */
#include "cli/verbs.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "bus/curve.h"
#include "cli/settings.h"
#include "conform/conform.h"
#include "daemon/config.h"
#include "daemon/keys_folder.h"
#include "host/clock.h"
#include "host/files.h"

enum { PROGRAM_BYTES_MAX = 256 * 1024 * 1024 };

typedef struct kit {
    const char *folder, *listen;
    char hub[SETTINGS_PATH_MAX], candidate[SETTINGS_PATH_MAX], log[SETTINGS_PATH_MAX];
    bus_key_pair server, own;
    bool made;
} kit;

static hub_status one_key(const char *path, bus_key_pair *keys, bool *made, hub_error *err)
{
    char file[SETTINGS_PATH_MAX + 8];
    (void)snprintf(file, sizeof file, "%s.key", path);
    hub_status status = bus_key_pair_read(file, keys, err);
    if (status != HUB_ERR_NOT_FOUND) return status;
    *made = true;
    bus_key_pair_make(keys);
    return bus_key_pair_write(path, keys, err);
}

/* The folder with the keys of both sides: the candidate has to be configured with them before it can be tried. */
static hub_status prepare(kit *k, hub_error *err)
{
    bool fits = settings_path(k->folder, "hub", k->hub) && settings_path(k->folder, "candidate", k->candidate) &&
                settings_path(k->folder, "candidate.log", k->log);
    if (!fits) return hub_fail(err, HUB_ERR_INVALID, "--folder: the path is too long");
    hub_status status = host_folder_make(k->folder, 0700, err);
    if (status == HUB_OK) status = one_key(k->hub, &k->server, &k->made, err);
    if (status == HUB_OK) status = one_key(k->candidate, &k->own, &k->made, err);
    return status;
}

static void say_prepared(const kit *k)
{
    printf("configure the candidate with\n  endpoint    tcp://%s\n  server key  %s.pub\n  own key     %s.key\n"
           "and do this again with --drop or --send, --golden and the command that starts it\n",
           k->listen, k->hub, k->candidate);
}

/* BLAKE2b-256 of the candidate's binary. */
static hub_status program_digest(const char *path, char out[2 * HUB_DIGEST_BYTES + 16], hub_error *err)
{
    hub_buffer bytes = {0};
    hub_digest digest;
    out[0] = '\0';
    if (path == NULL) return HUB_OK;
    hub_status status = host_file_read(path, PROGRAM_BYTES_MAX, &bytes, err);
    if (status == HUB_OK) {
        hub_digest_of(hub_buffer_bytes(&bytes), &digest);
        (void)snprintf(out, 9, "blake2b:");
        hub_hex(digest.bytes, sizeof digest.bytes, out + 8);
    }
    hub_buffer_free(&bytes);
    return status;
}

/* Ed25519 with the key that signs the journal's heads, where there is a hub in --config. */
static hub_status sign(const cli_call *call, const char *path, hub_bytes text, bool *is_signed, hub_error *err)
{
    daemon_config config;
    daemon_keys keys;
    hub_buffer complaints = {0};
    uint8_t signature[crypto_sign_BYTES];
    char hex[2 * crypto_sign_BYTES + 2], file[SETTINGS_PATH_MAX + 8], hub_yaml[SETTINGS_PATH_MAX];
    *is_signed = false;
    if (!settings_path(settings_folder(call), "hub.yaml", hub_yaml) || access(hub_yaml, R_OK) != 0) return HUB_OK;
    hub_status status = daemon_config_read(settings_folder(call), &config, &complaints);
    if (status != HUB_OK) (void)hub_fail(err, status, "%s", hub_buffer_text(&complaints));
    if (status == HUB_OK) status = daemon_keys_read(config.keys, &keys, err);
    if (status == HUB_OK) {
        (void)crypto_sign_detached(signature, NULL, text.data, text.size, keys.signing_secret);
        hub_hex(signature, sizeof signature, hex);
        hex[sizeof hex - 2] = '\n';
        (void)snprintf(file, sizeof file, "%s.sig", path);
        status = host_file_replace(file, hub_bytes_of(hex, sizeof hex - 1), 0644, err);
        *is_signed = status == HUB_OK;
    }
    sodium_memzero(&keys, sizeof keys);
    hub_buffer_free(&complaints);
    return status;
}

static hub_status write_certificate(const cli_call *call, const kit *k, const conform_report *report, const char *program,
                                    hub_error *err)
{
    char path[SETTINGS_PATH_MAX], json[SETTINGS_PATH_MAX];
    hub_buffer text = {0}, object = {0};
    bool is_signed = false;
    int64_t now_ms = host_wall_ms();
    conform_certificate_text(report, now_ms, program, &text);
    conform_certificate_json(report, now_ms, program, &object);
    hub_status status = settings_path(k->folder, "certificate.txt", path) && settings_path(k->folder, "certificate.json", json)
                            ? HUB_OK
                            : hub_fail(err, HUB_ERR_INVALID, "--folder: the path is too long");
    if (status == HUB_OK) status = host_file_replace(path, hub_buffer_bytes(&text), 0644, err);
    if (status == HUB_OK) status = host_file_replace(json, hub_buffer_bytes(&object), 0644, err);
    if (status == HUB_OK) status = sign(call, json, hub_buffer_bytes(&object), &is_signed, err);
    if (status == HUB_OK) {
        printf("%s", hub_buffer_text(call->json ? &object : &text));
        if (!call->json)
            printf("%s%s\n", path,
                   is_signed ? ", certificate.json and its signature by the hub's signing key, certificate.json.sig"
                             : " and certificate.json");
    }
    hub_buffer_free(&text);
    hub_buffer_free(&object);
    return status;
}

static void say_story(void *context, const char *story)
{
    const cli_call *call = context;
    if (!call->json) fprintf(stderr, "story: %s\n", story);
}

cli_exit verb_conformance(cli_call *call)
{
    hub_error err = {{0}};
    static conform_report report;
    char endpoint[160], program[2 * HUB_DIGEST_BYTES + 16];
    kit k = {.folder = cli_flag_text(call, "folder"), .listen = cli_flag_text(call, "listen")};
    if (k.folder == NULL) return cli_usage(call, "--folder is needed: where keys, log and certificate are put");
    if (k.listen == NULL) k.listen = "127.0.0.1:7411";
    hub_status status = prepare(&k, &err);
    if (status == HUB_OK && (k.made || (!cli_flag_given(call, "drop") && !cli_flag_given(call, "send")))) {
        say_prepared(&k);
        return CLI_DONE;
    }
    if (status == HUB_OK && !cli_flag_given(call, "golden"))
        return cli_usage(call, "--golden is needed: a good input of its format");
    (void)snprintf(endpoint, sizeof endpoint, "tcp://%s", k.listen);
    conform_options options = {.endpoint = endpoint,
                               .server = k.server,
                               .command = call->argument_count > 0 ? call->arguments : NULL,
                               .log = k.log,
                               .drop = cli_flag_given(call, "send") ? NULL : cli_flag_text(call, "drop"),
                               .way = cli_flag_text(call, "send"),
                               .token = cli_flag_text(call, "token"),
                               .golden = cli_flag_text(call, "golden"),
                               .hostile = cli_flag_text(call, "hostile"),
                               .only = cli_flag_text(call, "only"),
                               .progress = say_story,
                               .context = call};
    memcpy(options.candidate, k.own.public_key, BUS_KEY_BYTES);
    if (status == HUB_OK) status = program_digest(cli_flag_text(call, "program"), program, &err);
    if (status == HUB_OK) status = conform_run(&options, &report, &err);
    if (status == HUB_OK) status = write_certificate(call, &k, &report, program, &err);
    sodium_memzero(&k, sizeof k);
    if (status != HUB_OK) return cli_fail(call, status, &err);
    return conform_passed(&report) ? CLI_DONE : CLI_FAILED;
}
