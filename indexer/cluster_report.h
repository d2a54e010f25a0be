/* SPDX-License-Identifier: MIT
 *
 * What kith-index cluster tells: a list for people, JSON lines (proto/schema/cluster.schema.json), and a page
 * with the groups' faces.
 */
#ifndef KITH_INDEXER_CLUSTER_REPORT_H
#define KITH_INDEXER_CLUSTER_REPORT_H

#include "indexer/likeness/grouping.h"

/* On standard output. */
kith_status kith_groups_text(const kith_face_list *list, const kith_grouping *groups, size_t top,
                             kith_error *err);
kith_status kith_groups_json(const kith_face_list *list, const kith_grouping *groups, kith_error *err);

/* KITH_E_IO: the file cannot be written. */
kith_status kith_groups_html(const char *path, const kith_face_list *list, const kith_grouping *groups,
                             size_t top, kith_error *err);

#endif
