#include "intake.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/event.h"
#include "event/wire.h"
#include "host/log.h"
#include "quarantine.h"
#include "urgent.h"
#include "zone.h"

enum {
    BLOCK_BYTES = 256 * 1024,
    BUDGET_BYTES = 1024 * 1024 * 1024, /* a yearly census of 20,000 children with all their modules needs about a quarter of it */
    KEY_MAX = 128,                     /* of remembered state, by mapping.h */
};

struct kit_intake {
    kit_sink sink; /* first: the sink's ops find the intake by it */
    kit_intake_options options;
    hub_arena arena;
    hub_buffer packed;
    char mapped_by[65]; /* "police-incident-json/1" */
    const kit_input *input;
    kit_outcome *outcome;
    hub_status failure; /* what ended the input */
    hub_error err;
};

static kit_intake *intake_of(kit_sink *sink)
{
    return sink->context;
}

/* Keeps the first operating error: a mapping that goes on after it must not commit. */
static hub_status ended(kit_intake *intake, hub_status status)
{
    if (status != HUB_OK && intake->failure == HUB_OK) intake->failure = status;
    return status;
}

static void show_life(const kit_intake *intake)
{
    if (intake->options.alive != NULL) intake->options.alive(intake->options.context);
}

/* ---- parking ---- */

static hub_status park(kit_intake *intake, const outbox_parked *parked)
{
    if (intake->failure != HUB_OK) return intake->failure;
    kit_outcome *outcome = intake->outcome;
    show_life(intake);
    if (outcome->parked == 0) {
        char place[48];
        kit_place_text(parked->line, parked->column, place);
        (void)snprintf(outcome->reason, sizeof outcome->reason, "%s%s%.160s%s%.180s", place, place[0] != '\0' ? ": " : "",
                       parked->field, parked->field[0] != '\0' ? ": " : "", parked->reason);
    }
    outcome->parked++;
    return ended(intake, outbox_park(intake->options.box, parked, intake->input->received_ms, &intake->err));
}

static hub_status sink_park(kit_sink *sink, hub_bytes record, kit_place place, const char *rule)
{
    kit_intake *intake = intake_of(sink);
    return park(intake, &(outbox_parked){.origin = "mapping",
                                         .field = place.field == NULL ? "" : place.field,
                                         .line = place.line,
                                         .column = place.column,
                                         .reason = rule,
                                         .record = record,
                                         .input = intake->input->name});
}

static hub_status park_event(kit_intake *intake, hub_bytes record, kit_place place, const event_problem *problem)
{
    char field[OUTBOX_FIELD_MAX];
    const char *stated = place.field == NULL ? "" : place.field;
    (void)snprintf(field, sizeof field, stated[0] != '\0' ? "%.90s (%.100s)" : "%.0s%.180s", stated, problem->field_path);
    hub_status status = park(intake, &(outbox_parked){.origin = "check",
                                                      .code = (int32_t)problem->code,
                                                      .field = field,
                                                      .line = place.line,
                                                      .column = place.column,
                                                      .reason = problem->reason,
                                                      .record = record,
                                                      .input = intake->input->name});
    return status == HUB_OK ? HUB_ERR_INVALID : status;
}

static void sink_note(kit_sink *sink, const char *field, const char *rule)
{
    const kit_intake *intake = intake_of(sink);
    host_log(HOST_LOG_WARNING, "left out of an event", "mapping", intake->mapped_by, "field", field, "rule", rule, NULL);
}

/* ---- events ---- */

static char *text_in(kit_intake *intake, const char *text)
{
    return hub_arena_copy(&intake->arena, text, strlen(text));
}

static bool is_empty(const char *text)
{
    return text == NULL || text[0] == '\0';
}

static Mash__V1__Agency agency_of(const kit_intake_options *options)
{
    return options->agency != MASH__V1__AGENCY__AGENCY_UNSPECIFIED ? options->agency : options->mapping->agency;
}

