#include "test_mapping.h"

#include <stdio.h>
#include <string.h>

typedef struct line_event {
    Mash__V1__Event event;
    Mash__V1__Subject subject;
    Mash__V1__Subject *subjects[1];
    Mash__V1__SubjectRole roles[1];
    Mash__V1__LegalBasis bases[1];
    Mash__V1__ChildConcern concern;
    Mash__V1__FactorKind kinds[1];
} line_event;

static Mash__V1__Event *make(kit_sink *sink, const kit_mapping_options *options, const char *word)
{
    line_event *made = hub_arena_take(sink->arena, sizeof *made);
    if (made == NULL) return NULL;
    made->event = (Mash__V1__Event)MASH__V1__EVENT__INIT;
    made->subject = (Mash__V1__Subject)MASH__V1__SUBJECT__INIT;
    made->concern = (Mash__V1__ChildConcern)MASH__V1__CHILD_CONCERN__INIT;
    made->roles[0] = MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_CHILD;
    made->bases[0] = MASH__V1__LEGAL_BASIS__LEGAL_BASIS_PUBLIC_TASK;
    made->kinds[0] = MASH__V1__FACTOR_KIND__FACTOR_KIND_NEGLECT;
    made->subjects[0] = &made->subject;
    made->subject.n_roles = 1;
    made->subject.roles = made->roles;
    made->subject.family_name = hub_arena_copy(sink->arena, "Example", 7);
    made->concern.n_kinds = 1;
    made->concern.kinds = made->kinds;
    if (strcmp(word, "danger") == 0) made->concern.immediate_danger = MASH__V1__PRESENCE__PRESENCE_YES;
    made->event.occurred_at = options->received_ms - 1000;
    if (strcmp(word, "wrong") == 0) made->event.occurred_at = options->received_ms + 86400000;
    made->event.n_legal_basis = 1;
    made->event.legal_basis = made->bases;
    made->event.n_subjects = 1;
    made->event.subjects = made->subjects;
    made->event.payload_case = MASH__V1__EVENT__PAYLOAD_CHILD_CONCERN;
    made->event.child_concern = &made->concern;
    return &made->event;
}

static hub_status map_line(const kit_mapping_options *options, const char *line, uint32_t number, kit_sink *sink)
{
    char word[16] = "";
    char reference[64] = "";
    hub_bytes record = hub_bytes_of_text(line);
    kit_place place = {.line = number, .column = 1, .field = "row"};
    (void)sscanf(line, "%15s %63s", word, reference);
    if (strcmp(word, "bad") == 0) return sink->ops->park(sink, record, place, "not a row of this format");
    if (strcmp(word, "remember") == 0) {
        hub_buffer known = {0};
        hub_status status = sink->ops->get(sink, reference, &known);
        hub_buffer_free(&known);
        if (status != HUB_ERR_NOT_FOUND) return status;
        status = sink->ops->put(sink, reference, hub_bytes_of_text("seen"));
        if (status != HUB_OK) return status;
    }
    Mash__V1__Event *event = make(sink, options, word);
    if (event == NULL) return HUB_ERR_MEMORY;
    hub_status status = sink->ops->event(sink, event, reference[0] != '\0' ? reference : NULL, NULL, record, place);
    return status == HUB_ERR_INVALID ? HUB_OK : status;
}

static hub_status map_lines(const kit_mapping_options *options, hub_bytes input, const char *input_name, kit_sink *sink,
                            hub_error *err)
{
    (void)input_name;
    if (options->detail.size > 0) input = options->detail;
    char line[128];
    uint32_t number = 0;
    size_t at = 0;
    while (at < input.size) {
        const uint8_t *end = memchr(input.data + at, '\n', input.size - at);
        size_t length = end == NULL ? input.size - at : (size_t)(end - input.data) - at;
        (void)snprintf(line, sizeof line, "%.*s", (int)length, (const char *)input.data + at);
        at += length + 1;
        number++;
        if (strncmp(line, "MSH", 3) == 0 || line[0] == '\0') continue;
        if (strcmp(line, "broken") == 0) return hub_fail(err, HUB_ERR_INVALID, "%u:1: row: not of this format", number);
        hub_status status = map_line(options, line, number, sink);
        if (status != HUB_OK) return status;
    }
    return HUB_OK;
}

static kit_input_result accepts(hub_bytes input, char key[256], const char **reason)
{
    *reason = "does not begin with MSH";
    if (input.size < 3 || memcmp(input.data, "MSH", 3) != 0) return KIT_INPUT_UNSUPPORTED;
    *reason = "has no number";
    if (input.size == 3 || input.data[3] != '|') return KIT_INPUT_PARKED;
    const uint8_t *end = memchr(input.data, '\n', input.size);
    size_t length = end == NULL ? input.size : (size_t)(end - input.data);
    (void)snprintf(key, 256, "%.*s", (int)(length > 200 ? 200 : length), (const char *)input.data);
    return KIT_INPUT_DONE;
}

static hub_status answer(hub_bytes input, kit_input_result result, const char *reason, int64_t now_ms, hub_buffer *out)
{
    static const char *const WORDS[] = {[KIT_INPUT_DONE] = "AA",       [KIT_INPUT_REPEATED] = "AA",    [KIT_INPUT_PARKED] = "AE",
                                        [KIT_INPUT_UNREADABLE] = "AE", [KIT_INPUT_UNSUPPORTED] = "AR", [KIT_INPUT_FAILED] = "AR"};
    char key[256] = "";
    (void)now_ms;
    const char *unused = NULL;
    (void)accepts(input, key, &unused);
    if (strstr(key, "silent") != NULL) return HUB_OK;
    bool says_why = result == KIT_INPUT_PARKED || result == KIT_INPUT_UNREADABLE || result == KIT_INPUT_UNSUPPORTED;
    hub_buffer_put_format(out, "%s %s", WORDS[result], says_why ? reason : key);
    return HUB_OK;
}

static bool detail_url(hub_bytes input, char url[1024])
{
    const char *at = memmem(input.data, input.size, "see ", 4);
    if (at == NULL) return false;
    (void)sscanf(at, "see %1000s", url);
    return true;
}

const kit_mapping test_lines = {.name = "test-lines",
                                .version = 1,
                                .agency = MASH__V1__AGENCY__AGENCY_POLICE,
                                .transport = "folder",
                                .file_suffix = "txt",
                                .map = map_lines};
const kit_mapping test_messages = {.name = "test-messages",
                                   .version = 1,
                                   .agency = MASH__V1__AGENCY__AGENCY_HEALTH,
                                   .transport = "mllp",
                                   .file_suffix = "hl7",
                                   .map = map_lines,
                                   .accepts = accepts,
                                   .answer = answer};
static bool detail_sound(hub_bytes detail)
{
    return detail.size > 0 && detail.data[0] != '<';
}

const kit_mapping test_details = {.name = "test-details",
                                  .version = 1,
                                  .agency = MASH__V1__AGENCY__AGENCY_PROBATION,
                                  .transport = "folder",
                                  .file_suffix = "txt",
                                  .map = map_lines,
                                  .detail_url = detail_url,
                                  .detail_sound = detail_sound};
