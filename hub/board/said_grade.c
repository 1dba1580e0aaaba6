#include "said_grade.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/event.h"

/* What each question of DASH 2009 (police, 27 questions) is about, in words of our own; [0] is none. The form of 24 questions has the same first
 * nine and counts on otherwise. */
enum { DASH_ALIKE = 9, DASH_SHORT = 24, DASH_LONG = 27 };
static const char *const DASH[DASH_LONG + 1] = {
    NULL,
    "hurt in this incident",
    "very frightened",
    "what they are afraid of",
    "cut off from family or friends",
    "depressed, or thinking of suicide",
    "separated, or tried to, in the past year",
    "conflict over contact with children",
    "followed, watched or contacted again and again",
    "pregnant, or a baby in the past 18 months",
    "children or others who depend on them in the household",
    "children or dependants hurt",
    "children or dependants threatened",
    "it happens more often",
    "it gets worse",
    "controls everything, or very jealous",
    "weapons or objects used",
    "threatened to kill, and was believed",
    "strangled, choked, suffocated or held under water",
    "sexual acts or words that hurt or shame",
    "afraid of, or threatened by, somebody else too",
    "has hurt others",
    "has hurt animals",
    "money troubles, or dependent for money",
    "drugs, alcohol or mental health of the one who harms",
    "the one who harms has threatened or tried suicide",
    "has broken bail, an order or an agreement",
    "known to the police, or has a criminal record",
};

/* 7 of "q7=yes"; 0: no such label. *answer is what follows the sign. */
static unsigned long question_of(const char *text, const char **answer)
{
    char *end = NULL;
    if (text[0] != 'q' || text[1] < '1' || text[1] > '9') return 0;
    unsigned long number = strtoul(text + 1, &end, 10);
    if (*end != '=' || number > DASH_LONG) return 0;
    *answer = end + 1;
    return number;
}

/* Which form it was, only the questions tell: words that might be another form's are not put beside an answer. */
static unsigned long known_upto(const Mash__V1__Grade *grade)
{
    unsigned long most = 0;
    const char *answer;
    if (strcmp(grade->tool, "DASH") != 0) return 0;
    for (size_t i = 0; i < grade->n_answers; i++) {
        unsigned long number = question_of(grade->answers[i], &answer);
        if (number > most) most = number;
    }
    return most > DASH_SHORT ? DASH_LONG : DASH_ALIKE;
}

static void put_answer(html_page *p, const char *text, unsigned long upto)
{
    const char *answer = "";
    unsigned long number = question_of(text, &answer);
    html(p, "<dd>");
    if (number == 0 || number > upto) {
        html_text(p, text);
    } else {
        html_text(p, answer);
        html(p, ": ");
        html_text(p, DASH[number]);
        html(p, " (question ");
        html_number(p, (int64_t)number);
        html(p, ")");
    }
    html(p, "</dd>");
}

/* Yes first, then what is neither, then no: what counts stands where it is read. */
static int rank_of(const char *text)
{
    const char *sign = strchr(text, '=');
    return sign != NULL && strcmp(sign + 1, "yes") == 0 ? 0 : sign != NULL && strcmp(sign + 1, "no") == 0 ? 2 : 1;
}

static void put_level(html_page *p, const Mash__V1__Grade *grade)
{
    char level[64];
    html(p, "<div><dt>Grade</dt><dd><strong>");
    if (grade->level != MASH__V1__GRADE_LEVEL__GRADE_LEVEL_UNSPECIFIED) {
        (void)event_enum_name(&mash__v1__grade_level__descriptor, (int)grade->level, level);
        html_text(p, level);
    } else {
        html(p, "none given");
    }
    html(p, "</strong> by ");
    html_text(p, grade->tool[0] != '\0' ? grade->tool : "a tool that is not named");
    html(p, " ");
    html_text(p, grade->tool_version);
    if (grade->score > 0) {
        html(p, ", score ");
        html_number(p, grade->score);
    }
    if (grade->graded_by[0] != '\0') {
        html(p, ", graded by ");
        html_text(p, grade->graded_by);
    }
    html(p, "</dd></div>");
}

void said_grade(html_page *p, const Mash__V1__Grade *grade)
{
    unsigned long upto = known_upto(grade);
    html(p, "<dl class=\"board-said\">");
    put_level(p, grade);
    if (grade->n_answers > 0) html(p, "<div><dt>Answers</dt>");
    for (int rank = 0; rank <= 2; rank++) {
        for (size_t i = 0; i < grade->n_answers; i++) {
            if (rank_of(grade->answers[i]) == rank) put_answer(p, grade->answers[i], upto);
        }
    }
    if (grade->n_answers > 0) html(p, "</div>");
    html(p, "</dl>");
}
