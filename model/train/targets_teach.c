/* SPDX-License-Identifier: MIT
 *
 * Targets by a teacher network: each thread has a session, a run takes a few faces and their mirror images.
 */
#include "model/network/arch.h"
#include "model/train/augment.h"
#include "model/train/targets.h"
#include "proto/workers.h"

enum { D = KITH_DIMENSION };

enum { TOGETHER = 4 }; /* faces of a run; each twice */

typedef struct lesson {
    const kith_face_set *set;
    const kith_network *network;
    kith_frame frame;
    bool landmarks;
    float *values;
    struct seat *seats; /* of each thread */
} lesson;

/* What belongs to one thread. */
typedef struct seat {
    kith_session *session;
    unsigned char *picture;
} seat;

static kith_status show(lesson *l, seat *at, size_t first, size_t count, kith_error *err) {
    const kith_augmentation ways[2] = {{0}, {.mirror = true}};
    float landmarks[2 * KITH_LANDMARKS];
    kith_status status = KITH_OK;
    for (size_t i = 0; i < 2 * count && status == KITH_OK; i++) {
        status = kith_augment(at->picture, l->landmarks ? landmarks : NULL, &l->frame,
                              l->set->faces[first + i / 2].chip, &ways[i % 2], err);
        if (status == KITH_OK)
            kith_session_set_input(at->session, (int)i, at->picture, (size_t)l->frame.side * 3,
                                   l->landmarks ? landmarks : NULL);
    }
    return status == KITH_OK ? kith_session_run(at->session, (int)(2 * count), err) : status;
}

static kith_status hear(lesson *l, seat *at, size_t face, int index, kith_error *err) {
    float *out = l->values + face * D, twin[D];
    size_t dimension;
    memcpy(out, kith_session_output(at->session, 0, index, &dimension), D * sizeof *out);
    memcpy(twin, kith_session_output(at->session, 0, index + 1, &dimension), sizeof twin);
    bool good = kith_target_normalise(out) && kith_target_normalise(twin);
    for (int i = 0; i < D; i++)
        out[i] += twin[i];
    return good && kith_target_normalise(out) ? KITH_OK
                                              : kith_fail(err, KITH_E_REFUSED, 0, l->set->faces[face].path,
                                                          "the teacher's embedding of it has no direction");
}

static kith_status teach(void *context, int worker, size_t first, size_t count, kith_error *err) {
    lesson *l = context;
    int side = l->frame.side;
    seat *at = &l->seats[worker];
    kith_status status = KITH_OK;
    if (!at->session)
        status = kith_session_open(&at->session, l->network, side, side, 2 * TOGETHER, err);
    if (!at->picture && !(at->picture = malloc((size_t)side * (size_t)side * 3)))
        status = kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for a picture");
    if (status == KITH_OK)
        status = show(l, at, first, count, err);
    for (size_t i = 0; i < count && status == KITH_OK; i++)
        status = hear(l, at, first + i, (int)(2 * i), err);
    return status;
}

static kith_status open_teacher(kith_network **network, lesson *l, const kith_teacher_options *options,
                                kith_error *err) {
    char path[4096];
    kith_tensors *tensors = NULL;
    kith_status status = kith_weights_read(&tensors, path, sizeof path, options->weights, err);
    if (status == KITH_OK)
        status = kith_network_open(network, tensors, path, err);
    kith_tensors_free(&tensors);
    if (status != KITH_OK)
        return status;
    const kith_arch *arch = kith_network_arch(*network);
    l->network = *network;
    l->landmarks = kith_arch_wants_landmarks(arch);
    if (!kith_frame_of(&l->frame, arch->name, options->side ? options->side : kith_arch_side(arch)))
        return kith_fail(err, KITH_E_REFUSED, 0, path, "%s is no network that embeds faces", arch->name);
    if (l->landmarks && !l->set->has_landmarks)
        return kith_fail(err, KITH_E_REFUSED, 0, path, "%s wants landmarks, which these faces do not have",
                         arch->name);
    return KITH_OK;
}

static kith_status teach_all(lesson *l, const kith_teacher_options *options, kith_error *err) {
    int jobs = options->jobs < 1 ? 1 : options->jobs;
    const kith_workers workers = {.jobs = jobs,
                                  .together = TOGETHER,
                                  .work = teach,
                                  .context = l,
                                  .progress = options->progress,
                                  .progress_context = options->context};
    l->seats = calloc((size_t)jobs, sizeof *l->seats);
    if (!l->seats)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for %d threads", jobs);
    kith_status status = kith_workers_run(&workers, l->set->count, err);
    for (int i = 0; i < jobs; i++) {
        kith_session_close(&l->seats[i].session);
        free(l->seats[i].picture);
    }
    free(l->seats);
    return status;
}

kith_status kith_targets_teach(kith_targets **out, const kith_face_set *set,
                               const kith_teacher_options *options, kith_error *err) {
    kith_network *network = NULL;
    lesson l = {.set = set};
    kith_status status = kith_targets_make(out, set->count, err);
    if (status == KITH_OK)
        status = open_teacher(&network, &l, options, err);
    if (status == KITH_OK) {
        l.values = (*out)->values;
        status = teach_all(&l, options, err);
    }
    kith_network_close(&network);
    if (status != KITH_OK)
        kith_targets_free(out);
    return status;
}
