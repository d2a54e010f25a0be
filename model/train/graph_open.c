/* SPDX-License-Identifier: MIT
 *
 * Making a graph: what each row of the table reads, keeps and gives back, in which slices it works, and where
 * everything lies.
 */
#include <omp.h>

#include "model/train/frozen.h"
#include "model/train/rows.h"

enum {
    ALIGNMENT = 64,
    BATCH_MOST = 3 * 4096, /* as --batch, of triplets */
    SIDE_MOST = 1024,
    THREADS_MOST = 512,
    OWNED_STEP = 256
};

static const size_t arena_most = (size_t)64 << 30;

/* Bytes of a slice's source and target together. Measured (siamese, mobileface): from a half to three MiB are
 * alike, the whole batch in one slice takes 5 to 10 % longer.
 */
static const size_t slice_bytes = (size_t)3 << 20;

void *kith_graph_take(kith_graph *graph, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > arena_most)
        return NULL;
    if (graph->owned_count % OWNED_STEP == 0) {
        void **more = realloc(graph->owned, ((size_t)graph->owned_count + OWNED_STEP) * sizeof *more);
        if (!more)
            return NULL;
        graph->owned = more;
    }
    bytes = (bytes + ALIGNMENT) / ALIGNMENT * ALIGNMENT;
    void *memory = aligned_alloc(ALIGNMENT, bytes);
    if (!memory)
        return NULL;
    memset(memory, 0, bytes);
    graph->owned[graph->owned_count++] = memory;
    graph->memory += bytes;
    return memory;
}

void kith_graph_want(kith_graph *graph, kith_room room, size_t count) {
    if (count > graph->room[room])
        graph->room[room] = count;
}

static kith_status no_memory(const kith_graph *graph, kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, graph->arch->name, "no memory to train on %d pictures of %d x %d",
                     graph->batch, graph->side, graph->side);
}

/* ---- what rows are ---- */

static void find_parameters(kith_graph *graph) {
    for (int i = 0; i < graph->arch->count; i++)
        for (kith_role role = 0; role < KITH_ROLES; role++)
            graph->rows[i].parameter[role] = -1;
    for (int i = 0; i < graph->parameters->count; i++) {
        const kith_expected *tensor = &graph->parameters->list[i].tensor;
        graph->rows[tensor->row].parameter[tensor->role] = i;
    }
}

static void note_reader(kith_graph *graph, int read, int reader) {
    if (read < 0)
        return;
    kith_row *row = &graph->rows[read];
    row->kept |= row->last_reader >= 0; /* a second reader */
    if (row->first_reader < 0)
        row->first_reader = reader;
    row->last_reader = reader;
}

static kith_status find_sources(kith_graph *graph, kith_error *err) {
    for (int i = graph->first; i < graph->arch->count; i++) {
        kith_operator_kind op = graph->arch->layers[i].op;
        graph->rows[i].source = op == KITH_OP_PICTURE || op == KITH_OP_VECTOR;
    }
    if (graph->first == 0)
        return KITH_OK;
    int frozen;
    kith_status status = kith_frozen_row(&frozen, graph->arch, graph->first, err);
    if (status == KITH_OK)
        graph->rows[frozen].source = true;
    return status;
}

static void find_readers(kith_graph *graph) {
    for (int i = 0; i < graph->arch->count; i++)
        graph->rows[i].first_reader = graph->rows[i].last_reader = -1;
    for (int i = graph->first; i < graph->arch->count; i++) {
        kith_links links = graph->rows[i].links;
        note_reader(graph, links.from, i);
        note_reader(graph, links.with, i);
        note_reader(graph, links.gate, i);
    }
}

static void find_kinds(kith_graph *graph) {
    for (int i = 0; i < graph->arch->count; i++) {
        kith_row *row = &graph->rows[i];
        kith_operator_kind op = row->layer->op;
        bool inside = i >= graph->first && !row->source;
        row->affine = inside && kith_operators[op].filter;
        row->wanted = inside && op != KITH_OP_OUTPUT;
        if (row->source)
            row->kept = op != KITH_OP_PICTURE;
        else
            row->kept = row->wanted && (row->kept || !row->affine || row->links.with >= 0);
    }
}

