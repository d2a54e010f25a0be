/* SPDX-License-Identifier: MIT
 *
 * Identification: who is this, among the persons of a gallery, or is it a stranger? Galleries are drawn by a
 * seed: so many persons, so many photos of each; their other photos and all photos of everybody else are the
 * probes. A person's score is that of the best photo (as kith-query decides).
 *
 * A photo without a face counts as an error: a person's probe is missed, an enrolled one is lost, and when
 * all of a person's are, all probes of that person are missed. A stranger without a face asks nothing and is
 * left out. Photos that cannot be read take no part.
 *
 * FPIR: the share of strangers' probes that reach the threshold. FNIR: the share of persons' probes that do
 * not, or for which somebody else scores higher (ISO/IEC 19795-1; NIST FRVT 1:N, with one candidate).
 */
#ifndef KITH_MODEL_EVALUATE_IDENTIFY_H
#define KITH_MODEL_EVALUATE_IDENTIFY_H

#include "model/evaluate/groups.h"
#include "model/statistics/rates.h"
#include "proto/rate_table.h"

enum { KITH_FPIRS = 4, KITH_RANKS = 20, KITH_IDENTIFY_WORST = 12 };
extern const double kith_fpirs[KITH_FPIRS]; /* 0.1, 0.03, 0.01, 0.003 */
enum { KITH_FPIR_SHOWN = 2 };               /* 0.01: where there is room for one */

typedef struct kith_identify_options {
    const size_t *sizes; /* persons in a gallery */
    size_t size_count;
    size_t enrolled; /* photos of each */
    size_t draws;
    uint64_t seed;
    int jobs;
    const kith_rate_table *network; /* the model's calibration; NULL: it has none */
} kith_identify_options;

/* A photo that was asked about. `near` is the photo of the gallery that was most like it (of a person's
 * probe: the best of that person); UINT32_MAX: none.
 */
typedef struct kith_probe_result {
    uint32_t photo, near;
    float score;   /* with `near`; -INFINITY: no face, here or there */
    uint32_t rank; /* of a person's probe: 1 when nobody scores higher; 0: of a stranger */
} kith_probe_result;

/* Where a threshold comes from when an FPIR is asked for: the network's calibration for so many faces, or one
 * of the gallery itself (what kith-index calibrate measures).
 */
typedef enum kith_asked_by { KITH_ASKED_NETWORK, KITH_ASKED_GALLERY, KITH_ASKED_WAYS } kith_asked_by;

typedef struct kith_asked {
    size_t draws;      /* in which there was a threshold; 0: nothing else is said */
    double threshold;  /* the mean over them */
    double fpir, fnir; /* as measured */
    bool extrapolated; /* in at least one */
} kith_asked;

/* Galleries of one size, all draws together. */
typedef struct kith_identify_size {
    size_t persons, stranger_persons;
    kith_probe_result *mated, *strangers; /* highest score first */
    size_t mated_count, stranger_count;
    double ranks[KITH_RANKS]; /* share of persons' probes with a rank up to index + 1 */
    double threshold[KITH_FPIRS], fnir[KITH_FPIRS],
        fpir[KITH_FPIRS];                                   /* NAN: too few strangers; fpir: as measured */
    kith_interval fnir_interval[KITH_FPIRS], rank_interval; /* of rank 1 */
    kith_asked asked[KITH_ASKED_WAYS][KITH_FPIRS];
} kith_identify_size;

/* The largest size's probes of one group, at the thresholds of all. */
typedef struct kith_identify_group {
    const char *name;
    size_t mated, strangers;
    double rank1, fnir[KITH_FPIRS], fpir[KITH_FPIRS]; /* NAN: no probes, or no threshold */
} kith_identify_group;

typedef struct kith_identification {
    kith_identify_size *sizes;
    size_t size_count;
    size_t eligible; /* persons with a photo more than is enrolled */
    kith_identify_group *groups;
    size_t group_count;
} kith_identification;

/* How many persons could be in a gallery. */
size_t kith_identify_eligible(const kith_study *study, size_t enrolled);

/* KITH_E_REFUSED: too few persons for a size, as far as is known before anything was looked at. */
kith_status kith_identify_check(const kith_study *study, const kith_identify_options *options,
                                kith_error *err);

/* groups: NULL for none. KITH_E_REFUSED: too few persons for a size; KITH_E_MEMORY; KITH_E_STOPPED. */
kith_status kith_identify(kith_identification *out, const kith_study *study,
                          const kith_identify_options *options, const kith_groups *groups, kith_error *err);
void kith_identification_clear(kith_identification *identification);

/* The share of persons' probes that are missed at a threshold, and of strangers that reach it. */
double kith_identify_fnir(const kith_identify_size *size, double threshold);
double kith_identify_fpir(const kith_identify_size *size, double threshold);

#endif
