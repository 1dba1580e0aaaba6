#include "told_journal.h"

#include "../contract/temporary_folder.h"
#include "../unit_policy/base_policy.h"
#include "event/wire.h"

#define PARTNERSHIP "test"
enum { POLICE = 2 };
static const int64_t A_MONDAY_MS = INT64_C(1775466000000); /* 6 April 2026, 10:00 in London */

static void start_writing(told_journal *t, journal_open_mode mode)
{
    journal_end end;
    assert_int_equal(journal_open(t->location, PARTNERSHIP, mode, &t->j, NULL), HUB_OK);
    assert_int_equal(journal_keys_open(t->master_path, t->j, &t->keys, NULL), HUB_OK);
    assert_int_equal(journal_end_of(t->j, &end, NULL), HUB_OK);
    journal_writer_options options = {.partnership = PARTNERSHIP, .epoch = end.epoch == 0 ? 1 : end.epoch};
    assert_int_equal(journal_writer_open(t->j, t->keys, &options, &t->writer, NULL), HUB_OK);
}

static void stop_writing(told_journal *t)
{
    journal_writer_close(t->writer);
    journal_keys_close(t->keys);
    journal_close(t->j);
}

void told_journal_open(told_journal *t)
{
    *t = (told_journal){.now_ms = A_MONDAY_MS};
    temporary_folder_make(t->folder, sizeof t->folder);
    (void)snprintf(t->master_path, sizeof t->master_path, "%s/master.key", t->folder);
    (void)snprintf(t->location, sizeof t->location, "sqlite:%s/journal.db", t->folder);
    (void)snprintf(t->snapshot_path, sizeof t->snapshot_path, "%s/snapshot", t->folder);
    assert_int_equal(journal_master_create(t->master_path, NULL), HUB_OK);
    assert_int_equal(hub_arena_open(&t->arena, 64 * 1024, 16 * 1024 * 1024), HUB_OK);
    assert_int_equal(core_open(&t->state), HUB_OK);
    start_writing(t, JOURNAL_CREATE);
}

void told_journal_close(told_journal *t)
{
    stop_writing(t);
    core_close(t->state);
    fold_policies_close(&t->policies);
    hub_arena_close(&t->arena);
    temporary_folder_remove(t->folder);
}

void told_journal_reopen(told_journal *t)
{
    stop_writing(t);
    start_writing(t, JOURNAL_WRITE);
}

static void append(told_journal *t, const core_record *record)
{
    hub_buffer control = {0};
    hub_buffer personal = {0};
    assert_int_equal(event_wire_pack(&record->control->base, &control), HUB_OK);
    if (record->personal != NULL) assert_int_equal(event_wire_pack(&record->personal->base, &personal), HUB_OK);
    journal_draft draft = {.sequence = record->sequence,
                           .time_ms = record->time_ms,
                           .peer = record->peer,
                           .link_seq = record->link_seq,
                           .control = hub_buffer_bytes(&control),
                           .personal = hub_buffer_bytes(&personal),
                           .state_digest = core_digest(t->state) ^ (record->sequence == t->wrong_digest_at ? 1 : 0)};
    hub_digest hash;
    assert_int_equal(journal_writer_append(t->writer, &draft, 1, &hash, NULL), JOURNAL_DURABLE);
    hub_buffer_free(&control);
    hub_buffer_free(&personal);
}

void told_journal_command(told_journal *t, core_command what)
{
    core_decision decision;
    what.at_ms = t->now_ms += 1000;
    assert_int_equal(core_decide(t->state, &what, &t->arena, &decision), HUB_OK);
    assert_non_null(decision.control);
    bool is_event = what.kind == CORE_PUBLISH && decision.personal != NULL;
    core_record record = {.epoch = 1,
                          .sequence = core_sequence(t->state) + 1,
                          .time_ms = what.at_ms,
                          .peer = what.peer,
                          .link_seq = what.kind == CORE_PUBLISH ? what.of.publish.link_seq : 0,
                          .control = decision.control,
                          .personal = decision.personal,
                          .event = is_event ? what.of.publish.event : NULL,
                          .policy = what.kind == CORE_ADOPT_POLICY ? what.of.adopt.policy : NULL};
    assert_int_equal(core_reserve(t->state, &record, NULL), HUB_OK);
    core_evolve(t->state, &record);
    append(t, &record);
    hub_arena_reset(&t->arena);
}

void told_journal_adopt(told_journal *t, const char *find, const char *put)
{
    policy_sources sources = base_sources(find, put);
    Mash__V1__PolicySource source = MASH__V1__POLICY_SOURCE__INIT;
    source.name = sources.items[0].name;
    source.text = (ProtobufCBinaryData){.len = sources.items[0].text.size, .data = sources.items[0].text.data};
    Mash__V1__PolicySource *list[] = {&source};
    Mash__V1__AdoptPolicy adopt = MASH__V1__ADOPT_POLICY__INIT;
    adopt.sources = list;
    adopt.n_sources = 1;
    const core_policy *policy;
    hub_buffer complaints = {0};
    assert_int_equal(fold_policies_compile(&t->policies, list, 1, "", &policy, &complaints), HUB_OK);
    told_journal_command(t, (core_command){.kind = CORE_ADOPT_POLICY, .peer = 1, .of.adopt = {policy, &adopt}});
    hub_buffer_free(&complaints);
    policy_sources_free(&sources);
}