/* A residual sum: its gradient is that of the sum, in the same memory. */
static bool adds(const kith_row *row) {
    return row->links.with >= 0 && row->layer->op != KITH_OP_CONCATENATE;
}

static kith_status check_row(kith_graph *graph, const kith_row *row, kith_error *err) {
    if (!kith_learnings[row->layer->op].forward)
        return kith_fail(err, KITH_E_REFUSED, 0, graph->arch->name,
                         "this network cannot be trained: layer '%s' has no gradient", row->layer->name);
    if (row->wanted && row->first_reader < 0)
        return kith_fail(err, KITH_E_REFUSED, 0, graph->arch->name, "layer '%s' is read by none",
                         row->layer->name);
    if (!adds(row))
        return KITH_OK;
    const kith_row *with = &graph->rows[row->links.with];
    if ((row->affine && row->layer->activation != KITH_LINEAR) || !with->kept ||
        with->first_reader == row->number || (with->wanted && with->last_reader != row->number))
        return kith_fail(err, KITH_E_REFUSED, 0, graph->arch->name, "the sum of layer '%s' has no gradient",
                         row->layer->name);
    return KITH_OK;
}

static kith_status find_rows(kith_graph *graph, kith_error *err) {
    kith_shape shapes[KITH_LAYERS_MOST];
    kith_status status = kith_arch_shapes(shapes, graph->arch, NULL, graph->side, graph->side, err);
    if (status != KITH_OK)
        return status;
    for (int i = 0; i < graph->arch->count; i++) {
        kith_row *row = &graph->rows[i];
        *row = (kith_row){.layer = &graph->arch->layers[i],
                          .number = i,
                          .links = kith_arch_links(graph->arch, i),
                          .to = shapes[i]};
        if (row->links.from >= 0)
            row->from = shapes[row->links.from];
    }
    find_parameters(graph);
    status = find_sources(graph, err);
    find_readers(graph);
    find_kinds(graph);
    graph->output = -1;
    for (int i = graph->first; i < graph->arch->count && status == KITH_OK; i++) {
        if (!graph->rows[i].source)
            status = check_row(graph, &graph->rows[i], err);
        if (graph->rows[i].layer->op == KITH_OP_OUTPUT)
            graph->output = i;
    }
    return status;
}

/* ---- slices ---- */

static const kith_cut *cut_into(kith_graph *graph, int slices) {
    for (int i = 0; i < graph->cut_count; i++)
        if (graph->cuts[i].slices == slices)
            return &graph->cuts[i];
    kith_cut *cut = &graph->cuts[graph->cut_count++];
    cut->slices = slices;
    cut->of_slice = kith_graph_take(graph, (size_t)slices, sizeof *cut->of_slice);
    cut->of_picture = kith_graph_take(graph, (size_t)graph->batch, sizeof *cut->of_picture);
    if (!cut->of_slice || !cut->of_picture)
        return NULL;
    for (int s = 0; s < slices; s++) {
        int first = (int)((int64_t)graph->batch * s / slices);
        int end = (int)((int64_t)graph->batch * (s + 1) / slices);
        cut->of_slice[s] = (kith_piece){first, end - first};
        for (int i = first; i < end; i++)
            cut->of_picture[i] = cut->of_slice[s];
    }
    return cut;
}

static size_t floats_of(const kith_graph *graph, const kith_shape *shape) {
    size_t block = (size_t)graph->block, blocks = ((size_t)shape->channels + block - 1) / block;
    return blocks * block * (size_t)shape->height * (size_t)shape->width;
}

static kith_status cut_rows(kith_graph *graph, kith_error *err) {
    int part = (graph->batch + graph->threads - 1) / graph->threads;
    for (int i = 0; i < graph->arch->count; i++) {
        kith_row *row = &graph->rows[i];
        size_t bytes = (floats_of(graph, &row->from) + floats_of(graph, &row->to)) * sizeof(float);
        size_t pictures = graph->slice_bytes / (bytes + 1) + 1;
        int slices = pictures > (size_t)part ? 1 : (part + (int)pictures - 1) / (int)pictures;
        slices *= graph->threads;
        row->cut = cut_into(graph, slices < graph->batch ? slices : graph->batch);
        if (!row->cut)
            return no_memory(graph, err);
    }
    return KITH_OK;
}

