#include "adults/row.h"

#include "formats/json.h"

#define SCHEME(name) MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_##name

/* In words, and by the codes of client-level data. */
static const struct {
    const char *word;
    Mash__V1__Sex sex;
} SEXES[] = {
    {"Female", MASH__V1__SEX__SEX_FEMALE},     {"Male", MASH__V1__SEX__SEX_MALE},
    {"2", MASH__V1__SEX__SEX_FEMALE},          {"1", MASH__V1__SEX__SEX_MALE},
    {"F", MASH__V1__SEX__SEX_FEMALE},          {"M", MASH__V1__SEX__SEX_MALE},
    {"Unknown", MASH__V1__SEX__SEX_NOT_KNOWN},
};

hub_bytes adults_text(const adults_row *in, int column)
{
    return formats_csv_text(in->row, in->columns[column]);
}

char *adults_copy(adults_row *in, int column)
{
    return formats_text(in->draft, adults_text(in, column));
}

bool adults_date(const adults_row *in, int column, formats_date *out)
{
    hub_bytes text = adults_text(in, column);
    return text.size == 0 || formats_date_of_row(text, out);
}

Mash__V1__Subject *adults_add_person(adults_row *in, const adults_person *columns, formats_date birth)
{
    Mash__V1__Subject *person = formats_add_subject(in->draft);
    formats_add_identifier(in->draft, person, SCHEME(NHS_NUMBER), adults_text(in, columns->nhs_number));
    formats_add_identifier(in->draft, person, SCHEME(LOCAL), adults_text(in, columns->local));
    person->family_name = adults_copy(in, columns->surname);
    formats_add_given_name(in->draft, person, adults_text(in, columns->forename));
    if (birth.year != 0) person->date_of_birth = formats_date_message(in->draft, birth);
    for (size_t i = 0; i < sizeof SEXES / sizeof SEXES[0]; i++) {
        if (formats_bytes_are_any_case(adults_text(in, columns->sex), SEXES[i].word)) person->sex = SEXES[i].sex;
    }
    if (adults_text(in, columns->postcode).size == 0) return person;
    Mash__V1__Address *home = formats_add_address(in->draft, person);
    home->kind = MASH__V1__ADDRESS_KIND__ADDRESS_KIND_HOME;
    formats_set_postcode(in->draft, home, adults_text(in, columns->postcode));
    return person;
}
