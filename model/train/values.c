/* SPDX-License-Identifier: MIT */
#include "model/train/rows.h"

static size_t pixels_of(const kith_map *map) {
    return (size_t)map->pixels;
}

/* One block of a plain picture or vector, missing channels zero. */
static void block_up(float *out, const kith_row *row, int picture, int block) {
    int channels = row->to.channels, size = row->z.block, first = block * size;
    size_t pixels = pixels_of(&row->z);
    const float *from = row->plain + (size_t)picture * (size_t)channels * pixels;
    for (size_t i = 0; i < pixels; i++)
        for (int c = 0; c < size; c++)
            *out++ = first + c < channels ? from[(size_t)(first + c) * pixels + i] : 0;
}

const float *kith_values_tile(const kith_graph *graph, const kith_row *row, int picture, int block,
                              float *tile) {
    if (row->kept)
        return kith_map_tile(&row->z, picture, block);
    kith_affine_tile affine = kith_affine_of(row, block);
    graph->tiles->activate(tile, kith_map_tile(&row->x, picture, block), NULL, &affine, pixels_of(&row->x),
                           row->x.block);
    return tile;
}

static void keep_tile(const kith_graph *graph, const kith_row *row, int picture, int block) {
    float *out = kith_map_tile(&row->z, picture, block);
    if (row->source) {
        block_up(out, row, picture, block);
        return;
    }
    const float *with =
        row->links.with < 0 ? NULL : kith_map_tile(&graph->rows[row->links.with].z, picture, block);
    kith_affine_tile affine = kith_affine_of(row, block);
    graph->tiles->activate(out, kith_map_tile(&row->x, picture, block), with, &affine, pixels_of(&row->x),
                           row->x.block);
}

void kith_values_keep(const kith_graph *graph, kith_row *row, const kith_row *reader, int slice) {
    if (!row->kept || row->first_reader != reader->number || !(row->source || row->affine))
        return;
    kith_piece piece = reader->cut->of_slice[slice];
    for (int b = 0; b < row->z.blocks; b++)
        for (int i = piece.first; i < piece.first + piece.count; i++)
            keep_tile(graph, row, i, b);
}

const float *kith_values_slice(const kith_graph *graph, const kith_row *row, const kith_row *reader,
                               int slice, float *room) {
    if (row->kept && row->z.cut == reader->cut)
        return kith_map_slice(&row->z, slice);
    const kith_map *map = row->kept ? &row->z : &row->x;
    kith_piece piece = reader->cut->of_slice[slice];
    size_t tile = pixels_of(map) * (size_t)map->block;
    float *out = room;
    for (int b = 0; b < map->blocks; b++)
        for (int i = piece.first; i < piece.first + piece.count; i++, out += tile) {
            const float *made = kith_values_tile(graph, row, i, b, out);
            if (made != out)
                memcpy(out, made, tile * sizeof *out);
        }
    return room;
}

void kith_values_give(const kith_graph *graph, const kith_row *row, const kith_row *reader, int picture,
                      int block, const float *given, const kith_worker *worker) {
    if (!row->wanted)
        return;
    float *out = kith_map_tile(&row->g, picture, block);
    bool adds = row->last_reader != reader->number;
    size_t pixels = pixels_of(&row->g);
    if (row->affine && row->first_reader == reader->number) {
        size_t step;
        double *sums = kith_affine_sums(row, worker, block, &step);
        kith_affine_tile affine = kith_affine_of(row, block);
        graph->tiles->finish(sums, step, out, given, adds ? out : NULL,
                             kith_map_tile(&row->x, picture, block), &affine, pixels, row->x.block);
    } else if (adds) {
        graph->tiles->add(out, given, pixels, row->g.block);
    } else if (given != out) {
        memcpy(out, given, pixels * (size_t)row->g.block * sizeof *out);
    }
}

void kith_values_derive(const kith_graph *graph, const kith_row *row, int picture, int block,
                        const kith_padded *where, float *out) {
    size_t first = (size_t)block * (size_t)row->x.block;
    const kith_affine_row *a = &row->norm;
    const float *coefficients[4] = {a->back[0] + first, a->back[1] + first, a->mean + first,
                                    a->back[2] + first};
    graph->tiles->derive(out, kith_map_tile(&row->g, picture, block),
                         a->frozen ? NULL : kith_map_tile(&row->x, picture, block), coefficients, where,
                         row->x.block);
}
