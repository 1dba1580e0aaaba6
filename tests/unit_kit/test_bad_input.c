/* Bad input at each way in, with the real formats: answered in the protocol's own words with the place of the fault, parked, never with its value;
 * and what comes behind it goes on. One table a way. */
#include "kit_bench.h"

#include "../unit_http/browser.h"
#include "adults/adults.h"
#include "children/children.h"
#include "education/education.h"
#include "health/health.h"
#include "kit/drop_folder.h"
#include "kit/mllp.h"
#include "kit/post.h"
#include "police/police.h"
#include "probation/probation.h"

static const char *const VALUES[] = {"Testley", "2026-02-30", "20260230", "30/02/2026", "9990001074", "passwd", "lol"};

typedef struct bench {
    uv_loop_t loop;
    outbox *box;
    kit_intake *intakes[4];
    unsigned intake_count;
    kit_desk *desk;
} bench;

static kit_intake *intake_of(bench *b, const kit_mapping *mapping, kit_unreadable unreadable)
{
    b->intakes[b->intake_count] = kit_bench_intake(b->box, mapping, unreadable, NULL);
    return b->intakes[b->intake_count++];
}

static void open_bench(bench *b)
{
    memset(b, 0, sizeof *b);
    kit_bench_open(&b->loop, NULL, 0, 0, &b->box, &b->desk);
}

static void close_bench(bench *b)
{
    kit_bench_close(&b->loop, b->box, b->desk, b->intakes, b->intake_count);
}

static void without_values(const char *what, const char *text)
{
    for (size_t i = 0; i < sizeof VALUES / sizeof VALUES[0]; i++) {
        if (strstr(text, VALUES[i]) != NULL) fail_msg("%s: repeats a value: %s", what, text);
    }
}

/* ---- MLLP ---- */

#define FRAME(text) "\x0B" text "\x1C\r"
#define HEAD(type, number, processing, version)                                                                                  \
    "MSH|^~\\&|PAS|RHM|HUB|MASH|20260115090000||" type "|" number "|" processing "|" version "\r"
#define PATIENT(nhs, name, birth) "PID|1||" nhs "^^^NHS^NH||" name "^Robin||" birth "\r"
#define CHILD PATIENT("9990001073", "Testley", "20160506")
#define MISS "SCH|A1||||||||||^^^20260114100000\rAIS|1||||||||Noshow\r"
#define ROW(what, text, wants)                                                                                                   \
    {                                                                                                                            \
        what, FRAME(text), sizeof FRAME(text) - 1, wants                                                                         \
    }
#define BARE_ROW(what, text, wants)                                                                                              \
    {                                                                                                                            \
        what, text, sizeof(text) - 1, wants                                                                                      \
    }

typedef struct mllp_row {
    const char *what, *bytes;
    size_t size;
    const char *wants; /* in the first answer; NULL: there is none to it */
} mllp_row;

static char large[6000];

