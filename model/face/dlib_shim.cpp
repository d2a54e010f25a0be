/* SPDX-License-Identifier: MIT */
#include "model/face/dlib_shim.h"

// dlib's configuration in Debian asks for BLAS and LAPACK, which the detector does not need; these two
// headers read it, and what comes after them does not see it any more.
#include <dlib/assert.h>
#include <dlib/test_for_odr_violations.h>
#undef DLIB_USE_BLAS
#undef DLIB_USE_LAPACK

#include <dlib/image_processing/object_detector.h>
#include <dlib/image_processing/scan_fhog_pyramid.h>

#include <exception>
#include <new>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

// The detector as hog_unpack.cpp wrote it; KITH_HOG_FILE comes from the build.
__asm__(".section .rodata\n"
        ".local hog_start\n"
        ".local hog_end\n"
        "hog_start: .incbin \"" KITH_HOG_FILE "\"\n"
        "hog_end:\n"
        ".previous\n");
extern "C" const char hog_start[] __attribute__((visibility("hidden")));
extern "C" const char hog_end[] __attribute__((visibility("hidden")));

struct kith_hog {
    dlib::object_detector<dlib::scan_fhog_pyramid<dlib::pyramid_down<6>>> detector;
    dlib::array2d<unsigned char> grey;
    std::vector<kith_hog_face> faces;
};

namespace {

// Runs `work`; what it throws becomes a status.
template <typename Work> kith_status guarded(kith_error *err, Work work) {
    try {
        work();
        return KITH_OK;
    } catch (const std::bad_alloc &) {
        return kith_fail(err, KITH_E_MEMORY, 0, "hog detector", "no memory");
    } catch (const std::exception &e) {
        return kith_fail(err, KITH_E_REFUSED, 0, "hog detector", "%s", e.what());
    } catch (...) {
        return kith_fail(err, KITH_E_REFUSED, 0, "hog detector", "dlib failed without saying why");
    }
}

} // namespace

kith_status kith_hog_open(kith_hog **out, kith_error *err) {
    *out = nullptr;
    kith_status status = guarded(err, [&] {
        *out = new kith_hog{};
        std::istringstream bytes(std::string(hog_start, hog_end));
        dlib::deserialize((*out)->detector, bytes);
    });
    if (status != KITH_OK)
        kith_hog_close(out);
    return status;
}

void kith_hog_close(kith_hog **hog) {
    if (!hog)
        return;
    delete *hog;
    *hog = nullptr;
}

kith_status kith_hog_run(kith_hog *hog, const unsigned char *grey, int width, int height, double least,
                         const kith_hog_face **faces, int *count, kith_error *err) {
    *faces = nullptr;
    *count = 0;
    return guarded(err, [&] {
        hog->grey.set_size(height, width);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                hog->grey[y][x] = *grey++;
        std::vector<std::pair<double, dlib::rectangle>> found;
        hog->detector(hog->grey, found, least);
        hog->faces.clear();
        for (const auto &[score, r] : found)
            hog->faces.push_back({score, r.left(), r.top(), r.right(), r.bottom()});
        *faces = hog->faces.data();
        *count = static_cast<int>(hog->faces.size());
    });
}
