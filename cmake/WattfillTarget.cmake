# Compile settings that every target of the project shares.

# The scheduler's scores are computed in IEEE doubles with basic operations only. Contraction into fused
# multiply-adds would make them differ between hosts, so it is off everywhere.
add_library(wattfill_options INTERFACE)
target_include_directories(wattfill_options INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
target_compile_options(wattfill_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -ffp-contract=off
  # GCC 12 sees overlapping copies in every "literal" + std::string (GCC bug 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
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

# wattfill_hot(TARGETS...): floors on which every event of a replay works. Release builds with GCC optimise them as a whole
# where they are linked with wattfill_link_hot; everywhere else they are ordinary objects. Turned off, programs link in a
# second instead of half a minute, and replay somewhat slower.
set(lto_works OFF)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT WATTFILL_SANITIZE)
  set(lto_works ON)
endif()
option(WATTFILL_LTO "Optimise the hot floors as a whole where a program is linked" ${lto_works})
function(wattfill_hot)
  if(WATTFILL_LTO)
    foreach(target IN LISTS ARGN)
      target_compile_options(${target} PRIVATE -flto=auto -ffat-lto-objects)
    endforeach()
  endif()
endfunction()
function(wattfill_link_hot target)
  if(WATTFILL_LTO)
    target_link_options(${target} PRIVATE -flto=auto -O3)
  endif()
endfunction()

# wattfill_embed(TARGET FUNCTION HEADER FILES...): compiles text files into a target, behind FUNCTION of HEADER.
function(wattfill_embed target function header)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${function}.cpp)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} -DHEADER=${header} -DFUNCTION=${function} "-DFILES=${ARGN}"
            -P ${PROJECT_SOURCE_DIR}/cmake/EmbedText.cmake
    DEPENDS ${ARGN} ${PROJECT_SOURCE_DIR}/cmake/EmbedText.cmake VERBATIM)
  # A file is one literal, however long.
  set_source_files_properties(${output} PROPERTIES COMPILE_OPTIONS -Wno-overlength-strings)
  target_sources(${target} PRIVATE ${output})
endfunction()

# A process registers each .proto file once for each copy of protobuf's runtime. A program that loads libwattfill.so, which
# holds the same messages, therefore has a copy of its own.
find_library(WATTFILL_STATIC_PROTOBUF NAMES libprotobuf.a)
add_library(wattfill_protobuf_runtime INTERFACE)
if(WATTFILL_STATIC_PROTOBUF)
  target_link_libraries(wattfill_protobuf_runtime INTERFACE Threads::Threads ZLIB::ZLIB
    $<IF:$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>,${WATTFILL_STATIC_PROTOBUF},protobuf::libprotobuf>)
else()
  message(WARNING "there is no libprotobuf.a: trace-replay run --plugin will not work")
  target_link_libraries(wattfill_protobuf_runtime INTERFACE protobuf::libprotobuf)
endif()

# wattfill_protobuf(TARGET FILES...): the messages of some .proto files of this folder, included by their path from the
# root. The generated code keeps to its own warnings.
function(wattfill_protobuf target)
  set(generated "")
  foreach(file IN LISTS ARGN)
    cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE folder)
    cmake_path(REMOVE_EXTENSION file OUTPUT_VARIABLE stem)
    set(base ${PROJECT_BINARY_DIR}/${folder}/${stem})
    add_custom_command(OUTPUT ${base}.pb.cc ${base}.pb.h
      COMMAND protobuf::protoc --cpp_out=${PROJECT_BINARY_DIR} -I ${PROJECT_SOURCE_DIR} ${folder}/${file}
      WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} DEPENDS ${file} protobuf::protoc VERBATIM)
    list(APPEND generated ${base}.pb.cc ${base}.pb.h)
  endforeach()
  add_library(${target} STATIC ${generated})
  target_link_libraries(${target} PUBLIC wattfill_protobuf_runtime)
  target_include_directories(${target} SYSTEM PUBLIC ${Protobuf_INCLUDE_DIRS})
  target_include_directories(${target} SYSTEM PUBLIC ${PROJECT_BINARY_DIR})
  if(WATTFILL_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${WATTFILL_SANITIZE})
  endif()
endfunction()