void told_journal_found(told_journal *t)
{
    static const uint8_t KEY[32] = "thirty-two bytes of a test key.";
    static uint8_t police_key[32] = "the key of a police adapter    ";
    told_journal_command(t, (core_command){.kind = CORE_CREATE_PARTNERSHIP, .of.create = {PARTNERSHIP, KEY, KEY, KEY, KEY}});
    told_journal_command(t, (core_command){.kind = CORE_START, .of.start = {1, "0.1.0"}});
    told_journal_adopt(t, NULL, NULL);
    Mash__V1__Enrol enrol = MASH__V1__ENROL__INIT;
    enrol.public_key = (ProtobufCBinaryData){.len = sizeof police_key, .data = police_key};
    enrol.kind = MASH__V1__PEER_KIND__PEER_KIND_ADAPTER;
    enrol.agency = MASH__V1__AGENCY__AGENCY_POLICE;
    enrol.name = (char *)(uintptr_t) "police";
    told_journal_command(t, (core_command){.kind = CORE_ENROL, .peer = 1, .of.enrol = &enrol});
    core_command open = {.kind = CORE_OPEN_OUTBOX, .peer = POLICE};
    open.of.outbox.outbox_id.bytes[0] = 1;
    told_journal_command(t, open);
    const core_outbox *outbox = core_outbox_of(t->state, POLICE, &open.of.outbox.outbox_id);
    assert_non_null(outbox);
    t->outbox = outbox->number;
}

static void pack_concern(told_journal *t, uint32_t number, hub_id *id, hub_buffer *out)
{
    char reference[16];
    (void)snprintf(reference, sizeof reference, "%u", number);
    hub_put_u32(id->bytes, number);
    hub_id_mark_derived(id);
    Mash__V1__Identifier identifier = MASH__V1__IDENTIFIER__INIT;
    identifier.scheme = MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_LOCAL;
    identifier.value = reference;
    identifier.system = (char *)(uintptr_t) "case/1";
    Mash__V1__Identifier *identifiers[] = {&identifier};
    Mash__V1__SubjectRole roles[] = {MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_CHILD};
    Mash__V1__Date birth = MASH__V1__DATE__INIT;
    birth.year = 2018, birth.month = 6, birth.day = 1;
    Mash__V1__Subject subject = MASH__V1__SUBJECT__INIT;
    subject.roles = roles, subject.n_roles = 1;
    subject.identifiers = identifiers, subject.n_identifiers = 1;
    subject.family_name = (char *)(uintptr_t) "Example";
    subject.date_of_birth = &birth;
    Mash__V1__Subject *subjects[] = {&subject};
    Mash__V1__LegalBasis basis[] = {MASH__V1__LEGAL_BASIS__LEGAL_BASIS_PUBLIC_TASK};
    Mash__V1__Grade grade = MASH__V1__GRADE__INIT;
    grade.tool = (char *)(uintptr_t) "RAG", grade.tool_version = (char *)(uintptr_t) "1";
    grade.level = MASH__V1__GRADE_LEVEL__GRADE_LEVEL_HIGH;
    Mash__V1__ChildConcern concern = MASH__V1__CHILD_CONCERN__INIT;
    concern.circumstances = (char *)(uintptr_t) "seen with a bruise";
    concern.grade = &grade;
    Mash__V1__Event event = MASH__V1__EVENT__INIT;
    event.event_id = (ProtobufCBinaryData){.len = HUB_ID_BYTES, .data = id->bytes};
    event.agency = MASH__V1__AGENCY__AGENCY_POLICE;
    event.source_system = (char *)(uintptr_t) "case/1";
    event.source_reference = reference;
    event.occurred_at = event.recorded_at = t->now_ms;
    event.area = (char *)(uintptr_t) "E10000014";
    event.legal_basis = basis, event.n_legal_basis = 1;
    event.subjects = subjects, event.n_subjects = 1;
    event.payload_case = MASH__V1__EVENT__PAYLOAD_CHILD_CONCERN;
    event.child_concern = &concern;
    assert_int_equal(event_wire_pack(&event.base, out), HUB_OK);
}

void told_journal_concern(told_journal *t, uint32_t number)
{
    hub_id id = {{0}};
    hub_buffer bytes = {0};
    pack_concern(t, number, &id, &bytes);
    core_command publish = {.kind = CORE_PUBLISH, .peer = POLICE};
    publish.of.publish.outbox = t->outbox;
    publish.of.publish.link_seq = ++t->link_seq;
    publish.of.publish.item_event_id = hub_bytes_of(id.bytes, sizeof id.bytes);
    publish.of.publish.bytes = hub_buffer_bytes(&bytes);
    publish.of.publish.event = event_decode(hub_buffer_bytes(&bytes), &t->arena, &publish.of.publish.problem);
    assert_non_null(publish.of.publish.event);
    told_journal_command(t, publish);
    hub_buffer_free(&bytes);
}