static hub_status complete(kit_intake *intake, Mash__V1__Event *event, const char *reference, const char *discriminator,
                           hub_bytes record)
{
    const kit_intake_options *options = &intake->options;
    char digest[crypto_hash_sha256_BYTES * 2 + 1];
    if (is_empty(reference)) {
        uint8_t hash[crypto_hash_sha256_BYTES];
        crypto_hash_sha256(hash, record.data, record.size);
        hub_hex(hash, sizeof hash, digest);
        reference = digest;
    }
    if (event->agency == MASH__V1__AGENCY__AGENCY_UNSPECIFIED) event->agency = agency_of(options);
    if (is_empty(event->source_system)) event->source_system = text_in(intake, options->source_system);
    if (is_empty(event->area)) event->area = text_in(intake, options->area);
    if (is_empty(event->legal_gateway)) event->legal_gateway = text_in(intake, options->legal_gateway);
    if (event->recorded_at == 0) event->recorded_at = intake->input->received_ms;
    event->source_reference = text_in(intake, reference);
    event->mapping = text_in(intake, intake->mapped_by);
    hub_id id;
    event->event_id.data = hub_arena_take(&intake->arena, HUB_ID_BYTES);
    if (event->source_system == NULL || event->area == NULL || event->legal_gateway == NULL || event->source_reference == NULL ||
        event->mapping == NULL || event->event_id.data == NULL) {
        return hub_fail(&intake->err, HUB_ERR_MEMORY, "out of memory");
    }
    event_id_derive(event->agency, event->source_system, event->source_reference, (uint32_t)event->payload_case, discriminator,
                    &id);
    memcpy(event->event_id.data, id.bytes, HUB_ID_BYTES);
    event->event_id.len = HUB_ID_BYTES;
    return HUB_OK;
}

static hub_status sink_event(kit_sink *sink, Mash__V1__Event *event, const char *reference, const char *discriminator,
                             hub_bytes record, kit_place place)
{
    kit_intake *intake = intake_of(sink);
    if (intake->failure != HUB_OK) return intake->failure;
    show_life(intake);
    hub_status status = complete(intake, event, reference, discriminator, record);
    if (status != HUB_OK) return ended(intake, status);

    event_problem problem = {0};
    if (!event_validate(event, intake->input->received_ms, &problem)) return park_event(intake, record, place, &problem);
    hub_buffer_clear(&intake->packed);
    if (event_wire_pack(&event->base, &intake->packed) != HUB_OK) {
        return ended(intake, hub_fail(&intake->err, HUB_ERR_MEMORY, "out of memory"));
    }
    if (intake->packed.size > EVENT_BYTES_MAX) {
        event_problem_set(&problem, MASH__V1__REFUSAL_CODE__TOO_LARGE, "larger than 64 KiB: send less free text or fewer people",
                          "%s", "");
        return park_event(intake, record, place, &problem);
    }
    hub_id id;
    bool sound = hub_id_read(hub_bytes_of(event->event_id.data, event->event_id.len), &id);
    HUB_ASSERT(sound);
    const kit_intake_options *options = &intake->options;
    int64_t put_ms = options->put_ms != NULL ? options->put_ms(options->context) : intake->input->received_ms;
    status = outbox_put(options->box, &id, hub_buffer_bytes(&intake->packed), kit_event_urgency(event), put_ms, &intake->err);
    if (status == HUB_OK) intake->outcome->events++;
    return ended(intake, status);
}

/* ---- remembered state ---- */

static hub_status sink_get(kit_sink *sink, const char *key, hub_buffer *out)
{
    kit_intake *intake = intake_of(sink);
    HUB_ASSERT(strlen(key) <= KEY_MAX);
    const char *owner = intake->options.mapping->name;
    hub_status status = outbox_state_get(intake->options.box, owner, key, out, &intake->err);
    if (status == HUB_ERR_NOT_FOUND && intake->options.remembers != NULL) {
        status = outbox_state_get(intake->options.remembers, owner, key, out, &intake->err);
    }
    return status == HUB_ERR_NOT_FOUND ? status : ended(intake, status);
}

static hub_status sink_put(kit_sink *sink, const char *key, hub_bytes value)
{
    kit_intake *intake = intake_of(sink);
    HUB_ASSERT(strlen(key) <= KEY_MAX);
    if (intake->failure != HUB_OK) return intake->failure;
    return ended(intake, outbox_state_put(intake->options.box, intake->options.mapping->name, key, value, &intake->err));
}

static hub_status sink_was_refused(kit_sink *sink, const hub_id *event_id)
{
    kit_intake *intake = intake_of(sink);
    hub_status status = outbox_was_refused(intake->options.box, event_id, &intake->err);
    if (status == HUB_ERR_NOT_FOUND && intake->options.remembers != NULL) {
        status = outbox_was_refused(intake->options.remembers, event_id, &intake->err);
    }
    return status == HUB_ERR_NOT_FOUND ? status : ended(intake, status);
}

static const kit_sink_ops OPS = {
    .event = sink_event, .park = sink_park, .note = sink_note, .get = sink_get, .put = sink_put, .was_refused = sink_was_refused};

/* ---- one input ---- */

