#include "formats/xml.h"

#include <libxml/xmlreader.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct formats_xml {
    xmlTextReaderPtr reader;
    uint32_t error_line; /* of the first error libxml2 told */
    uint32_t error_column;
    bool has_error;
    bool ends_empty; /* an empty element was started: its end comes next */
    bool done;
    hub_bytes input;   /* BORROWED; empty when its bytes are not ASCII's */
    size_t at;         /* behind the newest element's "<" */
    size_t line_start; /* of the line that `at` is on */
    uint32_t line;     /* that line */
};

static xmlParserInputPtr load_nothing(const char *url, const char *id, xmlParserCtxtPtr context)
{
    (void)url;
    (void)id;
    (void)context;
    return NULL;
}

/* libxml2's message repeats the input, so only the place is kept. */
static void on_error(void *context, xmlErrorPtr error)
{
    formats_xml *xml = context;
    if (xml->has_error || error->level == XML_ERR_WARNING) return;
    xml->has_error = true;
    xml->error_line = error->line > 0 ? (uint32_t)error->line : 0;
    xml->error_column = error->int2 > 0 ? (uint32_t)error->int2 : 0;
}

hub_status formats_xml_open(hub_bytes input, formats_xml **out, hub_error *err)
{
    *out = NULL;
    if (input.size == 0) return hub_fail(err, HUB_ERR_INVALID, "1:1: empty");
    if (input.size > FORMATS_XML_BYTES_MAX || input.size > INT_MAX)
        return hub_fail(err, HUB_ERR_INVALID, "1:1: larger than 512 MiB");
    formats_xml *xml = calloc(1, sizeof *xml);
    if (xml == NULL) return HUB_ERR_MEMORY;
    if (memchr(input.data, '\0', input.size < 4 ? input.size : 4) == NULL) xml->input = input;
    xml->line = 1;
    xmlSetExternalEntityLoader(load_nothing);
    xml->reader = xmlReaderForMemory((const char *)input.data, (int)input.size, NULL, NULL,
                                     XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (xml->reader == NULL) {
        formats_xml_close(xml);
        return HUB_ERR_MEMORY;
    }
    xmlTextReaderSetStructuredErrorHandler(xml->reader, on_error, xml);
    *out = xml;
    return HUB_OK;
}

void formats_xml_close(formats_xml *xml)
{
    if (xml == NULL) return;
    xmlFreeTextReader(xml->reader);
    free(xml);
}

/* The parser reads ahead, so its own position is not the node's; a node knows its line up to 65,534. */
static uint32_t line_of(const formats_xml *xml)
{
    long line = xmlGetLineNo(xmlTextReaderCurrentNode(xml->reader));
    if (line <= 0 || line >= 65535) line = xmlTextReaderGetParserLineNumber(xml->reader);
    return line > 0 ? (uint32_t)line : 0;
}

static void move_to(formats_xml *xml, size_t at)
{
    for (; xml->at < at; xml->at++) {
        if (xml->input.data[xml->at] != '\n') continue;
        xml->line++;
        xml->line_start = xml->at + 1;
    }
}

static size_t behind(const formats_xml *xml, size_t from, const char *mark)
{
    const uint8_t *found = memmem(xml->input.data + from, xml->input.size - from, mark, strlen(mark));
    return found != NULL ? (size_t)(found - xml->input.data) + strlen(mark) : xml->input.size;
}

/* To the next start of an element: the steps come in the order of the text, and a "<" stands nowhere else but in what is skipped here. */
static void find_element(formats_xml *xml, formats_xml_step *step)
{
    while (xml->at < xml->input.size) {
        size_t open = behind(xml, xml->at, "<");
        move_to(xml, open);
        hub_bytes rest = hub_bytes_of(xml->input.data + xml->at, xml->input.size - xml->at);
        if (rest.size == 0) return;
        if (rest.size >= 8 && memcmp(rest.data, "![CDATA[", 8) == 0) {
            move_to(xml, behind(xml, xml->at, "]]>"));
        } else if (rest.size >= 3 && memcmp(rest.data, "!--", 3) == 0) {
            move_to(xml, behind(xml, xml->at, "-->"));
        } else if (rest.data[0] == '?') {
            move_to(xml, behind(xml, xml->at, "?>"));
        } else if (rest.data[0] != '/') {
            step->line = xml->line;
            step->column = (uint32_t)(xml->at - xml->line_start);
            step->offset = (uint32_t)(xml->at - 1);
            return;
        }
    }
}

static hub_status refuse(const formats_xml *xml, const char *rule, hub_error *err)
{
    if (xml->has_error) return hub_fail(err, HUB_ERR_INVALID, "%u:%u: not well-formed XML", xml->error_line, xml->error_column);
    return hub_fail(err, HUB_ERR_INVALID, "line %u: %s", line_of(xml), rule);
}

/* Fills `step` from the reader's node. false: a node that tells nothing (comment, blanks, declaration). */
static bool step_of(formats_xml *xml, int type, formats_xml_step *step)
{
    int depth = xmlTextReaderDepth(xml->reader);
    *step = (formats_xml_step){.line = line_of(xml), .depth = depth > 0 ? (uint32_t)depth : 0};
    if (type == XML_READER_TYPE_TEXT || type == XML_READER_TYPE_CDATA) {
        step->kind = FORMATS_XML_TEXT;
        step->text = hub_bytes_of_text((const char *)xmlTextReaderConstValue(xml->reader));
        return true;
    }
    if (type != XML_READER_TYPE_ELEMENT && type != XML_READER_TYPE_END_ELEMENT) return false;
    step->kind = type == XML_READER_TYPE_ELEMENT ? FORMATS_XML_START : FORMATS_XML_END;
    step->name = (const char *)xmlTextReaderConstLocalName(xml->reader);
    xml->ends_empty = type == XML_READER_TYPE_ELEMENT && xmlTextReaderIsEmptyElement(xml->reader) == 1;
    if (type == XML_READER_TYPE_ELEMENT) find_element(xml, step);
    return true;
}

hub_status formats_xml_next(formats_xml *xml, formats_xml_step *step, hub_error *err)
{
    if (xml->ends_empty) {
        (void)step_of(xml, XML_READER_TYPE_END_ELEMENT, step);
        return HUB_OK;
    }
    for (;;) {
        int more = xml->done ? 0 : xmlTextReaderRead(xml->reader);
        if (more < 0 || xml->has_error) return refuse(xml, "not well-formed XML", err);
        if (more == 0) {
            xml->done = true;
            *step = (formats_xml_step){.kind = FORMATS_XML_DONE, .line = line_of(xml)};
            return HUB_OK;
        }
        int type = xmlTextReaderNodeType(xml->reader);
        if (type == XML_READER_TYPE_DOCUMENT_TYPE) return refuse(xml, "a DOCTYPE is not allowed", err);
        if (type == XML_READER_TYPE_ENTITY_REFERENCE) return refuse(xml, "an entity of its own is not allowed", err);
        if (xmlTextReaderDepth(xml->reader) > FORMATS_XML_DEPTH_MAX) return refuse(xml, "nested too deeply", err);
        if (step_of(xml, type, step)) return HUB_OK;
    }
}

bool formats_xml_attribute(formats_xml *xml, const char *name, hub_buffer *out)
{
    xmlChar *value = xmlTextReaderGetAttribute(xml->reader, (const xmlChar *)name);
    if (value == NULL) return false;
    hub_buffer_put_text(out, (const char *)value);
    xmlFree(value);
    return true;
}
