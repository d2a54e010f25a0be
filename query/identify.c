/* SPDX-License-Identifier: MIT
 *
 * kith-query identify: who is on these photos.
 */
#include <unistd.h>

#include "proto/array.h"
#include "query/ask.h"
#include "query/commands.h"
#include "query/draw.h"
#include "query/photos.h"
#include "query/rank.h"
#include "query/show.h"
#include "query/target.h"

typedef struct identify_choice {
    kith_gallery_choice gallery;
    kith_model_choice model;
    kith_finding_choice finding;
    kith_deciding_choice deciding;
    kith_output_choice output;
    const char *filter, *files_from, *draw;
    long top;
    int score, which;
    bool nul, explain;
} identify_choice;

static const identify_choice defaults = {
    .gallery = KITH_GALLERY_CHOICE,
    .model = KITH_MODEL_DEFAULTS,
    .finding = KITH_FINDING_DEFAULTS,
    .deciding = KITH_DECIDING_DEFAULTS,
    .top = 2,
    .which = KITH_WHICH_ALL,
};

static const kith_option rows[] = {
    {.name = "files-from",
     .type = KITH_OPTION_TEXT,
     .offset = offsetof(identify_choice, files_from),
     .value = "FILE",
     .help = "Also take photos from a list, one a line, answering each as it comes; - is standard input",
     .only_here = true},
    {.name = "null",
     .letter = '0',
     .type = KITH_OPTION_FLAG,
     .offset = offsetof(identify_choice, nul),
     .help = "Names in the list end with a zero byte instead of a line end",
     .only_here = true},
    {.name = "which",
     .type = KITH_OPTION_CHOICE,
     .offset = offsetof(identify_choice, which),
     .value = KITH_WHICH_WORDS,
     .help = "Which faces of a photo are asked about",
     .only_here = true},
    {.name = "top",
     .type = KITH_OPTION_INTEGER,
     .offset = offsetof(identify_choice, top),
     .value = "N",
     .low = 1,
     .high = 10000,
     .help = "Persons named for each face, the most alike first",
     .only_here = true},
    {.name = "score",
     .type = KITH_OPTION_CHOICE,
     .offset = offsetof(identify_choice, score),
     .value = "best|mean3",
     .help = "A person counts by the most alike face, or by the mean of the three most alike, which is never "
             "higher"},
    {.name = "filter",
     .type = KITH_OPTION_TEXT,
     .offset = offsetof(identify_choice, filter),
     .value = "CONDITIONS",
     .help = "Compare only with faces that meet them, as person!=Ann Lee,taken>=2024-05,path^=/photos/2024",
     .only_here = true},
    {.name = "explain",
     .type = KITH_OPTION_FLAG,
     .offset = offsetof(identify_choice, explain),
     .help = "Say in words how each answer came about",
     .only_here = true},
    {.name = "draw",
     .type = KITH_OPTION_TEXT,
     .offset = offsetof(identify_choice, draw),
     .value = "FILE",
     .help = "Write the photo with frames and names, as .png or .jpg; a folder for several photos",
     .only_here = true},
};

static const kith_option_group groups[] = {
    {"Asking", rows, sizeof rows / sizeof rows[0], 0},
    KITH_DECIDING_GROUP(offsetof(identify_choice, deciding)),
    KITH_GALLERY_GROUP(offsetof(identify_choice, gallery)),
    KITH_FINDING_GROUP(offsetof(identify_choice, finding)),
    KITH_MODEL_GROUP(offsetof(identify_choice, model)),
    KITH_OUTPUT_GROUP(offsetof(identify_choice, output)),
    KITH_SERVER_GROUP(offsetof(identify_choice, gallery)),
};