static const mllp_row MESSAGES[] = {
    BARE_ROW("junk before a frame", "GET / HTTP/1.1\r\n\r\n", NULL),
    BARE_ROW("half a frame, and another begins", "\x0B" HEAD("SIU^S26", "H1", "P", "2.4") "PID|1||999", NULL),
    BARE_ROW("two in one read", FRAME(HEAD("ADT^A28", "T1", "P", "2.4") CHILD) FRAME(HEAD("ADT^A28", "T2", "P", "2.4") CHILD),
             "MSA|AA|T2"),
    ROW("no header", "hello", "MSA|AR|\r"),
    ROW("a second header", HEAD("SIU^S26", "D1", "P", "2.4") HEAD("SIU^S26", "D2", "P", "2.4"), "MSA|AR|"),
    ROW("delimiters that repeat", "MSH||||||||||\r", "MSA|AR|\r"),
    ROW("another type", HEAD("ORU^R01", "B1", "P", "2.5") CHILD, "MSA|AR|B1\rERR|||200^Unsupported message type"),
    ROW("another version", HEAD("SIU^S26", "B2", "P", "3.0") CHILD MISS, "MSA|AR|B2"),
    ROW("another processing id", HEAD("SIU^S26", "B3", "X", "2.5") CHILD MISS, "ERR|||202^Unsupported processing id"),
    ROW("no number", HEAD("SIU^S26", "", "P", "2.5") CHILD MISS, "MSA|AE|\rERR|||101^Required field missing"),
    ROW("a day that does not exist", HEAD("SIU^S26", "B4", "P", "2.5") PATIENT("9990001073", "Testley", "20260230") MISS,
        "MSA|AE|B4\rERR|||102^Data type error^HL70357|E||||line 2, column 44: PID-7: date does not exist"),
    ROW("a number that fails its check", HEAD("SIU^S26", "B5", "P", "2.4") PATIENT("9990001074", "Testley", "20160506") MISS,
        "MSA|AE|B5|line 2, column 8: PID-3: check digit"),
    ROW("a start that does not exist", HEAD("SIU^S26", "B6", "P", "2.4") CHILD "SCH|A9||||||||||^^^20260230100000\r",
        "MSA|AE|B6|line 3, column"),
    ROW("a NUL", HEAD("SIU^S26", "B7", "P", "2.4") "PID|1||9990001073^^^NHS^NH||Test\0ley\r" MISS, "segment 2: a NUL byte"),
    ROW("a letter of another set", HEAD("SIU^S26", "B8", "P", "2.4") PATIENT("9990001073", "T\xE9stley", "20160506") MISS,
        "not UTF-8"),
    ROW("nobody", HEAD("SIU^S26", "B9", "P", "2.4") MISS, "line 1: PID: no PID segment"),
    {"larger than is taken", large, sizeof large, "larger than this adapter takes"},
};

static void each_bad_message_is_answered_in_hl7_and_the_next_is_taken(void **state)
{
    bench b;
    hub_error err = {{0}};
    kit_mllp *server;
    open_bench(&b);
    memset(large, 'x', sizeof large);
    memcpy(large, "\x0BMSH|^~\\&|PAS|RHM|HUB|MASH|20260115090000||SIU^S26|L1|P|2.4\r", 60);
    memcpy(large + sizeof large - 2, "\x1C\r", 2);
    kit_mllp_options options = {.intake = intake_of(&b, &health_hl7, KIT_UNREADABLE_PARKS),
                                .desk = b.desk,
                                .address = "127.0.0.1",
                                .message_bytes_max = 5000,
                                .connections_max = 2,
                                .now_ms = fixed_now};
    (void)state;
    kit_ok(kit_mllp_open(&b.loop, &options, &server, &err));
    for (size_t i = 0; i < sizeof MESSAGES / sizeof MESSAGES[0]; i++) {
        hub_buffer text = {0};
        browser sender = {0};
        char good[8];
        uint64_t put = kit_counts_of(b.box).put;
        (void)snprintf(good, sizeof good, "G%zu", i);
        hub_buffer_put(&text, MESSAGES[i].bytes, MESSAGES[i].size);
        hub_buffer_put_format(&text,
                              FRAME("MSH|^~\\&|PAS|RHM|HUB|MASH|20260115090000||SIU^S26|%s|P|2.4\r" CHILD
                                    "SCH|B%zu||||||||||^^^20260114100000\rAIS|1||||||||Noshow\r"),
                              good, i);
        browser_open(&sender, &b.loop, kit_mllp_port(server), hub_buffer_bytes(&text), true);
        (void)snprintf(good, sizeof good, "|G%zu", i);
        if (!browser_sees(&sender, good)) fail_msg("%s: the next message was not answered", MESSAGES[i].what);
        const char *said = hub_buffer_text(&sender.got);
        if (MESSAGES[i].wants != NULL && strstr(said, MESSAGES[i].wants) == NULL) fail_msg("%s: %s", MESSAGES[i].what, said);
        (void)snprintf(good, sizeof good, "A|G%zu", i);
        if (strstr(said, good) == NULL) fail_msg("%s: the next message was not taken: %s", MESSAGES[i].what, said);
        without_values(MESSAGES[i].what, said);
        assert_int_equal(kit_counts_of(b.box).put, put + 1);
        hub_buffer_free(&text);
        browser_free(&sender);
    }
    kit_mllp_close(server);
    close_bench(&b);
}

