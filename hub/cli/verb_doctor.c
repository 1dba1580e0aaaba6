/* doctor - why does it not work? One step after the other, each with what was found, the cause, and what to do.
 *
 * A wrong key, a closed port and a hub that is down look alike to ZeroMQ; so each step looks at one thing only, and the first that fails
 * is the cause of what follows.
 */
#include "cli/verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netdb.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "cli/status.h"
#include "event/event.h"
#include "host/clock.h"
#include "host/files.h"
#include "json/json.h"

enum { PORT_TIMEOUT_MS = 3000, HOST_BYTES_MAX = 128 };

finding doctor_say(doctor *d, finding how, const char *step, const char *found, const char *fix)
{
    static const char *const WORDS[] = {"ok", "note", "WRONG"};
    static const char *const LEVELS[] = {"ok", "note", "wrong"};
    static const print_style STYLES[] = {PRINT_GREEN, PRINT_AMBER, PRINT_RED};
    d->bad += how == FINDING_BAD;
    if (d->call->json) {
        hub_buffer_put_format(&d->out, "{\"step\":\"%s\",\"found\":\"%s\",\"text\":", step, LEVELS[how]);
        json_put_text(&d->out, found);
        hub_buffer_put_text(&d->out, ",\"fix\":");
        json_put_text(&d->out, fix != NULL ? fix : "");
        hub_buffer_put_text(&d->out, "}\n");
    } else {
        print_styled(&d->out, d->call->colour, STYLES[how], WORDS[how]);
        hub_buffer_put_format(&d->out, "%*s%-14s  ", (int)(7 - strlen(WORDS[how])), "", step);
        print_clean(&d->out, found);
        hub_buffer_put_text(&d->out, "\n");
        if (fix != NULL) hub_buffer_put_format(&d->out, "%23s-> %s\n", "", fix);
    }
    print_flush(&d->out);
    return how;
}

finding doctor_say_format(doctor *d, finding how, const char *step, const char *fix, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return doctor_say(d, how, step, text, fix);
}

static finding check_config(doctor *d)
{
    hub_error err = {{0}};
    char text[SETTINGS_PATH_MAX + 80];
    if (settings_read(d->call, &d->from, &err) != HUB_OK || settings_timeout(d->call, &d->timeout_ms, &err) != HUB_OK)
        return doctor_say(d, FINDING_BAD, "config", err.text, "mend the place named; mashctl help doctor lists the flags");
    if (!d->from.from_file) {
        snprintf(text, sizeof text, "no mashctl.yaml in %s: defaults are used", d->from.folder);
        return doctor_say(d, FINDING_NOTE, "config", text,
                          "name its folder with --config DIR or MASHHUB_CONFIG, or give --key, --server-key, --endpoint");
    }
    snprintf(text, sizeof text, "%s/mashctl.yaml", d->from.folder);
    return doctor_say(d, FINDING_GOOD, "config", text, NULL);
}

static finding check_own_key(doctor *d)
{
    hub_error err = {{0}};
    char text[BUS_KEY_TEXT];
    char line[128];
    hub_status status = bus_key_pair_read(d->from.key, &d->keys, &err);
    if (status == HUB_ERR_REFUSED)
        return doctor_say(d, FINDING_BAD, "own key", err.text, "chmod 600 it; if others could read it for long, make a new one");
    if (status != HUB_OK)
        return doctor_say(d, FINDING_BAD, "own key", err.text,
                          "mashctl keys new NAME makes one; then have the operator enrol NAME.pub");
    bus_key_text(d->keys.public_key, text);
    snprintf(line, sizeof line, "readable by its owner alone; its public half is %s", text);
    return doctor_say(d, FINDING_GOOD, "own key", line, NULL);
}

static finding check_server_key(doctor *d)
{
    hub_error err = {{0}};
    char text[BUS_KEY_TEXT];
    char line[128];
    if (bus_public_key_read(d->from.server_key, d->server_key, &err) != HUB_OK)
        return doctor_say(d, FINDING_BAD, "server key", err.text, "copy hub.pub from the hub's operator, by a way you trust");
    bus_key_text(d->server_key, text);
    snprintf(line, sizeof line, "expects the hub to be %s", text);
    return doctor_say(d, FINDING_GOOD, "server key", line, NULL);
}

