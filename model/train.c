/* SPDX-License-Identifier: MIT
 *
 * kith-model train: weights that learn.
 */
#include <math.h>

#include "model/commands.h"
#include "model/train/run.h"
#include "proto/command/program.h"

static const kith_train_options defaults = KITH_TRAIN_DEFAULTS;

#define AT(field) .offset = offsetof(kith_train_options, field)
#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

static const kith_option data_rows[] = {
    {.name = "data",
     .type = KITH_OPTION_LIST,
     AT(data),
     .value = "DIR",
     .help = "Folder with a folder of pictures for each person",
     .only_here = true},
    {.name = "nameless",
     .type = KITH_OPTION_LIST,
     AT(nameless),
     .value = "DIR",
     .help = "Folder of faces whose persons are not known, for --loss distil",
     .only_here = true},
    {.name = "blends",
     .type = KITH_OPTION_INTEGER,
     AT(blends),
     .value = "NUMBER",
     .low = 0,
     .high = 1e6,
     .help = "Also learn from so many averages of two of the faces, for --teacher: with few photos, more "
             "faces to learn from",
     .only_here = true},
    {.name = "triplets",
     .type = KITH_OPTION_TEXT,
     AT(triplets),
     .value = "FILE",
     .help = "CSV of triplets instead of --data, as kith-model triplets writes it",
     .only_here = true},
    {.name = "chips",
     .type = KITH_OPTION_FLAG,
     AT(chips),
     .help =
         "The pictures are aligned faces of 144 x 144 pixels, their landmarks in landmarks.csv beside them",
     .only_here = true},
    {.name = "validation",
     .type = KITH_OPTION_NUMBER,
     AT(validation),
     .value = "SHARE",
     .low = 0,
     .high = 0.9,
     .help = "Share of the persons that nothing is learned from"},
};

static const kith_option network_rows[] = {
    {.name = "arch",
     .type = KITH_OPTION_TEXT,
     AT(arch),
     .value = "NAME",
     .help = "Network: mobileface, reid or siamese; that of --init when not given",
     .only_here = true},
    {.name = "init",
     .type = KITH_OPTION_TEXT,
     AT(init),
     .value = "WEIGHTS",
     .help = "What to begin with: a model file (tensors that it lacks start at random), a shipped network's "
             "name, or random; the shipped weights of --arch when not given",
     .only_here = true},
    {.name = "train",
     .type = KITH_OPTION_CHOICE,
     AT(extent),
     .value = "all|last5|head",
     .help = "What learns: all layers, the last five and the dense ones (siamese), or the end of the "
             "network; the others' activations are computed once (--variants)",
     .only_here = true},
    {.name = "size",
     .type = KITH_OPTION_INTEGER,
     AT(side),
     .value = "PIXELS",
     .low = 64,
     .high = 256,
     .help = "Side of the network's input, for siamese a multiple of 16; its own when not given. The file "
             "does not say it: --init of a run goes on at it only when it is given again",
     .only_here = true},
    {.name = "bn",
     .type = KITH_OPTION_CHOICE,
     AT(bn),
     .value = "auto|frozen|batch",
     .help = "Statistics of batch norms: frozen ones never change, batch are those of each batch; auto is "
             "batch with --train all",
     .only_here = true},
};

