/* enrol request, enrol accept - an adapter becomes known to the hub: one command on each side, a line each way, a telephone call. */
#include "cli/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/enrol_line.h"
#include "cli/status.h"
#include "event/event.h"
#include "host/files.h"
#include "host/random.h"
#include "kit/config.h"

enum { ARENA_BYTES = 256 * 1024, LINE_MAX_BYTES = 16 * 1024, ENDPOINTS_MAX = 2, CONFIG_BYTES_MAX = 1024 * 1024 };

/* Did both sides read the same? By --fingerprint, or asked where there is somebody to ask. `lacking` says what to do when neither is. */
static hub_status compared(const cli_call *call, const enrol_fingerprint *fingerprint, const char *lacking,
                           const char *nothing_done, hub_error *err)
{
    char typed[128];
    const char *given = cli_flag_text(call, "fingerprint");
    if (given == NULL && isatty(STDIN_FILENO)) {
        fprintf(stderr, "ring them; which fingerprint do they read out? ");
        if (fgets(typed, sizeof typed, stdin) != NULL) given = typed;
    }
    if (given == NULL) return hub_fail(err, HUB_ERR_INVALID, "--fingerprint is needed: %s", lacking);
    if (enrol_fingerprint_is(fingerprint, given)) return HUB_OK;
    return hub_fail(err, HUB_ERR_REFUSED, "the fingerprint is not that of this line: it is not their line, or it was misread; %s",
                    nothing_done);
}

/* ---- the agency's side -------------------------------------------------------------------------------------------------------- */

/* The key of the configuration; made when it is not there. */
static hub_status own_key(const kit_config *config, bus_key_pair *keys, bool *made, hub_error *err)
{
    char path[KIT_PATH_MAX];
    size_t length = strlen(config->key);
    *made = false;
    hub_status status = bus_key_pair_read(config->key, keys, err);
    if (status != HUB_ERR_NOT_FOUND) return status;
    if (length < 5 || strcmp(config->key + length - 4, ".key") != 0)
        return hub_fail(err, HUB_ERR_INVALID, "`key: %s` does not end in .key; name the file NAME.key", config->key);
    (void)snprintf(path, sizeof path, "%.*s", (int)(length - 4), config->key);
    char *slash = strrchr(path, '/');
    if (slash != NULL && slash != path) {
        *slash = '\0';
        status = host_folder_make(path, 0700, err);
        *slash = '/';
        if (status != HUB_OK) return status;
    }
    bus_key_pair_make(keys);
    *made = true;
    return bus_key_pair_write(path, keys, err);
}

static void put_request(const kit_config *config, const bus_key_pair *keys, hub_buffer *out, enrol_fingerprint *fingerprint)
{
    Mash__V1__Enrol enrol = MASH__V1__ENROL__INIT;
    enrol.public_key = (ProtobufCBinaryData){.data = (uint8_t *)(uintptr_t)keys->public_key, .len = BUS_KEY_BYTES};
    enrol.kind = MASH__V1__PEER_KIND__PEER_KIND_ADAPTER;
    enrol.agency = config->agency;
    enrol.name = (char *)(uintptr_t)config->name;
    enrol.source_system = (char *)(uintptr_t)config->source_system;
    enrol_line_put(ENROL_REQUEST, &enrol.base, out, fingerprint);
}

/* The list of `endpoints` in the text of a configuration, "[...]" on one line: where it begins and ends. */
static bool find_endpoints(const char *text, size_t *begin, size_t *end)
{
    for (const char *at = strstr(text, "endpoints:"); at != NULL; at = strstr(at + 1, "endpoints:")) {
        const char *line = at;
        while (line > text && line[-1] != '\n')
            line--;
        if (memchr(line, '#', (size_t)(at - line)) != NULL) continue;
        const char *open = at + strlen("endpoints:");
        open += strspn(open, " ");
        const char *close = strpbrk(open, "]\n");
        if (*open != '[' || close == NULL || *close != ']') return false;
        *begin = (size_t)(open - text);
        *end = (size_t)(close + 1 - text);
        return true;
    }
    return false;
}

