/* Reads about people: for a stated purpose, by somebody on the roster, and in the audit stream before the answer is seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "board.h"
#include "host/random.h"
#include "journal/verify.h"

static const char REASON[] = "the duty social worker rang about her";

static board_story shared;

/* Who of the staff is which person: bp-1 is the child's parent and has the same NHS number on file, bp-2 somebody else. */
static void write_own(const hub_run *h)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/own.yaml", h->folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fchmod(fileno(file), 0600), 0);
    assert_true(fputs("people:\n  - {staff: bp-1, keys: [\"nhs:" CHILDS_NUMBER "\"]}\n"
                      "  - {staff: bp-2, keys: [\"nhs:9990000026\"], homes: [100012345678]}\n",
                      file) >= 0);
    assert_int_equal(fclose(file), 0);
    (void)snprintf(path, sizeof path, "%s/hub.yaml", h->folder);
    file = fopen(path, "a");
    assert_non_null(file);
    assert_true(fputs("own_households: own.yaml\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int setup(void **state)
{
    board_story *f = &shared;
    hub_make_with(&f->hub, "acting.yaml");
    write_own(&f->hub);
    (void)snprintf(f->full, sizeof f->full, "%s/full", f->hub.folder);
    (void)setenv("MASHHUB_FULL_FILE", "audit.db", 1);
    board_story_start(f);
    publish_concern(f->adapter, 1);
    *state = f;
    return 0;
}

/* ---- reading ------------------------------------------------------------------------------------------------------------------- */
typedef struct reading {
    Mash__V1__Explain explain;
    Mash__V1__Query query;
    Mash__V1__ClientFrame frame;
} reading;

/* Why was A1 opened? As the board asks for bp-1, to be changed by the test. */
static void compose_explain(reading *r, const char *by)
{
    mash__v1__explain__init(&r->explain);
    mash__v1__client_frame__init(&r->frame);
    r->explain.id = (char *)(uintptr_t) "A1";
    r->explain.purpose = MASH__V1__PURPOSE__PURPOSE_SAFEGUARDING_DECISION;
    r->explain.on_behalf_of = (char *)(uintptr_t)by;
    r->explain.reason = (char *)(uintptr_t)REASON;
    r->frame.body_case = MASH__V1__CLIENT_FRAME__BODY_EXPLAIN;
    r->frame.explain = &r->explain;
}

static void compose_query(reading *r, const char *by)
{
    mash__v1__query__init(&r->query);
    mash__v1__client_frame__init(&r->frame);
    r->query.key = (char *)(uintptr_t) "nhs:" CHILDS_NUMBER;
    r->query.purpose = MASH__V1__PURPOSE__PURPOSE_STRATEGY_DISCUSSION;
    r->query.on_behalf_of = (char *)(uintptr_t)by;
    r->frame.body_case = MASH__V1__CLIENT_FRAME__BODY_QUERY;
    r->frame.query = &r->query;
}

static void then_explained(peer *by, reading *r)
{
    const Mash__V1__HubFrame *answer = ask(by, &r->frame);
    if (answer->body_case == MASH__V1__HUB_FRAME__BODY_FAULT) print_error("%s\n", answer->fault->text);
    assert_int_equal(answer->body_case, MASH__V1__HUB_FRAME__BODY_EXPLAINED);
    assert_true(answer->explained->found);
}

static void then_fault(peer *by, reading *r, Mash__V1__FaultCode code, const char *field)
{
    const Mash__V1__HubFrame *answer = ask(by, &r->frame);
    assert_int_equal(answer->body_case, MASH__V1__HUB_FRAME__BODY_FAULT);
    assert_int_equal(answer->fault->code, code);
    assert_string_equal(answer->fault->field_path, field);
}

/* Who looked; about CHILDS_NUMBER, or at anything. */
static const Mash__V1__AuditRecords *who_looked(peer *by, const char *key)
{
    Mash__V1__AuditQuery body = MASH__V1__AUDIT_QUERY__INIT;
    body.key = (char *)(uintptr_t)key;
    body.purpose = MASH__V1__PURPOSE__PURPOSE_AUDIT;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_AUDIT;
    frame.audit = &body;
    const Mash__V1__HubFrame *answer = ask(by, &frame);
    assert_int_equal(answer->body_case, MASH__V1__HUB_FRAME__BODY_AUDIT_RECORDS);
    return answer->audit_records;
}

/* The hub's audit store, checked from outside. */
static journal_verdict verdict_of(const hub_run *h)
{
    char location[128], master[128], heads[128];
    journal *j = NULL;
    journal_keys *keys = NULL;
    journal_verdict verdict;
    hub_error err;
    (void)snprintf(location, sizeof location, "sqlite:%s/state/audit.db", h->folder);
    (void)snprintf(master, sizeof master, "%s/keys/master.key", h->folder);
    (void)snprintf(heads, sizeof heads, "%s/state/audit-heads", h->folder);
    assert_int_equal(journal_open(location, "bench", JOURNAL_READ, &j, &err), HUB_OK);
    assert_int_equal(journal_keys_open(master, j, &keys, &err), HUB_OK);
    assert_int_equal(journal_verify(j, keys, NULL, heads, &verdict, &err), HUB_OK);
    journal_keys_close(keys);
    journal_close(j);
    return verdict;
}

/* ---- the stories ----------------------------------------------------------------------------------------------------------------- */
/* H6. Whoever saw the answer is in the stream, even when the hub died in the same instant. */
static void a_read_is_in_the_audit_stream_when_its_answer_is_seen(void **state)
{
    board_story *f = *state;
    reading r;
    uint64_t before = verdict_of(&f->hub).records;
    compose_explain(&r, "bp-1");

    then_explained(f->board, &r);
    hub_kill(&f->hub);

    assert_int_equal(verdict_of(&f->hub).records, before + 1);
}

static void an_auditor_sees_who_looked_when_and_why(void **state)
{
    board_story *f = *state;
    reading r;
    peer *auditor = enrol(f->op, "auditor", MASH__V1__PEER_KIND__PEER_KIND_AUDITOR, NULL);
    peer_open(auditor);
    compose_explain(&r, "bp-1");
    then_explained(f->board, &r);

    const Mash__V1__AuditRecords *seen = who_looked(auditor, "");

    assert_int_equal(seen->n_items, 1);
    assert_string_equal(seen->items[0]->peer, "board");
    assert_string_equal(seen->items[0]->on_behalf_of, "bp-1");
    assert_int_equal(seen->items[0]->purpose, MASH__V1__PURPOSE__PURPOSE_SAFEGUARDING_DECISION);
    assert_int_equal(seen->items[0]->read, MASH__V1__READ_KIND__READ_KIND_EXPLAIN);
    assert_string_equal(seen->items[0]->item, "A1");
    assert_string_equal(seen->items[0]->reason, REASON);
    assert_int_equal(seen->items[0]->n_sequences, 1);
    assert_int_equal(seen->items[0]->sequences[0], f->adapter->sequence[1]);
}

/* "Who looked at my daughter's records?" must find who came by the alert as well as who came by her number. */
static void every_read_that_showed_a_childs_record_is_found_by_the_childs_number(void **state)
{
    board_story *f = *state;
    reading r;
    compose_explain(&r, "bp-1");
    then_explained(f->board, &r);
    compose_query(&r, "bp-2");
    assert_int_equal(ask(f->board, &r.frame)->found->n_items, 1);

    const Mash__V1__AuditRecords *seen = who_looked(f->op, "nhs:" CHILDS_NUMBER);
    assert_int_equal(seen->n_items, 2);
    assert_string_equal(seen->items[0]->on_behalf_of, "bp-2");
    assert_string_equal(seen->items[0]->item, "nhs");
    assert_string_equal(seen->items[1]->on_behalf_of, "bp-1");

    /* that was a read too; of another child nobody asked */
    assert_int_equal(who_looked(f->op, "nhs:" CHILDS_NUMBER)->items[0]->read, MASH__V1__READ_KIND__READ_KIND_AUDIT);
    assert_int_equal(who_looked(f->op, "nhs:9990000026")->n_items, 0);
}

/* Who asks whom an alert's records name has read about each of them; who asks for the records alone is told no name. */
static void the_people_of_an_alert_are_told_to_who_asks_for_them(void **state)
{
    board_story *f = *state;
    reading r;
    compose_query(&r, "bp-1");
    r.query.key = (char *)(uintptr_t) "alert:A1";
    assert_int_equal(ask(f->board, &r.frame)->found->n_people, 0);
    r.query.people = true;

    const Mash__V1__FoundRecords *found = ask(f->board, &r.frame)->found;

    assert_int_equal(found->n_people, 1);
    assert_string_equal(found->people[0]->family_name, "Exercise-1");
    assert_int_equal(found->people[0]->person, 1);
    assert_int_equal(found->people[0]->joined, 0);
}

/* A note with a name is all there is; and the audit of the look-up holds none. */
static void somebody_is_found_by_name_and_the_audit_holds_no_name(void **state)
{
    board_story *f = *state;
    reading r;
    compose_query(&r, "bp-1");
    r.query.key = (char *)(uintptr_t) "name:exercise";

    const Mash__V1__FoundRecords *found = ask(f->board, &r.frame)->found;

    assert_int_equal(found->n_items, 1);
    assert_string_equal(found->items[0]->alert_ids[0], "A1");
    assert_int_equal(found->n_people, 1);
    assert_int_equal(found->people[0]->sequence, found->items[0]->sequence);
    assert_string_equal(found->people[0]->family_name, "Exercise-1");
    assert_int_equal(found->people[0]->person, 1);
    assert_int_equal(found->people[0]->subject, 1);
    assert_int_equal(found->people[0]->known_by, MASH__V1__LINK_EVIDENCE__LINK_EVIDENCE_NEW_IDENTIFIER);
    assert_int_equal(found->looked_through, 16384);
    r.query.key = (char *)(uintptr_t) "name:nobody";
    assert_int_equal(ask(f->board, &r.frame)->found->n_items, 0);

    const Mash__V1__AuditRecords *seen = who_looked(f->op, "name:EXERCISE");
    assert_int_equal(seen->n_items, 1);
    assert_string_equal(seen->items[0]->item, "name");
    assert_int_equal(seen->items[0]->n_sequences, 1);
    assert_int_equal(who_looked(f->op, "name:nobody")->n_items, 1);
}

/* Looking at one's own family is not forbidden: it may be one's work. It is marked, and the one who looks is told so. */
static void who_looks_up_their_own_household_is_flagged_and_told(void **state)
{
    board_story *f = *state;
    reading r;
    compose_query(&r, "bp-1");
    assert_true(ask(f->board, &r.frame)->found->own);
    compose_explain(&r, "bp-1");
    assert_true(ask(f->board, &r.frame)->explained->own);
    compose_explain(&r, "bp-2");
    assert_false(ask(f->board, &r.frame)->explained->own);

    Mash__V1__AuditQuery body = MASH__V1__AUDIT_QUERY__INIT;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    body.flagged = 1;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_AUDIT;
    frame.audit = &body;
    const Mash__V1__AuditRecords *seen = ask(f->op, &frame)->audit_records;
    assert_int_equal(seen->n_items, 2);
    assert_true(seen->items[0]->own);
    assert_string_equal(seen->items[0]->on_behalf_of, "bp-1");
    assert_string_equal(seen->items[1]->on_behalf_of, "bp-1");
}

/* Themselves by number, though nothing is found; and whoever says so, without being in any list. */
static void what_is_searched_for_and_what_people_say_flags_too(void **state)
{
    board_story *f = *state;
    reading r;
    compose_query(&r, "bp-2");
    r.query.key = (char *)(uintptr_t) "nhs:9990000026";
    const Mash__V1__FoundRecords *found = ask(f->board, &r.frame)->found;
    assert_int_equal(found->n_items, 0);
    assert_true(found->own);
    compose_query(&r, "bp-3");
    assert_false(ask(f->board, &r.frame)->found->own);
    r.query.own = 1;
    assert_true(ask(f->board, &r.frame)->found->own);
}

static void a_read_without_a_purpose_is_refused(void **state)
{
    board_story *f = *state;
    reading r;
    compose_explain(&r, "bp-1");
    r.explain.purpose = MASH__V1__PURPOSE__PURPOSE_UNSPECIFIED;
    then_fault(f->board, &r, MASH__V1__FAULT_CODE__FAULT_MALFORMED, "explain.purpose");
    r.explain.on_behalf_of = (char *)(uintptr_t) "";
    then_fault(f->op, &r, MASH__V1__FAULT_CODE__FAULT_MALFORMED, "explain.purpose");
    compose_query(&r, "");
    r.query.purpose = (Mash__V1__Purpose)77;
    then_fault(f->op, &r, MASH__V1__FAULT_CODE__FAULT_MALFORMED, "query.purpose");
    r.query.purpose = MASH__V1__PURPOSE__PURPOSE_OTHER;
    then_fault(f->op, &r, MASH__V1__FAULT_CODE__FAULT_MALFORMED, "query.reason");

    assert_int_equal(who_looked(f->op, "")->n_items, 0);
}

/* Whoever counts the numbers up must not read a case that way: of people and alerts nothing is told without a purpose (P13). */
static void an_operator_explains_what_is_about_people_for_a_purpose_only(void **state)
{
    board_story *f = *state;
    reading r;
    char number[24];
    (void)snprintf(number, sizeof number, "%llu", (unsigned long long)f->adapter->sequence[1]);
    compose_explain(&r, "");
    r.explain.id = number;
    r.explain.purpose = MASH__V1__PURPOSE__PURPOSE_UNSPECIFIED;

    then_fault(f->op, &r, MASH__V1__FAULT_CODE__FAULT_MALFORMED, "explain.purpose");
    assert_int_equal(who_looked(f->op, "")->n_items, 0);

    r.explain.purpose = MASH__V1__PURPOSE__PURPOSE_OPERATIONS;
    then_explained(f->op, &r);
    assert_string_equal(who_looked(f->op, "")->items[0]->item, number);
}

/* Keys, policy, starts: that is how the hub is looked after, and nobody's case. A team's system has no part in it. */
static void an_operator_explains_what_is_of_the_hub_alone_without_a_purpose(void **state)
{
    board_story *f = *state;
    reading r;
    compose_explain(&r, "");
    r.explain.id = (char *)(uintptr_t) "1";
    r.explain.purpose = MASH__V1__PURPOSE__PURPOSE_UNSPECIFIED;

    then_explained(f->op, &r);
    r.explain.id = (char *)(uintptr_t) "3"; /* a key was enrolled */
    then_explained(f->op, &r);
    assert_int_equal(who_looked(f->op, "")->n_items, 0);
    then_fault(f->board, &r, MASH__V1__FAULT_CODE__FAULT_MALFORMED, "explain.purpose");
}

/* "17" alone is a record's number: who looked at alert 17 has not looked at record 17. */
static void an_alert_that_is_asked_for_by_its_bare_number_is_audited_as_an_alert(void **state)
{
    board_story *f = *state;
    reading r;
    compose_query(&r, "bp-1");
    r.query.key = (char *)(uintptr_t) "alert:1";

    assert_int_equal(ask(f->board, &r.frame)->found->n_items, 1);

    assert_string_equal(who_looked(f->op, "")->items[0]->item, "A1");
}

static void a_gateway_reads_for_a_person_of_a_team_that_it_may_act_for(void **state)
{
    board_story *f = *state;
    reading r;
    compose_explain(&r, "");
    then_fault(f->board, &r, MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED, "explain.on_behalf_of");
    compose_explain(&r, "bv-1"); /* on the roster, in a team of others */
    then_fault(f->board, &r, MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED, "explain.on_behalf_of");
    compose_query(&r, "nobody");
    then_fault(f->board, &r, MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED, "query.on_behalf_of");
    compose_query(&r, "bp-1");
    then_fault(f->op, &r, MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED, "query.on_behalf_of");
}

/* Nothing is shown that could not be accounted for; and nobody's event waits for it. */
static void a_full_audit_store_stops_reads_about_people_and_nothing_else(void **state)
{
    board_story *f = *state;
    reading r;
    compose_explain(&r, "bp-1");
    FILE *sign = fopen(f->full, "w");
    assert_non_null(sign);
    assert_int_equal(fclose(sign), 0);

    then_fault(f->board, &r, MASH__V1__FAULT_CODE__FAULT_BUSY, "");
    then_fault(f->board, &r, MASH__V1__FAULT_CODE__FAULT_BUSY, "");
    assert_int_equal(status_of(f->op)->n_alarms, 1);
    publish_concern(f->adapter, 2);

    assert_int_equal(remove(f->full), 0);
    int tries = 0;
    while (status_of(f->op)->n_alarms > 0) {
        assert_true(++tries < 1000);
        hub_spin(&f->hub, 10);
    }
    then_explained(f->board, &r);
    assert_int_equal(hub_stop(&f->hub), 0);
    assert_string_equal(verdict_of(&f->hub).finding, "");
}

/* The journal is not told of it, and so no fold can rest on who looked. */
static void nothing_of_a_read_is_in_the_journal(void **state)
{
    board_story *f = *state;
    reading r;
    const Mash__V1__Status *status = status_of(f->op);
    uint64_t sequence = status->durable->sequence, digest = status->state_digest;
    compose_explain(&r, "bp-1");

    then_explained(f->board, &r);

    status = status_of(f->op);
    assert_int_equal(status->durable->sequence, sequence);
    assert_true(status->state_digest == digest);
}

static void the_stream_goes_on_over_a_restart_and_its_chain_holds(void **state)
{
    board_story *f = *state;
    reading r;
    compose_explain(&r, "bp-1");
    then_explained(f->board, &r);
    assert_int_equal(hub_stop(&f->hub), 0);
    hub_start(&f->hub, NULL);
    assert_true(hub_until(&f->hub, &f->board->opened, 2, PATIENCE_MS));
    then_explained(f->board, &r);
    assert_int_equal(hub_stop(&f->hub), 0);

    journal_verdict verdict = verdict_of(&f->hub);

    assert_string_equal(verdict.finding, "");
    assert_int_equal(verdict.records, 4); /* two starts, two reads */
    assert_true(verdict.heads >= 2);
}

/* A backup of the audit store must not be another list of children. */
static void no_identifier_and_no_words_stand_in_the_store(void **state)
{
    board_story *f = *state;
    reading r;
    char command[256];
    compose_query(&r, "bp-1");
    r.query.reason = (char *)(uintptr_t)REASON;
    assert_int_equal(ask(f->board, &r.frame)->found->n_items, 1);
    compose_explain(&r, "bp-1");
    r.explain.id = (char *)(uintptr_t)CHILDS_NUMBER; /* a slip: taken for a sequence that does not exist */
    assert_false(ask(f->board, &r.frame)->explained->found);
    assert_int_equal(hub_stop(&f->hub), 0);

    (void)snprintf(command, sizeof command, "grep -qaE '" CHILDS_NUMBER "|social worker' %s/state/audit*", f->hub.folder);
    assert_int_not_equal(system(command), 0);
    (void)snprintf(command, sizeof command, "grep -qa bench %s/state/audit*", f->hub.folder); /* and grep looked at it */
    assert_int_equal(system(command), 0);
}

/* Who put an older store back must not have the newest reads unseen: the heads beside it tell. */
static void a_lost_audit_store_is_noticed_and_nothing_is_read_until_it_is_back(void **state)
{
    board_story *f = *state;
    reading r;
    char command[256];
    compose_explain(&r, "bp-1");
    then_explained(f->board, &r);
    assert_int_equal(hub_stop(&f->hub), 0);
    (void)snprintf(command, sizeof command, "rm %s/state/audit.db*", f->hub.folder);
    assert_int_equal(system(command), 0);
    hub_start(&f->hub, NULL);
    assert_true(hub_until(&f->hub, &f->board->opened, 2, PATIENCE_MS));
    assert_true(hub_until(&f->hub, &f->adapter->opened, 2, PATIENCE_MS));

    then_fault(f->board, &r, MASH__V1__FAULT_CODE__FAULT_BUSY, "");
    publish_concern(f->adapter, 2);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, setup, board_story_remove)
int main(void)
{
    host_random_start();
    const struct CMUnitTest tests[] = {
        STORY(a_read_is_in_the_audit_stream_when_its_answer_is_seen),
        STORY(an_auditor_sees_who_looked_when_and_why),
        STORY(the_people_of_an_alert_are_told_to_who_asks_for_them),
        STORY(somebody_is_found_by_name_and_the_audit_holds_no_name),
        STORY(every_read_that_showed_a_childs_record_is_found_by_the_childs_number),
        STORY(who_looks_up_their_own_household_is_flagged_and_told),
        STORY(what_is_searched_for_and_what_people_say_flags_too),
        STORY(a_read_without_a_purpose_is_refused),
        STORY(an_operator_explains_what_is_about_people_for_a_purpose_only),
        STORY(an_operator_explains_what_is_of_the_hub_alone_without_a_purpose),
        STORY(an_alert_that_is_asked_for_by_its_bare_number_is_audited_as_an_alert),
        STORY(a_gateway_reads_for_a_person_of_a_team_that_it_may_act_for),
        STORY(a_full_audit_store_stops_reads_about_people_and_nothing_else),
        STORY(nothing_of_a_read_is_in_the_journal),
        STORY(the_stream_goes_on_over_a_restart_and_its_chain_holds),
        STORY(no_identifier_and_no_words_stand_in_the_store),
        STORY(a_lost_audit_store_is_noticed_and_nothing_is_read_until_it_is_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
