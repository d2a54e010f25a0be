/* SPDX-License-Identifier: MIT */
#include "model/train/multiply.h"

#include <oneapi/dnnl/dnnl.h>

kith_status kith_multiply(float *out, const kith_matrix *a, const kith_matrix *b, size_t m, size_t n,
                          size_t k, bool add, kith_error *err) {
    dnnl_status_t status = dnnl_sgemm(a->transposed ? 'T' : 'N', b->transposed ? 'T' : 'N', (dnnl_dim_t)m,
                                      (dnnl_dim_t)n, (dnnl_dim_t)k, 1, a->values, (dnnl_dim_t)a->columns,
                                      b->values, (dnnl_dim_t)b->columns, add ? 1 : 0, out, (dnnl_dim_t)n);
    return status == dnnl_success ? KITH_OK
                                  : kith_fail(err, KITH_E_MEMORY, (int)status, NULL,
                                              "oneDNN cannot multiply matrices (status %d)", (int)status);
}