/* ---- HTTP ---- */

#define NOSHOW(start, nhs)                                                                                                       \
    "{\"resourceType\":\"Appointment\",\"id\":\"a\",\"status\":\"noshow\",\n\"start\":\"" start                                  \
    "\",\n\"participant\":[{\"actor\":{\"identifier\":{\"system\":\"https://fhir.nhs.uk/Id/nhs-number\",\"value\":\"" nhs        \
    "\"}}}]}"
#define XML_NOSHOW(start) "<Appointment>\n<id value='x'/><status value='noshow'/>\n<start value='" start "'/></Appointment>"
#define INCIDENT(start, surname)                                                                                                 \
    "{\"data\":{\"id\":\"I1\",\"type\":\"incident\",\n\"attributes\":{\"domesticAbuse\":true,\n\"incidentStartDateTime\":"       \
    "\"" start "\"},\n\"relationships\":{\"victim\":{\"data\":{\"type\":\"person\",\"id\":\"1\"}}}},\n"                          \
    "\"included\":[{\"type\":\"person\",\"id\":\"1\",\"attributes\":{\"surname\":" surname "}}]}"
#define BODY(text) text, sizeof(text) - 1

static const struct {
    const char *what, *path, *type, *body;
    size_t size;
    const char *status, *wants;
} BODIES[] = {
    {"FHIR, cut off", "/fhir", "application/fhir+json", BODY("{\"resourceType\":\"Appointment\",\n\"status\":"), "400",
     "\"resourceType\":\"OperationOutcome\",\"issue\":[{\"severity\":\"error\",\"code\":\"structure\",\"diagnostics\":\"2:10: "},
    {"FHIR, a key twice", "/fhir", "application/fhir+json",
     BODY("{\"resourceType\":\"Appointment\",\n\"id\":\"Testley\",\"id\":\"b\"}"), "400", "a key stands twice"},
    {"FHIR, a NUL", "/fhir", "application/fhir+json", BODY("{\"resourceType\":\"Appointment\",\"id\":\"Test\\u0000ley\"}"), "400",
     "a NUL character"},
    {"FHIR, a raw NUL", "/fhir", "application/fhir+json", BODY("{\"resourceType\":\"Appointment\",\"id\":\"Test\0ley\"}"), "400",
     "1:"},
    {"FHIR, a day that does not exist", "/fhir", "application/fhir+json", BODY(NOSHOW("2026-02-30T10:00:00Z", "9990001073")),
     "422", "\"code\":\"processing\",\"diagnostics\":\"line 2, column 9: start: date or time does not exist"},
    {"FHIR, a number that fails its check", "/fhir", "application/json", BODY(NOSHOW("2026-01-14T10:00:00Z", "9990001074")),
     "422", "line 3, column 93: identifier.value: check digit"},
    {"FHIR as another type", "/fhir", "text/csv", BODY(NOSHOW("2026-01-14T10:00:00Z", "9990001073")), "415", "Content-Type"},
    {"FHIR XML, cut off", "/fhir", "application/fhir+xml", BODY("<Appointment>\n<id value='Testley"), "400", "2:"},
    {"FHIR XML, a bomb", "/fhir", "application/fhir+xml",
     BODY("<!DOCTYPE a [<!ENTITY a 'lol'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]><Appointment><id value='&b;'/></Appointment>"),
     "400", "a DOCTYPE is not allowed"},
    {"FHIR XML, a file of ours", "/fhir", "application/fhir+xml",
     BODY("<!DOCTYPE a [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>\n<Appointment><id value='&a;'/></Appointment>"), "400",
     "2:28: not well-formed XML"},
    {"FHIR XML, a day that does not exist", "/fhir", "application/fhir+xml", BODY(XML_NOSHOW("2026-02-30T10:00:00Z")), "422",
     "line 3, column 1: start"},
    {"police, cut off", "/incidents", "application/json", BODY("{\"data\":{\"id\":\"I1\"\n"), "400",
     "{\"title\":\"not taken\",\"status\":400,\"parked\":1,\"detail\":\"2:1: the document ends too early\"}"},
    {"police, another set of letters", "/incidents", "application/json", BODY(INCIDENT("2026-01-14T10:00:00Z", "\"T\xE9stley\"")),
     "400", "5:64: not UTF-8"},
    {"police, UTF-16", "/incidents", "application/json", BODY("\xFF\xFE{\0\"\0d\0\"\0:\0{\0}\0}\0"), "400", "1:1: not UTF-8"},
    {"police, a day that does not exist", "/incidents", "application/json", BODY(INCIDENT("2026-02-30T10:00:00Z", "\"Testley\"")),
     "422", "\"status\":422,\"parked\":1,\"detail\":\"line 3, column 25: incidentStartDateTime"},
    {"police, another shape", "/incidents", "application/json", BODY(INCIDENT("2026-01-14T10:00:00Z", "[\"Testley\"]")), "422",
     "line 5, column"},
    {"police, something behind it", "/incidents", "application/json", BODY("{}\n{\"Testley\":1}"), "400",
     "2:1: something follows the end"},
    {"probation, a message within that is none", "/events", "application/json",
     BODY("{\"Type\":\"Notification\",\"Message\":\"{\\\"eventType\\\":\\n\"}"), "400", "Message: "},
    {"probation, a day that does not exist", "/events", "application/json",
     BODY(
         "{\"eventType\":\"prison-offender-events.prisoner.released\",\"version\":1,\n\"occurredAt\":\"2026-02-30T10:00:00Z\","
         "\"additionalInformation\":{\"reason\":\"RELEASED\"},\"personReference\":{\"identifiers\":[{\"type\":\"NOMS\",\"value\":"
         "\"A9001AA\"}]}}"),
     "400", "2:14: occurredAt"},
    {"HL7, another type", "/hl7", "x-application/hl7-v2+er7", BODY(HEAD("ORU^R01", "W1", "P", "2.5") CHILD), "400", "MSA|AR|W1"},
    {"HL7, a day that does not exist", "/hl7", "",
     BODY(HEAD("SIU^S26", "W2", "P", "2.5") PATIENT("", "Testley", "20260230") MISS), "422", "MSA|AE|W2"},
    {"larger than is taken", "/incidents", "application/json", large, sizeof large, "413", "application/problem+json"},
};