/* A run. */
typedef struct identify {
    const identify_choice *choice;
    kith_asking asking;
    kith_filter filter, named; /* as asked for; and with a name */
    char *filter_texts;
    kith_photos photos;
    kith_show show;
    kith_target target;
    kith_threshold threshold; /* for the photo in hand: the gallery may grow while this runs */
    kith_mark *marks;         /* of the photo in hand; room for mark_room */
    size_t mark_count, mark_room;
    bool promised; /* T was said on standard error */
    uint64_t answered, failed, matched;
    kith_error first_failure;
} identify;

static kith_status give(identify *run, const kith_answer *answer, kith_error *err) {
    kith_status status = run->choice->output.json ? kith_print_json(kith_answer_json(answer), KITH_JSON, err)
                                                  : kith_show_answer(&run->show, answer, err);
    return status == KITH_OK ? kith_output_flush(err) : status;
}

/* T for the photo in hand, and once a word about it. */
static kith_status measure_gallery(identify *run, kith_error *err) {
    uint64_t named;
    kith_status status = kith_gallery_count(run->asking.gallery, &run->named, &named, err);
    if (status != KITH_OK)
        return status;
    kith_certainty_at(&run->threshold, &run->asking.certainty, named);
    if (run->promised)
        return KITH_OK;
    run->promised = true;
    if (!run->choice->filter)
        kith_say_old_calibration(&run->asking, named);
    if (named == 0)
        kith_say(run->choice->filter
                     ? "%s: the filter leaves no face with a name, so nobody can be named"
                     : "%s: no face has a name, so nobody can be named (kith-index add --person, "
                       "or label)",
                 kith_gallery_uri(run->asking.gallery));
    else if (!run->choice->output.json && !run->choice->explain)
        kith_say_threshold(&run->threshold);
    return KITH_OK;
}

static kith_status mark(identify *run, const kith_answer *answer, kith_error *err) {
    if (!run->choice->draw)
        return KITH_OK;
    kith_mark *marks = kith_array_grow(run->marks, run->mark_count, &run->mark_room, sizeof *marks);
    if (!marks)
        return kith_fail(err, KITH_E_MEMORY, 0, answer->photo, "no memory for its drawing");
    run->marks = marks;
    kith_mark_of(&run->marks[run->mark_count++], answer);
    return KITH_OK;
}

static kith_status answer_face(identify *run, kith_photo *photo, size_t number, kith_error *err) {
    kith_probe probe;
    kith_ranking ranking = {0};
    size_t persons = run->choice->top < 2 ? 2 : (size_t)run->choice->top; /* the runner-up is always wanted */
    kith_status status = kith_probe_make(&probe, run->asking.prober, photo, number, err);
    if (status == KITH_OK && probe.vector) {
        status = kith_rank_persons(&ranking, run->asking.gallery, probe.vector, &run->filter,
                                   (kith_scoring)run->choice->score, persons, err);
        if (status == KITH_OK)
            kith_decide(&probe.verdict, ranking.items, ranking.count, &run->threshold);
    }
    const kith_answer answer = {.photo = photo->path,
                                .face = (int)number,
                                .faces = (int)photo->faces.count,
                                .probe = &probe.point,
                                .decision = probe.verdict.decision,
                                .reason = probe.verdict.reason[0] ? probe.verdict.reason : NULL,
                                .candidates = ranking.items,
                                .candidate_count = ranking.count,
                                .threshold = &run->threshold};
    if (status == KITH_OK)
        status = give(run, &answer, err);
    if (status == KITH_OK)
        status = mark(run, &answer, err);
    run->matched += status == KITH_OK && answer.decision == KITH_MATCH;
    kith_ranking_clear(&ranking);
    return status;
}

/* Whether an error is about one photo, so that the others can still be answered. */
static bool of_one_photo(kith_status status) {
    return status == KITH_E_FORMAT || status == KITH_E_LIMIT || status == KITH_E_IO ||
           status == KITH_E_MEMORY;
}

