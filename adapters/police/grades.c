#include "police/grades.h"

#include "formats/json.h"

#define LEVEL(name) MASH__V1__GRADE_LEVEL__GRADE_LEVEL_##name

static const struct {
    const char *word;
    Mash__V1__GradeLevel level;
} GRADINGS[] = {
    {"standard", LEVEL(STANDARD)}, {"low", LEVEL(STANDARD)}, {"green", LEVEL(STANDARD)}, {"medium", LEVEL(MEDIUM)},
    {"amber", LEVEL(MEDIUM)},      {"high", LEVEL(HIGH)},    {"red", LEVEL(HIGH)},
};

Mash__V1__GradeLevel police_level_of_word(hub_bytes word)
{
    for (size_t i = 0; i < sizeof GRADINGS / sizeof GRADINGS[0]; i++) {
        if (formats_bytes_are_any_case(word, GRADINGS[i].word)) return GRADINGS[i].level;
    }
    return LEVEL(UNSPECIFIED);
}

Mash__V1__GradeLevel police_level_of_dash(int yes, int no, int unknown)
{
    if (yes >= POLICE_DASH_HIGH) return LEVEL(HIGH);
    if (yes >= POLICE_DASH_MEDIUM) return LEVEL(MEDIUM);
    bool is_known = yes + no > 0 && yes + unknown < POLICE_DASH_MEDIUM;
    return is_known ? LEVEL(STANDARD) : LEVEL(UNSPECIFIED);
}