static void each_bad_body_is_answered_with_its_status_and_place_and_the_next_is_taken(void **state)
{
    bench b;
    hub_error err = {{0}};
    kit_post *server;
    open_bench(&b);
    kit_write(kit_path(*state, "token"), "a-token-of-the-senders-engine\n");
    kit_post_options options = {.desk = b.desk,
                                .routes = {{"/fhir", intake_of(&b, &health_fhir, KIT_UNREADABLE_PARKS)},
                                           {"/incidents", intake_of(&b, &police_incident_json, KIT_UNREADABLE_PARKS)},
                                           {"/events", intake_of(&b, &probation_domain_event, KIT_UNREADABLE_PARKS)},
                                           {"/hl7", intake_of(&b, &health_hl7, KIT_UNREADABLE_PARKS)}},
                                .route_count = 4,
                                .address = "127.0.0.1",
                                .certificate = "",
                                .key = "",
                                .authorities = "",
                                .token_file = kit_path(*state, "token"),
                                .body_bytes_max = 5000,
                                .now_ms = fixed_now};
    kit_ok(kit_post_open(&b.loop, &options, &server, &err));
    for (size_t i = 0; i < sizeof BODIES / sizeof BODIES[0]; i++) {
        hub_buffer text = {0};
        browser sender = {0};
        uint64_t put = kit_counts_of(b.box).put;
        hub_buffer_put_format(
            &text,
            "POST %s HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
            "Authorization: Bearer a-token-of-the-senders-engine\r\n\r\n",
            BODIES[i].path, BODIES[i].type, BODIES[i].size);
        hub_buffer_put(&text, BODIES[i].body, BODIES[i].size);
        browser_open(&sender, &b.loop, kit_post_port(server), hub_buffer_bytes(&text), true);
        browser_until_closed(&sender);
        const char *said = hub_buffer_text(&sender.got);
        bool is_so = strncmp(said, "HTTP/1.1 ", 9) == 0 && strncmp(said + 9, BODIES[i].status, 3) == 0;
        if (!is_so || strstr(said, BODIES[i].wants) == NULL) fail_msg("%s: %s", BODIES[i].what, said);
        without_values(BODIES[i].what, said);
        assert_int_equal(kit_counts_of(b.box).put, put);
        hub_buffer_free(&text);
        browser_free(&sender);
    }
    kit_post_close(server);
    close_bench(&b);
}

