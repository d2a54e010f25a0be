/* SPDX-License-Identifier: MIT
 *
 * Shapes are signed distances to a rounded rectangle (negative inside), turned into coverage of a pixel: that
 * is all the anti-aliasing that frames and label backs need.
 */
#include "query/draw.h"

#include <math.h>

#include "query/label.h"
#include "query/place.h"

typedef struct colour {
    unsigned char rgb[3];
} colour;

/* Okabe and Ito, "Color universal design" (2008): bluish green, orange, sky blue; grey. */
static const colour colours[] = {
    [KITH_MATCH] = {{0, 178, 130}},      [KITH_AMBIGUOUS] = {{240, 165, 0}},
    [KITH_UNKNOWN] = {{96, 186, 236}},   [KITH_UNUSABLE] = {{185, 185, 185}},
    [KITH_NO_PROBE] = {{185, 185, 185}}, [KITH_FAILED_PROBE] = {{185, 185, 185}},
};
static const colour ink = {{12, 16, 20}};

typedef struct shape {
    double x, y, width, height, radius;
} shape;

static double distance(const shape *s, double x, double y) {
    double dx = fabs(x - s->x - s->width / 2) - s->width / 2 + s->radius;
    double dy = fabs(y - s->y - s->height / 2) - s->height / 2 + s->radius;
    return hypot(fmax(dx, 0), fmax(dy, 0)) + fmin(fmax(dx, dy), 0) - s->radius;
}

static double unit(double value) {
    return value > 0 ? fmin(value, 1) : 0; /* 0 for what is no number */
}

static void blend(kith_picture *picture, int x, int y, colour with, double share) {
    unsigned char *pixel = picture->rgb + ((size_t)y * (size_t)picture->width + (size_t)x) * 3;
    for (int i = 0; i < 3; i++)
        pixel[i] = (unsigned char)(pixel[i] + (with.rgb[i] - pixel[i]) * share + 0.5);
}

static int within(double value, int end) {
    return (int)fmin(fmax(value, 0), end);
}

/* The pixels that lie within `grow` of the shape, cut to the picture. */
static kith_box area(const kith_picture *picture, const shape *s, double grow) {
    int left = within(floor(s->x - grow), picture->width), top = within(floor(s->y - grow), picture->height);
    int right = within(ceil(s->x + s->width + grow), picture->width);
    int bottom = within(ceil(s->y + s->height + grow), picture->height);
    return (kith_box){left, top, right - left, bottom - top};
}

/* A line of the given width along the shape's edge, with a thin dark seam that keeps it visible on any
 * ground.
 */
static void frame(kith_picture *picture, const shape *s, double line, colour with) {
    double seam = fmax(1, line / 3);
    kith_box to = area(picture, s, line + seam + 1);
    for (int y = to.y; y < to.y + to.height; y++)
        for (int x = to.x; x < to.x + to.width; x++) {
            double d = fabs(distance(s, x + 0.5, y + 0.5));
            if (d > line / 2 + seam + 1)
                continue;
            blend(picture, x, y, ink, 0.45 * unit(line / 2 + seam + 0.5 - d));
            blend(picture, x, y, with, unit(line / 2 + 0.5 - d));
        }
}

static void fill(kith_picture *picture, const shape *s, colour with) {
    kith_box to = area(picture, s, 2);
    for (int y = to.y; y < to.y + to.height; y++)
        for (int x = to.x; x < to.x + to.width; x++) {
            double d = distance(s, x + 0.5, y + 0.5);
            blend(picture, x, y, ink, 0.3 * unit(1.5 - d));
            blend(picture, x, y, with, unit(0.5 - d));
        }
}

static void write_text(kith_picture *picture, const kith_label *label, int left, int top) {
    for (int y = 0; y < label->height; y++)
        for (int x = 0; x < label->width; x++) {
            int px = left + x, py = top + y;
            if (px >= 0 && px < picture->width && py >= 0 && py < picture->height)
                blend(picture, px, py, ink,
                      label->coverage[(size_t)y * (size_t)label->width + (size_t)x] / 255.0);
        }
}

/* What is drawn: sizes for the whole picture, and what lies where. */
typedef struct canvas {
    kith_picture *picture;
    kith_labels *labels;
    double line;              /* width of frames */
    int text;                 /* height of a line of text */
    kith_box *faces, *placed; /* frames with their outer edge, labels; count each */
    size_t count;
} canvas;

/* A line of text is a 45th of the longer side, less where the faces are small, never less than can be read
 * at all.
 */
