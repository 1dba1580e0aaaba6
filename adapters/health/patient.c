#include "health/message.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "formats/json.h"

#define SCHEME(name) MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_##name
#define ROLE(name) MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_##name

/* The trust's own number, with the authority that issued it when one is named: two authorities' "1234" are two people. */
static void add_local_number(health_message *m, Mash__V1__Subject *subject, hub_bytes value, hub_bytes authority)
{
    char text[200];
    const char *number = health_text(m, value);
    if (authority.size == 0)
        (void)snprintf(text, sizeof text, "%.100s", number);
    else
        (void)snprintf(text, sizeof text, "%.60s:%.100s", health_text(m, authority), number);
    formats_add_identifier(m->draft, subject, SCHEME(LOCAL), hub_bytes_of_text(text));
}

static bool is_nhs_number(const health_message *m, hub_bytes holder, uint32_t field, uint32_t repeat)
{
    hub_bytes authority = formats_hl7_part(m->hl7, holder, field, repeat, 4, 1);
    hub_bytes authority_oid = formats_hl7_part(m->hl7, holder, field, repeat, 4, 2);
    hub_bytes kind = formats_hl7_part(m->hl7, holder, field, repeat, 5, 0);
    return formats_bytes_are_any_case(authority, "NHS") || formats_bytes_are(authority_oid, "2.16.840.1.113883.2.1.4.1") ||
           formats_bytes_are(kind, "NH") || formats_bytes_are_any_case(kind, "NHS");
}

static void add_nhs_number(health_message *m, Mash__V1__Subject *subject, const char *segment, const char *name, hub_bytes value)
{
    const char *rule = formats_identifier_fault(SCHEME(NHS_NUMBER), value, m->options->this_year);
    if (rule != NULL)
        health_fault(m, segment, name, rule);
    else
        formats_add_identifier(m->draft, subject, SCHEME(NHS_NUMBER), value);
}

/* The field repeats; the NHS number's has assigning authority NHS (CX.4) or type NH (CX.5). Of the others the first is the trust's own. */
void health_add_identifiers(health_message *m, Mash__V1__Subject *subject, const char *segment, uint32_t index, uint32_t field,
                            const char *name)
{
    hub_bytes holder = formats_hl7_segment(m->hl7, segment, index, NULL);
    uint32_t repeats = formats_hl7_repeats(m->hl7, holder, field);
    bool has_local = false;
    for (uint32_t i = 0; i < repeats; i++) {
        hub_bytes value = formats_hl7_part(m->hl7, holder, field, i, 1, 0);
        hub_bytes authority = formats_hl7_part(m->hl7, holder, field, i, 4, 1);
        bool nhs = is_nhs_number(m, holder, field, i);
        if (value.size == 0 || formats_bytes_are(value, "\"\"")) continue;
        if (!nhs && !has_local) add_local_number(m, subject, value, authority);
        if (!nhs) has_local = true;
        if (nhs) add_nhs_number(m, subject, segment, name, value);
    }
}

/* Before v2.3.1 a number that somebody else issued stood in PID-2 or PID-4. The other numbers there are not the trust's own. */
static void add_older_nhs_number(health_message *m, Mash__V1__Subject *subject, hub_bytes pid)
{
    static const struct {
        uint32_t field;
        const char *name;
    } FIELDS[] = {{2, "PID-2"}, {4, "PID-4"}};
    for (size_t i = 0; i < subject->n_identifiers; i++) {
        if (subject->identifiers[i]->scheme == SCHEME(NHS_NUMBER)) return;
    }
    for (size_t i = 0; i < sizeof FIELDS / sizeof FIELDS[0]; i++) {
        uint32_t repeats = formats_hl7_repeats(m->hl7, pid, FIELDS[i].field);
        for (uint32_t repeat = 0; repeat < repeats; repeat++) {
            hub_bytes value = formats_hl7_part(m->hl7, pid, FIELDS[i].field, repeat, 1, 0);
            bool is_told = value.size > 0 && !formats_bytes_are(value, "\"\"");
            if (is_told && is_nhs_number(m, pid, FIELDS[i].field, repeat))
                add_nhs_number(m, subject, "PID", FIELDS[i].name, value);
        }
    }
}

static void add_names(health_message *m, Mash__V1__Subject *subject, hub_bytes pid)
{
    subject->family_name = health_text(m, formats_hl7_part(m->hl7, pid, 5, 0, 1, 1));
    for (uint32_t component = 2; component <= 3; component++) { /* XPN.2 given, XPN.3 further given */
        char *name = health_text(m, formats_hl7_part(m->hl7, pid, 5, 0, component, 0));
        formats_add_given_name(m->draft, subject, hub_bytes_of_text(name));
    }
}

