/* SPDX-License-Identifier: MIT
 *
 * Texts of a page are names of people and files: whatever they hold, they are text in it and no markup. A
 * page that is not good leaves the old file; charts and faces lie inside of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <unistd.h>

#include "model/report/html.h"
#include "tests/indexer/support/folder.h"

#define HOSTILE "<b>&\"\x1b[1m\xff"
#define SHOWN "&lt;b&gt;&amp;&quot;\\x1b[1m\\xff"

static void begin(kith_html *html) {
    kith_error err = {0};
    if (kith_html_begin(html, "page.html", HOSTILE, &err) != KITH_OK)
        fail_msg("%s: %s", err.where, err.text);
}

static char *page(void) {
    static char text[1 << 20];
    FILE *file = fopen("page.html", "rb");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    return text;
}

static void expect(const char *part) {
    if (!strstr(page(), part))
        fail_msg("not in the page: %s", part);
}

static void every_text_is_escaped(void **state) {
    (void)state;
    static const char *const cells[] = {HOSTILE, NULL};
    const kith_html_face face = {.jpeg = "", .size = 0, .name = HOSTILE};
    kith_html html;
    kith_error err = {0};
    begin(&html);
    kith_html_heading(&html, HOSTILE);
    kith_html_paragraph(&html, "%s", HOSTILE);
    kith_html_table_begin(&html, cells, 2);
    kith_html_row(&html, cells, 2);
    kith_html_table_end(&html);
    assert_int_equal(kith_html_faces(&html, &face, 1, HOSTILE, &err), KITH_OK);
    assert_int_equal(kith_html_end(&html, KITH_OK, &err), KITH_OK);
    static const char *const wanted[] = {"<title>" SHOWN "</title>", "<h1>" SHOWN "</h1>",
                                         "<h2>" SHOWN "</h2>",       "<p>" SHOWN "</p>",
                                         "<th>" SHOWN "</th>",       "<td>" SHOWN "</td><td></td>",
                                         "<i></i>" SHOWN "</span>",  "<figcaption>" SHOWN "</figcaption>"};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        expect(wanted[i]);
    assert_null(strstr(page(), HOSTILE));
    assert_null(strstr(page(), "<b>"));
}

static void charts_and_faces_lie_inside(void **state) {
    (void)state;
    static const double x[] = {0, 1}, y[] = {0, 1};
    const kith_plot_series series = {.mark = KITH_PLOT_LINE, .x = x, .y = y, .count = 2};
    const kith_plot_panel panel = {.series = &series, .count = 1};
    const kith_plot plot = {.panels = &panel, .count = 1, .columns = 1};
    const kith_html_face face = {.jpeg = "\xff\xd8\xff", .size = 3, .name = "Ada"};
    kith_html html;
    kith_error err = {0};
    begin(&html);
    if (kith_html_chart(&html, &plot, HOSTILE, &err) != KITH_OK)
        fail_msg("%s: %s", err.where, err.text);
    assert_int_equal(kith_html_faces(&html, &face, 1, "one", &err), KITH_OK);
    assert_int_equal(kith_html_end(&html, KITH_OK, &err), KITH_OK);
    expect("<img alt=\"" SHOWN "\" src=\"data:image/svg+xml;base64,");
    expect("<img alt=\"\" src=\"data:image/jpeg;base64,/9j/\">Ada</span>");
}

static void a_page_that_is_not_good_leaves_the_old_one(void **state) {
    (void)state;
    kith_html html;
    kith_error err = {0};
    write_text("page.html", "old");
    begin(&html);
    assert_int_equal(kith_html_end(&html, KITH_E_MEMORY, &err), KITH_E_MEMORY);
    assert_string_equal(page(), "old");
    begin(&html);
    assert_int_equal(kith_html_end(&html, KITH_OK, &err), KITH_OK);
    expect("</html>");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_text_is_escaped),
        cmocka_unit_test(charts_and_faces_lie_inside),
        cmocka_unit_test(a_page_that_is_not_good_leaves_the_old_one),
    };
    char *folder = enter_folder();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    leave_folder(folder);
    return failed;
}
