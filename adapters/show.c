#include "show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "event/event.h"
#include "formats/charset.h"
#include "host/clock.h"
#include "json/json.h"
#include "kit/check.h"
#include "kit/drop_folder.h"
#include "kit/intake.h"
#include "kit/quarantine.h"
#include "run.h"

enum { ITEMS_A_TIME = 64, ARENA_BYTES = 512 * 1024 * 1024 };

static int failed(const hub_error *err)
{
    (void)fprintf(stderr, "mash-adapter: %s\n", err->text);
    return ADAPTER_FAILED;
}

/* ---- dry run ---- */

static hub_status print_event(const outbox_item *item, hub_arena *arena, hub_error *err)
{
    event_problem problem = {0};
    hub_buffer text = {0};
    const Mash__V1__Event *event = event_decode(item->event, arena, &problem);
    hub_status status = event == NULL ? hub_fail(err, HUB_ERR_CORRUPT, "%s: %s", problem.field_path, problem.reason)
                                      : json_of_message(&event->base, JSON_PRETTY, &text);
    if (status == HUB_OK) printf("%s\n", hub_buffer_text(&text));
    hub_buffer_free(&text);
    return status;
}

static hub_status print_events(outbox *box, hub_arena *arena, hub_error *err)
{
    outbox_numbers numbers;
    outbox_numbers_of(box, &numbers);
    uint64_t next = 1;
    hub_status status = HUB_OK;
    while (next <= numbers.last_link_seq && status == HUB_OK) {
        outbox_item items[ITEMS_A_TIME];
        uint32_t count = 0;
        hub_arena_reset(arena);
        status = outbox_read(box, next, ITEMS_A_TIME, SIZE_MAX, arena, items, &count, err);
        for (uint32_t i = 0; i < count && status == HUB_OK; i++)
            status = print_event(&items[i], arena, err);
        next += count;
    }
    return status;
}

static hub_status print_parked(outbox *box, hub_arena *arena, hub_error *err)
{
    uint64_t after = 0;
    for (;;) {
        outbox_parked parked;
        hub_arena_reset(arena);
        hub_status status = outbox_parked_next(box, after, arena, &parked, err);
        if (status != HUB_OK) return status == HUB_ERR_NOT_FOUND ? HUB_OK : status;
        after = parked.id;
        char place[48];
        kit_place_text(parked.line, parked.column, place);
        (void)fprintf(stderr, "would be parked: %s%s%s: %s\n", place, place[0] != '\0' ? ", " : "", parked.field, parked.reason);
    }
}

/* A message recorded with its MLLP frame is taken out of it. */
static hub_bytes without_frame(hub_bytes input)
{
    if (input.size > 0 && input.data[0] == 0x0B) input = hub_bytes_of(input.data + 1, input.size - 1);
    if (input.size > 1 && input.data[input.size - 2] == 0x1C && input.data[input.size - 1] == 0x0D) input.size -= 2;
    return input;
}

/* Was this input taken before, as its transport knows it again? */
static bool is_taken(outbox *box, const kit_input *input)
{
    outbox_seen seen;
    hub_buffer reason = {0};
    bool taken = outbox_input_seen(box, input->key, input->content, &seen, &reason, NULL) == HUB_OK;
    hub_buffer_free(&reason);
    return taken;
}