hub_status kit_intake_open(const kit_intake_options *options, kit_intake **out, hub_error *err)
{
    HUB_ASSERT(options->box != NULL && options->mapping != NULL);
    *out = NULL;
    kit_intake *intake = calloc(1, sizeof *intake);
    if (intake == NULL) return hub_fail(err, HUB_ERR_MEMORY, "out of memory");
    intake->options = *options;
    if (hub_arena_open(&intake->arena, BLOCK_BYTES, BUDGET_BYTES) != HUB_OK) {
        kit_intake_close(intake);
        return hub_fail(err, HUB_ERR_MEMORY, "out of memory");
    }
    (void)snprintf(intake->mapped_by, sizeof intake->mapped_by, "%.50s/%u", options->mapping->name, options->mapping->version);
    intake->sink = (kit_sink){.ops = &OPS, .arena = &intake->arena, .context = intake};
    *out = intake;
    return HUB_OK;
}

void kit_intake_close(kit_intake *intake)
{
    if (intake == NULL) return;
    hub_arena_close(&intake->arena);
    hub_buffer_free(&intake->packed);
    free(intake);
}

kit_input_result kit_outcome_told(const kit_outcome *outcome)
{
    bool was_bad = outcome->first == KIT_INPUT_PARKED || outcome->first == KIT_INPUT_UNREADABLE;
    return outcome->result == KIT_INPUT_REPEATED && was_bad ? outcome->first : outcome->result;
}

const kit_mapping *kit_intake_mapping(const kit_intake *intake)
{
    return intake->options.mapping;
}

outbox *kit_intake_outbox(const kit_intake *intake)
{
    return intake->options.box;
}

static hub_status map_it(kit_intake *intake, const kit_input *input, hub_bytes detail, hub_error *err)
{
    kit_mapping_options options = {.source_system = intake->options.source_system,
                                   .area = intake->options.area,
                                   .legal_gateway = intake->options.legal_gateway,
                                   .agency = agency_of(&intake->options),
                                   .settings = intake->options.settings,
                                   .received_ms = input->received_ms,
                                   .detail = detail,
                                   .this_year = kit_zone_year(input->received_ms),
                                   .zone_offset_minutes = kit_zone_london};
    hub_buffer converted = {0};
    hub_bytes bytes = input->bytes;
    if (intake->options.to_utf8 != NULL) {
        intake->options.to_utf8(bytes, &converted);
        bytes = hub_buffer_bytes(&converted);
    }
    intake->failure = HUB_OK;
    hub_arena_reset(&intake->arena);
    hub_status status = converted.failed ? hub_fail(err, HUB_ERR_MEMORY, "out of memory")
                                         : intake->options.mapping->map(&options, bytes, input->name, &intake->sink, err);
    hub_buffer_free(&converted);
    if (intake->arena.exhausted) { /* no retry will make it smaller */
        return hub_fail(err, HUB_ERR_INVALID, "needs more memory than one input may have (%d MiB); send it in smaller files",
                        BUDGET_BYTES / (1024 * 1024));
    }
    if (intake->failure == HUB_OK) return status;
    if (err != NULL) *err = intake->err;
    return intake->failure;
}

static hub_status finish(kit_intake *intake, const kit_input *input, kit_input_result result, kit_outcome *outcome,
                         hub_error *err)
{
    outcome->result = result;
    hub_status status = outbox_input_done(intake->options.box, input->key, input->content, (int)outcome->result, outcome->reason,
                                          input->received_ms, err);
    if (status != HUB_OK) {
        outbox_rollback(intake->options.box);
        return status;
    }
    status = outbox_commit(intake->options.box, err);
    outbox_counts counts;
    outbox_counts_of(intake->options.box, &counts);
    outcome->place = outcome->events > 0 ? counts.put : 0;
    return status;
}

static hub_status park_whole(kit_intake *intake, const kit_input *input, kit_input_result result, const char *why,
                             kit_outcome *outcome, hub_error *err)
{
    hub_status status = outbox_begin(intake->options.box, err);
    if (status != HUB_OK) return status;
    intake->failure = HUB_OK;
    status = park(
        intake, &(outbox_parked){.origin = "mapping", .field = "", .reason = why, .record = input->bytes, .input = input->name});
    if (status == HUB_OK) return finish(intake, input, result, outcome, err);
    if (err != NULL) *err = intake->err;
    outbox_rollback(intake->options.box);
    return status;
}

/* HUB_ERR_NOT_FOUND: not seen. HUB_ERR_EXISTS: seen with other content. */
static hub_status repeated(kit_intake *intake, const kit_input *input, kit_outcome *outcome, hub_error *err)
{
    hub_buffer reason = {0};
    outbox_seen seen;
    hub_status status = outbox_input_seen(intake->options.box, input->key, input->content, &seen, &reason, err);
    if (status == HUB_OK) {
        outcome->result = KIT_INPUT_REPEATED;
        outcome->first = (kit_input_result)seen.result;
        outcome->place = seen.place;
        (void)snprintf(outcome->reason, sizeof outcome->reason, "%s", hub_buffer_text(&reason));
        status = outbox_input_counted(intake->options.box, OUTBOX_INPUT_REPEATED, err);
    }
    hub_buffer_free(&reason);
    return status;
}

