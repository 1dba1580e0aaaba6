/* show.h - a delivery as a person reads it: how bad, whose, by when, why, what was said, what is withheld. */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include <protobuf-c/protobuf-c.h>

#include "cli/print.h"
#include "mash/v1/alert.pb-c.h"

typedef enum show_detail { SHOW_FIELDS, SHOW_BRIEF } show_detail; /* BRIEF: of what was said, the summary line alone */

typedef struct show {
    const print_zone *zone;
    print_style_use colour;
    int64_t now_ms; /* hub time: due times are counted down from here */
    show_detail detail;
} show;

/* At the end of `out`. */
void show_delivery(const show *how, const Mash__V1__Delivery *delivery, hub_buffer *out);

#endif
