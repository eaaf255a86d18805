#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "trace-replay/report/column_codec.hpp"
#include "trace-replay/report/page_files.hpp"
#include "trace-replay/report/text.hpp"
#include "trace-replay/report/writers.hpp"

namespace wattfill::report {
namespace {

using Json = nlohmann::ordered_json;

std::string_view page_file(std::string_view name) {
  for (const EmbeddedText& file : embedded_page())
    if (file.file == name) return file.text;
  throw std::logic_error(fmt::format("the page has no file {}", name));
}

// All scripts of the page, in the order in which they were embedded.
std::string page_scripts() {
  std::string all;
  for (const EmbeddedText& file : embedded_page())
    if (file.file.ends_with(".js")) all += fmt::format("// {}\n{}\n", file.file, file.text);
  return all;
}

// The charts' descriptions, and all their numbers in one block of bytes.
struct ChartData {
  Json charts = Json::array();
  std::string bytes;

  void add(const Chart& chart) {
    Json columns = Json::array();
    for (const Column& column : chart.frame.columns) {
      Json entry = {{"name", column.name}, {"title", column.title}, {"rows", column.size()}};
      if (column.is_text) {
        entry["texts"] = column.texts;
      } else {
        entry["decimals"] = column.decimals;
        entry["at"] = bytes.size();
        append_column(bytes, column.numbers);
      }
      columns.push_back(std::move(entry));
    }
    charts.push_back({{"id", chart.id},
                      {"kind", chart.kind},
                      {"title", chart.title},
                      {"columns", std::move(columns)},
                      {"options", chart.options}});
  }
};

class Writer {
 public:
  explicit Writer(const PageOptions& options) : options_(options) {}

  void operator()(const Paragraph& p) { out_ += fmt::format("<p>{}</p>\n", html_escaped(p.text)); }
  void operator()(const Finding& f) { out_ += fmt::format("<p class=\"finding\">{}</p>\n", html_escaped(f.text)); }
  void operator()(const CommandLine& c) {
    out_ += fmt::format("<pre class=\"command\" tabindex=\"0\"><code>{}</code></pre>\n", html_escaped(c.text));
  }
  void operator()(const KeyFigures& k) {
    constexpr std::array<const char*, 3> kTones = {"neutral", "better", "worse"};
    out_ += "<dl class=\"figures\">\n";
    for (const KeyFigure& f : k.figures)
      out_ += fmt::format("<div class=\"{}\"><dt>{}</dt><dd>{}</dd>{}</div>\n",
                          kTones[static_cast<std::size_t>(f.tone)], html_escaped(f.label), html_escaped(f.value),
                          f.note.empty() ? "" : fmt::format("<dd class=\"note\">{}</dd>", html_escaped(f.note)));
    out_ += "</dl>\n";
  }
  void operator()(const Table& t) {
    out_ += fmt::format(
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{0}\">\n<table class=\"{1}\">"
        "<caption>{0}</caption>\n",
        html_escaped(t.caption), t.numeric ? "numeric" : "plain");
    if (std::any_of(t.header.begin(), t.header.end(), [](const std::string& h) { return !h.empty(); })) {
      out_ += "<thead><tr>";
      for (const std::string& cell : t.header) out_ += fmt::format("<th scope=\"col\">{}</th>", html_escaped(cell));
      out_ += "</tr></thead>\n";
    }
    out_ += "<tbody>\n";
    for (std::size_t row = 0; row < t.rows.size(); ++row) {
      out_ += static_cast<int>(row) == t.marked_row ? "<tr class=\"marked\">" : "<tr>";
      for (std::size_t c = 0; c < t.rows[row].size(); ++c)
        out_ += (c == 0 ? "<th scope=\"row\">" : "<td>") + html_escaped(t.rows[row][c]) + (c == 0 ? "</th>" : "</td>");
      out_ += "</tr>\n";
    }
    out_ += "</tbody></table></div>\n";
  }
  void operator()(const Chart& c) {
    const std::string id = html_escaped(c.id);
    const std::string title = html_escaped(c.title);
    const bool drawn = !options_.echarts.empty() || c.kind == "gantt";
    out_ += fmt::format(
        "<figure class=\"chart {1}\" id=\"chart-{0}\">\n<div class=\"head\"><h3>{2}</h3><div class=\"tools\""
        "></div></div>\n",
        id, html_escaped(c.kind), title);
    if (drawn && c.kind != "table")
      out_ += fmt::format(
          "<div class=\"plot\" data-chart=\"{}\" role=\"group\" tabindex=\"0\" aria-label=\"{}. {}{}\"></div>\n", id,
          title, html_escaped(c.summary),
          c.kind == "time" || c.kind == "gantt" ? " Keys: plus and minus zoom, arrows move, 0 shows all." : "");
    out_ += fmt::format("<figcaption>{}", html_escaped(c.summary));
    if (c.has_csv) out_ += fmt::format(" <a href=\"{}/{}.csv\">Data as CSV</a>", url_escaped(options_.data_folder), id);
    out_ += "</figcaption>\n";
    if (!drawn && c.kind != "table")
      out_ +=
          "<p class=\"no-chart\">No chart: this program was built without Apache ECharts "
          "(scripts/fetch-echarts).</p>\n";
    if (drawn)
      out_ += c.has_csv ? fmt::format(
                              "<details class=\"data\" data-table=\"{}\"><summary>Data as a table</summary>"
                              "</details>\n",
                              id)
                        : std::string();
    else
      (*this)(sample_of(c));
    out_ += "</figure>\n";
    data_.add(c);
  }

