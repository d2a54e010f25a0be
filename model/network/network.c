/* SPDX-License-Identifier: MIT */
#include "model/network/network.h"

#include "model/network/weights.h"

static kith_status load(kith_network *network, const kith_tensors *tensors, const char *where,
                        kith_error *err) {
    kith_status status = kith_engine_open(&network->engine, err);
    if (status == KITH_OK)
        status = kith_weights_load(network, tensors, where, err);
    if (status == KITH_OK)
        status = kith_weights_fold(network, where, err);
    if (status == KITH_OK)
        kith_weights_prune(network);
    return status;
}

kith_status kith_network_make(kith_network **out, const kith_arch *arch, const kith_tensors *tensors,
                              const char *where, kith_error *err) {
    kith_network *network = calloc(1, sizeof *network);
    *out = NULL;
    if (!network)
        return kith_fail(err, KITH_E_MEMORY, 0, where, "no memory");
    network->arch = arch;
    pthread_mutex_init(&network->lock, NULL);
    kith_status status = load(network, tensors, where, err);
    if (status == KITH_OK)
        *out = network;
    else
        kith_network_close(&network);
    return status;
}

kith_status kith_network_open(kith_network **out, const kith_tensors *tensors, const char *where,
                              kith_error *err) {
    const char *name = kith_tensors_metadata(tensors, "kith.arch");
    const char *format = kith_tensors_metadata(tensors, "kith.format");
    const kith_arch *arch = name ? kith_arch_find(name) : NULL;
    *out = NULL;
    if (!name)
        return kith_fail(err, KITH_E_REFUSED, 0, where, "no model of kith: its metadata have no kith.arch");
    if (!arch)
        return kith_fail(err, KITH_E_REFUSED, 0, where,
                         "network '%.40s' is unknown (kith-model summary lists those that are known)", name);
    if (!format || strcmp(format, "1") != 0)
        return kith_fail(err, KITH_E_REFUSED, 0, where, "its kith.format is not 1 (made by another kith?)");
    return kith_network_make(out, arch, tensors, where, err);
}

void kith_network_close(kith_network **network) {
    if (*network) {
        kith_weights_clear(*network);
        kith_engine_close(&(*network)->engine);
        pthread_mutex_destroy(&(*network)->lock);
    }
    free(*network);
    *network = NULL;
}

const kith_arch *kith_network_arch(const kith_network *network) {
    return network->arch;
}

size_t kith_network_memory(const kith_network *network) {
    size_t sum = sizeof *network;
    for (int i = 0; i < network->arch->count; i++) {
        const kith_weights *w = &network->layers[i];
        for (kith_role role = 0; role < KITH_ROLES; role++)
            sum += w->values[role] ? w->counts[role] * sizeof(float) : 0;
        for (int p = 0; p < KITH_PACKED_MOST && w->packed[p]; p++)
            sum += kith_packed_size(w->packed[p]);
    }
    return sum;
}