static const kith_option loss_rows[] = {
    {.name = "loss",
     .type = KITH_OPTION_CHOICE,
     AT(loss),
     .value = "triplet|arcface|distil",
     .help = "What is wanted: a person's faces nearer than others', persons told apart with an angular "
             "margin, or the vectors of another network",
     .only_here = true},
    {.name = "mining",
     .type = KITH_OPTION_CHOICE,
     AT(mining),
     .value = "none|semi|hard",
     .help = "Where triplets come from: drawn beforehand, or the semi-hard or hardest ones of a batch",
     .only_here = true},
    {.name = "margin",
     .type = KITH_OPTION_NUMBER,
     AT(margin),
     .value = "NUMBER",
     .low = 0,
     .high = 3,
     .help = "Margin of the loss: of cosines for triplets, an angle in radians for arcface; 2 for drawn "
             "triplets, 0.3 for mined ones and 0.5 for arcface when not given",
     .only_here = true},
    {.name = "scale",
     .type = KITH_OPTION_NUMBER,
     AT(scale),
     .value = "NUMBER",
     .low = 1,
     .high = 256,
     .help = "What arcface multiplies cosines by",
     .only_here = true},
    {.name = "targets",
     .type = KITH_OPTION_TEXT,
     AT(targets),
     .value = "FILE",
     .help = "Vectors to learn, by the names of the pictures (safetensors); a NAME that several folders have "
             "is NAME#2 in the second",
     .only_here = true},
    {.name = "teacher",
     .type = KITH_OPTION_TEXT,
     AT(teacher),
     .value = "WEIGHTS",
     .help = "Network whose vectors are to be learned: a model file or a shipped network's name",
     .only_here = true},
    {.name = "keep",
     .type = KITH_OPTION_NUMBER,
     AT(keep),
     .value = "NUMBER",
     .low = 0,
     .high = 100,
     .help = "How much the vectors of --init count beside the teacher's, which are turned to them and count "
             "1: what the network knows is kept",
     .only_here = true},
};

static const kith_option step_rows[] = {
    {.name = "epochs",
     .type = KITH_OPTION_INTEGER,
     AT(epochs),
     .value = "NUMBER",
     .low = 1,
     .high = KITH_EPOCHS_MOST - 1,
     .help = "How often all is seen",
     .only_here = true},
    {.name = "batch",
     .type = KITH_OPTION_INTEGER,
     AT(batch),
     .value = "NUMBER",
     .low = 1,
     .high = 4096,
     .help = "Pictures in a step; for drawn triplets, triplets",
     .only_here = true},
    {.name = "each",
     .type = KITH_OPTION_INTEGER,
     AT(each),
     .value = "NUMBER",
     .low = 2,
     .high = 64,
     .help = "Pictures of one person in a batch that is mined",
     .only_here = true},
    {.name = "optimiser",
     .type = KITH_OPTION_CHOICE,
     AT(optimiser),
     .value = "adam|adamw",
     .help = "How steps are made; adamw also lets filters decay",
     .only_here = true},
    {.name = "lr",
     .type = KITH_OPTION_NUMBER,
     AT(rate),
     .value = "RATE",
     .low = 1e-9,
     .high = 10,
     .help = "Highest rate of learning",
     .only_here = true},
    {.name = "schedule",
     .type = KITH_OPTION_CHOICE,
     AT(schedule),
     .value = "constant|cyclic|cosine",
     .help =
         "The rate over time: constant, triangles from a tenth to all of it, or a cosine down to a fiftieth",
     .only_here = true},
    {.name = "half-cycle",
     .type = KITH_OPTION_INTEGER,
     AT(half_cycle),
     .value = "STEPS",
     .low = 1,
     .high = 1e9,
     .at_least = true,
     .help = "Steps from the lowest to the highest rate of --schedule cyclic",
     .only_here = true},
    {.name = "warm-up",
     .type = KITH_OPTION_INTEGER,
     AT(warm_up),
     .value = "STEPS",
     .low = 0,
     .high = 1e9,
     .at_least = true,
     .help =
         "Steps in which the rate first rises from 0, not with cyclic; when not given 200, at most a tenth "
         "of the run (with constant, which may go on, one epoch)",
     .only_here = true},
    {.name = "decay",
     .type = KITH_OPTION_NUMBER,
     AT(decay),
     .value = "NUMBER",
     .low = 0,
     .high = 1,
     .help = "Decay of the filters by adamw",
     .only_here = true},
    {.name = "clip",
     .type = KITH_OPTION_NUMBER,
     AT(clip),
     .value = "NORM",
     .low = 0,
     .high = 1e9,
     .at_least = true,
     .help = "Longest gradient, longer ones are shortened; 0 leaves all as they are",
     .only_here = true},
    {.name = "ema",
     .type = KITH_OPTION_NUMBER,
     AT(ema),
     .value = "SHARE",
     .low = 0,
     .high = 0.99999,
     .help = "What a moving average of the weights keeps in each step (0.999, say); validated and written "
             "are then the averages",
     .only_here = true},
};

