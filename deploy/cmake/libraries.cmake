# What kith links, found once. Debian's packages of the same names: deploy/packages.txt.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(JPEG REQUIRED)
find_package(PNG REQUIRED)
find_package(OpenMP REQUIRED COMPONENTS C)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
pkg_check_modules(jansson REQUIRED IMPORTED_TARGET jansson>=2.14)
pkg_check_modules(libcurl REQUIRED IMPORTED_TARGET libcurl>=7.85)
pkg_check_modules(sqlite3 REQUIRED IMPORTED_TARGET sqlite3>=3.40)

# oneDNN: Debian's 2.6, or another (3.x) by -DKITH_ONEDNN_ROOT=DIR with include/ and lib/. Its own CMake files are not
# used: Debian's want OpenCL's development files, which nothing here needs.
set(KITH_ONEDNN_ROOT "" CACHE PATH "where another oneDNN lies")
if(KITH_ONEDNN_ROOT)
  set(only_there NO_DEFAULT_PATH)
endif()
find_path(ONEDNN_INCLUDE oneapi/dnnl/dnnl.h HINTS ${KITH_ONEDNN_ROOT}/include ${only_there} REQUIRED)
find_library(ONEDNN_LIBRARY dnnl HINTS ${KITH_ONEDNN_ROOT}/lib ${only_there} REQUIRED)
add_library(kith_onednn INTERFACE)
target_include_directories(kith_onednn SYSTEM INTERFACE ${ONEDNN_INCLUDE})
target_link_libraries(kith_onednn INTERFACE ${ONEDNN_LIBRARY} OpenMP::OpenMP_C)