/* ---- memory ---- */

static kith_map map_of(const kith_graph *graph, const kith_row *row, const kith_cut *cut) {
    return (kith_map){.blocks = (row->to.channels + graph->block - 1) / graph->block,
                      .pixels = row->to.height * row->to.width,
                      .block = graph->block,
                      .cut = cut};
}

static kith_status take_values(kith_graph *graph, kith_row *row, kith_error *err) {
    size_t count = floats_of(graph, &row->to) * (size_t)graph->batch;
    bool good = true;
    if (row->affine) {
        row->x = map_of(graph, row, row->cut);
        good &= (row->x.values = kith_graph_take(graph, count, sizeof(float))) != NULL;
    }
    if (row->kept) {
        row->z = map_of(graph, row, graph->rows[row->first_reader].cut);
        good &= (row->z.values = kith_graph_take(graph, count, sizeof(float))) != NULL;
    }
    if (row->source)
        good &= (row->plain = kith_graph_take(graph, count, sizeof(float))) != NULL;
    return good ? KITH_OK : no_memory(graph, err);
}

/* Gradients in one arena. A piece is needed from its first writer (the last reader) down to the row itself;
 * rows that share one have the same root.
 */
typedef struct pieces {
    int root[KITH_LAYERS_MOST], from[KITH_LAYERS_MOST], down_to[KITH_LAYERS_MOST];
    size_t offset[KITH_LAYERS_MOST], size[KITH_LAYERS_MOST];
} pieces;

static void find_pieces(pieces *p, const kith_graph *graph) {
    for (int i = 0; i < graph->arch->count; i++) {
        const kith_row *row = &graph->rows[i];
        p->root[i] = row->wanted ? i : -1;
        p->from[i] = row->last_reader;
        p->down_to[i] = i;
        p->size[i] = (floats_of(graph, &row->to) * (size_t)graph->batch * sizeof(float) + ALIGNMENT - 1) /
                     ALIGNMENT * ALIGNMENT;
    }
    for (int i = graph->arch->count - 1; i >= graph->first; i--) {
        const kith_row *row = &graph->rows[i];
        if (!row->wanted || !adds(row) || !graph->rows[row->links.with].wanted)
            continue;
        p->root[row->links.with] = p->root[i];
        p->down_to[p->root[i]] = row->links.with;
    }
}

/* The lowest place for a root where nothing needed at the same time lies. */
static size_t place(const pieces *p, int root, int count) {
    size_t at = 0;
    for (bool moved = true; moved;) {
        moved = false;
        for (int j = root + 1; j < count; j++)
            if (p->root[j] == j && p->down_to[j] <= p->from[root] && at < p->offset[j] + p->size[j] &&
                p->offset[j] < at + p->size[root]) {
                at = p->offset[j] + p->size[j];
                moved = true;
            }
    }
    return at;
}

static kith_status take_gradients(kith_graph *graph, kith_error *err) {
    pieces p;
    size_t size = ALIGNMENT;
    find_pieces(&p, graph);
    for (int i = graph->arch->count - 1; i >= 0; i--)
        if (p.root[i] == i) {
            p.offset[i] = place(&p, i, graph->arch->count);
            size = p.offset[i] + p.size[i] > size ? p.offset[i] + p.size[i] : size;
        }
    char *arena = kith_graph_take(graph, size, 1);
    if (!arena)
        return no_memory(graph, err);
    for (int i = graph->arch->count - 1; i >= 0; i--) {
        kith_row *row = &graph->rows[i];
        if (p.root[i] < 0)
            continue;
        row->g = map_of(graph, row, graph->rows[graph->rows[p.root[i]].first_reader].cut);
        row->g.values = (float *)(void *)(arena + p.offset[p.root[i]]);
    }
    return KITH_OK;
}

static kith_status take_rooms(kith_graph *graph, kith_error *err) {
    graph->workers = kith_graph_take(graph, (size_t)graph->threads, sizeof *graph->workers);
    bool good = graph->workers != NULL;
    for (int t = 0; t < graph->threads && good; t++) {
        graph->workers[t].number = t;
        for (int r = 0; r < KITH_ROOMS; r++)
            good &=
                (graph->workers[t].room[r] = kith_graph_take(graph, graph->room[r], sizeof(float))) != NULL;
    }
    return good ? KITH_OK : no_memory(graph, err);
}