static kith_status answer_nothing(identify *run, const char *photo, int faces, kith_decision decision,
                                  const char *reason, kith_error *err) {
    const kith_answer answer = {.photo = photo,
                                .face = -1,
                                .faces = faces,
                                .decision = decision,
                                .reason = reason,
                                .threshold = &run->threshold};
    return give(run, &answer, err);
}

/* That a photo cannot be asked about is an answer, too. Beside a table the reason goes to standard error. */
static kith_status answer_failure(identify *run, const char *photo, int faces, const kith_error *failure,
                                  kith_error *err) {
    if (!of_one_photo(failure->code)) {
        *err = *failure;
        return failure->code;
    }
    if (run->failed++ == 0)
        run->first_failure = *failure;
    kith_status status = answer_nothing(run, photo, faces, KITH_FAILED_PROBE, failure->text, err);
    if (!run->choice->output.json)
        kith_say_error(failure);
    return status;
}

/* Which faces of the photo are asked about: `first` up to before `end`. KITH_E_FORMAT: none can be meant. */
static kith_status choose(size_t *first, size_t *end, const identify *run, const kith_photo *photo,
                          kith_error *err) {
    int only = photo->named_face;
    *first = 0;
    *end = photo->faces.count;
    if (*end == 0 || (only < 0 && run->choice->which == KITH_WHICH_ALL))
        return KITH_OK;
    if (only < 0)
        only = kith_which_face(&photo->faces, (kith_which)run->choice->which, photo->width, photo->height);
    if (only < 0)
        return kith_fail(err, KITH_E_FORMAT, 0, photo->path,
                         "has %zu faces, and --which only takes one alone", *end);
    *first = (size_t)only;
    *end = *first + 1;
    return KITH_OK;
}

static kith_status draw(identify *run, const kith_photo *photo, kith_error *err) {
    char *path = NULL;
    kith_picture picture = {0};
    kith_status status = kith_target_for(&path, &run->target, photo->path, err);
    if (status == KITH_OK)
        status = kith_photo_picture(&picture, photo, run->asking.prober, err);
    if (status == KITH_OK)
        status = kith_draw_marks(&picture, run->marks, run->mark_count, err);
    if (status == KITH_OK)
        status = kith_picture_write(&picture, path, err);
    kith_picture_clear(&picture);
    free(path);
    return status;
}

static kith_status answer_faces(identify *run, kith_photo *photo, kith_error *err) {
    size_t first, end;
    kith_error failure = {0};
    if (choose(&first, &end, run, photo, &failure) != KITH_OK)
        return answer_failure(run, photo->path, (int)photo->faces.count, &failure, err);
    run->answered++;
    kith_status status = KITH_OK;
    if (first == end)
        status = answer_nothing(run, photo->path, 0, KITH_NO_PROBE, "no face found", err);
    for (size_t i = first; i < end && status == KITH_OK; i++)
        status = answer_face(run, photo, i, err);
    return status == KITH_OK && run->choice->draw ? draw(run, photo, err) : status;
}

static kith_status answer_photo(identify *run, const char *path, kith_error *err) {
    kith_photo photo = {0};
    kith_error failure = {0};
    kith_status status;
    run->mark_count = 0;
    if (kith_photo_open(&photo, run->asking.prober, path, &failure) == KITH_OK)
        status = answer_faces(run, &photo, err);
    else
        status = answer_failure(run, path, 0, &failure, err);
    kith_photo_clear(&photo);
    return status;
}