/* XAD.7 [HL7 table 0190]: home and permanent, and as systems write them out. Without one it is the home. */
static bool is_home(const health_message *m, hub_bytes pid, uint32_t repeat)
{
    static const char *const KINDS[] = {"H", "P", "HOME", "PERMANENT"};
    hub_bytes kind = formats_hl7_part(m->hl7, pid, 11, repeat, 7, 0);
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        if (formats_bytes_are_any_case(kind, KINDS[i])) return true;
    }
    return kind.size == 0;
}

/* The home where the field has one, else the first. */
static void add_address(health_message *m, Mash__V1__Subject *subject, hub_bytes pid)
{
    static const uint32_t LINES[] = {1, 2, 3, 4}; /* XAD: street, other designation, city, county */
    uint32_t repeats = formats_hl7_repeats(m->hl7, pid, 11);
    uint32_t which = 0;
    if (repeats == 0) return;
    while (which < repeats && !is_home(m, pid, which))
        which++;
    bool home = which < repeats;
    if (!home) which = 0;
    Mash__V1__Address *address = formats_add_address(m->draft, subject);
    for (size_t i = 0; i < sizeof LINES / sizeof LINES[0]; i++) {
        hub_bytes part = formats_hl7_part(m->hl7, pid, 11, which, LINES[i], LINES[i] == 1 ? 1 : 0);
        formats_add_line(m->draft, &address->lines, &address->n_lines, FORMATS_ADDRESS_LINES_MAX,
                         hub_bytes_of_text(health_text(m, part)));
    }
    formats_set_postcode(m->draft, address, hub_bytes_of_text(health_text(m, formats_hl7_part(m->hl7, pid, 11, which, 5, 0))));
    address->kind = home ? MASH__V1__ADDRESS_KIND__ADDRESS_KIND_HOME : MASH__V1__ADDRESS_KIND__ADDRESS_KIND_OTHER;
}

static void read_birth(health_message *m, Mash__V1__Subject *subject, hub_bytes pid)
{
    hub_bytes text = formats_hl7_part(m->hl7, pid, 7, 0, 1, 0);
    if (text.size == 0 || formats_bytes_are(text, "\"\"")) return;
    if (!formats_date_hl7(text, &m->birth)) {
        health_fault(m, "PID", "PID-7", "date does not exist or is not YYYYMMDD");
        return;
    }
    subject->date_of_birth = formats_date_message(m->draft, m->birth);
}

static void read_death(health_message *m, Mash__V1__Subject *subject, hub_bytes pid)
{
    hub_bytes text = formats_hl7_part(m->hl7, pid, 29, 0, 1, 0);
    formats_date died;
    if (text.size == 0 || formats_bytes_are(text, "\"\"")) return;
    if (formats_date_hl7(text, &died))
        subject->date_of_death = formats_date_message(m->draft, died);
    else
        health_fault(m, "PID", "PID-29", "date does not exist or is not YYYYMMDD");
}

Mash__V1__Presence health_is_child(const health_message *message, int64_t at_ms)
{
    return formats_is_child(message->birth, formats_date_of_instant(at_ms));
}

static void add_practice(health_message *m, Mash__V1__Subject *subject)
{
    subject->practice_code = health_text(m, health_value(m, "PD1", 3, 3)); /* PD1-3 XON.3: the practice's ODS code */
}

void health_add_patient(health_message *message, int64_t at_ms)
{
    hub_bytes pid = formats_hl7_segment(message->hl7, "PID", message->patient, NULL);
    if (pid.size == 0) {
        health_fault(message, "MSH", "PID", "no PID segment: an event is about somebody");
        return;
    }
    Mash__V1__Subject *subject = formats_add_subject(message->draft);
    subject->sex = formats_sex(formats_hl7_part(message->hl7, pid, 8, 0, 1, 0));
    health_add_identifiers(message, subject, "PID", message->patient, 3, "PID-3");
    add_older_nhs_number(message, subject, pid);
    add_names(message, subject, pid);
    read_birth(message, subject, pid);
    read_death(message, subject, pid);
    add_address(message, subject, pid);
    if (message->patient == 0) add_practice(message, subject);
    if (subject->n_identifiers == 0 && subject->family_name[0] == '\0' && subject->n_given_names == 0)
        health_fault(message, "PID", "PID-3", "no number and no name: an event is about somebody");
    bool child = health_is_child(message, at_ms) == MASH__V1__PRESENCE__PRESENCE_YES;
    formats_add_role(message->draft, subject, child ? ROLE(CHILD) : ROLE(PATIENT));
}

/* MSH-4 holds an ODS code in UK messages; another shape is a name and no code. */
char *health_provider(health_message *message)
{
    hub_bytes code = health_value(message, "MSH", 4, 1);
    if (code.size < 3 || code.size > 6) return formats_word(message->draft, "");
    for (size_t i = 0; i < code.size; i++) {
        if (!isupper(code.data[i]) && !isdigit(code.data[i])) return formats_word(message->draft, "");
    }
    return health_text(message, code);
}