/* "tcp://host:port" in two parts. */
static bool split_endpoint(const char *endpoint, char host[HOST_BYTES_MAX], char port[8])
{
    const char *colon = strrchr(endpoint, ':');
    if (strncmp(endpoint, "tcp://", 6) != 0 || colon == NULL || colon < endpoint + 7) return false;
    size_t size = (size_t)(colon - endpoint) - 6;
    if (size >= HOST_BYTES_MAX || strlen(colon + 1) == 0 || strlen(colon + 1) > 5) return false;
    snprintf(host, HOST_BYTES_MAX, "%.*s", (int)size, endpoint + 6);
    if (host[0] == '[' && host[size - 1] == ']') { /* an IPv6 address */
        memmove(host, host + 1, size - 2);
        host[size - 2] = '\0';
    }
    snprintf(port, 8, "%s", colon + 1);
    return true;
}

/* 0, or the errno of a plain TCP connection. */
static int try_port(const struct addrinfo *address)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return errno;
    int cause = connect(fd, address->ai_addr, address->ai_addrlen) == 0 ? 0 : errno;
    if (cause == EINPROGRESS) {
        struct pollfd wait = {.fd = fd, .events = POLLOUT};
        socklen_t size = sizeof cause;
        if (poll(&wait, 1, PORT_TIMEOUT_MS) != 1)
            cause = ETIMEDOUT;
        else
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &cause, &size);
    }
    close(fd);
    return cause;
}

finding doctor_port(doctor *d, const char *step, const char *endpoint)
{
    char host[HOST_BYTES_MAX], port[8], text[256];
    if (!split_endpoint(endpoint, host, port))
        return doctor_say(d, FINDING_BAD, step, "the endpoint is not tcp://host:port", "mend it in the configuration");
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int code = getaddrinfo(host, port, &hints, &found);
    if (code != 0) {
        snprintf(text, sizeof text, "%s: %s", host, gai_strerror(code));
        return doctor_say(d, FINDING_BAD, step, text, "check the name, or give the address");
    }
    int cause = try_port(found);
    freeaddrinfo(found);
    snprintf(text, sizeof text, "%s %s", endpoint, cause == 0 ? "takes connections" : strerror(cause));
    if (cause == 0) return doctor_say(d, FINDING_GOOD, step, text, NULL);
    const char *fix = "check address, routes and firewalls between here and there";
    if (cause == ECONNREFUSED)
        fix = "port closed: nobody listens there: start mashhubd (its log says why if it stopped), or mend the port";
    if (cause == ETIMEDOUT)
        fix = "port closed: nothing answers: a firewall drops it (ask for TCP to this address and port), or the machine is down";
    return doctor_say(d, FINDING_BAD, step, text, fix);
}

/* Waits until there is a session, or a cause that time does not change. */
static bool is_known(bus_client_trouble trouble)
{
    return trouble == BUS_CLIENT_NOT_ENROLLED || trouble == BUS_CLIENT_REVOKED || trouble == BUS_CLIENT_HANDSHAKE_FAILED ||
           trouble == BUS_CLIENT_NOT_ALLOWED;
}

