# kith_flags: the one target that says how our code is compiled.
#
# The code runs on any x86-64-v2 processor; hot loops carry target_clones and pick AVX2 or AVX-512 when the
# program starts, oneDNN does the same with its own kernels.
add_library(kith_flags INTERFACE)
target_include_directories(kith_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(kith_flags INTERFACE _GNU_SOURCE KITH_VERSION="${PROJECT_VERSION}")
target_compile_options(kith_flags INTERFACE -Wall -Wextra -Wshadow -fno-math-errno -fvisibility=hidden)
target_compile_options(
  kith_flags
  INTERFACE $<$<COMPILE_LANGUAGE:C>:-Wconversion -Wmissing-prototypes -Wstrict-prototypes -Wvla
            -include ${PROJECT_SOURCE_DIR}/proto/banned.h>)
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  target_compile_options(kith_flags INTERFACE -march=x86-64-v2)
endif()
if(KITH_WERROR)
  target_compile_options(kith_flags INTERFACE -Werror)
endif()
if(KITH_SANITIZE STREQUAL "address")
  set(sanitizers -fsanitize=address,undefined -fno-sanitize-recover=all)
elseif(KITH_SANITIZE STREQUAL "thread")
  set(sanitizers -fsanitize=thread)
endif()
if(KITH_FUZZ)
  set(sanitizers -fsanitize=fuzzer-no-link,address,undefined)
endif()
target_compile_options(kith_flags INTERFACE ${sanitizers})
target_link_options(kith_flags INTERFACE ${sanitizers})
