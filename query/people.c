/* SPDX-License-Identifier: MIT
 *
 * kith-query people: who has a name in the gallery.
 */
#include <inttypes.h>
#include <unistd.h>

#include "query/ask.h"
#include "query/columns.h"
#include "query/commands.h"

typedef struct people_choice {
    kith_gallery_choice gallery;
    kith_output_choice output;
} people_choice;

static const people_choice defaults = {.gallery = KITH_GALLERY_CHOICE};

static const kith_option_group groups[] = {
    KITH_GALLERY_GROUP(offsetof(people_choice, gallery)),
    KITH_OUTPUT_GROUP(offsetof(people_choice, output)),
    KITH_SERVER_GROUP(offsetof(people_choice, gallery)),
};

static kith_status print_lines(const kith_people *people, kith_error *err) {
    kith_status status = KITH_OK;
    for (size_t i = 0; i < people->count && status == KITH_OK; i++) {
        const kith_person *person = &people->items[i];
        status = kith_print_json(json_pack("{s:s, s:I, s:I}", "person", person->name, "faces",
                                           (json_int_t)person->faces, "photos", (json_int_t)person->photos),
                                 KITH_JSON, err);
    }
    return status;
}

static void print_table(const kith_people *people, bool color) {
    static const kith_column columns[] = {
        {.title = "PERSON"}, {.title = "FACES", .number = true}, {.title = "PHOTOS", .number = true}};
    kith_columns table;
    kith_columns_start(&table, stdout, columns, 3, color);
    for (int printing = 0; printing <= 1; printing++) {
        if (printing)
            kith_columns_head(&table);
        for (size_t i = 0; i < people->count; i++) {
            char faces[24], photos[24];
            snprintf(faces, sizeof faces, "%" PRIu64, people->items[i].faces);
            snprintf(photos, sizeof photos, "%" PRIu64, people->items[i].photos);
            const kith_cell cells[] = {{.text = people->items[i].name}, {.text = faces}, {.text = photos}};
            if (printing)
                kith_columns_row(&table, cells);
            else
                kith_columns_fit(&table, cells);
        }
    }
}

static int run_people(const kith_arguments *arguments) {
    const people_choice *choice = arguments->values;
    kith_gallery *gallery = NULL;
    kith_people people = {0};
    kith_error err = {0};
    kith_status status = kith_gallery_open_choice(&gallery, &choice->gallery, KITH_GALLERY_READ, &err);
    if (status == KITH_OK)
        status = kith_gallery_people(gallery, &people, &err);
    if (status == KITH_OK && choice->output.json)
        status = print_lines(&people, &err);
    else if (status == KITH_OK && people.count > 0)
        print_table(&people, kith_use_color((kith_color)choice->output.color, STDOUT_FILENO));
    int code = status != KITH_OK ? kith_die(&err) : people.count > 0 ? KITH_EXIT_OK : KITH_EXIT_NOTHING;
    if (code == KITH_EXIT_NOTHING)
        kith_say("%s: no face has a name (kith-index add --person, or label)", kith_gallery_uri(gallery));
    kith_people_clear(&people);
    kith_gallery_close(&gallery);
    return code;
}

const kith_command kith_people_command = {
    .name = "people",
    .operands = "",
    .summary = "Who has a name in the gallery",
    .text = "Lists the names of the gallery with the number of faces and of photos of each, by name.\n\n"
            "Exits with 1 when there is no name.",
    .groups = groups,
    .group_count = sizeof groups / sizeof groups[0],
    .size = sizeof(people_choice),
    .defaults = &defaults,
    .run = run_people,
};
