#include "notice.h"

#include <stdio.h>

#include "host/clock.h"
#include "host/files.h"
#include "host/log.h"

typedef struct notice_words {
    const char *log, *who, *id; /* the line in the log, its keys */
    const char *title, *who_shown, *id_shown, *what_to_do;
} notice_words;

static const notice_words WORDS[] = {
    [KIT_NOTICE_NOT_SENT] =
        {"an urgent event could not be delivered: telephone", "adapter", "event", "AN URGENT EVENT HAS NOT REACHED THE HUB.",
         "Adapter:", "Event:",
         "Find the event in the source system and tell the front door by telephone. The adapter goes on trying;\n"
         "what you said by telephone will come to the hub as well, which is no harm.\n"},
    [KIT_NOTICE_NOT_CONFIRMED] =
        {"nobody has confirmed a delivery in time: telephone", "instance", "delivery",
         "NOBODY HAS CONFIRMED A DELIVERY OF THE SAFEGUARDING HUB.", "Instance:", "Delivery:",
         "Ring, and ask whether the alert is known; its reference: mashctl outbound show FOLDER DELIVERY.\n"
         "It goes on being tried; what you said by telephone may come as well, which is no harm.\n"},
};

hub_status kit_notice_write(const kit_notice *notice, hub_error *err)
{
    char id[HUB_ID_TEXT_BYTES];
    char path[700];
    char since[40];
    char minutes[24];
    hub_id_text(&notice->event_id, id);
    host_time_text(notice->put_ms, "%Y-%m-%d %H:%M UTC", since, sizeof since);
    (void)snprintf(minutes, sizeof minutes, "%lld", (long long)((notice->now_ms - notice->put_ms) / 60000));
    const notice_words *words = &WORDS[notice->what];
    host_log(HOST_LOG_ERROR, words->log, "telephone", notice->telephone, words->who, notice->adapter, words->id, id, "minutes",
             minutes, "trouble", notice->trouble, NULL);

    hub_buffer text = {0};
    hub_buffer_put_format(&text,
                          "%s\n\n"
                          "Telephone now: %s\n\n"
                          "%-10s%s\n%-10s%s\nWaiting:  since %s (%s minutes)\nCause:    %s\n\n"
                          "%s",
                          words->title, notice->telephone, words->who_shown, notice->adapter, words->id_shown, id, since, minutes,
                          notice->trouble[0] != '\0' ? notice->trouble : "not known", words->what_to_do);
    hub_status status = text.failed ? hub_fail(err, HUB_ERR_MEMORY, "notice: out of memory") : HUB_OK;
    if (status == HUB_OK) status = host_folder_make(notice->folder, 0700, err);
    (void)snprintf(path, sizeof path, "%s/%s.txt", notice->folder, id);
    if (status == HUB_OK) status = host_file_replace(path, hub_buffer_bytes(&text), 0600, err);
    hub_buffer_free(&text);
    return status;
}
