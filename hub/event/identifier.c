#include "event/identifier.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The 23 letters of the modulus 23 checks: those that cannot be misread (no I, O, S). PNC and CRO rotate them by one. */
static const char UPN_LETTERS[] = "ABCDEFGHJKLMNPQRTUVWXYZ";
static const char POLICE_LETTERS[] = "ZABCDEFGHJKLMNPQRTUVWXY";

/* What people type into a field that must not stay empty. Compared after normalising. */
static const char *const PLACEHOLDERS[] = {"NONE", "NULL", "NIL", "NA", "N/A", "UNKNOWN", "NOTKNOWN", "UNK", "TBC", "TBA"};
static const char STROKES[] = "X?-"; /* one of these, however often */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* true when `text` is exactly the shape: '9' a digit, 'A' a letter, anything else itself. */
static bool has_shape(const char *text, const char *shape)
{
    for (; *shape != '\0'; shape++, text++) {
        bool fits = *shape == '9' ? is_digit(*text) : *shape == 'A' ? is_letter(*text) : *text == *shape;
        if (!fits) return false;
    }
    return *text == '\0';
}

static size_t digits_at(const char *text)
{
    size_t count = 0;
    while (is_digit(text[count]))
        count++;
    return count;
}

static uint64_t number_of(const char *digits, size_t count)
{
    uint64_t value = 0;
    for (size_t i = 0; i < count; i++)
        value = value * 10 + (uint64_t)(digits[i] - '0');
    return value;
}

static bool is_one_character(const char *text)
{
    return text[strspn(text, (const char[]){text[0], '\0'})] == '\0';
}

static identifier_verdict check_nhs(char *text, int this_year)
{
    (void)this_year;
    if (!has_shape(text, "9999999999")) return IDENTIFIER_BAD_SHAPE;
    /* The check digit of ten equal ones may fit; systems give 9999999999 and 3333333333 to everybody who has no number yet. */
    if (is_one_character(text)) return IDENTIFIER_PLACEHOLDER;
    int sum = 0;
    for (int i = 0; i < 9; i++)
        sum += (10 - i) * (text[i] - '0');
    int check = (11 - sum % 11) % 11;
    return check < 10 && check == text[9] - '0' ? IDENTIFIER_VALID : IDENTIFIER_BAD_CHECK;
}

static int upn_value(char c)
{
    if (is_digit(c)) return c - '0';
    const char *letter = c == '\0' ? NULL : strchr(UPN_LETTERS, c);
    return letter == NULL ? -1 : (int)(letter - UPN_LETTERS);
}

static identifier_verdict check_upn(char *text, int this_year)
{
    (void)this_year;
    bool temporary = has_shape(text, "A99999999999A"); /* given until the permanent one is known: a letter at the end */
    if (!temporary && !has_shape(text, "A999999999999")) return IDENTIFIER_BAD_SHAPE;
    if (strspn(text + 1, "0") >= 11) return IDENTIFIER_PLACEHOLDER;
    int sum = 0;
    for (int i = 1; i < 13; i++) {
        int value = upn_value(text[i]);
        if (value < 0) return IDENTIFIER_BAD_SHAPE;
        sum += value * (i + 1);
    }
    return text[0] == UPN_LETTERS[sum % 23] ? IDENTIFIER_VALID : IDENTIFIER_BAD_CHECK;
}

