/* notice.h - the local notice: an urgent event could not be delivered, or may wait where nobody has seen it, or a delivery was not confirmed;
 * somebody here must telephone.
 *
 * A file in the program's notices folder, named by the id of the event or delivery (source.txt where it is of none), and a line in the log with the telephone number. No personal data: whoever
 * reads it looks the event up in the source system, by its own number where that is one, or has the adapter show it. Written again after a crash, the file is the same file.
 */
#ifndef KIT_NOTICE_H
#define KIT_NOTICE_H

#include "base/id.h"
#include "mash/v1/event.pb-c.h"

typedef enum kit_notice_what {
    KIT_NOTICE_NOT_SENT,      /* an urgent event waits for the hub */
    KIT_NOTICE_NOT_CONFIRMED, /* a delivery of the hub: nobody has confirmed it in the time it had */
    KIT_NOTICE_NOT_SEEN /* nothing comes in from the source: whether something urgent waits there, nobody here knows; no event is named */
} kit_notice_what;

typedef struct kit_notice {
    kit_notice_what what;
    const char *folder; /* made when absent */
    const char *adapter;
    const char *telephone;
    const char *trouble; /* why it waits; "" = not known */
    hub_id event_id;
    const Mash__V1__Event *event; /* BORROWED; its kind, times and record number are told. NULL = not known */
    int64_t put_ms;
    int64_t now_ms;
} kit_notice;

hub_status kit_notice_write(const kit_notice *notice, hub_error *err);

#endif
