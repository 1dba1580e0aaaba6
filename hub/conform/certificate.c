#include <string.h>

#include "bus/frames.h"
#include "conform/conform.h"
#include "host/clock.h"
#include "json/json.h"

#define ROW(symbol, name, rule, text) {name, rule, text},
const conform_duty_row CONFORM_ROWS[CONFORM_DUTY_COUNT] = {CONFORM_DUTIES(ROW)};

static const char *word(const conform_result *result)
{
    return !result->tried ? "not tried" : result->faults == 0 ? "passed" : "FAILED";
}

bool conform_passed(const conform_report *report)
{
    unsigned tried = 0, failed = 0;
    for (size_t i = 0; i < CONFORM_DUTY_COUNT; i++) {
        tried += report->duties[i].tried;
        failed += report->duties[i].faults > 0;
    }
    return tried > 0 && failed == 0;
}

void conform_certificate_text(const conform_report *report, int64_t made_ms, const char *program, hub_buffer *out)
{
    char when[32];
    host_time_text(made_ms, HOST_TIME_ISO, when, sizeof when);
    hub_buffer_put_format(
        out, "Conformance of %s\n  on %s, by mashctl %s, protocol %d; %llu events in %llu frames\n  program %s\n\n",
        report->software[0] != '\0' ? report->software : "a candidate", when, MASHHUB_VERSION, BUS_PROTOCOL,
        (unsigned long long)report->events, (unsigned long long)report->frames, program[0] != '\0' ? program : "not given");
    for (size_t i = 0; i < CONFORM_DUTY_COUNT; i++) {
        const conform_result *result = &report->duties[i];
        hub_buffer_put_format(out, "%-10s %-19s %s\n", word(result), CONFORM_ROWS[i].name, CONFORM_ROWS[i].text);
        if (result->faults > 0)
            hub_buffer_put_format(out, "%10s %s (proto/README.md, \"%s\"%s)\n", "", result->fault, CONFORM_ROWS[i].rule,
                                  result->faults > 1 ? "; and more of that" : "");
    }
    hub_buffer_put_format(out, "\n%s\n", conform_passed(report) ? "PASSED: every duty that was tried" : "NOT PASSED");
}

static void put_member(hub_buffer *out, const char *name, const char *value)
{
    hub_buffer_put_format(out, "\"%s\":", name);
    json_put_text(out, value);
}

void conform_certificate_json(const conform_report *report, int64_t made_ms, const char *program, hub_buffer *out)
{
    char when[32];
    host_time_text(made_ms, HOST_TIME_ISO, when, sizeof when);
    hub_buffer_put_text(out, "{");
    put_member(out, "candidate", report->software);
    hub_buffer_put_text(out, ",");
    put_member(out, "program", program);
    hub_buffer_put_text(out, ",");
    put_member(out, "made", when);
    hub_buffer_put_format(out, ",\"kit\":\"mashctl/%s\",\"protocol\":%d,\"events\":%llu,\"passed\":%s,\"duties\":[",
                          MASHHUB_VERSION, BUS_PROTOCOL, (unsigned long long)report->events,
                          conform_passed(report) ? "true" : "false");
    for (size_t i = 0; i < CONFORM_DUTY_COUNT; i++) {
        const conform_result *result = &report->duties[i];
        hub_buffer_put_text(out, i == 0 ? "{" : ",{");
        put_member(out, "duty", CONFORM_ROWS[i].name);
        hub_buffer_put_text(out, ",");
        put_member(out, "rule", CONFORM_ROWS[i].rule);
        hub_buffer_put_text(out, ",");
        put_member(out, "result", result->faults > 0 ? "failed" : word(result));
        if (result->faults > 0) hub_buffer_put_text(out, ",");
        if (result->faults > 0) put_member(out, "fault", result->fault);
        hub_buffer_put_text(out, "}");
    }
    hub_buffer_put_text(out, "]}\n");
}