/* The last step but one: why is there no session? */
static finding no_session(doctor *d, const char *why, const char *enrol_fix)
{
    static const char HELD[] = "the hub proved that it holds the server key";
    switch (d->hub.trouble) {
    case BUS_CLIENT_NOT_ENROLLED:
        doctor_say(d, FINDING_GOOD, "handshake", HELD, NULL);
        return doctor_say(d, FINDING_BAD, "enrolled", "not enrolled: the hub does not let this key in", enrol_fix);
    case BUS_CLIENT_REVOKED:
        doctor_say(d, FINDING_GOOD, "handshake", HELD, NULL);
        return doctor_say(
            d, FINDING_BAD, "enrolled", "revoked: this key was shut out, and is never let in again",
            "ask the hub's operator why (mashctl doctor NAME tells them when); then remove the key's two files, make a new "
            "key and have that enrolled");
    case BUS_CLIENT_HANDSHAKE_FAILED:
        return doctor_say(d, FINDING_BAD, "handshake",
                          "wrong server key: whoever listens there does not hold the one named above",
                          "have the hub's operator make the enrolment's answer anew (mashctl enrol accept) and read out its "
                          "fingerprint; take the "
                          "right hub.pub, or the right endpoint");
    case BUS_CLIENT_NOT_ALLOWED:
        doctor_say(d, FINDING_GOOD, "handshake", HELD, NULL);
        return doctor_say(d, FINDING_BAD, "endpoint", why,
                          "adapters connect to the agency's endpoint (port 7401), everybody else to the team's (7402)");
    case BUS_CLIENT_SILENT:
        return doctor_say(d, FINDING_BAD, "handshake", why,
                          "the hub may hang or be recovering (ask its operator: its log says), a firewall on the way takes the "
                          "connection and drops "
                          "what is said, or it is no hub that listens there");
    default:
        return doctor_say(d, FINDING_BAD, "handshake", why,
                          "see the steps above; where all of them are well, ask again with --timeout 30");
    }
}

finding doctor_session(doctor *d, session_class which, const char *enrol_fix)
{
    hub_error err = {{0}};
    hub_status status = session_start_as(&d->from, &d->keys, d->server_key, d->timeout_ms, which, NULL, &d->hub, &err);
    const uint64_t until_us = host_monotonic_us() + (uint64_t)d->timeout_ms * 1000;
    char silent[sizeof d->hub.trouble_text] = ""; /* of two endpoints: a closed one says less than one that takes connections */
    while (status == HUB_OK && !d->hub.open && !is_known(d->hub.trouble) && session_turn(&d->hub, until_us)) {
        if (d->hub.trouble == BUS_CLIENT_SILENT) (void)snprintf(silent, sizeof silent, "%s", d->hub.trouble_text);
    }
    if (silent[0] != '\0' && !d->hub.open && !is_known(d->hub.trouble)) {
        d->hub.trouble = BUS_CLIENT_SILENT;
        (void)snprintf(d->hub.trouble_text, sizeof d->hub.trouble_text, "%s", silent);
    }
    if (status == HUB_OK && !d->hub.open)
        status = hub_fail(&err, HUB_ERR_AGAIN, "no session: %s", bus_client_trouble_text(d->hub.trouble));
    if (status != HUB_OK) return no_session(d, d->hub.trouble_text[0] != '\0' ? d->hub.trouble_text : err.text, enrol_fix);
    doctor_say(d, FINDING_GOOD, "handshake", "the hub proved that it holds the server key", NULL);
    return doctor_say_format(d, FINDING_GOOD, "enrolled", NULL, "as \"%s\" with partnership %s, hub %s", d->hub.peer_name,
                             d->hub.partnership, d->hub.software);
}

finding doctor_clock(doctor *d)
{
    char text[160], words[PRINT_DURATION_TEXT];
    int64_t skew_ms = d->hub.wall_at_welcome_ms - d->hub.hub_time_ms;
    int64_t size_ms = skew_ms < 0 ? -skew_ms : skew_ms;
    print_duration(skew_ms, words);
    if (size_ms < SKEW_GOOD_MS) return doctor_say(d, FINDING_GOOD, "clock", "agrees with hub time to two seconds", NULL);
    snprintf(text, sizeof text, "this machine and the hub differ: this one is %s %s hub time", words,
             skew_ms > 0 ? "ahead of" : "behind");
    bool harmful = size_ms > EVENT_FUTURE_MS_MAX;
    const char *fix = !harmful      ? "look at both clocks (timedatectl), and synchronise the wrong one: timedatectl set-ntp true"
                      : skew_ms > 0 ? "look at both clocks (timedatectl; the hub's operator at theirs), and synchronise the "
                                      "wrong one: timedatectl set-ntp true. "
                                      "What is dated by this one is held until that time has come"
                                    : "look at both clocks (timedatectl; the hub's operator at theirs), and synchronise the "
                                      "wrong one: timedatectl set-ntp true. "
                                      "Where it is this one, what the source does not date is dated too early";
    return doctor_say(d, harmful ? FINDING_BAD : FINDING_NOTE, "clock", text, fix);
}

