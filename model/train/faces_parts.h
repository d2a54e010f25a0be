/* SPDX-License-Identifier: MIT
 *
 * What the parts of a face set share: the list of files, what became of each, where their chips lie, and the
 * threads that decode them. Inside model/train/faces*.c only.
 */
#ifndef KITH_MODEL_TRAIN_FACES_PARTS_H
#define KITH_MODEL_TRAIN_FACES_PARTS_H

#include <sys/types.h>

#include "model/train/faces.h"

typedef enum set_outcome { SET_WAITING, SET_FACE, SET_FAILED, SET_FACELESS, SET_IGNORED } set_outcome;

typedef struct set_file {
    char *path;
    size_t name;   /* where in `path` the part below the folder begins */
    size_t person; /* length of the person's name at the beginning of that part; 0: none */
    dev_t device;  /* with inode: which file it is, whatever it is called; 0, 0: not looked at */
    ino_t inode;
    const float *landmarks; /* of a chip; in a table of kith_set_landmarks */
    set_outcome outcome;
    kith_error *err; /* SET_FAILED */
    char digest[65]; /* SET_FACE: of the chip */
} set_file;

typedef struct set_files {
    set_file *items;
    size_t count, room;
} set_files;

struct kith_set_store {
    set_files files;
    int fd;           /* of the temporary file; -1: none */
    kith_chip *chips; /* mapped; record i is file i's, those of the blends are behind all files' */
    size_t mapped;
    char **twins; /* names that two folders have, made different */
    size_t twin_count;
    char **blends; /* names */
};

/* All files of the sources, or of the list. What cannot be read is an item that has failed already. */
kith_status kith_set_list(set_files *out, const kith_set_options *options, kith_error *err);
void kith_set_files_clear(set_files *files);

/* Makes the file failed; false: no memory. */
bool kith_set_file_fail(set_file *file, const kith_error *why);

/* Gives each file the row of its landmarks.csv. KITH_E_REFUSED names a row that is wrong. */
typedef struct set_landmarks set_landmarks;
kith_status kith_set_landmarks_find(set_landmarks **out, set_files *files, kith_error *err);
void kith_set_landmarks_free(set_landmarks **landmarks);

extern const char kith_set_landmarks_name[]; /* "landmarks.csv" */

/* Decodes all files that wait, by options->jobs threads, into records of `fd`: record i is file i's. */
kith_status kith_set_decode(set_files *files, int fd, const kith_set_options *options, kith_error *err);

/* Writes a record of `fd`. KITH_E_IO. */
kith_status kith_set_keep(int fd, const kith_chip *chip, size_t record, kith_error *err);

/* Adds options->blends faces to a set that is split. KITH_E_REFUSED: fewer than two persons are trained on;
 * KITH_E_IO; KITH_E_STOPPED.
 */
kith_status kith_set_blend(kith_face_set *set, const kith_set_options *options, kith_error *err);

#endif