/* YYYY/NNNNNNND, YY/NNNNNNND, either without the slash when the serial has all its digits. */
static identifier_verdict check_pnc(char *text, int this_year)
{
    const char *slash = strchr(text, '/');
    size_t length = strlen(text);
    size_t year_digits = slash != NULL ? (size_t)(slash - text) : length == 12 ? 4 : 2;
    if (slash == NULL && length != 12 && length != 10) return IDENTIFIER_BAD_SHAPE;
    if ((year_digits != 4 && year_digits != 2) || digits_at(text) < year_digits) return IDENTIFIER_BAD_SHAPE;
    const char *serial_text = text + year_digits + (slash != NULL ? 1 : 0);
    size_t serial_digits = digits_at(serial_text);
    char letter = serial_text[serial_digits];
    if (serial_digits < 1 || serial_digits > 7 || !is_letter(letter) || serial_text[serial_digits + 1] != '\0')
        return IDENTIFIER_BAD_SHAPE;

    int year = (int)number_of(text, year_digits);
    if (year_digits == 2) year += year <= this_year % 100 ? this_year / 100 * 100 : (this_year / 100 - 1) * 100;
    if (year < 1900 || year > this_year) return IDENTIFIER_BAD_SHAPE;
    uint64_t serial = number_of(serial_text, serial_digits);
    if (serial == 0) return IDENTIFIER_PLACEHOLDER;
    char expected = POLICE_LETTERS[((uint64_t)(year % 100) * 10000000 + serial) % 23];
    (void)snprintf(text, IDENTIFIER_TEXT_MAX + 1, "%04d/%07u%c", year, (unsigned)serial, letter);
    return letter == expected ? IDENTIFIER_VALID : IDENTIFIER_BAD_CHECK;
}

/* NNNNNN/YYD: the check runs over year and serial padded to six; SFYY/NNNNNND ("small file"): over year and serial as written. */
static identifier_verdict check_cro(char *text, int this_year)
{
    (void)this_year;
    bool small_file = text[0] == 'S' && text[1] == 'F';
    const char *slash = strchr(text, '/');
    if (slash == NULL) return IDENTIFIER_BAD_SHAPE;
    const char *year_text = small_file ? text + 2 : slash + 1;
    const char *serial_text = small_file ? slash + 1 : text;
    size_t serial_digits = digits_at(serial_text);
    if (digits_at(year_text) != 2 || serial_digits < 1 || serial_digits > 6) return IDENTIFIER_BAD_SHAPE;
    const char *year_end = year_text + 2;
    const char *serial_end = serial_text + serial_digits;
    if ((small_file ? year_end : serial_end) != slash) return IDENTIFIER_BAD_SHAPE;
    const char *letter = small_file ? serial_end : year_end;
    if (!is_letter(letter[0]) || letter[1] != '\0') return IDENTIFIER_BAD_SHAPE;

    unsigned year = (unsigned)number_of(year_text, 2);
    unsigned serial = (unsigned)number_of(serial_text, serial_digits);
    if (serial == 0) return IDENTIFIER_PLACEHOLDER;
    uint64_t scale = 1000000;
    for (size_t i = serial_digits; small_file && i < 6; i++)
        scale /= 10;
    char expected = POLICE_LETTERS[(year * scale + serial) % 23];
    char given = *letter;
    if (!small_file) (void)snprintf(text, IDENTIFIER_TEXT_MAX + 1, "%06u/%02u%c", serial, year, given);
    return given == expected ? IDENTIFIER_VALID : IDENTIFIER_BAD_CHECK;
}

static identifier_verdict check_crn(char *text, int this_year)
{
    (void)this_year;
    if (!has_shape(text, "A999999")) return IDENTIFIER_BAD_SHAPE;
    return strcmp(text + 1, "000000") == 0 ? IDENTIFIER_PLACEHOLDER : IDENTIFIER_VALID;
}

static identifier_verdict check_noms(char *text, int this_year)
{
    (void)this_year;
    if (!has_shape(text, "A9999AA")) return IDENTIFIER_BAD_SHAPE;
    return strcmp(text, "A0000AA") == 0 ? IDENTIFIER_PLACEHOLDER : IDENTIFIER_VALID;
}

static identifier_verdict check_local(char *text, int this_year)
{
    (void)this_year;
    /* "7" may be somebody's number; "9999" is what a form made somebody type */
    bool repeated = is_digit(text[0]) && strlen(text) >= 4 && is_one_character(text);
    return repeated ? IDENTIFIER_PLACEHOLDER : IDENTIFIER_VALID;
}