const Mash__V1__PeerStatus *doctor_peer_named(const Mash__V1__Status *state, const char *name)
{
    for (size_t i = 0; i < state->n_peers; i++) {
        if (strcmp(state->peers[i]->name, name) == 0) return state->peers[i];
    }
    return NULL;
}

static void check_hub(doctor *d)
{
    hub_error err = {{0}};
    const Mash__V1__Status *state = NULL;
    const char *other = d->call->argument_count > 0 ? d->call->arguments[0] : NULL;
    hub_status status = status_ask(&d->hub, STATUS_ALL, &state, &err);
    if (status == HUB_ERR_REFUSED) {
        doctor_say(d, other != NULL ? FINDING_BAD : FINDING_GOOD, "kind",
                   "this key may not read the hub's status; that is an operator's or auditor's right",
                   other != NULL ? "ask with an operator's key" : NULL);
        return;
    }
    if (status != HUB_OK) {
        doctor_say(d, FINDING_BAD, "answers", err.text, "the hub is busy or stopping; try again, and look at its log");
        return;
    }
    const Mash__V1__PeerStatus *own = doctor_peer_named(state, d->hub.peer_name);
    char kind[64] = "peer", text[160];
    if (own != NULL) event_enum_name(&mash__v1__peer_kind__descriptor, (int)own->kind, kind);
    const char *agency =
        own != NULL && own->agency != MASH__V1__AGENCY__AGENCY_UNSPECIFIED ? event_agency_name(own->agency) : NULL;
    snprintf(text, sizeof text, "enrolled as %s%s%s", kind, agency != NULL ? " of " : "", agency != NULL ? agency : "");
    doctor_say(d, FINDING_GOOD, "kind", text, NULL);
    if (own != NULL && own->kind == MASH__V1__PEER_KIND__PEER_KIND_ADAPTER) {
        snprintf(text, sizeof text, "%" PRIu64 " stored, %" PRIu64 " repeats, %" PRIu64 " refused", own->stored, own->duplicates,
                 own->refused);
        doctor_say(d, own->refused > 0 ? FINDING_NOTE : FINDING_GOOD, "outbox", text,
                   own->refused > 0 ? "the adapter's quarantine has the reasons" : NULL);
    }
    for (size_t i = 0; i < state->n_alarms; i++)
        doctor_say(d, FINDING_NOTE, "alarm", state->alarms[i], "deploy/RUNBOOK.md, \"Alarms\"");
    if (other != NULL)
        doctor_of_peer(d, state, other);
    else
        doctor_of_strangers(d, state);
}

static void go_through(doctor *d)
{
    if (cli_flag_given(d->call, "adapter")) {
        doctor_adapter(d, cli_flag_text(d->call, "adapter"));
        return;
    }
    if (check_config(d) == FINDING_BAD) return;
    bool keys = check_own_key(d) != FINDING_BAD;
    keys = check_server_key(d) != FINDING_BAD && keys;
    bool team = doctor_port(d, "team port", d->from.team) != FINDING_BAD;
    if (strcmp(d->from.team, d->from.agency) != 0) doctor_port(d, "agency port", d->from.agency);
    if (!keys || !team) return;
    if (doctor_session(d, SESSION_TEAM,
                       "the operator lets it in: mashctl enrol accept LINE, or mashctl keys enrol ... KEY.pub") != FINDING_BAD) {
        doctor_clock(d);
        check_hub(d);
    }
    session_close(&d->hub);
}

cli_exit verb_doctor(cli_call *call)
{
    doctor d = {.call = call};
    go_through(&d);
    if (!call->json) {
        if (d.bad == 0)
            hub_buffer_put_text(&d.out, "nothing wrong was found\n");
        else
            hub_buffer_put_format(&d.out, "%u wrong; begin with the first\n", d.bad);
        print_flush(&d.out);
    }
    hub_buffer_free(&d.out);
    return d.bad == 0 ? CLI_DONE : CLI_FAILED;
}