/* ---- files ---- */

#define REGISTER "UPN,Surname,Forename,DOB,SchoolURN,Date,Session,Code,Comment\n"
#define MARK(day, code) "D850199920001,Testley,Robin,06/05/2016,100001," day ",AM," code ","
#define CENSUS(child)                                                                                                            \
    "<Message><Header><CollectionDetails><Collection>CIN</Collection></CollectionDetails><Source><LEA>850</LEA>"                 \
    "</Source></Header>\n<Children>\n" child "</Children></Message>"
#define CASES "ConcernRef,LA Person Unique Identifier,NHS Number,ConcernRaisedDate,TypeOfRisk\n"

static const struct {
    const char *what;
    const kit_mapping *mapping;
    const char *content;
    size_t size;
    const char *failed; /* why the whole file is; NULL: it is done */
    unsigned events, parked;
    const char *reason; /* of the first that is parked */
} FILES[] = {
    {"CSV, a quote that never ends", &education_register_csv, BODY(REGISTER MARK("14/01/2026", "N") "\"Testley\n"),
     "2:1: a quote", 0, 0, NULL},
    {"CSV, columns in another order", &education_register_csv,
     BODY(
         "Code,Session,Date,SchoolURN,DOB,Forename,Surname,UPN\nN,AM,14/01/2026,100001,06/05/2016,Robin,Testley,D850199920001\n"),
     NULL, 1, 0, NULL},
    {"CSV, a column that is missing", &education_register_csv,
     BODY("UPN,Surname,Date,Session\nD850199920001,Testley,14/01/2026,AM\n"), "1:1: no column", 0, 0, NULL},
    {"CSV, a NUL", &education_register_csv, BODY(REGISTER MARK("14/01/2026", "N") "\nD85\0,Testley\n"), "3:", 0, 0, NULL},
    {"CSV in UTF-16", &education_register_csv, BODY("\xFF\xFEU\0P\0N\0,\0"), "1:", 0, 0, NULL},
    {"CSV, a day that does not exist, and a good one", &education_register_csv,
     BODY(REGISTER MARK("30/02/2026", "N") "\n" MARK("14/01/2026", "N") "\n"), NULL, 1, 1, "line 2, column 47: Date"},
    {"CSV, a letter of another set", &education_register_csv,
     BODY(REGISTER "D850199920001,T\xE9stley,Robin,06/05/2016,100001,14/01/2026,AM,N,\n" MARK("13/01/2026", "N") "\n"), NULL, 1,
     1, "not UTF-8"},
    {"CSV, a row that is too short", &education_register_csv,
     BODY(REGISTER "D850199920001,Testley\n" MARK("14/01/2026", "N") "\n"), NULL, 1, 1, "line 2"},
    {"CSV, a number that fails its check", &adults_safeguarding_csv,
     BODY(CASES "C1,L1,9990001074,14/01/2026,Neglect\nC2,L2,9990001359,14/01/2026,Neglect\n"), NULL, 1, 1,
     "line 2, column 7: NHS Number: check digit"},
    {"CSV, a kind that is none", &adults_safeguarding_csv, BODY(CASES "C1,L1,,14/01/2026,Testley\nC2,L2,,14/01/2026,Neglect\n"),
     NULL, 1, 1, "line 2"},
    {"census, cut off", &childrens_cin_census, BODY("<Message><Header>\n<Collection>Testley"), "2:", 0, 0, NULL},
    {"census, a bomb", &childrens_cin_census, BODY("<!DOCTYPE a [<!ENTITY a 'lol'>]><Message/>"), "a DOCTYPE is not allowed", 0,
     0, NULL},
    {"census, a day that does not exist", &childrens_cin_census,
     BODY(CENSUS(
         "<Child><ChildIdentifiers><LAchildID>T1</LAchildID>\n<PersonBirthDate>2026-02-30</PersonBirthDate></ChildIdentifiers>"
         "</Child>")),
     NULL, 0, 1, "line 4, column 1: PersonBirthDate"},
    {"transfer file, an entity of a file", &education_ctf,
     BODY("<?xml version='1.0'?>\n<!DOCTYPE a [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><CTfile>&a;</CTfile>"),
     "a DOCTYPE is not allowed", 0, 0, NULL},
    {"transfer file, an entity that nobody declared", &education_ctf, BODY("<CTfile>\n&a;</CTfile>"), "2:", 0, 0, NULL},
};

