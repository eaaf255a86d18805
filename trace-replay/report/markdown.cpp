#include <fmt/format.h>

#include "trace-replay/report/text.hpp"
#include "trace-replay/report/writers.hpp"

namespace wattfill::report {
namespace {

// A fence longer than any run of backticks in the text.
std::string fence_for(const std::string& text) {
  std::string fence = "```";
  while (text.find(fence) != std::string::npos) fence += '`';
  return fence;
}

class Writer {
 public:
  explicit Writer(const std::string& data_folder) : data_folder_(data_folder) {}

  void operator()(const Paragraph& p) { out_ += markdown_escaped(p.text) + "\n\n"; }
  void operator()(const Finding& f) { out_ += "**" + markdown_escaped(f.text) + "**\n\n"; }
  void operator()(const CommandLine& c) {
    const std::string fence = fence_for(c.text);
    out_ += fmt::format("{}\n{}\n{}\n\n", fence, c.text, fence);
  }
  void operator()(const KeyFigures& k) {
    for (const KeyFigure& f : k.figures)
      out_ += fmt::format("- {}: **{}**{}\n", markdown_escaped(f.label), markdown_escaped(f.value),
                          f.note.empty() ? "" : " (" + markdown_escaped(f.note) + ")");
    out_ += '\n';
  }
  void operator()(const Table& t) {
    out_ += markdown_escaped(t.caption) + ":\n\n";
    row(t.header);
    for (std::size_t i = 0; i < t.header.size(); ++i) out_ += i > 0 && t.numeric ? "|---:" : "|---";
    out_ += "|\n";
    for (const auto& cells : t.rows) row(cells);
    out_ += '\n';
  }
  void operator()(const Chart& c) {
    out_ += fmt::format("### {}\n\n{}\n\n", markdown_escaped(c.title), markdown_escaped(c.summary));
    if (c.has_csv) out_ += fmt::format("Data: [{0}.csv]({1}/{0}.csv)\n\n", c.id, url_escaped(data_folder_));
  }

  std::string out_;

 private:
  void row(const std::vector<std::string>& cells) {
    for (const std::string& cell : cells) out_ += "| " + markdown_escaped(cell) + " ";
    out_ += "|\n";
  }

  const std::string& data_folder_;
};

}  // namespace

std::string markdown(const Document& document, const std::string& data_folder) {
  Writer writer(data_folder);
  writer.out_ = "# " + markdown_escaped(document.title) + "\n\n" + markdown_escaped(document.subtitle) + "\n\n";
  for (const Section& section : document.sections) {
    writer.out_ += "## " + markdown_escaped(section.title) + "\n\n";
    for (const Block& block : section.blocks) std::visit(writer, block);
  }
  return writer.out_;
}

}  // namespace wattfill::report