/* ---- opening ---- */

static kith_status open_row(kith_graph *graph, kith_row *row, kith_error *err) {
    const kith_learning *learning = &kith_learnings[row->layer->op];
    const kith_shape *shapes[] = {&row->from, &row->to};
    kith_status status = KITH_OK;
    if (row->number < graph->first || row->source)
        return KITH_OK;
    for (int k = 0; k < 2; k++)
        for (kith_room tile = KITH_ROOM_TILE_0; tile <= KITH_ROOM_TILE_2; tile++)
            kith_graph_want(graph, tile,
                            (size_t)graph->block * (size_t)shapes[k]->height * (size_t)shapes[k]->width);
    if (row->affine)
        status = kith_affine_open(graph, row, err);
    if (status == KITH_OK && learning->open)
        status = learning->open(graph, row, err);
    return status;
}

static kith_status prepare(kith_graph *graph, kith_error *err) {
    kith_status status = find_rows(graph, err);
    if (status == KITH_OK)
        status = cut_rows(graph, err);
    for (int i = 0; i < graph->arch->count && status == KITH_OK; i++)
        status = take_values(graph, &graph->rows[i], err);
    if (status == KITH_OK)
        status = take_gradients(graph, err);
    if (status == KITH_OK)
        status = kith_engine_open(&graph->engine, err);
    for (int i = 0; i < graph->arch->count && status == KITH_OK; i++)
        status = open_row(graph, &graph->rows[i], err);
    if (status != KITH_OK)
        return status;
    const kith_shape *out = &graph->rows[graph->output].to;
    graph->output_width = (size_t)out->channels * (size_t)out->height * (size_t)out->width;
    graph->outputs = kith_graph_take(graph, graph->output_width * (size_t)graph->batch, sizeof(float));
    graph->output_gradients =
        kith_graph_take(graph, graph->output_width * (size_t)graph->batch, sizeof(float));
    return graph->outputs && graph->output_gradients ? take_rooms(graph, err) : no_memory(graph, err);
}

kith_status kith_graph_open(kith_graph **out, kith_parameters *parameters, const kith_graph_options *options,
                            kith_error *err) {
    return kith_graph_open_sliced(out, parameters, options, slice_bytes, err);
}

kith_status kith_graph_open_sliced(kith_graph **out, kith_parameters *parameters,
                                   const kith_graph_options *options, size_t bytes, kith_error *err) {
    const char *name = parameters->arch->name;
    *out = NULL;
    if (options->batch < 1 || options->batch > BATCH_MOST || options->side < 1 || options->side > SIDE_MOST ||
        options->threads < 0 || options->threads > THREADS_MOST)
        return kith_fail(err, KITH_E_LIMIT, 0, name, "no training on batches of %d pictures of %d x %d",
                         options->batch, options->side, options->side);
    kith_graph *graph = calloc(1, sizeof *graph);
    if (!graph)
        return kith_fail(err, KITH_E_MEMORY, 0, name, "no memory");
    int threads = omp_get_max_threads();
    graph->parameters = parameters;
    graph->arch = parameters->arch;
    graph->kernels = kith_kernels_best();
    graph->tiles = kith_tiles_best();
    graph->block = kith_block();
    graph->side = options->side;
    graph->batch = options->batch;
    graph->first = options->first;
    graph->threads = options->threads ? options->threads : threads;
    graph->slice_bytes = bytes;
    if (graph->threads > graph->batch)
        graph->threads = graph->batch;
    omp_set_num_threads(1); /* a primitive is run by one thread */
    kith_status status = prepare(graph, err);
    omp_set_num_threads(threads);
    if (status == KITH_OK)
        *out = graph;
    else
        kith_graph_close(&graph);
    return status;
}

void kith_graph_close(kith_graph **graph) {
    kith_graph *g = *graph;
    *graph = NULL;
    if (!g)
        return;
    for (int i = 0; i < g->arch->count; i++)
        kith_matrix_close(g, &g->rows[i]);
    kith_engine_close(&g->engine);
    for (int i = 0; i < g->owned_count; i++)
        free(g->owned[i]);
    free(g->owned);
    free(g);
}