static const kith_option run_rows[] = {
    {.name = "out",
     .letter = 'o',
     .type = KITH_OPTION_TEXT,
     AT(out),
     .value = "DIR",
     .help = "Folder for the weights, the history and its pictures",
     .only_here = true},
    {.name = "resume",
     .type = KITH_OPTION_FLAG,
     AT(resume),
     .help = "Go on with the run in --out, given the same options (to the bit with as many --jobs)",
     .only_here = true},
    {.name = "seed",
     .type = KITH_OPTION_INTEGER,
     AT(seed),
     .value = "NUMBER",
     .low = 0,
     .high = 4294967295.0,
     .help = "Decides all that is left to chance",
     .only_here = true},
    {.name = "jobs",
     .letter = 'j',
     .type = KITH_OPTION_INTEGER,
     AT(jobs),
     .value = "NUMBER",
     .low = 1,
     .high = 512,
     .help = "Threads; as many as processors may be used when not given"},
    {.name = "variants",
     .type = KITH_OPTION_INTEGER,
     AT(variants),
     .value = "NUMBER",
     .low = 1,
     .high = 1000,
     .help = "How many changed ones of each picture the layers that do not learn see, once; not of triplets, "
             "which say it themselves",
     .only_here = true},
    {.name = "cache-memory",
     .type = KITH_OPTION_BYTES,
     AT(cache_memory),
     .value = "BYTES",
     .low = 0,
     .high = (double)((size_t)1 << 50),
     .at_least = true,
     .help =
         "Memory for activations of layers that do not learn; what needs more lies on the disk, in --out"},
};

static const kith_option model_rows[] = {
    {.name = "detector",
     .type = KITH_OPTION_CHOICE,
     AT(finding_model.detector),
     .value = "yunet|hog",
     .help = "What finds faces in photos"},
    {.name = "landmarks",
     .type = KITH_OPTION_TEXT,
     AT(finding_model.landmarks),
     .value = "FILE",
     .help = "dlib's 68-point file, for networks that want it; Debian's libdlib-data when not given"},
};

static const kith_option_group groups[] = {
    {.title = "Data", .options = data_rows, .count = COUNT_OF(data_rows)},
    {.title = "Network", .options = network_rows, .count = COUNT_OF(network_rows)},
    {.title = "Loss", .options = loss_rows, .count = COUNT_OF(loss_rows)},
    {.title = "Steps", .options = step_rows, .count = COUNT_OF(step_rows)},
    {.title = "Run", .options = run_rows, .count = COUNT_OF(run_rows)},
    {.title = "Photos", .options = model_rows, .count = COUNT_OF(model_rows)},
    KITH_FINDING_GROUP(offsetof(kith_train_options, finding)),
};

/* The bar of the phase that is going on; and what was told. */
typedef struct bar {
    kith_progress *progress;
    char what[64];
    size_t faults; /* told */
    bool headed;   /* the epochs' table */
} bar;

static void show_progress(void *context, const char *what, const char *unit, size_t done, size_t total,
                          const char *note) {
    bar *to = context;
    if (total == 0 || strcmp(to->what, what) != 0) {
        kith_progress_stop(&to->progress);
        to->what[0] = 0;
    }
    if (total == 0)
        return;
    if (!to->what[0]) {
        to->progress = kith_progress_start(what, unit);
        snprintf(to->what, sizeof to->what, "%s", what);
    }
    kith_progress_update(to->progress, done, total, note);
}

static void say(void *context, const char *text) {
    (void)context;
    kith_say("%s", text);
}

static void say_fault(void *context, const kith_error *err) {
    ((bar *)context)->faults++;
    kith_say_error(err);
}

/* Columns as wide as print_epoch's. */
static void print_head(void) {
    printf("%6s   %-33s%s\n", "", "training", "validation");
    printf("%6s", "epoch");
    for (int side = 0; side < 2; side++)
        printf("  %7s %7s %7s %7s", "loss", "s(a,p)", "s(a,n)", "target");
    printf("  %8s %9s %8s %9s\n", "accuracy", "rate", "images/s", "left");
}

