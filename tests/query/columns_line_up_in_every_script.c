/* SPDX-License-Identifier: MIT */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "query/columns.h"

static void width_is_what_a_terminal_shows(void **state) {
    (void)state;
    assert_int_equal(kith_text_width(""), 0);
    assert_int_equal(kith_text_width("Zoë"), 3);
    assert_int_equal(kith_text_width("Zoe\xcc\x88"), 3); /* combining */
    assert_int_equal(kith_text_width("王小明"), 6);
    assert_int_equal(kith_text_width("\xff\xfe"), 2); /* not UTF-8 */
}

static void shortened(const char *text, int width, const char *seen) {
    char copy[64];
    snprintf(copy, sizeof copy, "%s", text);
    kith_shorten(copy, width);
    assert_string_equal(copy, seen);
    assert_true(kith_text_width(copy) <= width || strcmp(copy, text) == 0);
}

static void the_middle_is_left_out(void **state) {
    (void)state;
    shortened("abcdefghij", 10, "abcdefghij");
    shortened("abcdefghijk", 10, "abc…fghijk");
    shortened("/photos/2024/summer/party.jpg#12", 20, "/photo…/party.jpg#12");
    shortened("王小明王小明", 7, "王…小明");
}

/* What a table prints to a file, where nothing is shortened or coloured unless asked for. */
static void printed(const kith_column *columns, size_t count, const kith_cell *cells, size_t rows, bool color,
                    const char *seen) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = tmpfile();
    assert_non_null(out);
    kith_columns table;
    kith_columns_start(&table, out, columns, count, color);
    for (size_t i = 0; i < rows; i++)
        kith_columns_fit(&table, cells + i * count);
    kith_columns_head(&table);
    for (size_t i = 0; i < rows; i++)
        kith_columns_row(&table, cells + i * count);
    size = (size_t)ftell(out);
    rewind(out);
    text = calloc(1, size + 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, size, out), size);
    assert_string_equal(text, seen);
    free(text);
    fclose(out);
}

static const kith_column columns[] = {
    {.title = "NAME"}, {.title = "N", .number = true}, {.title = "PATH", .share = 2}};

static void cells_start_below_each_other(void **state) {
    (void)state;
    const kith_cell cells[] = {
        {.text = "王小明"}, {.text = "7"},  {.text = "a"},  {.text = "Zoë"}, {.text = "123"},
        {.text = "b"},      {.text = NULL}, {.text = "12"}, {.text = "c"},
    };
    printed(columns, 3, cells, 3, false,
            "NAME      N  PATH\n"
            "王小明    7  a\n"
            "Zoë     123  b\n"
            "         12  c\n");
}

static void untrusted_text_cannot_move_the_cursor(void **state) {
    (void)state;
    const kith_cell cells[] = {{.text = "a\n\x1b[2J"}, {.text = "1"}, {.text = "\xff"}};
    printed(columns, 3, cells, 1, false,
            "NAME        N  PATH\n"
            "a\\n\\x1b[2J  1  \\xff\n");
}

static void colours_take_no_room(void **state) {
    (void)state;
    const kith_cell cells[] = {{"ab", KITH_DOUBT}, {.text = "1"}, {.text = "p"}};
    printed(columns, 3, cells, 1, true,
            "\x1b[2mNAME\x1b[0m  \x1b[2mN\x1b[0m  \x1b[2mPATH\x1b[0m\n"
            "\x1b[33mab\x1b[0m    1  p\n");
}

int main(void) {
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(width_is_what_a_terminal_shows),
        cmocka_unit_test(the_middle_is_left_out),
        cmocka_unit_test(cells_start_below_each_other),
        cmocka_unit_test(untrusted_text_cannot_move_the_cursor),
        cmocka_unit_test(colours_take_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
