#include "formats/hl7.h"

#include <ctype.h>
#include <string.h>

#include "formats/charset.h"

static hub_status read_delimiters(formats_hl7 *m, hub_error *err)
{
    hub_bytes msh = m->segments[0];
    if (msh.size < 8) return hub_fail(err, HUB_ERR_INVALID, "segment 1: MSH is too short to declare delimiters");
    char marks[5] = {(char)msh.data[3], (char)msh.data[4], (char)msh.data[5], 0, 0};
    /* Escape and subcomponent may be left out: then the field separator follows at once. */
    for (int i = 3; i < 5 && (char)msh.data[i + 3] != marks[0]; i++)
        marks[i] = (char)msh.data[i + 3];
    for (int i = 0; i < 5; i++) {
        if (marks[i] != 0 && !ispunct((unsigned char)marks[i])) {
            return hub_fail(err, HUB_ERR_INVALID, "segment 1: MSH-1 and MSH-2 must be punctuation marks");
        }
        for (int j = 0; j < i; j++) {
            if (marks[i] != 0 && marks[i] == marks[j])
                return hub_fail(err, HUB_ERR_INVALID, "segment 1: MSH-1 and MSH-2 repeat a delimiter");
        }
    }
    m->field_separator = marks[0];
    m->component_separator = marks[1];
    m->repetition_separator = marks[2];
    m->escape = marks[3];
    m->subcomponent_separator = marks[4];
    return HUB_OK;
}

static hub_bytes without_mark(hub_bytes input)
{
    if (input.size >= 3 && memcmp(input.data, "\xEF\xBB\xBF", 3) == 0) return hub_bytes_of(input.data + 3, input.size - 3);
    return input;
}

hub_status formats_hl7_read(hub_bytes input, formats_hl7 *out, hub_error *err)
{
    out->count = 0;
    input = without_mark(input);
    if (input.size == 0) return hub_fail(err, HUB_ERR_INVALID, "segment 1: empty");
    if (input.size > FORMATS_HL7_BYTES_MAX) return hub_fail(err, HUB_ERR_INVALID, "segment 1: message is larger than 1 MiB");
    const uint8_t *end = input.data + input.size;
    for (const uint8_t *at = input.data; at < end;) {
        const uint8_t *stop = at;
        while (stop < end && *stop != '\r' && *stop != '\n')
            stop++;
        if (stop > at) {
            if (out->count == FORMATS_HL7_SEGMENTS_MAX) return hub_fail(err, HUB_ERR_INVALID, "segment 1025: too many segments");
            out->segments[out->count++] = hub_bytes_of(at, (size_t)(stop - at));
        }
        at = stop + 1;
    }
    if (out->count == 0 || memcmp(out->segments[0].data, "MSH", out->segments[0].size < 3 ? 1 : 3) != 0 ||
        out->segments[0].size < 3) {
        return hub_fail(err, HUB_ERR_INVALID, "segment 1: no MSH segment at the start");
    }
    hub_status status = read_delimiters(out, err);
    uint32_t second;
    if (status != HUB_OK || formats_hl7_segment(out, "MSH", 1, &second).size == 0) return status;
    return hub_fail(err, HUB_ERR_INVALID, "segment %u: a second MSH: send one message at a time", second);
}

hub_bytes formats_hl7_segment(const formats_hl7 *message, const char *name, uint32_t n, uint32_t *number)
{
    for (uint32_t i = 0; i < message->count; i++) {
        hub_bytes segment = message->segments[i];
        bool ends = segment.size == 3 || (segment.size > 3 && (char)segment.data[3] == message->field_separator);
        if (!ends || memcmp(segment.data, name, 3) != 0) continue;
        if (n-- == 0) {
            if (number != NULL) *number = i + 1;
            return segment;
        }
    }
    return hub_bytes_of(NULL, 0);
}

/* The n-th piece (from 0) of a text divided by `mark`; all of it when there is no such delimiter. */
static hub_bytes piece(hub_bytes text, char mark, uint32_t n)
{
    if (text.size == 0) return text;
    const uint8_t *end = text.data + text.size;
    const uint8_t *at = text.data;
    if (mark == 0) return n == 0 ? text : hub_bytes_of(NULL, 0);
    for (;;) {
        const uint8_t *stop = memchr(at, mark, (size_t)(end - at));
        if (n == 0) return hub_bytes_of(at, (size_t)((stop != NULL ? stop : end) - at));
        if (stop == NULL) return hub_bytes_of(NULL, 0);
        at = stop + 1;
        n--;
    }
}