/* HUB_OK: `detail` has what there is to have. HUB_ERR_AGAIN: not yet. HUB_ERR_INVALID: it never comes (`why`). */
static hub_status get_detail(kit_intake *intake, const kit_input *input, hub_bytes *detail, hub_error *why)
{
    char url[1024];
    const kit_mapping *mapping = intake->options.mapping;
    *detail = (hub_bytes){0};
    if (intake->options.detail == NULL || mapping->detail_url == NULL || !mapping->detail_url(input->bytes, url)) return HUB_OK;
    return kit_detail_get(intake->options.detail, url, mapping->detail_sound, detail, why);
}

static hub_status take_new(kit_intake *intake, const kit_input *input, kit_outcome *outcome, hub_error *err)
{
    outbox *box = intake->options.box;
    hub_bytes detail;
    hub_error missing = {{0}};
    hub_status fetched = get_detail(intake, input, &detail, &missing);
    if (fetched == HUB_ERR_AGAIN) return hub_fail(err, HUB_ERR_AGAIN, "%s", missing.text);
    if (fetched != HUB_OK) return park_whole(intake, input, KIT_INPUT_PARKED, missing.text, outcome, err);
    hub_status status = outbox_begin(box, err);
    if (status != HUB_OK) return status;
    hub_error why = {{0}};
    status = map_it(intake, input, detail, &why);
    kit_input_result result = outcome->parked > 0 ? KIT_INPUT_PARKED : KIT_INPUT_DONE;
    if (status == HUB_OK) return finish(intake, input, result, outcome, err);
    outbox_rollback(box);
    *outcome = (kit_outcome){.result = KIT_INPUT_FAILED};
    if (status != HUB_ERR_INVALID) {
        if (err != NULL) *err = why;
        return status;
    }
    if (intake->options.unreadable == KIT_UNREADABLE_PARKS)
        return park_whole(intake, input, KIT_INPUT_UNREADABLE, why.text, outcome, err);
    (void)snprintf(outcome->reason, sizeof outcome->reason, "%.399s", why.text);
    return outbox_input_counted(box, OUTBOX_INPUT_FAILED, err);
}

hub_status kit_intake_take(kit_intake *intake, const kit_input *input, kit_outcome *outcome, hub_error *err)
{
    kit_input known = *input;
    *outcome = (kit_outcome){.result = KIT_INPUT_FAILED};
    intake->input = &known;
    intake->outcome = outcome;
    hub_status status = repeated(intake, &known, outcome, err);
    if (status == HUB_ERR_EXISTS) {
        known.key = input->bytes;
        known.content = (hub_bytes){0};
        known.refused = "its number was used before by a message with other content; each message needs a number of its own";
        status = repeated(intake, &known, outcome, err);
    }
    if (status != HUB_ERR_NOT_FOUND) return status;
    if (known.refused != NULL) return park_whole(intake, &known, KIT_INPUT_PARKED, known.refused, outcome, err);
    return take_new(intake, &known, outcome, err);
}

kit_input_result kit_intake_input(const kit_intake *intake, hub_bytes bytes, const char *number, int64_t now_ms, char key[256],
                                  kit_input *out, const char **reason)
{
    const kit_mapping *mapping = intake->options.mapping;
    kit_input_result accepted = KIT_INPUT_DONE;
    *reason = NULL;
    (void)snprintf(key, 256, "%s", number);
    if (mapping->accepts != NULL) accepted = mapping->accepts(bytes, key, reason);
    if (accepted != KIT_INPUT_DONE && accepted != KIT_INPUT_PARKED) return accepted;
    bool numbered = key[0] != '\0';
    *out = (kit_input){.bytes = bytes,
                       .name = "",
                       .key = numbered ? hub_bytes_of_text(key) : bytes,
                       .content = numbered ? bytes : (hub_bytes){0},
                       .refused = accepted == KIT_INPUT_PARKED ? *reason : NULL,
                       .received_ms = now_ms};
    return KIT_INPUT_DONE;
}

hub_status kit_intake_settled(kit_intake *intake, const kit_input *input, hub_error *err)
{
    outbox_seen seen;
    hub_buffer reason = {0};
    hub_status status = outbox_input_seen(intake->options.box, input->key, input->content, &seen, &reason, err);
    if (status == HUB_ERR_EXISTS)
        status = outbox_input_seen(intake->options.box, input->bytes, (hub_bytes){0}, &seen, &reason, err);
    hub_buffer_free(&reason);
    return status;
}