/* Puts the hub's endpoints into the configuration, and leaves every other byte as it is. */
static hub_status write_endpoints(const kit_config *config, const Mash__V1__EnrolAnswer *answer, hub_error *err)
{
    size_t begin = 0, end = 0;
    struct stat entry;
    hub_buffer old = {0}, changed = {0};
    hub_status status = host_file_read(config->file, CONFIG_BYTES_MAX, &old, err);
    if (status == HUB_OK && !find_endpoints(hub_buffer_text(&old), &begin, &end))
        status = hub_fail(err, HUB_ERR_INVALID,
                          "%s: `endpoints` of `hub` is no list on one line, as in endpoints: [tcp://127.0.0.1:7401]; make it "
                          "one, and do this again",
                          config->file);
    if (status == HUB_OK) {
        hub_buffer_put(&changed, old.data, begin);
        for (size_t i = 0; i < answer->n_endpoints; i++)
            hub_buffer_put_format(&changed, "%s\"%s\"", i == 0 ? "[" : ", ", answer->endpoints[i]);
        hub_buffer_put_text(&changed, "]");
        hub_buffer_put(&changed, old.data + end, old.size - end);
        unsigned mode = stat(config->file, &entry) == 0 ? entry.st_mode & 0777u : 0640u;
        status = changed.failed ? HUB_ERR_MEMORY : host_file_replace(config->file, hub_buffer_bytes(&changed), mode, err);
    }
    hub_buffer_free(&old);
    hub_buffer_free(&changed);
    return status;
}

static hub_status write_server_key(const kit_config *config, const Mash__V1__EnrolAnswer *answer, hub_error *err)
{
    char text[BUS_KEY_TEXT + 1];
    uint8_t held[BUS_KEY_BYTES];
    bus_key_text(answer->server_key.data, text);
    if (bus_key_is_text(config->server_key)) {
        if (strcmp(config->server_key, text) == 0) return HUB_OK;
        return hub_fail(err, HUB_ERR_INVALID,
                        "%s: `server_key` is another key, written out; put a file there instead, as in server_key: keys/hub.pub, "
                        "and do this again",
                        config->file);
    }
    if (bus_public_key_read(config->server_key, held, NULL) == HUB_OK &&
        memcmp(held, answer->server_key.data, BUS_KEY_BYTES) != 0)
        return hub_fail(
            err, HUB_ERR_REFUSED,
            "%s holds another hub's key already: when the hub really has a new one, remove that file and do this again",
            config->server_key);
    char folder[KIT_PATH_MAX];
    (void)snprintf(folder, sizeof folder, "%s", config->server_key);
    char *slash = strrchr(folder, '/');
    hub_status status = HUB_OK;
    if (slash != NULL && slash != folder) {
        *slash = '\0';
        status = host_folder_make(folder, 0700, err);
    }
    text[BUS_KEY_TEXT - 1] = '\n';
    return status == HUB_OK ? host_file_replace(config->server_key, hub_bytes_of(text, BUS_KEY_TEXT), 0644, err) : status;
}

static hub_status check_answer(const Mash__V1__EnrolAnswer *answer, const bus_key_pair *keys, hub_error *err)
{
    if (answer->server_key.len != BUS_KEY_BYTES || answer->n_endpoints == 0 || answer->n_endpoints > ENDPOINTS_MAX)
        return hub_fail(err, HUB_ERR_INVALID,
                        "the answer lacks the hub's key or endpoints: ask its operator to run mashctl enrol accept again");
    if (answer->public_key.len != BUS_KEY_BYTES || memcmp(answer->public_key.data, keys->public_key, BUS_KEY_BYTES) != 0)
        return hub_fail(err, HUB_ERR_REFUSED,
                        "this answer is for another key: was the key made anew since, or is it another adapter's answer?");
    for (size_t i = 0; i < answer->n_endpoints; i++) {
        const char *endpoint = answer->endpoints[i];
        if (strncmp(endpoint, "tcp://", 6) != 0 || strlen(endpoint) > 200 || strpbrk(endpoint, "\"\\]\n") != NULL)
            return hub_fail(err, HUB_ERR_INVALID, "the answer's endpoint is none; ask the hub's operator for tcp://HOST:PORT");
    }
    return HUB_OK;
}

static void say_taken(const kit_config *config, const Mash__V1__EnrolAnswer *answer)
{
    bool is_theirs = false;
    printf("the hub of %s knows this adapter as %s\n", answer->partnership, answer->name);
    for (size_t i = 0; i < answer->n_endpoints; i++)
        printf("endpoint                  %s\n", answer->endpoints[i]);
    for (size_t i = 0; i < answer->n_areas; i++) {
        printf("area                      %s %s\n", answer->areas[i]->code, answer->areas[i]->name);
        is_theirs = is_theirs || strcmp(answer->areas[i]->code, config->area) == 0;
    }
    if (config->area[0] != '\0' && answer->n_areas > 0 && !is_theirs)
        printf("WRONG                     area: %s in %s is none of these; put the right one there\n", config->area,
               config->file);
    printf("written into %s; next: mashctl doctor --adapter %s\n", config->file, config->file);
}

/* Nothing is written before a person has said that the hub's operator reads out the same. */
static hub_status compare_answer(const cli_call *call, const enrol_fingerprint *fingerprint, hub_error *err)
{
    char lacking[200];
    (void)snprintf(lacking, sizeof lacking,
                   "this answer's is %s; ring the hub's operator, and do this again with what they read out when it is the same; "
                   "nothing was written",
                   fingerprint->text);
    return compared(call, fingerprint, lacking, "nothing was written", err);
}