hub_status adapter_take_file(const kit_config *config, const adapter_take *into, const char *path, kit_outcome *outcome,
                             hub_error *err)
{
    hub_buffer content = {0}, number = {0};
    hub_error why = {{0}};
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    hub_status status =
        kit_file_read(path, config->file_bytes_max != 0 ? config->file_bytes_max : 256ULL * 1024 * 1024, &content, &why);
    if (status != HUB_OK) {
        hub_buffer_free(&content);
        return hub_fail(err, status, "%s: %s", path, why.text);
    }
    hub_bytes bytes = hub_buffer_bytes(&content);
    char key[256] = "";
    *outcome = (kit_outcome){.result = KIT_INPUT_DONE};
    const char *reason = "";
    kit_drop_folder_key(name, bytes, &number);
    if (config->mapping->accepts != NULL) {
        bytes = without_frame(bytes);
        outcome->result = config->mapping->accepts(bytes, key, &reason);
        (void)snprintf(outcome->reason, sizeof outcome->reason, "%s", reason);
    }
    bool parks = outcome->result == KIT_INPUT_PARKED;
    bool is_file = config->transport == KIT_TRANSPORT_FOLDER;
    bool numbered = !is_file && key[0] != '\0';
    kit_intake *intake = NULL;
    kit_intake_options options = {.box = into->box,
                                  .remembers = into->remembers,
                                  .mapping = config->mapping,
                                  .agency = config->agency,
                                  .settings = config->settings,
                                  .to_utf8 = config->is_windows_1252 ? formats_windows_1252 : NULL,
                                  .source_system = config->source_system,
                                  .area = config->area,
                                  .legal_gateway = config->legal_gateway,
                                  .unreadable = KIT_UNREADABLE_FAILS};
    kit_input input = {.bytes = bytes,
                       .name = name,
                       .key = is_file    ? hub_buffer_bytes(&number)
                              : numbered ? hub_bytes_of_text(key)
                                         : bytes,
                       .content = numbered ? bytes : (hub_bytes){0},
                       .refused = parks ? reason : NULL,
                       .received_ms = host_wall_ms()};
    if (into->known != NULL && is_taken(into->known, &input)) {
        outcome->result = KIT_INPUT_REPEATED;
    } else if (outcome->result == KIT_INPUT_DONE || parks) {
        status = kit_intake_open(&options, &intake, err);
        if (intake != NULL) status = kit_intake_take(intake, &input, outcome, err);
    }
    kit_intake_close(intake);
    hub_buffer_free(&content);
    hub_buffer_free(&number);
    return status;
}

int adapter_dry_run(const kit_config *config, const char *path)
{
    hub_error err = {{0}};
    outbox *box = NULL;
    outbox *real = NULL;
    hub_arena arena = {0};
    kit_outcome outcome;
    (void)kit_config_outbox(config, OUTBOX_LOOK, &real, NULL); /* without one there is simply nothing remembered */
    hub_status status = outbox_open(&(outbox_options){.folder = NULL}, &box, &err);
    if (status == HUB_OK && hub_arena_open(&arena, 256 * 1024, ARENA_BYTES) != HUB_OK)
        status = hub_fail(&err, HUB_ERR_MEMORY, "out of memory");
    if (status == HUB_OK)
        status = adapter_take_file(config, &(adapter_take){.box = box, .remembers = real}, path, &outcome, &err);
    if (status == HUB_OK) status = print_events(box, &arena, &err);
    if (status == HUB_OK) status = print_parked(box, &arena, &err);
    hub_arena_close(&arena);
    outbox_close(box);
    outbox_close(real);
    if (status != HUB_OK) return failed(&err);
    if (outcome.result == KIT_INPUT_FAILED) {
        (void)fprintf(stderr, "dry run: %s cannot be taken as %s: %s\n", path, config->mapping->name, outcome.reason);
        return ADAPTER_FAILED;
    }
    if (outcome.result == KIT_INPUT_UNSUPPORTED) {
        (void)fprintf(stderr, "dry run: %s is no message that %s takes: %s\n", path, config->mapping->name, outcome.reason);
        return ADAPTER_FAILED;
    }
    if (outcome.events == 0 && outcome.parked == 0) {
        (void)fprintf(stderr, "dry run: %s tells nothing of such an input, or this adapter has told all of it before\n",
                      config->mapping->name);
    }
    (void)fprintf(stderr, "dry run: %u event%s, %u would be parked; nothing was sent or kept\n", outcome.events,
                  outcome.events == 1 ? "" : "s", outcome.parked);
    return outcome.parked > 0 ? ADAPTER_REFUSED : ADAPTER_DONE;
}

