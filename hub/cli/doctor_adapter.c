/* doctor_adapter.c - an adapter's own configuration on its own machine, step by step, and then the hub's answers about it. */
#include "cli/doctor.h"

#include <inttypes.h>
#include <string.h>

#include "cli/status.h"
#include "event/event.h"
#include "kit/check.h"

static const char ENROL_FIX[] = "mashctl enrol request --adapter FILE prints the line that the hub's operator enrols it by";

static void take(void *context, kit_finding how, const char *step, const char *found, const char *fix)
{
    static const finding FINDINGS[] = {
        [KIT_FINDING_GOOD] = FINDING_GOOD, [KIT_FINDING_NOTE] = FINDING_NOTE, [KIT_FINDING_WRONG] = FINDING_BAD};
    doctor_say(context, FINDINGS[how], step, found, fix);
}

static void check_owner(doctor *d, const kit_config *config, const Mash__V1__PeerStatus *own)
{
    const char *agency = event_agency_name(own->agency);
    if (own->agency != config->agency) {
        doctor_say_format(d, FINDING_BAD, "agency", "put that agency into the configuration, or have the right key enrolled",
                          "this key is enrolled for %s, and the configuration says %s", agency != NULL ? agency : "none",
                          event_agency_name(config->agency));
    } else if (own->source_system[0] != '\0' && strcmp(own->source_system, config->source_system) != 0) {
        doctor_say_format(
            d, FINDING_BAD, "source system",
            "every event would be refused as WRONG_AGENCY: put the enrolled one into the configuration, or enrol a new key",
            "this key is enrolled for %s alone, and the configuration says %s", own->source_system, config->source_system);
    } else {
        doctor_say_format(d, FINDING_GOOD, "agency", NULL, "enrolled for %s, source system %s", agency != NULL ? agency : "none",
                          own->source_system[0] != '\0' ? own->source_system : "any");
    }
}

static void check_area(doctor *d, const kit_config *config, const Mash__V1__Status *state)
{
    hub_buffer list = {0};
    const char *name = NULL;
    for (size_t i = 0; i < state->n_areas; i++) {
        hub_buffer_put_format(&list, "%s%s %s", i > 0 ? ", " : "", state->areas[i]->code, state->areas[i]->name);
        if (strcmp(state->areas[i]->code, config->area) == 0) name = state->areas[i]->name;
    }
    if (config->area[0] == '\0')
        doctor_say_format(d, FINDING_NOTE, "area",
                          "where a record states none it is parked: give `area` when they do not all state one",
                          "the configuration names none; this partnership has %s", hub_buffer_text(&list));
    else if (name != NULL)
        doctor_say_format(d, FINDING_GOOD, "area", NULL, "%s %s", config->area, name);
    else if (state->n_areas > 0)
        doctor_say_format(d, FINDING_BAD, "area",
                          "wrong area: every event without an area of its own would be refused; put the right code under `area`",
                          "%s is none of this partnership's areas: %s", config->area, hub_buffer_text(&list));
    hub_buffer_free(&list);
}

static void check_answers(doctor *d, const kit_config *config)
{
    hub_error err = {{0}};
    const Mash__V1__Status *state = NULL;
    if (status_ask(&d->hub, STATUS_OWN, &state, &err) != HUB_OK) {
        doctor_say(d, FINDING_BAD, "answers", err.text, "the hub is busy or stopping; try again, and ask its operator");
        return;
    }
    if (state->n_peers == 1) {
        const Mash__V1__PeerStatus *own = state->peers[0];
        check_owner(d, config, own);
        doctor_say_format(d, own->refused > 0 ? FINDING_NOTE : FINDING_GOOD, "hub's counts",
                          own->refused > 0 ? "quarantine/ has the reasons" : NULL,
                          "%" PRIu64 " stored, %" PRIu64 " repeats, %" PRIu64 " refused", own->stored, own->duplicates,
                          own->refused);
    }
    check_area(d, config, state);
    for (size_t i = 0; i < state->n_alarms; i++)
        doctor_say(d, FINDING_NOTE, "hub's alarm", state->alarms[i],
                   "it is the hub operator's to see to; what is sent meanwhile waits here");
}

static void check_endpoint(doctor *d, const kit_config *config, unsigned index)
{
    char step[16];
    (void)hub_format(step, sizeof step, config->endpoint_count > 1 ? "endpoint %u" : "endpoint", index + 1);
    (void)hub_format(d->from.agency, sizeof d->from.agency, "%s", config->endpoints[index]);
    if (strncmp(config->endpoints[index], "ipc://", 6) != 0 && doctor_port(d, step, config->endpoints[index]) == FINDING_BAD)
        return;
    if (doctor_session(d, SESSION_AGENCY, ENROL_FIX) != FINDING_BAD) {
        doctor_clock(d);
        check_answers(d, config);
    }
    session_close(&d->hub);
}

void doctor_adapter(doctor *d, const char *file)
{
    static kit_config config;
    yaml_problems problems = {0};
    hub_error err = {{0}};
    kit_config_read(file, KIT_MAPPINGS, &config, &problems);
    kit_check(&config, &problems, take, d);
    bool is_sound = problems.count == 0;
    yaml_problems_free(&problems);
    if (settings_timeout(d->call, &d->timeout_ms, &err) != HUB_OK) {
        doctor_say(d, FINDING_BAD, "timeout", err.text, "give --timeout in seconds");
        is_sound = false;
    }
    is_sound = is_sound && bus_key_pair_read(config.key, &d->keys, NULL) == HUB_OK &&
               bus_public_key_read(config.server_key, d->server_key, NULL) == HUB_OK;
    if (is_sound && kit_is_running(&config))
        doctor_say(d, FINDING_GOOD, "program", "the adapter runs; its session is taken for a moment, and comes back by itself",
                   NULL);
    for (unsigned i = 0; is_sound && i < config.endpoint_count; i++)
        check_endpoint(d, &config, i);
    kit_config_free(&config);
}
