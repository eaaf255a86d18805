#include "trace-replay/energy/energy_output.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace wattfill {
namespace {

constexpr std::size_t kFlushAt = 1U << 16;

void append_row(std::string& text, SimTime from, const Parts<Milliwatts>& power, std::int64_t pue_millionths) {
  const Milliwatts it = power.total();
  fmt::format_to(std::back_inserter(text), "{},{},{},{},{},{},{}\n", seconds_since_epoch(from), it.count,
                 facility_power(it, pue_millionths).count, power[Component::kJobs].count, power[Component::kIdle].count,
                 power[Component::kSleep].count, power[Component::kTransition].count);
}

nlohmann::ordered_json parts_json(const Parts<Millijoules>& parts) {
  return {{"it_mj", parts.total().count},
          {"jobs_mj", parts[Component::kJobs].count},
          {"idle_mj", parts[Component::kIdle].count},
          {"sleep_mj", parts[Component::kSleep].count},
          {"transition_mj", parts[Component::kTransition].count}};
}

nlohmann::ordered_json accounts_json(const std::vector<AccountEnergy>& accounts, const char* key) {
  auto rows = nlohmann::ordered_json::array();
  for (const AccountEnergy& a : accounts) rows.push_back({{key, a.id}, {"jobs", a.jobs}, {"jobs_mj", a.energy.count}});
  return rows;
}

std::string kwh_and_mj(Millijoules energy) {
  const auto joules = static_cast<double>(energy.count) / 1000;
  return fmt::format("{:.2f} kWh ({:.2f} MJ)", joules / 3.6e6, joules / 1e6);
}

}  // namespace

void write_power_csv(const EnergyReport& report, const std::function<void(std::string_view)>& sink) {
  std::string text = "time_s,it_mw,facility_mw,jobs_mw,idle_mw,sleep_mw,transition_mw\n";
  Parts<Milliwatts> last;
  report.power.for_each([&](const PowerSeries::Step& step) {
    append_row(text, step.from, step.power, report.pue_millionths);
    last = step.power;
    if (text.size() < kFlushAt) return;
    sink(text);
    text.clear();
  });
  append_row(text, report.end, last, report.pue_millionths);
  sink(text);
}

std::string energy_json(const EnergyReport& report) {
  nlohmann::ordered_json json = {{"begin_s", seconds_since_epoch(report.begin)},
                                 {"end_s", seconds_since_epoch(report.end)}};
  json.update(parts_json(report.it));
  json["facility_mj"] = report.facility.count;
  json["mean_it_mw"] = report.mean_it_mw();
  json["peak_it_mw"] = report.peak_it.count;
  json["sleeps"] = report.sleeps;
  json["wakes"] = report.wakes;
  json["completed_work_processor_s"] = report.completed_work_processor_s;
  if (report.cost_millionths) {
    json["cost_millionths"] = *report.cost_millionths;
    json["currency"] = report.currency;
  }
  if (report.carbon_mg) json["co2_mg"] = *report.carbon_mg;
  if (report.cap) {
    json["above_cap_s"] = report.cap->above.count();
    json["above_cap_mj"] = report.cap->excess.count;
  }
  auto& types = json["by_type"] = nlohmann::ordered_json::array();
  for (const TypeEnergy& type : report.by_type) {
    nlohmann::ordered_json row = {{"type", type.name}, {"nodes", type.nodes}};
    row.update(parts_json(type.energy));
    types.push_back(std::move(row));
  }
  json["by_user"] = accounts_json(report.by_user, "user");
  json["by_queue"] = accounts_json(report.by_queue, "queue");
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::vector<std::pair<std::string, std::string>> energy_text(const EnergyReport& report) {
  std::vector<std::pair<std::string, std::string>> lines;
  const Millijoules total = report.it.total();
  const auto part = [&](const char* name, Component c) {
    const double share =
        total.count > 0 ? 100 * static_cast<double>(report.it[c].count) / static_cast<double>(total.count) : 0;
    lines.emplace_back(name, fmt::format("{}, {:.2f} %", kwh_and_mj(report.it[c]), share));
  };
  lines.emplace_back("IT energy", kwh_and_mj(total));
  part("  jobs", Component::kJobs);
  part("  idle", Component::kIdle);
  if (report.sleeps > 0) {
    part("  asleep", Component::kSleep);
    part("  transitions", Component::kTransition);
    lines.emplace_back("nodes put to sleep, woken", fmt::format("{}, {}", report.sleeps, report.wakes));
  }
  if (report.pue_millionths != 1'000'000) lines.emplace_back("facility energy", kwh_and_mj(report.facility));
  lines.emplace_back("IT power, mean and peak", fmt::format("{:.3f} kW, {:.3f} kW", report.mean_it_mw() / 1e6,
                                                            static_cast<double>(report.peak_it.count) / 1e6));
  if (report.cap)
    lines.emplace_back("above the power cap",
                       fmt::format("{} s, {}", report.cap->above.count(), kwh_and_mj(report.cap->excess)));
  if (report.cost_millionths)
    lines.emplace_back("cost",
                       fmt::format("{:.2f} {}", static_cast<double>(*report.cost_millionths) / 1e6, report.currency));
  if (report.carbon_mg)
    lines.emplace_back("CO2", fmt::format("{:.2f} kg", static_cast<double>(*report.carbon_mg) / 1e6));
  lines.emplace_back("completed work", fmt::format("{} processor s", report.completed_work_processor_s));
  return lines;
}

}  // namespace wattfill
