/* SPDX-License-Identifier: MIT */
#include "query/decide.h"

#include <math.h>
#include <stdarg.h>

/* Every test is written so that a value that is not a number fails it. */

__attribute__((format(printf, 3, 4))) static void say(kith_verdict *out, kith_decision decision,
                                                      const char *format, ...) {
    va_list values;
    va_start(values, format);
    vsnprintf(out->reason, sizeof out->reason, format, values);
    va_end(values);
    out->decision = decision;
}

/* A value that fails a gate must not read as if it passed: never rounded up. */
static double down(float value, double steps) {
    return floor((double)value * steps) / steps;
}

bool kith_gates_pass(kith_verdict *out, const kith_gates *gates, const kith_point *probe) {
    float side = fminf(probe->box[2], probe->box[3]);
    if (!(probe->score >= gates->score))
        say(out, KITH_UNUSABLE, "the detector is not sure that this is a face: %.2f, needed are %.2f",
            down(probe->score, 100), (double)gates->score);
    else if (!(probe->eyes >= gates->eyes))
        say(out, KITH_UNUSABLE, "the eyes are %.1f pixels apart, needed are %g", down(probe->eyes, 10),
            (double)gates->eyes);
    else if (!(side >= gates->box))
        say(out, KITH_UNUSABLE, "the face is %.1f pixels large, needed are %g", down(side, 10),
            (double)gates->box);
    else
        return true;
    return false;
}

void kith_decide(kith_verdict *out, const kith_candidate *candidates, size_t count,
                 const kith_threshold *threshold) {
    *out = (kith_verdict){.decision = KITH_MATCH};
    if (count == 0) {
        say(out, KITH_UNKNOWN, "there is no face with a name to compare with");
        return;
    }
    double best = (double)candidates[0].score;
    if (!(best >= threshold->value)) {
        say(out, KITH_UNKNOWN, "nobody reaches %.3f, the best is %.3f", threshold->value, best);
        return;
    }
    if (count > 1 && !(best - (double)candidates[1].score >= threshold->margin))
        say(out, KITH_AMBIGUOUS, "two persons are %.3f apart, needed are %.3f",
            best - (double)candidates[1].score, threshold->margin);
}
