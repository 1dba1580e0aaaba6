/* keep_time.c - hub time of the running hub: told when the system clock leaves it, corrected when that can be trusted again. */
#include "daemon/shell.h"

#include <inttypes.h>
#include <stdio.h>

#include "host/clock.h"
#include "host/log.h"

int64_t daemon_now_ms(daemon_shell *d)
{
    return daemon_clock_now(&d->clock, host_wall_ms(), host_boot_ms());
}

static bool record(daemon_shell *d, const core_command *command)
{
    core_decision decision;
    hub_arena_reset(&d->decide_arena);
    return !d->full && !d->stopping && daemon_apply(d, DAEMON_TEAM, command, &decision) == HUB_OK && decision.control != NULL;
}

static bool raise_alarm(daemon_shell *d, Mash__V1__AlarmKind alarm)
{
    core_command command = {.kind = CORE_RAISE_ALARM, .at_ms = d->clock.hub_ms, .of.alarm = alarm};
    return record(d, &command);
}

/* Once for each time that they part, in the log and in the journal; the record waits for room. */
static void tell_step(daemon_shell *d)
{
    if (d->clock.stepped && !d->said_step) {
        host_log(HOST_LOG_ERROR, "the system clock and hub time differ by 2 s or more; hub time goes on by itself", "do",
                 "check the clock (chronyc tracking); when it has been synchronised for a minute hub time follows it; sooner: "
                 "mashctl clocks accept",
                 NULL);
    }
    if (!d->clock.stepped && d->said_step) host_log(HOST_LOG_INFO, "the system clock agrees with hub time again", NULL);
    d->said_step = d->clock.stepped;
    if (!d->clock.stepped) {
        d->recorded_step = false;
    } else if (!d->recorded_step) {
        d->recorded_step = raise_alarm(d, MASH__V1__ALARM_KIND__ALARM_KIND_CLOCK_STEP);
    }
}

void daemon_time_corrected(daemon_shell *d, int64_t delta_ms)
{
    daemon_clock_correct(&d->clock, delta_ms);
    char by[32];
    (void)snprintf(by, sizeof by, "%" PRId64, delta_ms);
    host_log(HOST_LOG_WARNING, "hub time was corrected to the system clock", "by_ms", by, NULL);
}

void daemon_keep_time(daemon_shell *d)
{
    int64_t wall_ms = host_wall_ms();
    int64_t now_ms = daemon_clock_now(&d->clock, wall_ms, host_boot_ms());
    tell_step(d);
    core_command command = {
        .kind = CORE_CORRECT_TIME, .at_ms = now_ms, .of.time = {.is_needed = true, .is_held = d->clock.holds_timers}};
    bool settles =
        daemon_clock_settle(&d->clock, wall_ms, host_wall_is_synchronised(), &command.of.time.delta_ms, &command.of.time.cause);
    if (settles && record(d, &command)) daemon_time_corrected(d, command.of.time.delta_ms);
    /* teams wait for reminders that do not come: they hear of it, not the operator alone */
    if (d->clock.holds_timers && !d->recorded_hold)
        d->recorded_hold = raise_alarm(d, MASH__V1__ALARM_KIND__ALARM_KIND_TIMERS_HELD);
    if (d->clock.holds_timers && !d->said_hold) {
        d->said_hold = true;
        host_log(HOST_LOG_ERROR, "timers are held: the clock at start was before the last record, or a month after it", "do",
                 "check the clock; when it is right: mashctl clocks accept", NULL);
    }
}