static const struct {
    Mash__V1__IdentifierScheme scheme;
    const char *name;
    identifier_verdict (*check)(char *text,
                                int this_year); /* `text` has room for IDENTIFIER_TEXT_MAX; the check may normalise further */
} SCHEMES[] = {
    {MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_NHS_NUMBER, "nhs", check_nhs},
    {MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_UPN, "upn", check_upn},
    {MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_PNC, "pnc", check_pnc},
    {MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_CRO, "cro", check_cro},
    {MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_CRN, "crn", check_crn},
    {MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_NOMS, "noms", check_noms},
    {MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_LOCAL, "local", check_local},
};
enum { SCHEME_COUNT = sizeof SCHEMES / sizeof SCHEMES[0] };

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* Copies without spaces, in upper case. false: longer than `capacity` - 1, or control characters. */
static bool squeeze(const char *value, char *out, size_t capacity)
{
    size_t used = 0;
    for (; *value != '\0'; value++) {
        if (*value == ' ') continue;
        if ((unsigned char)*value < 0x20 || *value == 0x7f || used + 1 >= capacity) return false;
        out[used++] = upper(*value);
    }
    out[used] = '\0';
    return true;
}

static bool is_placeholder(const char *text)
{
    if (text[strspn(text, "0")] == '\0') return true;
    if (strchr(STROKES, text[0]) != NULL && is_one_character(text)) return true;
    for (size_t i = 0; i < sizeof PLACEHOLDERS / sizeof PLACEHOLDERS[0]; i++) {
        if (strcmp(text, PLACEHOLDERS[i]) == 0) return true;
    }
    return false;
}

identifier_verdict identifier_check(Mash__V1__IdentifierScheme scheme, const char *value, int this_year,
                                    char normal[IDENTIFIER_TEXT_MAX + 1])
{
    normal[0] = '\0';
    if (!squeeze(value, normal, IDENTIFIER_TEXT_MAX + 1) || normal[0] == '\0') return IDENTIFIER_BAD_SHAPE;
    if (is_placeholder(normal)) return IDENTIFIER_PLACEHOLDER;
    for (size_t i = 0; i < SCHEME_COUNT; i++) {
        if (SCHEMES[i].scheme == scheme) return SCHEMES[i].check(normal, this_year);
    }
    return IDENTIFIER_BAD_SHAPE;
}

bool identifier_postcode(const char *value, char normal[12])
{
    static const char *const OUTWARD[] = {"A9", "A99", "A9A", "AA9", "AA99", "AA9A"};
    char text[8];
    normal[0] = '\0';
    if (!squeeze(value, text, sizeof text)) return false;
    size_t length = strlen(text);
    if (length < 5 || !has_shape(text + length - 3, "9AA")) return false;
    char inward[4];
    memcpy(inward, text + length - 3, sizeof inward);
    text[length - 3] = '\0';
    for (size_t i = 0; i < sizeof OUTWARD / sizeof OUTWARD[0]; i++) {
        if (!has_shape(text, OUTWARD[i])) continue;
        (void)snprintf(normal, 12, "%s %s", text, inward);
        return true;
    }
    return false;
}

const char *identifier_scheme_name(Mash__V1__IdentifierScheme scheme)
{
    for (size_t i = 0; i < SCHEME_COUNT; i++) {
        if (SCHEMES[i].scheme == scheme) return SCHEMES[i].name;
    }
    return NULL;
}

Mash__V1__IdentifierScheme identifier_scheme_of_name(const char *name)
{
    for (size_t i = 0; i < SCHEME_COUNT; i++) {
        if (strcmp(SCHEMES[i].name, name) == 0) return SCHEMES[i].scheme;
    }
    return MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_UNSPECIFIED;
}
