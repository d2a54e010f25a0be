/* SPDX-License-Identifier: MIT
 *
 * The collection: looked at, made when asked, refused when it is not one of ours. Payload indexes are made
 * before the first point (an index over vectors that is built without them lacks the links for filters), and
 * nothing is changed on the server before everything else was found good.
 */
#include "proto/gallery/qdrant.h"

#include <errno.h>

/* 1.10 brought /points/query, 1.11 /points/query/groups, 1.12 /facet; 1.16 metadata of collections. */
enum { MAJOR = 1, LEAST_MINOR = 12, METADATA_MINOR = 16 };

/* Every field that a filter can ask for: strict mode refuses others, deletions included. */
static const struct {
    const char *field, *type;
} indexes[] = {
    {"person", "keyword"},  {"sha256", "keyword"},   {"paths", "keyword"}, {"paths_raw", "keyword"},
    {"folders", "keyword"}, {"pipeline", "keyword"}, {"run", "keyword"},   {"taken", "datetime"},
    {"score", "float"},     {"eyes", "float"},       {"face", "integer"},
};
enum { INDEXES = sizeof indexes / sizeof *indexes };

static kith_status check_version(kith_qdrant *qdrant, kith_error *err) {
    json_t *root = NULL;
    int major = 0, minor = 0;
    kith_status status = kith_qdrant_ask_server(qdrant, "GET", "/", NULL, &root, err);
    if (status != KITH_OK)
        return status;
    const char *version = json_string_value(json_object_get(root, "version"));
    const char *dot = version ? strchr(version, '.') : NULL;
    if (dot) {
        major = (int)strtol(version, NULL, 10);
        minor = (int)strtol(dot + 1, NULL, 10);
    }
    if (!dot)
        status = kith_qdrant_strange(qdrant, "no version (is this Qdrant?)", err);
    else if (major < MAJOR || (major == MAJOR && minor < LEAST_MINOR))
        status =
            kith_fail(err, KITH_E_REFUSED, 0, qdrant->where,
                      "Qdrant %s is too old: /points/query came with 1.10, its groups with 1.11, counts of "
                      "names with 1.12 (update the server to %d.%d or later)",
                      version, MAJOR, LEAST_MINOR);
    qdrant->has_metadata = major > MAJOR || minor >= METADATA_MINOR;
    json_decref(root);
    return status;
}

kith_status kith_qdrant_collection_info(kith_qdrant *qdrant, json_t **out, kith_error *err) {
    return kith_qdrant_ask(qdrant, "GET", "", NULL, out, err);
}

/* A write is taken by half of the replicas at least, so that one dead server of two does not stop it and one
 * of three cannot lose it.
 */
static json_t *new_collection(const kith_qdrant *qdrant, const kith_gallery_options *options) {
    json_t *body =
        json_pack("{s:{s:i, s:s, s:b}, s:I, s:I}", "vectors", "size", KITH_DIMENSION, "distance", "Cosine",
                  "on_disk", (int)options->on_disk, "replication_factor", (json_int_t)options->replicas,
                  "write_consistency_factor", (json_int_t)((options->replicas + 1) / 2));
    int bad = !body;
    if (qdrant->has_metadata)
        bad |= json_object_set_new(body, "metadata", kith_qdrant_header_new());
    if (options->shards > 0)
        bad |= json_object_set_new(body, "shard_number", json_integer(options->shards));
    if (options->quantize == KITH_QUANTIZE_INT8)
        bad |= json_object_set_new(
            body, "quantization_config",
            json_pack("{s:{s:s, s:f, s:b}}", "scalar", "type", "int8", "quantile", 0.99, "always_ram", 1));
    if (!bad)
        return body;
    json_decref(body);
    return NULL;
}

/* Two creators at once: the second one's 409 is success after a look at what the first one made
 * (mcp-server-qdrant#174).
 */
static kith_status create(kith_qdrant *qdrant, const kith_gallery_options *options, kith_error *err) {
    kith_error cause = {0};
    kith_status status = kith_qdrant_ask(qdrant, "PUT", "", new_collection(qdrant, options), NULL, &cause);
    if (status == KITH_OK)
        return kith_qdrant_header_begin(qdrant, err);
    if (cause.native == 409)
        return KITH_OK;
    return kith_fail_with(err, &cause);
}

