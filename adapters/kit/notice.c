#include "notice.h"

#include <stdio.h>
#include <time.h>

#include "host/files.h"
#include "host/log.h"

hub_status kit_notice_write(const kit_notice *notice, hub_error *err)
{
    char id[HUB_ID_TEXT_BYTES];
    char path[700];
    char since[40];
    char minutes[24];
    struct tm utc;
    time_t seconds = (time_t)(notice->put_ms / 1000);
    hub_id_text(&notice->event_id, id);
    gmtime_r(&seconds, &utc);
    (void)strftime(since, sizeof since, "%Y-%m-%d %H:%M UTC", &utc);
    (void)snprintf(minutes, sizeof minutes, "%lld", (long long)((notice->now_ms - notice->put_ms) / 60000));
    host_log(HOST_LOG_ERROR, "an urgent event could not be delivered: telephone", "telephone", notice->telephone, "adapter",
             notice->adapter, "event", id, "minutes", minutes, "trouble", notice->trouble, NULL);

    hub_buffer text = {0};
    hub_buffer_put_format(
        &text,
        "AN URGENT EVENT HAS NOT REACHED THE HUB.\n\n"
        "Telephone now: %s\n\n"
        "Adapter:  %s\nEvent:    %s\nWaiting:  since %s (%s minutes)\nCause:    %s\n\n"
        "Find the event in the source system and tell the front door by telephone. The adapter goes on trying;\n"
        "what you said by telephone will come to the hub as well, which is no harm.\n",
        notice->telephone, notice->adapter, id, since, minutes, notice->trouble[0] != '\0' ? notice->trouble : "not known");
    hub_status status = text.failed ? hub_fail(err, HUB_ERR_MEMORY, "notice: out of memory") : HUB_OK;
    if (status == HUB_OK) status = host_folder_make(notice->folder, 0700, err);
    (void)snprintf(path, sizeof path, "%s/%s.txt", notice->folder, id);
    if (status == HUB_OK) status = host_file_replace(path, hub_buffer_bytes(&text), 0600, err);
    hub_buffer_free(&text);
    return status;
}
