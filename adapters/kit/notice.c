#include "notice.h"

#include <stdio.h>
#include <string.h>

#include "event/event.h"
#include "host/clock.h"
#include "host/files.h"
#include "host/log.h"

enum { KNOWN_ONLY_EARLIER = 1 }; /* occurred_at: "some time before recorded_at", event.proto */

typedef struct notice_words {
    const char *log, *who, *id; /* the line in the log, its keys; id NULL: it is of no one event */
    const char *title, *who_shown, *id_shown, *what_to_do;
} notice_words;

static const notice_words WORDS[] = {
    [KIT_NOTICE_NOT_SENT] = {"an urgent event could not be delivered: telephone", "adapter", "event",
                             "AN URGENT EVENT HAS NOT REACHED THE HUB.", "Adapter:", "Event:",
                             "Whom it is about is shown, on this machine and to the adapter's own user, by\n"
                             "    mash-adapter --config FILE --show EVENT\n"
                             "Tell the front door by telephone. The adapter goes on trying;\n"
                             "what you said by telephone will come to the hub as well, which is no harm.\n"},
    [KIT_NOTICE_NOT_CONFIRMED] =
        {"nobody has confirmed a delivery in time: telephone", "instance", "delivery",
         "NOBODY HAS CONFIRMED A DELIVERY OF THE SAFEGUARDING HUB.", "Instance:", "Delivery:",
         "Ring, and ask whether the alert is known; its reference: mashctl outbound show FOLDER DELIVERY.\n"
         "It goes on being tried; what you said by telephone may come as well, which is no harm.\n"},
    [KIT_NOTICE_NOT_SEEN] = {"nothing comes in from the source, and something urgent may wait there: telephone", "adapter", NULL,
                             "NOTHING COMES IN FROM THE SOURCE, AND SOMETHING URGENT MAY WAIT THERE.", "Adapter:", "",
                             "What waits has not been looked into. Go through what the source system has recorded since then,\n"
                             "and shortly before; of what is urgent tell the front door by telephone. The adapter goes on\n"
                             "trying; what you said by telephone will come to the hub as well, which is no harm.\n"},
};

/* What finds the event in its source, and names nobody. */
static void put_event(const Mash__V1__Event *event, hub_buffer *out)
{
    char happened[40];
    const char *kind = event_payload_name((uint32_t)event->payload_case);
    hub_buffer_put_text(out, "Kind:     ");
    for (const char *at = kind != NULL ? kind : "not known"; *at != '\0'; at++)
        hub_buffer_put(out, *at == '_' ? " " : at, 1);
    host_time_text(event->occurred_at, "%Y-%m-%d %H:%M UTC", happened, sizeof happened);
    if (event->occurred_at > KNOWN_ONLY_EARLIER) hub_buffer_put_format(out, "\nHappened: %s", happened);
    host_time_text(event->recorded_at, "%Y-%m-%d %H:%M UTC", happened, sizeof happened);
    hub_buffer_put_format(out, "\nRecorded: %s\nRecord:   %s of %s\n", happened, event->source_reference, event->source_system);
}

hub_status kit_notice_write(const kit_notice *notice, hub_error *err)
{
    char id[HUB_ID_TEXT_BYTES];
    char path[700];
    char since[40];
    char minutes[24];
    const notice_words *words = &WORDS[notice->what];
    hub_id_text(&notice->event_id, id);
    host_time_text(notice->put_ms, "%Y-%m-%d %H:%M UTC", since, sizeof since);
    int64_t waited_ms =
        notice->now_ms > notice->put_ms ? notice->now_ms - notice->put_ms : 0; /* the clock may have been set back */
    (void)snprintf(minutes, sizeof minutes, "%lld", (long long)(waited_ms / 60000));
    host_log(HOST_LOG_ERROR, words->log, "telephone", notice->telephone, words->who, notice->adapter, "minutes", minutes,
             "trouble", notice->trouble, words->id, id, NULL);

    hub_buffer text = {0};
    hub_buffer_put_format(&text, "%s\n\nTelephone now: %s\n\n%-10s%s\n", words->title, notice->telephone, words->who_shown,
                          notice->adapter);
    if (words->id != NULL) hub_buffer_put_format(&text, "%-10s%s\n", words->id_shown, id);
    if (notice->event != NULL) put_event(notice->event, &text);
    hub_buffer_put_format(&text, "Waiting:  since %s (%s minute%s)\nCause:    %s\n\n%s", since, minutes,
                          strcmp(minutes, "1") == 0 ? "" : "s", notice->trouble[0] != '\0' ? notice->trouble : "not known",
                          words->what_to_do);
    hub_status status = text.failed ? hub_fail(err, HUB_ERR_MEMORY, "notice: out of memory") : HUB_OK;
    if (status == HUB_OK) status = host_folder_make(notice->folder, 0700, err);
    (void)snprintf(path, sizeof path, "%s/%s.txt", notice->folder, words->id != NULL ? id : "source");
    if (status == HUB_OK) status = host_file_replace(path, hub_buffer_bytes(&text), 0600, err);
    hub_buffer_free(&text);
    return status;
}