static void choose_sizes(canvas *c, const kith_mark *marks) {
    double side = fmax(c->picture->width, c->picture->height), widths = 0;
    for (size_t i = 0; i < c->count; i++)
        widths += (double)marks[i].box[2] / (double)c->count;
    double text = fmin(side / 45, fmax(widths / 4, side / 90));
    c->text = (int)lround(fmax(text, 12));
    c->line = fmax(2, c->text / 8.0);
}

static void take_faces(canvas *c, const kith_mark *marks) {
    int edge = (int)lround(c->line / 2);
    double limit = 1e6; /* boxes reach out of the picture, but never far */
    for (size_t i = 0; i < c->count; i++) {
        double value[4];
        for (int k = 0; k < 4; k++)
            value[k] = fmin(fmax((double)marks[i].box[k], -limit), limit); /* not a number becomes a limit */
        c->faces[i] = (kith_box){(int)lround(value[0]) - edge, (int)lround(value[1]) - edge,
                                 (int)lround(value[2]) + 2 * edge, (int)lround(value[3]) + 2 * edge};
    }
}

static void draw_frame(canvas *c, const kith_mark *mark) {
    double width = (double)mark->box[2], thin = fmin(c->line, fmax(1.5, width / 16));
    shape box = {(double)mark->box[0], (double)mark->box[1], width, (double)mark->box[3],
                 fmin(2 * c->line, width / 6)};
    frame(c->picture, &box, thin, colours[mark->decision]);
}

static kith_status draw_label(canvas *c, const kith_mark *mark, size_t i, kith_error *err) {
    int pad = (int)fmax(2, c->text / 4.0), gap = (int)ceil(c->line / 2);
    int widest = c->picture->width - 2 * pad;
    if (mark->text[0] == 0 || widest < c->text)
        return KITH_OK; /* a label in such a picture would hide the face */
    kith_label label;
    kith_status status = kith_label_make(&label, c->labels, mark->text, c->text, widest, err);
    if (status != KITH_OK)
        return status;
    kith_box *back = &c->placed[i];
    *back = (kith_box){0, 0, label.width + 2 * pad, label.height + 2 * gap};
    kith_place_label(back, c->picture->width, c->picture->height, c->faces, c->count, i, c->placed, i);
    shape tab = {back->x, back->y + gap, label.width + 2 * pad, label.height, pad};
    fill(c->picture, &tab, colours[mark->decision]);
    write_text(c->picture, &label, back->x + pad, back->y + gap);
    kith_label_clear(&label);
    return KITH_OK;
}

kith_status kith_draw_marks(kith_picture *picture, const kith_mark *marks, size_t count, kith_error *err) {
    canvas c = {.picture = picture, .count = count};
    kith_status status = KITH_OK;
    if (count == 0)
        return KITH_OK;
    c.faces = calloc(count, sizeof *c.faces);
    c.placed = calloc(count, sizeof *c.placed);
    if (!c.faces || !c.placed) {
        status = kith_fail(err, KITH_E_MEMORY, 0, "picture with names", "no memory");
        goto out;
    }
    choose_sizes(&c, marks);
    take_faces(&c, marks);
    for (size_t i = 0; i < count; i++)
        draw_frame(&c, &marks[i]);
    status = kith_labels_open(&c.labels, err);
    for (size_t i = 0; i < count && status == KITH_OK; i++)
        status = draw_label(&c, &marks[i], i, err);
out:
    kith_labels_close(&c.labels);
    free(c.placed);
    free(c.faces);
    return status;
}

void kith_mark_of(kith_mark *out, const kith_answer *answer) {
    *out = (kith_mark){.decision = answer->decision};
    memcpy(out->box, answer->probe->box, sizeof out->box);
    const kith_candidate *best = answer->candidates;
    char name[128] = "";
    if (answer->candidate_count > 0)
        kith_printable(name, sizeof name, best->person, SIZE_MAX);
    if (answer->decision == KITH_MATCH)
        snprintf(out->text, sizeof out->text, "%s  %.2f", name, (double)best->score);
    else if (answer->decision == KITH_AMBIGUOUS)
        snprintf(out->text, sizeof out->text, "%s?  %.2f", name, (double)best->score);
    else if (answer->faces > 1) /* the number that names the face: PHOTO#NUMBER */
        snprintf(out->text, sizeof out->text, "#%d %s", answer->face, kith_decision_name(answer->decision));
    else
        snprintf(out->text, sizeof out->text, "%s", kith_decision_name(answer->decision));
}
