/* SPDX-License-Identifier: MIT */
#include "indexer/stages/known.h"

#include <pthread.h>

struct kith_known {
    kith_gallery *gallery;
    kith_ledger *ledger;
    char pipeline[KITH_PIPELINE_SIZE];
    pthread_mutex_t lock;
};

kith_status kith_known_open(kith_known **out, const kith_gallery_choice *gallery, bool ask,
                            const char *pipeline, kith_error *err) {
    kith_known *made = calloc(1, sizeof *made);
    *out = NULL;
    if (!made)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory");
    pthread_mutex_init(&made->lock, NULL);
    snprintf(made->pipeline, sizeof made->pipeline, "%s", pipeline);
    kith_status status = KITH_OK;
    if (ask)
        status = kith_gallery_open_choice(&made->gallery, gallery, KITH_GALLERY_READ, err);
    if (ask && status == KITH_OK)
        status = kith_ledger_open(&made->ledger, made->gallery, NULL, err);
    if (status != KITH_OK)
        kith_known_close(&made);
    *out = made;
    return status;
}

void kith_known_close(kith_known **known) {
    if (!*known)
        return;
    kith_ledger_close(&(*known)->ledger);
    kith_gallery_close(&(*known)->gallery);
    pthread_mutex_destroy(&(*known)->lock);
    free(*known);
    *known = NULL;
}

typedef struct digest_search {
    const char *pipeline;
    bool found;
    kith_outcome outcome;
} digest_search;

static kith_status look(void *context, const kith_record *record, kith_error *err) {
    (void)err;
    digest_search *search = context;
    bool good = record->outcome == KITH_INDEXED || record->outcome == KITH_NO_FACE;
    if (good && strcmp(record->pipeline, search->pipeline) == 0) {
        search->found = true;
        search->outcome = record->outcome;
    }
    return KITH_OK;
}

kith_status kith_known_outcome(kith_known *known, const char *sha256, bool *is_known, kith_outcome *outcome,
                               kith_error *err) {
    *is_known = false;
    if (!known->ledger)
        return KITH_OK;
    digest_search search = {.pipeline = known->pipeline};
    pthread_mutex_lock(&known->lock);
    kith_status status = kith_ledger_of_digest(known->ledger, sha256, look, &search, err);
    pthread_mutex_unlock(&known->lock);
    if (status == KITH_OK && search.found) {
        *is_known = true;
        *outcome = search.outcome;
    }
    return status;
}
