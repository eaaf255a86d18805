#include "trace-replay/report/claims.hpp"

#include <fmt/format.h>

#include <utility>

#include "trace-replay/report/measures.hpp"
#include "trace-replay/report/text.hpp"

namespace wattfill::report {

void add_claims(Section& section, const Json& claims) {
  Chart chart{"claims", "intervals", "What is claimed, with intervals", "", {}};
  Column& names = chart.frame.texts("claim", "claim");
  std::vector<const Json*> drawn;
  Table table{"Claims", {"claim", "better by", "interval", "p", "blocks or draws", "traces"}, {}};
  for (const Json& claim : claims) {
    const auto better = number_at(claim, "better_percent");
    const auto low = number_at(claim, "low");
    const auto high = number_at(claim, "high");
    const std::string pair =
        fmt::format("{} / {}, {}", text_at(claim, "a"), text_at(claim, "b"), title_of(text_at(claim, "metric")));
    const std::string text = text_at(claim, "text");
    const auto of = [&claim](const char* part, const char* whole) {
      const auto a = number_at(claim, part);
      const auto b = number_at(claim, whole);
      return a && b ? fmt::format("{} of {}", number(*a), number(*b)) : std::string("–");
    };
    const auto p = number_at(claim, "p");
    table.rows.push_back({text.empty() ? pair : text, better ? figure(*better) + " %" : "–",
                          low && high ? fmt::format("[{}, {}] %", figure(*low), figure(*high)) : "–",
                          p ? (*p < 1e-4 ? "< 0.0001" : number(*p, 4)) : "–", of("blocks_better", "blocks"),
                          of("traces_better", "traces")});
    if (better && low && high) {
      drawn.push_back(&claim);
      names.texts.push_back(pair);
    }
  }
  if (!drawn.empty()) {
    for (const auto& [key, title] :
         {std::pair{"better_percent", "better by, %"}, {"low", "low, %"}, {"high", "high, %"}}) {
      Column& column = chart.frame.numbers(key, title, 4);
      for (const Json* claim : drawn) column.add(*number_at(*claim, key));
    }
    chart.options["label"] = 0;
    chart.options["reference"] = 0;
    chart.options["panels"].push_back(Json::object({{"title", "better by, %"}, {"mean", 1}, {"low", 2}, {"high", 3}}));
    chart.summary =
        "Each point is what is claimed of a pair of policies, its bar the interval; right of the line is better.";
    section.blocks.emplace_back(std::move(chart));
  }
  if (!table.rows.empty()) section.blocks.emplace_back(std::move(table));
}

}  // namespace wattfill::report
