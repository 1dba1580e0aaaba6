#include "event/place.h"

#include <stdbool.h>
#include <stdio.h>

static size_t put_path(const event_place *place, event_place_form form, char *out, size_t capacity)
{
    if (place == NULL) return 0;
    size_t used = put_path(place->within, form, out, capacity);
    if (used + 1 >= capacity) return used;
    const char *dot = used == 0 ? "" : ".";
    bool positioned = form == EVENT_PLACE_WITH_POSITIONS && place->field->label == PROTOBUF_C_LABEL_REPEATED;
    int wanted = positioned ? snprintf(out + used, capacity - used, "%s%s[%u]", dot, place->field->name, place->index)
                            : snprintf(out + used, capacity - used, "%s%s", dot, place->field->name);
    size_t room = capacity - used - 1;
    return used + (wanted < 0 ? 0 : (size_t)wanted < room ? (size_t)wanted : room);
}

void event_place_path(const event_place *place, event_place_form form, char *out, size_t capacity)
{
    out[0] = '\0';
    (void)put_path(place, form, out, capacity);
}