static hub_status take_answer(const cli_call *call, const kit_config *config, const bus_key_pair *keys, const char *line,
                              hub_error *err)
{
    hub_arena arena = {0};
    ProtobufCMessage *message = NULL;
    enrol_fingerprint fingerprint;
    hub_status status = hub_arena_open(&arena, ARENA_BYTES, ARENA_BYTES);
    if (status == HUB_OK) status = enrol_line_read(ENROL_ANSWER, line, &arena, &message, &fingerprint, err);
    const Mash__V1__EnrolAnswer *answer = (const Mash__V1__EnrolAnswer *)(const void *)message;
    if (status == HUB_OK) status = check_answer(answer, keys, err);
    if (status == HUB_OK) status = compare_answer(call, &fingerprint, err);
    if (status == HUB_OK) status = write_server_key(config, answer, err);
    if (status == HUB_OK) status = write_endpoints(config, answer, err);
    if (status == HUB_OK) say_taken(config, answer);
    hub_arena_close(&arena);
    return status;
}

static void say_request(const kit_config *config, const bus_key_pair *keys, bool made, const char *file)
{
    enrol_fingerprint fingerprint = {{0}};
    hub_buffer line = {0};
    put_request(config, keys, &line, &fingerprint);
    if (made) fprintf(stderr, "made %s: secret, stays on this machine\n", config->key);
    fprintf(stderr, "1. send this line to the hub's operator, by mail if you like; nothing in it is secret\n");
    printf("%s\n", hub_buffer_text(&line));
    fflush(stdout);
    fprintf(stderr,
            "2. ring them and read out the fingerprint     %s\n"
            "3. they send a line back, and read out its fingerprint: mashctl enrol request --adapter %s 'LINE' --fingerprint "
            "'DIGITS'\n",
            fingerprint.text, file);
    hub_buffer_free(&line);
}

cli_exit verb_enrol_request(cli_call *call)
{
    static kit_config config;
    static char typed[LINE_MAX_BYTES];
    hub_error err = {{0}};
    bus_key_pair keys;
    bool made = false;
    yaml_problems problems = {0};
    const char *file = cli_flag_text(call, "adapter");
    const char *line = call->argument_count > 0 ? call->arguments[0] : NULL;
    if (file == NULL) return cli_usage(call, "--adapter is needed: the adapter's configuration");
    kit_config_read(file, KIT_MAPPINGS, &config, &problems);
    hub_status status = HUB_OK;
    if (problems.count > 0) {
        fprintf(stderr, "%s", hub_buffer_text(&problems.text));
        status = hub_fail(&err, HUB_ERR_INVALID, "mend the configuration first");
    }
    if (status == HUB_OK) status = own_key(&config, &keys, &made, &err);
    if (status == HUB_OK && line == NULL) {
        say_request(&config, &keys, made, file);
        if (isatty(STDIN_FILENO)) {
            fprintf(stderr, "or paste it here (Return alone: later): ");
            if (fgets(typed, sizeof typed, stdin) != NULL && typed[0] != '\n') line = typed;
        }
    }
    if (status == HUB_OK && line != NULL) status = take_answer(call, &config, &keys, line, &err);
    explicit_bzero(&keys, sizeof keys);
    yaml_problems_free(&problems);
    kit_config_free(&config);
    return status == HUB_OK ? CLI_DONE : cli_fail(call, status, &err);
}

/* ---- the hub's side ----------------------------------------------------------------------------------------------------------- */

/* Enrols, unless this very key is enrolled under this name already: then the answer is only made again. */
static hub_status let_in(session *hub, const cli_call *call, Mash__V1__Enrol *enrol, bool *known, hub_error *err)
{
    const Mash__V1__Status *state = NULL;
    Mash__V1__CommandReply reply;
    Mash__V1__Command command = MASH__V1__COMMAND__INIT;
    hub_status status = status_ask(hub, STATUS_ALL, &state, err);
    *known = false;
    for (size_t i = 0; status == HUB_OK && i < state->n_peers; i++) {
        const Mash__V1__PeerStatus *peer = state->peers[i];
        bool is_it =
            peer->public_key.len == BUS_KEY_BYTES && memcmp(peer->public_key.data, enrol->public_key.data, BUS_KEY_BYTES) == 0;
        if (is_it && peer->revoked)
            return hub_fail(err, HUB_ERR_REFUSED,
                            "this key was revoked, and a revoked key stays out: they are to remove it, and to make a new one by "
                            "mashctl enrol request");
        *known = *known || (is_it && strcmp(peer->name, enrol->name) == 0);
    }
    if (status != HUB_OK || *known) return status;
    command.what_case = MASH__V1__COMMAND__WHAT_ENROL;
    command.enrol = enrol;
    return command_send(hub, &command, cli_flag_text(call, "reason"), &reply, err);
}