static char parked_reason[400];

/* The first of what is parked, as a person reads it. */
static void read_parked(outbox *box)
{
    outbox_parked parked;
    hub_arena arena;
    hub_error err = {{0}};
    parked_reason[0] = '\0';
    assert_int_equal(hub_arena_open(&arena, 4096, 1 << 20), HUB_OK);
    if (outbox_parked_next(box, 0, &arena, &parked, &err) == HUB_OK)
        (void)snprintf(parked_reason, sizeof parked_reason, "line %u, column %u: %s: %s", parked.line, parked.column,
                       parked.field, parked.reason);
    hub_arena_close(&arena);
}

static void check_file(size_t i, const char *folder)
{
    bench b;
    hub_error err = {{0}};
    kit_drop_folder *drop;
    kit_drop_report report;
    hub_buffer reason = {0};
    open_bench(&b);
    kit_drop_folder_options options = {.folder = kit_path(folder, "in"),
                                       .intake = intake_of(&b, FILES[i].mapping, KIT_UNREADABLE_FAILS)};
    kit_ok(kit_drop_folder_open(&options, &drop, &err));
    kit_ok(host_file_replace(kit_path(folder, "in/8501234_CTF_8512345_001"), hub_bytes_of(FILES[i].content, FILES[i].size), 0600,
                             &err));
    for (int polls = 0; polls < 2; polls++)
        kit_ok(kit_drop_folder_poll(drop, NOW, &report, &err));
    bool has_failed = kit_exists(kit_path(folder, "in/failed/8501234_CTF_8512345_001"));
    if (has_failed) kit_ok(host_file_read(kit_path(folder, "in/failed/8501234_CTF_8512345_001.reason.txt"), 4096, &reason, &err));
    const char *said = hub_buffer_text(&reason);
    if (has_failed != (FILES[i].failed != NULL) || (has_failed && strstr(said, FILES[i].failed) == NULL))
        fail_msg("%s: failed: %s", FILES[i].what, said);
    without_values(FILES[i].what, said);
    read_parked(b.box);
    outbox_counts counts = kit_counts_of(b.box);
    if (counts.put != FILES[i].events || counts.parked_here != FILES[i].parked)
        fail_msg("%s: %u events, %u parked: %s", FILES[i].what, (unsigned)counts.put, (unsigned)counts.parked_here,
                 parked_reason);
    if (FILES[i].reason != NULL && strstr(parked_reason, FILES[i].reason) == NULL)
        fail_msg("%s: %s", FILES[i].what, parked_reason);
    without_values(FILES[i].what, parked_reason);
    hub_buffer_free(&reason);
    kit_drop_folder_close(drop);
    close_bench(&b);
}

static void each_bad_file_fails_with_its_place_or_parks_its_bad_rows_alone(void **state)
{
    for (size_t i = 0; i < sizeof FILES / sizeof FILES[0]; i++) {
        char folder[300];
        (void)snprintf(folder, sizeof folder, "%s/%zu", (const char *)*state, i);
        assert_int_equal(mkdir(folder, 0700), 0);
        check_file(i, folder);
    }
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, kit_folder_make, kit_folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(each_bad_message_is_answered_in_hl7_and_the_next_is_taken),
        STORY(each_bad_body_is_answered_with_its_status_and_place_and_the_next_is_taken),
        STORY(each_bad_file_fails_with_its_place_or_parks_its_bad_rows_alone),
    };
    return cmocka_run_group_tests_name("bad_input", tests, NULL, NULL);
}
