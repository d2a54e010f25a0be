/* SPDX-License-Identifier: MIT */
#include "tests/network/support/models.h"

#include <math.h>
#include <stdlib.h>

/* A file of this header (its length is written as `length`, -1: the true one) and `data` bytes of `fill`. */
static void write_file(const char *header, long long length, size_t data, int fill) {
    FILE *file = fopen(temporary("bad"), "wb");
    unsigned long long said = length < 0 ? strlen(header) : (unsigned long long)length;
    for (int i = 0; i < 8; i++)
        fputc((int)(said >> 8 * i & 255), file);
    fputs(header, file);
    for (size_t i = 0; i < data; i++)
        fputc(fill, file);
    assert_int_equal(fclose(file), 0);
}

/* The file is refused in one line that names it and says `text`. */
static void refused(const char *text) {
    kith_tensors *tensors = (kith_tensors *)1;
    kith_error err = {0};
    kith_status status = kith_tensors_read(&tensors, temporary("bad"), false, &err);
    assert_null(tensors);
    if (status != KITH_E_REFUSED || !strstr(err.text, text))
        fail_msg("status %d, '%s' instead of '%s'", (int)status, err.text, text);
    assert_string_equal(err.where, temporary("bad"));
    assert_null(strchr(err.text, '\n'));
}

#define A(OFFSETS) "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":" OFFSETS "}"
#define B(OFFSETS) "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":" OFFSETS "}"

static void a_good_one_is_read(void **state) {
    (void)state;
    write_file("{" A("[4,12]") "," B("[0,4]") "}   ", -1, 12, 0);
    kith_tensors *tensors = tensors_of(temporary("bad"));
    assert_int_equal(tensors->count, 2);
    assert_string_equal(tensors->items[0].name, "a");
    kith_tensors_free(&tensors);
    assert_null(tensors);
}

static void headers(void **state) {
    (void)state;
    write_file("", -1, 0, 0);
    refused("size");
    write_file("{" A("[0,8]") "}", 1 << 21, 8, 0);
    refused("longer than 1 MiB");
    write_file("{" A("[0,8]") "}", 5000, 8, 0);
    refused("longer than the file");
    write_file("{" A("[0,8]") "}", 20, 8, 0);
    refused("header");
    write_file("[1,2,3]", -1, 8, 0);
    refused("no object");
    write_file("{\"a\":\xff\xfe}", -1, 8, 0);
    refused("header");
    write_file("{}", -1, 0, 0);
    refused("no tensors");
    write_file("{\"__metadata__\":{\"k\":1}," A("[0,8]") "}", -1, 8, 0);
    refused("no texts");
    write_file("{\"__metadata__\":[]," A("[0,8]") "}", -1, 8, 0);
    refused("no object");
}

static void deep_nesting_is_no_crash(void **state) {
    (void)state;
    enum { DEPTH = 200000 };
    char *header = malloc(DEPTH + 1);
    memset(header, '[', DEPTH);
    header[DEPTH] = 0;
    write_file(header, -1, 0, 0);
    refused("header");
    free(header);
}

static void names(void **state) {
    (void)state;
    write_file("{" A("[0,8]") "," A("[0,8]") "}", -1, 8, 0);
    refused("duplicate");
    write_file("{\"x\\ny\\u001b[31m\":{}}", -1, 8, 0);
    kith_tensors *tensors;
    kith_error err = {0};
    assert_int_equal(kith_tensors_read(&tensors, temporary("bad"), false, &err), KITH_E_REFUSED);
    assert_null(strchr(err.text, '\033'));
    assert_null(strchr(err.text, '\n'));
}

