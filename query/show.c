/* SPDX-License-Identifier: MIT */
#include "query/show.h"

#include "query/ask.h"

static const kith_column columns[] = {
    {.title = "PHOTO", .share = 3},
    {.title = "ANSWER", .least = 9},
    {.title = "SCORE", .least = 6, .number = true}, /* "-0.123" in a later row must not move the others */
    {.title = "PERSON", .least = 16},
    {.title = ""},
};
enum { COLUMNS = sizeof columns / sizeof columns[0] };

static const kith_style styles[] = {
    [KITH_MATCH] = KITH_GOOD,     [KITH_AMBIGUOUS] = KITH_DOUBT, [KITH_UNKNOWN] = KITH_NEUTRAL,
    [KITH_UNUSABLE] = KITH_FAINT, [KITH_NO_PROBE] = KITH_FAINT,  [KITH_FAILED_PROBE] = KITH_DOUBT,
};

void kith_show_start(kith_show *show, bool color, const kith_certainty *explain, size_t top) {
    *show = (kith_show){.explain = explain, .top = top};
    kith_columns_start(&show->table, stdout, columns, COLUMNS, color);
}

void kith_show_expect(kith_show *show, const char *photo) {
    char *name = kith_face_name(photo, 0);
    const kith_cell cells[COLUMNS] = {{.text = name}};
    kith_columns_fit(&show->table, cells);
    free(name);
}

/* What a row says beside the person: who else, or why nobody. */
static void remark(char *out, size_t size, const kith_show *show, const kith_answer *a) {
    const kith_candidate *c = a->candidates;
    *out = 0;
    if (!a->probe) /* no face says it all; a failure was said on standard error */
        return;
    if (a->candidate_count == 0)
        snprintf(out, size, "%s", a->reason ? a->reason : "");
    else if (a->decision == KITH_UNKNOWN)
        snprintf(out, size, "nearest is %s", c[0].person);
    else if (a->candidate_count > 1 && (a->decision == KITH_AMBIGUOUS || show->top <= 2))
        snprintf(out, size, "%s %s %.3f", a->decision == KITH_AMBIGUOUS ? "or" : "next is", c[1].person,
                 (double)c[1].score);
}

static void row(kith_show *show, const kith_answer *a, const char *name) {
    char score[16] = "", person[512] = "", beside[768];
    if (a->candidate_count > 0)
        snprintf(score, sizeof score, "%.3f", (double)a->candidates[0].score);
    if (a->decision == KITH_MATCH || a->decision == KITH_AMBIGUOUS)
        snprintf(person, sizeof person, "%s%s", a->candidates[0].person,
                 a->decision == KITH_AMBIGUOUS ? "?" : "");
    remark(beside, sizeof beside, show, a);
    const kith_style style = styles[a->decision];
    const kith_cell cells[COLUMNS] = {
        {.text = name},       {kith_decision_name(a->decision), style}, {.text = score}, {person, style},
        {beside, KITH_FAINT},
    };
    kith_columns_row(&show->table, cells);
}

static void others(kith_show *show, const kith_answer *a) {
    for (size_t i = 1; i < a->candidate_count && i < show->top && show->top > 2; i++) {
        char score[16];
        snprintf(score, sizeof score, "%.3f", (double)a->candidates[i].score);
        const kith_cell cells[COLUMNS] = {
            [2] = {score, KITH_FAINT}, [3] = {a->candidates[i].person, KITH_FAINT}};
        kith_columns_row(&show->table, cells);
    }
}

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...) {
    char text[2048], seen[4096];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    printf("    %s\n", kith_printable(seen, sizeof seen, text, SIZE_MAX));
}

static void explain_face(const kith_answer *a) {
    const kith_point *p = a->probe;
    say("Face: %.0f x %.0f pixels at (%.0f, %.0f), eyes %.1f apart, detector's score %.2f.",
        (double)p->box[2], (double)p->box[3], (double)p->box[0], (double)p->box[1], (double)p->eyes,
        (double)p->score);
    if (a->decision == KITH_UNUSABLE)
        say("It fails a gate: %s.", a->reason);
}

static void explain_persons(const kith_answer *a) {
    const kith_candidate *c = a->candidates;
    const kith_threshold *t = a->threshold;
    double best = (double)c[0].score, gap = best - t->value;
    say("%s is the most alike: %.3f, %.3f %s the threshold.", c[0].person, best, gap < 0 ? -gap : gap,
        gap < 0 ? "below" : "above");
    if (c[0].best->path_count > 0)
        say("The photo that carried it: %s#%d.", c[0].best->paths[0], c[0].best->face);
    if (a->candidate_count > 1 && gap < 0)
        say("The next person, %s, has %.3f.", c[1].person, (double)c[1].score);
    else if (a->candidate_count > 1)
        say("The next person, %s, has %.3f, which is %.3f less; needed are %.3f.", c[1].person,
            (double)c[1].score, best - (double)c[1].score, t->margin);
    else
        say("There is no other person to mistake it for.");
}

static void say_sentence(void *context, const char *sentence) {
    (void)context;
    say("%s", sentence);
}

static void explain(const kith_answer *a, const kith_certainty *certainty) {
    if (!a->probe)
        return;
    explain_face(a);
    if (a->decision == KITH_UNUSABLE)
        return;
    if (a->candidate_count == 0) {
        say("Nobody can be named: %s.", a->reason);
        return;
    }
    kith_certainty_explain(certainty, a->threshold, say_sentence, NULL);
    explain_persons(a);
}

kith_status kith_show_answer(kith_show *show, const kith_answer *answer, kith_error *err) {
    char *name = answer->face < 0 ? strdup(answer->photo) : kith_face_name(answer->photo, answer->face);
    if (!name)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for an answer");
    if (!show->headed) {
        kith_columns_head(&show->table);
        show->headed = true;
    }
    row(show, answer, name);
    others(show, answer);
    if (show->explain)
        explain(answer, show->explain);
    free(name);
    return KITH_OK;
}