static size_t read_endpoints(const cli_call *call, const settings *from, char text[512], char *endpoints[ENDPOINTS_MAX])
{
    const char *given = cli_flag_text(call, "reachable");
    char *rest = NULL;
    size_t count = 0;
    (void)snprintf(text, 512, "%s", given != NULL ? given : from->agency);
    for (char *one = strtok_r(text, ", ", &rest); one != NULL && count < ENDPOINTS_MAX; one = strtok_r(NULL, ", ", &rest))
        endpoints[count++] = one;
    if (given == NULL && strstr(from->agency, "//127.") != NULL)
        fprintf(stderr,
                "note: the answer names %s, which is this machine alone; agencies elsewhere need --reachable tcp://HOST:7401\n",
                from->agency);
    return count;
}

static hub_status answer(session *hub, const cli_call *call, const Mash__V1__Enrol *enrol, hub_error *err)
{
    char text[512];
    enrol_fingerprint fingerprint = {{0}};
    char *endpoints[ENDPOINTS_MAX];
    settings from;
    bus_key_pair keys;
    uint8_t server_key[BUS_KEY_BYTES];
    const Mash__V1__Status *state = NULL;
    hub_buffer line = {0};
    Mash__V1__EnrolAnswer out = MASH__V1__ENROL_ANSWER__INIT;
    hub_status status = settings_read(call, &from, err);
    if (status == HUB_OK) status = settings_keys(&from, &keys, server_key, err);
    explicit_bzero(&keys, sizeof keys);
    if (status == HUB_OK) status = status_ask(hub, STATUS_OWN, &state, err);
    if (status != HUB_OK) return status;
    out.server_key = (ProtobufCBinaryData){.data = server_key, .len = sizeof server_key};
    out.public_key = enrol->public_key;
    out.name = enrol->name;
    out.partnership = state->partnership;
    out.endpoints = endpoints;
    out.n_endpoints = read_endpoints(call, &from, text, endpoints);
    out.areas = state->areas;
    out.n_areas = state->n_areas;
    enrol_line_put(ENROL_ANSWER, &out.base, &line, &fingerprint);
    fprintf(stderr, "send this line back, ring them, and read them its fingerprint     %s\n", fingerprint.text);
    printf("%s\n", hub_buffer_text(&line));
    hub_buffer_free(&line);
    return HUB_OK;
}

static hub_status accept_line(cli_call *call, Mash__V1__Enrol *enrol, const enrol_fingerprint *fingerprint, hub_error *err)
{
    session hub = {0};
    bool known = false;
    const char *agency = event_agency_name(enrol->agency);
    if (enrol->kind != MASH__V1__PEER_KIND__PEER_KIND_ADAPTER || enrol->public_key.len != BUS_KEY_BYTES || agency == NULL)
        return hub_fail(err, HUB_ERR_REFUSED,
                        "the line asks for something else than an adapter; others are enrolled by mashctl keys enrol");
    if (cli_flag_given(call, "name")) enrol->name = (char *)(uintptr_t)cli_flag_text(call, "name");
    fprintf(stderr, "asks to be enrolled: adapter %s, for %s, source system %s\n", enrol->name, agency, enrol->source_system);
    hub_status status = compared(call, fingerprint, "ring the agency, and type what they read out", "nobody was enrolled", err);
    if (status == HUB_OK) status = session_open(call, SESSION_TEAM, &hub, err);
    if (status != HUB_OK) return status;
    status = let_in(&hub, call, enrol, &known, err);
    if (status == HUB_OK) fprintf(stderr, "%s: %s\n", known ? "was enrolled already" : "enrolled", enrol->name);
    if (status == HUB_OK) status = answer(&hub, call, enrol, err);
    session_close(&hub);
    return status;
}

cli_exit verb_enrol_accept(cli_call *call)
{
    hub_error err = {{0}};
    hub_arena arena = {0};
    ProtobufCMessage *message = NULL;
    enrol_fingerprint fingerprint;
    hub_status status = hub_arena_open(&arena, ARENA_BYTES, ARENA_BYTES);
    if (status == HUB_OK) status = enrol_line_read(ENROL_REQUEST, call->arguments[0], &arena, &message, &fingerprint, &err);
    if (status == HUB_OK) status = accept_line(call, (Mash__V1__Enrol *)(void *)message, &fingerprint, &err);
    hub_arena_close(&arena);
    return status == HUB_OK ? CLI_DONE : cli_fail(call, status, &err);
}
