#include "trace-replay/validate/way_choice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace wattfill::judge {

bool WayChoice::fits(const TraceEntry& job, const Way& way, const Units& room) const {
  if (way.types.size() == 1) return way.units <= room[way.types.front()];
  std::int64_t held = 0;
  for (const std::size_t type : way.types) held += machine_.holds(job, type, std::max<std::int64_t>(0, room[type]));
  return held >= job.processors;
}

std::vector<TypeUnits> WayChoice::takes(const TraceEntry& job, const Way& way, const Units& room) const {
  if (way.types.size() == 1) return {{way.types.front(), way.units}};
  std::vector<TypeUnits> takes;
  std::int64_t left = job.processors;
  for (const std::size_t type : way.types) {
    const std::int64_t units = std::min(machine_.units_for(job, type, left), room[type]);
    if (units <= 0) continue;
    takes.push_back({type, units});
    left -= machine_.holds(job, type, units);
    if (left <= 0) break;
  }
  std::sort(takes.begin(), takes.end(), [](const TypeUnits& a, const TypeUnits& b) { return a.type < b.type; });
  return takes;
}

// The earliest time at which the way is estimated free.
SimTime WayChoice::earliest(const TraceEntry& job, const Way& way, SimTime now, Units room,
                            const std::vector<Release>& releases) const {
  if (fits(job, way, room)) return now;
  for (std::size_t i = 0; i < releases.size(); ++i) {
    room[releases[i].units.type] += releases[i].units.units;
    const bool last_of_its_time = i + 1 == releases.size() || releases[i + 1].at != releases[i].at;
    if (last_of_its_time && fits(job, way, room)) return releases[i].at;
  }
  return kNever;
}

Choice WayChoice::choose(const TraceEntry& job, const std::vector<Way>& ways, SimTime now, const Units& free,
                         const std::vector<Release>& releases) const {
  Choice best;
  for (const Way& way : ways) {
    const SimTime at = earliest(job, way, now, free, releases);
    if (at != kNever && std::pair{at + way.duration, at} < std::pair{best.finish, best.start})
      best = {way, at, at + way.duration};
  }
  return best;
}

std::string WayChoice::units_text(const Units& units) const {
  if (units.size() == 1) return std::to_string(units.front());
  std::string text;
  for (std::size_t type = 0; type < units.size(); ++type)
    text += fmt::format("{}{} of {}", type == 0 ? "" : ", ", units[type], machine_.name(type));
  return text;
}

std::string WayChoice::types_text(const std::vector<TypeUnits>& taken) const {
  std::string text;
  for (const TypeUnits& of : taken) text += (text.empty() ? "" : " and ") + machine_.name(of.type);
  return text;
}

}  // namespace wattfill::judge
