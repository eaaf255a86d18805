# Compile settings that every target of the project shares.

# The scheduler's scores are computed in IEEE doubles with basic operations only. Contraction into fused
# multiply-adds would make them differ between hosts, so it is off everywhere.
add_library(wattfill_options INTERFACE)
target_include_directories(wattfill_options INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
target_compile_options(wattfill_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -ffp-contract=off
  $<$<BOOL:${WATTFILL_WERROR}>:-Werror>)
if(WATTFILL_SANITIZE)
  target_compile_options(wattfill_options INTERFACE
    -fsanitize=${WATTFILL_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(wattfill_options INTERFACE -fsanitize=${WATTFILL_SANITIZE})
endif()
if(WATTFILL_FUZZ)
  target_compile_options(wattfill_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# wattfill_floor(NAME SOURCES ... USES ...): one floor of the house, a static library that links only the floors below.
function(wattfill_floor name)
  cmake_parse_arguments(FLOOR "" "" "SOURCES;USES" ${ARGN})
  add_library(wattfill_${name} STATIC ${FLOOR_SOURCES})
  add_library(wattfill::${name} ALIAS wattfill_${name})
  target_link_libraries(wattfill_${name} PUBLIC wattfill_options ${FLOOR_USES})
endfunction()