  std::string take() { return std::exchange(out_, {}); }
  const ChartData& data() const { return data_; }

 private:
  // In place of a chart: every n-th row.
  static Table sample_of(const Chart& c) {
    constexpr std::size_t kMost = 40;
    const std::size_t step = std::max<std::size_t>(1, (c.frame.rows() + kMost - 1) / kMost);
    Table table{step == 1 ? c.title : fmt::format("{}, every {}th row", c.title, step), {}, {}};
    for (const Column& column : c.frame.columns) table.header.push_back(column.title);
    for (std::size_t row = 0; row < c.frame.rows(); row += step) {
      auto& cells = table.rows.emplace_back();
      for (const Column& column : c.frame.columns) cells.push_back(cell_text(column, row));
    }
    return table;
  }

  const PageOptions& options_;
  std::string out_;
  ChartData data_;
};

// Each {{name}} of the page replaced once; what is put in is not looked at again.
template <class Find>
std::string filled(std::string_view page, Find&& find) {
  std::string out;
  for (std::size_t at = 0;;) {
    const std::size_t begin = page.find("{{", at);
    if (begin == std::string_view::npos) return out.append(page.substr(at));
    const std::size_t end = page.find("}}", begin);
    out.append(page.substr(at, begin - at)).append(find(page.substr(begin + 2, end - begin - 2)));
    at = end + 2;
  }
}

std::string json_text(const Json& json) {
  return script_safe(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace

std::string html(const Document& document, const PageOptions& options) {
  Writer writer(options);
  std::string body;
  std::string navigation;
  for (const Section& section : document.sections) {
    for (const Block& block : section.blocks) std::visit(writer, block);
    body += fmt::format(
        "<section id=\"{0}\" aria-labelledby=\"{0}-title\">\n<h2 id=\"{0}-title\">{1}</h2>\n{2}</section>\n",
        html_escaped(section.id), html_escaped(section.title), writer.take());
    navigation +=
        fmt::format("<li><a href=\"#{}\">{}</a></li>\n", html_escaped(section.id), html_escaped(section.title));
  }
  Json about = {{"charts", writer.data().charts}};
  if (document.clock_start_s != kMissing) about["clock_start_s"] = document.clock_start_s;
  return filled(page_file("report.html"), [&](std::string_view name) -> std::string {
    if (name == "title") return html_escaped(document.title);
    if (name == "subtitle") return html_escaped(document.subtitle);
    if (name == "css") return std::string(page_file("report.css"));
    if (name == "navigation") return navigation;
    if (name == "sections") return body;
    if (name == "about") return json_text(about);
    if (name == "columns") return base64(deflated(writer.data().bytes));
    if (name == "echarts") return std::string(options.echarts);
    if (name == "scripts") return page_scripts();
    throw std::logic_error(fmt::format("report.html: there is no {{{{{}}}}}", name));
  });
}

}  // namespace wattfill::report