static void print_figure(int width, double value) {
    if (isfinite(value))
        printf(" %*.4f", width, value);
    else
        printf(" %*s", width, "-");
}

static void print_figures(const kith_figures *figures) {
    printf(" ");
    print_figure(7, figures->loss);
    print_figure(7, figures->s_ap);
    print_figure(7, figures->s_an);
    print_figure(7, figures->to_target);
}

static void print_epoch(void *context, const kith_epoch *row, bool best, double left) {
    bar *to = context;
    kith_error err = {0};
    char time[32];
    show_progress(context, "", "", 0, 0, NULL);
    if (!to->headed)
        print_head();
    to->headed = true;
    printf("%6ld", row->epoch);
    print_figures(&row->training);
    print_figures(&row->validation);
    printf(" ");
    print_figure(8, row->accuracy);
    if (isfinite(left)) {
        snprintf(time, sizeof time, "%ld:%02ld:%02ld", (long)left / 3600, (long)left / 60 % 60,
                 (long)left % 60);
        printf(" %9.3g %8.1f %9s%s\n", row->rate, row->images, time, best ? "  best" : "");
    } else {
        printf(" %9s %8s %9s%s\n", "-", "-", "-", best ? "  best" : "");
    }
    kith_output_flush(&err); /* told again at the end of the program */
}

static int run(const kith_arguments *arguments) {
    bar context = {0};
    kith_error err = {0};
    kith_train_events events = {
        .say = say, .fault = say_fault, .progress = show_progress, .epoch = print_epoch, .context = &context};
    kith_status status = kith_train_run(arguments->values, &events, &err);
    kith_progress_stop(&context.progress);
    if (status != KITH_OK)
        return kith_die(&err);
    return context.faults > 0 ? KITH_EXIT_PARTIAL : KITH_EXIT_OK;
}

static const kith_example examples[] = {
    {"kith-model train --data people --arch siamese --mining semi --out run",
     "Goes on with the shipped weights of `siamese`, on photos of the persons in `people`."},
    {"kith-model train --chips --data chips --nameless more --arch mobileface --loss distil --teacher "
     "reid.safetensors --keep 1 --out run",
     "Teaches the default network what a stronger one sees."},
    {"kith-model train --triplets triplets.csv --arch siamese --train last5 --optimiser adam --lr 1e-3 "
     "--schedule cyclic --clip 0 --out run",
     "Trains the end of the reference network on triplets."},
};

const kith_command kith_train_command = {
    .name = "train",
    .operands = "",
    .summary = "Train a network",
    .text = "Learns from pictures of persons (--data), of faces without names (--nameless, with --loss "
            "distil), or from triplets. Persons are divided: of those for validation nothing is learned. "
            "Pictures are changed by chance (mirrored, turned, shifted, reduced, partly hidden) each time "
            "that they are seen; triplets say themselves how theirs are changed.\n\n"
            "The folder --out holds at every moment checkpoint.safetensors, from which --resume goes on as "
            "if the run had never stopped; best.safetensors and last.safetensors, model files for --weights; "
            "history.csv, one line for each epoch; history.svg and, with validation, similarities.svg (of "
            "the last epoch). An interrupted run "
            "finishes its step and writes its checkpoint. best is the epoch with the lowest validation loss "
            "(of equal ones, the highest accuracy, then the last); with arcface, the highest validation "
            "accuracy; without validation, the lowest loss.\n\n"
            "A line of figures is printed for each epoch, 0 being the weights that it begins with, when "
            "there is validation: the loss; the mean likeness s(a,p) of two pictures "
            "of one person and s(a,n) of pictures of two persons (anchor, positive and negative of "
            "triplets), which should part; for distil the likeness to the target; and how many of the "
            "validation pairs a threshold divides rightly. The new weights have no thresholds for "
            "kith-query: kith-model calibrate measures them.",
    .groups = groups,
    .group_count = COUNT_OF(groups),
    .size = sizeof(kith_train_options),
    .defaults = &defaults,
    .examples = examples,
    .example_count = COUNT_OF(examples),
    .run = run,
};