static kith_status look(kith_qdrant *qdrant, kith_gallery_mode mode, const kith_gallery_options *options,
                        json_t **out, kith_error *err) {
    kith_error cause = {0};
    if (kith_qdrant_collection_info(qdrant, out, &cause) == KITH_OK)
        return KITH_OK;
    if (cause.native != 404)
        return kith_fail_with(err, &cause);
    if (mode != KITH_GALLERY_CREATE)
        return kith_fail(err, KITH_E_IO, ENOENT, qdrant->where,
                         "no such collection on the server (kith-index add makes it)");
    kith_status status = create(qdrant, options, err);
    return status == KITH_OK ? kith_qdrant_collection_info(qdrant, out, err) : status;
}

/* What is wrong with the collection's vectors, NULL when nothing is. */
static const char *bad_vectors(const json_t *vectors) {
    const char *distance = json_string_value(json_object_get(vectors, "distance"));
    const char *type = json_string_value(json_object_get(vectors, "datatype"));
    if (!distance)
        return "it has named vectors or none, kith needs one without a name";
    if (json_integer_value(json_object_get(vectors, "size")) != KITH_DIMENSION)
        return "its vectors have another size than 256";
    if (strcmp(distance, "Cosine") != 0)
        return "its distance is not Cosine";
    if (type && strcmp(type, "float32") != 0)
        return "its vectors are not float32";
    return json_is_object(json_object_get(vectors, "multivector_config")) ? "its points are multivectors"
                                                                          : NULL;
}

static kith_status check_config(kith_qdrant *qdrant, const json_t *info, kith_error *err) {
    const json_t *config = json_object_get(info, "config"), *params = json_object_get(config, "params");
    const json_t *vectors = json_object_get(params, "vectors");
    const char *sharding = json_string_value(json_object_get(params, "sharding_method"));
    const char *bad = bad_vectors(vectors);
    if (!json_is_object(params))
        return kith_qdrant_strange(qdrant, "a collection without its configuration", err);
    if (!bad && sharding && strcmp(sharding, "auto") != 0)
        bad = "its shards are chosen by keys";
    if (bad)
        return kith_fail(
            err, KITH_E_REFUSED, 0, qdrant->where,
            "this collection cannot be a gallery: %s (name another one, kith-index add makes it)", bad);
    qdrant->quantized = json_is_object(json_object_get(config, "quantization_config")) ||
                        json_is_object(json_object_get(vectors, "quantization_config"));
    return KITH_OK;
}

/* Points without kith's header are somebody else's. */
static kith_status check_owner(kith_qdrant *qdrant, const json_t *info, kith_error *err) {
    uint64_t count = 0;
    bool found;
    kith_status status = kith_qdrant_header_find(qdrant, info, &found, err);
    if (status == KITH_OK && !found)
        status = kith_qdrant_count(&qdrant->base, NULL, &count, err);
    if (status == KITH_OK && count > 0)
        status =
            kith_fail(err, KITH_E_REFUSED, 0, qdrant->where,
                      "not a gallery of kith: it has %llu points and no header (name another collection)",
                      (unsigned long long)count);
    return status;
}

static kith_status make_indexes(kith_qdrant *qdrant, const json_t *info, kith_error *err) {
    const json_t *schema = json_object_get(info, "payload_schema");
    kith_status status = KITH_OK;
    for (size_t i = 0; i < INDEXES && status == KITH_OK; i++)
        if (!json_object_get(schema, indexes[i].field))
            status = kith_qdrant_write(
                qdrant, "PUT", "/index?wait=true",
                json_pack("{s:s, s:s}", "field_name", indexes[i].field, "field_schema", indexes[i].type),
                err);
    return status;
}

kith_status kith_qdrant_collection_open(kith_qdrant *qdrant, kith_gallery_mode mode,
                                        const kith_gallery_options *options, kith_error *err) {
    json_t *info = NULL;
    kith_status status = check_version(qdrant, err);
    if (status == KITH_OK)
        status = kith_qdrant_resolve(qdrant, err);
    if (status == KITH_OK)
        status = look(qdrant, mode, options, &info, err);
    if (status == KITH_OK)
        status = check_config(qdrant, info, err);
    if (status == KITH_OK)
        status = check_owner(qdrant, info, err);
    if (status == KITH_OK && mode != KITH_GALLERY_READ)
        status = make_indexes(qdrant, info, err);
    json_decref(info);
    return status;
}