static hub_bytes field_of(const formats_hl7 *m, hub_bytes segment, uint32_t field)
{
    bool is_header = segment.size >= 3 && memcmp(segment.data, "MSH", 3) == 0;
    if (is_header && field == 1) return hub_bytes_of(segment.data + 3, 1);
    return piece(segment, m->field_separator, is_header ? field - 1 : field);
}

hub_bytes formats_hl7_part(const formats_hl7 *message, hub_bytes segment, uint32_t field, uint32_t repeat, uint32_t component,
                           uint32_t subcomponent)
{
    HUB_ASSERT(field >= 1);
    hub_bytes part = piece(field_of(message, segment, field), message->repetition_separator, repeat);
    if (component > 0) part = piece(part, message->component_separator, component - 1);
    if (subcomponent > 0) part = piece(part, message->subcomponent_separator, subcomponent - 1);
    return part;
}

hub_bytes formats_hl7_value(const formats_hl7 *message, const char *segment, uint32_t field, uint32_t component)
{
    return formats_hl7_part(message, formats_hl7_segment(message, segment, 0, NULL), field, 0, component, 0);
}

uint32_t formats_hl7_repeats(const formats_hl7 *message, hub_bytes segment, uint32_t field)
{
    hub_bytes text = field_of(message, segment, field);
    uint32_t count = text.size > 0 ? 1 : 0;
    for (size_t i = 0; i < text.size; i++)
        count += (char)text.data[i] == message->repetition_separator;
    return count;
}

/* Bytes of the message's own character set. */
static void put_hex(hub_bytes hex, formats_charset set, hub_buffer *out)
{
    for (size_t i = 0; i + 1 < hex.size; i += 2) {
        char pair[3] = {(char)hex.data[i], (char)hex.data[i + 1], '\0'};
        uint8_t byte;
        if (hub_unhex(pair, &byte, 1) && byte != 0) formats_charset_put(set, byte, out);
    }
}

/* One of the standard's sequences: one of its letters alone, or X, Z, C, M or a full stop with more [HL7 v2.8 2.7]. Everything else between two escape
 * characters is text: a source that does not escape its own backslashes would lose what stands between them. */
static bool is_escape(hub_bytes code)
{
    if (code.size == 1) return code.data[0] != '\0' && strchr("FSTREHNP", code.data[0]) != NULL;
    if (code.size < 2 || strchr("XZCM.", code.data[0]) == NULL || code.data[0] == '\0') return false;
    for (size_t i = 1; i < code.size; i++) {
        bool is_wanted = code.data[0] == '.' || code.data[0] == 'Z' ? isalnum(code.data[i]) || strchr("+-", code.data[i]) != NULL
                                                                    : isxdigit(code.data[i]);
        if (!is_wanted || code.data[i] == '\0') return false;
    }
    return true;
}

static void put_escape(const formats_hl7 *m, hub_bytes code, formats_charset set, hub_buffer *out)
{
    const struct {
        char letter;
        char means;
    } MARKS[] = {{'F', m->field_separator},
                 {'S', m->component_separator},
                 {'T', m->subcomponent_separator},
                 {'R', m->repetition_separator},
                 {'E', m->escape}};
    if (code.data[0] == 'X') put_hex(hub_bytes_of(code.data + 1, code.size - 1), set, out);
    if (code.data[0] == '.') hub_buffer_put(out, " ", 1); /* formatting: a new line, an indent */
    for (size_t i = 0; code.size == 1 && i < sizeof MARKS / sizeof MARKS[0]; i++) {
        if ((char)code.data[0] == MARKS[i].letter) hub_buffer_put(out, &MARKS[i].means, 1);
    }
}

void formats_hl7_text(const formats_hl7 *message, hub_bytes part, hub_buffer *out)
{
    formats_charset set = formats_charset_of(formats_hl7_value(message, "MSH", 18, 1));
    if (part.size == 2 && memcmp(part.data, "\"\"", 2) == 0) return;
    for (size_t i = 0; i < part.size; i++) {
        const uint8_t *stop = NULL;
        hub_bytes rest = hub_bytes_of(part.data + i + 1, part.size - i - 1);
        if (message->escape != 0 && (char)part.data[i] == message->escape)
            stop = rest.size > 0 ? memchr(rest.data, message->escape, rest.size) : NULL;
        hub_bytes code = hub_bytes_of(rest.data, stop != NULL ? (size_t)(stop - rest.data) : 0);
        if (stop == NULL || !is_escape(code)) {
            formats_charset_put(set, part.data[i], out);
            continue;
        }
        put_escape(message, code, set, out);
        i += code.size + 1;
    }
}