static void offsets(void **state) {
    (void)state;
    write_file("{" A("[0,8]") "," B("[4,8]") "}", -1, 8, 0);
    refused("tensor 'b': its data overlap");
    write_file("{" A("[0,8]") "," B("[12,16]") "}", -1, 16, 0);
    refused("tensor 'b': there is a gap");
    write_file("{" A("[8,16]") "}", -1, 16, 0);
    refused("tensor 'a': there is a gap");
    write_file("{" A("[0,8]") "}", -1, 7, 0);
    refused("tensor 'a': its data lie outside");
    write_file("{" A("[0,8]") "}", -1, 9, 0);
    refused("bytes follow");
    write_file("{" A("[0,4]") "}", -1, 4, 0);
    refused("tensor 'a': its data are not as large");
    write_file("{" A("[8,0]") "}", -1, 8, 0);
    refused("tensor 'a': its data_offsets");
    write_file("{" A("[-8,0]") "}", -1, 8, 0);
    refused("tensor 'a': its data_offsets");
    write_file("{" A("[0,8,16]") "}", -1, 8, 0);
    refused("tensor 'a': its data_offsets");
    write_file("{" A("[0.0,8.0]") "}", -1, 8, 0);
    refused("tensor 'a': its data_offsets");
    write_file("{" A("[0,9223372036854775807]") "}", -1, 8, 0);
    refused("tensor 'a': its data lie outside");
}

static void shape(const char *text, const char *expected) {
    char header[256];
    snprintf(header, sizeof header, "{\"a\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[0,8]}}", text);
    write_file(header, -1, 8, 0);
    refused(expected);
}

static void shapes_and_types(void **state) {
    (void)state;
    shape("[]", "tensor 'a': its shape is not a list");
    shape("2", "tensor 'a': its shape is not a list");
    shape("[1,1,1,1,2]", "tensor 'a': its shape is not a list");
    shape("[0]", "tensor 'a': a side");
    shape("[-2]", "tensor 'a': a side");
    shape("[2.0]", "tensor 'a': a side");
    shape("[2147483647,2147483647,2147483647,2]", "tensor 'a': its shape is larger");
    shape("[4294967296]", "tensor 'a': a side");
    write_file("{\"a\":{\"dtype\":\"BF16\",\"shape\":[4],\"data_offsets\":[0,8]}}", -1, 8, 0);
    refused("tensor 'a': its type");
    write_file("{\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8]}}", -1, 8, 0);
    refused("tensor 'a': its type");
    write_file("{\"a\":{\"dtype\":32,\"shape\":[8],\"data_offsets\":[0,8]}}", -1, 8, 0);
    refused("tensor 'a': its type");
    write_file("{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}", -1, 8, 0);
    refused("tensor 'a': it has other fields");
}

static void values(void **state) {
    (void)state;
    write_file("{" A("[0,8]") "}", -1, 8, 0xff);
    refused("tensor 'a': it has values that are not finite");
    write_file("{\"a\":{\"dtype\":\"F16\",\"shape\":[4],\"data_offsets\":[0,8]}}", -1, 8, 0x7c);
    refused("tensor 'a': it has values that are not finite");
}

static void every_cut_of_a_file(void **state) {
    (void)state;
    static char bytes[200000];
    FILE *file = fopen(SHIPPED("yunet"), "rb");
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    for (size_t cut = 0; cut < size; cut += cut < 9500 ? 23 : 1009) {
        file = fopen(temporary("bad"), "wb");
        assert_int_equal(fwrite(bytes, 1, cut, file), cut);
        fclose(file);
        refused("");
    }
}

static void other_files(void **state) {
    (void)state;
    kith_tensors *tensors;
    kith_error err = {0};
    assert_int_equal(kith_tensors_read(&tensors, "/nowhere", false, &err), KITH_E_IO);
    kith_error_clear(&err);
    assert_int_equal(kith_tensors_read(&tensors, "/tmp", false, &err), KITH_E_REFUSED);
    kith_error_clear(&err);
    assert_int_equal(kith_tensors_read(&tensors, "/dev/zero", false, &err), KITH_E_REFUSED);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_good_one_is_read),
                                       cmocka_unit_test(headers),
                                       cmocka_unit_test(deep_nesting_is_no_crash),
                                       cmocka_unit_test(names),
                                       cmocka_unit_test(offsets),
                                       cmocka_unit_test(shapes_and_types),
                                       cmocka_unit_test(values),
                                       cmocka_unit_test(every_cut_of_a_file),
                                       cmocka_unit_test(other_files)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