int adapter_show(const kit_config *config, const char *event_id)
{
    hub_error err = {{0}};
    hub_id id;
    outbox *box = NULL;
    outbox_item item = {0};
    hub_arena arena = {0};
    if (!hub_id_parse(event_id, &id)) {
        (void)fprintf(stderr, "mash-adapter: --show takes the id of an event, as a notice or the log names it\n");
        return ADAPTER_USAGE;
    }
    hub_status status = kit_config_outbox(config, OUTBOX_LOOK, &box, &err);
    if (status == HUB_OK && hub_arena_open(&arena, 256 * 1024, ARENA_BYTES) != HUB_OK)
        status = hub_fail(&err, HUB_ERR_MEMORY, "out of memory");
    if (status == HUB_OK) status = outbox_event_find(box, &id, &arena, &item, &err);
    if (status == HUB_ERR_NOT_FOUND) status = hub_fail(&err, status, "%s: this outbox does not keep it (any more)", event_id);
    if (status == HUB_OK && item.damaged) status = hub_fail(&err, HUB_ERR_CORRUPT, "%s: its stored bytes are damaged", event_id);
    if (status == HUB_OK) status = print_event(&item, &arena, &err);
    hub_arena_close(&arena);
    outbox_close(box);
    return status == HUB_OK ? ADAPTER_DONE : failed(&err);
}

/* ---- status ---- */

typedef struct count_row {
    const char *name;
    size_t offset;
    const char *meaning;
} count_row;

#define ROW(name, meaning)                                                                                                       \
    {                                                                                                                            \
#name, offsetof(outbox_counts, name), meaning                                                                            \
    }
static const count_row ROWS[] = {
    ROW(inputs, "inputs taken (files, messages)"),
    ROW(inputs_repeated, "of them seen before"),
    ROW(inputs_failed, "of them unreadable as a whole"),
    ROW(received, "events and records from them: put + parked_here"),
    ROW(put, "events accepted"),
    ROW(reoffered, "offered again after a fork"),
    ROW(stored, "settled: the hub has stored them"),
    ROW(duplicate, "settled: the hub had them already"),
    ROW(refused, "settled: refused by the hub, see quarantine/"),
    ROW(waiting, "put + reoffered - stored - duplicate - refused"),
    ROW(parked_here, "parked by this adapter, see quarantine/"),
    ROW(parked_held, "not yet in quarantine/"),
    ROW(kept, "settled and still kept"),
    ROW(forks, "times everything kept was offered again"),
};

static uint64_t count_at(const outbox_counts *counts, const count_row *row)
{
    uint64_t value = 0;
    memcpy(&value, (const char *)counts + row->offset, sizeof value);
    return value;
}

static void put_json_text(hub_buffer *out, const char *text)
{
    hub_buffer_put_text(out, "\"");
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\') hub_buffer_put_text(out, "\\");
        if (*at < 0x20) {
            hub_buffer_put_format(out, "\\u%04x", *at);
        } else {
            hub_buffer_put(out, at, 1);
        }
    }
    hub_buffer_put_text(out, "\"");
}

/* A line that the running adapter noted down. */
static hub_status noted(outbox *box, const char *name, hub_buffer *out, hub_error *err)
{
    hub_status status = outbox_noted(box, name, out, err);
    return status == HUB_ERR_NOT_FOUND ? HUB_OK : status;
}

/* What is wrong on this machine now, which the running adapter cannot note down, with a full disk least of all. */
static void put_ageing(void *context, kit_finding how, const char *step, const char *found, const char *fix)
{
    if (how != KIT_FINDING_GOOD) hub_buffer_put_format(context, "  %-16s %s -> %s\n", step, found, fix);
}

static void put_ageing_json(void *context, kit_finding how, const char *step, const char *found, const char *fix)
{
    hub_buffer *out = context;
    (void)fix;
    if (how == KIT_FINDING_GOOD) return;
    hub_buffer_put_text(out, ",");
    put_json_text(out, step);
    hub_buffer_put_text(out, ":");
    put_json_text(out, found);
}

