/* SPDX-License-Identifier: MIT
 *
 * Part of the build: writes dlib's frontal face detector as plain bytes, `hog_unpack FILE`. dlib keeps it
 * packed in a header and takes a quarter of a second to unpack it, by code that only its static library has.
 */
#include <dlib/assert.h>
#include <dlib/test_for_odr_violations.h>
#undef DLIB_USE_BLAS
#undef DLIB_USE_LAPACK

#include <dlib/image_processing/frontal_face_detector.h>

#include <fstream>

int main(int argc, char **argv) {
    if (argc != 2)
        return 2;
    std::ofstream file(argv[1], std::ios::binary);
    file << dlib::get_serialized_frontal_faces() << std::flush;
    return file ? 0 : 1;
}
