/* SPDX-License-Identifier: MIT */
#include "query/threshold.h"

#include <inttypes.h>
#include <stdarg.h>

kith_status kith_certainty_open(kith_certainty *out, double given, double fpir, const char *network,
                                const char *calibration, kith_gallery *gallery, kith_error *err) {
    *out = (kith_certainty){.given = given >= -1 && given <= 1, .value = given, .fpir = fpir};
    snprintf(out->network, sizeof out->network, "%s", network);
    out->has_table = calibration != NULL;
    kith_status status =
        gallery ? kith_gallery_calibration_read(&out->gallery, &out->has_gallery, gallery, err) : KITH_OK;
    if (status == KITH_OK && calibration)
        return kith_calibration_parse(&out->table, calibration, network, err);
    if (status == KITH_OK && !out->given && !out->has_gallery)
        return kith_fail(err, KITH_E_REFUSED, 0, network,
                         "the model has no calibration, so nothing says how alike is alike enough (give "
                         "--threshold, or kith-model calibrate it)");
    return status;
}

/* The accepted chance as the gallery's table has it: made against fewer faces than there are now. */
static double shared(const kith_certainty *c, uint64_t named) {
    return kith_rate_of_one(c->fpir, (double)named / c->gallery.compared);
}

void kith_certainty_at(kith_threshold *out, const kith_certainty *c, uint64_t named) {
    *out = (kith_threshold){.named = named,
                            .margin = c->has_gallery ? c->gallery.margins[c->scoring]
                                      : c->has_table ? c->table.margin
                                                     : KITH_MARGIN};
    if (c->given) {
        out->value = c->value;
        snprintf(out->source, sizeof out->source, "given");
        return;
    }
    out->fpir = c->fpir;
    if (c->has_gallery) {
        out->value =
            kith_rate_table_threshold(&c->gallery.tables[c->scoring], shared(c, named), &out->extrapolated);
        snprintf(out->source, sizeof out->source, "the gallery's calibration of %.10s", c->gallery.made);
        return;
    }
    out->fmr = kith_rate_of_one(c->fpir, (double)named);
    out->value = kith_rate_table_threshold(&c->table.table, out->fmr, &out->extrapolated);
    snprintf(out->source, sizeof out->source, "calibration of %s", c->network);
}

/* ---- in words ---- */

enum { CHANCE = 32 };

/* A chance as people say it: "1 in 100", "30 in 100". */
static const char *chance_words(char out[CHANCE], double chance) {
    if (chance > 0.1)
        snprintf(out, CHANCE, "%.3g in 100", chance * 100);
    else
        snprintf(out, CHANCE, "1 in %.0f", 1 / chance);
    return out;
}

static void promise(char *out, size_t size, const kith_threshold *t) {
    char chance[CHANCE];
    chance_words(chance, t->fpir);
    if (t->named > 1)
        snprintf(out, size, "threshold %.3f: about %s strangers %s taken for one of %" PRIu64 " faces",
                 t->value, chance, t->fpir > 0.1 ? "are" : "is", t->named);
    else
        snprintf(out, size, "threshold %.3f: about %s pairs of different persons %s taken for one person",
                 t->value, chance, t->fpir > 0.1 ? "are" : "is");
}

void kith_threshold_words(char *out, size_t size, const kith_threshold *t) {
    if (t->fpir <= 0) {
        snprintf(out, size, "threshold %.3f, as given", t->value);
        return;
    }
    char words[192];
    promise(words, sizeof words, t);
    snprintf(out, size, "%s (%s%s)", words, t->source, t->extrapolated ? ", an estimate beyond its end" : "");
}

typedef struct telling {
    kith_tell_sentence tell;
    void *context;
} telling;

__attribute__((format(printf, 2, 3))) static void say(const telling *to, const char *format, ...) {
    char text[512];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    to->tell(to->context, text);
}

static void explain_gallery(const telling *to, const kith_certainty *c, const kith_threshold *t) {
    const kith_gallery_calibration *g = &c->gallery;
    const kith_rate_table *table = &g->tables[c->scoring];
    char chance[CHANCE];
    say(to,
        "It was measured in this gallery on %.10s: each of %" PRIu64 " faces of %" PRIu64
        " persons was asked about among all other persons%s.",
        g->made, g->faces, g->persons, c->scoring == KITH_SCORE_MEAN3 ? ", by the mean of three" : "");
    if (t->named > g->faces)
        say(to, "There are %" PRIu64 " faces now; the chance is shared among them.", t->named);
    if (t->extrapolated)
        say(to,
            "So rare an error was not seen in it (it has seen down to %s): beyond, the calibration of %s "
            "goes on.",
            chance_words(chance, table->supported), c->network);
}

static void explain_table(const telling *to, const kith_certainty *c, const kith_threshold *t) {
    char chance[CHANCE];
    say(to,
        "For that, %s comparisons of two different persons may be mistaken; %s does so at this "
        "threshold.",
        chance_words(chance, t->fmr), c->network);
    if (c->table.pairs > 0)
        say(to, "That was measured on %" PRIu64 " pairs%s%s%s.", c->table.pairs, c->table.data[0] ? " (" : "",
            c->table.data, c->table.data[0] ? ")" : "");
    if (t->extrapolated)
        say(to, "So rare an error was not seen (only down to %s): the threshold is where the curve leads.",
            chance_words(chance, c->table.table.supported));
    if (t->named > 1)
        say(to, "Where persons have many faces it is stricter than need be; kith-index calibrate measures "
                "it in the gallery.");
}

void kith_certainty_explain(const kith_certainty *c, const kith_threshold *t, kith_tell_sentence tell,
                            void *context) {
    const telling to = {tell, context};
    char words[192];
    if (t->fpir <= 0) {
        say(&to, "Threshold %.3f, as given; how often strangers reach it is not known.", t->value);
        return;
    }
    promise(words, sizeof words, t);
    say(&to, "T%s.", words + 1);
    if (c->has_gallery)
        explain_gallery(&to, c, t);
    else
        explain_table(&to, c, t);
}