static kith_status start(identify *run, const kith_arguments *arguments, kith_error *err) {
    const identify_choice *choice = run->choice;
    kith_status status = kith_photos_open(&run->photos, arguments, choice->files_from, choice->nul, err);
    if (status == KITH_OK && choice->output.json && choice->explain)
        return kith_fail(err, KITH_E_USAGE, 0, "--explain", "is for people (leave out --json)");
    if (status == KITH_OK && choice->draw)
        status = kith_target_open(&run->target, choice->draw,
                                  choice->files_from || arguments->operand_count > 1, err);
    if (status == KITH_OK && choice->filter)
        status = kith_filter_parse(&run->filter, &run->filter_texts, choice->filter, err);
    run->named = run->filter;
    if (status == KITH_OK)
        status = kith_filter_text(&run->named, KITH_FIELD_PERSON, KITH_NOT_EQUAL, NULL, err);
    if (status == KITH_OK)
        status = kith_asking_open(&run->asking, &choice->gallery, &choice->model, &choice->finding,
                                  &choice->deciding, err);
    run->asking.certainty.scoring = (kith_scoring)choice->score;
    kith_show_start(&run->show, kith_use_color((kith_color)choice->output.color, STDOUT_FILENO),
                    choice->explain ? &run->asking.certainty : NULL, (size_t)choice->top);
    if (choice->files_from)
        kith_show_expect(&run->show, "a path of the usual length.jpg");
    for (size_t i = 0; i < arguments->operand_count; i++)
        kith_show_expect(&run->show, arguments->operands[i]);
    return status;
}

static int exit_code(const identify *run, const kith_error *err) {
    if (err->code != KITH_OK)
        return kith_die(err);
    if (run->failed > 0)
        return run->answered > 0 ? KITH_EXIT_PARTIAL : kith_exit_code(&run->first_failure);
    return run->matched > 0 ? KITH_EXIT_OK : KITH_EXIT_NOTHING;
}

static int run_identify(const kith_arguments *arguments) {
    identify run = {.choice = arguments->values};
    kith_error err = {0};
    const char *path = NULL;
    kith_status status = start(&run, arguments, &err);
    while (status == KITH_OK) {
        kith_error no_path = {0};
        status = kith_photos_next(&run.photos, &path, &no_path, &err);
        if (status != KITH_OK || !path)
            break;
        status = measure_gallery(&run, &err);
        if (status == KITH_OK)
            status = no_path.code == KITH_OK ? answer_photo(&run, path, &err)
                                             : answer_failure(&run, path, 0, &no_path, &err);
    }
    int code = exit_code(&run, &err);
    free(run.marks);
    kith_target_close(&run.target);
    kith_photos_close(&run.photos);
    kith_asking_close(&run.asking);
    free(run.filter_texts);
    return code;
}

static const kith_example examples[] = {
    {"kith-query identify party.jpg", "Who is on this photo."},
    {"kith-query identify --explain --draw named.jpg party.jpg", "The same in words, and as a picture."},
    {"find new -name '*.jpg' -print0 | kith-query identify --json --files-from - -0",
     "An answer a line for many photos."},
};

const kith_command kith_identify_command = {
    .name = "identify",
    .operands = "PHOTO...",
    .most = (size_t)-1,
    .summary = "Who is on these photos",
    .text =
        "Compares each face with the named faces of the gallery and gives one answer for it: match; "
        "ambiguous, when two persons are nearly as alike; unknown, when nobody is alike enough; unusable, "
        "when the face is too small or too uncertain. A photo without a face is answered by \"no face\", one "
        "that cannot be read by \"failed\". PHOTO is a JPEG or PNG file, PHOTO#NUMBER one of its faces (the "
        "topmost is 0), - standard input.\n\n"
        "How alike is alike enough follows from --fpir, the accepted chance that a stranger is named, and "
        "from the gallery's own calibration (kith-index calibrate); without one, from the number of faces "
        "compared with and the model's. --explain says how.\n\n" KITH_FILTER_TEXT "\n\n"
        "Exits with 0 when somebody was matched, 1 when nobody was, 3 when some photos failed; when all did, "
        "with what the first failed of: 4 when it is no photo, 5 when it cannot be read.",
    .groups = groups,
    .group_count = sizeof groups / sizeof groups[0],
    .size = sizeof(identify_choice),
    .defaults = &defaults,
    .examples = examples,
    .example_count = sizeof examples / sizeof examples[0],
    .run = run_identify,
};
