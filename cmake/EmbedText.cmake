# Embeds text files into a C++ source. Usage at build time:
#   cmake -DOUTPUT=x.cpp -DHEADER=path/to/header.hpp -DFUNCTION=name -DFILES=a;b -P EmbedText.cmake
# The function returns a std::span<const EmbeddedText> in the order of the files.
set(body "")
foreach(file IN LISTS FILES)
  get_filename_component(name "${file}" NAME)
  file(READ "${file}" text)
  string(APPEND body "    {\"${name}\", R\"embedded(${text})embedded\"sv},\n")
endforeach()
file(WRITE "${OUTPUT}"
  "#include \"${HEADER}\"\n\nnamespace wattfill {\n\nusing namespace std::string_view_literals;\n\nstd::span<const EmbeddedText> ${FUNCTION}() {\n"
  "  static constexpr EmbeddedText kTexts[] = {\n${body}  };\n  return kTexts;\n}\n\n}  // namespace wattfill\n")