static void put_status(const kit_config *config, const outbox_counts *counts, const char *trouble, const char *clock,
                       const char *source, const char *senders, const char *agreement, adapter_form form, hub_buffer *out)
{
    size_t rows = sizeof ROWS / sizeof ROWS[0];
    if (form == ADAPTER_JSON) {
        hub_buffer_put_format(out, "{\"adapter\":\"%s\"", config->name);
        for (size_t i = 0; i < rows; i++)
            hub_buffer_put_format(out, ",\"%s\":%" PRIu64, ROWS[i].name, count_at(counts, &ROWS[i]));
        hub_buffer_put_text(out, ",\"trouble\":");
        put_json_text(out, trouble);
        hub_buffer_put_text(out, ",\"source\":");
        put_json_text(out, source);
        if (clock[0] != '\0') hub_buffer_put_text(out, ",\"clock\":");
        if (clock[0] != '\0') put_json_text(out, clock);
        kit_check_ageing(config, put_ageing_json, out);
        if (senders[0] != '\0') hub_buffer_put_text(out, ",\"senders\":");
        if (senders[0] != '\0') put_json_text(out, senders);
        hub_buffer_put_text(out, ",\"agreement\":");
        put_json_text(out, agreement);
        hub_buffer_put_text(out, "}\n");
        return;
    }
    hub_buffer_put_format(out, "%s (%s)\n", config->name, config->mapping->name);
    for (size_t i = 0; i < rows; i++)
        hub_buffer_put_format(out, "  %-16s %10" PRIu64 "  %s\n", ROWS[i].name, count_at(counts, &ROWS[i]), ROWS[i].meaning);
    hub_buffer_put_format(out, "  %-16s %s\n", "trouble", trouble[0] != '\0' ? trouble : "none");
    if (source[0] != '\0') hub_buffer_put_format(out, "  %-16s %s\n", "source", source);
    if (clock[0] != '\0') hub_buffer_put_format(out, "  %-16s %s -> which is wrong? timedatectl on both\n", "clock", clock);
    kit_check_ageing(config, put_ageing, out);
    hub_buffer_put_format(out, "  %-16s %s\n", "hub's counts", agreement[0] != '\0' ? agreement : "not yet compared");
    if (senders[0] != '\0') hub_buffer_put_format(out, "  %-16s %s, since its start\n", "senders", senders);
}

int adapter_status(const kit_config *config, adapter_form form)
{
    hub_error err = {{0}};
    outbox *box = NULL;
    hub_buffer trouble = {0};
    hub_buffer clock = {0};
    hub_buffer source = {0};
    hub_buffer senders = {0};
    hub_buffer agreement = {0};
    hub_buffer out = {0};
    outbox_counts counts;
    if (kit_config_outbox(config, OUTBOX_LOOK, &box, &err) != HUB_OK) return failed(&err);
    outbox_counts_of(box, &counts);
    hub_status status = noted(box, "trouble", &trouble, &err);
    if (status == HUB_OK) status = noted(box, "clock", &clock, &err);
    if (status == HUB_OK) status = noted(box, "source", &source, &err);
    if (status == HUB_OK) status = noted(box, "senders", &senders, &err);
    if (status == HUB_OK) status = noted(box, "agreement", &agreement, &err);
    outbox_close(box);
    if (status == HUB_OK) {
        put_status(config, &counts, hub_buffer_text(&trouble), hub_buffer_text(&clock), hub_buffer_text(&source),
                   hub_buffer_text(&senders), hub_buffer_text(&agreement), form, &out);
        printf("%s", hub_buffer_text(&out));
    }
    hub_buffer_free(&trouble);
    hub_buffer_free(&clock);
    hub_buffer_free(&source);
    hub_buffer_free(&senders);
    hub_buffer_free(&agreement);
    hub_buffer_free(&out);
    return status == HUB_OK ? ADAPTER_DONE : failed(&err);
}

/* ---- mappings ---- */

void adapter_list_mappings(const kit_mapping *const *mappings)
{
    for (size_t i = 0; mappings[i] != NULL; i++) {
        bool is_anyones = mappings[i]->agency == MASH__V1__AGENCY__AGENCY_UNSPECIFIED;
        printf("%-26s version %-3u %-20s %-7s *.%s\n", mappings[i]->name, mappings[i]->version,
               is_anyones ? "any (see: table)" : event_agency_name(mappings[i]->agency), mappings[i]->transport,
               mappings[i]->file_suffix);
    }
}
